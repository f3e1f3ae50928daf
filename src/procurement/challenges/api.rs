//! Challenges over HTTP.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ChallengeStep, Consequence, NewChallenge};
use super::views::{self, ChallengeView};
use super::{policy, service, store};
use crate::kernel::error;
use crate::kernel::id::{ChallengeId, LotId};
use crate::people;
use crate::procurement::tenders::lots;
use crate::web::{Answer, Body, Call, Id, Page, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(file_challenge)
        .service(list_challenges)
        .service(get_challenge)
        .service(suspend_for_challenge)
        .service(answer_challenge)
        .service(withdraw_challenge)
        .configure(super::papers_api::routes)
        .configure(super::complaints_api::routes);
}

/// A challenge to be filed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileChallenge {
    /// What is challenged.
    pub step: ChallengeStep,
    /// Everything that is to be said against that step, at once.
    #[schema(min_items = 1, max_items = 20)]
    pub points: Vec<NewPoint>,
}

/// A point of a challenge.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPoint {
    /// The fact.
    #[schema(min_length = 10, max_length = 4000, example = "第一候选人的业绩材料与公示不符。")]
    pub fact: String,
    /// What is asked for.
    #[schema(min_length = 2, max_length = 4000, example = "重新评审该项得分。")]
    pub request: String,
}

/// File a challenge
///
/// An administrator of a supplier that took part, within the time that R059 gives from when it should have known: the documents' notice period ended,
/// the opening was held, the result notice ended. One challenge for each step; it is anonymous to rivals until it is answered.
#[utoipa::path(tag = "challenges", params(("lot_id" = LotId, Path, description = "The lot")), request_body = FileChallenge,
    responses((status = 201, description = "Filed", body = ChallengeView)),
    extensions(("x-action" = json!(policy::FILE.name)), ("x-problems" = json!(["not_taking_part", "challenge_exists", "step_not_reached",
        "objection_too_late", "rule_broken", "calendar_not_loaded", "rule_incomplete"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/challenges")]
async fn file_challenge(call: Call, id: Id<LotId>, body: Body<FileChallenge>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_file(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let points = asked.points.iter().map(|point| (point.fact.clone(), point.request.clone())).collect();
            let row = service::file(tx, &granted, &NewChallenge { step: asked.step, points })?;
            let location = format!("/api/v1/challenges/{}", row.id);
            let now = tx.now();
            Ok(Reply { status: 201, location: Some(location), ..views::challenge(tx, row, now)? })
        },
    )
    .await
}

/// List the challenges of a lot
///
/// Oldest first in one page, for everybody. Who challenges what is shown to the purchaser's side and to who filed it; to other suppliers once answered.
#[utoipa::path(tag = "challenges", params(("lot_id" = LotId, Path, description = "The lot")),
    responses((status = 200, description = "The challenges", body = Page<ChallengeView>)))]
#[get("/lots/{lot_id}/challenges")]
async fn list_challenges(call: Call, id: Id<LotId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let file = lots::load(snapshot, viewer.tenant, id.0)?;
        if file.tender.published_at.is_none() {
            return Err(error::NOT_FOUND.error());
        }
        let mut items = Vec::new();
        for row in store::of_lot(snapshot, id.0)? {
            let open = viewer.actor.as_ref().is_some_and(|actor| row.is_open_to(actor));
            items.push(views::challenge_view(snapshot, row, open, now)?);
        }
        Reply::ok(&Page { items, next: None })
    })
    .await
}

/// Read a challenge
///
/// For the purchaser's side, supervisors, auditors and who filed it; for other suppliers once it is answered.
#[utoipa::path(tag = "challenges", params(("challenge_id" = ChallengeId, Path, description = "The challenge")),
    responses((status = 200, description = "The challenge", body = ChallengeView)), security(("bearer" = [])))]
#[get("/challenges/{challenge_id}")]
async fn get_challenge(call: Call, id: Id<ChallengeId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, viewer.tenant, id.0)?.filter(|row| row.is_open_to(actor));
        views::challenge(snapshot, row.ok_or_else(|| error::NOT_FOUND.error())?, now)
    })
    .await
}

/// Why the contract waits.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendContract {
    /// How it may touch the result; for the file, not public.
    #[schema(min_length = 10, max_length = 1000, example = "质疑涉及第一候选人资格，可能影响成交结果。")]
    pub reason: String,
}

/// Suspend the contract for a challenge
///
/// The lead marks that the challenge may touch the result. The mark is public; until the challenge is dealt with no contract is drafted or signed.
#[utoipa::path(tag = "challenges", params(("challenge_id" = ChallengeId, Path, description = "The challenge")), request_body = SuspendContract,
    responses((status = 200, description = "Suspended", body = ChallengeView)),
    extensions(("x-action" = json!(policy::SUSPEND.name))), security(("bearer" = [])))]
#[post("/challenges/{challenge_id}/suspension")]
async fn suspend_for_challenge(call: Call, id: Id<ChallengeId>, body: Body<SuspendContract>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::SUSPEND, id.0),
        move |tx, granted| {
            let row = service::suspend(tx, &granted, &body.get()?.reason)?;
            let now = tx.now();
            views::challenge(tx, row, now)
        },
    )
    .await
}

/// The answer to a challenge.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerChallenge {
    /// Whether the challenge is right.
    #[schema(example = false)]
    pub accepted: bool,
    /// The answer.
    #[schema(min_length = 10, max_length = 4000, example = "评审记录表明各项得分有据，质疑不成立。")]
    pub answer: String,
    /// What follows; only of a challenge that is right, and only by the lead.
    pub consequence: Consequence,
}

/// Answer a challenge
///
/// The purchaser or its agent; an answer that touches the result is the lead's. The mark is lifted and the consequence takes effect at once.
#[utoipa::path(tag = "challenges", params(("challenge_id" = ChallengeId, Path, description = "The challenge")), request_body = AnswerChallenge,
    responses((status = 200, description = "Answered", body = ChallengeView)),
    extensions(("x-action" = json!(policy::ANSWER.name)), ("x-problems" = json!(["consequence_not_possible", "contract_in_force"]))),
    security(("bearer" = [])))]
#[post("/challenges/{challenge_id}/answer")]
async fn answer_challenge(call: Call, id: Id<ChallengeId>, body: Body<AnswerChallenge>) -> Answer {
    let consequence = body.get().ok().map(|asked| asked.consequence);
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_answer(tx, actor, id.0, consequence),
        move |tx, granted| {
            let asked = body.get()?;
            let answer = service::Answer { accepted: asked.accepted, text: asked.answer.clone(), consequence: asked.consequence };
            let row = service::answer(tx, &granted, &answer)?;
            let now = tx.now();
            views::challenge(tx, row, now)
        },
    )
    .await
}

/// Take a challenge back
///
/// An administrator of who filed it, before the answer. The step cannot be challenged again.
#[utoipa::path(tag = "challenges", params(("challenge_id" = ChallengeId, Path, description = "The challenge")),
    responses((status = 200, description = "Taken back", body = ChallengeView)),
    extensions(("x-action" = json!(policy::WITHDRAW.name))), security(("bearer" = [])))]
#[post("/challenges/{challenge_id}/withdrawal")]
async fn withdraw_challenge(call: Call, id: Id<ChallengeId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::WITHDRAW, id.0),
        |tx, granted| {
            let row = service::withdraw(tx, &granted)?;
            let now = tx.now();
            views::challenge(tx, row, now)
        },
    )
    .await
}
