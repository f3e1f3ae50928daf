//! Tenders over HTTP.

use actix_web::{get, post, put};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{CriterionKind, INSIDERS, Mode, NewCriterion, NewLot, NewTender, TenderRow, TenderState};
use super::procedure::Solicitation;
use super::store::ListFilter;
use super::view::{LotView, TenderView, cache_seconds, lot_view, tagged, tender_view};
use super::{lots, money, policy, service, store};
use crate::db::Tx;
use crate::kernel::error;
use crate::kernel::id::{CatalogueItemId, FundId, LotId, OrganisationId, TenderId, UnitId};
use crate::kernel::{BasisPoints, Money, Result, UtcInstant};
use crate::law::{Finding, Procedure};
use crate::money::funding::NewLine;
use crate::money::funding::views::{FundingLineView, PlanLine};
use crate::people::{self, Action, Authorized, Scope, Subject, Viewer};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create_tender)
        .service(rewrite_tender)
        .service(list_tenders)
        .service(get_tender)
        .service(approve_tender)
        .service(return_tender)
        .service(cancel_tender)
        .service(get_lot)
        .service(get_lot_funding);
}

/// A new tender.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTender {
    /// An item of the published guiding catalogue.
    pub catalogue_item_id: CatalogueItemId,
    /// The fund that pays for every lot that names no funding of its own; may be left out when all do.
    #[serde(default)]
    pub fund_id: Option<FundId>,
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "月河街道居家养老上门服务")]
    pub title: String,
    /// What is needed.
    #[schema(min_length = 1, max_length = 10_000, example = "为辖区 80 岁以上独居老人每周两次上门服务，为期一年。")]
    pub description: String,
    /// Why and with whom.
    pub mode: Mode,
    /// How the supplier is found.
    pub procedure: Procedure,
    /// Who is asked to bid; what the procedure does first when left out.
    #[serde(default)]
    pub solicitation: Option<Solicitation>,
    /// Why this procedure, where it must be stated: invited tender, negotiation, single source, direct.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 2000, example = "服务具有延续性，预算低于限额，经集体研究直接委托。")]
    pub procedure_reason: Option<String>,
    /// The supplier named where nobody competes.
    #[serde(default)]
    pub named_organisation_id: Option<OrganisationId>,
    /// Whether plain offers over TLS are taken and sealed on arrival; otherwise bidders seal with age themselves.
    pub plain_offers: bool,
    /// Lots, each with its own money, criteria and fate.
    #[schema(min_items = 1, max_items = 20)]
    pub lots: Vec<CreateLot>,
}

impl CreateTender {
    fn read(&self) -> NewTender {
        NewTender {
            catalogue_item: self.catalogue_item_id,
            fund: self.fund_id,
            title: self.title.clone(),
            description: self.description.clone(),
            mode: self.mode,
            procedure: self.procedure,
            solicitation: self.solicitation,
            procedure_reason: self.procedure_reason.clone(),
            named_organisation: self.named_organisation_id,
            plain_offers: self.plain_offers,
            lots: self.lots.iter().map(CreateLot::read).collect(),
        }
    }
}

/// A lot of a new tender.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLot {
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "上门服务")]
    pub title: String,
    /// Highest price.
    pub ceiling: Money,
    /// What pays for it, adding up to the ceiling: several streams, later years without a fund yet. Empty when the tender's fund pays alone.
    #[serde(default)]
    #[schema(max_items = 12)]
    pub funding: Vec<PlanLine>,
    /// Criteria: exactly one price, weights adding up to 10 000; none where the lowest price wins or nobody competes.
    #[serde(default)]
    #[schema(max_items = 20, example = json!([{"name": "服务方案", "kind": "quality", "weight_bp": 8000}, {"name": "报价", "kind": "price", "weight_bp": 2000}]))]
    pub criteria: Vec<CreateCriterion>,
}

impl CreateLot {
    /// As the use cases take it.
    pub fn read(&self) -> NewLot {
        let criteria = self.criteria.iter().map(CreateCriterion::read).collect();
        let funding = self.funding.iter().map(NewLine::from).collect();
        NewLot { title: self.title.clone(), ceiling: self.ceiling.amount_fen, funding, criteria }
    }
}

/// A criterion of a new lot.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCriterion {
    /// Name.
    #[schema(min_length = 1, max_length = 100, example = "服务方案")]
    pub name: String,
    /// How it is scored.
    pub kind: CriterionKind,
    /// Weight.
    pub weight_bp: BasisPoints,
}

