//! Contract rows, states and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::policy;
use crate::db::schema::contracts;
use crate::kernel::id::{AccountId, AnyId, AwardId, CaseId, ContractId, FundId, HoldId, OrganisationId, ProjectId, TenantId, UnitId};
use crate::kernel::{Fen, UtcInstant, Words};
use crate::money::funding;
use crate::money::ledger::Cause;
use crate::people::{Action, Actor, Bar, Subject};
use crate::words;

/// Kind of a contract in the ledger, the journal and among the owners of documents.
pub const OWNER_KIND: &str = "contract";

crate::text_enum! {
    /// Where a contract stands.
    pub enum ContractState {
        /// Written, not yet approved.
        Drafted = "drafted",
        /// Finance approved it and the money is committed; waits for signatures.
        FinanceApproved = "finance_approved",
        /// Both parties signed.
        Active = "active",
        /// In force, but nothing is delivered or accepted until it is resumed.
        Suspended = "suspended",
        /// Every milestone is paid.
        Completed = "completed",
        /// Ended before its time.
        Terminated = "terminated",
    }
}

impl ContractState {
    /// States in which everybody may read a contract that both parties signed. One that ended before is terminated too.
    pub const PUBLIC: &'static [Self] = &[Self::Active, Self::Suspended, Self::Completed, Self::Terminated];
}

crate::text_enum! {
    /// Who signs a contract.
    pub enum ContractParty {
        /// The supplier.
        Organisation = "organisation",
        /// The purchasing unit.
        Purchaser = "purchaser",
    }
}

crate::text_enum! {
    /// What a contract's document is for.
    pub enum ContractPaper {
        /// Scan of the stamped original.
        StampedContract = "stamped_contract",
        /// Something that belongs to it.
        Annex = "annex",
    }
}

/// A stored contract.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = contracts, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ContractRow {
    /// Id.
    pub id: ContractId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Case.
    pub case_id: CaseId,
    /// The award it fulfils.
    pub award_id: AwardId,
    /// Purchasing unit.
    pub unit_id: UnitId,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Fund of its first line.
    pub fund_id: FundId,
    /// Reservation of its first line.
    pub reservation_id: HoldId,
    /// Commitment of its first line, once finance approved; `funding` has all.
    pub commitment_id: Option<HoldId>,
    /// Hundred project that it feeds.
    pub project_id: Option<ProjectId>,
    /// Title.
    pub title: String,
    /// Price; the milestones add up to it.
    pub price_fen: Fen,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// State.
    pub state: ContractState,
    /// Who drafted it.
    pub drafted_by: AccountId,
    /// Which finance officer approved it.
    pub approved_by: Option<AccountId>,
    /// Who signed for the supplier.
    pub org_signed_by: Option<AccountId>,
    /// When.
    pub org_signed_at: Option<UtcInstant>,
    /// Who signed for the unit.
    pub purchaser_signed_by: Option<AccountId>,
    /// When.
    pub purchaser_signed_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was drafted.
    pub created_at: UtcInstant,
    /// Kind of what its money was reserved for; none when it was one reservation without funding lines.
    pub source_kind: Option<String>,
    /// What its money was reserved for.
    pub source_id: Option<AnyId>,
    /// What of the price went free without being spent; the funding lines add up to the price less this.
    pub released_fen: Fen,
    /// Why it is suspended or was terminated.
    pub halt_reason: Option<String>,
    /// Within how many working days of its claim a payment is made; none where none was agreed.
    pub payment_term_days: Option<i32>,
    /// SHA-256 of the stamped scan or sealed file that the supplier stands for with its signature.
    pub org_signed_sha256: Option<String>,
    /// The same of the unit.
    pub purchaser_signed_sha256: Option<String>,
}

impl ContractRow {
    /// The contract as the owner of its funding lines.
    pub const fn owner(&self) -> funding::Owner<'static> {
        funding::Owner { tenant: self.tenant_id, unit: self.unit_id, case: self.case_id, cause: self.cause() }
    }

    /// The contract as a cause of the ledger.
    pub const fn cause(&self) -> Cause<'static> {
        Cause { kind: OWNER_KIND, id: self.id.any() }
    }

    /// Whether everybody may read it: both parties signed.
    pub fn is_public(&self) -> bool {
        ContractState::PUBLIC.contains(&self.state) && self.org_signed_at.is_some() && self.purchaser_signed_at.is_some()
    }

    /// Whether the actor is of its parties, its finance or an auditor.
    pub fn is_open_to(&self, actor: &Actor) -> bool {
        actor.sees(policy::READERS, self)
    }

    /// Who signed for the party.
    pub const fn signer(&self, party: ContractParty) -> Option<AccountId> {
        match party {
            ContractParty::Organisation => self.org_signed_by,
            ContractParty::Purchaser => self.purchaser_signed_by,
        }
    }
}

impl Subject for ContractRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    fn year(&self) -> Option<i32> {
        Some(self.created_at.year_in_shanghai())
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }

    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }

    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }

    fn visible_to(&self, actor: &Actor) -> bool {
        self.is_public() || self.is_open_to(actor)
    }

    fn resource(&self) -> Option<AnyId> {
        Some(self.id.any())
    }

    fn case(&self) -> Option<AnyId> {
        Some(self.case_id.any())
    }

    /// Approving one's own draft is self-approval; signing what one approved for finance is not, and may be excepted, marked.
    fn bar(&self, action: &Action, account: AccountId) -> Option<Bar> {
        let reason = self.barred(action, account)?;
        Some(if action.name == policy::SIGN.name { Bar::exceptable(reason) } else { Bar::absolute(reason) })
    }

    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        if action.name == policy::APPROVE.name && account == self.drafted_by {
            return Some(words!("合同由您起草，须由他人审批", "you drafted this contract; somebody else must approve it"));
        }
        if action.name == policy::SIGN.name && self.approved_by == Some(account) {
            return Some(words!("合同由您会签，须由他人签署", "you approved this contract for finance; somebody else must sign it"));
        }
        None
    }
}

/// What a contract is funded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The funding lines of a lot, or of whatever was funded: its kind and id.
    Lines(&'static str, AnyId),
    /// One reservation that was made without funding lines.
    Reservation(HoldId),
}

/// What is needed to draft a contract. The storey that awards calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContract {
    /// Tenant.
    pub tenant: TenantId,
    /// Case.
    pub case: CaseId,
    /// The award it fulfils.
    pub award: AwardId,
    /// Purchasing unit.
    pub unit: UnitId,
    /// Supplier.
    pub organisation: OrganisationId,
    /// What it is funded from.
    pub source: Source,
    /// Title.
    pub title: String,
    /// Price.
    pub price: Fen,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Its schedule.
    pub milestones: Vec<NewMilestone>,
}

/// A milestone of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMilestone {
    /// What is to be delivered.
    pub title: String,
    /// By when.
    pub due_on: NaiveDate,
    /// What is paid for it.
    pub amount: Fen,
    /// What it is to bring (交付物).
    pub deliverables: Vec<String>,
}

/// What a list asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractFilter {
    /// Only this state.
    pub state: Option<ContractState>,
    /// Only of this unit.
    pub unit: Option<UnitId>,
    /// Only of this organisation.
    pub organisation: Option<OrganisationId>,
}
