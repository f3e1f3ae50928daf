//! Bid rows in the database.

use diesel::prelude::*;

use super::model::{BidRow, BidState};
use crate::db::schema::bids;
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::Result;
use crate::kernel::UtcInstant;
use crate::kernel::id::{BidId, LotId, OrganisationId, TenantId};
use crate::people::Authorized;
use crate::people::policy::Subject;

pub fn find(db: &mut Db, tenant: TenantId, id: BidId) -> Result<Option<BidRow>> {
    let one = bids::table.filter(bids::tenant_id.eq(tenant).and(bids::id.eq(id)));
    Ok(one.select(BidRow::as_select()).first(db).optional()?)
}

/// The bidder's bids for a lot by sequence.
pub fn of_bidder(db: &mut Db, lot: LotId, organisation: OrganisationId) -> Result<Vec<BidRow>> {
    let own = bids::table.filter(bids::lot_id.eq(lot).and(bids::organisation_id.eq(organisation)));
    Ok(own.order(bids::sequence).select(BidRow::as_select()).load(db)?)
}

/// The age file of a bid, at most 300 KiB.
pub fn ciphertext(db: &mut Db, id: BidId) -> Result<Vec<u8>> {
    Ok(bids::table.find(id).select(bids::ciphertext).first(db)?)
}

/// Whether the district has had this ciphertext before, from whomever.
pub fn ciphertext_known(db: &mut Db, tenant: TenantId, sha256: &str) -> Result<bool> {
    let found: i64 = bids::table.filter(bids::tenant_id.eq(tenant).and(bids::ciphertext_sha256.eq(sha256))).count().get_result(db)?;
    Ok(found > 0)
}

/// The bids of a lot in some state, in the order they came.
pub fn of_lot(db: &mut Db, lot: LotId, states: &[BidState]) -> Result<Vec<BidRow>> {
    let found = bids::table.filter(bids::lot_id.eq(lot).and(bids::state.eq_any(states.to_vec())));
    Ok(found.order((bids::received_at, bids::id)).select(BidRow::as_select()).load(db)?)
}

/// An organisation's own bids, newest first.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    organisation: OrganisationId,
    before: Option<(UtcInstant, BidId)>,
    rows: i64,
) -> Result<Vec<BidRow>> {
    let own = bids::table.filter(bids::tenant_id.eq(tenant).and(bids::organisation_id.eq(organisation)));
    let mut query = own.select(BidRow::as_select()).into_boxed::<Backend>();
    if let Some((at, id)) = before {
        query = query.filter(bids::received_at.lt(at).or(bids::received_at.eq(at).and(bids::id.lt(id))));
    }
    Ok(query.order((bids::received_at.desc(), bids::id.desc())).limit(rows).load(db)?)
}

pub fn insert<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &BidRow, ciphertext: &[u8]) -> Result<()> {
    diesel::insert_into(bids::table).values((row, bids::ciphertext.eq(ciphertext))).execute(&mut **tx)?;
    Ok(())
}

/// Moves a bid to a state.
pub fn set_state<T: Subject>(
    tx: &mut Tx<'_>,
    _granted: &Authorized<T>,
    id: BidId,
    state: BidState,
    because: Option<&str>,
) -> Result<BidRow> {
    Ok(diesel::update(bids::table.find(id))
        .set((bids::state.eq(state), bids::invalid_because.eq(because), bids::version.eq(one_more(bids::version))))
        .returning(<BidRow as Selectable<Backend>>::construct_selection())
        .get_result(&mut **tx)?)
}
