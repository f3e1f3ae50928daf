//! Use cases of terms and lint: written with the draft, looked at on every writing, decisive when the tender goes to review.

use chrono::NaiveDate;
use serde_json::json;

use super::lint::{self, Bench, Criterion, Found, Place};
use super::model::{LotTermsRow, OverrulingRow, PatternRow, TenderTermsRow, read, stored};
use super::terms::{LotTerms, PriceRule, TenderTerms, checked};
use super::words::{Pattern, standard};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::Fields;
use crate::kernel::id::{LotId, OrganisationId, TenantId, TenderId};
use crate::kernel::{Error, Result, error};
use crate::law::facts::{Bond, Criteria, Notice, Purchase};
use crate::law::{self, Facts, Finding, Gate};
use crate::parties::{organisations, regulations};
use crate::people::policy::{DUTIES_NOT_SEPARATE, District, authorize};
use crate::people::{Action, Actor, Authorized};
use crate::procurement::tenders::{self, CriterionKind, LotRow, Publication, Ranking, TenderRow, lots};
use crate::trust::journal::{self, Event};
use crate::web::table::{Imported, Table};
use crate::words;

/// Rules on bonds that the documents alone decide.
const BOND_RULES: &[&str] = &["R048", "R050"];
/// Most words that a district adds.
const PATTERNS_MAX: usize = 1000;

/// The tender of the lot, if the actor may do this to it.
pub fn may_at_lot(db: &mut Db, actor: &Actor, action: &'static Action, lot: LotId) -> Result<Authorized<TenderRow>> {
    authorize(actor, action, lots::load(db, actor.tenant, lot)?.tender)
}

/// The terms of a tender in force; `None` when none are written.
pub fn tender_terms(db: &mut Db, tender: &TenderRow) -> Result<Option<TenderTerms>> {
    store::tender_terms(db, tender.id, tender.amendment)?.map(|row| read(row.terms)).transpose()
}

/// The terms of a lot in force; `None` when none are written.
pub fn lot_terms(db: &mut Db, tender: &TenderRow, lot: LotId) -> Result<Option<LotTerms>> {
    store::lot_terms(db, lot, tender.amendment)?.map(|row| read(row.terms)).transpose()
}

/// Whether the organisation prepared the project, so that it may not bid (R067).
pub fn prepared_the_project(db: &mut Db, tender: &TenderRow, organisation: OrganisationId) -> Result<bool> {
    Ok(tender_terms(db, tender)?.is_some_and(|terms| terms.prepared_by.contains(&organisation)))
}

/// Numbers of the amendments that a bid may be made for.
pub fn binding_amendments(db: &mut Db, tender: &TenderRow) -> Result<Vec<i32>> {
    Ok(rules::binding(&store::stale_makers(db, tender.id)?, tender.amendment))
}

/// Writes the terms of a draft.
pub fn write_tender_terms(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, terms: &TenderTerms) -> Result<TenderRow> {
    checked(|fields| terms.check(fields, ""))?;
    known_organisations(tx, granted.subject().tenant_id, &terms.prepared_by, "/prepared_by")?;
    put_tender_terms(tx, granted, granted.subject().amendment, terms)?;
    tenders::service::touch(tx, granted, "tender.terms_written", json!({"terms": terms}))
}

/// Writes the terms of a lot of a draft.
pub fn write_lot_terms(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, lot: LotId, terms: &LotTerms) -> Result<TenderRow> {
    checked(|fields| terms.check(fields, ""))?;
    put_lot_terms(tx, granted, lot, granted.subject().amendment, terms)?;
    tenders::service::touch(tx, granted, "tender.lot_terms_written", json!({"lot_id": lot, "terms": terms}))
}

pub(super) fn known_organisations(db: &mut Db, tenant: TenantId, ids: &[OrganisationId], root: &str) -> Result<()> {
    let mut fields = Fields::default();
    for (place, id) in ids.iter().enumerate() {
        let known = organisations::find(db, tenant, *id)?.is_some();
        fields.require(known, &format!("{root}/{place}"), || words!("没有该组织", "there is no such organisation"));
    }
    fields.finish()
}

