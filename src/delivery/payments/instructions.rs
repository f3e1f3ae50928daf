//! The worklist of payments: what is approved and instructed, as a table with the payees' confirmed accounts. What the bank is handed is a batch (`batches`).

use std::collections::BTreeMap;

use actix_web::get;
use diesel::prelude::*;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::batches::Payer;
use super::model::PaymentState;
use super::policy;
use crate::db::Db;
use crate::db::schema::{organisations, payments, units};
use crate::kernel::id::{OrganisationId, TenantId, UnitId};
use crate::kernel::{Error, Fen, Result};
use crate::parties::organisations::bank_accounts::{BankAccountRow, confirmed_of};
use crate::people;
use crate::people::policy::{District, authorize};
use crate::people::readings::PERSONAL_DATA;
use crate::web::openapi::Octets;
use crate::web::spreadsheet::{Cell, Sheet, SheetFormat, attachment};
use crate::web::{Answer, Call, Failure, Params};
use crate::words;

/// Most payments of one file.
const ROWS_MAX: i64 = 500;
const HEADS: &[&str] = &["付款单号", "付款单位", "收款人", "户名", "开户行", "账号", "金额（元）", "发票号码", "状态", "说明"];

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(instruction_file);
}

/// Which payments.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InstructionFile {
    /// Form of the file.
    #[param(inline)]
    format: SheetFormat,
    /// The unit that pays.
    unit_id: UnitId,
}

struct Line {
    id: String,
    unit: String,
    payee: OrganisationId,
    payee_name: String,
    amount: Fen,
    invoice: String,
    state: PaymentState,
}

/// Download the worklist of payments
///
/// Approved and instructed payments of a unit with the payees' confirmed bank accounts, oldest first, for finance officers to look through before they tell the bank;
/// what the bank is handed is a payment batch. The sum stands in the last row. A payment whose payee has no confirmed account is listed with its reason and is not in the sum. The reading is logged. Account numbers are text;
/// take `xlsx` where a spreadsheet opens the file, which would round long numbers of a CSV.
#[utoipa::path(tag = "payments", params(InstructionFile),
    responses((status = 200, description = "The file", body = Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::INSTRUCTIONS.name)), ("x-answer-example" = json!("PK …"))), security(("bearer" = [])))]
#[get("/payment-instructions/file")]
async fn instruction_file(call: Call, params: Params<InstructionFile>) -> Answer {
    let (bytes, format) = people::desk::fetch(&call, Some(PERSONAL_DATA), move |snapshot, viewer| {
        let actor = viewer.person()?;
        // Whoever holds no such role is told so before the question is read.
        authorize(actor, &policy::INSTRUCTIONS, District(actor.tenant))?;
        let asked = params.get()?;
        authorize(actor, &policy::INSTRUCTIONS, Payer { tenant: actor.tenant, unit: Some(asked.unit_id) })?;
        let lines = lines(snapshot, actor.tenant, asked.unit_id)?;
        let mut payees: Vec<OrganisationId> = lines.iter().map(|line| line.payee).collect();
        payees.sort_unstable();
        payees.dedup();
        let accounts = confirmed_of(snapshot, actor.tenant, &payees)?.into_iter().map(|row| (row.organisation_id, row)).collect();
        Ok((sheet(&lines, &accounts)?.bytes(asked.format)?, asked.format))
    })
    .await
    .map_err(Failure)?;
    Ok(attachment(bytes, format, "payment-worklist"))
}

fn lines(db: &mut Db, tenant: TenantId, unit: UnitId) -> Result<Vec<Line>> {
    type Row = (crate::kernel::id::PaymentId, String, OrganisationId, String, Fen, String, PaymentState);
    let open = payments::state.eq_any([PaymentState::Approved, PaymentState::Instructed]);
    let rows: Vec<Row> = payments::table
        .inner_join(units::table)
        .inner_join(organisations::table)
        .filter(payments::tenant_id.eq(tenant).and(payments::unit_id.eq(unit)).and(open))
        .order((payments::created_at, payments::id))
        .select((
            payments::id,
            units::name_zh,
            payments::organisation_id,
            organisations::name_zh,
            payments::amount_fen,
            payments::invoice_number,
            payments::state,
        ))
        .limit(ROWS_MAX.saturating_add(1))
        .load(db)?;
    if i64::try_from(rows.len()).is_ok_and(|found| found > ROWS_MAX) {
        return Err(Error::field("unit_id", words!("待付款超过 {ROWS_MAX} 笔", "more than {ROWS_MAX} payments wait")));
    }
    let line = |(id, unit, payee, payee_name, amount, invoice, state): Row| Line {
        id: id.to_string(),
        unit,
        payee,
        payee_name,
        amount,
        invoice,
        state,
    };
    Ok(rows.into_iter().map(line).collect())
}

fn sheet(lines: &[Line], accounts: &BTreeMap<OrganisationId, BankAccountRow>) -> Result<Sheet> {
    let text = |value: &str| Cell::Text(value.to_owned());
    let mut total = Fen::new(0);
    let mut rows = Vec::new();
    for line in lines {
        let account = accounts.get(&line.payee);
        let of = |field: fn(&BankAccountRow) -> &String| account.map_or(Cell::Nothing, |row| text(field(row)));
        if account.is_some() {
            total = total.plus(line.amount)?;
        }
        let note = if account.is_some() { Cell::Nothing } else { text("收款人没有已确认的账户，不得付款") };
        rows.push(vec![
            text(&line.id),
            text(&line.unit),
            text(&line.payee_name),
            of(|row| &row.holder),
            of(|row| &row.bank),
            of(|row| &row.number),
            Cell::Yuan(line.amount),
            text(&line.invoice),
            text(line.state.as_str()),
            note,
        ]);
    }
    let mut last = vec![text("合计")];
    last.extend((1..6).map(|_| Cell::Nothing));
    last.push(Cell::Yuan(total));
    last.extend((7..HEADS.len()).map(|_| Cell::Nothing));
    rows.push(last);
    Ok(Sheet { name: "付款指令".to_owned(), heads: HEADS, rows })
}
