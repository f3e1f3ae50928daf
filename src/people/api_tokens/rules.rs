//! What a machine token may be made for, pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::people::Action;
use crate::words;

/// The scope that allows to read whatever its account may read.
pub const READ: &str = "read";
/// Longest life of a token, in days.
pub const DAYS_MAX: i64 = 365;
/// Most scopes of a token.
pub const SCOPES_MAX: usize = 50;
/// Live tokens of an account.
pub const TOKENS_MAX: i64 = 20;
/// What a machine never does for a person: keep its account, its sessions, its factors, its tokens, and those of others.
const PERSONAL: &[&str] = &["accounts", "sessions", "factors", "api_tokens", "account_recoveries", "account_invitations", "delegations"];

/// The actions that tokens may be made for; the composition root knows them all.
pub struct Scopes(BTreeMap<&'static str, bool>);

impl Scopes {
    /// From every slice's actions.
    pub fn of(actions: &[&[&Action]]) -> Self {
        let fits = |action: &Action| {
            let slice = action.name.split('.').next().unwrap_or_default();
            !action.stepped_up && !PERSONAL.contains(&slice)
        };
        Self(actions.iter().flat_map(|table| table.iter()).map(|action| (action.name, fits(action))).collect())
    }

    fn known(&self, scope: &str) -> Option<bool> {
        if scope == READ { Some(true) } else { self.0.get(scope).copied() }
    }
}

/// Checks what a person asks for.
pub fn check(scopes: &Scopes, name: &str, asked: &[String], days: i64) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(name, "/name", 1, 64);
    let distinct: BTreeSet<_> = asked.iter().collect();
    fields.require(!asked.is_empty() && asked.len() <= SCOPES_MAX && distinct.len() == asked.len(), "/scopes", || {
        words!("须为 1 到 {SCOPES_MAX} 项且不重复", "1 to {SCOPES_MAX}, none twice")
    });
    for (index, scope) in asked.iter().enumerate().take(SCOPES_MAX) {
        let pointer = format!("/scopes/{index}");
        match scopes.known(scope) {
            None => fields.require(false, &pointer, || words!("没有该操作", "there is no such action")),
            Some(fits) => {
                fields.require(fits, &pointer, || words!("该操作须由本人办理，不能授予令牌", "this is done by a person, never by a token"))
            }
        }
    }
    fields.require((1..=DAYS_MAX).contains(&days), "/expires_in_days", || words!("须为 1 到 {DAYS_MAX} 天", "1 to {DAYS_MAX} days"));
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    static WRITE: Action = Action::new("bids.submit", &[]);
    static GRAVE: Action = Action::new("payments.approve", &[]).stepped_up();
    static OWN: Action = Action::new("accounts.change_password", &[]);

    #[test]
    fn a_token_is_made_for_what_exists_and_a_machine_may_do() {
        let scopes = Scopes::of(&[&[&WRITE, &GRAVE], &[&OWN]]);
        let asked = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert!(check(&scopes, "mirror", &asked(&["read", "bids.submit"]), 365).is_ok());
        for (names, days) in [
            (&["payments.approve"][..], 1),
            (&["accounts.change_password"], 1),
            (&["bids.none"], 1),
            (&[], 1),
            (&["read", "read"], 1),
            (&["read"], 0),
            (&["read"], 366),
        ] {
            assert!(check(&scopes, "mirror", &asked(names), days).is_err(), "{names:?} {days}");
        }
        assert!(check(&scopes, " ", &asked(&["read"]), 1).is_err());
    }
}
