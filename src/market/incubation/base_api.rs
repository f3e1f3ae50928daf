//! Incubation bases over HTTP: their places and their board.

use actix_web::{get, put};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::board::{self, Seat};
use super::model::IncubationState;
use super::{places, policy};
use crate::kernel::UtcInstant;
use crate::kernel::id::{IncubationId, OrganisationId, UnitId};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(set_incubation_places).service(get_incubation_board);
}

/// How many organisations a base holds at once.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetIncubationPlaces {
    /// 0 to 1000.
    #[schema(minimum = 0, maximum = 1000, example = 20)]
    pub places: i32,
}

/// The places of a base.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IncubationPlacesView {
    /// The base.
    pub unit_id: UnitId,
    /// Its places.
    #[schema(example = 20)]
    pub places: i32,
}

/// Set the places of a base
///
/// How many organisations it holds at once; an admission above it is refused. Fewer than are taken sends nobody away. Until it is set for the first time, nobody
/// counts them.
#[utoipa::path(tag = "incubations", params(("unit_id" = UnitId, Path, description = "The base")), request_body = SetIncubationPlaces,
    responses((status = 200, description = "Set", body = IncubationPlacesView)),
    extensions(("x-action" = json!(policy::SET_PLACES.name)), ("x-problems" = json!(["wrong_state"]))), security(("bearer" = [])))]
#[put("/units/{unit_id}/incubation-places")]
async fn set_incubation_places(call: Call, id: Id<UnitId>, body: Body<SetIncubationPlaces>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| places::may(tx, actor, &policy::SET_PLACES, id.0),
        move |tx, granted| {
            let row = places::set(tx, &granted, body.get()?.places)?;
            Reply::ok(&IncubationPlacesView { unit_id: row.unit_id, places: row.places })
        },
    )
    .await
}

/// An organisation at a base.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SeatView {
    /// Its incubation.
    pub incubation_id: IncubationId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Its name.
    #[schema(example = "吴兴区邻里互助协会")]
    pub name_zh: String,
    /// State.
    pub state: IncubationState,
    /// Since when it is in this state.
    pub since: UtcInstant,
    /// Sessions, whatever the organisation says of them.
    #[schema(example = 5)]
    pub sessions: usize,
    /// Confirmed sessions.
    #[schema(example = 4)]
    pub confirmed_sessions: usize,
    /// Minutes of the confirmed ones.
    #[schema(example = 360)]
    pub confirmed_minutes: i64,
    /// Day of the last assessment.
    pub last_assessed_on: Option<NaiveDate>,
    /// Mean of the last assessment in hundredths of a point.
    #[schema(example = 8250)]
    pub last_mean_hundredths: Option<i64>,
}

impl From<Seat> for SeatView {
    fn from(seat: Seat) -> Self {
        Self {
            since: seat.since(),
            incubation_id: seat.incubation.id,
            organisation_id: seat.incubation.organisation_id,
            state: seat.incubation.state,
            name_zh: seat.name_zh,
            sessions: seat.sessions,
            confirmed_sessions: seat.confirmed_sessions,
            confirmed_minutes: seat.confirmed_minutes,
            last_assessed_on: seat.last_assessment.map(|(day, _)| day),
            last_mean_hundredths: seat.last_assessment.map(|(_, mean)| mean),
        }
    }
}

/// The board of a base.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IncubationBoard {
    /// The base.
    pub unit_id: UnitId,
    /// Its places; null when nobody has counted them.
    #[schema(example = 20)]
    pub places: Option<i32>,
    /// Places taken by those who are admitted or incubating.
    #[schema(example = 12)]
    pub taken: i64,
    /// Who applied or is there, oldest first.
    #[schema(max_items = 1000)]
    pub items: Vec<SeatView>,
}

/// What the board shows.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BoardQuery {
    /// Also those who graduated or left.
    past: Option<bool>,
}

/// Read the board of a base
///
/// Who is there and since when, how much mentoring it confirmed and what the last assessment found: for the base, the platform's administrator, purchasers,
/// finance officers, third-party evaluators and auditors.
#[utoipa::path(tag = "incubations", params(("unit_id" = UnitId, Path, description = "The base"), BoardQuery),
    responses((status = 200, description = "The board", body = IncubationBoard)),
    extensions(("x-action" = json!(policy::READ_BOARD.name)), ("x-problems" = json!(["wrong_state"]))), security(("bearer" = [])))]
#[get("/units/{unit_id}/incubation-board")]
async fn get_incubation_board(call: Call, id: Id<UnitId>, params: Params<BoardQuery>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let unit = places::may_read(snapshot, viewer.person()?, id.0)?;
        places::require_base(&unit)?;
        let found = board::of(snapshot, viewer.tenant, unit.id, params.get()?.past == Some(true))?;
        let items = found.seats.into_iter().map(SeatView::from).collect();
        Reply::ok(&IncubationBoard { unit_id: unit.id, places: found.places, taken: found.taken, items })
    })
    .await
}
