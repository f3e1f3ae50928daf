//! What a bidder learns of its own bid after the award: its scores per criterion, its place and the reasons; of nobody else's.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::model::SheetRow;
use super::rules::price_points;
use super::service::progress;
use super::{policy, store};
use crate::db::Db;
use crate::kernel::error::{self, problems};
use crate::kernel::id::{BidId, LotId};
use crate::kernel::{BasisPoints, Error, Fen, Money, Result};
use crate::people::Actor;
use crate::people::policy::authorize;
use crate::procurement::bids::{self, BidRow, BidState};
use crate::procurement::opening;
use crate::procurement::tenders::{CriterionKind, LotState, lots};

problems! {
    /// The result is not public yet.
    RESULT_NOT_PUBLISHED = "result_not_published", 409, "结果尚未公告", "The result is not published yet",
        "评分与理由在成交结果公告后可以查看。",
        "Scores and reasons can be read once the award is published.";
}

/// Scores of a bid on one criterion.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CriterionScores {
    /// Criterion.
    #[schema(example = 1)]
    pub position: i32,
    /// Its name.
    #[schema(example = "服务方案")]
    pub name: String,
    /// How it is scored.
    pub kind: CriterionKind,
    /// Its weight.
    pub weight_bp: BasisPoints,
    /// Mean of the members, or the formula's points for the price, in hundredths.
    #[schema(example = 8900)]
    pub mean_bp: i64,
    /// Each member's points in an order that is the same for every criterion and names nobody; empty for the price.
    #[schema(max_items = 100)]
    pub members_bp: Vec<i64>,
}

/// The evaluation of one's own bid.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OwnEvaluation {
    /// Bid.
    pub bid_id: BidId,
    /// Lot.
    pub lot_id: LotId,
    /// Where the bid stands.
    pub state: BidState,
    /// Why it was invalid.
    #[schema(example = "above_ceiling")]
    pub invalid_because: Option<String>,
    /// Its place; null when it was not ranked.
    #[schema(example = 2)]
    pub place: Option<i32>,
    /// How many bids were ranked.
    #[schema(example = 3)]
    pub ranked: usize,
    /// Total points in hundredths.
    #[schema(example = 8700)]
    pub points_bp: Option<i64>,
    /// Its price.
    pub price: Option<Money>,
    /// Scores by criterion.
    #[schema(max_items = 20)]
    pub criteria: Vec<CriterionScores>,
    /// What members said of this bid.
    #[schema(max_items = 200, example = json!(["方案具体，但人员配备偏少。"]))]
    pub reasons: Vec<String>,
}

/// The evaluation of a bid for its own organisation, once the lot is awarded.
pub fn own_evaluation(db: &mut Db, actor: &Actor, id: BidId) -> Result<OwnEvaluation> {
    let row = bids::store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let bid = authorize(actor, &policy::READ_OWN, row)?.into_subject();
    let file = lots::load(db, actor.tenant, bid.lot_id)?;
    if file.lot.state != LotState::Awarded || matches!(bid.state, BidState::Withdrawn | BidState::Replaced) {
        return Err(RESULT_NOT_PUBLISHED.error());
    }
    let sheets = match store::evaluation(db, bid.lot_id)? {
        Some(_) => anonymous(progress(db, &file)?.sheets),
        None => Vec::new(),
    };
    let opened = opening::store::of_lots(db, &[bid.lot_id])?;
    let ranking = store::ranking(db, bid.lot_id)?;
    let price_of = |bid: BidId| opened.iter().find(|offer| offer.bid_id == bid).map(|offer| offer.price_fen);
    let lowest = ranking.iter().filter_map(|row| price_of(row.bid_id)).min().unwrap_or(Fen::ZERO);
    let place = ranking.iter().find(|row| row.bid_id == bid.id);
    let price = price_of(bid.id);
    let criteria = match (place, price) {
        (Some(_), Some(price)) => criteria(db, &bid, &sheets, price_points(lowest, price)?)?,
        _ => Vec::new(),
    };
    Ok(OwnEvaluation {
        bid_id: bid.id,
        lot_id: bid.lot_id,
        state: bid.state,
        place: place.map(|row| row.place),
        ranked: ranking.len(),
        points_bp: place.map(|row| row.points_bp),
        price: price.map(Money::from),
        criteria,
        reasons: reasons(db, &bid, &sheets)?,
        invalid_because: bid.invalid_because,
    })
}

/// Sheets in an order that says nothing of who handed in when.
fn anonymous(mut sheets: Vec<SheetRow>) -> Vec<SheetRow> {
    sheets.sort_by_cached_key(|sheet| <[u8; 32]>::from(Sha256::digest(sheet.id.uuid().as_bytes())));
    sheets
}

fn criteria(db: &mut Db, bid: &BidRow, sheets: &[SheetRow], price_points: i64) -> Result<Vec<CriterionScores>> {
    let scores = store::scores_of(db, sheets)?;
    let mut found = Vec::new();
    for criterion in crate::procurement::tenders::store::criteria_of(db, bid.lot_id)? {
        let given = |sheet: &SheetRow| {
            let own = |score: &&super::model::ScoreRow| {
                score.sheet_id == sheet.id && score.bid_id == bid.id && score.position == criterion.position
            };
            scores.iter().find(own).map(|score| i64::from(score.points_bp.get()))
        };
        let members_bp: Vec<i64> = sheets.iter().filter_map(given).collect();
        let count = i64::try_from(members_bp.len()).map_err(|_| Error::internal("too many sheets"))?;
        let mean = members_bp.iter().sum::<i64>().checked_div(count).unwrap_or(0);
        found.push(CriterionScores {
            position: criterion.position,
            name: criterion.name,
            kind: criterion.kind,
            weight_bp: criterion.weight_bp,
            mean_bp: if criterion.kind == CriterionKind::Price { price_points } else { mean },
            members_bp,
        });
    }
    Ok(found)
}

fn reasons(db: &mut Db, bid: &BidRow, sheets: &[SheetRow]) -> Result<Vec<String>> {
    let remarks = store::remarks(db, sheets)?;
    let outliers = store::outliers_of(db, sheets)?;
    let mut found = Vec::new();
    for sheet in sheets {
        found.extend(remarks.iter().filter(|row| row.sheet_id == sheet.id && row.bid_id == bid.id).map(|row| row.remark.clone()));
        found.extend(outliers.iter().filter(|row| row.sheet_id == sheet.id && row.bid_id == bid.id).filter_map(|row| row.reason.clone()));
    }
    Ok(found)
}
