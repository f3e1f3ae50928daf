//! Reads a case from every context's tables. One query a section; nothing here writes.

use std::collections::BTreeMap;

use chrono::Datelike as _;
use diesel::prelude::*;

use super::policy::Case;
use super::view::*;
use super::{delivery, origin, outcome};
use crate::db::Db;
use crate::db::schema::{
    accounts, awards, bids, catalogue_items, contracts, documents, funding_lines, lots, opened_bids, organisations, payment_legs, payments,
    plans, posting_legs, postings, rankings, tenders, units,
};
use crate::kernel::id::{AccountId, BidId, CaseId, ContractId, PaymentId, PostingId, TenantId, TenderId, UnitId};
use crate::kernel::{Fen, Result, UtcInstant};
use crate::trust::journal;

/// Most rows of one section; far above what a case has.
pub(super) const ROWS_MAX: i64 = 10_000;
/// Kinds of journal entries that would tell before the opening who bids.
pub(crate) const SEALED_KINDS: &[&str] = &["bid", "bond", "document_receipt"];
/// Kinds of journal entries that would tell who asked or who came to a site visit: never shown here.
pub(crate) const ANONYMOUS_KINDS: &[&str] = &["asked_question", "visit_registration"];

/// The case as a subject: it begins with its plan, or with its tender when it has none.
pub fn case(db: &mut Db, tenant: TenantId, id: CaseId) -> Result<Option<Case>> {
    let planned: Option<(UtcInstant, UnitId)> = plans::table
        .filter(plans::tenant_id.eq(tenant).and(plans::case_id.eq(id)))
        .order((plans::created_at, plans::id))
        .select((plans::created_at, plans::unit_id))
        .first(db)
        .optional()?;
    let tendered: Option<(UtcInstant, UnitId)> = tenders::table
        .filter(tenders::tenant_id.eq(tenant).and(tenders::case_id.eq(id)))
        .order((tenders::created_at, tenders::id))
        .select((tenders::created_at, tenders::unit_id))
        .first(db)
        .optional()?;
    let first = planned.into_iter().chain(tendered).min_by_key(|(at, _)| *at);
    Ok(first.map(|(at, unit)| Case { id, tenant, unit, year: at.date_in_shanghai().year() }))
}

/// The whole file.
pub fn file(db: &mut Db, case: Case) -> Result<CaseFile> {
    let tenders = tenders_of(db, case)?;
    // Bids are shown tender by tender; events of bids, which do not name theirs, once nothing of the case is sealed any more.
    let opened: Vec<TenderId> = tenders.iter().filter(|tender| tender.opened_at.is_some()).map(|tender| tender.id).collect();
    let nothing_sealed = tenders.iter().all(|tender| tender.bid_deadline.is_none() || tender.opened_at.is_some());
    let funding = funding_of(db, case)?;
    Ok(CaseFile {
        case_id: case.id,
        plans: origin::plans_of(db, case)?,
        challenges: origin::challenges_of(db, case, &opened)?,
        lots: lots_of(db, case)?,
        bids: bids_of(db, case, &opened)?,
        awards: awards_of(db, case)?,
        contracts: contracts_of(db, case, &funding)?,
        projects: outcome::projects_of(db, case)?,
        postings: postings_of(db, case)?,
        documents: documents_of(db, case)?,
        history: history(db, case, nothing_sealed)?,
        tenders,
        funding,
    })
}

