//! Payment rows in the database. Every query is scoped by tenant; what changes a row is called by the service alone, which holds the proof.

use std::collections::BTreeMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{PaymentEventKind, PaymentEventRow, PaymentFilter, PaymentKind, PaymentRow, PaymentState};
use crate::db::schema::{fund_terms, funding_lines, funds, organisations, payment_events, payment_legs, payments, postings};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{ContractId, FundingLineId, MilestoneId, OrganisationId, PaymentEventId, PaymentId, TenantId, UnitId};
use crate::kernel::{Fen, Result, UtcInstant};
use crate::money::funding::Leg;
use crate::money::funds::Custodian;
use crate::money::ledger::PostingKind;
use crate::people::Scope;
use crate::people::scope::seen;

pub fn find(db: &mut Db, tenant: TenantId, id: PaymentId) -> Result<Option<PaymentRow>> {
    Ok(payments::table.filter(payments::tenant_id.eq(tenant).and(payments::id.eq(id))).first(db).optional()?)
}

/// Whether the milestone has a claim of this kind that was not returned.
pub fn is_claimed(db: &mut Db, tenant: TenantId, milestone: MilestoneId, kind: PaymentKind) -> Result<bool> {
    let live = payments::tenant_id.eq(tenant).and(payments::milestone_id.eq(milestone)).and(payments::state.ne(PaymentState::Returned));
    Ok(payments::table.filter(live.and(payments::kind.eq(kind))).count().get_result::<i64>(db)? > 0)
}

