//! The pool of experts over HTTP.

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ExpertFile, ExpertFilter, ExpertState, KEEPERS};
use super::view::{ChangeExpert, CreateExpert, DeclareTie, ExpertView, TieView};
use super::{policy, service, store};
use crate::kernel::id::{ExpertId, ExpertTieId};
use crate::kernel::{CatalogueCode, Result};
use crate::people;
use crate::people::policy::{District, authorize};
use crate::people::readings::PERSONAL_DATA;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_experts)
        .service(create_expert)
        .service(get_expert)
        .service(change_expert)
        .service(declare_tie)
        .service(end_tie)
        .service(suspend_expert)
        .service(reinstate_expert);
}

fn whole(file: ExpertFile) -> Result<Reply> {
    let version = file.expert.version;
    Ok(Reply::ok(&ExpertView::from(file))?.tagged(version))
}

/// Filters and page of the pool.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListExperts {
    /// Only this state.
    #[param(inline)]
    state: Option<ExpertState>,
    /// Only who knows this catalogue code.
    #[param(example = "A0402", max_length = 7)]
    field: Option<String>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List experts
///
/// The pool for its keepers (the platform's administrator and supervisors), in the order in which experts were taken in; an expert finds
/// only its own entry.
#[utoipa::path(tag = "experts", params(ListExperts), responses((status = 200, description = "A page of experts", body = Page<ExpertView>)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/experts")]
async fn list_experts(call: Call, params: Params<ListExperts>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        authorize(actor, &policy::READ, District(actor.tenant))?;
        let asked = params.get()?;
        let field = asked
            .field
            .as_deref()
            .map(CatalogueCode::parse)
            .transpose()
            .map_err(|reason| crate::kernel::Error::field("?field", crate::words!("不是目录代码", "{reason}")))?;
        let own = (!actor.has_any(KEEPERS)).then_some(actor.account);
        let filter = ExpertFilter { state: asked.state, field, own };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("experts {filter:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, ExpertId::new(id)));
        let rows = store::list(snapshot, actor.tenant, &filter, after, request.rows())?;
        let files = store::files(snapshot, rows)?;
        let key = |file: &ExpertFile| (file.expert.created_at.to_string(), file.expert.id.uuid());
        let reply = Reply::page(&request.page(files, key, ExpertView::from), &params.path, &params.raw)?;
        // An expert finds its own entry only, and one's own reading is nobody's business.
        Ok(if filter.own.is_none() { reply.logged(PERSONAL_DATA) } else { reply })
    })
    .await
}

/// Take an expert in
///
/// With its fields and whatever ties are known. Only an expert with an account can be drawn.
#[utoipa::path(tag = "experts", request_body = CreateExpert, responses((status = 201, description = "Taken in", body = ExpertView)),
    extensions(("x-action" = json!(policy::CREATE.name)), ("x-problems" = json!(["expert_account_taken"]))), security(("bearer" = [])))]
#[post("/experts")]
async fn create_expert(call: Call, body: Body<CreateExpert>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_create(actor),
        move |tx, granted| {
            let file = service::create(tx, &granted, &body.get()?.command())?;
            let (id, version) = (file.expert.id, file.expert.version);
            Ok(Reply::created(format!("/api/v1/experts/{id}"), &ExpertView::from(file))?.tagged(version))
        },
    )
    .await
}

/// Read an expert
///
/// For the keepers of the pool and for the expert itself; for nobody else it exists.
#[utoipa::path(tag = "experts", params(("expert_id" = ExpertId, Path, description = "The expert")), responses((status = 200, description = "The expert", body = ExpertView)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/experts/{expert_id}")]
async fn get_expert(call: Call, id: Id<ExpertId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = service::may(snapshot, actor, &policy::READ, id.0)?.into_subject();
        let own = row.account_id == Some(actor.account);
        let reply = whole(service::file_of(snapshot, row)?)?;
        Ok(if own { reply } else { reply.logged(PERSONAL_DATA) })
    })
    .await
}

