//! Ledger rows in the database. Postings and legs are only ever inserted; `service` alone calls the mutations.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};
use uuid::Uuid;

use super::model::{
    Balances, Cause, FundTerms, HoldKind, HoldRow, LedgerAccount, LegRow, Legs, Position, PostingKind, PostingRow, ReductionRow,
};
use crate::db::schema::{fund_balances, fund_terms, funds, holds, posting_legs, postings, reductions};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{FundId, HoldId, PostingId, TenantId};
use crate::kernel::sql::Uid;
use crate::kernel::{Error, Fen, Result, UtcInstant, error};

#[derive(QueryableByName)]
struct Amount {
    #[diesel(sql_type = BigInt)]
    fen: Fen,
}

#[derive(QueryableByName)]
struct AccountSum {
    #[diesel(sql_type = Text)]
    account: LedgerAccount,
    #[diesel(sql_type = BigInt)]
    fen: Fen,
}

/// Makes every account of a new fund, empty.
pub fn open_accounts(tx: &mut Tx<'_>, fund: FundId) -> Result<()> {
    for account in LedgerAccount::ALL {
        diesel::insert_into(fund_balances::table)
            .values((fund_balances::fund_id.eq(fund), fund_balances::account.eq(*account), fund_balances::balance_fen.eq(Fen::ZERO)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// The balances of a fund; all zero when there is no such fund.
pub fn balances(db: &mut Db, fund: FundId) -> Result<Balances> {
    let rows: Vec<(LedgerAccount, Fen)> = fund_balances::table
        .filter(fund_balances::fund_id.eq(fund))
        .select((fund_balances::account, fund_balances::balance_fen))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// The balances of several funds.
pub fn balances_of(db: &mut Db, ids: &[FundId]) -> Result<BTreeMap<FundId, Balances>> {
    let rows: Vec<(FundId, LedgerAccount, Fen)> = fund_balances::table
        .filter(fund_balances::fund_id.eq_any(ids))
        .select((fund_balances::fund_id, fund_balances::account, fund_balances::balance_fen))
        .load(db)?;
    let mut funds: BTreeMap<FundId, Balances> = BTreeMap::new();
    for (fund, account, balance) in rows {
        let balances = funds.entry(fund).or_default();
        *balances = balances.with(account, balance);
    }
    Ok(funds)
}

/// Takes the fund for a posting: its version grows, which also queues writers of the same fund behind each other. 404 when the tenant
/// has no such fund.
pub fn touch_fund(tx: &mut Tx<'_>, tenant: TenantId, fund: FundId) -> Result<()> {
    let touched = diesel::update(funds::table.filter(funds::tenant_id.eq(tenant).and(funds::id.eq(fund))))
        .set(funds::version.eq(one_more(funds::version)))
        .execute(&mut **tx)?;
    if touched == 1 { Ok(()) } else { Err(error::NOT_FOUND.error()) }
}

/// Sets the balance of one account.
pub fn set_balance(tx: &mut Tx<'_>, fund: FundId, account: LedgerAccount, balance: Fen) -> Result<()> {
    let changed =
        diesel::update(fund_balances::table.find((fund, account))).set(fund_balances::balance_fen.eq(balance)).execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(Error::internal(format!("fund {fund} has no account {account}"))) }
}

pub fn insert_posting(tx: &mut Tx<'_>, posting: &PostingRow, legs: &[LegRow]) -> Result<()> {
    diesel::insert_into(postings::table).values(posting).execute(&mut **tx)?;
    for leg in legs {
        diesel::insert_into(posting_legs::table).values(leg).execute(&mut **tx)?;
    }
    Ok(())
}

/// Whether this cause was posted in this way on this fund and hold before.
pub fn is_posted(
    db: &mut Db,
    (tenant, fund): (TenantId, FundId),
    kind: PostingKind,
    cause: &Cause<'_>,
    hold: Option<HoldId>,
) -> Result<bool> {
    let mut query = postings::table
        .filter(postings::cause_id.eq(cause.id).and(postings::cause_kind.eq(cause.kind)))
        .filter(postings::tenant_id.eq(tenant).and(postings::fund_id.eq(fund)).and(postings::kind.eq(kind)))
        .into_boxed::<Backend>();
    query = match hold {
        Some(hold) => query.filter(postings::hold_id.eq(Some(hold))),
        None => query.filter(postings::hold_id.is_null()),
    };
    let found: i64 = query.count().get_result(db)?;
    Ok(found > 0)
}

/// Reservations of this cause on this fund.
pub fn reservations_of(db: &mut Db, tenant: TenantId, fund: FundId, cause: &Cause<'_>) -> Result<Vec<HoldRow>> {
    Ok(holds::table
        .filter(holds::cause_id.eq(cause.id).and(holds::cause_kind.eq(cause.kind)).and(holds::kind.eq(HoldKind::Reservation)))
        .filter(holds::tenant_id.eq(tenant).and(holds::fund_id.eq(fund)))
        .load(db)?)
}

pub fn hold(db: &mut Db, tenant: TenantId, id: HoldId) -> Result<Option<HoldRow>> {
    Ok(holds::table.filter(holds::tenant_id.eq(tenant).and(holds::id.eq(id))).first(db).optional()?)
}

pub fn insert_hold(tx: &mut Tx<'_>, row: &HoldRow) -> Result<()> {
    diesel::insert_into(holds::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores what of a hold was used and released.
pub fn update_hold(tx: &mut Tx<'_>, row: &HoldRow) -> Result<()> {
    diesel::update(holds::table.find(row.id))
        .set((holds::used_fen.eq(row.used), holds::released_fen.eq(row.released)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Where the money of a commitment stands: what is bound from the hold, the rest out of its postings.
pub fn position(db: &mut Db, hold: &HoldRow) -> Result<Position> {
    let rows: Vec<(LedgerAccount, Fen)> = posting_legs::table
        .inner_join(postings::table)
        .filter(postings::hold_id.eq(Some(hold.id)))
        .select((posting_legs::account, posting_legs::amount_fen))
        .load(db)?;
    let mut sums = Balances::default();
    for (account, amount) in rows {
        sums = sums.with(account, sums.of(account).plus(amount)?);
    }
    Ok(Position { committed: hold.remaining()?, payable: sums.payable, advanced: sums.advanced, paid: sums.paid })
}

/// The terms of a fund.
pub fn terms(db: &mut Db, fund: FundId) -> Result<FundTerms> {
    let year = funds::table.find(fund).select(funds::year).first(db)?;
    let ceiling: Option<Option<Fen>> = fund_terms::table.find(fund).select(fund_terms::monthly_ceiling_fen).first(db).optional()?;
    Ok(FundTerms { year, monthly_ceiling: ceiling.flatten() })
}

/// What left a fund from `from` on: payments and advances less what bounced.
pub fn paid_out_since(db: &mut Db, fund: FundId, from: UtcInstant) -> Result<Fen> {
    let sum: Amount = diesel::sql_query(
        "SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS BIGINT) AS fen FROM postings p JOIN posting_legs l ON l.posting_id = p.id \
         WHERE p.fund_id = $1 AND p.at >= $2 AND p.kind IN ('payment', 'advance', 'bounce') AND l.account IN ('paid', 'advanced')",
    )
    .bind::<Uid, _>(fund)
    .bind::<Timestamp, _>(from)
    .get_result(db)?;
    Ok(sum.fen)
}

/// The balances of a fund at an instant, added up from its postings until then.
pub fn balances_at(db: &mut Db, fund: FundId, at: UtcInstant) -> Result<Balances> {
    let rows: Vec<AccountSum> = diesel::sql_query(
        "SELECT l.account AS account, CAST(SUM(l.amount_fen) AS BIGINT) AS fen FROM postings p JOIN posting_legs l ON l.posting_id = p.id \
         WHERE p.fund_id = $1 AND p.at <= $2 GROUP BY l.account",
    )
    .bind::<Uid, _>(fund)
    .bind::<Timestamp, _>(at)
    .load(db)?;
    Ok(rows.into_iter().map(|row| (row.account, row.fen)).collect())
}

pub fn insert_reduction(tx: &mut Tx<'_>, row: &ReductionRow) -> Result<()> {
    diesel::insert_into(reductions::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Reductions of a fund that are not whole, oldest first.
pub fn pending_reductions(db: &mut Db, fund: FundId) -> Result<Vec<ReductionRow>> {
    Ok(reductions::table
        .filter(reductions::fund_id.eq(fund).and(reductions::settled_fen.lt(reductions::amount_fen)))
        .order((reductions::created_at, reductions::appropriation_id))
        .load(db)?)
}

/// Stores how much of a reduction was taken.
pub fn settle_reduction(tx: &mut Tx<'_>, row: &ReductionRow) -> Result<()> {
    diesel::update(reductions::table.find(row.appropriation_id)).set(reductions::settled_fen.eq(row.settled)).execute(&mut **tx)?;
    Ok(())
}

/// Holds of a fund that keep something, oldest first, at most `rows`.
#[expect(clippy::arithmetic_side_effects, reason = "the sum is the database's")]
pub fn open_holds(db: &mut Db, fund: FundId, rows: i64) -> Result<Vec<HoldRow>> {
    Ok(holds::table
        .filter(holds::fund_id.eq(fund).and((holds::used_fen + holds::released_fen).lt(holds::amount_fen)))
        .order((holds::created_at, holds::id))
        .limit(rows)
        .load(db)?)
}

/// Postings of a fund after the cursor in the order they were made, at most `rows`.
pub fn postings_of(db: &mut Db, fund: FundId, after: Option<(UtcInstant, Uuid)>, rows: i64) -> Result<Vec<PostingRow>> {
    let mut query = postings::table.filter(postings::fund_id.eq(fund)).into_boxed::<Backend>();
    if let Some((at, id)) = after {
        let id = PostingId::new(id);
        query = query.filter(postings::at.gt(at).or(postings::at.eq(at).and(postings::id.gt(id))));
    }
    Ok(query.order((postings::at, postings::id)).limit(rows).load(db)?)
}

/// The legs of these postings.
pub fn legs_of(db: &mut Db, ids: &[PostingId]) -> Result<Legs> {
    let rows: Vec<LegRow> = posting_legs::table
        .filter(posting_legs::posting_id.eq_any(ids))
        .order((posting_legs::posting_id, posting_legs::amount_fen))
        .load(db)?;
    let mut legs = Legs::new();
    for row in rows {
        legs.entry(row.posting_id).or_default().push(row);
    }
    Ok(legs)
}
