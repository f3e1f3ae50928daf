//! Which rows that not everybody may see a reader may see, so that a list can filter in the database.

use uuid::Uuid;

use super::actor::Actor;
use super::role::{Reach, Role};
use crate::kernel::id::{OrganisationId, UnitId};

/// How far a reader sees rows that are not public. The nil id stands for nobody's, because no row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Everything of the tenant.
    pub whole: bool,
    /// What belongs to one of these units.
    pub units: Vec<UnitId>,
    /// What belongs to this organisation.
    pub organisation: OrganisationId,
}

impl Scope {
    /// What a reader sees by those of its roles that are among `roles`; the public sees nothing. Agrees with
    /// [`Actor::reaches`] but for units below and mandates: those are reached by their links, a list shows what is one's own.
    pub fn of(actor: Option<&Actor>, roles: &[Role]) -> Self {
        let mut scope = Self { whole: false, units: Vec::new(), organisation: OrganisationId::new(Uuid::nil()) };
        let Some(actor) = actor else { return scope };
        for role in actor.roles.iter().filter(|role| roles.contains(role)) {
            match role.reach() {
                Reach::District if *role == Role::Auditor => {
                    scope.whole |= actor.powers.audits.iter().any(|notice| notice.units.is_empty());
                    scope.units.extend(actor.powers.audits.iter().flat_map(|notice| notice.units.iter().copied()));
                }
                Reach::District => scope.whole = true,
                Reach::Unit if actor.serves_every_unit => scope.whole = true,
                Reach::Unit => scope.units.extend(actor.unit),
                Reach::Organisation => scope.organisation = actor.organisation.unwrap_or(scope.organisation),
            }
        }
        scope
    }

    /// The same for one year, or for all: an auditor sees a year that a notice names, and all years together only when one notice opens
    /// every year that there is.
    pub fn in_year(actor: &Actor, roles: &[Role], year: Option<i32>) -> Self {
        let mut actor = actor.clone();
        actor.powers.audits.retain(|notice| match year {
            Some(year) => notice.years.contains(&year),
            None => notice.years.contains(YEARS.start()) && notice.years.contains(YEARS.end()),
        });
        Self::of(Some(&actor), roles)
    }

    /// Whether nothing that is not public is in it.
    pub fn is_empty(&self) -> bool {
        !self.whole && self.units.is_empty() && self.organisation.uuid().is_nil()
    }
}

/// The years that a notice may name.
pub const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{AccountId, SessionId, TenantId};
    use crate::people::powers::{Audit, Powers};
    use crate::people::proof::Proof;

    fn actor(role: Role, serves_every_unit: bool) -> Actor {
        Actor {
            account: AccountId::new(Uuid::from_u128(1)),
            tenant: TenantId::new(Uuid::from_u128(2)),
            session: SessionId::new(Uuid::from_u128(3)),
            roles: vec![role],
            unit: Some(UnitId::new(Uuid::from_u128(4))),
            serves_every_unit,
            organisation: Some(OrganisationId::new(Uuid::from_u128(5))),
            own: vec![role],
            powers: Powers { audits: vec![Audit { units: Vec::new(), years: 2000..=2100 }], ..Powers::default() },
            proof: Proof::Fresh,
        }
    }

    #[test]
    fn an_auditor_sees_what_its_notices_name_and_without_one_nothing() {
        let unit = |n| UnitId::new(Uuid::from_u128(n));
        let mut auditor = actor(Role::Auditor, false);
        auditor.powers.audits.clear();
        assert!(!auditor.reaches(Role::ALL, Some(unit(4)), None) && !auditor.reaches(Role::ALL, None, None));
        auditor.powers.audits = vec![Audit { units: vec![unit(7)], years: 2025..=2026 }];
        let scope = Scope::of(Some(&auditor), Role::ALL);
        assert!(!scope.whole && scope.units == [unit(7)]);
        assert!(auditor.reaches(Role::ALL, Some(unit(7)), None) && !auditor.reaches(Role::ALL, Some(unit(4)), None));
        assert!(auditor.reaches(Role::ALL, None, None), "what belongs to no unit");
        let in_year = |unit, year| auditor.reaches_in(Role::ALL, unit, year);
        assert!(in_year(unit(7), 2025) && in_year(unit(7), 2026) && !in_year(unit(7), 2024) && !in_year(unit(4), 2025));
    }

    #[test]
    fn the_list_and_the_single_row_agree_for_every_role() {
        let nil = Uuid::nil();
        for &role in Role::ALL {
            for serves_every_unit in [false, true] {
                let actor = actor(role, serves_every_unit);
                let scope = Scope::of(Some(&actor), Role::ALL);
                for (unit, organisation) in [(4, 9), (9, 5), (9, 9), (4, 5)] {
                    let (unit, organisation) = (UnitId::new(Uuid::from_u128(unit)), OrganisationId::new(Uuid::from_u128(organisation)));
                    let listed = scope.whole || scope.units.contains(&unit) || scope.organisation == organisation;
                    assert_eq!(listed, actor.reaches(Role::ALL, Some(unit), Some(organisation)), "{role} {serves_every_unit}");
                }
                assert_eq!(Scope::of(Some(&actor), &[]), Scope::of(None, Role::ALL));
            }
        }
        assert_eq!(Scope::of(None, Role::ALL).organisation.uuid(), nil);
    }
}
