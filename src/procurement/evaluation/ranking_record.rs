//! The record of a ranking as it is published, and its recomputation: the first place where it differs from what follows from the sheets. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::{Brought, ScoreRow};
use super::rules::{self, Offer, Placed, price_points};
use super::sheets::{self, Score};
use crate::kernel::id::{BidId, DrawId, LotId, ScoreSheetId};
use crate::kernel::{BasisPoints, Fen, Result};
use crate::procurement::draws::rules::from_hex;
use crate::procurement::tenders::{CriterionKind, CriterionRow};

/// The format of the record.
pub const FORMAT: &str = "baiyi/ranking/v1";

crate::text_enum! {
    /// By what bids are ranked.
    pub enum RankedBy {
        /// Quality and price, weighted (综合评分).
        Weighted = "weighted",
        /// The lowest price (最低价).
        LowestPrice = "lowest_price",
    }
}

/// A ranking from which anybody can recompute it. Hashes and keys are lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RankingRecord {
    /// `baiyi/ranking/v1`.
    #[schema(example = "baiyi/ranking/v1")]
    pub format: String,
    /// Lot.
    pub lot_id: LotId,
    /// By what bids are ranked.
    pub method: RankedBy,
    /// Criteria with their weights.
    #[schema(max_items = 20)]
    pub criteria: Vec<RecordedCriterion>,
    /// Valid bids with their prices.
    #[schema(max_items = 1000)]
    pub offers: Vec<RecordedOffer>,
    /// Sheets that count, in the order of their commitments; who filled them is not said.
    #[schema(max_items = 100)]
    pub sheets: Vec<RecordedSheet>,
    /// The ranking by place.
    #[schema(max_items = 1000)]
    pub ranking: Vec<RecordedPlace>,
    /// Where bids share a place and their order was drawn.
    #[schema(max_items = 1000)]
    pub ties: Vec<RecordedTie>,
}

/// A criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordedCriterion {
    /// Place in the list, from 1.
    #[schema(example = 1)]
    pub position: i32,
    /// How it is scored.
    pub kind: CriterionKind,
    /// Weight.
    pub weight_bp: BasisPoints,
}

/// A valid bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordedOffer {
    /// Bid.
    pub bid_id: BidId,
    /// Price in fen.
    pub price_fen: Fen,
}

/// A score sheet without its words and without whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordedSheet {
    /// What its evaluator committed to; null for a sheet from before commitments were kept.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub commitment: Option<String>,
    /// How the commitment came about.
    pub brought: Option<Brought>,
    /// Key of the points.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub scores_key: Option<String>,
    /// Hash of the words, which stay with those who may read them.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub words_hash: Option<String>,
    /// Points as they were handed in.
    #[schema(max_items = 5000)]
    pub scores: Vec<RecordedScore>,
    /// Points that were amended in the discussion of outliers.
    #[schema(max_items = 5000)]
    pub amendments: Vec<RecordedAmendment>,
}

/// One score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordedScore {
    /// Bid.
    pub bid_id: BidId,
    /// Criterion.
    #[schema(example = 1)]
    pub position: i32,
    /// Points in hundredths.
    pub points_bp: BasisPoints,
}

/// An amended score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordedAmendment {
    /// Bid.
    pub bid_id: BidId,
    /// Criterion.
    #[schema(example = 1)]
    pub position: i32,
    /// Points before.
    pub before_bp: BasisPoints,
    /// Points since.
    pub after_bp: BasisPoints,
}

/// A ranked bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordedPlace {
    /// Bid.
    pub bid_id: BidId,
    /// Place; equal places are ties.
    #[schema(example = 1)]
    pub place: i32,
    /// Points of the price in hundredths.
    #[schema(example = 10_000)]
    pub price_points_bp: i64,
    /// Total points in hundredths.
    #[schema(example = 8700)]
    pub points_bp: i64,
}

/// The drawn order of bids that share a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordedTie {
    /// The place.
    #[schema(example = 1)]
    pub place: i32,
    /// The draw; its own record is recomputed by `baiyi audit draw`.
    pub draw_id: DrawId,
    /// The bids in the order drawn.
    #[schema(max_items = 1000)]
    pub order: Vec<BidId>,
}

