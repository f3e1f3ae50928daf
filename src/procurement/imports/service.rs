//! Use cases of imported purchases.

use serde_json::{Value, json};

use super::model::{ExternalRow, ExternalState, NewExternal, WinnerRow};
use super::{rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{ExternalTenderId, OrganisationId};
use crate::kernel::sql::Doc;
use crate::kernel::{Error, Fen, Result, Uscc};
use crate::law::{Finding, Gate, Standing};
use crate::parties::{organisations, regulations};
use crate::people::Actor;
use crate::people::policy::{Action, Authorized, authorize};
use crate::procurement::awards::{entry, model::ImportedAward};
use crate::procurement::plans::policy::UnitDesk;
use crate::procurement::plans::view::FindingView;
use crate::procurement::plans::{self, PlanRow, tendering};
use crate::procurement::tenders::model::{NewLot, NewTender};
use crate::procurement::tenders::{self, Procedure, TenderRow, lots};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor import for its unit?
pub fn may_create(actor: &Actor, action: &'static Action) -> Result<Authorized<UnitDesk>> {
    let unit = actor.unit.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, action, UnitDesk { tenant: actor.tenant, unit })
}

/// May the actor do this to the import?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ExternalTenderId) -> Result<Authorized<ExternalRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Imports a purchase that was run elsewhere: a draft of a tender with its winners, waiting for the finance officer.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<UnitDesk>, new: &NewExternal) -> Result<ExternalRow> {
    let desk = *granted.subject();
    let winners = check(tx, desk, new)?;
    let number = new.notice_number.trim();
    if store::by_notice(tx, desk.tenant, number)?.is_some() {
        return Err(rules::ALREADY_IMPORTED.because(words!("编号 {number}", "number {number}")));
    }
    let plan = plan_of(tx, desk, new)?;
    let case_id = match &plan {
        Some(plan) => plan.case_id,
        None => tx.new_id(),
    };
    let file = tenders::service::create_in_case(tx, granted, case_id, &tender_of(new), None)?;
    if let Some(plan) = plan {
        tendering::link(tx, granted, &plan, file.tender.id)?;
    }
    let budget = Fen::total(new.lots.iter().map(|lot| lot.ceiling))?;
    let findings = judge(tx, &file.tender, new, budget)?;
    let row = ExternalRow {
        id: tx.new_id(),
        tenant_id: desk.tenant,
        case_id,
        unit_id: desk.unit,
        tender_id: file.tender.id,
        plan_number: new.plan_number.trim().to_owned(),
        platform: new.platform.trim().to_owned(),
        announcement_url: new.announcement_url.clone(),
        procedure_used: new.procedure_used,
        announced_on: new.announced_on,
        deadline_on: new.deadline_on,
        bidders: new.bidders,
        panel: doc(&new.panel)?,
        findings: doc(&findings.into_iter().map(FindingView::from).collect::<Vec<_>>())?,
        notice_number: number.to_owned(),
        notice_url: new.notice_url.clone(),
        awarded_on: new.awarded_on,
        state: ExternalState::Imported,
        reason: None,
        imported_by: granted.by(),
        approved_by: None,
        version: 1,
        created_at: tx.now(),
    };
    let winner = |(lot, (organisation_id, price_fen)): (&tenders::LotRow, (OrganisationId, Fen))| WinnerRow {
        lot_id: lot.id,
        external_tender_id: row.id,
        organisation_id,
        price_fen,
    };
    let rows: Vec<WinnerRow> = file.lots.iter().zip(winners).map(winner).collect();
    store::insert(tx, granted, &row, &rows)?;
    let told: Vec<Value> =
        rows.iter().map(|one| json!({"lot_id": one.lot_id, "organisation_id": one.organisation_id, "price_fen": one.price_fen})).collect();
    let content = json!({"tender_id": row.tender_id, "plan_number": row.plan_number, "platform": row.platform, "announcement_url": row.announcement_url,
        "procedure_used": row.procedure_used, "announced_on": row.announced_on, "deadline_on": row.deadline_on, "bidders": row.bidders,
        "notice_number": row.notice_number, "notice_url": row.notice_url, "awarded_on": row.awarded_on, "lots": told, "findings": row.findings.0});
    record(tx, "external_tender.imported", &row, content)?;
    Ok(row)
}

fn doc(value: &impl serde::Serialize) -> Result<Doc> {
    serde_json::to_value(value).map(Doc).map_err(|fault| Error::internal(format!("an import cannot be stored: {fault}")))
}

