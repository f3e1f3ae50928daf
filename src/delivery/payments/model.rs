//! Payment rows and states.

use diesel::prelude::*;

use super::policy;
use crate::db::schema::{payment_events, payments};
use crate::delivery::agreements::ContractRow;
use crate::kernel::id::{
    AccountId, AnyId, BankAccountId, CaseId, ContractId, FundId, MilestoneId, OrganisationId, PaymentEventId, PaymentId, TenantId, UnitId,
};
use crate::kernel::{Fen, UtcInstant, Words};
use crate::people::{Action, Actor, Bar, Subject};
use crate::words;

crate::text_enum! {
    /// Where a payment stands.
    pub enum PaymentState {
        /// The payee asks for it.
        Claimed = "claimed",
        /// Finance checked the invoice.
        InvoiceChecked = "invoice_checked",
        /// The unit's lead accepted it.
        Accepted = "accepted",
        /// A second finance officer approved it.
        Approved = "approved",
        /// The bank was told.
        Instructed = "instructed",
        /// The bank's receipt is there.
        Paid = "paid",
        /// 退票: the bank could not pay; the payee's account is to be corrected.
        Bounced = "bounced",
        /// Sent back with a reason; the milestone may be claimed again.
        Returned = "returned",
    }
}

crate::text_enum! {
    /// What a payment is for.
    pub enum PaymentKind {
        /// An accepted milestone, less what an advance had paid of it.
        Milestone = "milestone",
        /// Money before acceptance (预付款), cleared by later acceptances.
        Advance = "advance",
    }
}

impl PaymentState {
    /// States in which the legs are fixed and the money is not yet paid.
    pub const PROMISED: &'static [Self] = &[Self::Approved, Self::Instructed, Self::Bounced];
}

crate::text_enum! {
    /// What happened to a payment after the bank was told.
    pub enum PaymentEventKind {
        /// 退票: it came back from the bank.
        Bounce = "bounce",
        /// The payee gave money back.
        Refund = "refund",
        /// After a bounce the bank is told again.
        Correction = "correction",
    }
}

/// What happened to a payment after the bank was told.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = payment_events, treat_none_as_default_value = false)]
pub struct PaymentEventRow {
    /// Id.
    pub id: PaymentEventId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The payment.
    pub payment_id: PaymentId,
    /// What happened.
    pub kind: PaymentEventKind,
    /// How much.
    pub amount_fen: Fen,
    /// Why.
    pub reason: String,
    /// The bank's reference; of a correction the account's number, all but its last four digits hidden.
    pub reference: String,
    /// Who entered it.
    pub made_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

/// A stored payment.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = payments, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PaymentRow {
    /// Id.
    pub id: PaymentId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Case.
    pub case_id: CaseId,
    /// Contract.
    pub contract_id: ContractId,
    /// Milestone that is paid for.
    pub milestone_id: MilestoneId,
    /// Fund of the contract's first line; the legs have all.
    pub fund_id: FundId,
    /// Purchasing unit.
    pub unit_id: UnitId,
    /// Payee.
    pub organisation_id: OrganisationId,
    /// How much.
    pub amount_fen: Fen,
    /// Number of the payee's invoice.
    pub invoice_number: String,
    /// State.
    pub state: PaymentState,
    /// Why it was returned.
    pub return_reason: Option<String>,
    /// Who claimed it.
    pub claimed_by: AccountId,
    /// Who checked the invoice.
    pub checked_by: Option<AccountId>,
    /// Who accepted it for the unit.
    pub accepted_by: Option<AccountId>,
    /// Who approved it for finance.
    pub approved_by: Option<AccountId>,
    /// Who told the bank.
    pub instructed_by: Option<AccountId>,
    /// Reference on the bank's receipt.
    pub bank_reference: Option<String>,
    /// When the receipt was entered.
    pub paid_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was claimed.
    pub created_at: UtcInstant,
    /// For what was accepted, or in advance.
    pub kind: PaymentKind,
    /// Number of the donation receipt, when a charity or foundation keeps the money.
    pub donation_receipt: Option<String>,
    /// Code of a paper invoice; empty for one that has none.
    pub invoice_code: String,
    /// Account that the bank was told last.
    pub bank_account_id: Option<BankAccountId>,
    /// Its version then.
    pub bank_account_version: Option<i64>,
    /// How often the bank was told.
    pub instructions: i32,
}

/// A payment with its contract: what policy needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentFile {
    /// The payment.
    pub payment: PaymentRow,
    /// Its contract.
    pub contract: ContractRow,
}

impl Subject for PaymentFile {
    fn tenant(&self) -> TenantId {
        self.payment.tenant_id
    }

    fn year(&self) -> Option<i32> {
        Some(self.payment.created_at.year_in_shanghai())
    }

    fn version(&self) -> Option<i64> {
        Some(self.payment.version)
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.payment.state.as_str())
    }

    fn unit(&self) -> Option<UnitId> {
        Some(self.payment.unit_id)
    }

    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.payment.organisation_id)
    }

    fn visible_to(&self, actor: &Actor) -> bool {
        actor.sees(policy::READERS, self)
    }

    fn resource(&self) -> Option<AnyId> {
        Some(self.payment.id.any())
    }

    fn case(&self) -> Option<AnyId> {
        Some(self.payment.case_id.any())
    }

    /// The payee claims and the unit accepts, so that none of these is self-approval: a small office may except them, marked.
    fn bar(&self, action: &Action, account: AccountId) -> Option<Bar> {
        self.barred(action, account).map(Bar::exceptable)
    }

    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        if action.name != policy::APPROVE.name {
            return None;
        }
        if self.payment.checked_by == Some(account) {
            return Some(words!("发票由您核验，须由他人审批", "you checked the invoice; somebody else must approve the payment"));
        }
        (self.contract.approved_by == Some(account))
            .then(|| words!("合同由您会签，付款须由他人审批", "you approved the contract; somebody else must approve its payments"))
    }
}

/// What a list asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Only this state.
    pub state: Option<PaymentState>,
    /// Only of this contract.
    pub contract: Option<ContractId>,
}
