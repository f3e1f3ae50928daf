//! Framework agreements and orders as the API shows them. Names, prices and limits of admitted suppliers are public once it is active.

use chrono::NaiveDate;
use serde::Serialize;

use super::model::{FrameworkRow, FrameworkState, OrderRow, SupplierRow};
use super::store;
use crate::db::Db;
use crate::kernel::id::{CaseId, CatalogueItemId, FrameworkId, FrameworkOrderId, OrganisationId, TenderId, UnitId};
use crate::kernel::{Money, Result, UtcInstant};
use crate::web::Reply;

/// A framework agreement.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FrameworkView {
    /// Id.
    pub id: FrameworkId,
    /// The case.
    pub case_id: CaseId,
    /// The unit that made it.
    pub unit_id: UnitId,
    /// Whether every unit of the district may order.
    #[schema(example = false)]
    pub district_wide: bool,
    /// What it is for.
    pub catalogue_item_id: CatalogueItemId,
    /// Title.
    #[schema(example = "助浴服务框架协议")]
    pub title: String,
    /// What a unit price is for.
    #[schema(example = "人次")]
    pub unit_label: String,
    /// The tender that it came out of.
    pub source_tender_id: Option<TenderId>,
    /// Number of an agreement made elsewhere.
    #[schema(example = "湖财采框〔2026〕1号")]
    pub reference: Option<String>,
    /// Where that was published.
    #[schema(example = "https://zfcg.example.gov.cn/notice/1")]
    pub reference_url: Option<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    #[schema(example = "2026-12-31")]
    pub valid_to: NaiveDate,
    /// An order above this amount needs a competition among the admitted.
    pub competition_above: Money,
    /// Where it stands.
    pub state: FrameworkState,
    /// Whether orders may be placed today: `in_force`, or empty.
    #[schema(example = "in_force")]
    pub phase: &'static str,
    /// Why it was ended.
    #[schema(example = json!(null))]
    pub reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 2)]
    pub version: i64,
}

/// A framework agreement with its suppliers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FrameworkDetail {
    /// The agreement.
    #[serde(flatten)]
    pub framework: FrameworkView,
    /// Admitted suppliers, the cheapest first.
    #[schema(max_items = 100)]
    pub suppliers: Vec<SupplierView>,
}

/// An admitted supplier.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SupplierView {
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Price of a unit.
    pub unit_price: Money,
    /// Most that it may be ordered for in all.
    pub limit: Option<Money>,
    /// What it was ordered for so far.
    pub ordered: Money,
}

/// A direct order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OrderView {
    /// Id.
    pub id: FrameworkOrderId,
    /// Framework.
    pub framework_id: FrameworkId,
    /// The tender that carries it through review, award and contract.
    pub tender_id: TenderId,
    /// Who orders.
    pub unit_id: UnitId,
    /// Who is to deliver.
    pub organisation_id: OrganisationId,
    /// Units.
    #[schema(example = 200)]
    pub quantity: i64,
    /// Price of a unit on the day of the order.
    pub unit_price: Money,
    /// Quantity × price.
    pub amount: Money,
    /// Why this supplier.
    #[schema(example = "该机构在本街道设有助浴点，响应最快。")]
    pub reason: String,
    /// When it was placed.
    pub created_at: UtcInstant,
}

impl From<OrderRow> for OrderView {
    fn from(row: OrderRow) -> Self {
        Self {
            id: row.id,
            framework_id: row.framework_id,
            tender_id: row.tender_id,
            unit_id: row.unit_id,
            organisation_id: row.organisation_id,
            quantity: row.quantity,
            unit_price: row.unit_price_fen.into(),
            amount: row.amount_fen.into(),
            reason: row.reason,
            created_at: row.created_at,
        }
    }
}

/// A framework of a list.
pub fn framework_view(row: FrameworkRow, today: NaiveDate) -> FrameworkView {
    FrameworkView {
        phase: if row.in_force(today) { "in_force" } else { "" },
        id: row.id,
        case_id: row.case_id,
        unit_id: row.unit_id,
        district_wide: row.district_wide,
        catalogue_item_id: row.catalogue_item_id,
        title: row.title,
        unit_label: row.unit_label,
        source_tender_id: row.source_tender_id,
        reference: row.reference,
        reference_url: row.reference_url,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        competition_above: row.competition_above_fen.into(),
        state: row.state,
        reason: row.reason,
        version: row.version,
    }
}

/// The tagged answer of one framework with its suppliers.
pub fn detail(db: &mut Db, row: FrameworkRow, today: NaiveDate) -> Result<Reply> {
    let mut suppliers = Vec::new();
    for SupplierRow { framework_id, organisation_id, unit_price_fen, limit_fen } in store::suppliers_of(db, row.id)? {
        let ordered = store::ordered(db, framework_id, organisation_id)?.into();
        suppliers.push(SupplierView { organisation_id, unit_price: unit_price_fen.into(), limit: limit_fen.map(Money::from), ordered });
    }
    let version = row.version;
    Ok(Reply::ok(&FrameworkDetail { framework: framework_view(row, today), suppliers })?.tagged(version))
}
