//! Commitments to score sheets and the record of a ranking over HTTP.

use std::collections::BTreeSet;

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Brought;
use super::ranking_record::{
    FORMAT, RankedBy, RankingRecord, RecordedAmendment, RecordedCriterion, RecordedOffer, RecordedPlace, RecordedScore, RecordedSheet,
    RecordedTie,
};
use super::rules::price_points;
use super::{commitments, lots_draws, policy, service, store};
use crate::db::Db;
use crate::kernel::id::{AccountId, BidId, LotId};
use crate::kernel::{BasisPoints, Fen, Result, UtcInstant, error};
use crate::people;
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{self, LotState, Ranking, lots};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(commit_scores).service(list_score_commitments).service(close_score_commitments).service(get_ranking_record);
}

/// A commitment to a score sheet.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitScores {
    /// The hash of docs/trust.md over points, words and 32 random bytes that only the evaluator knows; lower-case hex.
    #[schema(min_length = 64, max_length = 64, example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub commitment: String,
}

/// Commitments of a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CommitmentList {
    /// Whether the sheets that were committed to may come: everybody has committed, or the chair has closed.
    pub open_for_sheets: bool,
    /// Commitments.
    #[schema(max_items = 100)]
    pub items: Vec<CommitmentView>,
}

/// A commitment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CommitmentView {
    /// Whose.
    pub evaluator_id: AccountId,
    /// The hash.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub commitment: String,
    /// How it came about.
    pub brought: Brought,
    /// When.
    pub committed_at: UtcInstant,
    /// Whether its sheet is handed in.
    pub handed_in: bool,
}

fn list(db: &mut Db, file: &LotFile) -> Result<CommitmentList> {
    let progress = service::progress(db, file)?;
    let given = store::commitments(db, file.lot.id)?;
    let open_for_sheets = commitments::open_for_sheets(&progress, &given);
    let items = given
        .into_iter()
        .map(|row| CommitmentView {
            evaluator_id: row.evaluator_id,
            commitment: row.commitment,
            brought: row.brought,
            committed_at: row.committed_at,
            handed_in: row.sheet_id.is_some(),
        })
        .collect();
    Ok(CommitmentList { open_for_sheets, items })
}

