//! What an account may do beyond its own roles: delegated roles (AB角), an agent's mandates, marked exceptions from the separation of duties,
//! and approvals for the units below. Loaded with the actor, so that an end, a revocation or a review acts at once.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::role::Role;
use crate::db::schema::{account_roles, accounts, audit_notice_units, audit_notices, delegations, duty_exceptions, mandates, unit_parents};
use crate::db::{Backend, Db};
use crate::kernel::Result;
use crate::kernel::id::{AccountId, AnyId, AuditNoticeId, DelegationId, DutyExceptionId, MandateId, TenantId, UnitId};

/// Most delegations, mandates, exceptions of one account, and units below one, that are looked at.
const MOST: i64 = 200;

/// Roles that a colleague lends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegated {
    /// The delegation.
    pub id: DelegationId,
    /// Whose roles they are.
    pub from: AccountId,
    /// The roles that the colleague still holds.
    pub roles: Vec<Role>,
}

/// A mandate of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandated {
    /// The mandate.
    pub id: MandateId,
    /// The unit it acts for.
    pub unit: UnitId,
    /// The one case or resource it is for; every one of the unit when absent.
    pub case: Option<AnyId>,
    /// The slices whose actions it covers, such as `tenders`; every one when empty.
    pub scope: Vec<String>,
}

impl Mandated {
    /// Whether the mandate covers an action of that name to something of the unit, of that case or with that id.
    pub fn covers(&self, action: &str, unit: Option<UnitId>, about: &[AnyId]) -> bool {
        let slice = action.split('.').next().unwrap_or(action);
        let in_scope = self.scope.is_empty() || self.scope.iter().any(|one| one == slice);
        in_scope && unit == Some(self.unit) && self.case.is_none_or(|case| about.contains(&case))
    }
}

/// A marked exception from the separation of duties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excepted {
    /// The exception.
    pub id: DutyExceptionId,
    /// The unit whose lead recorded it.
    pub unit: UnitId,
    /// The one action.
    pub action: String,
    /// The one resource.
    pub resource: AnyId,
}

/// A unit directly below the actor's, with its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Below {
    /// The unit.
    pub unit: UnitId,
    /// Its active people with each of their roles, also delegated ones.
    pub staff: Vec<(AccountId, Role)>,
}

/// What a notice opens to an auditor (审计通知书).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The units; every one when empty.
    pub units: Vec<UnitId>,
    /// The years.
    pub years: RangeInclusive<i32>,
}

/// Everything an account may do beyond its own roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Powers {
    /// Roles of colleagues.
    pub delegated: Vec<Delegated>,
    /// Mandates, for an agent.
    pub mandated: Vec<Mandated>,
    /// Exceptions.
    pub excepted: Vec<Excepted>,
    /// Units below.
    pub below: Vec<Below>,
    /// Notices, for an auditor.
    pub audits: Vec<Audit>,
}

impl Powers {
    /// Whether a notice opens the unit, and the year where one is asked for. What belongs to no unit is open under any notice.
    pub fn audits(&self, unit: Option<UnitId>, year: Option<i32>) -> bool {
        let opens = |one: &Audit| one.units.is_empty() || unit.is_none_or(|unit| one.units.contains(&unit));
        self.audits.iter().any(|one| opens(one) && year.is_none_or(|year| one.years.contains(&year)))
    }
}

/// Loads the powers of an account on a day. `own` are the roles that it holds itself.
pub fn load(db: &mut Db, tenant: TenantId, account: AccountId, unit: Option<UnitId>, own: &[Role], day: NaiveDate) -> Result<Powers> {
    let audits = if own.contains(&Role::Auditor) { audits(db, tenant, account, day)? } else { Vec::new() };
    let Some(unit) = unit else {
        return Ok(Powers { audits, excepted: exceptions(db, tenant, account, day)?, ..Powers::default() });
    };
    let delegated = delegated(db, tenant, &[unit], Some(account), day)?.into_iter().map(|(_, one)| one).collect::<Vec<_>>();
    let acts_as = |role: Role| own.contains(&role) || delegated.iter().any(|one| one.roles.contains(&role));
    let mandated = if acts_as(Role::Agent) { mandated(db, tenant, account, unit, day)? } else { Vec::new() };
    let approves = super::policy::CO_APPROVERS.iter().any(|role| acts_as(*role));
    let below = if approves { below(db, tenant, unit, day)? } else { Vec::new() };
    Ok(Powers { mandated, below, excepted: exceptions(db, tenant, account, day)?, delegated, audits })
}

