//! Imported purchases over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ExternalState, INSIDERS, Member, NewExternal, NewWinner};
use super::store::ListFilter;
use super::view::{ExternalDetail, ExternalView, detail, external_view};
use super::{policy, service, store};
use crate::kernel::id::{CatalogueItemId, ExternalTenderId, FundId, PlanId, UnitId};
use crate::kernel::{Money, error};
use crate::law::Procedure;
use crate::people::scope::Scope;
use crate::people::{self, Subject};
use crate::procurement::plans::model::Mode;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(import_external).service(list_external).service(get_external).service(approve_external).service(refuse_external);
}

/// A purchase that was run on the statutory platform.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportExternal {
    /// An item of the published guiding catalogue.
    pub catalogue_item_id: CatalogueItemId,
    /// The unit's fund that pays for every lot.
    pub fund_id: FundId,
    /// The unit's approved plan here that it comes out of.
    #[serde(default)]
    pub plan_id: Option<PlanId>,
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "月河街道居家养老服务采购")]
    pub title: String,
    /// What is needed.
    #[schema(min_length = 1, max_length = 10_000, example = "为辖区 80 岁以上独居老人提供上门服务，为期一年。")]
    pub description: String,
    /// Why and with whom.
    pub mode: Mode,
    /// Number of the plan on the platform (采购计划编号).
    #[schema(min_length = 1, max_length = 100, example = "吴采计2026-0031")]
    pub plan_number: String,
    /// Name of the platform.
    #[schema(min_length = 1, max_length = 100, example = "浙江政府采购网")]
    pub platform: String,
    /// Where it was announced.
    #[schema(min_length = 10, max_length = 500, example = "https://zfcg.example.gov.cn/announcement/31")]
    pub announcement_url: String,
    /// The procedure it was run by there.
    pub procedure_used: Procedure,
    /// Day of the announcement.
    #[schema(example = "2026-02-03")]
    pub announced_on: NaiveDate,
    /// Day of the bid deadline.
    #[schema(example = "2026-02-24")]
    pub deadline_on: NaiveDate,
    /// Suppliers that took part, where it is known.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000, example = 3)]
    pub bidders: Option<i32>,
    /// The panel as it was published.
    #[schema(max_items = 50)]
    pub panel: Vec<Member>,
    /// Number of the award notice; it is imported once.
    #[schema(min_length = 1, max_length = 100, example = "吴采成2026-0031")]
    pub notice_number: String,
    /// Where the award notice is.
    #[schema(min_length = 10, max_length = 500, example = "https://zfcg.example.gov.cn/award/31")]
    pub notice_url: String,
    /// Day of the award notice.
    #[schema(example = "2026-02-26")]
    pub awarded_on: NaiveDate,
    /// Lots with their winners.
    #[schema(min_items = 1, max_items = 20)]
    pub lots: Vec<ImportLot>,
}

/// A lot with its winner.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportLot {
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "上门服务")]
    pub title: String,
    /// Highest price.
    pub ceiling: Money,
    /// 统一社会信用代码 of the winner, which must be registered here.
    #[schema(min_length = 18, max_length = 18, example = "52330502MJ9000022F")]
    pub uscc: String,
    /// Price of the award.
    pub price: Money,
}

impl ImportExternal {
    fn read(&self) -> NewExternal {
        let lot = |lot: &ImportLot| NewWinner {
            title: lot.title.clone(),
            ceiling: lot.ceiling.amount_fen,
            uscc: lot.uscc.clone(),
            price: lot.price.amount_fen,
        };
        NewExternal {
            item: self.catalogue_item_id,
            fund: self.fund_id,
            plan: self.plan_id,
            title: self.title.clone(),
            description: self.description.clone(),
            mode: self.mode,
            plan_number: self.plan_number.clone(),
            platform: self.platform.clone(),
            announcement_url: self.announcement_url.clone(),
            procedure_used: self.procedure_used,
            announced_on: self.announced_on,
            deadline_on: self.deadline_on,
            bidders: self.bidders,
            panel: self.panel.clone(),
            notice_number: self.notice_number.clone(),
            notice_url: self.notice_url.clone(),
            awarded_on: self.awarded_on,
            lots: self.lots.iter().map(lot).collect(),
        }
    }
}

