//! The opening over HTTP, and its public record.

use std::sync::Arc;

use actix_web::{get, post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::record::{OpeningView, view};
use super::{closing, closing_api, files, policy, rules, service, sessions_api};
use crate::db::Facts;
use crate::kernel::id::{LotId, TenderId};
use crate::kernel::{Error, Result, error};
use crate::people;
use crate::procurement::bids::reveals;
use crate::procurement::openers::closings;
use crate::procurement::openers::model::OpenedWith;
use crate::procurement::tenders;
use crate::trust::checkpoint::JournalKey;
use crate::trust::documents::DocumentStore;
use crate::trust::sealing::{BidKey, SealingKey};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(open_tender).service(get_opening);
    config.configure(sessions_api::routes).configure(closing_api::routes);
}

/// What the opener says.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reasons": []}))]
pub struct OpenTender {
    /// Why lots go on although few bids came, where the procedure asks for a reason.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub reasons: Vec<ReasonForFew>,
}

/// Why a lot goes on although few bids came.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonForFew {
    /// Lot.
    pub lot_id: LotId,
    /// The reason; it is published.
    #[schema(min_length = 5, max_length = 1000, example = "仅一家机构具备助浴资质，需求已公告两次。")]
    pub reason: String,
}

/// Open the bids
///
/// No sooner than ten seconds after the deadline, by whom the procedure names. A lot with fewer bids than its procedure needs fails unopened;
/// otherwise every bid and its files are decrypted, checked for their binding and the price, held against each other and against the
/// bidder's standing on the day, and recorded. The bids must be those of the closing, which is published now where the server holds the key and has not done so
/// yet. Where openers hold it, enough of them must have contributed; those who come after they were given up count as well.
#[utoipa::path(tag = "opening", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = OpenTender,
    responses((status = 200, description = "The record", body = OpeningView)),
    extensions(("x-action" = json!(policy::OPEN.name)),
        ("x-problems" = json!(["opening_too_early", "already_opened", "bids_changed", "sealing_key_changed", "reason_for_few_bids_missing",
            "not_closed", "contributions_missing", "reveals_missing", "closing_differs", "conflict"]))),
    security(("bearer" = [])))]
#[post("/tenders/{tender_id}/opening")]
async fn open_tender(
    call: Call,
    id: Id<TenderId>,
    key: web::Data<SealingKey>,
    store: web::Data<DocumentStore>,
    journal: web::Data<JournalKey>,
    body: Body<OpenTender>,
) -> Answer {
    let tender = id.0;
    let (reading, now) = (call.clone(), call.desk.clock.now());
    close_first(&call, tender, &key, &store).await?;
    let prepared = call
        .desk
        .db
        .read(move |snapshot| {
            let actor = people::actor::identify(snapshot, &reading)?;
            let granted = service::may_open(snapshot, &actor, &policy::OPEN, tender)?;
            let row = granted.subject();
            // Before its time nothing is even read; the command below refuses in its turn.
            if service::check_time(row, now).is_err() {
                return Ok(None);
            }
            let opening = match closings::gathered(snapshot, row.id)? {
                None => None,
                Some(gathered) => Some(reveals::opening(snapshot, row.id, gathered, Some(now))?),
            };
            let (with, closing, sealed) =
                (closings::opened_with(snapshot, row.id)?, closings::named(snapshot, row.id)?, service::sealed_lots(snapshot, row)?);
            closing::require_same(&closing, &sealed)?;
            Ok(Some((sealed, tenders::service::least_bids(snapshot, row)?, opening, with)))
        })
        .await?;
    let key: Arc<SealingKey> = key.into_inner();
    let (judged, with) = match prepared {
        None => (service::Judged::new(), OpenedWith::Server),
        Some((sealed, least, opening, with)) => {
            let lost = |e: tokio::task::JoinError| Error::internal(format!("decryption: {e}"));
            let reveals::Keys { opens, revealed } = match opening {
                None => reveals::Keys { opens: BidKey::Server(key.clone()), revealed: None },
                Some(opening) => tokio::task::spawn_blocking(move || opening.keys()).await.map_err(lost)??,
            };
            service::check_key(&sealed, &opens)?;
            let found = files::examine(&service::to_open(&sealed, least), &store, &opens, &key).await?;
            let decrypt = move || service::decrypt(&sealed, least, &found, &opens, revealed.as_ref());
            (tokio::task::spawn_blocking(decrypt).await.map_err(lost)?, with)
        }
    };
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_open(tx, actor, &policy::OPEN, tender),
        move |tx, granted| {
            let mut reasons = service::Reasons::new();
            for (index, one) in body.get()?.reasons.iter().enumerate() {
                rules::check_reason(&one.reason, index)?;
                reasons.insert(one.lot_id, one.reason.clone());
            }
            let row = service::open(tx, &granted, &judged, with, &reasons)?;
            let version = row.version;
            Ok(Reply::ok(&view(tx, &row, &journal.verifier())?)?.tagged(version))
        },
    )
    .await
}

/// Publishes the closing of a tender whose key the server holds, if the runner has not done so yet, before a bid of it is decrypted.
async fn close_first(call: &Call, tender: TenderId, key: &SealingKey, store: &DocumentStore) -> Result<()> {
    let (reading, now, of_server) = (call.clone(), call.desk.clock.now(), key.recipient());
    let found = call
        .desk
        .db
        .read(move |snapshot| {
            let actor = people::actor::identify(snapshot, &reading)?;
            let row = service::may_open(snapshot, &actor, &policy::OPEN, tender)?.into_subject();
            let draft = closing::draft_before_opening(snapshot, &row, now, &of_server)?;
            Ok(draft.map(|draft| (row, draft)))
        })
        .await?;
    if let Some((row, draft)) = found {
        let gathered = closing::gather(draft, store).await?;
        call.desk.db.write(Facts::internal(now)?, move |tx| closing::publish_due(tx, &row, &gathered)).await?;
    }
    Ok(())
}

/// Read the opening record
///
/// Public once the bids are opened: bidders, prices, validity, who opened, what bidders said of it, and the journal's checkpoint over the opening.
#[utoipa::path(tag = "opening", params(("tender_id" = TenderId, Path, description = "The tender")), responses((status = 200, description = "The record", body = OpeningView)))]
#[get("/tenders/{tender_id}/opening")]
async fn get_opening(call: Call, id: Id<TenderId>, journal: web::Data<JournalKey>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let tender = tenders::store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        // While the session lasts, remarks come in; the checkpoint comes with the next batch of the journal.
        let shown = view(snapshot, &tender, &journal.verifier())?;
        let seconds = if shown.closed_at.is_some() && shown.checkpoint.is_some() { 60 } else { 5 };
        Ok(Reply::ok(&shown)?.public(seconds))
    })
    .await
}