pub(super) fn put_tender_terms(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, amendment: i32, terms: &TenderTerms) -> Result<()> {
    let tender = granted.subject();
    let (tender_id, tenant_id) = (tender.id, tender.tenant_id);
    let row = TenderTermsRow { tender_id, amendment, tenant_id, terms: stored(terms)?, written_by: granted.by(), written_at: tx.now() };
    store::put_tender_terms(tx, granted, &row)
}

pub(super) fn put_lot_terms(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, lot: LotId, amendment: i32, terms: &LotTerms) -> Result<()> {
    let tender = granted.subject();
    let (tender_id, tenant_id) = (tender.id, tender.tenant_id);
    let (written_by, written_at) = (granted.by(), tx.now());
    let row = LotTermsRow { lot_id: lot, amendment, tenant_id, tender_id, terms: stored(terms)?, written_by, written_at };
    store::put_lot_terms(tx, granted, &row)
}

fn criteria(db: &mut Db, tender: &TenderRow) -> Result<Vec<Criterion>> {
    let file = tenders::service::file_of(db, tender.clone())?;
    let mut all = Vec::new();
    for lot in &file.lots {
        let mut add = |place, pointer: String, text: &str| all.push(Criterion { lot: lot.number, place, pointer, text: text.to_owned() });
        if let Some(terms) = lot_terms(db, tender, lot.id)? {
            for (place, one) in terms.qualifications.iter().enumerate() {
                add(Place::Qualification, format!("/qualifications/{place}/text"), &one.text);
                add(Place::Evidence, format!("/qualifications/{place}/evidence"), &one.evidence);
            }
            add(Place::Other, "/requirements".to_owned(), &terms.requirements);
            if let Some(note) = &terms.price.note {
                add(Place::Other, "/price/note".to_owned(), note);
            }
        }
        for one in file.criteria.iter().filter(|one| one.lot_id == lot.id) {
            add(Place::Scoring, format!("/criteria/{}", one.position.saturating_sub(1)), &one.name);
        }
    }
    Ok(all)
}

/// The words looked for: those that come with the service and those that the district added.
pub fn patterns(db: &mut Db, tenant: TenantId) -> Result<Vec<Pattern>> {
    let mut all = standard()?;
    all.extend(store::patterns(db, tenant)?.into_iter().map(|row| Pattern {
        text: row.pattern,
        fault: row.kind,
        rule: row.rule_id,
        article: row.article,
        example: row.example,
        counter_example: row.counter_example,
    }));
    Ok(all)
}

/// What the lint finds in a tender today, with what finance overruled.
pub fn lint(db: &mut Db, tender: &TenderRow, today: NaiveDate) -> Result<Vec<Found>> {
    let rules = regulations::rules_of(db, tender.rule_set_id)?;
    let bench = Bench { rules: &rules, procedure: tender.procedure, today };
    let criteria = criteria(db, tender)?;
    let mut found = bench.examine(&criteria, &patterns(db, tender.tenant_id)?);
    let overrulings = store::overrulings(db, tender.id)?;
    for one in &mut found {
        let decided = overrulings.iter().rev().find(|row| row.kind == one.fault && row.criterion == one.criterion);
        one.overruled = decided.map(|row| row.reason.clone());
    }
    Ok(found)
}

