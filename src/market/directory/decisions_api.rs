//! What becomes of an application for the directory, over HTTP.

use actix_web::post;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::applications_api::{DirectoryApplicationView, shown};
use super::{applications, policy};
use crate::kernel::id::DirectoryApplicationId;
use crate::people;
use crate::web::{Answer, Body, Call, Id};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(withdraw_directory_application).service(assess_directory_application).service(remove_directory_application);
}

/// Withdraw an application for the directory
///
/// By the organisation, before it is assessed.
#[utoipa::path(tag = "directory", params(("application_id" = DirectoryApplicationId, Path, description = "The application")),
    responses((status = 200, description = "Withdrawn", body = DirectoryApplicationView)),
    extensions(("x-action" = json!(policy::WITHDRAW.name))), security(("bearer" = [])))]
#[post("/directory-applications/{application_id}/withdrawal")]
async fn withdraw_directory_application(call: Call, id: Id<DirectoryApplicationId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| applications::may(tx, actor, &policy::WITHDRAW, id.0),
        |tx, granted| shown(applications::withdraw(tx, &granted)?),
    )
    .await
}

/// An assessment.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessDirectoryApplication {
    /// Whether the criteria are met.
    pub accepted: bool,
    /// The reason.
    #[schema(min_length = 2, max_length = 1000, example = "团队与业绩符合条件")]
    pub reason: String,
}

/// Assess an application for the directory
///
/// By an incubator or a third-party evaluator who has nothing to do with the applicant. Accepting needs every piece of evidence verified and in force and, if the
/// call asks for it, a rating that has not expired. A rejection is told by mail.
#[utoipa::path(tag = "directory", params(("application_id" = DirectoryApplicationId, Path, description = "The application")), request_body = AssessDirectoryApplication,
    responses((status = 200, description = "Assessed", body = DirectoryApplicationView)),
    extensions(("x-action" = json!(policy::ASSESS.name)), ("x-problems" = json!(["duties_not_separate", "criteria_not_met"]))), security(("bearer" = [])))]
#[post("/directory-applications/{application_id}/assessment")]
async fn assess_directory_application(call: Call, id: Id<DirectoryApplicationId>, body: Body<AssessDirectoryApplication>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| applications::may_assess(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            shown(applications::assess(tx, &granted, asked.accepted, &asked.reason)?)
        },
    )
    .await
}

/// Why an organisation is taken out.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveFromDirectory {
    /// The reason, which everybody reads.
    #[schema(min_length = 2, max_length = 1000, example = "公示期内查实业绩不实")]
    pub reason: String,
}

/// Take an organisation out of the directory
///
/// During the publicity after an objection, or later, for a reason that everybody reads. The organisation is told by mail; contracts that it has are not touched.
#[utoipa::path(tag = "directory", params(("application_id" = DirectoryApplicationId, Path, description = "The application")), request_body = RemoveFromDirectory,
    responses((status = 200, description = "Taken out", body = DirectoryApplicationView)),
    extensions(("x-action" = json!(policy::REMOVE.name))), security(("bearer" = [])))]
#[post("/directory-applications/{application_id}/removal")]
async fn remove_directory_application(call: Call, id: Id<DirectoryApplicationId>, body: Body<RemoveFromDirectory>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| applications::may(tx, actor, &policy::REMOVE, id.0),
        move |tx, granted| shown(applications::remove(tx, &granted, &body.get()?.reason)?),
    )
    .await
}
