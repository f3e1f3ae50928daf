//! Tenders and lots as the API shows them.

use serde::Serialize;

use super::model::{CriterionKind, CriterionRow, LotRow, LotState, Mode, Procedure, TenderFile, TenderRow, TenderState};
use crate::kernel::id::{CaseId, CatalogueItemId, FundId, LotId, RuleSetId, TenderId, UnitId};
use crate::kernel::{BasisPoints, Money, UtcInstant};
use crate::law::{Finding, Standing};
use crate::web::{Reply, Tag};

/// A tender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TenderView {
    /// Id.
    pub id: TenderId,
    /// The case.
    pub case_id: CaseId,
    /// The purchaser.
    pub unit_id: UnitId,
    /// What is bought.
    pub catalogue_item_id: CatalogueItemId,
    /// The rule set it keeps.
    pub rule_set_id: RuleSetId,
    /// Where the money comes from.
    pub fund_id: FundId,
    /// Title.
    #[schema(example = "月河街道居家养老上门服务")]
    pub title: String,
    /// What is needed.
    #[schema(example = "为辖区 80 岁以上独居老人每周两次上门服务，为期一年。")]
    pub description: String,
    /// Why and with whom.
    pub mode: Mode,
    /// How the supplier is found.
    pub procedure: Procedure,
    /// Whether plain offers are taken.
    #[schema(example = true)]
    pub plain_offers: bool,
    /// Where it stands.
    pub state: TenderState,
    /// `open` or `closed` once published, computed from the clock; empty before.
    #[schema(example = "open")]
    pub phase: &'static str,
    /// Why it was returned or cancelled.
    #[schema(example = "预算科目需更正")]
    pub return_reason: Option<String>,
    /// When it became public.
    pub published_at: Option<UtcInstant>,
    /// First instant at which no bid is taken.
    pub bid_deadline: Option<UtcInstant>,
    /// When its bids were opened.
    pub opened_at: Option<UtcInstant>,
    /// Lots.
    #[schema(max_items = 100)]
    pub lots: Vec<LotView>,
    /// Rules that the last step brushed against without being blocked.
    #[schema(max_items = 100)]
    pub warnings: Vec<FindingView>,
    /// Version, also in the ETag.
    #[schema(example = 3)]
    pub version: i64,
}

/// A lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LotView {
    /// Id.
    pub id: LotId,
    /// Tender.
    pub tender_id: TenderId,
    /// Number inside the tender.
    #[schema(example = 1)]
    pub number: i32,
    /// Title.
    #[schema(example = "上门服务")]
    pub title: String,
    /// Highest price.
    pub ceiling: Money,
    /// Where it stands.
    pub state: LotState,
    /// Why it failed.
    #[schema(example = "too_few_bids")]
    pub failed_because: Option<String>,
    /// Criteria.
    #[schema(max_items = 20)]
    pub criteria: Vec<CriterionView>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

/// A criterion.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CriterionView {
    /// Place in the list.
    #[schema(example = 1)]
    pub position: i32,
    /// Name.
    #[schema(example = "服务方案")]
    pub name: String,
    /// How it is scored.
    pub kind: CriterionKind,
    /// Weight.
    pub weight_bp: BasisPoints,
}

/// What a rule found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FindingView {
    /// Rule id.
    #[schema(example = "R025")]
    pub rule: String,
    /// Statute and article.
    #[schema(example = "财库〔2014〕214号 第10条")]
    pub legal_basis: String,
    /// `warned` (it does not block because it is unconfirmed or only warns).
    #[schema(example = "warned")]
    pub standing: &'static str,
    /// What was found.
    #[schema(example = "2026-03-11")]
    pub found: String,
    /// What is required.
    #[schema(example = "≥ 2026-03-12 (10 calendar_day)")]
    pub required: String,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self {
            rule: finding.rule.rule,
            legal_basis: finding.rule.legal_basis,
            standing: match finding.standing {
                Standing::Met => "met",
                Standing::Warned => "warned",
                Standing::Broken => "broken",
            },
            found: finding.found,
            required: finding.required,
        }
    }
}

/// A lot with those of the criteria that are its own.
pub fn lot_view(row: &LotRow, criteria: &[CriterionRow]) -> LotView {
    LotView {
        id: row.id,
        tender_id: row.tender_id,
        number: row.number,
        title: row.title.clone(),
        ceiling: row.ceiling_fen.into(),
        state: row.state,
        failed_because: row.failed_because.clone(),
        criteria: criteria
            .iter()
            .filter(|criterion| criterion.lot_id == row.id)
            .map(|criterion| CriterionView {
                position: criterion.position,
                name: criterion.name.clone(),
                kind: criterion.kind,
                weight_bp: criterion.weight_bp,
            })
            .collect(),
        version: row.version,
    }
}

/// A tender at `now`.
pub fn tender_view(file: TenderFile, now: UtcInstant, warnings: Vec<Finding>) -> TenderView {
    let lots = file.lots.iter().map(|lot| lot_view(lot, &file.criteria)).collect();
    let tender = file.tender;
    TenderView {
        phase: tender.phase(now),
        id: tender.id,
        case_id: tender.case_id,
        unit_id: tender.unit_id,
        catalogue_item_id: tender.catalogue_item_id,
        rule_set_id: tender.rule_set_id,
        fund_id: tender.fund_id,
        title: tender.title,
        description: tender.description,
        mode: tender.mode,
        procedure: tender.procedure,
        plain_offers: tender.plain_offers,
        state: tender.state,
        return_reason: tender.return_reason,
        published_at: tender.published_at,
        bid_deadline: tender.bid_deadline,
        opened_at: tender.opened_at,
        lots,
        warnings: warnings.into_iter().map(FindingView::from).collect(),
        version: tender.version,
    }
}

/// Seconds that shared caches may keep a tender: a minute, and never past the instant at which the clock changes its phase.
pub fn cache_seconds(tender: &TenderRow, now: UtcInstant) -> u32 {
    let until = match tender.bid_deadline {
        Some(deadline) if now < deadline => deadline.seconds_since(now),
        _ => 60,
    };
    u32::try_from(until.clamp(0, 60)).unwrap_or(0)
}

/// The tagged answer for a tender. Lots have versions of their own, so the tag names their sum beside the tender's version.
pub fn tagged(reply: Reply, file: &TenderFile, now: UtcInstant) -> Reply {
    let lots: i64 = file.lots.iter().map(|lot| lot.version).sum();
    reply.tagged(Tag { version: file.tender.version, phase: file.tender.phase(now), view: &format!("l{lots}") })
}
