//! Use cases of framework agreements and calls-off.

use serde_json::{Value, json};

use super::model::{CallDesk, FrameworkRow, FrameworkState, FrameworkTenderRow, NewCall, NewFramework, OrderRow, SupplierRow};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{CaseId, FrameworkId, OrganisationId, PlanId, UnitId};
use crate::kernel::{Error, Fen, Result};
use crate::market::catalogues;
use crate::parties::organisations::{self, OrganisationState};
use crate::people::Actor;
use crate::people::policy::{Action, Authorized, authorize};
use crate::procurement::plans::policy::UnitDesk;
use crate::procurement::plans::{self, PlanRow, tendering};
use crate::procurement::tenders::model::{NewLot, NewTender};
use crate::procurement::tenders::{self, Procedure, Solicitation, TenderFile, invitations};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor draft framework agreements for its unit?
pub fn may_create(actor: &Actor) -> Result<Authorized<UnitDesk>> {
    let unit = actor.unit.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &policy::CREATE, UnitDesk { tenant: actor.tenant, unit })
}

/// May the actor do this to the framework?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: FrameworkId) -> Result<Authorized<FrameworkRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// May the actor call off for its unit? Another unit's framework only when it is for the whole district.
pub fn may_call(db: &mut Db, actor: &Actor, id: FrameworkId) -> Result<Authorized<CallDesk>> {
    let framework = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let unit = actor.unit.ok_or_else(|| error::FORBIDDEN.error())?;
    let open_to_unit = framework.district_wide || framework.unit_id == unit;
    let granted = authorize(actor, &policy::CALL, CallDesk { framework, unit })?;
    if open_to_unit { Ok(granted) } else { Err(error::FORBIDDEN.error()) }
}

/// Drafts a framework agreement from a concluded tender, or from an agreement made elsewhere.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<UnitDesk>, new: &NewFramework) -> Result<FrameworkRow> {
    let desk = *granted.subject();
    rules::check_form(new)?;
    if catalogues::published_item(tx, desk.tenant, new.item)?.is_none() {
        return Err(Error::field(
            "/catalogue_item_id",
            words!("不在已发布的指导性目录中", "not an item of the published guiding catalogue"),
        ));
    }
    let case_id = source_case(tx, desk, new)?;
    check_suppliers(tx, desk, new)?;
    let row = FrameworkRow {
        id: tx.new_id(),
        tenant_id: desk.tenant,
        case_id,
        unit_id: desk.unit,
        district_wide: new.district_wide,
        catalogue_item_id: new.item,
        title: new.title.trim().to_owned(),
        unit_label: new.unit_label.trim().to_owned(),
        source_tender_id: new.source,
        reference: new.reference.as_ref().map(|text| text.trim().to_owned()),
        reference_url: new.reference_url.clone(),
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        competition_above_fen: new.competition_above,
        state: FrameworkState::Drafted,
        reason: None,
        drafted_by: granted.by(),
        activated_by: None,
        version: 1,
        created_at: tx.now(),
    };
    let supplier = |(organisation_id, unit_price_fen, limit_fen): &(OrganisationId, Fen, Option<Fen>)| SupplierRow {
        framework_id: row.id,
        organisation_id: *organisation_id,
        unit_price_fen: *unit_price_fen,
        limit_fen: *limit_fen,
    };
    let suppliers: Vec<SupplierRow> = new.suppliers.iter().map(supplier).collect();
    store::insert(tx, granted, &row, &suppliers)?;
    let admitted: Vec<Value> = suppliers
        .iter()
        .map(|one| json!({"organisation_id": one.organisation_id, "unit_price_fen": one.unit_price_fen, "limit_fen": one.limit_fen}))
        .collect();
    let content = json!({"title": row.title, "catalogue_item_id": row.catalogue_item_id, "district_wide": row.district_wide,
        "source_tender_id": row.source_tender_id, "reference": row.reference, "reference_url": row.reference_url, "valid_from": row.valid_from,
        "valid_to": row.valid_to, "competition_above_fen": row.competition_above_fen, "suppliers": admitted});
    record(tx, "framework.drafted", &row, content)?;
    Ok(row)
}

