//! Use cases of the ledger. Each is one balanced posting on the caller's transaction; the caller holds the authorisation and says who asks.

use serde_json::json;

use super::model::{Balances, Cause, HoldKind, HoldRow, LegRow, PostingRow};
use super::rules::{self, ALREADY_POSTED, Movement};
use super::store;
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{AccountId, CaseId, FundId, HoldId, PostingId, TenantId};
use crate::kernel::{Fen, Result};
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
}

impl<'a> Desk<'a> {
    fn of(hold: &HoldRow, by: AccountId, cause: Cause<'a>) -> Self {
        Self { by, tenant: hold.tenant_id, fund: hold.fund_id, case: Some(hold.case_id), hold: Some(hold.id), cause }
    }
}

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

/// authority → free: an appropriation document arrived. The cause is posted once.
pub fn appropriate(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, fund: FundId, amount: Fen, cause: Cause<'_>) -> Result<PostingId> {
    post(tx, &Desk { by, tenant, fund, case: None, hold: None, cause }, &Movement::appropriation(amount)?)
}

/// free → reserved. Refuses with `insufficient_funds` when the fund lacks the money, and with `already_posted` while an earlier
/// reservation of the same cause on the same fund is unresolved.
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

/// committed → payable: something was accepted under the commitment. Refuses with `hold_exceeded` when less is left.
pub fn accept(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, commitment: HoldId, amount: Fen, cause: Cause<'_>) -> Result<PostingId> {
    let before = load(tx, tenant, commitment)?;
    let movement = Movement::acceptance(amount)?;
    let after = rules::draw(&before, HoldKind::Commitment, amount)?;
    let posting = post(tx, &Desk::of(&before, by, cause), &movement)?;
    store::update_hold(tx, &after)?;
    Ok(posting)
}

/// payable → paid. Refuses with `hold_exceeded` when less was accepted under the commitment and is unpaid.
pub fn pay(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, commitment: HoldId, amount: Fen, cause: Cause<'_>) -> Result<PostingId> {
    let row = load(tx, tenant, commitment)?;
    let movement = Movement::payment(amount)?;
    let paid = store::paid_on(tx, &row)?;
    rules::may_pay(&row, paid, amount)?;
    post(tx, &Desk::of(&row, by, cause), &movement)
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
    if store::is_posted(tx, desk.tenant, movement.kind, &desk.cause, desk.hold)? {
        let (kind, cause) = (movement.kind, desk.cause);
        return Err(ALREADY_POSTED.because(words!("{kind}，{0} {1}", "{kind} for {0} {1}", cause.kind, cause.id)));
    }
    write(tx, desk, movement)
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
        "hold_id": posting.hold_id, "cause_kind": posting.cause_kind, "cause_id": posting.cause_id,
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
