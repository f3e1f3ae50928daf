//! Ledger rows, accounts and holds.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::db::schema::{holds, posting_legs, postings, reductions};
use crate::kernel::id::{AccountId, AnyId, AppropriationId, CaseId, FundId, HoldId, PostingId, TenantId};
use crate::kernel::{Fen, Result, UtcInstant};

crate::text_enum! {
    /// The accounts of a fund. Every fund has all of them.
    pub enum LedgerAccount {
        /// What was appropriated (预算指标), with a negative sign: the source of all money of the fund.
        Authority = "authority",
        /// May be reserved.
        Free = "free",
        /// Set aside for a tender or round.
        Reserved = "reserved",
        /// Bound by a contract or grant.
        Committed = "committed",
        /// Accepted and unpaid.
        Payable = "payable",
        /// Paid and not yet earned.
        Advanced = "advanced",
        /// Paid.
        Paid = "paid",
        /// Given back to the treasury.
        Returned = "returned",
    }
}

crate::text_enum! {
    /// What a hold sets money aside for.
    pub enum HoldKind {
        /// A tender or round (账户 `reserved`).
        Reservation = "reservation",
        /// A contract or grant (账户 `committed`).
        Commitment = "commitment",
    }
}

impl HoldKind {
    /// The account that keeps the hold's remainder.
    pub const fn account(self) -> LedgerAccount {
        match self {
            Self::Reservation => LedgerAccount::Reserved,
            Self::Commitment => LedgerAccount::Committed,
        }
    }
}

crate::text_enum! {
    /// What a posting did.
    pub enum PostingKind {
        /// authority → free: 年初, 追加, 调剂 (in).
        Appropriation = "appropriation",
        /// free → authority: 调减, 收回, 调剂 (out).
        Reduction = "reduction",
        /// free → reserved.
        Reservation = "reservation",
        /// reserved or committed → free.
        Release = "release",
        /// reserved → committed.
        Commitment = "commitment",
        /// free → committed: a later year's part whose appropriation arrived, or a commitment re-sourced from another fund.
        DirectCommitment = "direct_commitment",
        /// committed → payable.
        Acceptance = "acceptance",
        /// committed → advanced: money paid before acceptance.
        Advance = "advance",
        /// advanced → paid: an acceptance earned an advance.
        Clearing = "clearing",
        /// payable → paid.
        Payment = "payment",
        /// 退票: paid → payable, or advanced → committed for an advance.
        Bounce = "bounce",
        /// The payee gave money back: paid → free within the fund's year, paid → returned after it.
        Refund = "refund",
        /// committed → authority: a commitment leaves the fund for another year's (结转).
        CarryOut = "carry_out",
        /// authority → committed: a commitment carried over from another year's fund.
        CarryIn = "carry_in",
        /// free → returned: what a year left over goes back to the treasury.
        GivingBack = "giving_back",
        /// returned → free: a year end is reversed before its confirmation.
        Restoring = "restoring",
    }
}

/// Why a posting is made: the row of an upper storey, whose kind the ledger keeps as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause<'a> {
    /// Such as `tender`.
    pub kind: &'a str,
    /// Its id.
    pub id: AnyId,
}

/// The balance of every account of a fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balances {
    /// Minus what was appropriated.
    pub authority: Fen,
    /// May be reserved.
    pub free: Fen,
    /// Set aside for tenders and rounds.
    pub reserved: Fen,
    /// Bound by contracts and grants.
    pub committed: Fen,
    /// Accepted and unpaid.
    pub payable: Fen,
    /// Paid and not yet earned.
    pub advanced: Fen,
    /// Paid.
    pub paid: Fen,
    /// Given back.
    pub returned: Fen,
}

impl Balances {
    /// The balance of one account.
    pub const fn of(&self, account: LedgerAccount) -> Fen {
        match account {
            LedgerAccount::Authority => self.authority,
            LedgerAccount::Free => self.free,
            LedgerAccount::Reserved => self.reserved,
            LedgerAccount::Committed => self.committed,
            LedgerAccount::Payable => self.payable,
            LedgerAccount::Advanced => self.advanced,
            LedgerAccount::Paid => self.paid,
            LedgerAccount::Returned => self.returned,
        }
    }

    /// The same with another balance of one account.
    #[must_use]
    pub const fn with(mut self, account: LedgerAccount, balance: Fen) -> Self {
        match account {
            LedgerAccount::Authority => self.authority = balance,
            LedgerAccount::Free => self.free = balance,
            LedgerAccount::Reserved => self.reserved = balance,
            LedgerAccount::Committed => self.committed = balance,
            LedgerAccount::Payable => self.payable = balance,
            LedgerAccount::Advanced => self.advanced = balance,
            LedgerAccount::Paid => self.paid = balance,
            LedgerAccount::Returned => self.returned = balance,
        }
        self
    }

