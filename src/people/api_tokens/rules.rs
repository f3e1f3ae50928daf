//! What a machine token may be made for, pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::people::{Action, Role};
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
pub struct Scopes(BTreeMap<&'static str, Scope>);

/// An action as a scope.
#[derive(Debug, Clone, Copy)]
struct Scope {
    /// Whether a machine may do it.
    fits: bool,
    /// Roles that may; empty means any account.
    roles: &'static [Role],
}

impl Scopes {
    /// From every slice's actions.
    pub fn of(actions: &[&[&Action]]) -> Self {
        let fits = |action: &Action| {
            let slice = action.name.split('.').next().unwrap_or_default();
            !action.stepped_up && !PERSONAL.contains(&slice)
        };
        let all = actions.iter().flat_map(|table| table.iter());
        Self(all.map(|action| (action.name, Scope { fits: fits(action), roles: action.roles })).collect())
    }

    fn known(&self, scope: &str) -> Option<bool> {
        if scope == READ { Some(true) } else { self.0.get(scope).map(|scope| scope.fits) }
    }

    /// Refuses scopes that none of the maker's own roles may use: such a token would wait for a role that its maker was never given.
    pub fn check_holder(&self, asked: &[String], own: &[Role]) -> Result<()> {
        let mut fields = Fields::default();
        for (index, name) in asked.iter().enumerate() {
            let open =
                self.0.get(name.as_str()).is_none_or(|scope| scope.roles.is_empty() || scope.roles.iter().any(|role| own.contains(role)));
            fields.require(open, &format!("/scopes/{index}"), || {
                words!("{name} 不属于您的角色可办的事项", "{name} is open to none of your roles")
            });
        }
        fields.finish()
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
    fn a_token_goes_no_further_than_the_roles_of_its_maker() {
        static DRAFT: Action = Action::new("tenders.draft", &[Role::Purchaser, Role::Agent]);
        let scopes = Scopes::of(&[&[&WRITE, &DRAFT]]);
        let asked = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert!(scopes.check_holder(&asked(&["read", "bids.submit", "tenders.draft"]), &[Role::Auditor, Role::Agent]).is_ok());
        assert!(scopes.check_holder(&asked(&["read", "bids.submit"]), &[]).is_ok());
        assert!(scopes.check_holder(&asked(&["tenders.draft"]), &[Role::FinanceOfficer]).is_err());
    }

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
