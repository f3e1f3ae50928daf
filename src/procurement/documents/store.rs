//! Rows of the documents in the database. Every query is scoped by tenant or by a tender that was.

use diesel::prelude::*;

use super::model::*;
use crate::db::schema::{
    document_receipts, forbidden_patterns, lint_overrulings, lot_terms, questions, site_visits, tender_amendments, tender_terms,
    visit_registrations,
};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{LotId, OrganisationId, QuestionId, SiteVisitId, TenantId, TenderAmendmentId, TenderId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;
use crate::people::policy::{District, Subject};

/// The terms of a tender that hold as of an amendment.
pub fn tender_terms(db: &mut Db, tender: TenderId, amendment: i32) -> Result<Option<TenderTermsRow>> {
    let rows = tender_terms::table.filter(tender_terms::tender_id.eq(tender).and(tender_terms::amendment.le(amendment)));
    Ok(rows.order(tender_terms::amendment.desc()).first(db).optional()?)
}

/// The terms of a lot that hold as of an amendment.
pub fn lot_terms(db: &mut Db, lot: LotId, amendment: i32) -> Result<Option<LotTermsRow>> {
    let rows = lot_terms::table.filter(lot_terms::lot_id.eq(lot).and(lot_terms::amendment.le(amendment)));
    Ok(rows.order(lot_terms::amendment.desc()).first(db).optional()?)
}

pub fn put_tender_terms<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &TenderTermsRow) -> Result<()> {
    let same = tender_terms::tender_id.eq(row.tender_id).and(tender_terms::amendment.eq(row.amendment));
    diesel::delete(tender_terms::table.filter(same)).execute(&mut **tx)?;
    diesel::insert_into(tender_terms::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn put_lot_terms<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &LotTermsRow) -> Result<()> {
    let same = lot_terms::lot_id.eq(row.lot_id).and(lot_terms::amendment.eq(row.amendment));
    diesel::delete(lot_terms::table.filter(same)).execute(&mut **tx)?;
    diesel::insert_into(lot_terms::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn patterns(db: &mut Db, tenant: TenantId) -> Result<Vec<PatternRow>> {
    Ok(forbidden_patterns::table.filter(forbidden_patterns::tenant_id.eq(tenant)).order(forbidden_patterns::position).load(db)?)
}

pub fn replace_patterns(tx: &mut Tx<'_>, granted: &Authorized<District>, rows: &[PatternRow]) -> Result<()> {
    let tenant = granted.subject().0;
    diesel::delete(forbidden_patterns::table.filter(forbidden_patterns::tenant_id.eq(tenant))).execute(&mut **tx)?;
    for row in rows {
        diesel::insert_into(forbidden_patterns::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn overrulings(db: &mut Db, tender: TenderId) -> Result<Vec<OverrulingRow>> {
    let rows = lint_overrulings::table.filter(lint_overrulings::tender_id.eq(tender));
    Ok(rows.order((lint_overrulings::overruled_at, lint_overrulings::id)).load(db)?)
}

pub fn insert_overruling<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &OverrulingRow) -> Result<()> {
    diesel::insert_into(lint_overrulings::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn find_question(db: &mut Db, tenant: TenantId, id: QuestionId) -> Result<Option<QuestionRow>> {
    Ok(questions::table.filter(questions::tenant_id.eq(tenant).and(questions::id.eq(id))).first(db).optional()?)
}

/// Questions of a tender, oldest first: all, or those answered and `own`'s.
pub fn questions(
    db: &mut Db,
    tender: TenderId,
    all: bool,
    own: Option<OrganisationId>,
    after: Option<(UtcInstant, QuestionId)>,
    rows: i64,
) -> Result<Vec<QuestionRow>> {
    let mut query = questions::table.filter(questions::tender_id.eq(tender)).into_boxed::<Backend>();
    if !all {
        query = match own {
            Some(own) => query.filter(questions::state.eq(QuestionState::Answered).or(questions::organisation_id.eq(own))),
            None => query.filter(questions::state.eq(QuestionState::Answered)),
        };
    }
    if let Some((at, id)) = after {
        query = query.filter(questions::asked_at.gt(at).or(questions::asked_at.eq(at).and(questions::id.gt(id))));
    }
    Ok(query.order((questions::asked_at, questions::id)).limit(rows).load(db)?)
}

pub fn insert_question<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &QuestionRow) -> Result<()> {
    diesel::insert_into(questions::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn answer(tx: &mut Tx<'_>, granted: &Authorized<QuestionFile>, published_as: Option<&str>, answer: &str) -> Result<QuestionRow> {
    let now = tx.now();
    Ok(diesel::update(questions::table.find(granted.subject().question.id))
        .set((
            questions::state.eq(QuestionState::Answered),
            questions::published_as.eq(published_as),
            questions::answer.eq(Some(answer)),
            questions::answered_by.eq(granted.person()),
            questions::answered_at.eq(Some(now)),
            questions::version.eq(one_more(questions::version)),
        ))
        .returning(questions::all_columns)
        .get_result(&mut **tx)?)
}

pub fn askers(db: &mut Db, tender: TenderId) -> Result<Vec<OrganisationId>> {
    Ok(questions::table.filter(questions::tender_id.eq(tender)).select(questions::organisation_id).distinct().load(db)?)
}

pub fn find_visit(db: &mut Db, tenant: TenantId, id: SiteVisitId) -> Result<Option<VisitRow>> {
    Ok(site_visits::table.filter(site_visits::tenant_id.eq(tenant).and(site_visits::id.eq(id))).first(db).optional()?)
}

/// The site visits of a tender, at most 100.
pub fn visits(db: &mut Db, tender: TenderId) -> Result<Vec<VisitRow>> {
    let rows = site_visits::table.filter(site_visits::tender_id.eq(tender));
    Ok(rows.order((site_visits::held_at, site_visits::id)).limit(100).load(db)?)
}

pub fn insert_visit<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &VisitRow) -> Result<()> {
    diesel::insert_into(site_visits::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn registrations(db: &mut Db, visit: SiteVisitId) -> Result<Vec<RegistrationRow>> {
    let rows = visit_registrations::table.filter(visit_registrations::visit_id.eq(visit));
    Ok(rows.order(visit_registrations::organisation_id).load(db)?)
}

/// Puts the organisation's registration in place of the one before.
pub fn put_registration<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &RegistrationRow) -> Result<()> {
    let same = visit_registrations::visit_id.eq(row.visit_id).and(visit_registrations::organisation_id.eq(row.organisation_id));
    diesel::delete(visit_registrations::table.filter(same)).execute(&mut **tx)?;
    diesel::insert_into(visit_registrations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn receipt(db: &mut Db, tender: TenderId, organisation: OrganisationId) -> Result<Option<ReceiptRow>> {
    Ok(document_receipts::table.find((tender, organisation)).first(db).optional()?)
}

pub fn receipts(db: &mut Db, tender: TenderId) -> Result<Vec<ReceiptRow>> {
    let rows = document_receipts::table.filter(document_receipts::tender_id.eq(tender));
    Ok(rows.order((document_receipts::obtained_at, document_receipts::organisation_id)).load(db)?)
}

/// The caller holds the proof of the step in which the documents were obtained.
pub fn insert_receipt(tx: &mut Tx<'_>, row: &ReceiptRow) -> Result<()> {
    diesel::insert_into(document_receipts::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn find_amendment(db: &mut Db, tenant: TenantId, id: TenderAmendmentId) -> Result<Option<AmendmentRow>> {
    let rows = tender_amendments::table.filter(tender_amendments::tenant_id.eq(tenant).and(tender_amendments::id.eq(id)));
    Ok(rows.first(db).optional()?)
}

/// The clarifications and amendments of a tender in the order they were written, at most 100.
pub fn amendments(db: &mut Db, tender: TenderId, states: &[AmendmentState]) -> Result<Vec<AmendmentRow>> {
    let rows = tender_amendments::table
        .filter(tender_amendments::tender_id.eq(tender).and(tender_amendments::state.eq_any(states.to_vec())))
        .order((tender_amendments::written_at, tender_amendments::id));
    Ok(rows.limit(100).load(db)?)
}

/// Numbers of the published amendments that made earlier bids stale.
pub fn stale_makers(db: &mut Db, tender: TenderId) -> Result<Vec<i32>> {
    let numbers: Vec<Option<i32>> = tender_amendments::table
        .filter(tender_amendments::tender_id.eq(tender).and(tender_amendments::rebids.eq(true)))
        .select(tender_amendments::number)
        .load(db)?;
    Ok(numbers.into_iter().flatten().collect())
}

pub fn insert_amendment<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &AmendmentRow) -> Result<()> {
    diesel::insert_into(tender_amendments::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn save_amendment<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &AmendmentRow) -> Result<()> {
    diesel::update(tender_amendments::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
