//! Ceremonies, custody and contributions over HTTP.

use std::sync::Arc;

use actix_web::{get, post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::CeremonyFile;
use super::views::{CeremonyView, ClosingView, ContributionView, CustodyView};
use super::{ceremonies, closings, policy, proof, rules, store, views};
use crate::db::Tx;
use crate::kernel::error::Fields;
use crate::kernel::id::{AccountId, CeremonyId, TenderId};
use crate::kernel::{Error, Result, error};
use crate::people::{self, Action, Authorized, Subject};
use crate::procurement::tenders;
use crate::trust::checkpoint::JournalKey;
use crate::trust::quorum::messages::{FirstPackage, SealedShare};
use crate::trust::quorum::opening::Contribution;
use crate::trust::sealing::SealingKey;
use crate::web::{Answer, Body, Call, Id, Params, Reply};

/// Largest contribution, in bytes: 32 000 points.
const CONTRIBUTION_BYTES: usize = 4 * 1024 * 1024 + 4096;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(name_openers)
        .service(get_custody)
        .service(get_ceremony)
        .service(send_package)
        .service(send_shares)
        .service(sign_transcript)
        .service(abandon_ceremony)
        .service(get_closing)
        .service(contribute_to_opening)
        .service(give_up_openers);
}

/// Openers of a tender.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameOpeners {
    /// Accounts of openers with confirmed keys, in the order of their positions.
    #[schema(min_items = 3, max_items = 15)]
    pub account_ids: Vec<AccountId>,
    /// Openers needed to open: at least 2 and fewer than there are.
    #[schema(minimum = 2, maximum = 14, example = 2)]
    pub threshold: u16,
    /// Those of them who are called only when others stay away; the others must be enough to open.
    #[serde(default)]
    #[schema(max_items = 13)]
    pub reserve_account_ids: Vec<AccountId>,
    /// Hours after the closing in which too few contributed before reserves are called; 24 when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 336, example = 24)]
    pub reserve_after_hours: Option<i32>,
}

/// Name the openers of a tender
///
/// Before its publication. Nobody who runs the platform, and no public body with enough openers to open alone. Their programs then make the key.
#[utoipa::path(tag = "openers", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = NameOpeners,
    responses((status = 201, description = "Named", body = CeremonyView)),
    extensions(("x-action" = json!(policy::NAME.name)), ("x-problems" = json!(["ceremony_exists"]))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/opener-ceremonies")]
async fn name_openers(call: Call, id: Id<TenderId>, body: Body<NameOpeners>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| ceremonies::may_name(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let openers = ceremonies::Openers {
                accounts: asked.account_ids.clone(),
                reserves: asked.reserve_account_ids.clone(),
                threshold: usize::from(asked.threshold),
                reserve_after_hours: asked.reserve_after_hours.unwrap_or(rules::RESERVE_HOURS),
            };
            let file = ceremonies::name(tx, &granted, &openers)?;
            let view = views::ceremony(tx, &file, None)?;
            Reply::created(format!("/api/v1/opener-ceremonies/{}", file.row.id), &view)
        },
    )
    .await
}

/// Read who holds a tender's key
///
/// Public with the tender: the recipient that bids are sealed to, and for openers' keys the signed transcript of their ceremony.
#[utoipa::path(tag = "openers", params(("tender_id" = TenderId, Path, description = "The tender")), responses((status = 200, description = "Custody", body = CustodyView)))]
#[get("/tenders/{tender_id}/custody")]
async fn get_custody(call: Call, id: Id<TenderId>, key: web::Data<SealingKey>) -> Answer {
    let of_server = key.recipient();
    people::query(call, move |snapshot, viewer| {
        let tender = tenders::store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let known = tender.published_at.is_some() || viewer.actor.as_ref().is_some_and(|actor| tender.visible_to(actor));
        if !known {
            return Err(error::NOT_FOUND.error());
        }
        let file = store::alive(snapshot, tender.id)?;
        let least = tenders::service::least_bids(snapshot, &tender)?;
        Reply::ok(&views::custody(tender.id, least, file.as_ref(), of_server)?)
    })
    .await
}

/// What of the journal the caller saw last.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Since {
    /// Size of the tree of the checkpoint that you saw last; none for your first look.
    #[param(minimum = 0, maximum = 9_000_000_000_000_000_i64, example = 1000)]
    pub from: Option<u64>,
}

/// Read a ceremony
///
/// What openers' programs exchange. The answer names the journal's latest checkpoint, except while bids come in.
#[utoipa::path(tag = "openers", params(("ceremony_id" = CeremonyId, Path, description = "The ceremony"), Since),
    responses((status = 200, description = "The ceremony", body = CeremonyView)), extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/opener-ceremonies/{ceremony_id}")]