/// Change an expert
///
/// Name, account or fields; what is absent stays.
#[utoipa::path(tag = "experts", params(("expert_id" = ExpertId, Path, description = "The expert")), request_body = ChangeExpert,
    responses((status = 200, description = "Changed", body = ExpertView)),
    extensions(("x-action" = json!(policy::CHANGE.name)), ("x-problems" = json!(["expert_account_taken"]))), security(("bearer" = [])))]
#[patch("/experts/{expert_id}")]
async fn change_expert(call: Call, id: Id<ExpertId>, body: Body<ChangeExpert>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CHANGE, id.0),
        move |tx, granted| whole(service::change(tx, &granted, &body.get()?.command())?),
    )
    .await
}

/// Declare a tie
///
/// An employer with its dates, a seat on a board, shares, kinship or another interest; by the expert itself or by a keeper of the pool. It bars
/// the expert from lots in which the other side bids, after its end for as long as R068 looks back.
#[utoipa::path(tag = "experts", params(("expert_id" = ExpertId, Path, description = "The expert")), request_body = DeclareTie,
    responses((status = 201, description = "Declared", body = TieView)),
    extensions(("x-action" = json!(policy::DECLARE.name)), ("x-problems" = json!(["conflict"]))), security(("bearer" = [])))]
#[post("/experts/{expert_id}/ties")]
async fn declare_tie(call: Call, id: Id<ExpertId>, body: Body<DeclareTie>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::DECLARE, id.0),
        move |tx, granted| {
            let row = service::declare(tx, &granted, &body.get()?.command())?;
            Reply::created(format!("/api/v1/experts/{}", id.0), &TieView::from(row))
        },
    )
    .await
}

/// The end of a tie.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndTie {
    /// Its last day.
    pub until_on: NaiveDate,
}

/// End a tie
///
/// Says on which day it ended. What was declared stays on file.
#[utoipa::path(tag = "experts", params(("tie_id" = ExpertTieId, Path, description = "The tie")), request_body = EndTie,
    responses((status = 200, description = "Ended", body = TieView)),
    extensions(("x-action" = json!(policy::END_TIE.name)), ("x-problems" = json!(["wrong_state"]))), security(("bearer" = [])))]
#[post("/expert-ties/{tie_id}/end")]
async fn end_tie(call: Call, id: Id<ExpertTieId>, body: Body<EndTie>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_end(tx, actor, id.0),
        move |tx, granted| Reply::ok(&TieView::from(service::end_tie(tx, &granted, body.get()?.until_on)?)),
    )
    .await
}

/// Why an expert's state changes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpertReason {
    /// The reason.
    #[schema(min_length = 2, max_length = 500, example = "年度考核未通过")]
    pub reason: String,
}

/// Suspend an expert
///
/// It is drawn no more until it is reinstated.
#[utoipa::path(tag = "experts", params(("expert_id" = ExpertId, Path, description = "The expert")), request_body = ExpertReason,
    responses((status = 200, description = "Suspended", body = ExpertView)),
    extensions(("x-action" = json!(policy::SUSPEND.name))), security(("bearer" = [])))]
#[post("/experts/{expert_id}/suspension")]
async fn suspend_expert(call: Call, id: Id<ExpertId>, body: Body<ExpertReason>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::SUSPEND, id.0),
        move |tx, granted| whole(service::set_state(tx, &granted, ExpertState::Suspended, &body.get()?.reason)?),
    )
    .await
}

/// Reinstate an expert
///
/// It can be drawn again.
#[utoipa::path(tag = "experts", params(("expert_id" = ExpertId, Path, description = "The expert")), request_body = ExpertReason,
    responses((status = 200, description = "Reinstated", body = ExpertView)),
    extensions(("x-action" = json!(policy::REINSTATE.name))), security(("bearer" = [])))]
#[post("/experts/{expert_id}/reinstatement")]
async fn reinstate_expert(call: Call, id: Id<ExpertId>, body: Body<ExpertReason>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::REINSTATE, id.0),
        move |tx, granted| whole(service::set_state(tx, &granted, ExpertState::Active, &body.get()?.reason)?),
    )
    .await
}
