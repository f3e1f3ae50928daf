//! What keeps a contract from being drafted or signed: marks that an open challenge or complaint sets on a lot. A mark ends when it is lifted
//! or when its last day is over; the clock is asked each time, nothing is flipped by a timer.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{awards, suspensions};
use crate::db::{Db, Tx};
use crate::kernel::error::problems;
use crate::kernel::id::{AccountId, AnyId, AwardId, LotId, SuspensionId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::words;

problems! {
    /// A challenge or complaint that suspends is open.
    CONTRACT_SUSPENDED = "contract_suspended", 409, "签约已暂停", "The contract is suspended",
        "存在可能影响结果的质疑或投诉，在其处理完毕前暂停起草和签订合同（政府采购法实施条例第54条）。",
        "A challenge or complaint that may touch the result is open; until it is dealt with no contract is drafted or signed (Implementing Regulations, article 54).";
}

/// A mark.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = suspensions, treat_none_as_default_value = false)]
pub struct SuspensionRow {
    /// Id.
    pub id: SuspensionId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Lot.
    pub lot_id: LotId,
    /// Kind of what suspends, such as `challenge`.
    pub cause_kind: String,
    /// What suspends.
    pub cause_id: AnyId,
    /// Why; not public.
    pub reason: String,
    /// Who marked it.
    pub imposed_by: AccountId,
    /// When.
    pub imposed_at: UtcInstant,
    /// Last day; none: until it is lifted.
    pub ends_on: Option<NaiveDate>,
    /// When it was lifted.
    pub lifted_at: Option<UtcInstant>,
}

impl SuspensionRow {
    /// Whether it still suspends on a day.
    pub fn in_force(&self, today: NaiveDate) -> bool {
        self.lifted_at.is_none() && self.ends_on.is_none_or(|last| today <= last)
    }
}

/// The marks of a lot that suspend on a day, oldest first.
pub fn in_force(db: &mut Db, lot: LotId, today: NaiveDate) -> Result<Vec<SuspensionRow>> {
    let rows: Vec<SuspensionRow> = suspensions::table
        .filter(suspensions::lot_id.eq(lot).and(suspensions::lifted_at.is_null()))
        .order((suspensions::imposed_at, suspensions::id))
        .load(db)?;
    Ok(rows.into_iter().filter(|row| row.in_force(today)).collect())
}

/// Refuses with `contract_suspended` while a mark of the lot suspends.
pub fn refuse_while_suspended(db: &mut Db, lot: LotId, today: NaiveDate) -> Result<()> {
    match in_force(db, lot, today)?.first() {
        None => Ok(()),
        Some(SuspensionRow { ends_on: Some(last), .. }) => Err(CONTRACT_SUSPENDED.because(words!("至 {last}", "until {last}"))),
        Some(_) => Err(CONTRACT_SUSPENDED.because(words!("至处理完毕", "until it is dealt with"))),
    }
}

/// The same for the lot of an award, which is what a contract knows.
pub(super) fn refuse_while_award_suspended(db: &mut Db, award: AwardId, today: NaiveDate) -> Result<()> {
    let lot: LotId = awards::table.find(award).select(awards::lot_id).first(db)?;
    refuse_while_suspended(db, lot, today)
}

/// Sets a mark. The caller holds the proof and writes the journal.
pub fn impose(tx: &mut Tx<'_>, row: &SuspensionRow) -> Result<()> {
    diesel::insert_into(suspensions::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Lifts the marks that this cause set; none is no error. Gives how many were lifted.
pub fn lift(tx: &mut Tx<'_>, cause: AnyId) -> Result<usize> {
    let now = tx.now();
    Ok(diesel::update(suspensions::table.filter(suspensions::cause_id.eq(cause).and(suspensions::lifted_at.is_null())))
        .set(suspensions::lifted_at.eq(now))
        .execute(&mut **tx)?)
}

/// Whether this cause ever set a mark.
pub fn ever(db: &mut Db, cause: AnyId) -> Result<bool> {
    let marks: i64 = suspensions::table.filter(suspensions::cause_id.eq(cause)).count().get_result(db)?;
    Ok(marks > 0)
}
