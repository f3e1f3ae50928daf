//! Use cases of the ledger. Each is one balanced posting on the caller's transaction; the caller holds the authorisation and says who asks.

use chrono::Datelike as _;
use serde_json::json;

use super::model::{Balances, Cause, HoldKind, HoldRow, LedgerAccount, LegRow, Position, PostingRow, ReductionRow};
use super::rules::{self, ALREADY_POSTED, Movement};
use super::store;
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{AccountId, CaseId, FundId, HoldId, PostingId, TenantId};
use crate::kernel::{Error, Fen, Result, UtcInstant};
use crate::trust::journal::{self, Event};
use crate::words;

/// Who posts where.
#[derive(Clone, Copy)]
struct Desk<'a> {
    by: AccountId,
    tenant: TenantId,
    fund: FundId,
    case: Option<CaseId>,
    hold: Option<HoldId>,
    cause: Cause<'a>,
    reference: Option<&'a str>,
}

impl<'a> Desk<'a> {
    const fn of(hold: &HoldRow, by: AccountId, cause: Cause<'a>) -> Self {
        let (case, hold_id) = (Some(hold.case_id), Some(hold.id));
        Self { by, tenant: hold.tenant_id, fund: hold.fund_id, case, hold: hold_id, cause, reference: None }
    }

    const fn of_fund(by: AccountId, tenant: TenantId, fund: FundId, cause: Cause<'a>) -> Self {
        Self { by, tenant, fund, case: None, hold: None, cause, reference: None }
    }

    const fn with(mut self, reference: Option<&'a str>) -> Self {
        self.reference = reference;
        self
    }
}

/// Why money left a fund or came back, with the reference on the bank's slip.
#[derive(Debug, Clone, Copy)]
pub struct Slip<'a> {
    /// The row of an upper storey.
    pub cause: Cause<'a>,
    /// The bank's reference, which the monthly reconciliation compares.
    pub reference: Option<&'a str>,
}

/// Kind of an appropriation document as a cause.
pub const APPROPRIATION: &str = "appropriation";

/// Makes the accounts of a new fund, all empty.
pub fn open_accounts(tx: &mut Tx<'_>, fund: FundId) -> Result<()> {
    store::open_accounts(tx, fund)
}

/// The balances of a fund.
pub fn balances(db: &mut Db, fund: FundId) -> Result<Balances> {
    store::balances(db, fund)
}

/// A hold of the tenant.
pub fn hold(db: &mut Db, tenant: TenantId, id: HoldId) -> Result<Option<HoldRow>> {
    store::hold(db, tenant, id)
}

/// authority → free: an appropriation document arrived. The cause is posted once. A pending reduction of the fund takes its part at once.
pub fn appropriate(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, fund: FundId, amount: Fen, cause: Cause<'_>) -> Result<PostingId> {
    post(tx, &Desk::of_fund(by, tenant, fund, cause), &Movement::appropriation(amount)?)
}

/// free → authority: money that must be there leaves the fund, for another fund (调剂). Refuses with `insufficient_funds`.
pub fn withdraw(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, fund: FundId, amount: Fen, cause: Cause<'_>) -> Result<PostingId> {
    post(tx, &Desk::of_fund(by, tenant, fund, cause), &Movement::reduction(amount)?)
}

/// 调减 or 收回: takes what is free now; what is lacking stays pending, blocks new holds and takes whatever becomes free.
pub fn reduce(tx: &mut Tx<'_>, by: AccountId, row: &ReductionRow) -> Result<ReductionRow> {
    store::touch_fund(tx, row.tenant_id, row.fund_id)?;
    Movement::reduction(row.amount)?;
    store::insert_reduction(tx, row)?;
    settle(tx, by, row.tenant_id, row.fund_id)?;
    let left = store::pending_reductions(tx, row.fund_id)?.into_iter().find(|one| one.appropriation_id == row.appropriation_id);
    Ok(left.unwrap_or_else(|| ReductionRow { settled: row.amount, ..row.clone() }))
}

/// free → returned: what a year left over goes back to the treasury.
pub fn give_back(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, fund: FundId, amount: Fen, cause: Cause<'_>) -> Result<PostingId> {
    post(tx, &Desk::of_fund(by, tenant, fund, cause), &Movement::giving_back(amount)?)
}

/// returned → free: a giving back is reversed.
pub fn restore(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, fund: FundId, amount: Fen, cause: Cause<'_>) -> Result<PostingId> {
    post(tx, &Desk::of_fund(by, tenant, fund, cause), &Movement::restoring(amount)?)
}