/// Whether an advance of the contract is claimed and neither paid nor sent back; one that bounced came back.
pub fn advance_under_way(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<bool> {
    let settled = [PaymentState::Paid, PaymentState::Returned, PaymentState::Bounced];
    let live = payments::tenant_id.eq(tenant).and(payments::contract_id.eq(contract)).and(payments::kind.eq(PaymentKind::Advance));
    Ok(payments::table.filter(live.and(payments::state.ne_all(settled))).count().get_result::<i64>(db)? > 0)
}

/// Whether the invoice is used by a payment that was not returned, whoever claimed it. One that is named without its code is taken for every invoice of its
/// number, so that leaving out the code makes no second invoice of it.
pub fn is_invoice_used(db: &mut Db, tenant: TenantId, code: &str, number: &str) -> Result<bool> {
    let live = payments::tenant_id.eq(tenant).and(payments::invoice_number.eq(number)).and(payments::state.ne(PaymentState::Returned));
    let codes: Vec<String> = payments::table.filter(live).select(payments::invoice_code).load(db)?;
    Ok(codes.iter().any(|used| used == code || used.is_empty() || code.is_empty()))
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
        query = query.filter(seen!(scope, payments, made: created_at).or(payments::organisation_id.eq(scope.organisation)));
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

/// The legs of these payments, in the order of their lines.
pub fn legs_of(db: &mut Db, ids: &[PaymentId]) -> Result<BTreeMap<PaymentId, Vec<Leg>>> {
    let rows: Vec<(PaymentId, FundingLineId, Fen)> = payment_legs::table
        .inner_join(funding_lines::table)
        .filter(payment_legs::payment_id.eq_any(ids))
        .order((funding_lines::position, funding_lines::id))
        .select((payment_legs::payment_id, payment_legs::line_id, payment_legs::amount_fen))
        .load(db)?;
    let mut legs: BTreeMap<PaymentId, Vec<Leg>> = BTreeMap::new();
    for (payment, line, amount) in rows {
        legs.entry(payment).or_default().push((line, amount));
    }
    Ok(legs)
}

/// What approved payments of a contract, still to be paid, will take from each line. A bounced advance came back: it takes what is there when it is
/// paid again.
pub fn promised(db: &mut Db, tenant: TenantId, contract: ContractId, kind: PaymentKind) -> Result<Vec<Leg>> {
    let states: &[PaymentState] = match kind {
        PaymentKind::Milestone => PaymentState::PROMISED,
        PaymentKind::Advance => &[PaymentState::Approved, PaymentState::Instructed],
    };
    let waiting = payments::state.eq_any(states).and(payments::kind.eq(kind));
    Ok(payment_legs::table
        .inner_join(payments::table)
        .filter(payments::tenant_id.eq(tenant).and(payments::contract_id.eq(contract)))
        .filter(waiting)
        .select((payment_legs::line_id, payment_legs::amount_fen))
        .load(db)?)
}

/// Stores the legs that an approval fixed.
pub fn insert_legs(tx: &mut Tx<'_>, payment: PaymentId, legs: &[Leg]) -> Result<()> {
    for (line, amount) in legs {
        diesel::insert_into(payment_legs::table)
            .values((
                payment_legs::payment_id.eq(payment),
                payment_legs::line_id.eq(*line),
                payment_legs::amount_fen.eq(*amount),
                payment_legs::refunded_fen.eq(Fen::ZERO),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Adds to what of each leg was given back.
pub fn refund_legs(tx: &mut Tx<'_>, payment: PaymentId, legs: &[Leg]) -> Result<()> {
    for (line, amount) in legs {
        let one = payment_legs::table.find((payment, *line));
        let before: Fen = one.select(payment_legs::refunded_fen).first(&mut **tx)?;
        diesel::update(one).set(payment_legs::refunded_fen.eq(before.plus(*amount)?)).execute(&mut **tx)?;
    }
    Ok(())
}

/// What of each leg was not given back, in the order of the lines.
pub fn kept(db: &mut Db, payment: PaymentId) -> Result<Vec<Leg>> {
    let rows: Vec<(FundingLineId, Fen, Fen)> = payment_legs::table
        .inner_join(funding_lines::table)
        .filter(payment_legs::payment_id.eq(payment))
        .order((funding_lines::position, funding_lines::id))
        .select((payment_legs::line_id, payment_legs::amount_fen, payment_legs::refunded_fen))
        .load(db)?;
    rows.into_iter().map(|(line, amount, refunded)| Ok((line, amount.minus(refunded)?))).collect()
}

pub fn insert_event(tx: &mut Tx<'_>, row: &PaymentEventRow) -> Result<()> {
    diesel::insert_into(payment_events::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// What happened to a payment after the bank was told, oldest first, at most `rows`.
pub fn events(db: &mut Db, payment: PaymentId, rows: i64) -> Result<Vec<PaymentEventRow>> {
    let of = payment_events::table.filter(payment_events::payment_id.eq(payment));
    Ok(of.order((payment_events::created_at, payment_events::id)).limit(rows).load(db)?)
}

/// The bounce that took a paid payment back, after which it was not paid again. One that came before any receipt took nothing back and is not meant.
pub fn open_bounce(db: &mut Db, payment: PaymentId) -> Result<Option<PaymentEventId>> {
    let took_back = postings::table.filter(postings::cause_id.eq(payment_events::id)).filter(postings::kind.eq(PostingKind::Bounce));
    let paid_again = postings::table
        .filter(postings::cause_id.eq(payment_events::id))
        .filter(postings::kind.eq_any([PostingKind::Payment, PostingKind::Advance]));
    Ok(payment_events::table
        .filter(payment_events::payment_id.eq(payment).and(payment_events::kind.eq(PaymentEventKind::Bounce)))
        .filter(diesel::dsl::exists(took_back))
        .filter(diesel::dsl::not(diesel::dsl::exists(paid_again)))
        .select(payment_events::id)
        .first(db)
        .optional()?)
}

/// Custodian and payer of the funds behind these lines.
pub fn custody(db: &mut Db, lines: &[FundingLineId]) -> Result<Vec<(Custodian, Option<UnitId>)>> {
    Ok(funding_lines::table
        .inner_join(funds::table.left_join(fund_terms::table))
        .filter(funding_lines::id.eq_any(lines))
        .select((funds::custodian, fund_terms::payer_unit_id.nullable()))
        .load(db)?)
}

/// Takes the legs away; the payment was sent back.
pub fn remove_legs(tx: &mut Tx<'_>, payment: PaymentId) -> Result<()> {
    diesel::delete(payment_legs::table.filter(payment_legs::payment_id.eq(payment))).execute(&mut **tx)?;
    Ok(())
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
