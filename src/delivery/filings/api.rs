//! Publication and filing of contracts over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{FilingKind, FilingRow, NewFiling};
use super::{policy, service, store};
use crate::db::Db;
use crate::delivery::agreements::law::ContractLaw;
use crate::delivery::agreements::{self, ContractRow};
use crate::kernel::id::ContractId;
use crate::kernel::{Result, error};
use crate::parties::regulations::ClockView;
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_filings).service(record_filing);
}

/// One duty after the signature.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FilingView {
    /// What is to be done.
    pub kind: FilingKind,
    /// Its clock (R054, R055); null where no rule binds the procedure or the contract is not signed.
    pub clock: Option<ClockView>,
    /// When it was done.
    pub done_on: Option<NaiveDate>,
    /// Address of the announcement, or number of the filing.
    #[schema(example = "吴财采合〔2026〕118号")]
    pub reference: Option<String>,
    /// Why it was late.
    #[schema(example = "公告平台维护。")]
    pub late_reason: Option<String>,
}

/// The publication and the filing of a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FilingsView {
    /// The day of the last signature.
    pub signed_on: Option<NaiveDate>,
    /// Both duties.
    #[schema(max_items = 2)]
    pub items: Vec<FilingView>,
}

fn view(db: &mut Db, contract: &ContractRow, today: NaiveDate) -> Result<FilingsView> {
    let rows = store::of_contract(db, contract.tenant_id, contract.id)?;
    let book = ContractLaw::of(db, contract, today)?;
    let one = |kind: &FilingKind| {
        let row: Option<&FilingRow> = rows.iter().find(|row| row.kind == *kind);
        let done_on = row.map(|row| row.done_on);
        FilingView {
            kind: *kind,
            clock: service::clock(&book, contract, *kind, done_on).map(ClockView::from),
            done_on,
            reference: row.map(|row| row.reference.clone()),
            late_reason: row.and_then(|row| row.late_reason.clone()),
        }
    };
    Ok(FilingsView { signed_on: service::signed_on(contract), items: FilingKind::ALL.iter().map(one).collect() })
}

/// Read publication and filing of a contract
///
/// Both duties with their clocks, for everybody who may read the contract: two working days for the publication (R054), seven for the filing (R055).
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "The duties", body = FilingsView)))]
#[get("/contracts/{contract_id}/filings")]
async fn get_filings(call: Call, id: Id<ContractId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let contract = agreements::find(snapshot, viewer.tenant, id.0)?;
        if !contract.is_public() && !viewer.actor.as_ref().is_some_and(|actor| contract.visible_to(actor)) {
            return Err(error::NOT_FOUND.error());
        }
        Reply::ok(&view(snapshot, &contract, today)?)
    })
    .await
}

/// What was done.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordFiling {
    /// What was done.
    pub kind: FilingKind,
    /// On which day, from the signing to today.
    pub done_on: NaiveDate,
    /// Address of the announcement, or number of the filing.
    #[schema(min_length = 1, max_length = 500, example = "吴财采合〔2026〕118号")]
    pub reference: String,
    /// Why it is late; needed after the last day.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500, example = "公告平台维护。")]
    pub late_reason: Option<String>,
}

/// Record the publication or filing of a contract
///
/// A purchaser or lead of the unit records each once. After the last day a reason is needed; it is kept with the day and shown.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = RecordFiling,
    responses((status = 201, description = "Recorded", body = FilingsView)),
    extensions(("x-action" = json!(policy::RECORD.name)), ("x-problems" = json!(["filed_already"]))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/filings")]
async fn record_filing(call: Call, id: Id<ContractId>, body: Body<RecordFiling>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::RECORD, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewFiling {
                kind: asked.kind,
                done_on: asked.done_on,
                reference: asked.reference.clone(),
                late_reason: asked.late_reason.clone(),
            };
            let (contract, _) = service::file(tx, &granted, &new)?;
            let today = tx.now().date_in_shanghai();
            let location = format!("/api/v1/contracts/{}/filings", contract.id);
            Ok(Reply::created(location, &view(tx, &contract, today)?)?.tagged(contract.version))
        },
    )
    .await
}
