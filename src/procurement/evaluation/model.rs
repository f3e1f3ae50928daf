//! Evaluator, sheet, score and ranking rows.

use diesel::prelude::*;

use crate::db::schema::{lot_evaluators, rankings, score_sheets, scores};
use crate::kernel::id::{AccountId, BidId, LotId, ScoreSheetId, TenantId};
use crate::kernel::{BasisPoints, UtcInstant};

/// An evaluator of a lot.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = lot_evaluators)]
pub struct EvaluatorRow {
    /// Lot.
    pub lot_id: LotId,
    /// Account.
    pub account_id: AccountId,
    /// Who appointed.
    pub appointed_by: AccountId,
    /// When.
    pub appointed_at: UtcInstant,
}

/// A score sheet of one evaluator.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = score_sheets)]
pub struct SheetRow {
    /// Id.
    pub id: ScoreSheetId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Lot.
    pub lot_id: LotId,
    /// Evaluator.
    pub evaluator_id: AccountId,
    /// Reasons.
    pub comment: String,
    /// When.
    pub submitted_at: UtcInstant,
}

/// One score: points for a bid on a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = scores)]
pub struct ScoreRow {
    /// Sheet.
    pub sheet_id: ScoreSheetId,
    /// Bid.
    pub bid_id: BidId,
    /// Criterion.
    pub position: i32,
    /// Points in hundredths: 10 000 is the full 100.
    pub points_bp: BasisPoints,
}

/// A bid's place.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = rankings)]
pub struct RankingRow {
    /// Lot.
    pub lot_id: LotId,
    /// Bid.
    pub bid_id: BidId,
    /// Place, from 1; equal places are ties.
    pub place: i32,
    /// Total points in hundredths.
    pub points_bp: i64,
}
