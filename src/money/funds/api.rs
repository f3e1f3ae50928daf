//! Funds over HTTP: handlers and routes.

use std::sync::Arc;

use actix_web::{get, post};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{FundFilter, NewAppropriation, NewFund, Stream, Terms};
use super::views::{
    AppropriationView, BalancesAtView, BalancesView, ChangeTerms, CreateAppropriation, CreateFund, FundView, PostingView, ReductionView,
    ReductionsView, TouchedView,
};
use super::{policy, service, store};
use crate::kernel::id::{FundId, UnitId};
use crate::kernel::{UtcInstant, error};
use crate::money::ledger;
use crate::people;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Seconds that shared caches may keep balances.
const CACHE_SECONDS: u32 = 30;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_funds)
        .service(get_fund)
        .service(create_fund)
        .service(list_appropriations)
        .service(create_appropriation)
        .service(list_postings)
        .service(change_terms)
        .service(list_reductions)
        .service(balances_at);
}

/// Filters and page of the fund list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListFunds {
    /// Only funds of this unit.
    unit_id: Option<UnitId>,
    /// Only this stream.
    stream: Option<Stream>,
    /// Only this budget year.
    #[param(minimum = 2020, maximum = 2099, example = 2026)]
    year: Option<i32>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// A page of what belongs to a fund.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOfFund {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List funds
///
/// The funds of the district with their balances in the order they were made, readable by everybody: balances by stream are public.
#[utoipa::path(tag = "funds", params(ListFunds), responses((status = 200, description = "A page of funds", body = Page<FundView>)))]
#[get("/funds")]
async fn list_funds(call: Call, params: Params<ListFunds>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let filter = FundFilter { unit: asked.unit_id, stream: asked.stream, year: asked.year };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("funds {filter:?}"))?;
        let rows = store::list(snapshot, viewer.tenant, &filter, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), |row| row);
        let ids: Vec<FundId> = page.items.iter().map(|row| row.id).collect();
        let mut balances = ledger::balances_of(snapshot, &ids)?;
        let items = page.items.into_iter().map(|row| {
            let of_row = balances.remove(&row.id).unwrap_or_default();
            let terms = store::terms(snapshot, row.id)?;
            FundView::new(row, terms, &of_row)
        });
        let page = Page { items: items.collect::<Result<Vec<_>, _>>()?, next: page.next };
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}

/// Read a fund
///
/// One fund with the balance of every account, readable by everybody.
#[utoipa::path(tag = "funds", params(("fund_id" = FundId, Path, description = "The fund")), responses((status = 200, description = "The fund", body = FundView)))]
#[get("/funds/{fund_id}")]
async fn get_fund(call: Call, id: Id<FundId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let (balances, version) = (ledger::balances(snapshot, row.id)?, row.version);
        let terms = store::terms(snapshot, row.id)?;
        Ok(Reply::ok(&FundView::new(row, terms, &balances)?)?.tagged(version).public(CACHE_SECONDS))
    })
    .await
}

/// Create a fund
///
/// Makes an empty fund of a unit: one stream, one year, one custodian.
#[utoipa::path(tag = "funds", request_body = CreateFund, responses((status = 201, description = "Made", body = FundView)),
    extensions(("x-action" = json!(policy::CREATE.name)), ("x-problems" = json!(["fund_exists"]))), security(("bearer" = [])))]
#[post("/funds")]
async fn create_fund(call: Call, body: Body<CreateFund>) -> Answer {
    let body = Arc::new(body);
    let sent = Arc::clone(&body);
    people::command(
        call,
        body.fingerprint,
        // A body that cannot be read names no unit: the role is checked now, the body refused in its turn.
        move |tx, actor| service::may_create(tx, actor, sent.get().ok().map(|asked| asked.unit_id)),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewFund { stream: asked.stream, year: asked.year, name_zh: asked.name_zh.clone(), custodian: asked.custodian };
            let row = service::create(tx, &granted, &new)?;
            let (id, version, balances) = (row.id, row.version, ledger::balances(tx, row.id)?);
            Ok(Reply::created(format!("/api/v1/funds/{id}"), &FundView::new(row, Terms::default(), &balances)?)?.tagged(version))
        },
    )
    .await
}

