//! Which account of the payee the bank is told: the confirmed one, noted on the payment with its version, so that it can be told afterwards where money was sent.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::model::PaymentRow;
use crate::db::Db;
use crate::kernel::Result;
use crate::kernel::error::problems;
use crate::kernel::id::BankAccountId;
use crate::parties::organisations::bank_accounts::rules::masked;
use crate::parties::organisations::bank_accounts::{BankAccountRow, confirmed_of, of_ids};

problems! {
    /// The payee has no account that two persons agreed on.
    PAYEE_ACCOUNT_MISSING = "payee_account_missing", 409, "收款人没有已确认的账户", "The payee has no confirmed account",
        "请收款人提出账户并由另一人确认，然后再通知银行付款。",
        "Have the payee propose its account and another person confirm it before the bank is told.";
    /// It bounced, and nothing is different.
    PAYEE_ACCOUNT_UNCHANGED = "payee_account_unchanged", 409, "退票后账户未更正", "The account is the one that bounced",
        "款项被退回后，须先确认更正后的账户；账户经核对无误的，须声明并说明理由。",
        "After a bounce the corrected account is confirmed first; if the account was right all along, say that it was checked and why.";
    /// The account was replaced after the instruction.
    PAYEE_ACCOUNT_REPLACED = "payee_account_replaced", 409, "收款账户在指令后已变更", "The account was replaced after the instruction",
        "该笔付款指令所记账户已被新账户取代。请登记退票并按新账户更正，再制作付款批次。",
        "The payment was instructed to an account that another has replaced since. Enter it as bounced and correct it before the batch is made.";
    /// No instruction waits.
    NOTHING_TO_SEND = "nothing_to_send", 409, "没有待发送的付款指令", "No instruction waits",
        "该单位没有尚未列入批次的付款指令。",
        "The unit has no instructed payment that is not in a batch yet.";
}

/// Where the bank was told to pay.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PaidTo {
    /// The account.
    pub bank_account_id: BankAccountId,
    /// Its version when the bank was told.
    #[schema(example = 2)]
    pub version: i64,
    /// 户名.
    #[schema(example = "吴兴区邻里互助协会")]
    pub holder: String,
    /// 开户行.
    #[schema(example = "湖州银行月河支行")]
    pub bank: String,
    /// 账号, with all but its last four digits hidden.
    #[schema(example = "********3456")]
    pub number: String,
}

/// The payee's confirmed account.
pub fn confirmed(db: &mut Db, payment: &PaymentRow) -> Result<BankAccountRow> {
    let found = confirmed_of(db, payment.tenant_id, &[payment.organisation_id])?;
    found.into_iter().next().ok_or_else(|| PAYEE_ACCOUNT_MISSING.error())
}

/// The account for another attempt after a bounce: another one than that which bounced, or the same when somebody says that it was `checked`. A number that
/// is confirmed again is another account.
pub fn corrected(db: &mut Db, payment: &PaymentRow, checked: bool) -> Result<BankAccountRow> {
    let account = confirmed(db, payment)?;
    let another = payment.bank_account_id.is_some_and(|bounced| bounced != account.id);
    if another || checked { Ok(account) } else { Err(PAYEE_ACCOUNT_UNCHANGED.error()) }
}

/// The payment with one more instruction, to this account.
pub fn pinned(row: PaymentRow, account: &BankAccountRow) -> PaymentRow {
    PaymentRow {
        bank_account_id: Some(account.id),
        bank_account_version: Some(account.version),
        instructions: row.instructions.saturating_add(1),
        ..row
    }
}

/// What the journal says of it: the last four digits only.
pub fn told(row: &PaymentRow, account: &BankAccountRow) -> Value {
    json!({
        "instruction": row.instructions, "bank_account_id": account.id, "bank_account_version": account.version, "holder": account.holder,
        "bank": account.bank, "number": masked(&account.number),
    })
}

/// The accounts of these payments, as they are shown.
pub fn shown(db: &mut Db, payments: &[PaymentRow]) -> Result<BTreeMap<BankAccountId, BankAccountRow>> {
    let Some(first) = payments.first() else { return Ok(BTreeMap::new()) };
    let ids: Vec<BankAccountId> = payments.iter().filter_map(|payment| payment.bank_account_id).collect();
    Ok(of_ids(db, first.tenant_id, &ids)?.into_iter().map(|row| (row.id, row)).collect())
}

/// Where the bank was told to pay this; none before it is told.
pub fn paid_to(payment: &PaymentRow, accounts: &BTreeMap<BankAccountId, BankAccountRow>) -> Option<PaidTo> {
    let account = payment.bank_account_id.and_then(|id| accounts.get(&id))?;
    Some(PaidTo {
        bank_account_id: account.id,
        version: payment.bank_account_version?,
        holder: account.holder.clone(),
        bank: account.bank.clone(),
        number: masked(&account.number),
    })
}
