//! The documents as the API shows them.

use chrono::NaiveDate;
use serde::Serialize;

use super::lint::{Fault, Found};
use super::model::{
    AmendmentKind, AmendmentRow, AmendmentState, Changes, LotChange, QuestionRow, QuestionState, ReceiptRow, VisitRow, read,
};
use super::terms::{LotTerms, TenderTerms};
use crate::kernel::id::{LotId, OrganisationId, QuestionId, SiteVisitId, TenderAmendmentId, TenderId};
use crate::kernel::{Result, UtcInstant};
use crate::law::Standing;

/// Something that the lint found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LintFinding {
    /// What is wrong.
    pub fault: Fault,
    /// Number of the lot.
    #[schema(example = 1)]
    pub lot: i32,
    /// Where in the lot, as a JSON Pointer.
    #[schema(example = "/qualifications/0/text")]
    pub pointer: String,
    /// The criterion as written.
    #[schema(example = "注册资本不低于 100 万元")]
    pub criterion: String,
    /// The words that gave it away.
    #[schema(example = "注册资本")]
    pub words: String,
    /// Rule.
    #[schema(example = "R042")]
    pub rule: String,
    /// Statute and article.
    #[schema(example = "财政部令第87号 第17、55条")]
    pub legal_basis: String,
    /// Whether the tender cannot go to review with it.
    #[schema(example = true)]
    pub blocks: bool,
    /// Why finance holds it for wrong.
    #[schema(example = "此处指服务对象的注册，与供应商无关。")]
    pub overruled_because: Option<String>,
}

impl From<Found> for LintFinding {
    fn from(found: Found) -> Self {
        Self {
            fault: found.fault,
            lot: found.lot,
            pointer: found.pointer,
            criterion: found.criterion,
            words: found.words,
            rule: found.rule.rule,
            legal_basis: found.rule.legal_basis,
            blocks: found.standing == Standing::Broken && found.overruled.is_none(),
            overruled_because: found.overruled,
        }
    }
}

/// What the lint found in a tender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LintReport {
    /// Findings by lot.
    #[schema(max_items = 1000)]
    pub items: Vec<LintFinding>,
}

/// The terms of a tender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TenderTermsView {
    /// Tender.
    pub tender_id: TenderId,
    /// The amendment from which they hold.
    #[schema(example = 0)]
    pub amendment: i32,
    /// The terms.
    pub terms: TenderTerms,
    /// When they were written.
    pub written_at: UtcInstant,
    /// What the lint found, for people of the unit; empty for everybody else.
    #[schema(max_items = 1000)]
    pub findings: Vec<LintFinding>,
}

/// The terms of a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LotTermsView {
    /// Lot.
    pub lot_id: LotId,
    /// The amendment from which they hold.
    #[schema(example = 0)]
    pub amendment: i32,
    /// The terms.
    pub terms: LotTerms,
    /// When they were written.
    pub written_at: UtcInstant,
    /// What the lint found, for people of the unit; empty for everybody else.
    #[schema(max_items = 1000)]
    pub findings: Vec<LintFinding>,
}

/// A question. Nobody but the asker is shown who asked, and auditors after the award.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QuestionView {
    /// Id.
    pub id: QuestionId,
    /// Tender.
    pub tender_id: TenderId,
    /// The question.
    #[schema(example = "服务对象是否包括失能老人？")]
    pub question: String,
    /// State.
    pub state: QuestionState,
    /// Last day for the answer (R058).
    pub due_on: Option<NaiveDate>,
    /// Whether that day has passed without an answer, or before it.
    #[schema(example = false)]
    pub overdue: bool,
    /// The answer.
    #[schema(example = "包括，名单由社区提供。")]
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<UtcInstant>,
    /// Who asked: one's own, or for auditors after the award.
    pub organisation_id: Option<OrganisationId>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

/// A question for a reader at an instant. The asker reads its own words, everybody else those that were published.
pub fn question_view(row: QuestionRow, now: UtcInstant, shows_asker: bool, own: bool) -> QuestionView {
    let looked_at = row.answered_at.unwrap_or(now).date_in_shanghai();
    let question = if own { row.asked } else { row.published_as.unwrap_or(row.asked) };
    QuestionView {
        id: row.id,
        tender_id: row.tender_id,
        question,
        state: row.state,
        due_on: row.due_on,
        overdue: row.due_on.is_some_and(|due| looked_at > due),
        answer: row.answer,
        answered_at: row.answered_at,
        organisation_id: shows_asker.then_some(row.organisation_id),
        version: row.version,
    }
}

