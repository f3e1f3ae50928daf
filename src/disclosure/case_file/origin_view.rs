//! What the case file shows of where a case began, and of who objected to it.

use chrono::NaiveDate;
use serde::Serialize;

use crate::kernel::id::{AnyId, CatalogueItemId, ChallengeId, ComplaintId, FundId, LotId, PlanId, UnitId};
use crate::kernel::{CatalogueCode, Money, UtcInstant};

/// A purchase plan, with the need that it answers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CasePlan {
    /// Id.
    pub id: PlanId,
    /// Who plans to buy.
    pub unit_id: UnitId,
    /// Its name.
    #[schema(example = "月河街道办事处")]
    pub unit_name_zh: String,
    /// Year.
    #[schema(example = 2026)]
    pub year: i32,
    /// Title.
    #[schema(example = "居家养老上门服务")]
    pub title: String,
    /// The need, in words.
    #[schema(example = "辖区 82 位独居老人需要每周上门照料。")]
    pub need: String,
    /// The recorded need, where there is one.
    pub need_id: Option<AnyId>,
    /// Item of the guiding catalogue.
    pub catalogue_item_id: CatalogueItemId,
    /// Its code.
    pub catalogue_code: CatalogueCode,
    /// Its name.
    #[schema(example = "居家养老服务")]
    pub catalogue_name_zh: String,
    /// What it is called where the catalogue has no item of its own.
    #[schema(example = "助浴服务")]
    pub off_catalogue_name: Option<String>,
    /// Why and with whom.
    #[schema(example = "contracting_out")]
    pub mode: String,
    /// How the supplier is to be found.
    #[schema(example = "consultation")]
    pub procedure: String,
    /// Term in months.
    #[schema(example = 12)]
    pub term_months: i32,
    /// When the purchase was expected.
    pub expected_on: NaiveDate,
    /// Budget, line by line.
    #[schema(max_items = 100)]
    pub budget: Vec<CaseBudget>,
    /// Performance objectives (绩效目标) in the plan's order.
    #[schema(max_items = 30)]
    pub objectives: Vec<CaseObjective>,
    /// State.
    #[schema(example = "used")]
    pub state: String,
    /// Why it was returned or cancelled.
    #[schema(example = "预算须先经财政审核。")]
    pub reason: Option<String>,
    /// When it was drafted.
    pub drafted_at: UtcInstant,
    /// When the intention to buy became public (采购意向公开).
    pub intention_published_at: Option<UtcInstant>,
}

/// A budget line of a plan.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseBudget {
    /// Stream.
    #[schema(example = "fiscal")]
    pub stream: String,
    /// Budget year.
    #[schema(example = 2026)]
    pub year: i32,
    /// The fund, where it is known.
    pub fund_id: Option<FundId>,
    /// How much.
    pub amount: Money,
}

/// A performance objective of a plan.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseObjective {
    /// What is measured.
    #[schema(example = "上门服务人次")]
    pub indicator: String,
    /// The number to be reached.
    #[schema(example = 3000)]
    pub target: i64,
    /// Its unit.
    #[schema(example = "人次")]
    pub unit: String,
}

/// A challenge (质疑) with its complaints (投诉).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseChallenge {
    /// Id.
    pub id: ChallengeId,
    /// Lot.
    pub lot_id: LotId,
    /// Who challenged; null while bids of the tender are sealed, because it would tell who means to bid.
    #[schema(example = "青苗社会工作服务中心")]
    pub organisation_name_zh: Option<String>,
    /// Which step.
    #[schema(example = "result")]
    pub step: String,
    /// Its points.
    #[schema(max_items = 100)]
    pub points: Vec<CasePoint>,
    /// State.
    #[schema(example = "rejected")]
    pub state: String,
    /// When it was filed.
    pub filed_at: UtcInstant,
    /// Last day for the answer.
    pub answer_due_on: Option<NaiveDate>,
    /// The purchaser's answer.
    #[schema(example = "各项得分有据，质疑不成立。")]
    pub answer: Option<String>,
    /// What follows from it.
    #[schema(example = "none")]
    pub consequence: Option<String>,
    /// When it was answered.
    pub answered_at: Option<UtcInstant>,
    /// Complaints about it, oldest first.
    #[schema(max_items = 100)]
    pub complaints: Vec<CaseComplaint>,
}

/// A point of a challenge.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CasePoint {
    /// Its number.
    #[schema(example = 1)]
    pub number: i32,
    /// What is said to have happened.
    #[schema(example = "第一候选人的业绩材料与公示不符。")]
    pub fact: String,
    /// What is asked.
    #[schema(example = "重新评审该项得分。")]
    pub request: String,
}

/// A complaint to the supervisor.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseComplaint {
    /// Id.
    pub id: ComplaintId,
    /// What the complainant says.
    #[schema(example = "答复未回应第一项事实。")]
    pub statement: String,
    /// State.
    #[schema(example = "dismissed")]
    pub state: String,
    /// When it was filed.
    pub filed_at: UtcInstant,
    /// Why it was admitted or refused.
    #[schema(example = "在期限内提出，予以受理。")]
    pub review_reason: Option<String>,
    /// The decision.
    #[schema(example = "投诉事项缺乏事实依据，驳回投诉。")]
    pub decision: Option<String>,
    /// What follows from it.
    #[schema(example = "none")]
    pub consequence: Option<String>,
    /// When it was decided.
    pub decided_at: Option<UtcInstant>,
}
