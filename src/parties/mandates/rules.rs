//! Decisions on mandates. Pure.

use chrono::NaiveDate;

use super::model::NewMandate;
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::words;

/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;
/// Longest word of a scope or a kind, in characters.
pub const WORD_MAX: usize = 40;
/// Most words of a scope.
pub const SCOPE_MAX: usize = 20;

fn is_word(word: &str) -> bool {
    (1..=WORD_MAX).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Checks a new mandate from `from` on; `agency` says whether the agent's unit is one of the district that acts as an agent, `belongs` whether
/// the account is an active one of it.
pub fn check(new: &NewMandate, from: NaiveDate, agency: bool, belongs: bool) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(agency, "/agent_unit_id", || words!("须为代理机构", "must be a unit of kind agency"));
    fields.require(belongs, "/account_id", || words!("须为该代理机构在用账户", "must be an active account of that agency"));
    fields.text(&new.reason, "/reason", 2, REASON_MAX);
    let named = new.case.as_ref().is_none_or(|(kind, _)| is_word(kind));
    fields.require(named, "/case_kind", || words!("须为小写英文字母和下划线", "lower-case letters and underscores"));
    fields.require(new.scope.len() <= SCOPE_MAX && new.scope.iter().all(|word| is_word(word)), "/scope", || {
        words!("至多 {SCOPE_MAX} 项，每项为小写英文字母和下划线", "at most {SCOPE_MAX} words of lower-case letters and underscores")
    });
    // An agent acts per project: what names no project ends on a day.
    fields.require(new.case.is_some() || new.valid_to.is_some(), "/valid_to", || {
        words!("未指定项目的委托须有截止日", "a mandate that names no case needs a last day")
    });
    fields
        .require(new.valid_to.is_none_or(|to| from <= to), "/valid_to", || words!("不得早于 valid_from", "must not be before valid_from"));
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{AnyId, UnitId};
    use uuid::Uuid;

    #[test]
    fn a_mandate_names_a_case_or_a_last_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let new = NewMandate {
            agent_unit: UnitId::new(Uuid::nil()),
            account: None,
            case: None,
            scope: vec!["tenders".into()],
            valid_from: None,
            valid_to: Some(day("2026-03-02")),
            reason: "委托代理".into(),
        };
        let from = day("2026-03-02");
        assert!(check(&new, from, true, true).is_ok());
        let case = Some(("case".to_owned(), AnyId::new(Uuid::nil())));
        assert!(check(&NewMandate { case, valid_to: None, ..new.clone() }, from, true, true).is_ok());
        for (bad, agency, belongs, pointer) in [
            (NewMandate { valid_to: None, ..new.clone() }, true, true, "/valid_to"),
            (NewMandate { valid_to: Some(day("2026-03-01")), ..new.clone() }, true, true, "/valid_to"),
            (NewMandate { scope: vec!["Tenders".into()], ..new.clone() }, true, true, "/scope"),
            (new.clone(), false, true, "/agent_unit_id"),
            (new, true, false, "/account_id"),
        ] {
            assert!(check(&bad, from, agency, belongs).unwrap_err().to_string().contains(pointer), "{pointer}");
        }
    }
}