/// The notices of an auditor that hold on a day.
fn audits(db: &mut Db, tenant: TenantId, account: AccountId, day: NaiveDate) -> Result<Vec<Audit>> {
    let rows: Vec<(AuditNoticeId, i32, i32)> = audit_notices::table
        .filter(audit_notices::tenant_id.eq(tenant).and(audit_notices::auditor_id.eq(account)).and(audit_notices::ended_at.is_null()))
        .filter(audit_notices::valid_from.le(day).and(audit_notices::valid_until.ge(day)))
        .select((audit_notices::id, audit_notices::from_year, audit_notices::to_year))
        .order(audit_notices::id)
        .limit(MOST)
        .load(db)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<AuditNoticeId> = rows.iter().map(|row| row.0).collect();
    let named: Vec<(AuditNoticeId, UnitId)> = audit_notice_units::table
        .filter(audit_notice_units::notice_id.eq_any(ids))
        .select((audit_notice_units::notice_id, audit_notice_units::unit_id))
        .order((audit_notice_units::notice_id, audit_notice_units::unit_id))
        .load(db)?;
    let units = |id| named.iter().filter(|(notice, _)| *notice == id).map(|(_, unit)| *unit).collect();
    Ok(rows.into_iter().map(|(id, from, to)| Audit { units: units(id), years: from..=to }).collect())
}

/// The delegations that hold on a day in the units, with their delegate: neither ended nor over, between two active people of one unit,
/// and of roles that the delegator holds itself, so that nobody lends what was lent.
fn delegated(
    db: &mut Db,
    tenant: TenantId,
    within: &[UnitId],
    to: Option<AccountId>,
    day: NaiveDate,
) -> Result<Vec<(AccountId, Delegated)>> {
    let mut query = delegations::table
        .inner_join(accounts::table.on(accounts::id.eq(delegations::from_account_id)))
        .filter(delegations::tenant_id.eq(tenant).and(delegations::unit_id.eq_any(within)))
        .filter(delegations::valid_from.le(day).and(delegations::valid_to.ge(day)).and(delegations::ended_at.is_null()))
        .filter(accounts::state.eq("active").and(accounts::unit_id.eq(delegations::unit_id.nullable())))
        .into_boxed::<Backend>();
    if let Some(to) = to {
        query = query.filter(delegations::to_account_id.eq(to));
    }
    type Row = (DelegationId, AccountId, AccountId, String);
    let rows: Vec<Row> = query
        .select((delegations::id, delegations::from_account_id, delegations::to_account_id, delegations::roles))
        .order(delegations::id)
        .limit(MOST)
        .load(db)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let lenders: Vec<AccountId> = rows.iter().map(|row| row.1).collect();
    let held: Vec<(AccountId, Role)> = account_roles::table
        .filter(account_roles::account_id.eq_any(lenders))
        .select((account_roles::account_id, account_roles::role))
        .load(db)?;
    let found = rows.into_iter().map(|(id, from, to, words)| {
        let roles = words.split(' ').filter_map(|word| word.parse().ok()).filter(|role| held.contains(&(from, *role))).collect();
        (to, Delegated { id, from, roles })
    });
    Ok(found.filter(|(_, one)| !one.roles.is_empty()).collect())
}

/// The mandates of an agent's account or of its whole unit on a day.
pub fn mandated(db: &mut Db, tenant: TenantId, account: AccountId, agent_unit: UnitId, day: NaiveDate) -> Result<Vec<Mandated>> {
    type Row = (MandateId, UnitId, Option<AnyId>, String);
    let rows: Vec<Row> = mandates::table
        .filter(mandates::tenant_id.eq(tenant).and(mandates::agent_unit_id.eq(agent_unit)).and(mandates::revoked_at.is_null()))
        .filter(mandates::account_id.is_null().or(mandates::account_id.eq(Some(account))))
        .filter(mandates::valid_from.le(day).and(mandates::valid_to.is_null().or(mandates::valid_to.ge(Some(day)))))
        .select((mandates::id, mandates::unit_id, mandates::case_id, mandates::scope))
        .order(mandates::id)
        .limit(MOST)
        .load(db)?;
    let words = |text: &str| text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    Ok(rows.into_iter().map(|(id, unit, case, scope)| Mandated { id, unit, case, scope: words(&scope) }).collect())
}

