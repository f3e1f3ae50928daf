//! Payment batches: the instructed payments of a unit that the bank was not handed yet, written into one file that is kept byte for byte.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::accounts::{NOTHING_TO_SEND, PAYEE_ACCOUNT_REPLACED};
use super::model::{PaymentRow, PaymentState};
use super::policy;
use crate::db::schema::{organisations, payment_batch_lines, payment_batches, payments};
use crate::db::{Backend, Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{AccountId, BankAccountId, OrganisationId, PaymentBatchId, PaymentId, TenantId, UnitId};
use crate::kernel::{Error, Fen, Result, UtcInstant};
use crate::parties::organisations::bank_accounts::model::BankAccountState;
use crate::parties::organisations::bank_accounts::{BankAccountRow, of_ids};
use crate::people::policy::{District, authorize};
use crate::people::scope::seen;
use crate::people::{Actor, Authorized, Scope, Subject};
use crate::trust::journal::{self, Event};
use crate::web::spreadsheet::{Cell, Sheet, SheetFormat};
use crate::words;

/// Most payments of one batch; what waits beyond goes into the next.
pub const PAYMENTS_MAX: i64 = 500;
/// Kind of a batch in the journal.
const KIND: &str = "payment_batch";
const HEADS: &[&str] = &["序号", "付款单号", "收款人", "户名", "开户行", "账号", "金额（元）", "发票号码"];

/// A batch as it was handed to the bank, without the bytes of its file.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payment_batches, treat_none_as_default_value = false)]
pub struct BatchRow {
    /// Id.
    pub id: PaymentBatchId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The unit that pays.
    pub unit_id: UnitId,
    /// Number, from 1 in the district.
    pub number: i32,
    /// Form of the file.
    pub format: SheetFormat,
    /// How much in all.
    pub amount_fen: Fen,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Who made it.
    pub created_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

/// A payment in a batch.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = payment_batch_lines)]
pub struct BatchLineRow {
    /// The payment.
    pub payment_id: PaymentId,
    /// Which of its instructions, from 1: each is in one batch at most.
    pub instruction: i32,
    /// The batch.
    pub batch_id: PaymentBatchId,
    /// Place in the file, from 1.
    pub position: i32,
    /// The account that the file names.
    pub bank_account_id: BankAccountId,
    /// Its version when the bank was told.
    pub bank_account_version: i64,
    /// How much.
    pub amount_fen: Fen,
}

impl Subject for BatchRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn year(&self) -> Option<i32> {
        Some(self.created_at.year_in_shanghai())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.sees(policy::BATCHES.roles, self)
    }
}

/// The unit whose payments are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Payer {
    /// Tenant.
    pub tenant: TenantId,
    /// The unit; none when the question names none.
    pub unit: Option<UnitId>,
}

impl Subject for Payer {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn unit(&self) -> Option<UnitId> {
        self.unit
    }
}

/// May the actor make a batch of this unit's payments? Whoever holds no such role is told so before the unit is read.
pub fn may_make(actor: &Actor, unit: Option<UnitId>) -> Result<Authorized<Payer>> {
    authorize(actor, &policy::BATCH, District(actor.tenant))?;
    authorize(actor, &policy::BATCH, Payer { tenant: actor.tenant, unit })
}

/// A batch that the actor may read.
pub fn readable(db: &mut Db, actor: &Actor, id: PaymentBatchId) -> Result<BatchRow> {
    let one = payment_batches::tenant_id.eq(actor.tenant).and(payment_batches::id.eq(id));
    let found: Option<BatchRow> = payment_batches::table.filter(one).select(BatchRow::as_select()).first(db).optional()?;
    let row = found.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::BATCHES, row).map(|granted| granted.subject().clone())
}

/// The file of a batch that was found to be readable, byte for byte.
pub fn file(db: &mut Db, batch: PaymentBatchId) -> Result<Vec<u8>> {
    Ok(payment_batches::table.find(batch).select(payment_batches::content).first(db)?)
}

/// The payments of a batch in their order.
pub fn lines(db: &mut Db, batch: PaymentBatchId) -> Result<Vec<BatchLineRow>> {
    Ok(payment_batch_lines::table.filter(payment_batch_lines::batch_id.eq(batch)).order(payment_batch_lines::position).load(db)?)
}

/// Batches that the reader may see after the cursor, newest first, at most `rows`.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    unit: Option<UnitId>,
    scope: Scope,
    after: Option<(UtcInstant, Uuid)>,
    rows: i64,
) -> Result<Vec<BatchRow>> {
    let of_tenant = payment_batches::table.filter(payment_batches::tenant_id.eq(tenant));
    let mut query = of_tenant.select(BatchRow::as_select()).into_boxed::<Backend>();
    if !scope.whole {
        query = query.filter(seen!(scope, payment_batches, made: created_at));
    }
    if let Some(unit) = unit {
        query = query.filter(payment_batches::unit_id.eq(unit));
    }
    if let Some((at, id)) = after {
        let id = PaymentBatchId::new(id);
        query = query.filter(payment_batches::created_at.lt(at).or(payment_batches::created_at.eq(at).and(payment_batches::id.lt(id))));
    }
    Ok(query.order((payment_batches::created_at.desc(), payment_batches::id.desc())).limit(rows).load(db)?)
}

