//! Decisions on organisations: the credit code and the texts of a registration. Pure.

use super::model::Registration;
use crate::kernel::error::Fields;
use crate::kernel::uscc::UsccError;
use crate::kernel::{Error, Result, Uscc};
use crate::people::accounts::api::check_email;
use crate::words;

/// Longest name of an organisation, in characters.
pub const NAME_MAX: usize = 100;
/// Longest name of a person, in characters.
pub const PERSON_MAX: usize = 64;

/// A credit code, or which of its checks failed (GB 32100-2015, GB 11714-1997).
pub fn credit_code(text: &str) -> Result<Uscc> {
    Uscc::parse(text).map_err(|fault| {
        let detail = match fault {
            UsccError::Length => words!("统一社会信用代码须为 18 位", "{fault}"),
            UsccError::Alphabet(c) => words!("字符 {c} 不在 GB 32100 的字符集内（不用 I、O、S、V、Z 和小写字母）", "{fault}"),
            UsccError::OrganisationCheck => words!("第 17 位校验不符（组织机构代码，GB 11714）", "{fault}"),
            UsccError::Check => words!("第 18 位校验不符（GB 32100）", "{fault}"),
        };
        Error::field("/uscc", detail)
    })
}

/// Checks the texts of a registration.
pub fn check(new: &Registration) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.name_zh, "/name_zh", 2, NAME_MAX);
    fields.text(&new.legal_representative, "/legal_representative", 1, PERSON_MAX);
    check_email(&mut fields, &new.contact_email, "/contact_email");
    check_email(&mut fields, &new.account_email, "/account/email");
    fields.text(&new.account_name, "/account/name", 1, PERSON_MAX);
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::super::model::OrganisationKind;
    use super::*;

    #[test]
    fn the_refusal_of_a_code_says_which_check_failed() {
        for (code, said) in [
            ("52330502MJ9000022", "18 characters"),
            ("52330502MJ900O022F", "character O"),
            ("51330502MJ9000015P", "character 17"),
            ("51330502MJ9000014Q", "character 18"),
        ] {
            let text = credit_code(code).unwrap_err().to_string();
            assert!(text.contains("/uscc") && text.contains(said), "{code}: {text}");
        }
        assert!(credit_code("52330502MJ9000022F").is_ok());
    }

    #[test]
    fn every_bad_text_of_a_registration_is_named_at_once() {
        let bad = Registration {
            uscc: Uscc::parse("52330502MJ9000022F").unwrap(),
            name_zh: "会".into(),
            kind: OrganisationKind::Foundation,
            legal_representative: " ".into(),
            contact_email: "nobody".into(),
            account_email: "a@".into(),
            account_name: "x".repeat(PERSON_MAX + 1),
            password_hash: String::new(),
        };
        let text = check(&bad).unwrap_err().to_string();
        for pointer in ["/name_zh", "/legal_representative", "/contact_email", "/account/email", "/account/name"] {
            assert!(text.contains(pointer), "{pointer} in {text}");
        }
    }
}
