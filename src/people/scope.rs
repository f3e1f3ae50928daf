//! Which rows that not everybody may see a reader may see, so that a list can filter in the database.

use chrono::NaiveDate;
use uuid::Uuid;

use super::actor::Actor;
use super::powers::Audit;
use super::role::{Reach, Role};
use crate::kernel::UtcInstant;
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
    /// What the notices of an auditor open, where they do not open every year.
    pub spans: Vec<Span>,
}

/// The years that a notice opens to an auditor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Of these units; of every one when empty.
    pub units: Vec<UnitId>,
    /// First year.
    pub first: i32,
    /// Last year.
    pub last: i32,
    /// When the first year begins.
    pub from: UtcInstant,
    /// When the year after the last begins.
    pub until: UtcInstant,
}

impl Span {
    fn of(notice: &Audit) -> Self {
        let (first, last) = (*notice.years.start(), *notice.years.end());
        let begins = |year| UtcInstant::start_of_shanghai_day(NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MAX));
        Self { units: notice.units.clone(), first, last, from: begins(first), until: begins(last.saturating_add(1)) }
    }
}

/// Whether a row of `$table` belongs to a unit of the scope, or to a unit and year that a notice opens to an auditor: the year of the instant `$at` at which
/// it was made, or the year in its column `$year`.
macro_rules! seen {
    ($scope:expr, $table:ident, made: $at:ident $(, $source:ty)?) => {
        $crate::people::scope::seen!(@ $scope, $table, |span| $table::$at.ge(span.from).and($table::$at.lt(span.until)) $(, $source)?)
    };
    ($scope:expr, $table:ident, year: $year:ident $(, $source:ty)?) => {
        $crate::people::scope::seen!(@ $scope, $table, |span| $table::$year.ge(span.first).and($table::$year.le(span.last)) $(, $source)?)
    };
    (@ $scope:expr, $table:ident, |$span:ident| $within:expr) => {
        $crate::people::scope::seen!(@ $scope, $table, |$span| $within, $table::table)
    };
    (@ $scope:expr, $table:ident, |$span:ident| $within:expr, $source:ty) => {{
        type Seen = Box<dyn diesel::BoxableExpression<$source, $crate::db::Backend, SqlType = diesel::sql_types::Bool>>;
        let mut seen: Seen = Box::new($table::unit_id.eq_any($scope.units.clone()));
        for $span in &$scope.spans {
            seen = if $span.units.is_empty() {
                Box::new(seen.or($within))
            } else {
                Box::new(seen.or($within.and($table::unit_id.eq_any($span.units.clone()))))
            };
        }
        seen
    }};
}
pub(crate) use seen;

impl Scope {
    /// What a reader sees by those of its roles that are among `roles`; the public sees nothing. Agrees with
    /// [`Actor::reaches`] but for units below and mandates: those are reached by their links, a list shows what is one's own.
    pub fn of(actor: Option<&Actor>, roles: &[Role]) -> Self {
        let mut scope = Self { whole: false, units: Vec::new(), organisation: OrganisationId::new(Uuid::nil()), spans: Vec::new() };
        let Some(actor) = actor else { return scope };
        for role in actor.roles.iter().filter(|role| roles.contains(role)) {
            match role.reach() {
                Reach::District if *role == Role::Auditor => actor.powers.audits.iter().for_each(|notice| scope.open(notice)),
                Reach::District => scope.whole = true,
                Reach::Unit if actor.serves_every_unit_as(*role) => scope.whole = true,
                Reach::Unit => scope.units.extend(actor.unit),
                Reach::Organisation => scope.organisation = actor.organisation.unwrap_or(scope.organisation),
            }
        }
        scope
    }

    fn open(&mut self, notice: &Audit) {
        if !opens_every_year(notice) {
            self.spans.push(Span::of(notice));
        } else if notice.units.is_empty() {
            self.whole = true;
        } else {
            self.units.extend(notice.units.iter().copied());
        }
    }

    /// The same for one year, or for all: an auditor sees a year that a notice names, and all years together only when one notice opens
    /// every year that there is.
    pub fn in_year(actor: &Actor, roles: &[Role], year: Option<i32>) -> Self {
        let mut actor = actor.clone();
        actor.powers.audits.retain(|notice| year.map_or_else(|| opens_every_year(notice), |year| notice.years.contains(&year)));
        // What is asked about is of that year already.
        actor.powers.audits.iter_mut().for_each(|notice| notice.years = YEARS);
        Self::of(Some(&actor), roles)
    }

    /// Whether nothing that is not public is in it.
    pub fn is_empty(&self) -> bool {
        !self.whole && self.units.is_empty() && self.spans.is_empty() && self.organisation.uuid().is_nil()
    }
}

fn opens_every_year(notice: &Audit) -> bool {
    notice.years.contains(YEARS.start()) && notice.years.contains(YEARS.end())
}

/// The years that a notice may name.
pub const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{AccountId, SessionId, TenantId};
    use crate::people::Subject;
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
        assert!(!scope.whole && scope.units.is_empty());
        let [span] = &scope.spans[..] else { panic!("{scope:?}") };
        assert_eq!((&span.units[..], span.first, span.last), (&[unit(7)][..], 2025, 2026));
        assert_eq!((span.from.to_string(), span.until.to_string()), ("2024-12-31T16:00:00Z".to_owned(), "2026-12-31T16:00:00Z".to_owned()));
        let of_2026 = Scope::in_year(&auditor, Role::ALL, Some(2026));
        assert!(
            of_2026.units == [unit(7)]
                && Scope::in_year(&auditor, Role::ALL, Some(2027)).is_empty()
                && Scope::in_year(&auditor, Role::ALL, None).is_empty()
        );
        assert!(auditor.reaches(Role::ALL, Some(unit(7)), None) && !auditor.reaches(Role::ALL, Some(unit(4)), None));
        assert!(auditor.reaches(Role::ALL, None, None), "what belongs to no unit");
        struct Thing(UnitId, i32);
        impl Subject for Thing {
            fn tenant(&self) -> TenantId {
                TenantId::new(Uuid::from_u128(2))
            }
            fn unit(&self) -> Option<UnitId> {
                Some(self.0)
            }
            fn year(&self) -> Option<i32> {
                Some(self.1)
            }
        }
        let in_year = |unit, year| auditor.sees(Role::ALL, &Thing(unit, year));
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