/// free → reserved. Refuses with `insufficient_funds` when the fund lacks the money, with `reduction_pending` while a reduction waits, and
/// with `already_posted` while an earlier reservation of the same cause on the same fund is unresolved.
pub fn reserve(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    fund: FundId,
    case: CaseId,
    amount: Fen,
    cause: Cause<'_>,
) -> Result<HoldId> {
    let movement = Movement::reservation(amount)?;
    for earlier in store::reservations_of(tx, tenant, fund, &cause)? {
        if earlier.remaining()? > Fen::ZERO {
            return Err(ALREADY_POSTED.because(words!(
                "该事由的预留 {0} 尚未了结",
                "the reservation {0} of this cause is unresolved",
                earlier.id
            )));
        }
    }
    rules::may_hold(&store::pending_reductions(tx, fund)?)?;
    let row = new_hold(tx, tenant, fund, case, HoldKind::Reservation, amount, cause);
    open(tx, by, &row, cause, &movement)?;
    Ok(row.id)
}

/// reserved → committed, out of a reservation; makes the commitment. Refuses with `hold_exceeded` when the reservation has less left.
pub fn commit(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, reservation: HoldId, amount: Fen, cause: Cause<'_>) -> Result<HoldId> {
    let before = load(tx, tenant, reservation)?;
    let movement = Movement::commitment(amount)?;
    let after = rules::draw(&before, HoldKind::Reservation, amount)?;
    post(tx, &Desk::of(&before, by, cause), &movement)?;
    store::update_hold(tx, &after)?;
    let row = new_hold(tx, tenant, before.fund_id, before.case_id, HoldKind::Commitment, amount, cause);
    store::insert_hold(tx, &row)?;
    Ok(row.id)
}

/// free → committed, without a reservation: a later year's part whose appropriation arrived, or a commitment from another fund.
pub fn commit_free(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    fund: FundId,
    case: CaseId,
    amount: Fen,
    cause: Cause<'_>,
) -> Result<HoldId> {
    let movement = Movement::direct_commitment(amount)?;
    rules::may_hold(&store::pending_reductions(tx, fund)?)?;
    let row = new_hold(tx, tenant, fund, case, HoldKind::Commitment, amount, cause);
    open(tx, by, &row, cause, &movement)?;
    Ok(row.id)
}

/// The whole remainder of a reservation or commitment → free; gives the remainder back. Nothing left is no error and no posting.
pub fn release(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, hold: HoldId, cause: Cause<'_>) -> Result<Fen> {
    let before = load(tx, tenant, hold)?;
    let (after, remainder) = rules::let_go(&before)?;
    if remainder > Fen::ZERO {
        post(tx, &Desk::of(&before, by, cause), &Movement::release(before.kind, remainder)?)?;
        store::update_hold(tx, &after)?;
    }
    Ok(remainder)
}

/// A part of what a commitment has left → free. Refuses with `hold_exceeded` when less is left.
pub fn release_part(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    commitment: HoldId,
    amount: Fen,
    cause: Cause<'_>,
) -> Result<PostingId> {
    let before = load(tx, tenant, commitment)?;
    let movement = Movement::release(before.kind, amount)?;
    let after = rules::let_part_go(&before, amount)?;
    let posting = post(tx, &Desk::of(&before, by, cause), &movement)?;
    store::update_hold(tx, &after)?;
    Ok(posting)
}

/// The whole remainder of a commitment leaves its fund for another year's (结转); gives the new commitment and what was carried. Refuses
/// with `hold_exceeded` when nothing is left. The causes are the two linked documents: the one that leaves and the one that comes.
pub fn carry(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    hold: HoldId,
    to: FundId,
    (out, into): (Cause<'_>, Cause<'_>),
) -> Result<(HoldId, Fen)> {
    let before = load(tx, tenant, hold)?;
    rules::draw(&before, HoldKind::Commitment, Fen::new(1))?;
    let (after, remainder) = rules::let_go(&before)?;
    post(tx, &Desk::of(&before, by, out), &Movement::carry_out(remainder)?)?;
    store::update_hold(tx, &after)?;
    let origin = Cause { kind: &before.cause_kind, id: before.cause_id };
    let row = new_hold(tx, tenant, to, before.case_id, HoldKind::Commitment, remainder, origin);
    open(tx, by, &row, into, &Movement::carry_in(remainder)?)?;
    Ok((row.id, remainder))
}

