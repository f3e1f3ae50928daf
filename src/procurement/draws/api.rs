//! What units do to a draw over HTTP: commit, reveal, end. Opening, freezing and reading know what is drawn and stand with the evaluation.

use actix_web::post;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{DrawRow, DrawState};
use super::{policy, service};
use crate::kernel::id::{DrawId, LotId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(commit_to_draw).service(reveal_for_draw).service(end_draw);
}

/// Where a draw stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DrawView {
    /// Id.
    pub id: DrawId,
    /// Lot.
    pub lot_id: LotId,
    /// Where it stands.
    pub state: DrawState,
    /// Until when the unit whose turn it is must reveal.
    pub reveal_by: Option<UtcInstant>,
    /// Root of the frozen pool.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub pool_root: Option<String>,
    /// The seed, once everything is revealed.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub seed: Option<String>,
    /// The unit that did not reveal in time.
    pub silent_unit: Option<UnitId>,
}

impl From<&DrawRow> for DrawView {
    fn from(row: &DrawRow) -> Self {
        Self {
            id: row.id,
            lot_id: row.lot_id,
            state: row.state,
            reveal_by: row.reveal_by,
            pool_root: row.pool_root.clone(),
            seed: row.seed.clone(),
            silent_unit: row.silent_unit,
        }
    }
}

/// The answer to a step of a draw.
pub fn shown(status: u16, row: &DrawRow) -> Result<Reply> {
    let location = format!("/api/v1/draws/{}", row.id);
    let reply = if status == 201 { Reply::created(location, &DrawView::from(row))? } else { Reply::ok(&DrawView::from(row))? };
    Ok(reply.tagged(row.version))
}

/// A commitment.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitToDraw {
    /// SHA-256 over `baiyi/draw/commit/v1` and a line feed, the 16 bytes of the draw's id, the 16 bytes of the unit's id and 32 random bytes that only the
    /// unit knows; lower-case hex.
    #[schema(min_length = 64, max_length = 64, example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub commitment: String,
}

/// Commit to a number
///
/// For one's own unit, before the pool is frozen: two units neither of which stands above the other. The number itself stays with the unit.
#[utoipa::path(tag = "draws", params(("draw_id" = DrawId, Path, description = "The draw")), request_body = CommitToDraw,
    responses((status = 201, description = "Committed", body = DrawView)),
    extensions(("x-action" = json!(policy::COMMIT.name)), ("x-problems" = json!(["draw_unit_unfit", "conflict", "wrong_state"]))), security(("bearer" = [])))]
#[post("/draws/{draw_id}/commitments")]
async fn commit_to_draw(call: Call, id: Id<DrawId>, body: Body<CommitToDraw>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::COMMIT, id.0),
        move |tx, granted| shown(201, &service::commit(tx, &granted, &body.get()?.commitment)?),
    )
    .await
}

/// A reveal.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealForDraw {
    /// The 32 bytes that the unit committed to, lower-case hex.
    #[schema(min_length = 64, max_length = 64, example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub nonce: String,
    /// The root of the frozen pool as the unit saw it, lower-case hex. Another one than the frozen pool's is refused; the record repeats it.
    #[schema(min_length = 64, max_length = 64, example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub pool_root: String,
}

impl From<&RevealForDraw> for service::Reveal {
    fn from(body: &RevealForDraw) -> Self {
        Self { nonce: body.nonce.clone(), pool_root: body.pool_root.clone() }
    }
}

/// Reveal a number
///
/// The purchaser's unit first, the other last, each in its time, and nobody before the journal has signed a checkpoint over the freeze. The last reveal
/// gives the permutation. Revealed after the draw was ended it is recorded as late: it shows what would have been drawn and draws nothing.
#[utoipa::path(tag = "draws", params(("draw_id" = DrawId, Path, description = "The draw")), request_body = RevealForDraw,
    responses((status = 201, description = "Revealed", body = DrawView)),
    extensions(("x-action" = json!(policy::REVEAL.name)),
        ("x-problems" = json!(["draw_unit_unfit", "draw_turn", "reveal_late", "draw_pool_other", "commitment_not_opened", "journal_behind",
            "draw_pool_changed", "conflict", "wrong_state"]))),
    security(("bearer" = [])))]
#[post("/draws/{draw_id}/reveals")]
async fn reveal_for_draw(call: Call, id: Id<DrawId>, body: Body<RevealForDraw>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::REVEAL, id.0),
        move |tx, granted| {
            let asked = service::Reveal::from(body.get()?);
            service::require_journalled(tx, &granted)?;
            shown(201, &service::reveal(tx, &granted, &asked)?)
        },
    )
    .await
}

/// End a draw without a result
///
/// Before the freeze at any time; after it once the unit whose turn it is has let its time pass. That unit is named and contributes no more to this draw
/// of the lot, so that silence buys no second try.
#[utoipa::path(tag = "draws", params(("draw_id" = DrawId, Path, description = "The draw")), responses((status = 200, description = "Ended", body = DrawView)),
    extensions(("x-action" = json!(policy::END.name)), ("x-problems" = json!(["wrong_state"]))), security(("bearer" = [])))]
#[post("/draws/{draw_id}/ending")]
async fn end_draw(call: Call, id: Id<DrawId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::END, id.0),
        move |tx, granted| shown(200, &service::end(tx, &granted)?),
    )
    .await
}
