//! Reconciliation over HTTP: DTOs, handlers, routes.

use std::sync::Arc;

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Difference, DifferenceKind, ReconciliationRow};
use super::{policy, service, store};
use crate::kernel::fen::Currency;
use crate::kernel::id::{ReconciliationId, UnitId};
use crate::kernel::{Fen, Result, UtcInstant, error};
use crate::people::{self, Scope};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, RawBody, Reply};
use crate::words;

/// Largest file of a month.
const FILE_BYTES: usize = 2 * 1024 * 1024;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_reconciliations).service(create_reconciliation).service(get_reconciliation).service(explain_difference);
}

/// A reconciliation without its differences.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReconciliationView {
    /// Id.
    pub id: ReconciliationId,
    /// Unit whose funds were compared.
    pub unit_id: UnitId,
    /// Month.
    #[schema(example = "2026-07")]
    pub month: String,
    /// SHA-256 of the file.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub file_sha256: String,
    /// References on which both books agree.
    #[schema(example = 41)]
    pub matched: i32,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

impl From<ReconciliationRow> for ReconciliationView {
    fn from(row: ReconciliationRow) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id,
            month: row.month,
            file_sha256: row.file_sha256,
            matched: row.matched,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// A reference on which the books differ.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DifferenceView {
    /// How.
    pub kind: DifferenceKind,
    /// The bank's reference; `-` for money that the ledger posted without one.
    #[schema(example = "20260701-000123")]
    pub reference: String,
    /// What the treasury has, in fen; money that came back counts negative.
    pub treasury_fen: Option<Fen>,
    /// What the ledger has, in fen.
    pub ledger_fen: Option<Fen>,
    /// Always `CNY`.
    pub currency: Currency,
    /// Why; null until it is explained.
    #[schema(example = "月末在途，次月 2 日到账")]
    pub explanation: Option<String>,
}

/// A reconciliation with its differences.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReconciliationDetail {
    /// The reconciliation.
    #[serde(flatten)]
    pub reconciliation: ReconciliationView,
    /// How many differences wait for an explanation.
    #[schema(example = 0)]
    pub unexplained: usize,
    /// The differences in the order of their references.
    #[schema(max_items = 20_000)]
    pub differences: Vec<DifferenceView>,
}

impl ReconciliationDetail {
    fn new(row: ReconciliationRow, found: Vec<Difference>) -> Self {
        let unexplained = found.iter().filter(|one| one.explanation.is_none()).count();
        let view = |one: Difference| DifferenceView {
            kind: one.kind,
            reference: one.reference,
            treasury_fen: one.treasury,
            ledger_fen: one.ledger,
            currency: Currency::Cny,
            explanation: one.explanation,
        };
        Self { reconciliation: row.into(), unexplained, differences: found.into_iter().map(view).collect() }
    }
}

fn shown(row: ReconciliationRow, found: Vec<Difference>) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&ReconciliationDetail::new(row, found))?.tagged(version))
}

/// A page of reconciliations.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListReconciliations {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List reconciliations
///
/// Newest first: those of the caller's unit; the finance bureau and auditors see all.
#[utoipa::path(tag = "reconciliations", params(ListReconciliations),
    responses((status = 200, description = "A page of reconciliations", body = Page<ReconciliationView>)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/reconciliations")]
async fn list_reconciliations(call: Call, params: Params<ListReconciliations>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        if !actor.has_any(policy::READ.roles) {
            return Err(error::FORBIDDEN.error());
        }
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), "reconciliations")?;
        let scope = Scope::of(Some(actor), policy::READ.roles);
        let rows = store::list(snapshot, viewer.tenant, scope, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), ReconciliationView::from);
        Reply::page(&page, &params.path, &params.raw)
    })
    .await
}

/// Which book is compared.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichBook {
    /// The unit.
    unit_id: UnitId,
    /// The month, `YYYY-MM`.
    #[param(min_length = 7, max_length = 7, example = "2026-07")]
    month: String,
}

/// Reconcile a month
///
/// The treasury's file of a month, a UTF-8 CSV with the columns `date,reference,direction,amount_fen` (direction `out` or `in`), against what the
/// ledger paid and got back in it, by bank reference. Differences are listed; a bad line refuses the file.
#[utoipa::path(tag = "reconciliations", params(WhichBook),
    request_body(content = String, content_type = "text/csv", description = "The treasury's lines, at most 2 MiB"),
    responses((status = 201, description = "Compared", body = ReconciliationDetail)),
    extensions(("x-action" = json!(policy::RECONCILE.name)), ("x-problems" = json!(["unsupported_media_type"])),
        ("x-body-example" = json!("date,reference,direction,amount_fen\n2026-07-01,20260701-000123,out,400000\n"))),
    security(("bearer" = [])))]
#[post("/reconciliations")]
async fn create_reconciliation(call: Call, params: Params<WhichBook>, body: RawBody<FILE_BYTES>) -> Answer {
    let params = Arc::new(params);
    let asked = Arc::clone(&params);
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_reconcile(tx, actor, asked.get().ok().map(|asked| asked.unit_id)),
        move |tx, granted| {
            let asked = params.get()?;
            if body.media_type != "text/csv" {
                return Err(error::UNSUPPORTED_MEDIA_TYPE.because(words!("须为 text/csv", "expected text/csv")));
            }
            let (row, found) = service::reconcile(tx, &granted, &asked.month, body.get()?)?;
            let (location, version) = (format!("/api/v1/reconciliations/{}", row.id), row.version);
            Ok(Reply::created(location, &ReconciliationDetail::new(row, found))?.tagged(version))
        },
    )
    .await
}

/// Read a reconciliation
///
/// What was found, with the explanations so far.
#[utoipa::path(tag = "reconciliations", params(("reconciliation_id" = ReconciliationId, Path, description = "The reconciliation")),
    responses((status = 200, description = "The reconciliation", body = ReconciliationDetail)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/reconciliations/{reconciliation_id}")]
async fn get_reconciliation(call: Call, id: Id<ReconciliationId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = service::may(snapshot, viewer.person()?, &policy::READ, id.0)?.into_subject();
        let found = store::differences(snapshot, row.id)?;
        shown(row, found)
    })
    .await
}

/// An explanation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainDifference {
    /// The reference of the difference.
    #[schema(min_length = 1, max_length = 64, example = "20260701-000123")]
    pub reference: String,
    /// Why the books differ.
    #[schema(min_length = 1, max_length = 500, example = "月末在途，次月 2 日到账")]
    pub explanation: String,
}

/// Explain a difference
///
/// Says why the books differ on one reference; a later explanation replaces the former.
#[utoipa::path(tag = "reconciliations", params(("reconciliation_id" = ReconciliationId, Path, description = "The reconciliation")),
    request_body = ExplainDifference, responses((status = 200, description = "Explained", body = ReconciliationDetail)),
    extensions(("x-action" = json!(policy::EXPLAIN.name)), ("x-problems" = json!(["no_such_difference"]))), security(("bearer" = [])))]
#[post("/reconciliations/{reconciliation_id}/explanations")]
async fn explain_difference(call: Call, id: Id<ReconciliationId>, body: Body<ExplainDifference>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::EXPLAIN, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::explain(tx, &granted, &asked.reference, &asked.explanation)?;
            let found = store::differences(tx, row.id)?;
            shown(row, found)
        },
    )
    .await
}
