//! The journal as a tiled log (C2SP tlog-tiles) under `/journal/log`: the checkpoint and the hashes of its tree. Entries themselves are not served: a
//! leaf opens with its salt only, which the audit bundle holds.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{NOT_SEQUENCED, admitted, policy};
use crate::kernel::{Result, error};
use crate::people;
use crate::trust::cadence::Rhythm;
use crate::trust::tiles::Tile;
use crate::trust::{cosignatures, sequencer};
use crate::web::openapi::Octets;
use crate::web::problem::Failure;
use crate::web::{Answer, Call};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_log_checkpoint).service(get_log_tile);
}

/// How long shared caches may keep an answer of a public log: a tile never changes, a checkpoint does.
fn caching(rhythm: Rhythm, public: &'static str) -> (actix_web::http::header::HeaderName, &'static str) {
    (CACHE_CONTROL, if rhythm.0.is_some() { public } else { "private, no-cache" })
}

/// Read the latest checkpoint as a note
///
/// The C2SP checkpoint of the tiled log with the lines of its witnesses, as plain text. Where the journal has a cadence, it needs no account.
#[utoipa::path(tag = "journal", responses((status = 200, description = "The note", body = String, content_type = "text/plain")),
    extensions(("x-action" = json!(policy::READ.name)), ("x-problems" = json!(["not_sequenced"])),
        ("x-answer-example" = json!("baiyi/330502\n1204\nuMbm…=\n\n— baiyi/330502 x09…=\n"))), security(("bearer" = [])))]
#[get("/journal/log/checkpoint")]
async fn get_log_checkpoint(call: Call, rhythm: web::Data<Rhythm>) -> Answer {
    let rhythm = **rhythm;
    let note = people::desk::fetch(&call, None, move |snapshot, viewer| {
        admitted(viewer, rhythm)?;
        let head = sequencer::latest(snapshot)?.ok_or_else(|| NOT_SEQUENCED.error())?;
        cosignatures::presented(snapshot, &head)
    })
    .await
    .map_err(Failure)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header(caching(rhythm, "public, max-age=2"))
        .body(note))
}

/// Which tile.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct WhichTile {
    /// Level, 0 to 63.
    #[param(max_length = 2, example = "0")]
    tile_level: String,
    /// Index in groups of three digits, all but the last with an x before them; for a partial tile `.p/` and its width.
    #[param(max_length = 48, example = "x001/067.p/12")]
    tile_path: String,
}

/// Read a tile of the journal's tree
///
/// Up to 256 hashes of 32 bytes, one after the other (C2SP tlog-tiles). Entry bundles are not served: leaves are salted, and entries are read by those
/// who may. Where the journal has a cadence, it needs no account.
#[utoipa::path(tag = "journal", params(WhichTile),
    responses((status = 200, description = "The hashes", body = Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::READ.name)), ("x-answer-example" = json!("…"))), security(("bearer" = [])))]
#[get("/journal/log/tile/{tile_level}/{tile_path:.*}")]
async fn get_log_tile(call: Call, which: web::Path<WhichTile>, rhythm: web::Data<Rhythm>) -> Answer {
    let rhythm = **rhythm;
    let hashes = people::desk::fetch(&call, None, move |snapshot, viewer| {
        admitted(viewer, rhythm)?;
        let tile = Tile::parse(&which.tile_level, &which.tile_path).ok_or_else(|| error::NOT_FOUND.error())?;
        let size = sequencer::latest(snapshot)?.map_or(0, |head| head.size);
        let size = u64::try_from(size).unwrap_or(0);
        let found: Result<_> = tile.read(&mut |level, position| sequencer::node(snapshot, level, position), size);
        found?.ok_or_else(|| error::NOT_FOUND.error())
    })
    .await
    .map_err(Failure)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header(caching(rhythm, "public, max-age=31536000, immutable"))
        .body(hashes.concat()))
}