/// List the appropriations of a fund
///
/// The documents that filled the fund, in the order they were entered.
#[utoipa::path(tag = "funds", params(("fund_id" = FundId, Path, description = "The fund"), ListOfFund),
    responses((status = 200, description = "A page of appropriations", body = Page<AppropriationView>)),
    extensions(("x-action" = json!(policy::READ_BOOKS.name))), security(("bearer" = [])))]
#[get("/funds/{fund_id}/appropriations")]
async fn list_appropriations(call: Call, id: Id<FundId>, params: Params<ListOfFund>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let fund = service::may_read_books(snapshot, viewer.person()?, id.0)?;
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("appropriations {}", fund.id))?;
        let rows = store::appropriations_of(snapshot, &fund, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), |row| row);
        let items = service::entered(snapshot, page.items)?.into_iter().map(AppropriationView::from).collect();
        let page = Page { items, next: page.next };
        Reply::page(&page, &params.path, &params.raw)
    })
    .await
}

/// Enter an appropriation
///
/// Enters a budget document (预算指标) of a fund and posts it: 年初 and 追加 bring money, 调减 and 收回 take what is free and wait for the rest, 调剂
/// moves it to another fund of the same stream and year. Both budget classes must be on the district's list of budget subjects; lottery money needs
/// a functional class of 229, other money never one of 22960; what the stream may never pay is refused with its rule, or named as a warning.
#[utoipa::path(tag = "funds", params(("fund_id" = FundId, Path, description = "The fund")), request_body = CreateAppropriation,
    responses((status = 201, description = "Entered and posted", body = AppropriationView)),
    extensions(("x-action" = json!(policy::APPROPRIATE.name)), ("x-problems" = json!(["document_number_taken", "fund_limit", "stream_rule_broken", "fund_restricted", "insufficient_funds", "reduction_too_large"]))),
    security(("bearer" = [])))]
#[post("/funds/{fund_id}/appropriations")]
async fn create_appropriation(call: Call, id: Id<FundId>, body: Body<CreateAppropriation>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::APPROPRIATE, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewAppropriation {
                kind: asked.kind,
                document_number: asked.document_number.clone(),
                amount: asked.amount.amount_fen,
                functional_class: asked.functional_class.clone(),
                economic_class: asked.economic_class.clone(),
                project_code: asked.project_code.as_deref().map(|text| text.trim().to_owned()),
                nature: asked.nature.as_deref().map(|text| text.trim().to_owned()),
                to: asked.to_fund_id,
            };
            let entered = service::appropriate(tx, &granted, &new)?;
            let location = format!("/api/v1/funds/{}/appropriations", entered.row.fund_id);
            Reply::created(location, &AppropriationView::from(entered))
        },
    )
    .await
}

/// List the postings of a fund
///
/// Every posting with its legs, in the order they were made.
#[utoipa::path(tag = "funds", params(("fund_id" = FundId, Path, description = "The fund"), ListOfFund),
    responses((status = 200, description = "A page of postings", body = Page<PostingView>)),
    extensions(("x-action" = json!(policy::READ_BOOKS.name))), security(("bearer" = [])))]
#[get("/funds/{fund_id}/postings")]
async fn list_postings(call: Call, id: Id<FundId>, params: Params<ListOfFund>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let fund = service::may_read_books(snapshot, viewer.person()?, id.0)?;
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("postings {}", fund.id))?;
        let rows = ledger::postings(snapshot, fund.id, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.at.to_string(), row.id.uuid()), |row| row);
        let ids: Vec<_> = page.items.iter().map(|row| row.id).collect();
        let mut legs = ledger::legs(snapshot, &ids)?;
        let items = page.items.into_iter().map(|row| {
            let of_row = legs.remove(&row.id).unwrap_or_default();
            PostingView::new(row, of_row)
        });
        let page = Page { items: items.collect(), next: page.next };
        Reply::page(&page, &params.path, &params.raw)
    })
    .await
}

