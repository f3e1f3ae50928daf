//! Draws of a lot over HTTP: opened, frozen, read.

use std::sync::Arc;

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::lots_draws;
use super::panel::PanelOrder;
use crate::kernel::id::{AccountId, DrawId, LotId};
use crate::kernel::{BasisPoints, CatalogueCode, Error, Result, error};
use crate::people;
use crate::procurement::draws::api::{DrawView, shown};
use crate::procurement::draws::rules::REVEAL_HOURS;
use crate::procurement::draws::{self, DrawRecord, Method, NewDraw, Purpose, policy, service};
use crate::procurement::openers::ceremonies_api::Since;
use crate::procurement::openers::proof;
use crate::procurement::tenders::{LotState, lots};
use crate::trust::checkpoint::JournalKey;
use crate::trust::quorum::journal::Proof;
use crate::web::{Answer, Body, Call, Id, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(open_draw).service(list_draws).service(freeze_draw).service(get_draw_freeze).service(get_draw);
}

/// What to draw.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenDraw {
    /// Experts of a panel, or the order of tied bids.
    pub purpose: Purpose,
    /// Where the randomness comes from; `two_units` when absent.
    #[serde(default)]
    pub method: Option<Method>,
    /// Why the journal stands in for a second unit; only and always with `journal`. It is published.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 1000, example = "限额以下采购，另一单位当日无人值守。")]
    pub because: Option<String>,
    /// Hours in which a unit must reveal once its turn has come; 24 when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 336, example = 24)]
    pub reveal_hours: Option<i32>,
    /// The panel, for experts.
    #[serde(default)]
    pub panel: Option<DrawnPanel>,
    /// The place that bids share, for a tie.
    #[serde(default)]
    #[schema(minimum = 1, example = 1)]
    pub place: Option<i32>,
}

/// The panel that experts are drawn for; it is formed as it is given here.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawnPanel {
    /// Experts to be drawn.
    #[schema(minimum = 1, maximum = 21, example = 4)]
    pub experts: usize,
    /// Field: the catalogue code that they must know.
    pub field: CatalogueCode,
    /// The purchaser's own people who sit.
    #[serde(default)]
    #[schema(max_items = 21)]
    pub representatives: Vec<AccountId>,
}

/// Open a draw
///
/// For the experts of a panel once the bids are opened, or for bids that share a place once they are ranked. What is drawn is fixed now; then two units
/// commit, the pool is frozen, and both reveal. Where two units cannot act, the journal's next checkpoint stands in for one, with the reason.
#[utoipa::path(tag = "draws", params(("lot_id" = LotId, Path, description = "The lot")), request_body = OpenDraw,
    responses((status = 201, description = "Opened", body = DrawView)),
    extensions(("x-action" = json!(policy::OPEN.name)),
        ("x-problems" = json!(["draw_runs", "draw_binds", "evaluation_begun", "too_few_experts", "conflict_of_interest", "conflict", "rule_broken", "calendar_not_loaded", "wrong_state"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/draws")]
async fn open_draw(call: Call, id: Id<LotId>, body: Body<OpenDraw>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| lots::may(tx, actor, &policy::OPEN, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewDraw {
                purpose: asked.purpose,
                place: asked.place,
                method: asked.method.unwrap_or(Method::TwoUnits),
                because: asked.because.clone(),
                reveal_hours: asked.reveal_hours.unwrap_or(REVEAL_HOURS),
                experts: 0,
                field: None,
                representatives: Vec::new(),
            };
            let state = granted.subject().lot.state;
            let row = match (asked.purpose, &asked.panel, asked.place) {
                (Purpose::Panel, Some(panel), None) if state == LotState::Opened => {
                    lots_draws::open_panel(tx, &granted, &order(panel.clone()), new)?
                }
                (Purpose::Tie, None, Some(_)) if state == LotState::Evaluating => lots_draws::open_tie(tx, &granted, &new)?,
                (Purpose::Panel, Some(_), None) | (Purpose::Tie, None, Some(_)) => return Err(error::WRONG_STATE.error()),
                _ => return Err(wrong_shape(asked.purpose)),
            };
            shown(201, &row)
        },
    )
    .await
}

fn order(panel: DrawnPanel) -> PanelOrder {
    let DrawnPanel { experts, field, representatives } = panel;
    PanelOrder { experts, field, representatives, outlier_share: BasisPoints::WHOLE }
}

fn wrong_shape(purpose: Purpose) -> Error {
    match purpose {
        Purpose::Panel => Error::field("/panel", words!("抽取专家须给出评审小组，不填名次", "experts are drawn for a panel and no place")),
        Purpose::Tie => Error::field("/place", words!("并列抽取须给出名次，不填评审小组", "a tie is drawn at a place and for no panel")),
    }
}

/// The draws of a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DrawList {
    /// Draws in the order in which they were opened, those that ended without a result among them.
    #[schema(max_items = 1000)]
    pub items: Vec<DrawView>,
}

/// List the draws of a lot
///
/// For the purchaser, finance, supervisors and auditors; for everybody once the lot is awarded.
#[utoipa::path(tag = "draws", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "Draws", body = DrawList)))]
#[get("/lots/{lot_id}/draws")]
async fn list_draws(call: Call, id: Id<LotId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let file = lots::load(snapshot, viewer.tenant, id.0)?;
        let inside = viewer.actor.as_ref().is_some_and(|actor| service::may_list(actor, &file));
        if !inside && file.lot.state != LotState::Awarded {
            return Err(error::NOT_FOUND.error());
        }
        let items = draws::store::of_lot(snapshot, id.0)?.iter().map(DrawView::from).collect();
        Reply::ok(&DrawList { items })
    })
    .await
}