/// The case: of the source tender, which must be the unit's own and for the same item, or a new one.
fn source_case(tx: &mut Tx<'_>, desk: UnitDesk, new: &NewFramework) -> Result<CaseId> {
    let Some(id) = new.source else { return Ok(tx.new_id()) };
    let tender = tenders::store::find(tx, desk.tenant, id)?.filter(|row| row.unit_id == desk.unit && row.catalogue_item_id == new.item);
    let unfit =
        || Error::field("/source_tender_id", words!("须为本单位同一目录条目的项目", "must be a tender of the unit for the same item"));
    Ok(tender.ok_or_else(unfit)?.case_id)
}

fn check_suppliers(tx: &mut Tx<'_>, desk: UnitDesk, new: &NewFramework) -> Result<()> {
    let concluded = match new.source {
        Some(tender) => Some(store::concluded_with(tx, desk.tenant, tender)?),
        None => None,
    };
    if concluded.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::field("/source_tender_id", words!("该项目尚未成交", "the tender is not concluded")));
    }
    let mut fields = Fields::default();
    for (place, (organisation, _, _)) in new.suppliers.iter().enumerate() {
        let pointer = format!("/suppliers/{place}/organisation_id");
        let found = organisations::find(tx, desk.tenant, *organisation)?;
        let verified = found.is_some_and(|row| row.state == OrganisationState::Verified);
        fields.require(verified, &pointer, || words!("不是已核验的组织", "not a verified organisation"));
        let from_there = concluded.as_ref().is_none_or(|found| found.contains(organisation));
        fields.require(from_there, &pointer, || words!("未在来源项目中排序或成交", "neither ranked nor awarded in the source tender"));
    }
    fields.finish()
}

/// The lead puts it in force.
pub fn activate(tx: &mut Tx<'_>, granted: &Authorized<FrameworkRow>) -> Result<FrameworkRow> {
    let row = FrameworkRow { activated_by: Some(granted.by()), ..moved(granted.subject(), FrameworkState::Active) };
    keep(tx, granted, "framework.activated", row, json!({}))
}

/// The lead ends it before its last day.
pub fn end(tx: &mut Tx<'_>, granted: &Authorized<FrameworkRow>, reason: &str) -> Result<FrameworkRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, 1000);
    fields.finish()?;
    let row = FrameworkRow { reason: Some(reason.trim().to_owned()), ..moved(granted.subject(), FrameworkState::Ended) };
    keep(tx, granted, "framework.ended", row, json!({"reason": reason.trim()}))
}

/// Places a direct order with an admitted supplier: a tender is drafted that names it, with one lot over the order's amount. It goes through
/// review and publication like any other, and is awarded without competition (`POST /lots/{lot_id}/direct-award`).
pub fn order(
    tx: &mut Tx<'_>,
    granted: &Authorized<CallDesk>,
    call: &NewCall,
    (organisation, quantity, reason): (OrganisationId, i64, &str),
) -> Result<(OrderRow, TenderFile)> {
    let (framework, unit) = (granted.subject().framework.clone(), granted.subject().unit);
    rules::require_in_force(&framework, tx.now().date_in_shanghai())?;
    let not_admitted = || rules::NOT_ADMITTED.because(words!("组织 {organisation}", "organisation {organisation}"));
    let supplier = store::supplier_admitted(tx, framework.id, organisation)?.ok_or_else(not_admitted)?;
    let ordered = store::ordered(tx, framework.id, organisation)?;
    let amount = rules::order_amount(&framework, &supplier, quantity, ordered)?;
    let new = NewTender {
        solicitation: Some(Solicitation::Single),
        procedure_reason: Some(reason.to_owned()),
        named_organisation: Some(organisation),
        ..written(&framework, call, amount)
    };
    let file = draft(tx, granted, &new, call.plan)?;
    let row = OrderRow {
        id: tx.new_id(),
        tenant_id: framework.tenant_id,
        framework_id: framework.id,
        tender_id: file.tender.id,
        unit_id: unit,
        organisation_id: organisation,
        quantity,
        unit_price_fen: supplier.unit_price_fen,
        amount_fen: amount,
        reason: reason.trim().to_owned(),
        ordered_by: granted.by(),
        created_at: tx.now(),
    };
    store::insert_order(tx, granted, &row)?;
    let content = json!({"framework_id": row.framework_id, "tender_id": row.tender_id, "organisation_id": organisation, "quantity": quantity,
        "unit_price_fen": row.unit_price_fen, "amount_fen": amount, "reason": row.reason});
    let (tenant, resource, case) = (row.tenant_id, row.id.any(), Some(file.tender.case_id));
    journal::record(tx, &Event { tenant, action: "framework_order.placed", kind: "framework_order", resource, version: 1, case, content })?;
    Ok((row, file))
}

