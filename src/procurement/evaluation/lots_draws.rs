//! Draws as the evaluation uses them: who is in the pool of a panel's experts, which bids share a place, and when a draw binds.

use super::model::RankingRow;
use super::panel::{self, PanelOrder};
use super::store;
use crate::db::{Db, Tx};
use crate::kernel::id::{AnyId, BidId, LotId};
use crate::kernel::{BasisPoints, Error, Result, error};
use crate::people::policy::Authorized;
use crate::procurement::draws::rules::{DRAW_BINDS, DRAW_RUNS};
use crate::procurement::draws::{self, DrawFile, DrawRow, DrawState, NewDraw, Outcome, Purpose};
use crate::procurement::tenders::lots;
use crate::procurement::tenders::model::LotFile;
use crate::words;

/// Opens a draw of experts: the panel is judged as it will be, so that no unit commits in vain.
pub fn open_panel(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, order: &PanelOrder, new: NewDraw) -> Result<DrawRow> {
    let lot = granted.subject().lot.id;
    if store::evaluation(tx, lot)?.is_some() {
        return Err(panel::PANEL_FORMED.error());
    }
    if order.experts == 0 {
        return Err(Error::field("/panel/experts", words!("至少抽取一人", "at least one is drawn")));
    }
    let inside = |fault: Error| fault.pointing(|pointer| format!("/panel{pointer}"));
    let prepared = panel::prepare(tx, granted.subject(), order).map_err(inside)?;
    panel::require_enough(order.experts, prepared.eligible.len())?;
    if draws::store::alike(tx, lot, Purpose::Panel, None)?.iter().any(|row| row.state == DrawState::Drawn) {
        return Err(DRAW_BINDS.error());
    }
    let experts = i32::try_from(order.experts).unwrap_or(i32::MAX);
    let representatives = order.representatives.clone();
    draws::service::open(tx, granted, &NewDraw { experts, field: Some(order.field.clone()), representatives, ..new })
}

/// Opens a draw among the bids that share a place.
pub fn open_tie(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, new: &NewDraw) -> Result<DrawRow> {
    let lot = granted.subject().lot.id;
    let tied = tied_at(&store::ranking(tx, lot)?, new.place);
    if tied.len() < 2 {
        return Err(Error::field("/place", words!("该名次没有并列", "no bids share this place")));
    }
    for row in draws::store::alike(tx, lot, Purpose::Tie, new.place)? {
        if row.state == DrawState::Drawn && members(tx, &row)? == sorted(&tied) {
            return Err(DRAW_BINDS.error());
        }
    }
    draws::service::open(tx, granted, new)
}

fn tied_at(ranking: &[RankingRow], place: Option<i32>) -> Vec<AnyId> {
    ranking.iter().filter(|row| Some(row.place) == place).map(|row| row.bid_id.any()).collect()
}

fn sorted(members: &[AnyId]) -> Vec<AnyId> {
    let mut members = members.to_vec();
    members.sort_unstable();
    members
}

fn members(db: &mut Db, draw: &DrawRow) -> Result<Vec<AnyId>> {
    let found: Vec<AnyId> = draws::store::pool(db, draw.id)?.into_iter().map(|row| row.member_id).collect();
    Ok(sorted(&found))
}

/// Freezes a draw over today's pool: the eligible experts, or the bids at the place.
pub fn freeze(tx: &mut Tx<'_>, granted: &Authorized<DrawFile>) -> Result<DrawRow> {
    let draw = &granted.subject().draw;
    let file = lots::load(tx, draw.tenant_id, draw.lot_id)?;
    let pool = match draw.purpose {
        Purpose::Tie => tied_at(&store::ranking(tx, draw.lot_id)?, draw.place),
        Purpose::Panel => {
            let order = order_of(draw)?;
            let prepared = panel::prepare(tx, &file, &order)?;
            panel::require_enough(order.experts, prepared.eligible.len())?;
            prepared.eligible.iter().map(|(expert, _)| expert.expert.id.any()).collect()
        }
    };
    if pool.is_empty() {
        return Err(error::WRONG_STATE.because(words!("没有可抽取的对象", "there is nothing to draw from")));
    }
    draws::service::freeze(tx, granted, &pool)
}

fn order_of(draw: &DrawRow) -> Result<PanelOrder> {
    let damaged = || Error::internal("a draw of experts does not say what panel it is for");
    let ids = draw.representatives.split(',').filter(|text| !text.is_empty());
    Ok(PanelOrder {
        experts: usize::try_from(draw.experts).map_err(|_| damaged())?,
        field: draw.field.clone().ok_or_else(damaged)?,
        representatives: ids.map(str::parse).collect::<Result<_, _>>().map_err(|_| damaged())?,
        outlier_share: BasisPoints::WHOLE,
    })
}

/// The finished draw of a lot's experts; `None` before it.
pub fn of_panel(db: &mut Db, lot: LotId) -> Result<Option<DrawRow>> {
    Ok(draws::store::alike(db, lot, Purpose::Panel, None)?.into_iter().find(|row| row.state == DrawState::Drawn))
}

/// Refuses another way of choosing evaluators once the pool of a draw was frozen: an unwelcome result would otherwise be walked around.
pub fn refuse_way_around(db: &mut Db, lot: LotId) -> Result<()> {
    let bound = draws::store::alike(db, lot, Purpose::Panel, None)?.iter().any(|row| row.frozen_at.is_some());
    if bound { Err(DRAW_BINDS.error()) } else { Ok(()) }
}

/// The order that a finished draw gave the bids at a place, with the draw; `None` where none was drawn among exactly these bids.
pub fn drawn_at(db: &mut Db, lot: LotId, place: i32) -> Result<Option<(DrawRow, Vec<BidId>)>> {
    let tied = sorted(&tied_at(&store::ranking(db, lot)?, Some(place)));
    for row in draws::store::alike(db, lot, Purpose::Tie, Some(place))? {
        let mut pool = draws::store::pool(db, row.id)?;
        if row.state != DrawState::Drawn || sorted(&pool.iter().map(|one| one.member_id).collect::<Vec<_>>()) != tied {
            continue;
        }
        pool.sort_unstable_by_key(|one| one.turn);
        return Ok(Some((row, pool.into_iter().map(|one| BidId::new(one.member_id.uuid())).collect())));
    }
    Ok(None)
}

/// The same for an award. A draw on its way, or one whose pool was frozen without a result, leaves no room for a drawing by hand, and a pool that is not the
/// frozen one for nothing.
pub fn order_at(db: &mut Db, lot: LotId, place: i32, by_hand: bool) -> Result<Option<(DrawRow, Vec<BidId>)>> {
    let alike = draws::store::alike(db, lot, Purpose::Tie, Some(place))?;
    if alike.iter().any(|row| matches!(row.state, DrawState::Open | DrawState::Frozen)) {
        return Err(DRAW_RUNS.error());
    }
    for row in alike.iter().filter(|row| row.state == DrawState::Drawn) {
        let pool = draws::store::pool(db, row.id)?;
        draws::service::require_frozen_pool(row, &pool)?;
    }
    let drawn = drawn_at(db, lot, place)?;
    let bound = alike.iter().any(|row| row.frozen_at.is_some());
    if drawn.is_none() && by_hand && bound { Err(DRAW_BINDS.error()) } else { Ok(drawn) }
}

/// Notes that a tied bid was proposed in its turn.
pub fn note_proposed(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, draw: &DrawRow, bid: BidId) -> Result<()> {
    draws::service::note(tx, granted, draw.id, bid.any(), Outcome::Proposed)
}