/// Freeze the pool
///
/// Once every unit has committed: the eligible experts of today, or the bids at the place, as salted hashes under one root that goes into the journal.
#[utoipa::path(tag = "draws", params(("draw_id" = DrawId, Path, description = "The draw")), responses((status = 200, description = "Frozen", body = DrawView)),
    extensions(("x-action" = json!(policy::FREEZE.name)),
        ("x-problems" = json!(["too_few_experts", "conflict_of_interest", "conflict", "rule_broken", "calendar_not_loaded", "wrong_state"]))),
    security(("bearer" = [])))]
#[post("/draws/{draw_id}/freeze")]
async fn freeze_draw(call: Call, id: Id<DrawId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::FREEZE, id.0),
        move |tx, granted| shown(200, &lots_draws::freeze(tx, &granted)?),
    )
    .await
}

/// The freeze of a draw, as the journal proves it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DrawFreeze {
    /// The draw.
    pub draw_id: DrawId,
    /// The journal's latest checkpoint with the entry `draw.frozen`, which names the pool's root; null before the pool is frozen. The entry is missing until a
    /// checkpoint covers it.
    pub journal: Option<Proof>,
}

/// Read the freeze of a draw in the journal
///
/// For the units that take part: what `baiyi draw reveal` checks and keeps before a number leaves the unit, so that a pool that is frozen anew afterwards
/// contradicts a checkpoint that somebody has.
#[utoipa::path(tag = "draws", params(("draw_id" = DrawId, Path, description = "The draw"), Since), responses((status = 200, description = "The freeze", body = DrawFreeze)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/draws/{draw_id}/freeze")]
async fn get_draw_freeze(call: Call, id: Id<DrawId>, since: Params<Since>, key: web::Data<JournalKey>) -> Answer {
    let key = Arc::clone(&key);
    people::query(call, move |snapshot, viewer| {
        viewer.person()?;
        let (draw, whole) = service::readable(snapshot, viewer, id.0)?;
        if !whole {
            return Err(error::FORBIDDEN.error());
        }
        let from = since.get()?.from.unwrap_or(0);
        let journal = match draw.freeze_entry {
            None => None,
            Some(entry) => proof::of(snapshot, draw.tenant_id, key.verifier(), from, Some(entry))?,
        };
        Reply::ok(&DrawFreeze { draw_id: draw.id, journal })
    })
    .await
}

/// Read a draw
///
/// Everything from which the result follows; `baiyi audit draw` recomputes it. Before the award for the purchaser, finance, supervisors and auditors, with
/// the whole pool by name; after it for everybody, with those by name who were called.
#[utoipa::path(tag = "draws", params(("draw_id" = DrawId, Path, description = "The draw")), responses((status = 200, description = "The record", body = DrawRecord)))]
#[get("/draws/{draw_id}")]
async fn get_draw(call: Call, id: Id<DrawId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let (draw, whole) = service::readable(snapshot, viewer, id.0)?;
        let record: Result<DrawRecord> = service::record_of(snapshot, &draw, whole);
        let reply = Reply::ok(&record?)?.tagged(draw.version);
        // The whole pool by name is for those inside; what everybody may read is not logged.
        Ok(if whole { reply.logged(people::readings::PERSONAL_DATA) } else { reply })
    })
    .await
}
