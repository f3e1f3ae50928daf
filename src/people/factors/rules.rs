//! One-time passwords and recovery codes, pure: the seed, the code and the second come in, a verdict goes out.

use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

use crate::kernel::{Error, Result};
use crate::people::Role;

/// Length of a seed, in bytes (RFC 4226 recommends 160 bits).
pub const SECRET_BYTES: usize = 20;
/// Recovery codes of a factor.
pub const RECOVERY_CODES: usize = 10;
/// Longest code that is looked at, in characters.
pub const CODE_MAX: usize = 64;
/// Steps of 30 seconds before and after the present one whose code is taken, for clocks that differ.
const SKEW_STEPS: u16 = 1;
/// Letters of recovery codes: RFC 4648 base 32, lower case.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What a person typed as its second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Six digits.
    Digits(String),
    /// The hash of a recovery code.
    Recovery([u8; 32]),
}

/// Reads what was typed; spaces and hyphens do not count. `None` for what can be neither.
pub fn read(typed: &str) -> Option<Typed> {
    let text: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_lowercase();
    if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Typed::Digits(text));
    }
    (text.len() == 16 && text.bytes().all(|b| LETTERS.contains(&b))).then(|| Typed::Recovery(recovery_hash(&text)))
}

/// A recovery code of 80 random bits as `xxxx-xxxx-xxxx-xxxx`.
pub fn recovery_code(random: &[u8; 32]) -> String {
    let letters: String = random.iter().take(16).map(|byte| LETTERS.get(usize::from(byte % 32)).map_or('a', |b| char::from(*b))).collect();
    letters.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect::<Vec<_>>().join("-")
}

/// What is stored of a recovery code: SHA-256 of its sixteen letters.
pub fn recovery_hash(code: &str) -> [u8; 32] {
    let letters: String = code.chars().filter(|c| *c != '-').collect();
    Sha256::digest(letters.as_bytes()).into()
}

/// The step whose code was typed, when it is near `unix_seconds` and later than the last one accepted.
pub fn matching_step(secret: &[u8], digits: &str, unix_seconds: i64, last_step: Option<i64>) -> Result<Option<i64>> {
    let seconds = u64::try_from(unix_seconds).unwrap_or(0);
    let step = totp(secret, None)?.check(digits, seconds).and_then(|step| i64::try_from(step).ok());
    Ok(step.filter(|step| last_step.is_none_or(|last| *step > last)))
}

/// The seed in base 32 and the `otpauth://` address that authenticator programs read.
pub fn offer(secret: &[u8], district: &str, email: &str) -> Result<(String, String)> {
    let text = Secret::from(secret.to_vec()).to_base32();
    let address = totp(secret, Some((district, email)))?.to_url().map_err(|e| Error::internal(format!("one-time password: {e}")))?;
    Ok((text, address))
}

fn totp(secret: &[u8], label: Option<(&str, &str)>) -> Result<Totp> {
    let mut builder = Builder::new().with_digits(6).with_step_duration(30).with_skew(SKEW_STEPS).with_secret(secret.to_vec());
    if let Some((district, email)) = label {
        builder = builder.with_issuer(Some(format!("Baiyi {district}").replace(':', " "))).with_account_name(email.replace(':', " "));
    }
    builder.build().map_err(|e| Error::internal(format!("one-time password: {e}")))
}

/// Whether one of the roles may only be used with a second factor; `names` is what the operator configured.
pub fn needs_factor(roles: &[Role], names: &[String]) -> bool {
    roles.iter().any(|role| names.iter().any(|name| name == role.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B (SHA-1), cut to six digits.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];
    const SEED: &[u8] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_the_rfc_are_accepted_in_their_own_and_the_neighbouring_steps_only() {
        for (at, code) in VECTORS {
            assert_eq!(matching_step(SEED, code, at, None).unwrap(), Some(at / 30), "{at}");
            for (shift, accepted) in [(-60, false), (-30, true), (30, true), (60, false)] {
                if at + shift >= 0 {
                    assert_eq!(matching_step(SEED, code, at + shift, None).unwrap().is_some(), accepted, "{at} {shift}");
                }
            }
        }
        assert_eq!(matching_step(SEED, "287083", 59, None).unwrap(), None);
    }

    #[test]
    fn a_step_is_accepted_once_and_never_an_earlier_one() {
        assert_eq!(matching_step(SEED, "287082", 59, Some(0)).unwrap(), Some(1));
        assert_eq!(matching_step(SEED, "287082", 59, Some(1)).unwrap(), None);
        assert_eq!(matching_step(SEED, "287082", 59, Some(2)).unwrap(), None);
    }

    #[test]
    fn what_is_typed_is_digits_or_a_recovery_code_or_nothing() {
        assert_eq!(read(" 287 082 "), Some(Typed::Digits("287082".to_owned())));
        let code = recovery_code(&[7; 32]);
        assert_eq!(code.len(), 19);
        assert_eq!(read(&code.to_uppercase()), Some(Typed::Recovery(recovery_hash(&code))));
        for nothing in ["", "28708", "2870822", "２８７０８２", "abcd-efgh-ijkl-mno1", "abcd-efgh-ijkl-mnop-q"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
        assert_ne!(recovery_code(&[1; 32]), recovery_code(&[2; 32]));
    }

    #[test]
    fn an_offer_is_what_authenticators_read() {
        let (text, address) = offer(SEED, "330502", "lin@yuehe.example").unwrap();
        assert_eq!(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(address.starts_with("otpauth://totp/Baiyi%20330502:lin%40yuehe"), "{address}");
        assert!(address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") && address.contains("issuer=Baiyi%20330502"), "{address}");
    }
}
