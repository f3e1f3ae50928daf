//! Tenders and lots as the API shows them.

use serde::Serialize;

use super::model::{CriterionKind, CriterionRow, LotRow, LotState, Mode, TenderFile, TenderRow, TenderState};
use super::procedure::Solicitation;
use crate::kernel::id::{CaseId, CatalogueItemId, LotId, OrganisationId, RuleSetId, TenderId, UnitId};
use crate::kernel::{BasisPoints, Money, UtcInstant};
use crate::law::{Finding, Procedure};
pub use crate::procurement::plans::view::FindingView;
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
    /// `publicity`, `open` or `closed` once published, computed from the clock; empty before.
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
    /// Who is asked to bid.
    pub solicitation: Solicitation,
    /// Number of the amendment in force; 0 before any.
    #[schema(example = 0)]
    pub amendment: i32,
    /// Why this procedure, where it must be stated.
    #[schema(example = "只有唯一供应商具备该项专利服务，专家论证见附件。")]
    pub procedure_reason: Option<String>,
    /// The supplier named without competition.
    pub named_organisation_id: Option<OrganisationId>,
    /// Last instant of the publicity before a single-source purchase.
    pub publicity_until: Option<UtcInstant>,
    /// The lot that failed and is run again.
    pub predecessor_lot_id: Option<LotId>,
    /// Lots.
    #[schema(max_items = 20)]
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
        solicitation: tender.solicitation,
        amendment: tender.amendment,
        procedure_reason: tender.procedure_reason,
        named_organisation_id: tender.named_organisation_id,
        publicity_until: tender.publicity_until,
        predecessor_lot_id: tender.predecessor_lot_id,
        lots,
        warnings: warnings.into_iter().map(FindingView::from).collect(),
        version: tender.version,
    }
}

/// Seconds that shared caches may keep a tender: a minute, and never past the instant at which the clock changes its phase.
pub fn cache_seconds(tender: &TenderRow, now: UtcInstant) -> u32 {
    let until = match tender.next_phase_at() {
        Some(change) if now < change => change.seconds_since(now),
        _ => 60,
    };
    u32::try_from(until.clamp(0, 60)).unwrap_or(0)
}

/// The tagged answer for a tender. Lots have versions of their own, so the tag names their sum beside the tender's version.
pub fn tagged(reply: Reply, file: &TenderFile, now: UtcInstant) -> Reply {
    let lots: i64 = file.lots.iter().map(|lot| lot.version).sum();
    reply.tagged(Tag { version: file.tender.version, phase: file.tender.phase(now), view: &format!("l{lots}") })
}
