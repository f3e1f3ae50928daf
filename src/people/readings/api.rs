//! The reading log over HTTP.

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::policy;
use super::store::{self, ReadingRow};
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, AnyId, ApiTokenId};
use crate::people;
use crate::people::policy::{District, authorize};
use crate::web::{Answer, Call, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_readings);
}

/// One reading.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReadingView {
    /// Id.
    pub id: AnyId,
    /// Who read.
    pub account_id: AccountId,
    /// The machine token that was used, if one was.
    pub token_id: Option<ApiTokenId>,
    /// Method and path.
    #[schema(example = "GET /api/v1/cases/0192f0c1-7a10-7000-8000-000000000001")]
    pub operation: String,
    /// `personal_data`, `bid_content`, or `audit` for whatever an auditor reads.
    #[schema(example = "audit")]
    pub why: String,
    /// The request, as in the server's log.
    pub request_id: Option<AnyId>,
    /// When.
    pub created_at: UtcInstant,
}

impl From<ReadingRow> for ReadingView {
    fn from(row: ReadingRow) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            token_id: row.token_id,
            operation: row.operation,
            why: row.why,
            request_id: row.request_id,
            created_at: row.created_at,
        }
    }
}

/// Filters of the reading log.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListReadings {
    /// Only what this account read.
    account_id: Option<AccountId>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List readings
///
/// Who read personal data and the content of bids, and everything that auditors read. Newest first. Reading this log is a reading too.
#[utoipa::path(tag = "accounts", params(ListReadings), responses((status = 200, description = "A page of readings", body = Page<ReadingView>)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/readings")]
async fn list_readings(call: Call, params: Params<ListReadings>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        authorize(actor, &policy::READ, District(actor.tenant))?;
        let asked = params.get()?;
        let page = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("readings {:?}", asked.account_id))?;
        let before = page.after_instant()?.map(|(at, id)| (at, AnyId::new(id)));
        let rows = store::list(snapshot, actor.tenant, asked.account_id, before, page.rows())?;
        let key = |row: &ReadingRow| (row.created_at.to_string(), row.id.uuid());
        Ok(Reply::page(&page.page(rows, key, ReadingView::from), &params.path, &params.raw)?.logged(super::PERSONAL_DATA))
    })
    .await
}