/// The finance officer holds a finding for wrong. It stays marked, and another wording of the criterion is judged anew.
pub fn overrule(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, fault: lint::Fault, criterion: &str, reason: &str) -> Result<TenderRow> {
    let tender = granted.subject();
    if granted.by() == tender.drafted_by {
        return Err(DUTIES_NOT_SEPARATE.because(words!("起草人不得复核自己的条款", "the drafter may not review the criteria")));
    }
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 10, 1000);
    fields.finish()?;
    let today = tx.now().date_in_shanghai();
    let there = lint(tx, tender, today)?.into_iter().any(|one| one.fault == fault && one.criterion == criterion && one.overruled.is_none());
    if !there {
        return Err(Error::field("/criterion", words!("没有这样的待复核发现", "nothing of this kind is found in such a criterion")));
    }
    let row = OverrulingRow {
        id: tx.new_id(),
        tenant_id: tender.tenant_id,
        tender_id: tender.id,
        kind: fault,
        criterion: criterion.to_owned(),
        reason: reason.trim().to_owned(),
        overruled_by: granted.by(),
        overruled_at: tx.now(),
    };
    store::insert_overruling(tx, granted, &row)?;
    let content = json!({"fault": fault, "criterion": criterion, "reason": row.reason});
    tenders::service::touch(tx, granted, "tender.finding_overruled", content)
}

/// What the documents themselves break or brush against: criteria by the lint, bonds by R048 and R050.
pub fn findings_for_submission(db: &mut Tx<'_>, tender: &TenderRow) -> Result<Vec<Finding>> {
    let today = db.now().date_in_shanghai();
    let found = lint(db, tender, today)?;
    let mut findings = lint::as_findings(&found);
    for lot in tenders::service::file_of(db, tender.clone())?.lots {
        if let Some(terms) = lot_terms(db, tender, lot.id)? {
            findings.extend(bond_findings(db, tender, &lot, &terms, today)?);
        }
    }
    Ok(findings)
}

fn bond_findings(db: &mut Db, tender: &TenderRow, lot: &LotRow, terms: &LotTerms, today: NaiveDate) -> Result<Vec<Finding>> {
    let bond = Bond {
        bid_bond: terms.bonds.bid_bond.map(|bond| bond.amount_fen),
        performance_bond_bp: terms.bonds.performance_bond_bp.map(|share| i64::from(share.get())),
        ..Bond::default()
    };
    let purchase = Purchase { procedure: Some(tender.procedure), budget: Some(lot.ceiling_fen), ..Purchase::default() };
    let rules: Vec<_> =
        regulations::rules_of(db, tender.rule_set_id)?.into_iter().filter(|rule| BOND_RULES.contains(&rule.id.as_str())).collect();
    let calendar = regulations::calendar(db, tender.tenant_id)?;
    Ok(law::judge(&rules, &Facts { purchase, bond, ..Facts::default() }, &calendar, Gate::Submission, today)?)
}

/// Sends a draft to review once its documents are in order.
pub fn submit(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>) -> Result<(TenderRow, Vec<Finding>)> {
    let mut warnings = law::refuse_broken(findings_for_submission(tx, granted.subject())?)?;
    warnings.extend(price_as_said(tx, granted.subject())?);
    let (row, more) = tenders::service::submit(tx, granted)?;
    warnings.extend(more);
    Ok((row, warnings))
}

/// A price that the documents fix is not scored (R039); one that they do not fix is.
fn price_as_said(tx: &mut Tx<'_>, tender: &TenderRow) -> Result<Vec<Finding>> {
    let file = tenders::service::file_of(tx, tender.clone())?;
    let rules = regulations::rules_of(tx, tender.rule_set_id)?;
    let calendar = regulations::calendar(tx, tender.tenant_id)?;
    let today = tx.now().date_in_shanghai();
    let mut findings = Vec::new();
    for lot in &file.lots {
        let prices = file.criteria.iter().filter(|one| one.lot_id == lot.id && one.kind == CriterionKind::Price);
        let weight: i64 = prices.map(|one| i64::from(one.weight_bp.get())).sum();
        let fixed = lot_terms(tx, tender, lot.id)?.is_some_and(|terms| terms.price.rule != PriceRule::Scored);
        if weight == 0 && !fixed && tender.profile().ranking == Ranking::Weighted {
            return Err(rules::PRICE_NOT_SCORED.because(words!("采购包 {0}", "lot {0}", lot.number)));
        }
        if fixed {
            let purchase = Purchase { procedure: Some(tender.procedure), is_goods: Some(false), ..Purchase::default() };
            let criteria = Criteria { fixed_price: Some(true), price_weight_bp: Some(weight), ..Criteria::default() };
            findings.extend(law::judge(&rules, &Facts { purchase, criteria, ..Facts::default() }, &calendar, Gate::Submission, today)?);
        }
    }
    law::refuse_broken(findings)
}

