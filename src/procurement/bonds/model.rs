//! Bond rows, entries, states and subjects.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{bond_entries, bonds};
use crate::kernel::id::{AccountId, BondId, CaseId, ContractId, LotId, OrganisationId, TenantId, TenderId, UnitId};
use crate::kernel::{Fen, UtcInstant};
use crate::people::{Actor, Role, Subject};
use crate::procurement::documents::BondForm;
use crate::procurement::tenders::model::INSIDERS;
use crate::procurement::tenders::{LotRow, TenderRow};

crate::text_enum! {
    /// What a bond secures.
    pub enum BondKind {
        /// 投标保证金.
        Bid = "bid",
        /// 履约保证金.
        Performance = "performance",
    }
}

crate::text_enum! {
    /// Where a bond stands.
    pub enum BondState {
        /// The supplier says that it is on its way.
        Lodged = "lodged",
        /// Finance has it.
        Held = "held",
        /// Finance did not accept it.
        Refused = "refused",
        /// All of it is returned or forfeited.
        Settled = "settled",
    }
}

crate::text_enum! {
    /// What happens to the money of a bond.
    pub enum EntryKind {
        /// Finance received it.
        Received = "received",
        /// It went back.
        Returned = "returned",
        /// It is kept for a stated reason.
        Forfeited = "forfeited",
    }
}

crate::text_enum! {
    /// From which event on a bond must go back.
    pub enum ReturnGround {
        /// 中标通知书发出: for those who did not win (实施条例 第33条).
        AwardNotice = "award_notice",
        /// 合同签订: for the winner (实施条例 第33条).
        ContractSigned = "contract_signed",
        /// The bidder withdrew before the deadline (87号令 第23条).
        Withdrawn = "withdrawn",
        /// The lot ended without an award.
        LotFailed = "lot_failed",
        /// The contract is fulfilled: for performance bonds.
        ContractFulfilled = "contract_fulfilled",
    }
}

/// A stored bond.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = bonds, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct BondRow {
    /// Id.
    pub id: BondId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Case.
    pub case_id: CaseId,
    /// The purchaser's unit.
    pub unit_id: UnitId,
    /// What it secures.
    pub kind: BondKind,
    /// Tender of a bid bond.
    pub tender_id: Option<TenderId>,
    /// Lot.
    pub lot_id: Option<LotId>,
    /// Contract of a performance bond.
    pub contract_id: Option<ContractId>,
    /// Who gives it.
    pub organisation_id: OrganisationId,
    /// How.
    pub form: BondForm,
    /// Number of the letter, policy or transfer.
    pub reference: String,
    /// How much is asked.
    pub demanded_fen: Fen,
    /// Where it stands.
    pub state: BondState,
    /// Why it was refused.
    pub state_reason: Option<String>,
    /// From which event on it must go back.
    pub return_ground: Option<ReturnGround>,
    /// Last day to give it back (R049).
    pub return_due_on: Option<NaiveDate>,
    /// Who lodged it.
    pub lodged_by: AccountId,
    /// When.
    pub lodged_at: UtcInstant,
    /// Version.
    pub version: i64,
}

/// An entry of the bond's book; never changed.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = bond_entries, treat_none_as_default_value = false)]
pub struct EntryRow {
    /// Bond.
    pub bond_id: BondId,
    /// Place in the book, from 1.
    pub position: i32,
    /// Tenant.
    pub tenant_id: TenantId,
    /// What happened.
    pub kind: EntryKind,
    /// How much.
    pub amount_fen: Fen,
    /// Bank slip or letter.
    pub reference: String,
    /// Why it is forfeited.
    pub reason: Option<String>,
    /// Who entered it.
    pub entered_by: AccountId,
    /// When.
    pub entered_at: UtcInstant,
}

/// A bond with what decides on who may know of it.
#[derive(Debug, Clone)]
pub struct BondFile {
    /// The bond.
    pub bond: BondRow,
    /// Whether the bids of its tender are opened; true for a performance bond.
    pub opened: bool,
}

impl Subject for BondFile {
    fn tenant(&self) -> TenantId {
        self.bond.tenant_id
    }
    fn year(&self) -> Option<i32> {
        Some(self.bond.lodged_at.year_in_shanghai())
    }
    fn version(&self) -> Option<i64> {
        Some(self.bond.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.bond.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.bond.unit_id)
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.bond.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        let (unit, organisation) = (Some(self.bond.unit_id), Some(self.bond.organisation_id));
        actor.reaches(&[Role::OrgAdmin, Role::OrgMember, Role::FinanceOfficer], unit, organisation)
            || (self.opened && actor.sees(INSIDERS, self))
    }
}

/// A lot as the place where a bidder lodges its bond.
#[derive(Debug, Clone)]
pub struct LotDesk {
    /// The tender.
    pub tender: TenderRow,
    /// The lot.
    pub lot: LotRow,
    /// The bidder.
    pub organisation: OrganisationId,
}

impl Subject for LotDesk {
    fn tenant(&self) -> TenantId {
        self.tender.tenant_id
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.tender.visible_to(actor)
    }
}
