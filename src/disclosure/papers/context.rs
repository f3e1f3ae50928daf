//! What a template may say of a case: its file, and of each lot the terms, the criteria and the evaluation report.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::super::case_file::policy::Case;
use super::super::case_file::store;
use super::super::case_file::view::{CaseFile, CaseMilestone};
use super::model::Paper;
use super::spoken;
use crate::db::Db;
use crate::db::schema::{awards, contracts, indicators, organisations, units};
use crate::delivery::{acceptances, agreements};
use crate::kernel::error::problems;
use crate::kernel::id::{AnyId, LotId, OrganisationId, ProjectId, UnitId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::Actor;
use crate::procurement::awards::AwardState;
use crate::procurement::documents::service as documents;
use crate::procurement::evaluation::{policy as evaluation, report};
use crate::procurement::openers;
use crate::procurement::opening::record;
use crate::procurement::tenders::{self, TenderRow, lots};
use crate::trust::sequencer;
use crate::words;

fn value(part: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(part).map_err(|fault| Error::internal(format!("a paper's context: {fault}")))
}

/// Public keys of the process that makes the paper.
pub struct Own {
    /// age recipient of the server's sealing key.
    pub recipient: String,
    /// Verifier key of the journal.
    pub journal: String,
}

problems! {
    /// There is no award that a notice could be made of.
    AWARD_DOES_NOT_STAND = "award_does_not_stand", 409, "没有生效的采购结果", "No award stands",
        "只有已确认的采购结果才能出具中标（成交）通知书；待审批、已放弃、已撤销的结果不能出具。",
        "A notice is made only of an award that is confirmed: not of one that is proposed, declined or overturned.";
}

/// States of an award of which its supplier is notified.
const STANDING: &[AwardState] = &[AwardState::Confirmed, AwardState::Contracting];

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The paper.
    pub paper: Paper,
    /// The contract, lot, award, milestone or payment that it is about; without it the paper is about all of them.
    pub about: Option<AnyId>,
    /// Today.
    pub now: UtcInstant,
    /// The supplier that asks: it is told of nothing but its own.
    pub supplier: Option<OrganisationId>,
}

/// The suppliers of a case: who has an award that stands, or a contract.
pub fn suppliers(db: &mut Db, case: Case) -> Result<Vec<OrganisationId>> {
    let mut found: Vec<OrganisationId> = awards::table
        .filter(awards::tenant_id.eq(case.tenant).and(awards::case_id.eq(case.id)).and(awards::state.eq_any(STANDING)))
        .select(awards::organisation_id)
        .load(db)?;
    let of_case = contracts::tenant_id.eq(case.tenant).and(contracts::case_id.eq(case.id));
    found.extend(contracts::table.filter(of_case).select(contracts::organisation_id).load::<OrganisationId>(db)?);
    Ok(found)
}

/// Leaves of a case file what a supplier may know: its own awards that stand, its contracts with what hangs on them, and the projects that they feed.
fn keep_own(file: &mut CaseFile, supplier: OrganisationId) {
    file.awards.retain(|award| award.organisation_id == supplier && STANDING.iter().any(|state| state.as_str() == award.state));
    file.contracts.retain(|contract| contract.organisation_id == supplier);
    file.bids.retain(|bid| bid.organisation_id == supplier);
    if file.contracts.is_empty() {
        file.projects.clear();
    }
    file.plans.clear();
    file.funding.clear();
    file.challenges.clear();
    file.postings.clear();
    file.documents.clear();
    file.history.clear();
}

/// Leaves of the awards those that stand; refuses a notice of others, naming their states.
fn keep_standing(file: &mut CaseFile, about: Option<AnyId>) -> Result<()> {
    file.awards.retain(|award| about.is_none_or(|about| about == award.id.any() || about == award.lot_id.any()));
    let states: Vec<String> = file.awards.iter().map(|award| award.state.clone()).collect();
    file.awards.retain(|award| STANDING.iter().any(|state| state.as_str() == award.state));
    if !file.awards.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = states.iter().map(|state| spoken::word(state)).collect();
    let (zh, en) =
        if states.is_empty() { ("尚无结果".to_owned(), "there is none".to_owned()) } else { (said.join("、"), states.join(", ")) };
    Err(AWARD_DOES_NOT_STAND.because(words!("现状：{zh}", "the state is: {en}")))
}

