//! The case file over HTTP.

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::CaseFile;
use super::{policy, store};
use crate::kernel::error;
use crate::kernel::id::CaseId;
use crate::people;
use crate::people::policy::authorize;
use crate::web::{Answer, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_case);
}

/// Read a case file
///
/// The whole chain of one case, from the plan with its need to the verified outcome, with every posting and with who did what when. Bids are in it only
/// after their opening.
#[utoipa::path(tag = "cases", params(("case_id" = CaseId, Path, description = "The case")), responses((status = 200, description = "The file", body = CaseFile)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/cases/{case_id}")]
async fn get_case(call: Call, id: Id<CaseId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let case = store::case(snapshot, actor.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let granted = authorize(actor, &policy::READ, case)?;
        Ok(Reply::ok(&store::file(snapshot, *granted.subject())?)?.logged(people::readings::BID_CONTENT))
    })
    .await
}
