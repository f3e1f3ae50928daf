//! Opened bids in the database.

use diesel::prelude::*;

use crate::db::schema::{bid_statements, opened_bids};
use crate::db::{Db, Tx};
use crate::kernel::id::{BidId, LotId, OrganisationId};
use crate::kernel::sql::Doc;
use crate::kernel::{Error, Fen, Result, UtcInstant};
use crate::people::Authorized;
use crate::procurement::bids::Declared;
use crate::procurement::bids::rules::Content;
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

/// What an opened bid states beside its offer.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = bid_statements, treat_none_as_default_value = false)]
pub struct StatementRow {
    /// Bid.
    pub bid_id: BidId,
    /// What is given to subcontractors.
    pub subcontracting: Option<String>,
    /// Declarations, as JSON.
    pub declarations: Doc,
}

impl StatementRow {
    /// The declarations.
    pub fn declared(&self) -> Result<Vec<Declared>> {
        serde_json::from_value(self.declarations.0.clone())
            .map_err(|e| Error::internal(format!("declarations of bid {}: {e}", self.bid_id)))
    }
}

pub fn insert_statements(tx: &mut Tx<'_>, _granted: &Authorized<TenderRow>, bid: BidId, content: &Content) -> Result<()> {
    let declarations = serde_json::to_value(&content.declarations).map_err(|e| Error::internal(format!("declarations: {e}")))?;
    let row = StatementRow { bid_id: bid, subcontracting: content.subcontracting.clone(), declarations: Doc(declarations) };
    diesel::insert_into(bid_statements::table).values(&row).execute(&mut **tx)?;
    Ok(())
}

/// What some opened bids state beside their offers.
pub fn statements(db: &mut Db, bids: &[BidId]) -> Result<Vec<StatementRow>> {
    Ok(bid_statements::table.filter(bid_statements::bid_id.eq_any(bids.to_vec())).load(db)?)
}