/// Drafts a tender that invites every admitted supplier (二次竞争) under a ceiling.
pub fn compete(tx: &mut Tx<'_>, granted: &Authorized<CallDesk>, call: &NewCall, ceiling: Fen) -> Result<TenderFile> {
    let framework = granted.subject().framework.clone();
    rules::require_in_force(&framework, tx.now().date_in_shanghai())?;
    let new = NewTender { solicitation: Some(Solicitation::Invited), ..written(&framework, call, ceiling) };
    let file = draft(tx, granted, &new, call.plan)?;
    let admitted: Vec<OrganisationId> = store::suppliers_of(tx, framework.id)?.iter().map(|row| row.organisation_id).collect();
    let of_tender = granted.of_part(file.tender.clone());
    invitations::list(tx, &of_tender, &admitted)?;
    let tender = tenders::store::find(tx, framework.tenant_id, file.tender.id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    Ok(TenderFile { tender, ..file })
}

fn written(framework: &FrameworkRow, call: &NewCall, ceiling: Fen) -> NewTender {
    NewTender {
        catalogue_item: framework.catalogue_item_id,
        fund: Some(call.fund),
        title: call.title.clone(),
        description: call.description.clone(),
        mode: call.mode,
        procedure: Procedure::Framework,
        solicitation: None,
        procedure_reason: None,
        named_organisation: None,
        plain_offers: true,
        lots: vec![NewLot { title: call.title.clone(), ceiling, funding: Vec::new(), criteria: Vec::new() }],
    }
}

/// Drafts the tender of a call-off, in the case of its plan if it has one, and notes its framework.
fn draft(tx: &mut Tx<'_>, granted: &Authorized<CallDesk>, new: &NewTender, plan: Option<PlanId>) -> Result<TenderFile> {
    let CallDesk { framework, unit } = granted.subject();
    let plan = match plan {
        Some(id) => Some(usable_plan(tx, framework, *unit, id)?),
        None => None,
    };
    let case = match &plan {
        Some(plan) => plan.case_id,
        None => tx.new_id(),
    };
    let desk = granted.of_part(UnitDesk { tenant: framework.tenant_id, unit: *unit });
    let file = tenders::service::create_in_case(tx, &desk, case, new, None)?;
    if let Some(plan) = plan {
        tendering::link(tx, granted, &plan, file.tender.id)?;
    }
    store::link(tx, granted, &FrameworkTenderRow { tender_id: file.tender.id, framework_id: framework.id })?;
    Ok(file)
}

fn usable_plan(tx: &mut Tx<'_>, framework: &FrameworkRow, unit: UnitId, id: PlanId) -> Result<PlanRow> {
    let plan = plans::store::find(tx, framework.tenant_id, id)?.filter(|plan| plan.unit_id == unit);
    let fits = plan.filter(|plan| plan.catalogue_item_id == framework.catalogue_item_id && plan.may_be_tendered());
    fits.ok_or_else(|| {
        Error::field("/plan_id", words!("须为本单位同一目录条目的已批准计划", "must be an approved plan of the unit for the same item"))
    })
}

fn moved(before: &FrameworkRow, state: FrameworkState) -> FrameworkRow {
    FrameworkRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

fn keep(tx: &mut Tx<'_>, granted: &Authorized<FrameworkRow>, action: &str, row: FrameworkRow, content: Value) -> Result<FrameworkRow> {
    store::save(tx, granted, &row)?;
    record(tx, action, &row, content)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &FrameworkRow, content: Value) -> Result<()> {
    let (tenant, resource, version, case) = (row.tenant_id, row.id.any(), row.version, Some(row.case_id));
    journal::record(tx, &Event { tenant, action, kind: "framework", resource, version, case, content })?;
    Ok(())
}