impl CreateCriterion {
    /// As the use cases take it.
    pub fn read(&self) -> NewCriterion {
        NewCriterion { name: self.name.clone(), kind: self.kind, weight: self.weight_bp }
    }
}

fn reply(tx: &mut Tx<'_>, tender: TenderRow, warnings: Vec<Finding>) -> Result<Reply> {
    let now = tx.now();
    let mut files = store::files(tx, vec![tender])?;
    let file = files.pop().ok_or_else(|| error::NOT_FOUND.error())?;
    Ok(tagged(Reply::ok(&tender_view(file.clone(), now, warnings))?, &file, now))
}

/// Draft a tender
///
/// Drafts a tender for the purchaser's own unit from a published catalogue item. The case begins here. The procedure decides what else is
/// needed: minutes for a selection, a reason and a named supplier where nobody competes.
#[utoipa::path(tag = "tenders", request_body = CreateTender, responses((status = 201, description = "Drafted", body = TenderView)),
    extensions(("x-action" = json!(policy::CREATE.name)), ("x-problems" = json!(["rules_not_loaded"]))), security(("bearer" = [])))]
#[post("/tenders")]
async fn create_tender(call: Call, body: Body<CreateTender>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_create(actor),
        move |tx, granted| {
            let new = body.get()?.read();
            let file = service::create(tx, &granted, &new)?;
            let now = tx.now();
            let made = Reply::created(format!("/api/v1/tenders/{}", file.tender.id), &tender_view(file.clone(), now, Vec::new()))?;
            Ok(tagged(made, &file, now))
        },
    )
    .await
}

/// Write a tender anew
///
/// Replaces the content of a draft or of a tender that was returned. Lots keep their numbers; they may be added, not taken away.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = CreateTender,
    responses((status = 200, description = "Rewritten", body = TenderView)),
    extensions(("x-action" = json!(policy::REWRITE.name))), security(("bearer" = [])))]
#[put("/tenders/{tender_id}")]
async fn rewrite_tender(call: Call, id: Id<TenderId>, body: Body<CreateTender>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::REWRITE, move |tx, granted| {
        Ok((service::rewrite(tx, granted, &body.get()?.read())?, Vec::new()))
    })
    .await
}

/// Filters of the tender list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListTenders {
    /// Only this state.
    state: Option<TenderState>,
    /// Only this purchaser.
    unit_id: Option<UnitId>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List tenders
///
/// Published tenders, newest first, for everybody; people of a unit also see what it has not published, and auditors what their notices name.
#[utoipa::path(tag = "tenders", params(ListTenders), responses((status = 200, description = "A page of tenders", body = Page<TenderView>)))]
#[get("/tenders")]
async fn list_tenders(call: Call, params: Params<ListTenders>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let scope = Scope::of(viewer.actor.as_ref(), INSIDERS);
        let filter = ListFilter { scope, state: asked.state, unit: asked.unit_id };
        let binding = format!("tenders {:?} {:?}", filter.state, filter.unit);
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &binding)?;
        let before = request.after_instant()?.map(|(at, id)| (at, TenderId::new(id)));
        let rows = store::list(snapshot, viewer.tenant, &filter, before, request.rows())?;
        let files = store::files(snapshot, rows)?;
        let seconds = files.iter().map(|file| cache_seconds(&file.tender, now)).min().unwrap_or(15).min(15);
        let key = |file: &super::TenderFile| (file.tender.created_at.to_string(), file.tender.id.uuid());
        let page = request.page(files, key, |file| tender_view(file, now, Vec::new()));
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(seconds))
    })
    .await
}

/// Read a tender
///
/// A published tender is public. What is not published is seen only by people of its unit and the district's supervisors and auditors.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")), responses((status = 200, description = "The tender", body = TenderView)))]
#[get("/tenders/{tender_id}")]
async fn get_tender(call: Call, id: Id<TenderId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.filter(|row| visible(row, viewer)).ok_or_else(|| error::NOT_FOUND.error())?;
        let seconds = cache_seconds(&row, now);
        let file = store::files(snapshot, vec![row])?.pop().ok_or_else(|| error::NOT_FOUND.error())?;
        Ok(tagged(Reply::ok(&tender_view(file.clone(), now, Vec::new()))?.public(seconds), &file, now))
    })
    .await
}

/// Whether the public or the signed-in viewer may see the tender.
pub(crate) fn visible(row: &TenderRow, viewer: &Viewer) -> bool {
    match &viewer.actor {
        Some(actor) => row.visible_to(actor),
        None => row.published_at.is_some(),
    }
}