/// Reads the context of a paper.
pub fn read(db: &mut Db, actor: &Actor, case: Case, wanted: Wanted, own: &Own) -> Result<Value> {
    let Wanted { paper, about, now, supplier } = wanted;
    let mut file = store::file(db, case)?;
    if let Some(supplier) = supplier {
        keep_own(&mut file, supplier);
    }
    if paper == Paper::AwardNotice {
        keep_standing(&mut file, about)?;
    }
    let mut parties: Vec<OrganisationId> = file.bids.iter().map(|bid| bid.organisation_id).collect();
    parties.extend(file.awards.iter().map(|award| award.organisation_id));
    parties.extend(file.contracts.iter().map(|contract| contract.organisation_id));
    type Party = (OrganisationId, String, String, String);
    let rows: Vec<Party> = organisations::table
        .filter(organisations::tenant_id.eq(case.tenant).and(organisations::id.eq_any(&parties)))
        .select((organisations::id, organisations::name_zh, organisations::uscc, organisations::legal_representative))
        .load(db)?;
    let suppliers: BTreeMap<String, Value> = rows
        .into_iter()
        .map(|(id, name, uscc, head)| (id.to_string(), json!({"name": name, "uscc": uscc, "legal_representative": head})))
        .collect();
    let reads_report = actor.reaches(evaluation::READ_REPORT.roles, Some(case.unit), None);
    let mut described = Vec::new();
    for lot in &file.lots {
        described.push(lot_of(db, case, lot.id, reads_report)?);
    }
    let mut agreed = BTreeMap::new();
    for contract in &file.contracts {
        let row = agreements::find(db, case.tenant, contract.id)?;
        let terms = acceptances::service::terms(db, case.tenant, contract.id)?;
        let bands: Vec<Value> = terms.bands.iter().map(|band| json!({"below": band.below, "deduct_bp": band.deduct_bp})).collect();
        let prices: Vec<Value> = contract.milestones.iter().filter_map(unit_price_of).collect();
        let said = json!({"signers": terms.signers, "bands": bands, "prices": prices, "payment_term_days": row.payment_term_days});
        agreed.insert(contract.id.to_string(), said);
    }
    let projects: Vec<ProjectId> = file.projects.iter().map(|project| project.id).collect();
    type Indicator = (ProjectId, String, String, String, i64, i64);
    let measured: Vec<Indicator> = indicators::table
        .filter(indicators::project_id.eq_any(&projects))
        .order((indicators::project_id, indicators::position))
        .select((
            indicators::project_id,
            indicators::name_zh,
            indicators::unit_label,
            indicators::kind,
            indicators::baseline,
            indicators::target,
        ))
        .load(db)?;
    let measured: Vec<Value> = measured
        .into_iter()
        .map(|(project, name, unit_label, kind, baseline, target)| {
            json!({"project_id": project, "name": name, "unit_label": unit_label, "kind": kind, "baseline": baseline, "target": target})
        })
        .collect();
    let (mut custody, mut openings) = (BTreeMap::new(), BTreeMap::new());
    for tender in &file.tenders {
        let Some(row) = tenders::store::find(db, case.tenant, tender.id)? else { continue };
        custody.insert(row.id.to_string(), custody_of(db, &row, own)?);
        let opening = row.opened_at.map(|_| value(&record::view(db, &row, &own.journal)?)).transpose()?;
        openings.insert(row.id.to_string(), opening);
    }
    let purchaser: String =
        units::table.filter(units::tenant_id.eq(case.tenant).and(units::id.eq(case.unit))).select(units::name_zh).first(db)?;
    // The root alone: it commits to everything before the paper, and unlike the size it tells nothing of how much that was.
    let root = sequencer::latest(db)?.map(|head| STANDARD.encode(head.root));
    Ok(
        json!({"case": value(&file)?, "purchaser": purchaser, "journal": {"root": root}, "custody": custody, "openings": openings, "agreed": agreed, "lots": described, "suppliers": suppliers, "indicators": measured, "about": about,
        "printed_on": now.date_in_shanghai()}),
    )
}

/// What a unit of a milestone costs, and the amount that is its ceiling; nothing of a milestone that has no unit price.
fn unit_price_of(part: &CaseMilestone) -> Option<Value> {
    let (unit_label, unit_price) = (part.unit_label.as_ref()?, part.unit_price?);
    Some(json!({"milestone_id": part.id, "number": part.number, "title": part.title, "unit_label": unit_label, "unit_price": unit_price,
        "ceiling": part.amount}))
}

/// Who holds the key that bids of a tender are sealed to; nothing where it takes no bids, or openers are named and have not made their key.
fn custody_of(db: &mut Db, tender: &TenderRow, own: &Own) -> Result<Value> {
    let file = openers::store::alive(db, tender.id)?;
    let unmade = file.as_ref().is_some_and(|file| file.row.transcript.is_none());
    if unmade || (file.is_none() && !tender.profile().competes()) {
        return Ok(Value::Null);
    }
    let least = tenders::service::least_bids(db, tender)?;
    let view = openers::views::custody(tender.id, least, file.as_ref(), own.recipient.clone())?;
    let of: Vec<UnitId> = view.openers.iter().map(|opener| opener.unit_id).collect();
    let names: Vec<(UnitId, String)> = units::table
        .filter(units::tenant_id.eq(tender.tenant_id).and(units::id.eq_any(&of)))
        .select((units::id, units::name_zh))
        .load(db)?;
    let seats: Vec<Value> = view
        .openers
        .iter()
        .map(|opener| {
            let unit = names.iter().find(|(id, _)| *id == opener.unit_id).map(|(_, name)| name);
            json!({"name": opener.name, "unit_name_zh": unit, "fingerprint": opener.fingerprint, "reserve": opener.reserve})
        })
        .collect();
    Ok(
        json!({"custody": view.custody, "recipient": view.recipient, "threshold": view.threshold, "least_bids": view.least_bids, "openers": seats}),
    )
}

fn lot_of(db: &mut Db, case: Case, id: LotId, reads_report: bool) -> Result<Value> {
    let file = lots::load(db, case.tenant, id)?;
    let (terms, of_tender) = (documents::lot_terms(db, &file.tender, id)?, documents::tender_terms(db, &file.tender)?);
    let criteria: Vec<Value> = tenders::store::criteria_of(db, id)?
        .into_iter()
        .map(|one| json!({"position": one.position, "name": one.name, "kind": one.kind, "weight_bp": one.weight_bp}))
        .collect();
    let report = if reads_report { report::report_of(db, &file)? } else { None };
    let lot = &file.lot;
    Ok(
        json!({"id": id, "number": lot.number, "title": lot.title, "ceiling": crate::kernel::Money::from(lot.ceiling_fen), "state": lot.state,
        "tender_id": lot.tender_id, "procedure": file.tender.procedure, "terms": terms, "tender_terms": of_tender, "criteria": criteria, "report": report}),
    )
}