/// Recomputes a record. The error names the first place where it differs.
pub fn recompute(record: &RankingRecord) -> Result<(), String> {
    if record.format != FORMAT {
        return Err(format!("format {} is not {FORMAT}", record.format));
    }
    let criteria: Vec<CriterionRow> = record
        .criteria
        .iter()
        .map(|one| CriterionRow {
            lot_id: record.lot_id,
            position: one.position,
            name: String::new(),
            kind: one.kind,
            weight_bp: one.weight_bp,
        })
        .collect();
    let offers: Vec<Offer> = record.offers.iter().map(|one| Offer { bid: one.bid_id, price: one.price_fen }).collect();
    let bids: Vec<BidId> = offers.iter().map(|offer| offer.bid).collect();
    let mut scores = Vec::new();
    for (number, sheet) in (1_u128..).zip(&record.sheets) {
        let what = format!("sheet {number}");
        committed(record.lot_id, sheet).map_err(|fault| format!("{what}: {fault}"))?;
        let current = amended(sheet).map_err(|fault| format!("{what}: {fault}"))?;
        let whole = rules::check_sheet(&current, &bids, &criteria);
        whole.map_err(|_| format!("{what}: it does not score every valid bid once on every quality criterion"))?;
        let sheet_id = ScoreSheetId::new(Uuid::from_u128(number));
        scores.extend(current.iter().map(|(bid_id, position, points_bp)| ScoreRow {
            sheet_id,
            bid_id: *bid_id,
            position: *position,
            points_bp: *points_bp,
        }));
    }
    let placed = match record.method {
        RankedBy::Weighted => rules::rank(&offers, &criteria, &scores),
        RankedBy::LowestPrice => rules::rank_by_price(&offers),
    };
    compare(record, &offers, &placed.map_err(|fault| format!("the points cannot be added up: {fault}"))?)?;
    ties(record)
}

/// The points are those that were committed to.
fn committed(lot: LotId, sheet: &RecordedSheet) -> Result<(), String> {
    let Some(commitment) = &sheet.commitment else { return Ok(()) };
    let hash = |text: &Option<String>, what: &str| {
        text.as_deref().and_then(from_hex).ok_or_else(|| format!("the {what} is not 64 lower-case hex digits"))
    };
    let (key, words) = (hash(&sheet.scores_key, "scores key")?, hash(&sheet.words_hash, "words hash")?);
    let scores: Vec<Score> = sheet.scores.iter().map(|one| (one.bid_id, one.position, one.points_bp.get())).collect();
    let found = sheets::scores_hash(&key, lot, &scores).map_err(|fault| fault.to_string())?;
    let found = hex::encode(sheets::commitment(&found, &words));
    if found == *commitment { Ok(()) } else { Err(format!("its points do not open the commitment {commitment}")) }
}

/// The points as they count: handed in, then amended.
fn amended(sheet: &RecordedSheet) -> Result<Vec<(BidId, i32, BasisPoints)>, String> {
    let mut changes: BTreeMap<(BidId, i32), &RecordedAmendment> =
        sheet.amendments.iter().map(|one| ((one.bid_id, one.position), one)).collect();
    let mut current = Vec::with_capacity(sheet.scores.len());
    for one in &sheet.scores {
        let points = match changes.remove(&(one.bid_id, one.position)) {
            None => one.points_bp,
            Some(change) if change.before_bp == one.points_bp => change.after_bp,
            Some(change) => {
                let (before, given) = (change.before_bp.get(), one.points_bp.get());
                return Err(format!("bid {}, criterion {}: amended from {before}, handed in was {given}", one.bid_id, one.position));
            }
        };
        current.push((one.bid_id, one.position, points));
    }
    match changes.keys().next() {
        Some((bid, position)) => Err(format!("bid {bid}, criterion {position}: amended, but never scored")),
        None => Ok(current),
    }
}

fn compare(record: &RankingRecord, offers: &[Offer], placed: &[Placed]) -> Result<(), String> {
    let lowest = offers.iter().map(|offer| offer.price).min().unwrap_or(Fen::ZERO);
    // Bids that share a place may stand in any order.
    for one in placed {
        let bid = one.bid;
        let written = record.ranking.iter().find(|row| row.bid_id == bid).ok_or_else(|| format!("bid {bid}: it is not in the ranking"))?;
        let price = offers.iter().find(|offer| offer.bid == bid).map_or(Fen::ZERO, |offer| offer.price);
        let points = price_points(lowest, price).map_err(|fault| fault.to_string())?;
        for (what, given, due) in [
            ("price points", written.price_points_bp, points),
            ("total points", written.points_bp, one.points_bp),
            ("place", i64::from(written.place), i64::from(one.place)),
        ] {
            if given != due {
                return Err(format!("bid {bid}: {what} {given} were written, {due} follow from the sheets"));
            }
        }
    }
    let (written, due) = (record.ranking.len(), placed.len());
    if written != due {
        return Err(format!("the ranking has {written} bids, {due} are valid"));
    }
    let falling = record.ranking.iter().zip(record.ranking.iter().skip(1)).find(|(one, next)| one.place > next.place);
    falling.map_or(Ok(()), |(_, next)| Err(format!("bid {}: it stands behind a bid of a later place", next.bid_id)))
}

fn ties(record: &RankingRecord) -> Result<(), String> {
    for tie in &record.ties {
        let mut at: Vec<BidId> = record.ranking.iter().filter(|row| row.place == tie.place).map(|row| row.bid_id).collect();
        let mut drawn = tie.order.clone();
        at.sort_unstable();
        drawn.sort_unstable();
        if at != drawn {
            return Err(format!("place {}: the draw {} was not among the bids of this place", tie.place, tie.draw_id));
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "ranking_record_tests.rs"]
mod tests;
