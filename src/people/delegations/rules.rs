//! Decisions on delegations: which roles may be lent, for how long, to whom. Pure.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::model::NewDelegation;
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::kernel::id::{AccountId, UnitId};
use crate::people::Role;
use crate::people::role::Reach;
use crate::words;

/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;
/// Longest delegation, in days: a longer absence is a change of posts, not a delegation. The platform's own bound.
pub const DAYS_MAX: u64 = 366;

/// What is known of one of the two accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// The account.
    pub id: AccountId,
    /// Its unit.
    pub unit: Option<UnitId>,
    /// Whether it may sign in.
    pub active: bool,
    /// The roles that it holds itself.
    pub roles: Vec<Role>,
}

/// Whether a role may be lent: those of a unit's work. Running the platform and speaking for an organisation are not.
pub fn lendable(role: Role) -> bool {
    role != Role::PlatformAdmin && role.reach() != Reach::Organisation
}

/// Checks a new delegation made by `maker` on `today` in the unit.
pub fn check(
    new: &NewDelegation,
    maker: AccountId,
    unit: UnitId,
    from: Option<&Colleague>,
    to: Option<&Colleague>,
    today: NaiveDate,
) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.reason, "/reason", 2, REASON_MAX);
    let here = |one: Option<&Colleague>| one.is_some_and(|one| one.active && one.unit == Some(unit));
    fields.require(here(from), "/from_account_id", || words!("须为本单位在用账户", "must be an active account of your unit"));
    fields.require(here(to), "/to_account_id", || words!("须为本单位在用账户", "must be an active account of your unit"));
    let lender = from.map(|one| one.id);
    fields.require(lender != Some(new.to), "/to_account_id", || words!("须为另一位同事", "must be another colleague"));
    let helps_itself = lender != Some(maker) && new.to == maker;
    fields.require(!helps_itself, "/to_account_id", || {
        words!("负责人不得把他人的角色委托给自己", "a lead may not give itself a colleague's roles")
    });
    let distinct: BTreeSet<_> = new.roles.iter().collect();
    fields.require(!new.roles.is_empty() && distinct.len() == new.roles.len(), "/roles", || {
        words!("至少一个且不重复", "at least one, none twice")
    });
    let held = |role: &Role| from.is_some_and(|one| one.roles.contains(role));
    fields.require(new.roles.iter().all(|role| lendable(*role) && held(role)), "/roles", || {
        words!(
            "只能委托本人持有的单位角色，受托得来的角色不得转委托",
            "only the person's own roles in the unit may be lent, and what was lent is not lent on"
        )
    });
    fields.require(new.valid_from >= today, "/valid_from", || words!("不得早于今天", "must not be before today"));
    let last = new.valid_from.checked_add_days(Days::new(DAYS_MAX.saturating_sub(1)));
    fields.require(new.valid_from <= new.valid_to && Some(new.valid_to) <= last, "/valid_to", || {
        words!("须在起始日之后且不超过 {DAYS_MAX} 天", "must not be before the first day nor span more than {DAYS_MAX} days")
    });
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn account(id: u128) -> AccountId {
        AccountId::new(Uuid::from_u128(id))
    }

    fn unit(id: u128) -> UnitId {
        UnitId::new(Uuid::from_u128(id))
    }

    fn colleague(id: u128, of: u128, roles: &[Role]) -> Colleague {
        Colleague { id: account(id), unit: Some(unit(of)), active: true, roles: roles.to_vec() }
    }

    fn new(to: u128, from: &str, until: &str) -> NewDelegation {
        NewDelegation {
            from: None,
            to: account(to),
            roles: vec![Role::PurchaserLead],
            valid_from: from.parse().unwrap(),
            valid_to: until.parse().unwrap(),
            reason: "外出培训".into(),
        }
    }

    fn refused(new: &NewDelegation, maker: u128, from: &Colleague, to: &Colleague) -> Option<String> {
        check(new, account(maker), unit(1), Some(from), Some(to), "2026-03-02".parse().unwrap()).err().map(|e| e.to_string())
    }

    #[test]
    fn a_colleague_of_the_unit_may_be_lent_own_roles_for_a_year_and_not_a_day_more() {
        let (lead, lin) = (colleague(1, 1, &[Role::PurchaserLead]), colleague(2, 1, &[Role::Purchaser]));
        assert_eq!(refused(&new(2, "2026-03-02", "2026-03-02"), 1, &lead, &lin), None);
        assert_eq!(refused(&new(2, "2026-03-02", "2027-03-02"), 1, &lead, &lin), None);
        assert!(refused(&new(2, "2026-03-02", "2027-03-03"), 1, &lead, &lin).unwrap().contains("/valid_to"));
        assert!(refused(&new(2, "2026-03-03", "2026-03-02"), 1, &lead, &lin).unwrap().contains("/valid_to"));
        assert!(refused(&new(2, "2026-03-01", "2026-03-02"), 1, &lead, &lin).unwrap().contains("/valid_from"));
        assert!(refused(&new(2, "2026-03-02", "2026-03-02"), 1, &lead, &colleague(2, 9, &[])).unwrap().contains("/to_account_id"));
        assert!(refused(&new(1, "2026-03-02", "2026-03-02"), 1, &lead, &lead).unwrap().contains("/to_account_id"));
    }

    #[test]
    fn nobody_lends_what_it_does_not_hold_and_no_lead_helps_itself() {
        let (lead, lin) = (colleague(1, 1, &[Role::PurchaserLead]), colleague(2, 1, &[Role::PlatformAdmin]));
        assert!(refused(&new(1, "2026-03-02", "2026-03-02"), 2, &lin, &lead).unwrap().contains("/roles"), "it does not hold the role");
        let platform = NewDelegation { roles: vec![Role::PlatformAdmin], ..new(1, "2026-03-02", "2026-03-02") };
        assert!(refused(&platform, 2, &lin, &lead).unwrap().contains("/roles"), "not a role of the unit's work");
        let officer = colleague(3, 1, &[Role::PurchaserLead]);
        assert!(refused(&new(1, "2026-03-02", "2026-03-02"), 1, &officer, &lead).unwrap().contains("/to_account_id"));
        assert_eq!(refused(&new(2, "2026-03-02", "2026-03-02"), 1, &officer, &lin), None, "the lead lends the officer's role to a third");
    }
}
