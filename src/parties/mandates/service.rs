//! Use cases of mandates.

use chrono::NaiveDate;
use serde_json::json;

use super::model::{MandateRow, NewMandate};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{AccountId, AnyId, CaseId, MandateId, TenantId, UnitId};
use crate::kernel::{Error, Result};
use crate::parties::units::{self, UnitKind};
use crate::people::policy::authorize;
use crate::people::{Actor, Authorized, Subject, powers};
use crate::trust::journal::{self, Event};
use crate::words;

/// The desk of a purchasing unit's lead.
#[derive(Debug, Clone, Copy)]
pub struct LeadDesk {
    /// Tenant.
    pub tenant: TenantId,
    /// The unit.
    pub unit: UnitId,
}

impl Subject for LeadDesk {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit)
    }
}

/// May the actor mandate an agent for its unit?
pub fn may_grant(actor: &Actor) -> Result<Authorized<LeadDesk>> {
    let unit = actor.unit.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &policy::GRANT, LeadDesk { tenant: actor.tenant, unit })
}

/// May the actor revoke this mandate?
pub fn may_revoke(db: &mut Db, actor: &Actor, id: MandateId) -> Result<Authorized<MandateRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::REVOKE, row)
}

/// Whether an account acts for a unit in a case (or about one resource) on a day by any mandate. What it may do there, the policy says.
pub fn acts_for(db: &mut Db, tenant: TenantId, account: AccountId, unit: UnitId, case: Option<AnyId>, day: NaiveDate) -> Result<bool> {
    let Some(agency) = store::unit_of(db, tenant, account)? else { return Ok(false) };
    let mandates = powers::mandated(db, tenant, account, agency, day)?;
    Ok(mandates.iter().any(|one| one.unit == unit && one.case.is_none_or(|named| case == Some(named))))
}

/// Mandates an agent.
pub fn grant(tx: &mut Tx<'_>, granted: &Authorized<LeadDesk>, new: &NewMandate) -> Result<MandateRow> {
    let LeadDesk { tenant, unit } = *granted.subject();
    let valid_from = new.valid_from.unwrap_or_else(|| tx.now().date_in_shanghai());
    let agency = units::find(tx, tenant, new.agent_unit)?.is_some_and(|row| row.kind == UnitKind::Agency);
    let belongs = match new.account {
        None => true,
        Some(account) => store::unit_of(tx, tenant, account)? == Some(new.agent_unit),
    };
    rules::check(new, valid_from, agency, belongs)?;
    if let Some((_, id)) = &new.case
        && !journal::knows_case(tx, tenant, CaseId::new(id.uuid()))?
        && !journal::knows_resource(tx, tenant, *id)?
    {
        return Err(Error::field("/case_id", words!("本区没有该项目", "nothing of the district has this id")));
    }
    let (case_kind, case_id) = new.case.clone().unzip();
    let row = MandateRow {
        id: tx.new_id(),
        tenant_id: tenant,
        unit_id: unit,
        agent_unit_id: new.agent_unit,
        account_id: new.account,
        case_kind,
        case_id,
        scope: new.scope.join(" "),
        valid_from,
        valid_to: new.valid_to,
        reason: new.reason.trim().to_owned(),
        made_by: granted.by(),
        revoked_at: None,
        revoked_by: None,
        revoke_reason: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    record(tx, "mandate.granted", &row)?;
    Ok(row)
}

/// Revokes a mandate, at once.
pub fn revoke(tx: &mut Tx<'_>, granted: &Authorized<MandateRow>, reason: &str) -> Result<MandateRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, rules::REASON_MAX);
    fields.finish()?;
    let row = store::revoke(tx, granted, reason.trim())?;
    record(tx, "mandate.revoked", &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &MandateRow) -> Result<()> {
    let content = json!({
        "unit_id": row.unit_id, "agent_unit_id": row.agent_unit_id, "account_id": row.account_id, "case_kind": row.case_kind, "case_id": row.case_id,
        "scope": row.scope, "valid_from": row.valid_from, "valid_to": row.valid_to, "reason": row.reason, "revoke_reason": row.revoke_reason,
    });
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "mandate", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
