//! The evaluation over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::RankingRow;
use super::service::Filled;
use super::{panel, policy, service, store};
use crate::kernel::id::{AccountId, BidId, LotId, OrganisationId, ScoreSheetId};
use crate::kernel::{BasisPoints, Money, UtcInstant};
use crate::people;
use crate::procurement::tenders::{LotState, lots};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(appoint_evaluator).service(list_offers).service(submit_sheet).service(rank_lot).service(get_ranking);
}

/// Whom to appoint.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointEvaluator {
    /// An account with the role evaluator.
    pub account_id: AccountId,
}

/// The evaluators of a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EvaluatorList {
    /// Lot.
    pub lot_id: LotId,
    /// Accounts appointed.
    #[schema(max_items = 100)]
    pub account_ids: Vec<AccountId>,
}

/// Appoint an evaluator
///
/// An account with the role evaluator, never of a bidder, never the drafter.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), request_body = AppointEvaluator,
    responses((status = 201, description = "Appointed", body = EvaluatorList)),
    extensions(("x-action" = json!(policy::APPOINT.name)), ("x-problems" = json!(["conflict_of_interest", "conflict", "evaluation_begun", "draw_binds"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/evaluators")]
async fn appoint_evaluator(call: Call, id: Id<LotId>, body: Body<AppointEvaluator>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::APPOINT, id.0),
        move |tx, granted| {
            panel::appoint(tx, &granted, body.get()?.account_id)?;
            let sitting = store::members(tx, id.0)?.into_iter().filter(|row| row.sits());
            let account_ids = sitting.map(|row| row.account_id).collect();
            let version = granted.subject().lot.version;
            Ok(Reply::created(format!("/api/v1/lots/{}", id.0), &EvaluatorList { lot_id: id.0, account_ids })?.tagged(version))
        },
    )
    .await
}

/// An offer to be scored.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OfferView {
    /// Bid.
    pub bid_id: BidId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// Price.
    pub price: Money,
    /// What is offered.
    #[schema(example = "两名持证社工，每周两次上门。")]
    pub text: String,
    /// When it was opened.
    pub opened_at: UtcInstant,
}

/// The valid offers of a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OfferList {
    /// Offers.
    #[schema(max_items = 1000)]
    pub items: Vec<OfferView>,
}

/// Read the offers
///
/// The valid offers of a lot, for its evaluators, its purchaser and auditors.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "Offers", body = OfferList)),
    extensions(("x-action" = json!(policy::READ_OFFERS.name)), ("x-problems" = json!(["conflict_of_interest"]))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/offers")]
async fn list_offers(call: Call, id: Id<LotId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        service::may_read(snapshot, viewer.person()?, &policy::READ_OFFERS, id.0, now)?;
        let items = service::offers(snapshot, id.0)?
            .into_iter()
            .map(|row| OfferView {
                bid_id: row.bid_id,
                organisation_id: row.organisation_id,
                price: row.price_fen.into(),
                text: row.offer,
                opened_at: row.opened_at,
            })
            .collect();
        Ok(Reply::ok(&OfferList { items })?.logged(people::readings::BID_CONTENT))
    })
    .await
}

/// A score sheet.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitSheet {
    /// Reasons.
    #[schema(min_length = 1, max_length = 4000, example = "方案具体，团队经验充分。")]
    pub comment: String,
    /// One score for every valid bid on every quality criterion; none where the lowest price decides.
    #[schema(max_items = 5000)]
    pub scores: Vec<GivenScore>,
    /// Words on single bids; each bidder reads those on its own after the award, without the member's name.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub remarks: Vec<GivenRemark>,
    /// 32 random bytes in lower-case hex: those of the commitment given before, or one's own for the commitment that is made now. Absent, the server makes
    /// and keeps them, and the record says so.
    #[serde(default)]
    #[schema(min_length = 64, max_length = 64, example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub nonce: Option<String>,
}

/// Words on one bid.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenRemark {
    /// Bid.
    pub bid_id: BidId,
    /// The words; nothing of other bidders.
    #[schema(min_length = 1, max_length = 1000, example = "方案具体，但人员配备偏少。")]
    pub text: String,
}

/// One score.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenScore {
    /// Bid.
    pub bid_id: BidId,
    /// Criterion.
    #[schema(minimum = 1, maximum = 20, example = 1)]
    pub position: i32,
    /// Points in hundredths: 10 000 is the full 100.
    pub points_bp: BasisPoints,
}

