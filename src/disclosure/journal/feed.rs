//! The feed of the journal's entries, in the order of the tree, for auditors who follow what changes.

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::hidden::hidden;
use super::policy;
use crate::kernel::id::{AccountId, AnyId, CaseId, JournalEntryId};
use crate::kernel::{Error, UtcInstant};
use crate::people;
use crate::people::policy::{District, authorize};
use crate::trust::journal::{self, FeedRow};
use crate::web::{Answer, Call, Page, PageRequest, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_journal_entries);
}

/// One entry of the journal. Its text is in the audit bundle. Of one that would tell who bids, or that is of a case outside an auditor's notices, only its place,
/// instant and leaf are shown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct JournalEntryView {
    /// Index in the tree.
    #[schema(example = 1204)]
    pub index: i64,
    /// The entry.
    pub entry_id: JournalEntryId,
    /// When.
    pub at: UtcInstant,
    /// Whether everything but its place, instant and leaf is withheld.
    #[schema(example = false)]
    pub withheld: bool,
    /// Who; null for the system.
    pub actor_id: Option<AccountId>,
    /// What.
    #[schema(example = "tender.published")]
    pub action: Option<String>,
    /// To what kind of resource.
    #[schema(example = "tender")]
    pub resource_kind: Option<String>,
    /// To which.
    pub resource_id: Option<AnyId>,
    /// Its version after the change.
    #[schema(example = 4)]
    pub resource_version: Option<i64>,
    /// The case, if it belongs to one.
    pub case_id: Option<CaseId>,
    /// The leaf, in hexadecimal digits.
    #[schema(example = "b8c6e7…")]
    pub leaf_hash: String,
}

impl JournalEntryView {
    fn of(row: FeedRow, withheld: bool) -> Self {
        let shown = !withheld;
        Self {
            index: row.sequence.unwrap_or_default(),
            entry_id: row.id,
            at: row.at,
            withheld,
            actor_id: row.actor_id.filter(|_| shown),
            action: shown.then_some(row.action),
            resource_kind: shown.then_some(row.resource_kind),
            resource_id: shown.then_some(row.resource_id),
            resource_version: shown.then_some(row.resource_version),
            case_id: row.case_id.filter(|_| shown),
            leaf_hash: hex::encode(row.leaf_hash),
        }
    }
}

/// Which entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEntries {
    /// Only entries of this case.
    case_id: Option<CaseId>,
    /// Entries with this index or a later one.
    #[param(minimum = 0, maximum = 9_000_000_000_000_000_i64, example = 1000)]
    from: Option<i64>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List entries of the journal
///
/// The district's entries in the order of the tree, oldest first. What would tell who bids before the opening, or who asked a question, is withheld, and so is
/// what is of a case outside an auditor's notices; asked for by case, withheld entries are left out. An entry that is listed stays where it is, and none comes before it later: follow the
/// feed by asking again from the index after the last one.
#[utoipa::path(tag = "journal", params(ListEntries), responses((status = 200, description = "A page of entries", body = Page<JournalEntryView>)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/journal/entries")]
async fn list_journal_entries(call: Call, params: Params<ListEntries>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        authorize(actor, &policy::READ, District(actor.tenant))?;
        let asked = params.get()?;
        let from = asked.from.unwrap_or(0);
        let page = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("journal {:?} {from}", asked.case_id))?;
        let after = page.after.as_ref().map(|(index, _)| index.parse::<i64>()).transpose();
        let after = after.map_err(|_| Error::field("?after", words!("游标无效", "the cursor is invalid")))?;
        let from = after.map_or(from, |after| after.saturating_add(1));
        let rows = journal::feed(snapshot, actor.tenant, asked.case_id, from, page.rows())?;
        let hidden = hidden(snapshot, actor, &rows)?;
        let key = |row: &FeedRow| (row.sequence.unwrap_or_default().to_string(), row.id.uuid());
        let mut shown = page.page(rows, key, |row| {
            let withheld = hidden.contains(&row.id);
            JournalEntryView::of(row, withheld)
        });
        if asked.case_id.is_some() {
            shown.items.retain(|entry| !entry.withheld);
        }
        Reply::page(&shown, &params.path, &params.raw)
    })
    .await
}
