//! Passwords: NIST SP 800-63B-4 (length and a blocklist, no composition rules, NFKC) and argon2id with the OWASP parameters, off the request workers.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::kernel::error::{self, Fields};
use crate::kernel::{Error, Result};
use crate::words;

/// Shortest password where a second factor stands beside it, in characters after NFKC. SP 800-63B-4 asks for 8.
pub const MIN_CHARACTERS: usize = 12;
/// Shortest password that stands alone, in characters after NFKC (SP 800-63B-4, section 3.1.1.2).
pub const MIN_ALONE: usize = 15;
/// Shortest login name or Latin name that a password may not hold, in characters; a shorter one is found in many words by chance.
const MIN_TELLING: usize = 4;
/// The same for a Chinese name.
const MIN_TELLING_CHINESE: usize = 2;
/// Longest password, in characters after NFKC.
pub const MAX_CHARACTERS: usize = 128;
/// Hashes computed at the same time; others wait.
const CONCURRENT: usize = 2;
/// Hashes that may wait; beyond it callers are told to come back.
const WAITING: usize = 64;

const BLOCKLIST: &str = include_str!("../../data/password-blocklist.txt");

static DESK: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(CONCURRENT)));
static QUEUE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(WAITING)));

/// A hash of no password, so that an unknown account takes as long as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("no account has this password").unwrap_or_default());

/// Whose password is chosen.
#[derive(Debug, Clone, Copy)]
pub struct Chooser<'a> {
    /// Login name, a mail address.
    pub email: &'a str,
    /// The person's name.
    pub name: &'a str,
    /// Whether a second factor is enrolled, or one of the account's roles demands it.
    pub second_factor: bool,
}

/// Checks a password that somebody chose at `pointer`: its length, by whether it stands alone, the blocklist, and that it is not made of the person's own
/// login name or name.
pub fn check_for(password: &str, chooser: Chooser<'_>, pointer: &str) -> Result<()> {
    check(password, pointer)?;
    let lower = password.nfkc().collect::<String>().to_lowercase();
    let mut fields = Fields::default();
    fields.require(chooser.second_factor || lower.chars().count() >= MIN_ALONE, pointer, || {
        words!("未启用动态口令时，密码须至少 {MIN_ALONE} 个字符", "without a second factor a password has at least {MIN_ALONE} characters")
    });
    let local = chooser.email.split('@').next().unwrap_or_default();
    let own = [local, chooser.name].into_iter().any(|word| tells(word) && lower.contains(&folded(word)));
    fields.require(!own, pointer, || words!("密码不得含您的登录名或姓名", "a password must not hold your login name or your name"));
    fields.finish()
}

fn folded(word: &str) -> String {
    word.trim().nfkc().collect::<String>().to_lowercase()
}

/// Whether a name is long enough to be told from an ordinary word.
fn tells(word: &str) -> bool {
    let word = folded(word);
    let least = if word.is_ascii() { MIN_TELLING } else { MIN_TELLING_CHINESE };
    word.chars().count() >= least
}

/// Checks a password at `pointer` as far as that can be done without knowing whose it is: the least length of any, and the blocklist.
pub fn check(password: &str, pointer: &str) -> Result<()> {
    let normal: String = password.nfkc().collect();
    let length = normal.chars().count();
    let mut fields = Fields::default();
    fields.require((MIN_CHARACTERS..=MAX_CHARACTERS).contains(&length), pointer, || {
        words!(
            "密码须为 {MIN_CHARACTERS} 到 {MAX_CHARACTERS} 个字符（未启用动态口令时至少 {MIN_ALONE} 个）",
            "a password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters, and at least {MIN_ALONE} without a second factor"
        )
    });
    let lower = normal.to_lowercase();
    let one_character = lower.chars().next().is_some_and(|first| lower.chars().all(|c| c == first));
    let listed = BLOCKLIST.lines().filter(|line| !line.starts_with('#')).any(|common| common == lower);
    fields.require(!one_character && !listed, pointer, || words!("该密码太常见，请换一个", "this password is too common; choose another"));
    fields.finish()
}

/// Hashes a password on the blocking pool.
pub async fn hash(password: String) -> Result<String> {
    queued(move || hash_now(&password)).await
}