/// An acceptance under the commitment: the outstanding advance is cleared first (advanced → paid), the rest becomes payable
/// (committed → payable). Gives what was cleared. Refuses with `hold_exceeded` when less is left.
pub fn accept(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, commitment: HoldId, amount: Fen, cause: Cause<'_>) -> Result<Fen> {
    let before = load(tx, tenant, commitment)?;
    Movement::acceptance(amount)?;
    let position = store::position(tx, &before)?;
    rules::has(&before, position.acceptable()?, amount)?;
    let (cleared, desk) = (position.advanced.min(amount), Desk::of(&before, by, cause));
    if cleared > Fen::ZERO {
        post(tx, &desk, &Movement::clearing(cleared)?)?;
    }
    let rest = amount.minus(cleared)?;
    if rest > Fen::ZERO {
        let after = rules::draw(&before, HoldKind::Commitment, rest)?;
        post(tx, &desk, &Movement::acceptance(rest)?)?;
        store::update_hold(tx, &after)?;
    }
    Ok(cleared)
}

/// committed → advanced: money paid before acceptance. Refuses with `hold_exceeded` and `monthly_ceiling`.
pub fn advance(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, commitment: HoldId, amount: Fen, slip: Slip<'_>) -> Result<PostingId> {
    let before = load(tx, tenant, commitment)?;
    let movement = Movement::advance(amount)?;
    let after = rules::draw(&before, HoldKind::Commitment, amount)?;
    within_month(tx, before.fund_id, amount)?;
    let posting = post(tx, &Desk::of(&before, by, slip.cause).with(slip.reference), &movement)?;
    store::update_hold(tx, &after)?;
    Ok(posting)
}

/// payable → paid. Refuses with `hold_exceeded` when less was accepted under the commitment and is unpaid, and with `monthly_ceiling`.
pub fn pay(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, commitment: HoldId, amount: Fen, slip: Slip<'_>) -> Result<PostingId> {
    let row = load(tx, tenant, commitment)?;
    let movement = Movement::payment(amount)?;
    let position = store::position(tx, &row)?;
    rules::has(&row, position.payable, amount)?;
    within_month(tx, row.fund_id, amount)?;
    post(tx, &Desk::of(&row, by, slip.cause).with(slip.reference), &movement)
}

/// 退票: a payment came back from the bank, paid → payable.
pub fn bounce(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, commitment: HoldId, amount: Fen, slip: Slip<'_>) -> Result<PostingId> {
    let row = load(tx, tenant, commitment)?;
    let movement = Movement::bounce(amount)?;
    let position = store::position(tx, &row)?;
    rules::has(&row, position.paid, amount)?;
    post(tx, &Desk::of(&row, by, slip.cause).with(slip.reference), &movement)
}

/// 退票 of an advance, advanced → committed.
pub fn bounce_advance(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    commitment: HoldId,
    amount: Fen,
    slip: Slip<'_>,
) -> Result<PostingId> {
    let before = load(tx, tenant, commitment)?;
    let movement = Movement::bounce_of_advance(amount)?;
    let position = store::position(tx, &before)?;
    rules::has(&before, position.advanced, amount)?;
    let after = rules::give_back(&before, amount)?;
    let posting = post(tx, &Desk::of(&before, by, slip.cause).with(slip.reference), &movement)?;
    store::update_hold(tx, &after)?;
    Ok(posting)
}

/// The payee gives money back: paid → free in the fund's own year, paid → returned after it. Refuses with `hold_exceeded` when less was paid.
pub fn refund(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, commitment: HoldId, amount: Fen, slip: Slip<'_>) -> Result<PostingId> {
    let row = load(tx, tenant, commitment)?;
    let same_year = store::terms(tx, row.fund_id)?.year >= tx.now().date_in_shanghai().year();
    let movement = Movement::refund(amount, same_year)?;
    let position = store::position(tx, &row)?;
    rules::has(&row, position.paid, amount)?;
    post(tx, &Desk::of(&row, by, slip.cause).with(slip.reference), &movement)
}

/// Where the money of a commitment stands.
pub fn position(db: &mut Db, hold: &HoldRow) -> Result<Position> {
    store::position(db, hold)
}

fn within_month(tx: &mut Tx<'_>, fund: FundId, amount: Fen) -> Result<()> {
    let terms = store::terms(tx, fund)?;
    if terms.monthly_ceiling.is_none() {
        return Ok(());
    }
    let today = tx.now().date_in_shanghai();
    let first = today.with_day(1).ok_or_else(|| Error::internal(format!("{today} has no month")))?;
    let paid = store::paid_out_since(tx, fund, UtcInstant::start_of_shanghai_day(first))?;
    rules::within_month(terms.monthly_ceiling, paid, amount)
}

