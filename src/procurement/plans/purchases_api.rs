//! What a unit buys in a year, by item and procedure, over HTTP.

use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::INSIDERS;
use super::purchases::{self, ItemSum, SPLITTING};
use super::store::Counted;
use super::view::FindingView;
use crate::db::Db;
use crate::kernel::id::{CatalogueItemId, TenantId, UnitId};
use crate::kernel::{CatalogueCode, Error, Money, Result, error};
use crate::law::thresholds::Level;
use crate::law::{self, Facts, Finding, Gate, Procedure, Rule, Thresholds, WorkCalendar};
use crate::market::catalogues;
use crate::parties::{regulations, units};
use crate::people;
use crate::web::{Answer, Call, Id, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_purchases);
}

/// A unit's purchases of a year.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PurchasesView {
    /// The purchaser.
    pub unit_id: UnitId,
    /// Budget year.
    #[schema(example = 2026)]
    pub year: i32,
    /// By item, in the order of their codes.
    #[schema(max_items = 10000)]
    pub items: Vec<ItemSumView>,
}

/// What was bought of an item.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ItemSumView {
    /// Code of the item; the same in every edition.
    pub code: CatalogueCode,
    /// Name of the item.
    #[schema(example = "居家养老服务")]
    pub name_zh: String,
    /// By procedure.
    #[schema(max_items = 10)]
    pub procedures: Vec<ProcedureSumView>,
    /// What was bought other than by open tender.
    pub counted: Money,
    /// What R035 says of that sum; null when everything was an open tender or no rule is in use.
    pub splitting: Option<FindingView>,
}

/// What was bought by one procedure.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProcedureSumView {
    /// The procedure; of an imported tender the one it was run by.
    pub procedure: Procedure,
    /// Tenders, and plans of which nothing is tendered yet.
    #[schema(example = 3)]
    pub purchases: i64,
    /// Their ceilings and budgets.
    pub amount: Money,
}

fn item_view(item: ItemSum, splitting: Option<Finding>) -> Result<ItemSumView> {
    let counted = item.counted()?.into();
    let sum =
        |sum: &purchases::ProcedureSum| ProcedureSumView { procedure: sum.procedure, purchases: sum.purchases, amount: sum.amount.into() };
    let procedures = item.procedures.iter().map(sum).collect();
    Ok(ItemSumView { code: item.code, name_zh: item.name_zh, procedures, counted, splitting: splitting.map(FindingView::from) })
}

/// The rule on splitting in use, with what it is judged by, read once for all items of a year.
struct Splitting {
    rules: Vec<Rule>,
    calendar: WorkCalendar,
    thresholds: Option<Thresholds>,
    today: NaiveDate,
}

impl Splitting {
    fn read(db: &mut Db, tenant: TenantId, (today, year): (NaiveDate, i32)) -> Result<Self> {
        let set = regulations::service::current(db, tenant)?.id;
        let mut rules = regulations::rules_of(db, set)?;
        rules.retain(|rule| rule.id == SPLITTING);
        let calendar = regulations::calendar(db, tenant)?;
        let thresholds = regulations::thresholds_of(db, tenant, year, Level::District)?;
        Ok(Self { rules, calendar, thresholds, today })
    }

    /// What it says of an item: judged by the first procedure that is no open tender.
    fn of(&self, item: &ItemSum) -> Result<Option<Finding>> {
        let Some(closed) = item.procedures.iter().find(|sum| sum.procedure != Procedure::OpenTender) else { return Ok(None) };
        let mut facts = Facts { thresholds: self.thresholds, ..Facts::default() };
        facts.purchase.procedure = Some(closed.procedure);
        facts.purchase.item_total_in_year = Some(item.counted()?);
        Ok(law::judge(&self.rules, &facts, &self.calendar, Gate::Plan, self.today)?.into_iter().next())
    }
}

/// Which purchases are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskPurchases {
    /// Budget year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    year: i32,
    /// Only this item, whatever its edition.
    item: Option<CatalogueItemId>,
}

/// Read a unit's purchases of a year
///
/// The sums by item and procedure, and whether what was not openly tendered adds up to more than the threshold (化整为零, R035). Everybody reads what is
/// published; people of the unit, supervisors and auditors also what is not.
#[utoipa::path(tag = "plans", params(("unit_id" = UnitId, Path, description = "The purchaser"), AskPurchases),
    responses((status = 200, description = "The sums", body = PurchasesView)))]
#[get("/units/{unit_id}/purchases")]
async fn get_purchases(call: Call, id: Id<UnitId>, params: Params<AskPurchases>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let tenant = viewer.tenant;
        let unit = units::find(snapshot, tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let asked = params.get()?;
        let code = match asked.item {
            None => None,
            Some(item) => {
                let unknown = || Error::field("?item", words!("没有该目录条目", "there is no such catalogue item"));
                Some(catalogues::find_item(snapshot, tenant, item)?.ok_or_else(unknown)?.0.code)
            }
        };
        let place = people::Place { unit: Some(unit.id), organisation: None, year: Some(asked.year) };
        let sees_all = viewer.actor.as_ref().is_some_and(|actor| actor.reaches_place(INSIDERS, place));
        let what = Counted { tenant, unit: unit.id, year: asked.year, item: code.as_ref() };
        let sums = purchases::sums(snapshot, &what, sees_all)?;
        let closed = |item: &ItemSum| item.procedures.iter().any(|sum| sum.procedure != Procedure::OpenTender);
        let rule = if sums.iter().any(closed) { Some(Splitting::read(snapshot, tenant, (today, asked.year))?) } else { None };
        let mut items = Vec::new();
        for item in sums {
            let splitting = match &rule {
                Some(rule) => rule.of(&item)?,
                None => None,
            };
            items.push(item_view(item, splitting)?);
        }
        Ok(Reply::ok(&PurchasesView { unit_id: unit.id, year: asked.year, items })?.public(60))
    })
    .await
}
