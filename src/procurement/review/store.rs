//! Review rows in the database.

use diesel::prelude::*;

use super::model::{FindingRow, NoticeRow, NoticeState, ReviewRow, ReviewState};
use crate::db::schema::{lot_reviews, low_price_notices, review_findings};
use crate::db::{Db, Tx, one_more};
use crate::kernel::Result;
use crate::kernel::id::{LotId, LowPriceNoticeId, TenantId};
use crate::people::{Authorized, Subject};

pub fn find(db: &mut Db, lot: LotId) -> Result<Option<ReviewRow>> {
    Ok(lot_reviews::table.find(lot).first(db).optional()?)
}

pub fn insert<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &ReviewRow) -> Result<()> {
    diesel::insert_into(lot_reviews::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Notes that something came to the review.
pub fn touch<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, lot: LotId) -> Result<ReviewRow> {
    Ok(diesel::update(lot_reviews::table.find(lot))
        .set(lot_reviews::version.eq(one_more(lot_reviews::version)))
        .returning(lot_reviews::all_columns)
        .get_result(&mut **tx)?)
}

/// Ends the review.
pub fn conclude<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, lot: LotId, note: Option<&str>) -> Result<ReviewRow> {
    let now = tx.now();
    Ok(diesel::update(lot_reviews::table.find(lot))
        .set((
            lot_reviews::state.eq(ReviewState::Concluded),
            lot_reviews::concluded_by.eq(Some(granted.by())),
            lot_reviews::concluded_at.eq(Some(now)),
            lot_reviews::note.eq(note),
            lot_reviews::version.eq(one_more(lot_reviews::version)),
        ))
        .returning(lot_reviews::all_columns)
        .get_result(&mut **tx)?)
}

/// The findings of a lot in the order they were made.
pub fn findings(db: &mut Db, lot: LotId) -> Result<Vec<FindingRow>> {
    Ok(review_findings::table.filter(review_findings::lot_id.eq(lot)).order((review_findings::made_at, review_findings::id)).load(db)?)
}

/// Keeps a finding in place of an earlier one on the same criterion of the same bid.
pub fn keep_finding<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &FindingRow) -> Result<()> {
    let same = review_findings::bid_id
        .eq(row.bid_id)
        .and(review_findings::stage.eq(row.stage))
        .and(review_findings::criterion.eq(row.criterion.clone()));
    diesel::delete(review_findings::table.filter(same)).execute(&mut **tx)?;
    diesel::insert_into(review_findings::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The requests of a lot to explain low prices.
pub fn notices(db: &mut Db, lot: LotId) -> Result<Vec<NoticeRow>> {
    Ok(low_price_notices::table
        .filter(low_price_notices::lot_id.eq(lot))
        .order((low_price_notices::asked_at, low_price_notices::id))
        .load(db)?)
}

pub fn find_notice(db: &mut Db, tenant: TenantId, id: LowPriceNoticeId) -> Result<Option<NoticeRow>> {
    Ok(low_price_notices::table.filter(low_price_notices::tenant_id.eq(tenant).and(low_price_notices::id.eq(id))).first(db).optional()?)
}

pub fn insert_notice<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &NoticeRow) -> Result<()> {
    diesel::insert_into(low_price_notices::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Keeps what the bidder says.
pub fn explain<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, id: LowPriceNoticeId, text: &str) -> Result<NoticeRow> {
    let now = tx.now();
    Ok(diesel::update(low_price_notices::table.find(id))
        .set((
            low_price_notices::state.eq(NoticeState::Explained),
            low_price_notices::explanation.eq(Some(text)),
            low_price_notices::explained_by.eq(Some(granted.by())),
            low_price_notices::explained_at.eq(Some(now)),
            low_price_notices::version.eq(one_more(low_price_notices::version)),
        ))
        .returning(low_price_notices::all_columns)
        .get_result(&mut **tx)?)
}

/// Keeps the decision.
pub fn decide<T: Subject>(
    tx: &mut Tx<'_>,
    granted: &Authorized<T>,
    id: LowPriceNoticeId,
    state: NoticeState,
    reason: &str,
) -> Result<NoticeRow> {
    let now = tx.now();
    Ok(diesel::update(low_price_notices::table.find(id))
        .set((
            low_price_notices::state.eq(state),
            low_price_notices::decision_reason.eq(Some(reason)),
            low_price_notices::decided_by.eq(Some(granted.by())),
            low_price_notices::decided_at.eq(Some(now)),
            low_price_notices::version.eq(one_more(low_price_notices::version)),
        ))
        .returning(low_price_notices::all_columns)
        .get_result(&mut **tx)?)
}