fn tenders_of(db: &mut Db, case: Case) -> Result<Vec<CaseTender>> {
    let rows = tenders::table
        .inner_join(units::table)
        .inner_join(catalogue_items::table)
        .filter(tenders::tenant_id.eq(case.tenant).and(tenders::case_id.eq(case.id)))
        .order((tenders::created_at, tenders::id))
        .limit(ROWS_MAX)
        .select((
            (tenders::id, tenders::unit_id, units::name_zh, tenders::rule_set_id, tenders::title),
            (tenders::catalogue_item_id, catalogue_items::code, catalogue_items::name_zh, catalogue_items::origin),
            (tenders::mode, tenders::procedure, tenders::state, tenders::published_at, tenders::bid_deadline, tenders::opened_at),
        ))
        .load::<((_, _, _, _, String), (_, _, String, String), (String, String, String, _, _, _))>(db)?;
    Ok(rows
        .into_iter()
        .map(
            |(
                (id, unit_id, unit_name_zh, rule_set_id, title),
                (catalogue_item_id, catalogue_code, catalogue_name_zh, catalogue_origin),
                rest,
            )| {
                let (mode, procedure, state, published_at, bid_deadline, opened_at) = rest;
                CaseTender {
                    id,
                    unit_id,
                    unit_name_zh,
                    catalogue_item_id,
                    catalogue_code,
                    catalogue_name_zh,
                    catalogue_origin,
                    rule_set_id,
                    title,
                    mode,
                    procedure,
                    state,
                    published_at,
                    bid_deadline,
                    opened_at,
                }
            },
        )
        .collect())
}

fn funding_of(db: &mut Db, case: Case) -> Result<Vec<CaseFunding>> {
    let rows = funding_lines::table
        .filter(funding_lines::tenant_id.eq(case.tenant).and(funding_lines::case_id.eq(case.id)))
        .order((funding_lines::created_at, funding_lines::position, funding_lines::id))
        .limit(ROWS_MAX)
        .select((
            (funding_lines::id, funding_lines::owner_kind, funding_lines::owner_id, funding_lines::fund_id),
            (funding_lines::stream, funding_lines::year, funding_lines::amount_fen, funding_lines::state),
        ))
        .load::<((_, String, _, _), (String, i32, Fen, String))>(db)?;
    Ok(rows
        .into_iter()
        .map(|((id, owner_kind, owner_id, fund_id), (stream, year, amount, state))| CaseFunding {
            id,
            owner_kind,
            owner_id,
            fund_id,
            stream,
            year,
            amount: amount.into(),
            state,
        })
        .collect())
}

fn lots_of(db: &mut Db, case: Case) -> Result<Vec<CaseLot>> {
    let rows = lots::table
        .filter(lots::tenant_id.eq(case.tenant).and(lots::case_id.eq(case.id)))
        .order(lots::number)
        .limit(ROWS_MAX)
        .select((lots::id, lots::title, lots::ceiling_fen, lots::state, lots::failed_because))
        .load::<(_, String, Fen, String, Option<String>)>(db)?;
    Ok(rows
        .into_iter()
        .map(|(id, title, ceiling, state, failed_because)| CaseLot { id, title, ceiling: ceiling.into(), state, failed_because })
        .collect())
}

fn bids_of(db: &mut Db, case: Case, opened: &[TenderId]) -> Result<Vec<CaseBid>> {
    let rows = bids::table
        .inner_join(organisations::table)
        .filter(bids::tenant_id.eq(case.tenant).and(bids::case_id.eq(case.id)).and(bids::tender_id.eq_any(opened)))
        .order((bids::received_at, bids::id))
        .limit(ROWS_MAX)
        .select((
            (bids::id, bids::lot_id, bids::organisation_id, organisations::name_zh, bids::state),
            (bids::invalid_because, bids::sealed_by, bids::received_at, bids::ciphertext_sha256),
        ))
        .load::<((BidId, _, _, String, String), (Option<String>, String, _, String))>(db)?;
    let ids: Vec<BidId> = rows.iter().map(|row| row.0.0).collect();
    let prices: BTreeMap<BidId, Fen> = opened_bids::table
        .filter(opened_bids::bid_id.eq_any(&ids))
        .select((opened_bids::bid_id, opened_bids::price_fen))
        .load(db)?
        .into_iter()
        .collect();
    let places: BTreeMap<BidId, (i32, i64)> = rankings::table
        .filter(rankings::bid_id.eq_any(&ids))
        .select((rankings::bid_id, (rankings::place, rankings::points_bp)))
        .load(db)?
        .into_iter()
        .collect();
    Ok(rows
        .into_iter()
        .map(
            |((id, lot_id, organisation_id, organisation_name_zh, state), (invalid_because, sealed_by, received_at, ciphertext_sha256))| {
                CaseBid {
                    price: prices.get(&id).map(|price| (*price).into()),
                    place: places.get(&id).map(|place| place.0),
                    points_bp: places.get(&id).map(|place| place.1),
                    id,
                    lot_id,
                    organisation_id,
                    organisation_name_zh,
                    state,
                    invalid_because,
                    sealed_by,
                    received_at,
                    ciphertext_sha256,
                }
            },
        )
        .collect())
}

