//! A table of imported purchases over HTTP.

use actix_web::post;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{import, policy, service};
use crate::kernel::error;
use crate::people;
use crate::web::limits::IMPORT_BYTES;
use crate::web::table::Imported;
use crate::web::{Answer, Call, RawBody, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(import_external_table);
}

/// Import a table of purchases run elsewhere
///
/// A UTF-8 CSV with one lot a row and the columns `catalogue_item_id,fund_id,title,description,mode,plan_number,platform,announcement_url,procedure_used,
/// announced_on,deadline_on,bidders,notice_number,notice_url,awarded_on,uscc,ceiling_fen,price_fen`. Every bad row is reported with its line; all rows come
/// in or none.
#[utoipa::path(tag = "external tenders", request_body(content = String, content_type = "text/csv", description = "The table, at most 2 MiB"),
    responses((status = 200, description = "Imported", body = Imported)),
    extensions(("x-action" = json!(policy::IMPORT.name)), ("x-problems" = json!(["unsupported_media_type", "rules_not_loaded", "calendar_not_loaded"])),
        ("x-body-example" = json!("catalogue_item_id,fund_id,title,description,mode,plan_number,platform,announcement_url,procedure_used,announced_on,deadline_on,bidders,notice_number,notice_url,awarded_on,uscc,ceiling_fen,price_fen\n"))),
    security(("bearer" = [])))]
#[post("/external-tenders/import")]
async fn import_external_table(call: Call, body: RawBody<IMPORT_BYTES>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_create(actor, &policy::IMPORT),
        move |tx, granted| {
            if body.media_type != "text/csv" {
                return Err(error::UNSUPPORTED_MEDIA_TYPE.because(words!("须为 text/csv", "expected text/csv")));
            }
            Reply::ok(&import::import_csv(tx, &granted, body.get()?)?)
        },
    )
    .await
}