/// Gives what is free to the pending reductions, oldest first.
fn settle(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, fund: FundId) -> Result<()> {
    for pending in store::pending_reductions(tx, fund)? {
        let free = store::balances(tx, fund)?.free;
        let taken = rules::taken(free, pending.outstanding()?);
        if taken == Fen::ZERO {
            break;
        }
        let cause = Cause { kind: APPROPRIATION, id: pending.appropriation_id.any() };
        write(tx, &Desk::of_fund(by, tenant, fund, cause), &Movement::reduction(taken)?)?;
        let settled = pending.settled.plus(taken)?;
        store::settle_reduction(tx, &ReductionRow { settled, ..pending })?;
        let (action, resource, content) = ("fund.reduction_settled", pending.appropriation_id.any(), json!({"settled_fen": settled}));
        journal::record(tx, &Event { tenant, action, kind: APPROPRIATION, resource, version: 1, case: None, content })?;
    }
    Ok(())
}

fn load(tx: &mut Tx<'_>, tenant: TenantId, hold: HoldId) -> Result<HoldRow> {
    store::hold(tx, tenant, hold)?.ok_or_else(|| error::NOT_FOUND.error())
}

fn new_hold(tx: &mut Tx<'_>, tenant: TenantId, fund: FundId, case: CaseId, kind: HoldKind, amount: Fen, cause: Cause<'_>) -> HoldRow {
    HoldRow {
        id: tx.new_id(),
        tenant_id: tenant,
        fund_id: fund,
        case_id: case,
        kind,
        cause_kind: cause.kind.to_owned(),
        cause_id: cause.id,
        amount,
        used: Fen::ZERO,
        released: Fen::ZERO,
        created_at: tx.now(),
    }
}

/// Stores a new hold with its posting; the posting refers to the hold, so the hold comes first.
fn open(tx: &mut Tx<'_>, by: AccountId, row: &HoldRow, cause: Cause<'_>, movement: &Movement) -> Result<PostingId> {
    store::touch_fund(tx, row.tenant_id, row.fund_id)?;
    store::insert_hold(tx, row)?;
    write(tx, &Desk::of(row, by, cause), movement)
}

fn post(tx: &mut Tx<'_>, desk: &Desk<'_>, movement: &Movement) -> Result<PostingId> {
    store::touch_fund(tx, desk.tenant, desk.fund)?;
    if store::is_posted(tx, (desk.tenant, desk.fund), movement.kind, &desk.cause, desk.hold)? {
        let (kind, cause) = (movement.kind, desk.cause);
        return Err(ALREADY_POSTED.because(words!("{kind}，{0} {1}", "{kind} for {0} {1}", cause.kind, cause.id)));
    }
    let posting = write(tx, desk, movement)?;
    if movement.to == LedgerAccount::Free {
        settle(tx, desk.by, desk.tenant, desk.fund)?;
    }
    Ok(posting)
}

/// Balances, posting, legs and journal entry of one movement.
fn write(tx: &mut Tx<'_>, desk: &Desk<'_>, movement: &Movement) -> Result<PostingId> {
    let before = store::balances(tx, desk.fund)?;
    let after = rules::apply(&before, movement)?;
    let posting = PostingRow {
        id: tx.new_id(),
        tenant_id: desk.tenant,
        fund_id: desk.fund,
        kind: movement.kind,
        at: tx.now(),
        case_id: desk.case,
        cause_kind: desk.cause.kind.to_owned(),
        cause_id: desk.cause.id,
        hold_id: desk.hold,
        made_by: desk.by,
        reference: desk.reference.map(str::to_owned),
    };
    let legs = movement.legs()?.map(|(account, amount)| LegRow { posting_id: posting.id, account, fund_id: desk.fund, amount });
    for leg in &legs {
        store::set_balance(tx, desk.fund, leg.account, after.of(leg.account))?;
    }
    store::insert_posting(tx, &posting, &legs)?;
    record(tx, &posting, movement)?;
    Ok(posting.id)
}

fn record(tx: &mut Tx<'_>, posting: &PostingRow, movement: &Movement) -> Result<()> {
    let content = json!({
        "kind": posting.kind, "fund_id": posting.fund_id, "from": movement.from, "to": movement.to, "amount_fen": movement.amount,
        "hold_id": posting.hold_id, "cause_kind": posting.cause_kind, "cause_id": posting.cause_id, "reference": posting.reference,
    });
    journal::record(
        tx,
        &Event {
            tenant: posting.tenant_id,
            action: "ledger.posted",
            kind: "posting",
            resource: posting.id.any(),
            version: 1,
            case: posting.case_id,
            content,
        },
    )?;
    Ok(())
}