/// Change the terms of a fund
///
/// Puts payer, monthly ceiling, purpose and restrictions in place of the former ones. What is reserved or committed already stays.
#[utoipa::path(tag = "funds", params(("fund_id" = FundId, Path, description = "The fund")), request_body = ChangeTerms,
    responses((status = 200, description = "Changed", body = FundView)),
    extensions(("x-action" = json!(policy::CHANGE_TERMS.name))), security(("bearer" = [])))]
#[post("/funds/{fund_id}/terms")]
async fn change_terms(call: Call, id: Id<FundId>, body: Body<ChangeTerms>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CHANGE_TERMS, id.0),
        move |tx, granted| {
            service::change_terms(tx, &granted, &Terms::from(body.get()?))?;
            let row = granted.subject().clone();
            let (terms, balances, version) = (store::terms(tx, row.id)?, ledger::balances(tx, row.id)?, row.version);
            Ok(Reply::ok(&FundView::new(row, terms, &balances)?)?.tagged(version))
        },
    )
    .await
}

/// Most holds that a pending reduction lists.
const TOUCHED_MAX: i64 = 200;

/// List the pending reductions of a fund
///
/// Reductions (调减) and recalls (收回) that are not whole, and the tenders and contracts whose money they wait for.
#[utoipa::path(tag = "funds", params(("fund_id" = FundId, Path, description = "The fund")),
    responses((status = 200, description = "What is pending and what it touches", body = ReductionsView)),
    extensions(("x-action" = json!(policy::READ_BOOKS.name))), security(("bearer" = [])))]
#[get("/funds/{fund_id}/reductions")]
async fn list_reductions(call: Call, id: Id<FundId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let fund = service::may_read_books(snapshot, viewer.person()?, id.0)?;
        let pending = ledger::pending_reductions(snapshot, fund.id)?;
        let holds = if pending.is_empty() { Vec::new() } else { ledger::open_holds(snapshot, fund.id, TOUCHED_MAX)? };
        let mut touched = Vec::with_capacity(holds.len());
        for hold in holds {
            let remaining = hold.remaining()?.into();
            let (hold_id, kind, case_id) = (hold.id, hold.kind, hold.case_id);
            touched.push(TouchedView { hold_id, kind, case_id, cause_kind: hold.cause_kind, cause_id: hold.cause_id, remaining });
        }
        let shown = pending.into_iter().map(|row| ReductionView {
            appropriation_id: row.appropriation_id,
            document_number: row.document_number,
            amount: row.amount.into(),
            settled: row.settled.into(),
            created_at: row.created_at,
        });
        Reply::ok(&ReductionsView { pending: shown.collect(), touched })
    })
    .await
}

/// When the balances are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AtInstant {
    /// The instant; now when absent.
    at: Option<UtcInstant>,
}

/// Read the balances of a fund at an instant
///
/// Added up from the postings until then, so that the past can be shown as it was. Readable by everybody.
#[utoipa::path(tag = "funds", params(("fund_id" = FundId, Path, description = "The fund"), AtInstant),
    responses((status = 200, description = "The balances", body = BalancesAtView)))]
#[get("/funds/{fund_id}/balances")]
async fn balances_at(call: Call, id: Id<FundId>, params: Params<AtInstant>) -> Answer {
    let now = call.facts().now;
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let at = params.get()?.at.unwrap_or(now);
        let balances = BalancesView::new(&ledger::balances_at(snapshot, row.id, at)?)?;
        Reply::ok(&BalancesAtView { fund_id: row.id, at, balances })
    })
    .await
}