/// Exceptions that nobody has reviewed yet and whose review is not overdue: an exception lets act once it is recorded and no longer than that.
fn exceptions(db: &mut Db, tenant: TenantId, account: AccountId, day: NaiveDate) -> Result<Vec<Excepted>> {
    type Row = (DutyExceptionId, UnitId, String, AnyId);
    let rows: Vec<Row> = duty_exceptions::table
        .filter(duty_exceptions::account_id.eq(account).and(duty_exceptions::state.eq("recorded")))
        .filter(duty_exceptions::tenant_id.eq(tenant).and(duty_exceptions::review_due.ge(day)))
        .select((duty_exceptions::id, duty_exceptions::unit_id, duty_exceptions::action, duty_exceptions::resource_id))
        .order(duty_exceptions::id)
        .limit(MOST)
        .load(db)?;
    Ok(rows.into_iter().map(|(id, unit, action, resource)| Excepted { id, unit, action, resource }).collect())
}

/// The units directly below with their people.
fn below(db: &mut Db, tenant: TenantId, unit: UnitId, day: NaiveDate) -> Result<Vec<Below>> {
    let units: Vec<UnitId> = unit_parents::table
        .filter(unit_parents::tenant_id.eq(tenant).and(unit_parents::parent_id.eq(unit)))
        .select(unit_parents::unit_id)
        .order(unit_parents::unit_id)
        .limit(MOST)
        .load(db)?;
    if units.is_empty() {
        return Ok(Vec::new());
    }
    type Row = (Option<UnitId>, AccountId, Role);
    let wanted: Vec<Option<UnitId>> = units.iter().copied().map(Some).collect();
    let people: Vec<Row> = accounts::table
        .inner_join(account_roles::table)
        .filter(accounts::tenant_id.eq(tenant).and(accounts::state.eq("active")).and(accounts::unit_id.eq_any(wanted)))
        .select((accounts::unit_id, accounts::id, account_roles::role))
        .order((accounts::id, account_roles::role))
        .load(db)?;
    let active: Vec<AccountId> = people.iter().map(|row| row.1).collect();
    let lent = delegated(db, tenant, &units, None, day)?;
    let staff_of = |unit: UnitId| {
        let own = people.iter().filter(|row| row.0 == Some(unit)).map(|row| (row.1, row.2));
        let here: Vec<AccountId> = people.iter().filter(|row| row.0 == Some(unit)).map(|row| row.1).collect();
        let lent = lent.iter().filter(|(to, _)| here.contains(to) && active.contains(to));
        own.chain(lent.flat_map(|(to, one)| one.roles.iter().map(|role| (*to, *role)))).collect()
    };
    Ok(units.into_iter().map(|unit| Below { unit, staff: staff_of(unit) }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_mandate_covers_its_unit_its_scope_and_its_case_and_nothing_beside_them() {
        let (unit, other) = (UnitId::new(Uuid::from_u128(1)), UnitId::new(Uuid::from_u128(2)));
        let (case, another) = (AnyId::new(Uuid::from_u128(3)), AnyId::new(Uuid::from_u128(4)));
        let mandate = |case, scope: &[&str]| Mandated {
            id: MandateId::new(Uuid::nil()),
            unit,
            case,
            scope: scope.iter().map(|word| (*word).to_owned()).collect(),
        };
        let open = mandate(None, &[]);
        assert!(open.covers("tenders.submit", Some(unit), &[]) && open.covers("lots.rank", Some(unit), &[another]));
        assert!(!open.covers("tenders.submit", Some(other), &[]) && !open.covers("tenders.submit", None, &[]));
        let one = mandate(Some(case), &["tenders"]);
        assert!(one.covers("tenders.submit", Some(unit), &[another, case]));
        assert!(!one.covers("tenders.submit", Some(unit), &[another]) && !one.covers("tenders.submit", Some(unit), &[]));
        assert!(!one.covers("lots.rank", Some(unit), &[case]) && !one.covers("tendersx.submit", Some(unit), &[case]));
    }
}