/// Instructed payments of the unit that are in no batch of their present instruction, oldest first.
fn waiting(db: &mut Db, tenant: TenantId, unit: UnitId) -> Result<Vec<PaymentRow>> {
    let sent = payment_batch_lines::table
        .filter(payment_batch_lines::payment_id.eq(payments::id).and(payment_batch_lines::instruction.eq(payments::instructions)));
    Ok(payments::table
        .filter(payments::tenant_id.eq(tenant).and(payments::unit_id.eq(unit)))
        .filter(payments::state.eq(PaymentState::Instructed).and(payments::bank_account_id.is_not_null()))
        .filter(diesel::dsl::not(diesel::dsl::exists(sent)))
        .order((payments::created_at, payments::id))
        .limit(PAYMENTS_MAX)
        .select(payments::all_columns)
        .load(db)?)
}

/// Writes what waits of the unit into one file and keeps it. The accounts are those that each instruction names; one that was replaced since stops the batch.
pub fn make(tx: &mut Tx<'_>, granted: &Authorized<Payer>, unit: UnitId, format: SheetFormat) -> Result<(BatchRow, Vec<BatchLineRow>)> {
    let tenant = granted.subject().tenant;
    let waiting = waiting(tx, tenant, unit)?;
    if waiting.is_empty() {
        return Err(NOTHING_TO_SEND.error());
    }
    let ids: Vec<BankAccountId> = waiting.iter().filter_map(|payment| payment.bank_account_id).collect();
    let accounts: BTreeMap<_, _> = of_ids(tx, tenant, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    let payees: Vec<OrganisationId> = waiting.iter().map(|payment| payment.organisation_id).collect();
    let named = organisations::tenant_id.eq(tenant).and(organisations::id.eq_any(&payees));
    let names: Vec<(OrganisationId, String)> =
        organisations::table.filter(named).select((organisations::id, organisations::name_zh)).load(&mut **tx)?;
    let names: BTreeMap<_, _> = names.into_iter().collect();
    let last: Option<i32> = payment_batches::table
        .filter(payment_batches::tenant_id.eq(tenant))
        .select(diesel::dsl::max(payment_batches::number))
        .first(&mut **tx)?;
    let (id, number) = (tx.new_id(), last.unwrap_or(0).saturating_add(1));
    let (mut lines, mut rows) = (Vec::with_capacity(waiting.len()), Vec::with_capacity(waiting.len()));
    for (position, payment) in (1..).zip(&waiting) {
        let account = standing(payment, &accounts)?;
        lines.push(BatchLineRow {
            payment_id: payment.id,
            instruction: payment.instructions,
            batch_id: id,
            position,
            bank_account_id: account.id,
            bank_account_version: payment.bank_account_version.unwrap_or(account.version),
            amount_fen: payment.amount_fen,
        });
        rows.push(cells(position, payment, names.get(&payment.organisation_id), account));
    }
    let amount_fen = Fen::total(lines.iter().map(|line| line.amount_fen))?;
    rows.push(sum(amount_fen));
    let content = Sheet { name: format!("付款批次{number}"), heads: HEADS, rows }.bytes(format)?;
    let row = BatchRow {
        id,
        tenant_id: tenant,
        unit_id: unit,
        number,
        format,
        amount_fen,
        sha256: hex::encode(Sha256::digest(&content)),
        created_by: granted.by(),
        created_at: tx.now(),
    };
    diesel::insert_into(payment_batches::table).values((&row, payment_batches::content.eq(content))).execute(&mut **tx)?;
    for line in &lines {
        diesel::insert_into(payment_batch_lines::table).values(line).execute(&mut **tx)?;
    }
    record(tx, &row, &lines)?;
    Ok((row, lines))
}

/// The account of the payment's instruction, as long as it is the confirmed one.
fn standing<'a>(payment: &PaymentRow, accounts: &'a BTreeMap<BankAccountId, BankAccountRow>) -> Result<&'a BankAccountRow> {
    let account = payment.bank_account_id.and_then(|id| accounts.get(&id));
    let account = account.ok_or_else(|| Error::internal(format!("the payment {} was instructed to no account", payment.id)))?;
    if account.state == BankAccountState::Confirmed {
        return Ok(account);
    }
    let id = payment.id;
    Err(PAYEE_ACCOUNT_REPLACED.because(words!("付款单 {id}", "payment {id}")))
}

fn cells(position: i32, payment: &PaymentRow, payee: Option<&String>, account: &BankAccountRow) -> Vec<Cell> {
    let text = |value: &str| Cell::Text(value.to_owned());
    vec![
        Cell::Number(i64::from(position)),
        Cell::Text(payment.id.to_string()),
        Cell::maybe(payee.cloned()),
        text(&account.holder),
        text(&account.bank),
        text(&account.number),
        Cell::Yuan(payment.amount_fen),
        text(&payment.invoice_number),
    ]
}

fn sum(total: Fen) -> Vec<Cell> {
    let mut row = vec![Cell::Text("合计".to_owned())];
    row.extend((1..6).map(|_| Cell::Nothing));
    row.extend([Cell::Yuan(total), Cell::Nothing]);
    row
}

fn record(tx: &mut Tx<'_>, row: &BatchRow, lines: &[BatchLineRow]) -> Result<()> {
    let told: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({"payment_id": line.payment_id, "instruction": line.instruction, "bank_account_id": line.bank_account_id,
                "bank_account_version": line.bank_account_version, "amount_fen": line.amount_fen})
        })
        .collect();
    let content = json!({
        "number": row.number, "unit_id": row.unit_id, "format": row.format, "amount_fen": row.amount_fen, "sha256": row.sha256, "payments": told,
    });
    let event =
        Event { tenant: row.tenant_id, action: "payment_batch.made", kind: KIND, resource: row.id.any(), version: 1, case: None, content };
    journal::record(tx, &event).map(drop)
}