/// Import a purchase run elsewhere
///
/// A procedure that was run on the statutory platform, with its award. Every winner must be registered here. The rules of that procedure judge the dates, the
/// number of suppliers and the panel; `findings` lists what they do not keep, and none of it stops the import. It waits for the finance officer.
#[utoipa::path(tag = "external tenders", request_body = ImportExternal, responses((status = 201, description = "Imported", body = ExternalDetail)),
    extensions(("x-action" = json!(policy::CREATE.name)),
        ("x-problems" = json!(["already_imported", "plan_budget_exceeded", "rules_not_loaded", "calendar_not_loaded"]))), security(("bearer" = [])))]
#[post("/external-tenders")]
async fn import_external(call: Call, body: Body<ImportExternal>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_create(actor, &policy::CREATE),
        move |tx, granted| {
            let row = service::create(tx, &granted, &body.get()?.read())?;
            let location = Some(format!("/api/v1/external-tenders/{}", row.id));
            Ok(Reply { status: 201, location, ..detail(tx, row)? })
        },
    )
    .await
}

/// Filters and page of the list of imports.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListExternal {
    /// Only this state.
    state: Option<ExternalState>,
    /// Only this purchaser.
    unit_id: Option<UnitId>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List imported purchases
///
/// Approved ones for everybody, newest first; people of a unit, finance officers, supervisors and auditors also see the others.
#[utoipa::path(tag = "external tenders", params(ListExternal), responses((status = 200, description = "A page of imports", body = Page<ExternalView>)))]
#[get("/external-tenders")]
async fn list_external(call: Call, params: Params<ListExternal>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let scope = Scope::of(viewer.actor.as_ref(), INSIDERS);
        let filter = ListFilter { scope, state: asked.state, unit: asked.unit_id };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("external {filter:?}"))?;
        let before = request.after_instant()?.map(|(at, id)| (at, ExternalTenderId::new(id)));
        let rows = store::list(snapshot, viewer.tenant, &filter, before, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), external_view);
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(60))
    })
    .await
}

/// Read an imported purchase
///
/// Public once the finance officer took it over.
#[utoipa::path(tag = "external tenders", params(("external_tender_id" = ExternalTenderId, Path, description = "The import")), responses((status = 200, description = "The import", body = ExternalDetail)))]
#[get("/external-tenders/{external_tender_id}")]
async fn get_external(call: Call, id: Id<ExternalTenderId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let visible = viewer.actor.as_ref().map_or(row.state == ExternalState::Approved, |actor| row.visible_to(actor));
        if !visible {
            return Err(error::NOT_FOUND.error());
        }
        Ok(detail(snapshot, row)?.public(60))
    })
    .await
}

/// Approve an imported purchase
///
/// The finance officer, never who imported it. The money of every lot is set aside, the tender is public, its lots are awarded and the awards
/// confirmed; the contract follows.
#[utoipa::path(tag = "external tenders", params(("external_tender_id" = ExternalTenderId, Path, description = "The import")), responses((status = 200, description = "Taken over", body = ExternalDetail)),
    extensions(("x-action" = json!(policy::APPROVE.name)), ("x-problems" = json!(["duties_not_separate", "insufficient_funds", "plan_budget_exceeded"]))), security(("bearer" = [])))]
#[post("/external-tenders/{external_tender_id}/approval")]
async fn approve_external(call: Call, id: Id<ExternalTenderId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::APPROVE, id.0),
        |tx, granted| {
            let row = service::approve(tx, &granted)?;
            detail(tx, row)
        },
    )
    .await
}

/// Why an import is refused.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefuseExternal {
    /// The reason.
    #[schema(min_length = 1, max_length = 1000, example = "成交公告与导入价格不一致。")]
    pub reason: String,
}

/// Refuse an imported purchase
///
/// The finance officer does not take it over; its tender ends.
#[utoipa::path(tag = "external tenders", params(("external_tender_id" = ExternalTenderId, Path, description = "The import")), request_body = RefuseExternal,
    responses((status = 200, description = "Refused", body = ExternalDetail)),
    extensions(("x-action" = json!(policy::REFUSE.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/external-tenders/{external_tender_id}/refusal")]
async fn refuse_external(call: Call, id: Id<ExternalTenderId>, body: Body<RefuseExternal>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::REFUSE, id.0),
        move |tx, granted| {
            let row = service::refuse(tx, &granted, &body.get()?.reason)?;
            detail(tx, row)
        },
    )
    .await
}