    /// What was appropriated in all, as a positive amount.
    pub fn appropriated(&self) -> Result<Fen> {
        self.authority.negated()
    }
}

impl FromIterator<(LedgerAccount, Fen)> for Balances {
    fn from_iter<I: IntoIterator<Item = (LedgerAccount, Fen)>>(rows: I) -> Self {
        rows.into_iter().fold(Self::default(), |balances, (account, balance)| balances.with(account, balance))
    }
}

/// Money set aside on a fund for one cause.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = holds, treat_none_as_default_value = false)]
pub struct HoldRow {
    /// Id.
    pub id: HoldId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The fund.
    pub fund_id: FundId,
    /// The case it serves.
    pub case_id: CaseId,
    /// Reservation or commitment.
    pub kind: HoldKind,
    /// Kind of the row it was made for.
    pub cause_kind: String,
    /// The row it was made for.
    pub cause_id: AnyId,
    /// What was set aside.
    #[diesel(column_name = amount_fen)]
    pub amount: Fen,
    /// What went on: committed out of a reservation; accepted or advanced out of a commitment.
    #[diesel(column_name = used_fen)]
    pub used: Fen,
    /// What went back to `free`, or was carried to another year's fund.
    #[diesel(column_name = released_fen)]
    pub released: Fen,
    /// When it was made.
    pub created_at: UtcInstant,
}

impl HoldRow {
    /// What is still set aside.
    pub fn remaining(&self) -> Result<Fen> {
        self.amount.minus(self.used)?.minus(self.released)
    }
}

/// Where the money of one commitment stands, out of its postings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Bound and neither accepted nor advanced.
    pub committed: Fen,
    /// Accepted and unpaid.
    pub payable: Fen,
    /// Paid and not yet earned.
    pub advanced: Fen,
    /// Paid and earned, less refunds.
    pub paid: Fen,
}

impl Position {
    /// What may still be accepted: the outstanding advance first, then what is bound.
    pub fn acceptable(&self) -> Result<Fen> {
        self.committed.plus(self.advanced)
    }
}

/// What the ledger must know of a fund beyond its balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FundTerms {
    /// Budget year.
    pub year: i32,
    /// Most that may be paid out of it in one month.
    pub monthly_ceiling: Option<Fen>,
}

/// A reduction (调减 or 收回) that is not yet whole.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = reductions, treat_none_as_default_value = false)]
pub struct ReductionRow {
    /// The document that ordered it.
    pub appropriation_id: AppropriationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The fund.
    pub fund_id: FundId,
    /// 指标文号.
    pub document_number: String,
    /// What is to be taken.
    #[diesel(column_name = amount_fen)]
    pub amount: Fen,
    /// What was taken so far.
    #[diesel(column_name = settled_fen)]
    pub settled: Fen,
    /// When it was entered.
    pub created_at: UtcInstant,
}

impl ReductionRow {
    /// What is still to be taken.
    pub fn outstanding(&self) -> Result<Fen> {
        self.amount.minus(self.settled)
    }
}

/// A posting.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = postings, treat_none_as_default_value = false)]
pub struct PostingRow {
    /// Id.
    pub id: PostingId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The fund.
    pub fund_id: FundId,
    /// What it did.
    pub kind: PostingKind,
    /// When.
    pub at: UtcInstant,
    /// The case it serves; none for an appropriation.
    pub case_id: Option<CaseId>,
    /// Kind of the row it was made for.
    pub cause_kind: String,
    /// The row it was made for.
    pub cause_id: AnyId,
    /// The hold it made or drew on. A commitment names the reservation it drew on.
    pub hold_id: Option<HoldId>,
    /// Who made it.
    pub made_by: AccountId,
    /// Reference on the bank slip, when money left the fund or came back.
    pub reference: Option<String>,
}

/// One leg of a posting.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = posting_legs, treat_none_as_default_value = false)]
pub struct LegRow {
    /// The posting.
    pub posting_id: PostingId,
    /// The account.
    pub account: LedgerAccount,
    /// The fund, the same for every leg of a posting.
    pub fund_id: FundId,
    /// What it adds to the account; negative when it takes.
    #[diesel(column_name = amount_fen)]
    pub amount: Fen,
}

/// Legs by posting.
pub type Legs = BTreeMap<PostingId, Vec<LegRow>>;
