//! The organisation file over HTTP.

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::{self, OrganisationFile};
use crate::kernel::id::OrganisationId;
use crate::parties::organisations::records::{policy, service as records};
use crate::people;
use crate::web::{Answer, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_organisation_file);
}

/// Read the whole file of an organisation
///
/// What stands against it today, its rating and what would stand against a new one (R091), certificates and annual checks, declarations, incubations, the directory,
/// and warnings of what is over or ends within thirty days: for the organisation's people and for those who judge it.
#[utoipa::path(tag = "organisation file", params(("organisation_id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "The file", body = OrganisationFile)), extensions(("x-action" = json!(policy::READ.name))),
    security(("bearer" = [])))]
#[get("/organisations/{organisation_id}/file")]
async fn get_organisation_file(call: Call, id: Id<OrganisationId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let organisation = records::may(snapshot, viewer.person()?, &policy::READ, id.0)?.into_subject();
        Reply::ok(&view::of(snapshot, organisation, today)?)
    })
    .await
}