/// Commit to a score sheet
///
/// Before the sheet itself is handed in: nobody but its evaluator has it until everybody has committed. Another commitment takes its place while some are
/// still missing. The first starts the evaluation, as a sheet does.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), request_body = CommitScores,
    responses((status = 201, description = "Committed", body = CommitmentList)),
    extensions(("x-action" = json!(policy::COMMIT_SCORES.name)),
        ("x-problems" = json!(["score_sheet_exists", "conflict_of_interest", "review_not_concluded", "rule_broken", "calendar_not_loaded", "wrong_state"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/score-commitments")]
async fn commit_scores(call: Call, id: Id<LotId>, body: Body<CommitScores>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| {
            let now = tx.now();
            service::may_as_member(tx, actor, &policy::COMMIT_SCORES, id.0, now)
        },
        move |tx, granted| {
            commitments::commit(tx, &granted, &body.get()?.commitment)?;
            Reply::created(format!("/api/v1/lots/{}/score-commitments", id.0), &list(tx, granted.subject())?)
        },
    )
    .await
}

/// Read the commitments
///
/// For members, the purchaser, supervisors and auditors. A commitment tells nothing of its sheet.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "Commitments", body = CommitmentList)),
    extensions(("x-action" = json!(policy::READ_SHEETS.name)), ("x-problems" = json!(["conflict_of_interest"]))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/score-commitments")]
async fn list_score_commitments(call: Call, id: Id<LotId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let file = service::may_read(snapshot, viewer.person()?, &policy::READ_SHEETS, id.0, now)?.into_subject();
        Reply::ok(&list(snapshot, &file)?)
    })
    .await
}

/// Close the commitments
///
/// By the chair, when somebody does not commit: those who did hand their sheets in. Sheets stay private until all are in.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "Closed", body = CommitmentList)),
    extensions(("x-action" = json!(policy::CLOSE_COMMITMENTS.name)), ("x-problems" = json!(["chair_missing", "not_the_chair", "conflict_of_interest", "wrong_state"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/score-commitments/closing")]
async fn close_score_commitments(call: Call, id: Id<LotId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| {
            let now = tx.now();
            service::may_as_member(tx, actor, &policy::CLOSE_COMMITMENTS, id.0, now)
        },
        move |tx, granted| {
            commitments::close(tx, &granted)?;
            Reply::ok(&list(tx, granted.subject())?)
        },
    )
    .await
}

/// Read the record of a ranking
///
/// Everything from which the ranking follows: `baiyi audit ranking` recomputes it. Points without the words and without whose they are. For the purchaser,
/// supervisors and auditors once the bids are ranked, for everybody after the award.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "The record", body = RankingRecord)))]
#[get("/lots/{lot_id}/ranking-record")]
async fn get_ranking_record(call: Call, id: Id<LotId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let file = lots::load(snapshot, viewer.tenant, id.0)?;
        let hidden = || error::NOT_FOUND.error();
        if file.lot.state != LotState::Awarded {
            let actor = viewer.actor.as_ref().ok_or_else(hidden)?;
            service::may(snapshot, actor, &policy::READ_RANKING, id.0).map_err(|_| hidden())?;
        }
        let reply = Reply::ok(&record(snapshot, &file)?.ok_or_else(hidden)?)?;
        Ok(if file.lot.state == LotState::Awarded { reply } else { reply.logged(people::readings::BID_CONTENT) })
    })
    .await
}

/// The record of the lot's ranking; `None` before it is ranked.
fn record(db: &mut Db, file: &LotFile) -> Result<Option<RankingRecord>> {
    let lot = file.lot.id;
    let Some(evaluation) = store::evaluation(db, lot)? else { return Ok(None) };
    if evaluation.ranked_at.is_none() {
        return Ok(None);
    }
    let progress = service::progress(db, file)?;
    let criteria = tenders::store::criteria_of(db, lot)?;
    let offers: Vec<(BidId, Fen)> = service::offers(db, lot)?.into_iter().map(|row| (row.bid_id, row.price_fen)).collect();
    let lowest = offers.iter().map(|(_, price)| *price).min().unwrap_or(Fen::ZERO);
    let ranked = store::ranking(db, lot)?;
    let places: BTreeSet<i32> = ranked.iter().map(|row| row.place).collect();
    let mut ties = Vec::new();
    for place in places.into_iter().filter(|place| ranked.iter().filter(|row| row.place == *place).count() > 1) {
        if let Some((draw, order)) = lots_draws::drawn_at(db, lot, place)? {
            ties.push(RecordedTie { place, draw_id: draw.id, order });
        }
    }
    let mut ranking = Vec::with_capacity(ranked.len());
    for row in ranked {
        let price = offers.iter().find(|(bid, _)| *bid == row.bid_id).map_or(Fen::ZERO, |(_, price)| *price);
        let price_points_bp = price_points(lowest, price)?;
        ranking.push(RecordedPlace { bid_id: row.bid_id, place: row.place, price_points_bp, points_bp: row.points_bp });
    }
    let mut sheets = Vec::with_capacity(progress.sheets.len());
    for sheet in &progress.sheets {
        let bound = commitments::bound(db, sheet)?;
        let amendments = store::amendments(db, std::slice::from_ref(sheet))?;
        let points = |bp: i32| BasisPoints::new(bp).unwrap_or(BasisPoints::WHOLE);
        sheets.push(RecordedSheet {
            commitment: bound.row.as_ref().map(|row| row.commitment.clone()),
            brought: bound.row.map(|row| row.brought),
            scores_key: bound.key.map(hex::encode),
            words_hash: bound.words.map(hex::encode),
            scores: bound
                .scores
                .into_iter()
                .map(|(bid_id, position, bp)| RecordedScore { bid_id, position, points_bp: points(bp) })
                .collect(),
            amendments: amendments
                .into_iter()
                .map(|row| RecordedAmendment {
                    bid_id: row.bid_id,
                    position: row.position,
                    before_bp: row.before_bp,
                    after_bp: row.after_bp,
                })
                .collect(),
        });
    }
    sheets.sort_by(|one, other| one.commitment.cmp(&other.commitment));
    Ok(Some(RankingRecord {
        format: FORMAT.to_owned(),
        lot_id: lot,
        method: if file.tender.profile().ranking == Ranking::LowestPrice { RankedBy::LowestPrice } else { RankedBy::Weighted },
        criteria: criteria
            .into_iter()
            .map(|row| RecordedCriterion { position: row.position, kind: row.kind, weight_bp: row.weight_bp })
            .collect(),
        offers: offers.into_iter().map(|(bid_id, price_fen)| RecordedOffer { bid_id, price_fen }).collect(),
        sheets,
        ranking,
        ties,
    }))
}
