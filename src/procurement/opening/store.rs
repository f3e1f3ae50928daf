//! Opened bids in the database.

use diesel::prelude::*;

use crate::db::schema::opened_bids;
use crate::db::{Db, Tx};
use crate::kernel::id::{BidId, LotId, OrganisationId};
use crate::kernel::{Fen, Result, UtcInstant};
use crate::people::Authorized;
use crate::procurement::tenders::TenderRow;

/// What an opened bid says.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = opened_bids)]
pub struct OpenedRow {
    /// Bid.
    pub bid_id: BidId,
    /// Lot.
    pub lot_id: LotId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// Price.
    pub price_fen: Fen,
    /// What is offered.
    pub offer: String,
    /// When it was opened.
    pub opened_at: UtcInstant,
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<TenderRow>, row: &OpenedRow) -> Result<()> {
    diesel::insert_into(opened_bids::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The opened bids of some lots, by lot and bid.
pub fn of_lots(db: &mut Db, lots: &[LotId]) -> Result<Vec<OpenedRow>> {
    Ok(opened_bids::table.filter(opened_bids::lot_id.eq_any(lots.to_vec())).order((opened_bids::lot_id, opened_bids::bid_id)).load(db)?)
}