fn awards_of(db: &mut Db, case: Case) -> Result<Vec<CaseAward>> {
    let rows = awards::table
        .filter(awards::tenant_id.eq(case.tenant).and(awards::case_id.eq(case.id)))
        .order((awards::created_at, awards::id))
        .limit(ROWS_MAX)
        .select((awards::id, awards::lot_id, awards::organisation_id, awards::price_fen, awards::state))
        .load::<(_, _, _, Fen, String)>(db)?;
    Ok(rows
        .into_iter()
        .map(|(id, lot_id, organisation_id, price, state)| CaseAward { id, lot_id, organisation_id, price: price.into(), state })
        .collect())
}

fn contracts_of(db: &mut Db, case: Case, lines: &[CaseFunding]) -> Result<Vec<CaseContract>> {
    let rows = contracts::table
        .filter(contracts::tenant_id.eq(case.tenant).and(contracts::case_id.eq(case.id)))
        .order((contracts::created_at, contracts::id))
        .limit(ROWS_MAX)
        .select((
            (contracts::id, contracts::award_id, contracts::organisation_id, contracts::title),
            (contracts::price_fen, contracts::starts_on, contracts::ends_on, contracts::state),
        ))
        .load::<((ContractId, _, _, String), (Fen, _, _, String))>(db)?;
    let mut files = Vec::new();
    for ((id, award_id, organisation_id, title), (price, starts_on, ends_on, state)) in rows {
        let funding = lines.iter().filter(|line| line.owner_id == id.any()).cloned().collect();
        let (milestones, payments) = (delivery::milestones_of(db, id)?, payments_of(db, id)?);
        files.push(CaseContract {
            id,
            award_id,
            organisation_id,
            title,
            price: price.into(),
            starts_on,
            ends_on,
            state,
            funding,
            milestones,
            payments,
            seals: delivery::seals_of(db, id)?,
            changes: delivery::changes_of(db, id)?,
            filings: delivery::filings_of(db, id)?,
            subcontracts: delivery::subcontracts_of(db, id)?,
            review: delivery::review_of(db, id)?,
        });
    }
    Ok(files)
}

fn payments_of(db: &mut Db, contract: ContractId) -> Result<Vec<CasePayment>> {
    let rows = payments::table
        .filter(payments::contract_id.eq(contract))
        .order((payments::created_at, payments::id))
        .limit(ROWS_MAX)
        .select((
            (payments::id, payments::milestone_id, payments::amount_fen, payments::invoice_number, payments::kind),
            (payments::state, payments::bank_reference, payments::paid_at),
        ))
        .load::<((PaymentId, _, Fen, String, String), (String, Option<String>, _))>(db)?;
    let ids: Vec<PaymentId> = rows.iter().map(|row| row.0.0).collect();
    let mut legs: BTreeMap<PaymentId, Vec<CasePaymentLeg>> = BTreeMap::new();
    let all = payment_legs::table
        .filter(payment_legs::payment_id.eq_any(&ids))
        .order((payment_legs::payment_id, payment_legs::line_id))
        .select((payment_legs::payment_id, payment_legs::line_id, payment_legs::amount_fen, payment_legs::refunded_fen))
        .load::<(PaymentId, _, Fen, Fen)>(db)?;
    for (payment, line_id, amount, refunded) in all {
        let leg = CasePaymentLeg { line_id, amount: amount.into(), refunded: refunded.into() };
        legs.entry(payment).or_default().push(leg);
    }
    Ok(rows
        .into_iter()
        .map(|((id, milestone_id, amount, invoice_number, kind), (state, bank_reference, paid_at))| CasePayment {
            legs: legs.remove(&id).unwrap_or_default(),
            kind,
            id,
            milestone_id,
            amount: amount.into(),
            invoice_number,
            state,
            bank_reference,
            paid_at,
        })
        .collect())
}

