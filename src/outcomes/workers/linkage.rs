//! The community, organisation and social workers of a project (三社联动) over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{policy, rules, service, store};
use crate::kernel::error;
use crate::kernel::id::{AreaId, OrganisationId, ProjectId, SocialWorkerId};
use crate::outcomes::projects;
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_linkage).service(name_workers);
}

/// A worker of a project.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LinkedWorker {
    /// Id.
    pub id: SocialWorkerId,
    /// Name.
    #[schema(example = "夏员")]
    pub name: String,
    /// Whether it counts as certified today.
    #[schema(example = true)]
    pub certified: bool,
}

/// The three parties of a project.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LinkageView {
    /// Its community or other area; null while none is named.
    pub area_id: Option<AreaId>,
    /// The organisation that delivers it; null before an agreement feeds it.
    pub organisation_id: Option<OrganisationId>,
    /// How many social workers are named.
    #[schema(example = 3)]
    pub workers: usize,
    /// How many of them are certified today.
    #[schema(example = 2)]
    pub certified: usize,
    /// Whether all three are named; needed before the project is honoured.
    #[schema(example = true)]
    pub complete: bool,
    /// The workers, for their organisation, those who verify and auditors; null for others.
    #[schema(max_items = 200)]
    pub named: Option<Vec<LinkedWorker>>,
}

/// Read the three parties of a project
///
/// Community, organisation and how many social workers, for everybody who may read the project; names only for those who may read the workers.
#[utoipa::path(tag = "projects", params(("project_id" = ProjectId, Path, description = "The project")),
    responses((status = 200, description = "The parties", body = LinkageView)))]
#[get("/projects/{project_id}/linkage")]
async fn get_linkage(call: Call, id: Id<ProjectId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let project = projects::find(snapshot, viewer.tenant, id.0)?;
        let actor = viewer.actor.as_ref();
        if !project.is_public() && !actor.is_some_and(|actor| project.visible_to(actor)) {
            return Err(error::NOT_FOUND.error());
        }
        let workers = store::of_project(snapshot, viewer.tenant, project.id)?;
        let inside = actor.is_some_and(|actor| actor.sees(policy::READERS, &project));
        let named = inside.then(|| {
            let one = |row: &super::model::WorkerRow| LinkedWorker {
                id: row.id,
                name: row.name.clone(),
                certified: rules::is_certified(row, today),
            };
            workers.iter().map(one).collect()
        });
        let view = LinkageView {
            area_id: project.area_id,
            organisation_id: project.payee_id,
            workers: workers.len(),
            certified: workers.iter().filter(|row| rules::is_certified(row, today)).count(),
            complete: project.area_id.is_some() && project.payee_id.is_some() && !workers.is_empty(),
            named,
        };
        let reply = Reply::ok(&view)?;
        Ok(if inside { reply.logged(people::readings::PERSONAL_DATA) } else { reply })
    })
    .await
}

/// The workers of a project.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameWorkers {
    /// Workers of the organisation that delivers it, in the place of those named before.
    #[schema(min_items = 1, max_items = 200)]
    pub worker_ids: Vec<SocialWorkerId>,
}

/// Name the social workers of a project
///
/// An administrator of the organisation that delivers it names them.
#[utoipa::path(tag = "projects", params(("project_id" = ProjectId, Path, description = "The project")), request_body = NameWorkers,
    responses((status = 204, description = "Named")), extensions(("x-action" = json!(policy::LINK.name))), security(("bearer" = [])))]
#[post("/projects/{project_id}/workers")]
async fn name_workers(call: Call, id: Id<ProjectId>, body: Body<NameWorkers>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_link(tx, actor, id.0),
        move |tx, granted| {
            service::link(tx, &granted, &body.get()?.worker_ids)?;
            Ok(Reply::empty())
        },
    )
    .await
}