/// Makes a tender public once the period in which its documents are given out is long enough (R021, R026).
pub fn publish(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, publication: &Publication) -> Result<(TenderRow, Vec<Finding>)> {
    let tender = granted.subject();
    let mut warnings = Vec::new();
    if let Some(terms) = tender_terms(tx, tender)?.filter(|terms| terms.documents_from.is_some()) {
        let notice = Notice { documents_from: terms.documents_from, documents_to: terms.documents_to, ..Notice::default() };
        let purchase = Purchase { procedure: Some(tender.procedure), ..Purchase::default() };
        let known = Facts { purchase, notice, ..Facts::default() };
        warnings = tenders::service::judge(tx, tender, &[known], Gate::Publication)?;
    }
    let (row, more) = tenders::service::publish(tx, granted, publication)?;
    warnings.extend(more);
    Ok((row, warnings))
}

/// May the actor extend the words?
pub fn may_import(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::IMPORT_WORDS, District(actor.tenant))
}

/// Puts the district's own words in place of those before. Each must find its example and not its counter-example.
pub fn import_words(tx: &mut Tx<'_>, granted: &Authorized<District>, bytes: &[u8]) -> Result<Imported> {
    let tenant = granted.subject().0;
    let mut table = Table::<Pattern>::read(bytes)?;
    let mut rows = Vec::new();
    for ((line, one), position) in table.take_rows().into_iter().zip(1_i32..) {
        if table.check(line, check_pattern(&one, rows.len()))?.is_some() {
            rows.push(PatternRow {
                tenant_id: tenant,
                position,
                pattern: one.text,
                kind: one.fault,
                rule_id: one.rule,
                article: one.article,
                example: one.example,
                counter_example: one.counter_example,
            });
        }
    }
    let imported = table.finish()?;
    store::replace_patterns(tx, granted, &rows)?;
    let content = json!({"words": rows.iter().map(|row| &row.pattern).collect::<Vec<_>>()});
    let (kind, resource) = ("forbidden_words", tenant.any());
    journal::record(tx, &Event { tenant, action: "forbidden_words.imported", kind, resource, version: 1, case: None, content })?;
    Ok(imported)
}

fn check_pattern(one: &Pattern, before: usize) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&one.text, "pattern", 2, 50);
    fields.text(&one.rule, "rule", 4, 10);
    fields.text(&one.example, "example", 1, 200);
    fields.text(&one.counter_example, "counter_example", 1, 200);
    if let Some(article) = &one.article {
        fields.text(article, "article", 1, 100);
    }
    fields.require(before < PATTERNS_MAX, "pattern", || words!("最多 {PATTERNS_MAX} 行", "at most {PATTERNS_MAX} rows"));
    fields.require(one.find(&one.example).is_some(), "example", || words!("词条未命中示例", "the words do not find the example"));
    fields.require(one.find(&one.counter_example).is_none(), "counter_example", || {
        words!("词条误中反例", "the words find the counter-example")
    });
    fields.finish()
}

/// The tender that a viewer sees, or 404.
pub(super) fn seen(db: &mut Db, viewer: &crate::people::Viewer, id: TenderId) -> Result<TenderRow> {
    let row = tenders::store::find(db, viewer.tenant, id)?;
    row.filter(|row| tenders::api::visible(row, viewer)).ok_or_else(|| error::NOT_FOUND.error())
}
