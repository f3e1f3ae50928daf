//! Which rows that not everybody may see a reader may see, so that a list can filter in the database.

use uuid::Uuid;

use super::actor::Actor;
use super::role::{Reach, Role};
use crate::kernel::id::{OrganisationId, UnitId};

/// How far a reader sees rows that are not public. The nil id stands for nobody's, because no row has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Everything of the tenant.
    pub whole: bool,
    /// What belongs to this unit.
    pub unit: UnitId,
    /// What belongs to this organisation.
    pub organisation: OrganisationId,
}

impl Scope {
    /// What a reader sees by those of its roles that are among `roles`; the public sees nothing. Agrees with
    /// [`Actor::reaches`] but for units below and mandates: those are reached by their links, a list shows what is one's own.
    pub fn of(actor: Option<&Actor>, roles: &[Role]) -> Self {
        let mut scope = Self { whole: false, unit: UnitId::new(Uuid::nil()), organisation: OrganisationId::new(Uuid::nil()) };
        let Some(actor) = actor else { return scope };
        for role in actor.roles.iter().filter(|role| roles.contains(role)) {
            match role.reach() {
                Reach::District => scope.whole = true,
                Reach::Unit if actor.serves_every_unit => scope.whole = true,
                Reach::Unit => scope.unit = actor.unit.unwrap_or(scope.unit),
                Reach::Organisation => scope.organisation = actor.organisation.unwrap_or(scope.organisation),
            }
        }
        scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{AccountId, SessionId, TenantId};
    use crate::people::powers::Powers;
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
            powers: Powers::default(),
            proof: Proof::Fresh,
        }
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
                    let listed = scope.whole || scope.unit == unit || scope.organisation == organisation;
                    assert_eq!(listed, actor.reaches(Role::ALL, Some(unit), Some(organisation)), "{role} {serves_every_unit}");
                }
                assert_eq!(Scope::of(Some(&actor), &[]), Scope::of(None, Role::ALL));
            }
        }
        assert_eq!(Scope::of(None, Role::ALL).unit.uuid(), nil);
    }
}