/// A site visit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SiteVisitView {
    /// Id.
    pub id: SiteVisitId,
    /// Tender.
    pub tender_id: TenderId,
    /// When it is.
    pub held_at: UtcInstant,
    /// Until when one may register.
    pub register_until: UtcInstant,
    /// Where.
    #[schema(example = "月河街道居家养老服务中心")]
    pub place: String,
    /// What else.
    #[schema(example = "请自带鞋套。")]
    pub note: Option<String>,
    /// How many persons the reader's own organisation registered.
    #[schema(example = 2)]
    pub own_persons: Option<i32>,
    /// How many persons come in all, for people of the unit once registration is over. Who they are is shown to nobody.
    #[schema(example = 5)]
    pub persons: Option<i32>,
}

/// A site visit for a reader.
pub fn visit_view(row: VisitRow, own_persons: Option<i32>, persons: Option<i32>) -> SiteVisitView {
    SiteVisitView {
        id: row.id,
        tender_id: row.tender_id,
        held_at: row.held_at,
        register_until: row.register_until,
        place: row.place,
        note: row.note,
        own_persons,
        persons,
    }
}

/// That an organisation obtained the documents.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DocumentReceipt {
    /// Tender.
    pub tender_id: TenderId,
    /// Who obtained them.
    pub organisation_id: OrganisationId,
    /// When.
    pub obtained_at: UtcInstant,
    /// Last day for a challenge of the documents (R059).
    pub challenge_until: Option<NaiveDate>,
}

/// A receipt with its clock.
pub fn receipt_view(row: &ReceiptRow, challenge_until: Option<NaiveDate>) -> DocumentReceipt {
    DocumentReceipt { tender_id: row.tender_id, organisation_id: row.organisation_id, obtained_at: row.obtained_at, challenge_until }
}

/// A clarification or an amendment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AmendmentView {
    /// Id.
    pub id: TenderAmendmentId,
    /// Tender.
    pub tender_id: TenderId,
    /// What it does.
    pub kind: AmendmentKind,
    /// Where it stands.
    pub state: AmendmentState,
    /// Its number among those in force.
    #[schema(example = 1)]
    pub number: Option<i32>,
    /// What it says.
    #[schema(example = "服务次数由每周两次改为每周三次，最高限价不变。")]
    pub body: String,
    /// Whether it affects how bids are written.
    #[schema(example = true)]
    pub material: bool,
    /// Whether bids made before it are stale.
    #[schema(example = false)]
    pub rebids: bool,
    /// The deadline before it.
    pub former_deadline: UtcInstant,
    /// The deadline from it on, where it moves.
    pub bid_deadline: Option<UtcInstant>,
    /// New terms of the tender.
    pub tender_terms: Option<TenderTerms>,
    /// Changed lots.
    #[schema(max_items = 20)]
    pub lots: Vec<LotChange>,
    /// Why finance refused it.
    #[schema(example = "预算不足以支持。")]
    pub decision_reason: Option<String>,
    /// When it came into force.
    pub published_at: Option<UtcInstant>,
    /// Rules that it brushed against without being blocked.
    #[schema(max_items = 100)]
    pub warnings: Vec<crate::procurement::tenders::view::FindingView>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

/// An amendment as stored, with warnings of the step just taken.
pub fn amendment_view(row: AmendmentRow, warnings: Vec<crate::law::Finding>) -> Result<AmendmentView> {
    let changes: Changes = read(row.changes)?;
    Ok(AmendmentView {
        id: row.id,
        tender_id: row.tender_id,
        kind: row.kind,
        state: row.state,
        number: row.number,
        body: row.body,
        material: row.material,
        rebids: row.rebids,
        former_deadline: row.former_deadline,
        bid_deadline: row.bid_deadline,
        tender_terms: changes.tender_terms,
        lots: changes.lots,
        decision_reason: row.decision_reason,
        published_at: row.published_at,
        warnings: warnings.into_iter().map(Into::into).collect(),
        version: row.version,
    })
}
