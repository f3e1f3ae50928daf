//! The schedule of a contract: its milestone rows and their store.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::milestones;
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, CaseId, ContractId, MilestoneId, TenantId};
use crate::kernel::{Fen, Result, UtcInstant};

crate::text_enum! {
    /// Where a milestone stands.
    pub enum MilestoneState {
        /// To be delivered.
        Planned = "planned",
        /// Delivered, waits for the purchaser.
        Delivered = "delivered",
        /// Accepted; its amount is payable.
        Accepted = "accepted",
        /// Refused with a reason; to be delivered again.
        Rejected = "rejected",
        /// The contract ended before it was accepted.
        Cancelled = "cancelled",
    }
}

/// A stored milestone.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = milestones, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct MilestoneRow {
    /// Id.
    pub id: MilestoneId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Contract.
    pub contract_id: ContractId,
    /// Case.
    pub case_id: CaseId,
    /// Place in the schedule, from 1.
    pub number: i32,
    /// What is to be delivered.
    pub title: String,
    /// By when.
    pub due_on: NaiveDate,
    /// What is paid for it.
    pub amount_fen: Fen,
    /// State.
    pub state: MilestoneState,
    /// What the supplier says it delivered.
    pub delivery_note: Option<String>,
    /// Who delivered it.
    pub delivered_by: Option<AccountId>,
    /// Who accepted it.
    pub accepted_by: Option<AccountId>,
    /// What those served say (R015).
    pub beneficiaries_opinion: Option<String>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// Version.
    pub version: i64,
    /// How much of it an advance had paid before its acceptance.
    pub cleared_fen: Fen,
    /// What of its amount was not accepted: a deduction, or a quantity below the ceiling. It went free.
    pub deducted_fen: Fen,
    /// When it was last delivered.
    pub delivered_at: Option<UtcInstant>,
    /// What it is to bring, a line each.
    pub deliverables: String,
}

impl MilestoneRow {
    /// What it is to bring, one by one.
    pub fn deliverables(&self) -> Vec<String> {
        self.deliverables.lines().map(str::to_owned).collect()
    }

    /// What was accepted of its amount and no advance had paid: what is claimed.
    pub fn claimable(&self) -> Result<Fen> {
        self.amount_fen.minus(self.deducted_fen)?.minus(self.cleared_fen)
    }
}

/// A milestone of the tenant.
pub(crate) fn find(db: &mut Db, tenant: TenantId, id: MilestoneId) -> Result<Option<MilestoneRow>> {
    Ok(milestones::table.filter(milestones::tenant_id.eq(tenant).and(milestones::id.eq(id))).first(db).optional()?)
}

/// The milestones of a contract in their order.
pub(crate) fn of_contract(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<Vec<MilestoneRow>> {
    let of_contract = milestones::tenant_id.eq(tenant).and(milestones::contract_id.eq(contract));
    Ok(milestones::table.filter(of_contract).order(milestones::number).load(db)?)
}

/// Stores a new milestone; called by the drafting of its contract.
pub(crate) fn insert(tx: &mut Tx<'_>, row: &MilestoneRow) -> Result<()> {
    diesel::insert_into(milestones::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as a service that holds the proof changed it.
pub(crate) fn save(tx: &mut Tx<'_>, row: &MilestoneRow) -> Result<()> {
    diesel::update(milestones::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