/// Runs a step that answers with the tender.
pub(crate) async fn step(
    call: Call,
    fingerprint: [u8; 32],
    id: TenderId,
    action: &'static Action,
    effect: impl Fn(&mut Tx<'_>, &Authorized<TenderRow>) -> Result<(TenderRow, Vec<Finding>)> + Send + 'static,
) -> Answer {
    people::command(
        call,
        fingerprint,
        move |tx, actor| service::may(tx, actor, action, id),
        move |tx, granted| {
            let (row, warnings) = effect(tx, &granted)?;
            reply(tx, row, warnings)
        },
    )
    .await
}

/// Approve a tender
///
/// The finance officer, never the drafter, approves what is in review.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")), responses((status = 200, description = "Approved", body = TenderView)),
    extensions(("x-action" = json!(policy::APPROVE.name)), ("x-problems" = json!(["duties_not_separate", "minutes_missing"]))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/approval")]
async fn approve_tender(call: Call, id: Id<TenderId>) -> Answer {
    step(call, [0; 32], id.0, &policy::APPROVE, |tx, granted| Ok((service::approve(tx, granted)?, Vec::new()))).await
}

/// Why something is sent back or ended.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The reason.
    #[schema(min_length = 1, max_length = 1000, example = "预算科目需更正")]
    pub reason: String,
}

/// Return a tender
///
/// The finance officer sends it back with a reason; the reserved money is free again.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = Reason,
    responses((status = 200, description = "Returned", body = TenderView)),
    extensions(("x-action" = json!(policy::RETURN.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/return")]
async fn return_tender(call: Call, id: Id<TenderId>, body: Body<Reason>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::RETURN, move |tx, granted| {
        Ok((service::send_back(tx, granted, &body.get()?.reason)?, Vec::new()))
    })
    .await
}

/// When bids are due, or how long the choice of a single source is public first.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"bid_deadline": "2026-03-24T01:00:00Z"}))]
pub struct PublishTender {
    /// First instant at which no bid is taken, where bids are asked for. R019 and R025 say how far away it must lie.
    #[serde(default)]
    #[schema(example = "2026-03-24T01:00:00Z")]
    pub bid_deadline: Option<UtcInstant>,
    /// Last instant of the publicity of a single-source purchase (R033).
    #[serde(default)]
    #[schema(example = "2026-03-10T16:00:00Z")]
    pub publicity_until: Option<UtcInstant>,
}

/// Cancel a tender
///
/// Ends a tender that is not published yet; reserved money is free again.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = Reason,
    responses((status = 200, description = "Cancelled", body = TenderView)), extensions(("x-action" = json!(policy::CANCEL.name))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/cancellation")]
async fn cancel_tender(call: Call, id: Id<TenderId>, body: Body<Reason>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::CANCEL, move |tx, granted| {
        Ok((service::cancel(tx, granted, &body.get()?.reason)?, Vec::new()))
    })
    .await
}

/// Read a lot
///
/// A lot with its version, which the actions on it name in If-Match. Seen by whoever sees its tender.
#[utoipa::path(tag = "tenders", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "The lot", body = LotView)))]
#[get("/lots/{lot_id}")]
async fn get_lot(call: Call, id: Id<LotId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let file = lots::load(snapshot, viewer.tenant, id.0)?;
        if !visible(&file.tender, viewer) {
            return Err(error::NOT_FOUND.error());
        }
        let criteria = store::criteria_of(snapshot, file.lot.id)?;
        Ok(Reply::ok(&lot_view(&file.lot, &criteria))?.tagged(file.lot.version))
    })
    .await
}

/// What pays for a lot.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct LotFunding {
    /// Lines by place; those of later years wait for their appropriation.
    #[schema(max_items = 100)]
    pub items: Vec<FundingLineView>,
}

/// Read what pays for a lot
///
/// The lot's funding lines by stream and year. Seen by whoever sees its tender.
#[utoipa::path(tag = "tenders", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "The lines", body = LotFunding)))]
#[get("/lots/{lot_id}/funding")]
async fn get_lot_funding(call: Call, id: Id<LotId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let file = lots::load(snapshot, viewer.tenant, id.0)?;
        if !visible(&file.tender, viewer) {
            return Err(error::NOT_FOUND.error());
        }
        let items = money::lines(snapshot, &file.lot)?.into_iter().map(FundingLineView::from).collect();
        Reply::ok(&LotFunding { items })
    })
    .await
}
