//! Performance reviews over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{NewReview, ReviewRow};
use super::{policy, rules, service, store};
use crate::delivery::agreements;
use crate::kernel::id::{CaseId, ContractId, OrganisationId, PerformanceReviewId, UnitId};
use crate::kernel::{Money, Result, UtcInstant, error};
use crate::parties::organisations;
use crate::people;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Most reviews that a record shows.
const REVIEWS_MAX: i64 = 100;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(review_contract).service(get_contract_review).service(reply_to_review).service(get_performance_record);
}

/// A performance review. Who reviewed is in the case file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PerformanceReviewView {
    /// Id.
    pub id: PerformanceReviewId,
    /// Contract.
    pub contract_id: ContractId,
    /// Case.
    pub case_id: CaseId,
    /// Purchasing unit.
    pub unit_id: UnitId,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Quality of the service, points of 100.
    #[schema(example = 92)]
    pub quality: i32,
    /// Timeliness, points of 100.
    #[schema(example = 85)]
    pub timeliness: i32,
    /// Satisfaction of those served, points of 100.
    #[schema(example = 95)]
    pub satisfaction: i32,
    /// What the reviewer says.
    #[schema(example = "按期完成，台账完整。")]
    pub comment: String,
    /// What the supplier says to it.
    #[schema(example = "感谢，下年度将增加周末服务。")]
    pub reply: Option<String>,
    /// When it replied.
    pub replied_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was reviewed.
    pub reviewed_at: UtcInstant,
}

impl From<ReviewRow> for PerformanceReviewView {
    fn from(row: ReviewRow) -> Self {
        Self {
            id: row.id,
            contract_id: row.contract_id,
            case_id: row.case_id,
            unit_id: row.unit_id,
            organisation_id: row.organisation_id,
            quality: row.quality,
            timeliness: row.timeliness,
            satisfaction: row.satisfaction,
            comment: row.comment,
            reply: row.reply,
            replied_at: row.replied_at,
            version: row.version,
            reviewed_at: row.created_at,
        }
    }
}

fn shown(row: ReviewRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&PerformanceReviewView::from(row))?.tagged(version))
}

/// A review.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewContract {
    /// Quality of the service, points of 100.
    #[schema(minimum = 0, maximum = 100, example = 92)]
    pub quality: i32,
    /// Timeliness, points of 100.
    #[schema(minimum = 0, maximum = 100, example = 85)]
    pub timeliness: i32,
    /// Satisfaction of those served, points of 100.
    #[schema(minimum = 0, maximum = 100, example = 95)]
    pub satisfaction: i32,
    /// In words.
    #[schema(min_length = 1, max_length = 2000, example = "按期完成，台账完整。")]
    pub comment: String,
}

/// Review the performance of a contract
///
/// A lead of the unit, or a third-party evaluator, reviews a contract that ended, once. Its drafter may not. The review is public and part of the supplier's record.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = ReviewContract,
    responses((status = 201, description = "Reviewed", body = PerformanceReviewView)),
    extensions(("x-action" = json!(policy::REVIEW.name)), ("x-problems" = json!(["reviewed_already", "duties_not_separate"]))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/performance-review")]
async fn review_contract(call: Call, id: Id<ContractId>, body: Body<ReviewContract>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_review(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewReview {
                quality: asked.quality,
                timeliness: asked.timeliness,
                satisfaction: asked.satisfaction,
                comment: asked.comment.clone(),
            };
            let row = service::review(tx, &granted, &new)?;
            let (location, version) = (format!("/api/v1/contracts/{}/performance-review", row.contract_id), row.version);
            Ok(Reply::created(location, &PerformanceReviewView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Read the performance review of a contract
///
/// Readable by everybody.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "The review", body = PerformanceReviewView)))]
#[get("/contracts/{contract_id}/performance-review")]
async fn get_contract_review(call: Call, id: Id<ContractId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let contract = agreements::find(snapshot, viewer.tenant, id.0)?;
        let row = store::of_contract(snapshot, viewer.tenant, contract.id)?;
        shown(row.ok_or_else(|| error::NOT_FOUND.error())?)
    })
    .await
}

/// A reply.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyToReview {
    /// What the supplier says.
    #[schema(min_length = 1, max_length = 2000, example = "感谢，下年度将增加周末服务。")]
    pub reply: String,
}

/// Reply to a performance review
///
/// An administrator of the supplier replies once; the reply is public with the review.
#[utoipa::path(tag = "contracts", params(("performance_review_id" = PerformanceReviewId, Path, description = "The review")), request_body = ReplyToReview,
    responses((status = 200, description = "Replied", body = PerformanceReviewView)),
    extensions(("x-action" = json!(policy::REPLY.name)), ("x-problems" = json!(["replied_already"]))), security(("bearer" = [])))]
#[post("/performance-reviews/{performance_review_id}/reply")]
async fn reply_to_review(call: Call, id: Id<PerformanceReviewId>, body: Body<ReplyToReview>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_reply(tx, actor, id.0),
        move |tx, granted| shown(service::reply(tx, &granted, &body.get()?.reply)?),
    )
    .await
}

/// The record of an organisation from all its contracts in the district.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PerformanceRecordView {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Contracts that were in force, whatever became of them.
    #[schema(example = 4)]
    pub contracts: i64,
    /// Of these completed.
    #[schema(example = 2)]
    pub completed: i64,
    /// Of these ended before their time.
    #[schema(example = 0)]
    pub terminated: i64,
    /// Milestones accepted.
    #[schema(example = 7)]
    pub milestones_accepted: i64,
    /// Of these delivered after their day.
    #[schema(example = 1)]
    pub milestones_late: i64,
    /// What was agreed for the accepted milestones.
    pub agreed: Money,
    /// What of it was deducted.
    pub deducted: Money,
    /// Mean of all scores of the reviews shown, in points of 100 with two decimals; null without a review.
    #[schema(example = "90.66")]
    pub mean_score: Option<String>,
    /// The latest reviews, newest first, at most 100.
    #[schema(max_items = 100)]
    pub reviews: Vec<PerformanceReviewView>,
}

/// Read the record of an organisation
///
/// What its contracts in the district say of it, readable by everybody: how many were completed or ended early, which milestones were late, what was deducted, and every review with the reply.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "The record", body = PerformanceRecordView)))]
#[get("/organisations/{organisation_id}/performance")]
async fn get_performance_record(call: Call, id: Id<OrganisationId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let organisation = organisations::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let figures = store::record(snapshot, viewer.tenant, organisation.id)?;
        let reviews = store::of_organisation(snapshot, viewer.tenant, organisation.id, REVIEWS_MAX)?;
        let mean = rules::mean(&reviews).and_then(|hundredths| {
            hundredths.checked_div(100).zip(hundredths.checked_rem(100)).map(|(whole, part)| format!("{whole}.{part:02}"))
        });
        Reply::ok(&PerformanceRecordView {
            organisation_id: organisation.id,
            contracts: figures.contracts,
            completed: figures.completed,
            terminated: figures.terminated,
            milestones_accepted: figures.accepted,
            milestones_late: figures.late,
            agreed: figures.agreed.into(),
            deducted: figures.deducted.into(),
            mean_score: mean,
            reviews: reviews.into_iter().map(PerformanceReviewView::from).collect(),
        })
    })
    .await
}