async fn get_ceremony(call: Call, id: Id<CeremonyId>, since: Params<Since>, key: web::Data<JournalKey>) -> Answer {
    let (key, now) = (Arc::clone(&key), call.desk.clock.now());
    people::query(call, move |snapshot, viewer| {
        let file = ceremonies::may(snapshot, viewer.person()?, &policy::READ, id.0)?.into_subject();
        let tender = tenders::store::find(snapshot, file.row.tenant_id, file.row.tender_id)?;
        let from = since.get()?.from.unwrap_or(0);
        let journal = match tender {
            Some(tender) if !tender.takes_bids(now) => {
                let entry = ceremonies::entry_of_end(snapshot, &file.row)?;
                proof::of(snapshot, file.row.tenant_id, key.verifier(), from, entry)?
            }
            _ => None,
        };
        Reply::ok(&views::ceremony(snapshot, &file, journal)?)
    })
    .await
}

async fn send<E>(call: Call, fingerprint: [u8; 32], id: CeremonyId, action: &'static Action, effect: E) -> Answer
where
    E: Fn(&mut Tx<'_>, &Authorized<CeremonyFile>) -> Result<CeremonyFile> + Send + 'static,
{
    people::command(
        call,
        fingerprint,
        move |tx, actor| ceremonies::may(tx, actor, action, id),
        move |tx, granted| {
            let file = effect(tx, &granted)?;
            Reply::ok(&views::ceremony(tx, &file, None)?)
        },
    )
    .await
}

/// Send my first package
///
/// Round 1 of the key generation, by the opener's program; signed and never replaced.
#[utoipa::path(tag = "openers", params(("ceremony_id" = CeremonyId, Path, description = "The ceremony")), request_body = FirstPackage,
    responses((status = 200, description = "Taken", body = CeremonyView)),
    extensions(("x-action" = json!(policy::SEND_PACKAGE.name)), ("x-problems" = json!(["already_sent", "ceremony_refused"]))), security(("bearer" = [])))]
#[post("/opener-ceremonies/{ceremony_id}/package")]
async fn send_package(call: Call, id: Id<CeremonyId>, body: Body<FirstPackage>) -> Answer {
    let fingerprint = body.fingerprint;
    send(call, fingerprint, id.0, &policy::SEND_PACKAGE, move |tx, granted| ceremonies::send_package(tx, granted, body.get()?)).await
}

/// Sealed shares for all the others.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendShares {
    /// One for each of the other openers.
    #[schema(min_items = 2, max_items = 14)]
    pub shares: Vec<SealedShare>,
}

/// Send my sealed shares
///
/// Round 2 of the key generation: one share for each other opener, sealed to it and signed. The server only passes them on.
#[utoipa::path(tag = "openers", params(("ceremony_id" = CeremonyId, Path, description = "The ceremony")), request_body = SendShares,
    responses((status = 200, description = "Taken", body = CeremonyView)),
    extensions(("x-action" = json!(policy::SEND_SHARES.name)), ("x-problems" = json!(["already_sent", "ceremony_refused"]))), security(("bearer" = [])))]
#[post("/opener-ceremonies/{ceremony_id}/shares")]
async fn send_shares(call: Call, id: Id<CeremonyId>, body: Body<SendShares>) -> Answer {
    let fingerprint = body.fingerprint;
    send(call, fingerprint, id.0, &policy::SEND_SHARES, move |tx, granted| ceremonies::send_shares(tx, granted, &body.get()?.shares)).await
}

/// A signature of a transcript.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignTranscript {
    /// SHA-256 of the transcript's canonical JSON, hex.
    #[schema(min_length = 64, max_length = 64, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub transcript_sha256: String,
    /// Signature over `baiyi-opener-transcript-1`, that hash and the position, each on a line, base64.
    #[schema(min_length = 1, max_length = 88, example = "x09…==")]
    pub signature: String,
}

/// Sign the transcript
///
/// By the opener's program, when its share fits and the transcript is what it saw. With the last signature the key is the tender's.
#[utoipa::path(tag = "openers", params(("ceremony_id" = CeremonyId, Path, description = "The ceremony")), request_body = SignTranscript,
    responses((status = 200, description = "Signed", body = CeremonyView)),
    extensions(("x-action" = json!(policy::SIGN.name)), ("x-problems" = json!(["already_sent", "ceremony_refused"]))), security(("bearer" = [])))]
#[post("/opener-ceremonies/{ceremony_id}/signature")]
async fn sign_transcript(call: Call, id: Id<CeremonyId>, body: Body<SignTranscript>) -> Answer {
    let fingerprint = body.fingerprint;
    send(call, fingerprint, id.0, &policy::SIGN, move |tx, granted| {
        let asked = body.get()?;
        ceremonies::sign(tx, granted, &asked.transcript_sha256, &asked.signature)
    })
    .await
}

/// Why a ceremony is given up.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbandonCeremony {
    /// The reason.
    #[schema(min_length = 5, max_length = 500, example = "一名开标员调离，改由他人担任")]
    pub reason: String,
}

/// Abandon a ceremony
///
/// Before the tender is published, by the purchaser's lead or one of the openers. Another may then begin.
#[utoipa::path(tag = "openers", params(("ceremony_id" = CeremonyId, Path, description = "The ceremony")), request_body = AbandonCeremony,
    responses((status = 200, description = "Abandoned", body = CeremonyView)), extensions(("x-action" = json!(policy::ABANDON.name))), security(("bearer" = [])))]