/// Whether the password belongs to the stored hash; `None` (no such account) takes as long and is never right.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool> {
    queued(move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        let normal: String = password.nfkc().collect();
        let parsed = PasswordHash::new(&stored).map_err(|e| Error::internal(format!("stored password hash: {e}")))?;
        let right = argon2()?.verify_password(normal.as_bytes(), &parsed).is_ok();
        Ok(known && right)
    })
    .await
}

async fn queued<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let Ok(_place) = QUEUE.clone().try_acquire_owned() else {
        return Err(error::UNAVAILABLE.error().retry_after(2));
    };
    let _permit = DESK.clone().acquire_owned().await.map_err(|_| Error::internal("the password desk is closed"))?;
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::internal(format!("password hashing: {e}")))?
}

fn hash_now(password: &str) -> Result<String> {
    let normal: String = password.nfkc().collect();
    let hash = argon2()?.hash_password(normal.as_bytes()).map_err(|e| Error::internal(format!("password hashing: {e}")))?;
    Ok(hash.to_string())
}

/// OWASP password storage cheat sheet: argon2id with 19 MiB, 2 passes, 1 lane.
fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| Error::internal(format!("argon2 parameters: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_commonness_are_judged_and_nothing_else() {
        assert!(check("correct horse battery", "/p").is_ok());
        assert!(check("一二三四五六七八九十十一", "/p").is_ok());
        for bad in ["short", "aaaaaaaaaaaaaaaa", "Password1234", &"x".repeat(129)] {
            assert!(check(bad, "/p").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_that_stands_alone_has_fifteen_characters() {
        let chooser = |second_factor| Chooser { email: "lin@yuehe.example", name: "林经办", second_factor };
        let (twelve, fourteen, fifteen) = ("three quiet ", "three quiet ri", "three quiet riv");
        assert_eq!([twelve, fourteen, fifteen].map(|word| word.chars().count()), [12, 14, 15]);
        assert!(check_for(twelve, chooser(true), "/p").is_ok() && check_for(fifteen, chooser(false), "/p").is_ok());
        assert!(check_for(fourteen, chooser(false), "/p").is_err() && check_for("three quiet", chooser(true), "/p").is_err());
    }

    #[test]
    fn a_password_is_not_made_of_its_owner() {
        let chooser = Chooser { email: "Lin.Jingban@yuehe.example", name: "林经办", second_factor: true };
        for bad in ["lin.jingban and friends", "ＬＩＮ.ＪＩＮＧＢＡＮ 2026 spring", "月河街道办事处林经办的好密码"]
        {
            assert!(check_for(bad, chooser, "/p").is_err(), "{bad}");
        }
        // A login name of three letters is in too many words.
        let short = Chooser { email: "lin@yuehe.example", name: "L", second_factor: true };
        assert!(check_for("linen and lanterns", short, "/p").is_ok());
    }

    #[test]
    fn keyboard_walks_pinyin_and_the_words_of_the_service_are_common() {
        for bad in
            ["qwertyuiopasdf", "1qaz2wsx3edc4rfv", "woaini1314520", "zhengfucaigou2026", "huzhou123456", "wuxingqu123456", "baiyi123456789"]
        {
            assert!(check(bad, "/p").is_err(), "{bad}");
        }
        let lines: Vec<&str> = BLOCKLIST.lines().filter(|line| !line.starts_with('#')).collect();
        let distinct: std::collections::BTreeSet<&str> = lines.iter().copied().collect();
        assert_eq!(distinct.len(), lines.len(), "a line stands twice");
        assert!(
            lines.iter().all(|line| line.chars().count() >= MIN_CHARACTERS && **line == line.to_lowercase()),
            "a line that can never match"
        );
    }

    #[tokio::test]
    async fn a_password_is_recognised_in_another_unicode_form_and_no_account_is_never_right() {
        let stored = hash("ｆｕｌｌｗｉｄｔｈ ｗｏｒｄｓ".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("fullwidth words".to_owned(), Some(stored.clone())).await.unwrap());
        assert!(!verify("fullwidth word".to_owned(), Some(stored)).await.unwrap());
        assert!(!verify("no account has this password".to_owned(), None).await.unwrap());
    }
}
