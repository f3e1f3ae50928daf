//! Use cases of delegations.

use serde_json::json;

use super::model::{DelegationRow, NewDelegation};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{DelegationId, TenantId, UnitId};
use crate::people::policy::authorize;
use crate::people::{Actor, Authorized, Subject};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// Somebody else's roles.
    NOT_YOURS_TO_DELEGATE = "not_yours_to_delegate", 403, "无权委托他人的角色", "These roles are not yours to lend",
        "只有本人和本单位负责人可以办理委托。",
        "A delegation is made by the person whose roles they are, or by the unit's lead.";
}

/// A delegation to be made: where, and whether the maker leads the unit.
#[derive(Debug, Clone, Copy)]
pub struct Desk {
    /// Tenant.
    pub tenant: TenantId,
    /// The unit of the maker.
    pub unit: UnitId,
    /// Whether the maker leads it.
    pub leads: bool,
}

impl Subject for Desk {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit)
    }
}

/// May the actor make delegations in its unit?
pub fn may_create(actor: &Actor) -> Result<Authorized<Desk>> {
    let unit = actor.unit.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &policy::CREATE, Desk { tenant: actor.tenant, unit, leads: actor.leads(unit) })
}

/// May the actor end this delegation? One of the two or their unit's lead.
pub fn may_end(db: &mut Db, actor: &Actor, id: DelegationId) -> Result<Authorized<DelegationRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let granted = authorize(actor, &policy::END, row)?;
    if granted.subject().is_in_hands_of(actor) { Ok(granted) } else { Err(error::FORBIDDEN.error()) }
}

/// Makes a delegation.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<Desk>, new: &NewDelegation) -> Result<DelegationRow> {
    let desk = *granted.subject();
    let tenant = desk.tenant;
    let lender = new.from.unwrap_or_else(|| granted.by());
    if lender != granted.by() && !desk.leads {
        return Err(NOT_YOURS_TO_DELEGATE.because(words!("本人或负责人方可办理", "only the person or the lead may")));
    }
    let from = store::colleague(tx, tenant, lender)?;
    let to = store::colleague(tx, tenant, new.to)?;
    rules::check(new, granted.by(), desk.unit, from.as_ref(), to.as_ref(), tx.now().date_in_shanghai())?;
    let row = DelegationRow {
        id: tx.new_id(),
        tenant_id: tenant,
        unit_id: desk.unit,
        from_account_id: lender,
        to_account_id: new.to,
        roles: new.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" "),
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        reason: new.reason.trim().to_owned(),
        made_by: granted.by(),
        ended_at: None,
        ended_by: None,
        end_reason: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    record(tx, "delegation.made", &row)?;
    Ok(row)
}

/// Ends a delegation early, at once.
pub fn end(tx: &mut Tx<'_>, granted: &Authorized<DelegationRow>, reason: &str) -> Result<DelegationRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, rules::REASON_MAX);
    fields.finish()?;
    let row = store::end(tx, granted, reason.trim())?;
    record(tx, "delegation.ended", &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &DelegationRow) -> Result<()> {
    let content = json!({
        "unit_id": row.unit_id, "from_account_id": row.from_account_id, "to_account_id": row.to_account_id, "roles": row.roles(),
        "valid_from": row.valid_from, "valid_to": row.valid_to, "reason": row.reason, "end_reason": row.end_reason,
    });
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "delegation", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
