//! Bonds over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{BondFile, BondRow, ReturnGround};
use super::service::{Lodging, NewEntry};
use super::store::ListFilter;
use super::views::{BondView, bond_view};
use super::{policy, service, store};
use crate::db::Tx;
use crate::kernel::Money;
use crate::kernel::Result;
use crate::kernel::id::{BondId, ContractId, LotId};
use crate::people::policy::{District, authorize};
use crate::people::scope::Scope;
use crate::people::{self, Action, Authorized, Role};
use crate::procurement::documents::BondForm;
use crate::procurement::tenders::api::Reason;
use crate::procurement::tenders::model::INSIDERS;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(lodge_bid_bond)
        .service(lodge_performance_bond)
        .service(list_bonds)
        .service(get_bond)
        .service(receive_bond)
        .service(refuse_bond)
        .service(start_return_clock)
        .service(return_bond)
        .service(forfeit_bond);
}

/// A bond that is given. Cash is no form (实施条例 第33条).
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LodgeBond {
    /// How.
    pub form: BondForm,
    /// Number of the letter, policy or transfer.
    #[schema(min_length = 1, max_length = 100, example = "保函 2026-0317")]
    pub reference: String,
    /// How much: what is asked.
    pub amount: Money,
}

impl LodgeBond {
    fn read(&self) -> Lodging {
        Lodging { form: self.form, reference: self.reference.clone(), amount: self.amount.amount_fen }
    }
}

fn lodged(tx: &mut Tx<'_>, row: BondRow) -> Result<Reply> {
    let (path, version, today) = (format!("/api/v1/bonds/{}", row.id), row.version, tx.now().date_in_shanghai());
    Ok(Reply::created(path, &bond_view(row, Vec::new(), today)?)?.tagged(version))
}

/// Lodge a bid bond
///
/// Before the deadline, where the lot asks for one. Until the opening only finance and the bidder itself know of it.
#[utoipa::path(tag = "bonds", params(("lot_id" = LotId, Path, description = "The lot")), request_body = LodgeBond,
    responses((status = 201, description = "Lodged", body = BondView)),
    extensions(("x-action" = json!(policy::LODGE.name)),
        ("x-problems" = json!(["bond_not_asked", "bond_already_lodged", "bond_too_late", "supplier_not_admitted"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/bonds")]
async fn lodge_bid_bond(call: Call, id: Id<LotId>, body: Body<LodgeBond>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_lodge(tx, actor, id.0),
        move |tx, granted| {
            let row = service::lodge(tx, &granted, &body.get()?.read())?;
            lodged(tx, row)
        },
    )
    .await
}

/// Lodge a performance bond
///
/// The supplier of a contract gives the share of the price that the documents asked for.
#[utoipa::path(tag = "bonds", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = LodgeBond,
    responses((status = 201, description = "Lodged", body = BondView)),
    extensions(("x-action" = json!(policy::LODGE_PERFORMANCE.name)),
        ("x-problems" = json!(["bond_not_asked", "bond_already_lodged", "rule_broken", "calendar_not_loaded"]))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/bonds")]
async fn lodge_performance_bond(call: Call, id: Id<ContractId>, body: Body<LodgeBond>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_lodge_performance(tx, actor, id.0),
        move |tx, granted| {
            let row = service::lodge_performance(tx, &granted, &body.get()?.read())?;
            lodged(tx, row)
        },
    )
    .await
}

/// Filters of the bond list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListBonds {
    /// Only of this lot.
    lot_id: Option<LotId>,
    /// Only held ones that should have gone back before today.
    overdue: Option<bool>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List bonds
///
/// An organisation sees its own, finance those of its units, others of the unit, supervisors and auditors bid bonds once the bids are opened.
/// Newest first.
#[utoipa::path(tag = "bonds", params(ListBonds), responses((status = 200, description = "A page of bonds", body = Page<BondView>)),
    extensions(("x-action" = json!(policy::LIST.name))), security(("bearer" = [])))]
#[get("/bonds")]
async fn list_bonds(call: Call, params: Params<ListBonds>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        authorize(actor, &policy::LIST, District(actor.tenant))?;
        let asked = params.get()?;
        let overdue = asked.overdue.unwrap_or(false);
        let filter = ListFilter {
            always: Scope::of(Some(actor), &[Role::OrgAdmin, Role::OrgMember, Role::FinanceOfficer]),
            opened: Scope::of(Some(actor), INSIDERS),
            lot: asked.lot_id,
            overdue_on: overdue.then_some(today),
        };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("bonds {:?} {overdue}", filter.lot))?;
        let before = request.after_instant()?.map(|(at, id)| (at, BondId::new(id)));
        let rows = store::list(snapshot, actor.tenant, &filter, before, request.rows())?;
        let ids: Vec<BondId> = rows.iter().map(|row| row.id).collect();
        let mut books = store::entries_of(snapshot, &ids)?;
        let mut views = Vec::new();
        for row in rows {
            let entries = books.remove(&row.id).unwrap_or_default();
            let at = row.lodged_at;
            views.push((at, bond_view(row, entries, today)?));
        }
        Reply::page(&request.page(views, |(at, view)| (at.to_string(), view.id.uuid()), |(_, view)| view), &params.path, &params.raw)
    })
    .await
}

/// Read a bond
///
/// With its book. Before the opening a bid bond is there only for finance and its bidder.
#[utoipa::path(tag = "bonds", params(("bond_id" = BondId, Path, description = "The bond")),
    responses((status = 200, description = "The bond", body = BondView)), security(("bearer" = [])))]