/// Checks the form, and that every winner is registered here; gives the winners with their prices in the order of the lots.
fn check(tx: &mut Tx<'_>, desk: UnitDesk, new: &NewExternal) -> Result<Vec<(OrganisationId, Fen)>> {
    let mut fields = Fields::default();
    rules::check_form(&mut fields, new, tx.now().date_in_shanghai());
    let mut winners = Vec::new();
    for (place, lot) in new.lots.iter().enumerate().take(rules::LOTS_MAX) {
        let pointer = format!("/lots/{place}/uscc");
        let found = match Uscc::parse(&lot.uscc) {
            Ok(uscc) => organisations::store::by_uscc(tx, desk.tenant, &uscc)?,
            Err(_) => None,
        };
        fields.require(found.is_some(), &pointer, || {
            words!(
                "平台上没有该统一社会信用代码的组织，请其先注册",
                "no organisation with this credit code is registered; it registers first"
            )
        });
        winners.extend(found.map(|row| (row.id, lot.price)));
    }
    fields.finish()?;
    Ok(winners)
}

fn plan_of(tx: &mut Tx<'_>, desk: UnitDesk, new: &NewExternal) -> Result<Option<PlanRow>> {
    let Some(id) = new.plan else { return Ok(None) };
    let plan = plans::store::find(tx, desk.tenant, id)?.filter(|plan| plan.unit_id == desk.unit && plan.may_be_tendered());
    let unfit = || Error::field("/plan_id", words!("须为本单位已批准的计划", "must be an approved plan of the unit"));
    plan.ok_or_else(unfit).map(Some)
}

fn tender_of(new: &NewExternal) -> NewTender {
    let lot = |lot: &super::model::NewWinner| NewLot {
        title: lot.title.clone(),
        ceiling: lot.ceiling,
        funding: Vec::new(),
        criteria: Vec::new(),
    };
    NewTender {
        catalogue_item: new.item,
        fund: Some(new.fund),
        title: new.title.clone(),
        description: new.description.clone(),
        mode: new.mode,
        procedure: Procedure::External,
        solicitation: None,
        procedure_reason: None,
        named_organisation: None,
        plain_offers: false,
        lots: new.lots.iter().map(lot).collect(),
    }
}

/// What the rules of the procedure that was run say of it. Nothing of it blocks: it happened elsewhere, and the finance officer reads it.
fn judge(tx: &mut Tx<'_>, tender: &TenderRow, new: &NewExternal, budget: Fen) -> Result<Vec<Finding>> {
    let rules = regulations::rules_of(tx, tender.rule_set_id)?;
    let calendar = regulations::calendar(tx, tender.tenant_id)?;
    let facts = rules::facts(new, budget);
    let mut found: Vec<Finding> = Vec::new();
    for gate in [Gate::Publication, Gate::Opening, Gate::Panel] {
        let more = crate::law::judge(&rules, &facts, &calendar, gate, new.announced_on)?;
        found.extend(more.into_iter().filter(|finding| finding.standing != Standing::Met));
    }
    Ok(found)
}

/// The finance officer takes it over: the money of every lot is set aside, the tender is public, its awards are confirmed.
pub fn approve(tx: &mut Tx<'_>, granted: &Authorized<ExternalRow>) -> Result<ExternalRow> {
    let before = granted.subject();
    let tender = tenders::store::find(tx, before.tenant_id, before.tender_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let tender = tenders::service::take_over(tx, &granted.of_part(tender))?;
    for winner in store::winners_of(tx, before.id)? {
        let lot = lots::load(tx, before.tenant_id, winner.lot_id)?;
        let award = ImportedAward {
            organisation: winner.organisation_id,
            price: winner.price_fen,
            decided_on: before.awarded_on,
            notice_url: before.notice_url.clone(),
        };
        entry::import(tx, granted, &lot, &award)?;
    }
    let row = ExternalRow { approved_by: Some(granted.by()), ..moved(before, ExternalState::Approved) };
    keep(tx, granted, "external_tender.approved", row, json!({"tender_id": tender.id}))
}

/// The finance officer does not take it over: its tender ends.
pub fn refuse(tx: &mut Tx<'_>, granted: &Authorized<ExternalRow>, reason: &str) -> Result<ExternalRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, 1000);
    fields.finish()?;
    let before = granted.subject();
    let tender = tenders::store::find(tx, before.tenant_id, before.tender_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    if tender.state != tenders::TenderState::Cancelled {
        tenders::service::cancel(tx, &granted.of_part(tender), reason)?;
    }
    let row = ExternalRow { reason: Some(reason.trim().to_owned()), ..moved(before, ExternalState::Refused) };
    keep(tx, granted, "external_tender.refused", row, json!({"reason": reason.trim()}))
}

fn moved(before: &ExternalRow, state: ExternalState) -> ExternalRow {
    ExternalRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

fn keep(tx: &mut Tx<'_>, granted: &Authorized<ExternalRow>, action: &str, row: ExternalRow, content: Value) -> Result<ExternalRow> {
    store::save(tx, granted, &row)?;
    record(tx, action, &row, content)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &ExternalRow, content: Value) -> Result<()> {
    let (tenant, resource, version, case) = (row.tenant_id, row.id.any(), row.version, Some(row.case_id));
    journal::record(tx, &Event { tenant, action, kind: "external_tender", resource, version, case, content })?;
    Ok(())
}
