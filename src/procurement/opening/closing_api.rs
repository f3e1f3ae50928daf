//! The closing over HTTP.

use actix_web::{post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::closing;
use crate::kernel::id::TenderId;
use crate::people;
use crate::procurement::openers::policy;
use crate::procurement::openers::views::{self, ClosingView};
use crate::trust::documents::DocumentStore;
use crate::trust::sealing::SealingKey;
use crate::web::{Answer, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(close_tender);
}

/// Publish the closing of a tender
///
/// No sooner than ten seconds after the deadline: the exact set of bids, hashed into a root that the journal names. From then no bid comes in, and openers
/// may contribute where they hold the key. The server publishes it by itself at that time; what was published before is given again.
#[utoipa::path(tag = "openers", params(("tender_id" = TenderId, Path, description = "The tender")),
    responses((status = 200, description = "Published", body = ClosingView)),
    extensions(("x-action" = json!(policy::CLOSE.name)), ("x-problems" = json!(["opening_too_early", "already_opened", "ceremony_incomplete", "bids_changed"]))),
    security(("bearer" = [])))]
#[post("/tenders/{tender_id}/closing")]
async fn close_tender(call: Call, id: Id<TenderId>, store: web::Data<DocumentStore>, key: web::Data<SealingKey>) -> Answer {
    let (tender, now, of_server) = (id.0, call.desk.clock.now(), key.recipient());
    let draft = people::desk::admit(&call, move |db, actor| {
        let granted = closing::may(db, actor, tender)?;
        // What refuses here refuses in the command too, in its turn.
        Ok(closing::draft(db, granted.subject(), now, &of_server).ok().flatten())
    })
    .await?;
    let gathered = match draft {
        None => None,
        Some(draft) => Some(closing::gather(draft, &store).await?),
    };
    people::command(
        call,
        [0; 32],
        move |tx, actor| closing::may(tx, actor, tender),
        move |tx, granted| {
            let row = closing::publish(tx, &granted, gathered.as_ref())?;
            Reply::ok(&views::closing(tx, row, None)?)
        },
    )
    .await
}