fn postings_of(db: &mut Db, case: Case) -> Result<Vec<CasePosting>> {
    let rows = postings::table
        .filter(postings::tenant_id.eq(case.tenant).and(postings::case_id.eq(Some(case.id))))
        .order((postings::at, postings::id))
        .limit(ROWS_MAX)
        .select((postings::id, postings::fund_id, postings::kind, postings::at, postings::cause_kind, postings::cause_id))
        .load::<(PostingId, _, String, _, String, _)>(db)?;
    let mut legs: BTreeMap<PostingId, Vec<CaseLeg>> = BTreeMap::new();
    let all = posting_legs::table
        .inner_join(postings::table)
        .filter(postings::case_id.eq(Some(case.id)))
        .order((posting_legs::posting_id, posting_legs::account))
        .select((posting_legs::posting_id, posting_legs::account, posting_legs::amount_fen))
        .load::<(PostingId, String, Fen)>(db)?;
    for (id, account, amount_fen) in all {
        legs.entry(id).or_default().push(CaseLeg { account, amount_fen });
    }
    Ok(rows
        .into_iter()
        .map(|(id, fund_id, kind, at, cause_kind, cause_id)| CasePosting {
            legs: legs.remove(&id).unwrap_or_default(),
            id,
            fund_id,
            kind,
            at,
            cause_kind,
            cause_id,
        })
        .collect())
}

fn documents_of(db: &mut Db, case: Case) -> Result<Vec<CaseDocument>> {
    let rows = documents::table
        .filter(documents::tenant_id.eq(case.tenant).and(documents::case_id.eq(Some(case.id))))
        .order((documents::created_at, documents::id))
        .limit(ROWS_MAX)
        .select((documents::id, documents::owner_kind, documents::owner_id, documents::purpose, documents::filename, documents::sha256))
        .load::<(_, String, _, String, String, String)>(db)?;
    Ok(rows
        .into_iter()
        .map(|(id, owner_kind, owner_id, purpose, filename, sha256)| CaseDocument { id, owner_kind, owner_id, purpose, filename, sha256 })
        .collect())
}

fn history(db: &mut Db, case: Case, nothing_sealed: bool) -> Result<Vec<CaseEvent>> {
    let mut entries = journal::of_case(db, case.tenant, case.id, ROWS_MAX)?;
    // Until the opening nobody may learn that a bid exists.
    entries.retain(|entry| {
        let kind = entry.resource_kind.as_str();
        !ANONYMOUS_KINDS.contains(&kind) && (nothing_sealed || !SEALED_KINDS.contains(&kind))
    });
    let actors: Vec<AccountId> = entries.iter().filter_map(|entry| entry.actor_id).collect();
    let names: BTreeMap<AccountId, String> = accounts::table
        .filter(accounts::tenant_id.eq(case.tenant).and(accounts::id.eq_any(actors)))
        .select((accounts::id, accounts::name))
        .load(db)?
        .into_iter()
        .collect();
    Ok(entries
        .into_iter()
        .map(|entry| CaseEvent {
            actor_name: entry.actor_id.and_then(|id| names.get(&id).cloned()),
            entry_id: entry.id,
            at: entry.at,
            action: entry.action,
            resource_kind: entry.resource_kind,
            resource_id: entry.resource_id,
            resource_version: entry.resource_version,
            actor_id: entry.actor_id,
            leaf_hash: hex::encode(entry.leaf_hash),
        })
        .collect())
}
