//! Payment rows in the database. Every query is scoped by tenant; what changes a row is called by the service alone, which holds the proof.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{PaymentFilter, PaymentRow, PaymentState};
use crate::db::schema::{organisations, payments};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{ContractId, MilestoneId, OrganisationId, PaymentId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Scope;

pub fn find(db: &mut Db, tenant: TenantId, id: PaymentId) -> Result<Option<PaymentRow>> {
    Ok(payments::table.filter(payments::tenant_id.eq(tenant).and(payments::id.eq(id))).first(db).optional()?)
}

/// Whether the milestone has a claim that was not returned.
pub fn is_claimed(db: &mut Db, tenant: TenantId, milestone: MilestoneId) -> Result<bool> {
    let live = payments::tenant_id.eq(tenant).and(payments::milestone_id.eq(milestone)).and(payments::state.ne(PaymentState::Returned));
    Ok(payments::table.filter(live).count().get_result::<i64>(db)? > 0)
}

/// Whether the invoice is used by a payment that was not returned.
pub fn is_invoice_used(db: &mut Db, tenant: TenantId, invoice_number: &str) -> Result<bool> {
    let live =
        payments::tenant_id.eq(tenant).and(payments::invoice_number.eq(invoice_number)).and(payments::state.ne(PaymentState::Returned));
    Ok(payments::table.filter(live).count().get_result::<i64>(db)? > 0)
}

/// The milestones of a contract that are paid.
pub fn paid_milestones(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<Vec<MilestoneId>> {
    let paid = payments::tenant_id.eq(tenant).and(payments::contract_id.eq(contract)).and(payments::state.eq(PaymentState::Paid));
    Ok(payments::table.filter(paid).select(payments::milestone_id).load(db)?)
}

/// What the reader may see of the filter's rows after the cursor, newest first, at most `rows`.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    filter: &PaymentFilter,
    scope: Scope,
    after: Option<(UtcInstant, Uuid)>,
    rows: i64,
) -> Result<Vec<PaymentRow>> {
    let mut query = payments::table.filter(payments::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !scope.whole {
        query = query.filter(payments::unit_id.eq(scope.unit).or(payments::organisation_id.eq(scope.organisation)));
    }
    if let Some(state) = filter.state {
        query = query.filter(payments::state.eq(state));
    }
    if let Some(contract) = filter.contract {
        query = query.filter(payments::contract_id.eq(contract));
    }
    if let Some((at, id)) = after {
        let id = PaymentId::new(id);
        query = query.filter(payments::created_at.lt(at).or(payments::created_at.eq(at).and(payments::id.lt(id))));
    }
    Ok(query.order((payments::created_at.desc(), payments::id.desc())).limit(rows).load(db)?)
}

/// The mail address of an organisation.
pub fn contact_email(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<Option<String>> {
    let one = organisations::tenant_id.eq(tenant).and(organisations::id.eq(organisation));
    Ok(organisations::table.filter(one).select(organisations::contact_email).first(db).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, row: &PaymentRow) -> Result<()> {
    diesel::insert_into(payments::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &PaymentRow) -> Result<()> {
    diesel::update(payments::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
