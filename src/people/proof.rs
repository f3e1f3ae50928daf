//! How well the caller of a request proved who it is: freshly, some time ago, or as a machine with a token of limited scope.

use super::policy::Action;
use crate::kernel::error::problems;
use crate::kernel::id::ApiTokenId;
use crate::kernel::{Result, UtcInstant};
use crate::words;

/// How long a proof of identity is fresh, in seconds (`api.md`: at most five minutes).
pub const FRESH_SECONDS: i64 = 300;

problems! {
    /// The proof of identity is too old for this step (RFC 9470).
    STEP_UP_REQUIRED = "step_up_required", 401, "请再次验证身份", "Prove again who you are",
        "审批、支付、账户信息和成交等操作要求五分钟内验证过身份。请以动态口令（未启用者以密码）调用 POST /api/v1/me/step-up 后重试。",
        "Approvals, payments, bank details and awards need a proof of identity not older than five minutes. \
         Call POST /api/v1/me/step-up with a one-time password (or, without a second factor, the password) and try again.";
    /// A role that needs a second factor, and a session without one.
    SECOND_FACTOR_REQUIRED = "second_factor_required", 403, "须先启用动态口令", "A second factor is required",
        "您的角色须使用动态口令。请先启用（POST /api/v1/me/second-factor），或带动态口令重新登录。",
        "One of your roles may only be used with a second factor. Enrol one (POST /api/v1/me/second-factor), or sign in again with its code.";
    /// A token of a machine client that does not cover this.
    TOKEN_SCOPE = "token_scope", 403, "令牌权限不足", "The token does not cover this",
        "接口令牌只能用于其登记的操作，且不能用于须再次验证身份的操作。",
        "A token serves only what it was made for, and never what needs a fresh proof of identity by a person.";
}

/// How the caller stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A person who proved itself within [`FRESH_SECONDS`]; also the operator and the example district.
    Fresh,
    /// A person whose proof is older.
    Stale,
    /// A machine.
    Token(Grant),
}

/// What a token of a machine client may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The token.
    pub token: ApiTokenId,
    /// Whether this very call only reads, which the scope `read` allows.
    pub reads: bool,
    /// Names of the actions it was made for.
    pub actions: Vec<String>,
}

/// Whether a proof given at `proved_at` is fresh at `now`. One from the future is not: a clock was set back.
pub fn is_fresh(proved_at: Option<UtcInstant>, now: UtcInstant) -> bool {
    proved_at.is_some_and(|at| (0..=FRESH_SECONDS).contains(&now.seconds_since(at)))
}

impl Proof {
    /// Refuses an action that this proof is too weak for.
    pub fn admits(&self, action: &Action) -> Result<()> {
        match self {
            Self::Fresh => Ok(()),
            Self::Stale if action.stepped_up => Err(STEP_UP_REQUIRED.error()),
            Self::Stale => Ok(()),
            Self::Token(_) if action.stepped_up => {
                Err(TOKEN_SCOPE.because(words!("该操作须由本人再次验证身份后办理", "this needs a fresh proof of identity by a person")))
            }
            Self::Token(grant) if grant.reads || grant.actions.iter().any(|name| name == action.name) => Ok(()),
            Self::Token(_) => {
                let name = action.name;
                Err(TOKEN_SCOPE.because(words!("须有权限 {name}", "it needs the scope {name}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PLAIN: Action = Action::new("things.write", &[]);
    static GRAVE: Action = Action::new("things.pay", &[]).stepped_up();

    fn code(proof: &Proof, action: &Action) -> Option<&'static str> {
        proof.admits(action).err().map(|error| error.code())
    }

    #[test]
    fn a_proof_is_fresh_for_five_minutes_to_the_second() {
        let now = UtcInstant::parse("2026-03-02T01:00:00Z").unwrap();
        for (age, fresh) in [(-1, false), (0, true), (300, true), (301, false)] {
            assert_eq!(is_fresh(Some(now.plus_seconds(-age)), now), fresh, "{age} s");
        }
        assert!(!is_fresh(None, now));
    }

    #[test]
    fn grave_steps_need_a_fresh_proof_and_a_machine_never_has_one() {
        assert_eq!(code(&Proof::Fresh, &GRAVE), None);
        assert_eq!(code(&Proof::Stale, &GRAVE), Some("step_up_required"));
        assert_eq!(code(&Proof::Stale, &PLAIN), None);
        let machine = |reads, actions: &[&str]| {
            Proof::Token(Grant {
                token: ApiTokenId::new(uuid::Uuid::nil()),
                reads,
                actions: actions.iter().map(|&a| a.to_owned()).collect(),
            })
        };
        assert_eq!(code(&machine(false, &["things.write", "things.pay"]), &GRAVE), Some("token_scope"));
        assert_eq!(code(&machine(false, &["things.write"]), &PLAIN), None);
        assert_eq!(code(&machine(false, &["things.other"]), &PLAIN), Some("token_scope"));
        assert_eq!(code(&machine(true, &[]), &PLAIN), None);
    }
}
