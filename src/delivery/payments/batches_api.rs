//! Payment batches over HTTP: made, listed, read, and their file as often as somebody asks.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::batches::{self, BatchLineRow, BatchRow};
use super::policy;
use crate::kernel::id::{AccountId, BankAccountId, PaymentBatchId, PaymentId, UnitId};
use crate::kernel::{Money, UtcInstant};
use crate::people::policy::{District, authorize};
use crate::people::readings::PERSONAL_DATA;
use crate::people::{self, Scope};
use crate::web::openapi::Octets;
use crate::web::spreadsheet::{SheetFormat, attachment};
use crate::web::{Answer, Body, Call, Failure, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(make_payment_batch).service(list_payment_batches).service(get_payment_batch).service(payment_batch_file);
}

/// A payment in a batch.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BatchLineView {
    /// The payment.
    pub payment_id: PaymentId,
    /// Which of its instructions, from 1.
    #[schema(example = 1)]
    pub instruction: i32,
    /// The account that the file names.
    pub bank_account_id: BankAccountId,
    /// Its version when the bank was told.
    #[schema(example = 2)]
    pub bank_account_version: i64,
    /// How much.
    pub amount: Money,
}

impl From<BatchLineRow> for BatchLineView {
    fn from(row: BatchLineRow) -> Self {
        let (payment_id, instruction, bank_account_id) = (row.payment_id, row.instruction, row.bank_account_id);
        Self { payment_id, instruction, bank_account_id, bank_account_version: row.bank_account_version, amount: row.amount_fen.into() }
    }
}

/// A batch.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BatchView {
    /// Id.
    pub id: PaymentBatchId,
    /// The unit that pays.
    pub unit_id: UnitId,
    /// Number, from 1 in the district.
    #[schema(example = 17)]
    pub number: i32,
    /// Form of the file.
    pub format: SheetFormat,
    /// How much in all.
    pub amount: Money,
    /// SHA-256 of the file.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
    /// Who made it.
    pub created_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

impl From<BatchRow> for BatchView {
    fn from(row: BatchRow) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id,
            number: row.number,
            format: row.format,
            amount: row.amount_fen.into(),
            sha256: row.sha256,
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

/// A batch with its payments.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BatchDetail {
    /// The batch.
    #[serde(flatten)]
    pub batch: BatchView,
    /// Its payments in the order of the file.
    #[schema(max_items = 500)]
    pub payments: Vec<BatchLineView>,
}

fn detail((row, lines): (BatchRow, Vec<BatchLineRow>)) -> BatchDetail {
    BatchDetail { batch: row.into(), payments: lines.into_iter().map(BatchLineView::from).collect() }
}

/// A batch to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeBatch {
    /// The unit that pays.
    pub unit_id: UnitId,
    /// Form of the file.
    pub format: SheetFormat,
}

/// Make a payment batch
///
/// Writes every instructed payment of the unit that is in no batch yet into one file for the bank or treasury, at most 500, oldest first, with the accounts that
/// the instructions name. The file is kept byte for byte and its SHA-256 is journalled. An instruction is in one batch; a corrected payment is instructed anew.
#[utoipa::path(tag = "payments", request_body = MakeBatch, responses((status = 201, description = "Made", body = BatchDetail)),
    extensions(("x-action" = json!(policy::BATCH.name)), ("x-problems" = json!(["nothing_to_send", "payee_account_replaced"]))),
    security(("bearer" = [])))]
#[post("/payment-batches")]
async fn make_payment_batch(call: Call, body: Body<MakeBatch>) -> Answer {
    let unit = body.get().ok().map(|asked| asked.unit_id);
    people::command(
        call,
        body.fingerprint,
        move |_tx, actor| batches::may_make(actor, unit),
        move |tx, granted| {
            let asked = body.get()?;
            let made = batches::make(tx, &granted, asked.unit_id, asked.format)?;
            Reply::created(format!("/api/v1/payment-batches/{}", made.0.id), &detail(made))
        },
    )
    .await
}

/// Filters and page of the list of batches.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListBatches {
    /// Only of this unit.
    unit_id: Option<UnitId>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List payment batches
///
/// Newest first: those of the caller's unit; finance of the district and auditors see all.
#[utoipa::path(tag = "payments", params(ListBatches), responses((status = 200, description = "A page of batches", body = Page<BatchView>)),
    extensions(("x-action" = json!(policy::BATCHES.name))), security(("bearer" = [])))]
#[get("/payment-batches")]
async fn list_payment_batches(call: Call, params: Params<ListBatches>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        authorize(actor, &policy::BATCHES, District(actor.tenant))?;
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("payment batches {:?}", asked.unit_id))?;
        let scope = Scope::of(Some(actor), policy::BATCHES.roles);
        let rows = batches::list(snapshot, viewer.tenant, asked.unit_id, scope, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), BatchView::from);
        Reply::page(&page, &params.path, &params.raw)
    })
    .await
}

/// Read a payment batch
///
/// Who made it when, its payments with the accounts they went to, and the SHA-256 of its file.
#[utoipa::path(tag = "payments", params(("batch_id" = PaymentBatchId, Path, description = "The batch")),
    responses((status = 200, description = "The batch", body = BatchDetail)),
    extensions(("x-action" = json!(policy::BATCHES.name))), security(("bearer" = [])))]
#[get("/payment-batches/{batch_id}")]
async fn get_payment_batch(call: Call, id: Id<PaymentBatchId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = batches::readable(snapshot, viewer.person()?, id.0)?;
        let lines = batches::lines(snapshot, row.id)?;
        Reply::ok(&detail((row, lines)))
    })
    .await
}

/// Download the file of a payment batch
///
/// The bytes as they were made, however often; the reading is logged. Account numbers are text; take `xlsx` where a spreadsheet opens the file, which would
/// round long numbers of a CSV.
#[utoipa::path(tag = "payments", params(("batch_id" = PaymentBatchId, Path, description = "The batch")),
    responses((status = 200, description = "The file", body = Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::BATCHES.name)), ("x-answer-example" = json!("PK …"))), security(("bearer" = [])))]
#[get("/payment-batches/{batch_id}/file")]
async fn payment_batch_file(call: Call, id: Id<PaymentBatchId>) -> Answer {
    let (row, file) = people::desk::fetch(&call, Some(PERSONAL_DATA), move |snapshot, viewer| {
        let row = batches::readable(snapshot, viewer.person()?, id.0)?;
        let file = batches::file(snapshot, row.id)?;
        Ok((row, file))
    })
    .await
    .map_err(Failure)?;
    Ok(attachment(file, row.format, &format!("payment-batch-{:06}", row.number)))
}