/// What an idempotency key of a sheet is bound to: the lot alone. A stored hash of scores could be guessed.
fn sheet_fingerprint(lot: LotId) -> [u8; 32] {
    let mut fingerprint = Sha256::new();
    fingerprint.update(b"score sheet");
    fingerprint.update(lot.uuid().as_bytes());
    fingerprint.finalize().into()
}

/// A sheet handed in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SheetView {
    /// Id.
    pub id: ScoreSheetId,
    /// Lot.
    pub lot_id: LotId,
    /// When.
    pub submitted_at: UtcInstant,
}

/// Hand in a score sheet
///
/// Once per member and lot, held against the commitment that the member gave before, or committed to now. Sheets stay private until all are in; with the first the panel must be as the law asks (R028, R032, R037, R038, R068).
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), request_body = SubmitSheet,
    responses((status = 201, description = "Handed in", body = SheetView)),
    extensions(("x-action" = json!(policy::SCORE.name)), ("x-problems" = json!(["score_sheet_exists", "conflict_of_interest", "review_not_concluded", "rule_broken", "calendar_not_loaded",
        "score_commitments_missing", "score_sheet_not_committed", "wrong_state"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/score-sheets")]
async fn submit_sheet(call: Call, id: Id<LotId>, body: Body<SubmitSheet>) -> Answer {
    people::command(
        call,
        sheet_fingerprint(id.0),
        move |tx, actor| {
            let now = tx.now();
            service::may_as_member(tx, actor, &policy::SCORE, id.0, now)
        },
        move |tx, granted| {
            let asked = body.get()?;
            let filled = Filled {
                comment: asked.comment.clone(),
                scores: asked.scores.iter().map(|score| (score.bid_id, score.position, score.points_bp)).collect(),
                remarks: asked.remarks.iter().map(|remark| (remark.bid_id, remark.text.clone())).collect(),
                nonce: asked.nonce.clone(),
            };
            let sheet = service::score(tx, &granted, &filled)?;
            Reply::created(
                format!("/api/v1/lots/{}/ranking", id.0),
                &SheetView { id: sheet.id, lot_id: sheet.lot_id, submitted_at: sheet.submitted_at },
            )
        },
    )
    .await
}

/// The ranking of a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RankingView {
    /// Lot.
    pub lot_id: LotId,
    /// By place.
    #[schema(max_items = 1000)]
    pub items: Vec<PlaceView>,
}

/// A bid's place.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlaceView {
    /// Bid.
    pub bid_id: BidId,
    /// Place; equal places are ties.
    #[schema(example = 1)]
    pub place: i32,
    /// Total points in hundredths.
    #[schema(example = 8400)]
    pub points_bp: i64,
}

fn ranking_view(lot: LotId, rows: Vec<RankingRow>) -> RankingView {
    let items = rows.into_iter().map(|row| PlaceView { bid_id: row.bid_id, place: row.place, points_bp: row.points_bp }).collect();
    RankingView { lot_id: lot, items }
}

/// Rank the bids
///
/// Once every member has handed in a sheet and outliers are discussed: the mean of the sheets on quality, lowest price ÷ price × 100 on the
/// price (R040), ties to the lower price (R041); in a negotiation and for quotes the lowest price alone.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "The ranking", body = RankingView)),
    extensions(("x-action" = json!(policy::RANK.name)), ("x-problems" = json!(["score_sheets_missing", "score_sheet_changed", "discussion_due", "chair_missing", "reviewers_count", "conflict_of_interest", "rule_broken", "calendar_not_loaded"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/ranking")]
async fn rank_lot(call: Call, id: Id<LotId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::RANK, id.0),
        move |tx, granted| {
            let rows = service::rank(tx, &granted)?;
            let version = granted.subject().lot.version;
            Ok(Reply::ok(&ranking_view(id.0, rows))?.tagged(version))
        },
    )
    .await
}

/// Read the ranking
///
/// For the purchaser, supervisors and auditors before the award, for everybody after it.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "The ranking", body = RankingView)))]
#[get("/lots/{lot_id}/ranking")]
async fn get_ranking(call: Call, id: Id<LotId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let file = lots::load(snapshot, viewer.tenant, id.0)?;
        if file.lot.state != LotState::Awarded {
            let hidden = || crate::kernel::error::NOT_FOUND.error();
            let actor = viewer.actor.as_ref().ok_or_else(hidden)?;
            service::may(snapshot, actor, &policy::READ_RANKING, id.0).map_err(|_| hidden())?;
        }
        let reply = Reply::ok(&ranking_view(id.0, store::ranking(snapshot, id.0)?))?;
        Ok(if file.lot.state == LotState::Awarded { reply } else { reply.logged(people::readings::BID_CONTENT) })
    })
    .await
}