#[post("/opener-ceremonies/{ceremony_id}/abandonment")]
async fn abandon_ceremony(call: Call, id: Id<CeremonyId>, body: Body<AbandonCeremony>) -> Answer {
    let fingerprint = body.fingerprint;
    send(call, fingerprint, id.0, &policy::ABANDON, move |tx, granted| {
        let reason = &body.get()?.reason;
        let mut fields = Fields::default();
        fields.text(reason, "/reason", 5, 500);
        fields.finish()?;
        ceremonies::abandon(tx, granted, reason)
    })
    .await
}

/// Read the closing of a tender
///
/// The exact set of bids at the deadline and who contributed: public from the closing on, so that every bidder sees whether its ciphertext is in the set before anything is opened.
/// Those who see ceremonies are also shown the journal's proof that the root is in it.
#[utoipa::path(tag = "openers", params(("tender_id" = TenderId, Path, description = "The tender"), Since),
    responses((status = 200, description = "The closing", body = ClosingView)))]
#[get("/tenders/{tender_id}/closing")]
async fn get_closing(call: Call, id: Id<TenderId>, since: Params<Since>, key: web::Data<JournalKey>) -> Answer {
    let key = Arc::clone(&key);
    people::query(call, move |snapshot, viewer| {
        let tender = tenders::store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let inside = viewer.actor.as_ref().is_some_and(|actor| actor.sees(policy::READERS, &tender));
        let row = closings::find(snapshot, tender.id)?;
        let from = since.get()?.from.unwrap_or(0);
        let journal = if inside { proof::of(snapshot, tender.tenant_id, key.verifier(), from, Some(row.entry_id))? } else { None };
        Reply::ok(&views::closing(snapshot, row, journal)?)
    })
    .await
}

/// Contribute to an opening
///
/// By an opener's program, to the closing with this root. Refused before the closing and unless the opener signed it. A contribution whose
/// proofs do not hold is kept as `wrong` with its sender's signature; the opener may send another. It counts until the bids are opened, also after the openers
/// were given up.
#[utoipa::path(tag = "openers", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = Contribution,
    responses((status = 200, description = "Kept", body = ContributionView)),
    extensions(("x-action" = json!(policy::CONTRIBUTE.name)), ("x-problems" = json!(["not_closed", "no_quorum", "already_sent", "contribution_too_late", "ceremony_refused"]))),
    security(("bearer" = [])))]
#[post("/tenders/{tender_id}/contributions")]
async fn contribute_to_opening(call: Call, id: Id<TenderId>, body: Body<Contribution, CONTRIBUTION_BYTES>) -> Answer {
    let tender = id.0;
    let desk = people::desk::admit(&call, move |db, actor| {
        closings::may(db, actor, &policy::CONTRIBUTE, tender)?;
        // Before the closing nothing is checked; the command below refuses in its turn.
        Ok(closings::desk(db, actor, tender).ok())
    })
    .await?;
    let sent = body.get().ok().cloned();
    let checked = match desk.zip(sent) {
        None => None,
        Some((desk, sent)) => Some(
            tokio::task::spawn_blocking(move || closings::check(&desk, &sent))
                .await
                .map_err(|e| Error::internal(format!("proofs: {e}")))?,
        ),
    };
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| closings::may(tx, actor, &policy::CONTRIBUTE, tender),
        move |tx, granted| {
            let sent = body.get()?;
            let file = closings::ceremony(tx, tender)?;
            closings::require_closed(tx, tender)?;
            let wrong = match &checked {
                Some(Ok(wrong)) => wrong.as_deref(),
                Some(Err(fault)) => return Err(rules::refused(fault)),
                // The tender was closed between the look and now.
                None => return Err(error::CONFLICT.error()),
            };
            let row = closings::contribute(tx, &granted, sent, wrong)?;
            Reply::ok(&views::contribution(&file, row)?)
        },
    )
    .await
}

/// Why the openers are given up.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveUpOpeners {
    /// The reason; it is journalled and told to the bidders.
    #[schema(min_length = 5, max_length = 500, example = "两名开标员的密钥已遗失，后备开标员亦无法到场。")]
    pub reason: String,
}

/// Give the openers of a tender up
///
/// By the purchaser's lead, once twice the time for reserves has passed since the closing and still too few contributed. Bidders then reveal their bids with
/// their own recovery keys (`POST /bids/{bid_id}/reveal`), within 72 hours; openers who come before the opening count all the same.
#[utoipa::path(tag = "openers", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = GiveUpOpeners,
    responses((status = 200, description = "Given up", body = ClosingView)),
    extensions(("x-action" = json!(policy::GIVE_UP.name)), ("x-problems" = json!(["not_closed", "no_quorum", "quorum_not_lost"]))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/lost-quorum")]
async fn give_up_openers(call: Call, id: Id<TenderId>, body: Body<GiveUpOpeners>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| closings::may(tx, actor, &policy::GIVE_UP, id.0),
        move |tx, granted| {
            let row = closings::give_up(tx, &granted, &body.get()?.reason)?;
            Reply::ok(&views::closing(tx, row, None)?)
        },
    )
    .await
}