#[get("/bonds/{bond_id}")]
async fn get_bond(call: Call, id: Id<BondId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let (row, entries) = service::seen(snapshot, viewer.person()?, id.0)?;
        let version = row.version;
        Ok(Reply::ok(&bond_view(row, entries, today)?)?.tagged(version))
    })
    .await
}

/// Runs a step that answers with the bond.
async fn step(
    call: Call,
    fingerprint: [u8; 32],
    id: BondId,
    action: &'static Action,
    effect: impl Fn(&mut Tx<'_>, &Authorized<BondFile>) -> Result<BondRow> + Send + 'static,
) -> Answer {
    people::command(
        call,
        fingerprint,
        move |tx, actor| service::may(tx, actor, action, id),
        move |tx, granted| {
            let row = effect(tx, &granted)?;
            let entries = store::entries(tx, row.id)?;
            let (version, today) = (row.version, tx.now().date_in_shanghai());
            Ok(Reply::ok(&bond_view(row, entries, today)?)?.tagged(version))
        },
    )
    .await
}

/// Money of a bond.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BondMovement {
    /// How much.
    pub amount: Money,
    /// Bank slip or letter.
    #[schema(min_length = 1, max_length = 100, example = "回单 20260305-18")]
    pub reference: String,
}

impl BondMovement {
    fn read(&self) -> NewEntry {
        NewEntry { amount: self.amount.amount_fen, reference: self.reference.clone(), reason: None }
    }
}

/// Receive a bond
///
/// Finance has the bond, whole.
#[utoipa::path(tag = "bonds", params(("bond_id" = BondId, Path, description = "The bond")), request_body = BondMovement,
    responses((status = 200, description = "Received", body = BondView)), extensions(("x-action" = json!(policy::RECEIVE.name))), security(("bearer" = [])))]
#[post("/bonds/{bond_id}/reception")]
async fn receive_bond(call: Call, id: Id<BondId>, body: Body<BondMovement>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::RECEIVE, move |tx, granted| service::receive(tx, granted, &body.get()?.read())).await
}

/// Refuse a bond
///
/// Finance does not accept it, with a reason; the supplier may lodge another.
#[utoipa::path(tag = "bonds", params(("bond_id" = BondId, Path, description = "The bond")), request_body = Reason,
    responses((status = 200, description = "Refused", body = BondView)), extensions(("x-action" = json!(policy::REFUSE.name))), security(("bearer" = [])))]
#[post("/bonds/{bond_id}/refusal")]
async fn refuse_bond(call: Call, id: Id<BondId>, body: Body<Reason>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::REFUSE, move |tx, granted| service::refuse(tx, granted, &body.get()?.reason)).await
}

/// From when on a bond must go back.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartReturnClock {
    /// The event.
    pub ground: ReturnGround,
    /// Its day.
    #[schema(example = "2026-03-16")]
    pub occurred_on: NaiveDate,
}

/// Start the clock of a bond's return
///
/// Names the event from which on the bond must go back; the last day follows from R049. The award notice starts the clocks of all who did not win by itself.
#[utoipa::path(tag = "bonds", params(("bond_id" = BondId, Path, description = "The bond")), request_body = StartReturnClock,
    responses((status = 200, description = "Started", body = BondView)),
    extensions(("x-action" = json!(policy::START_CLOCK.name)), ("x-problems" = json!(["calendar_not_loaded", "rule_incomplete"]))), security(("bearer" = [])))]
#[post("/bonds/{bond_id}/return-clock")]
async fn start_return_clock(call: Call, id: Id<BondId>, body: Body<StartReturnClock>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::START_CLOCK, move |tx, granted| {
        let asked = body.get()?;
        service::start_clock(tx, granted, asked.ground, asked.occurred_on)
    })
    .await
}

/// Return a bond
///
/// Finance gives back all or part of what is held.
#[utoipa::path(tag = "bonds", params(("bond_id" = BondId, Path, description = "The bond")), request_body = BondMovement,
    responses((status = 200, description = "Returned", body = BondView)),
    extensions(("x-action" = json!(policy::RETURN.name)), ("x-problems" = json!(["bond_overdrawn"]))), security(("bearer" = [])))]
#[post("/bonds/{bond_id}/returns")]
async fn return_bond(call: Call, id: Id<BondId>, body: Body<BondMovement>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::RETURN, move |tx, granted| service::give_back(tx, granted, &body.get()?.read())).await
}

/// Money that is kept.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForfeitBond {
    /// How much.
    pub amount: Money,
    /// Decision or letter.
    #[schema(min_length = 1, max_length = 100, example = "处理决定 2026-3 号")]
    pub reference: String,
    /// Why.
    #[schema(min_length = 10, max_length = 1000, example = "中标后无正当理由拒签合同，依采购文件不予退还。")]
    pub reason: String,
}

/// Forfeit a bond
///
/// Finance keeps all or part of what is held, for a stated reason.
#[utoipa::path(tag = "bonds", params(("bond_id" = BondId, Path, description = "The bond")), request_body = ForfeitBond,
    responses((status = 200, description = "Forfeited", body = BondView)),
    extensions(("x-action" = json!(policy::FORFEIT.name)), ("x-problems" = json!(["bond_overdrawn"]))), security(("bearer" = [])))]
#[post("/bonds/{bond_id}/forfeitures")]
async fn forfeit_bond(call: Call, id: Id<BondId>, body: Body<ForfeitBond>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::FORFEIT, move |tx, granted| {
        let asked = body.get()?;
        let (amount, reference, reason) = (asked.amount.amount_fen, asked.reference.clone(), Some(asked.reason.clone()));
        service::forfeit(tx, granted, &NewEntry { amount, reference, reason })
    })
    .await
}
