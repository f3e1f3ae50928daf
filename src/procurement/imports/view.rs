//! Imported purchases as the API shows them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::model::{ExternalRow, ExternalState, Member, WinnerRow};
use super::store;
use crate::db::Db;
use crate::kernel::id::{CaseId, ExternalTenderId, LotId, OrganisationId, TenderId, UnitId};
use crate::kernel::{Error, Money, Result, UtcInstant};
use crate::law::Procedure;
use crate::web::Reply;

/// An imported purchase.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ExternalView {
    /// Id.
    pub id: ExternalTenderId,
    /// The case.
    pub case_id: CaseId,
    /// The purchaser.
    pub unit_id: UnitId,
    /// The tender that carries it here.
    pub tender_id: TenderId,
    /// Number of the plan on the platform.
    #[schema(example = "吴采计2026-0031")]
    pub plan_number: String,
    /// Name of the platform.
    #[schema(example = "浙江政府采购网")]
    pub platform: String,
    /// Where it was announced.
    #[schema(example = "https://zfcg.example.gov.cn/announcement/31")]
    pub announcement_url: String,
    /// The procedure it was run by.
    pub procedure_used: Procedure,
    /// Day of the announcement.
    pub announced_on: NaiveDate,
    /// Day of the bid deadline.
    pub deadline_on: NaiveDate,
    /// Suppliers that took part, where it is known.
    #[schema(example = 3)]
    pub bidders: Option<i32>,
    /// Number of the award notice.
    #[schema(example = "吴采成2026-0031")]
    pub notice_number: String,
    /// Where the award notice is.
    #[schema(example = "https://zfcg.example.gov.cn/award/31")]
    pub notice_url: String,
    /// Day of the award notice.
    pub awarded_on: NaiveDate,
    /// Where it stands.
    pub state: ExternalState,
    /// Why it was refused.
    #[schema(example = json!(null))]
    pub reason: Option<String>,
    /// When it was imported.
    pub created_at: UtcInstant,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

/// An imported purchase with its panel, its winners and what the rules say of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ExternalDetail {
    /// The import.
    #[serde(flatten)]
    pub import: ExternalView,
    /// The panel as it was published.
    #[schema(max_items = 50)]
    pub panel: Vec<Member>,
    /// Winners by lot.
    #[schema(max_items = 20)]
    pub lots: Vec<WinnerView>,
    /// Rules of the procedure that was run which the given dates and panel do not keep. None of them stops the import.
    #[schema(max_items = 100)]
    pub findings: Vec<KeptFinding>,
}

/// What a rule found at the import.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeptFinding {
    /// Rule id.
    #[schema(example = "R019")]
    pub rule: String,
    /// Statute and article.
    #[schema(example = "政府采购法 第35条")]
    pub legal_basis: String,
    /// `warned`, or `broken` where the rule would block a purchase run here.
    #[schema(example = "broken")]
    pub standing: String,
    /// What was found.
    #[schema(example = "2026-02-10")]
    pub found: String,
    /// What is required.
    #[schema(example = "≥ 2026-02-24 (20 calendar_day)")]
    pub required: String,
}

/// The winner of a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WinnerView {
    /// Lot.
    pub lot_id: LotId,
    /// Winner.
    pub organisation_id: OrganisationId,
    /// Price.
    pub price: Money,
}

/// An import of a list.
pub fn external_view(row: ExternalRow) -> ExternalView {
    ExternalView {
        id: row.id,
        case_id: row.case_id,
        unit_id: row.unit_id,
        tender_id: row.tender_id,
        plan_number: row.plan_number,
        platform: row.platform,
        announcement_url: row.announcement_url,
        procedure_used: row.procedure_used,
        announced_on: row.announced_on,
        deadline_on: row.deadline_on,
        bidders: row.bidders,
        notice_number: row.notice_number,
        notice_url: row.notice_url,
        awarded_on: row.awarded_on,
        state: row.state,
        reason: row.reason,
        created_at: row.created_at,
        version: row.version,
    }
}

/// The tagged answer of one import.
pub fn detail(db: &mut Db, row: ExternalRow) -> Result<Reply> {
    let unreadable = |fault: serde_json::Error| Error::internal(format!("an import cannot be read: {fault}"));
    let panel = serde_json::from_value(row.panel.0.clone()).map_err(unreadable)?;
    let findings = serde_json::from_value(row.findings.0.clone()).map_err(unreadable)?;
    let winner = |one: WinnerRow| WinnerView { lot_id: one.lot_id, organisation_id: one.organisation_id, price: one.price_fen.into() };
    let lots = store::winners_of(db, row.id)?.into_iter().map(winner).collect();
    let version = row.version;
    Ok(Reply::ok(&ExternalDetail { import: external_view(row), panel, lots, findings })?.tagged(version))
}
