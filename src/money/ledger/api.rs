//! The ledger over HTTP: its integrity.

use actix_web::get;
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::invariants::{self, INVARIANTS};
use super::policy;
use crate::people;
use crate::people::policy::{District, authorize};
use crate::web::{Answer, Call, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(check_ledger);
}

/// What a check of the ledger found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IntegrityView {
    /// Whether every invariant holds.
    pub holds: bool,
    /// Every invariant.
    #[schema(max_items = 32)]
    pub invariants: Vec<InvariantView>,
}

/// One invariant and what breaks it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvariantView {
    /// Stable name.
    #[schema(example = "postings_balance")]
    pub name: &'static str,
    /// What must hold, 中文.
    #[schema(example = "每笔记账在其资金账户内借贷平衡")]
    pub statement_zh: &'static str,
    /// What must hold, English.
    #[schema(example = "Every posting has legs, all in its own fund, and they add up to zero.")]
    pub statement: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// Ids of what breaks it, at most 100.
    #[schema(max_items = 100, example = json!([]))]
    pub violations: Vec<String>,
}

/// Check the ledger
///
/// Runs every invariant of the ledger over the district's money, in one snapshot, and names what breaks it.
#[utoipa::path(tag = "ledger", responses((status = 200, description = "What was found", body = IntegrityView)),
    extensions(("x-action" = json!(policy::CHECK.name))), security(("bearer" = [])))]
#[get("/ledger/integrity")]
async fn check_ledger(call: Call) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        authorize(actor, &policy::CHECK, District(actor.tenant))?;
        let mut views = Vec::with_capacity(INVARIANTS.len());
        for invariant in INVARIANTS {
            let found = invariants::check_of(snapshot, invariant, actor.tenant)?;
            views.push(InvariantView {
                name: invariant.name,
                statement_zh: invariant.statement_zh,
                statement: invariant.statement_en,
                holds: found.is_empty(),
                violations: found.into_iter().map(|violation| violation.subject).collect(),
            });
        }
        Reply::ok(&IntegrityView { holds: views.iter().all(|view| view.holds), invariants: views })
    })
    .await
}
