//! Panel, sheet, score, discussion and ranking rows.

use diesel::prelude::*;

use crate::db::schema::{
    evaluations, outliers, panel_candidates, panel_members, rankings, score_amendments, score_sheets, scores, sheet_commitments,
    sheet_remarks,
};
use crate::kernel::id::{AccountId, BidId, ExpertId, LotId, ScoreSheetId, TenantId};
use crate::kernel::{BasisPoints, CatalogueCode, UtcInstant};

crate::text_enum! {
    /// Who evaluates a lot.
    pub enum EvaluationKind {
        /// A panel drawn from the pool of experts, with the purchaser's representatives.
        Panel = "panel",
        /// Two or three people.
        Reviewers = "reviewers",
    }
}

crate::text_enum! {
    /// In what capacity somebody evaluates.
    pub enum Capacity {
        /// Drawn from the pool.
        Expert = "expert",
        /// Of the purchaser's own (采购人代表); never the chair.
        Representative = "representative",
        /// Appointed by the purchaser.
        Reviewer = "reviewer",
    }
}

crate::text_enum! {
    /// Whether a member evaluates.
    pub enum MemberState {
        /// It does.
        Sitting = "sitting",
        /// It does not want to or cannot.
        Declined = "declined",
        /// A conflict was found.
        Removed = "removed",
    }
}

crate::text_enum! {
    /// What a member says of a score of its own that departs from the others'.
    pub enum OutlierAnswer {
        /// It stands by it.
        Confirmed = "confirmed",
        /// It corrects it.
        Amended = "amended",
    }
}

crate::text_enum! {
    /// How a commitment to a score sheet came about.
    pub enum Brought {
        /// The evaluator committed before it handed the sheet in: until then nobody else had it.
        Ahead = "ahead",
        /// The evaluator brought a nonce of its own together with the sheet.
        WithSheet = "with_sheet",
        /// The server made and kept the nonce.
        Server = "server",
    }
}

/// What an evaluator committed to.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = sheet_commitments, treat_none_as_default_value = false)]
pub struct CommitmentRow {
    /// Lot.
    pub lot_id: LotId,
    /// Evaluator.
    pub evaluator_id: AccountId,
    /// The hash, lower-case hex.
    pub commitment: String,
    /// How it came about.
    pub brought: Brought,
    /// When.
    pub committed_at: UtcInstant,
    /// The nonce, once the sheet is handed in; lower-case hex.
    pub nonce: Option<String>,
    /// The sheet.
    pub sheet_id: Option<ScoreSheetId>,
}

/// How a lot is evaluated.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = evaluations, primary_key(lot_id), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct EvaluationRow {
    /// Lot.
    pub lot_id: LotId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Panel or reviewers.
    pub kind: EvaluationKind,
    /// The field that experts were drawn from.
    pub field: Option<CatalogueCode>,
    /// How many experts were asked for.
    pub experts: i32,
    /// Seed of the draw, lower-case hex.
    pub seed: Option<String>,
    /// By what share of the mean of the others a score must depart to be discussed.
    pub outlier_share_bp: BasisPoints,
    /// Who formed the panel or appointed the first reviewer.
    pub made_by: AccountId,
    /// When.
    pub made_at: UtcInstant,
    /// When the chair opened the discussion of outliers.
    pub discussion_opened_at: Option<UtcInstant>,
    /// When the chair closed it.
    pub discussion_closed_at: Option<UtcInstant>,
    /// When the bids were ranked.
    pub ranked_at: Option<UtcInstant>,
    /// When the last member signed the report.
    pub finished_at: Option<UtcInstant>,
    /// When the chair closed the commitments although some were missing.
    pub commitments_closed_at: Option<UtcInstant>,
}

/// A place of the draw's permutation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = panel_candidates)]
pub struct CandidateRow {
    /// Lot.
    pub lot_id: LotId,
    /// Place, from 1.
    pub position: i32,
    /// Expert.
    pub expert_id: ExpertId,
    /// Whether its turn has come: drawn, or passed over since.
    pub called: bool,
}

/// Somebody who evaluates a lot, or no longer does.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = panel_members, primary_key(lot_id, account_id), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct MemberRow {
    /// Lot.
    pub lot_id: LotId,
    /// Account.
    pub account_id: AccountId,
    /// Entry in the pool.
    pub expert_id: Option<ExpertId>,
    /// In what capacity.
    pub capacity: Capacity,
    /// Whether it leads the panel.
    pub is_chair: bool,
    /// Whether it evaluates.
    pub state: MemberState,
    /// Why it no longer does.
    pub state_reason: Option<String>,
    /// Who appointed it.
    pub appointed_by: AccountId,
    /// When.
    pub appointed_at: UtcInstant,
    /// When it left.
    pub left_at: Option<UtcInstant>,
    /// When it signed the report.
    pub signed_at: Option<UtcInstant>,
    /// Whether it agrees with the report.
    pub agrees: Option<bool>,
    /// Why it does not.
    pub dissent: Option<String>,
}

impl MemberRow {
    /// Whether it evaluates.
    pub fn sits(&self) -> bool {
        self.state == MemberState::Sitting
    }
}

/// What a sheet says of one bid in words; its bidder reads it after the award.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = sheet_remarks)]
pub struct RemarkRow {
    /// Sheet.
    pub sheet_id: ScoreSheetId,
    /// Bid.
    pub bid_id: BidId,
    /// The words.
    pub remark: String,
}

/// A score that departs from the others', as it stood when the discussion was opened, and what its member says of it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = outliers, treat_none_as_default_value = false)]
pub struct OutlierRow {
    /// Sheet.
    pub sheet_id: ScoreSheetId,
    /// Bid.
    pub bid_id: BidId,
    /// Quality points of this sheet in hundredths.
    pub own_bp: i64,
    /// Mean of the other sheets in hundredths.
    pub others_bp: i64,
    /// Confirmed or amended.
    pub answer: Option<OutlierAnswer>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub answered_at: Option<UtcInstant>,
}

/// A score as it was before its member amended it in the discussion.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = score_amendments)]
pub struct AmendmentRow {
    /// Sheet.
    pub sheet_id: ScoreSheetId,
    /// Bid.
    pub bid_id: BidId,
    /// Criterion.
    pub position: i32,
    /// Points before.
    pub before_bp: BasisPoints,
    /// Points since.
    pub after_bp: BasisPoints,
    /// When.
    pub amended_at: UtcInstant,
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
