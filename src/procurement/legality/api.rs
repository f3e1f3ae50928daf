//! The legality sheet over HTTP.

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use actix_web::get;

use super::gather;
use crate::kernel::error;
use crate::kernel::id::{LotId, RuleSetId, TenderId};
use crate::law::{self, Confidence, Entry, Facts, Gate, Level, SheetStanding};
use crate::parties::regulations;
use crate::people;
use crate::procurement::tenders::api::visible;
use crate::procurement::tenders::{service, store};
use crate::web::{Answer, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_legality);
}

/// The legality sheet of a tender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LegalityView {
    /// Tender.
    pub tender_id: TenderId,
    /// The rule set it keeps.
    pub rule_set_id: RuleSetId,
    /// The day in Shanghai on which it was judged.
    pub on: NaiveDate,
    /// A sheet for every lot.
    #[schema(max_items = 20)]
    pub lots: Vec<LotLegality>,
}

/// The legality sheet of a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LotLegality {
    /// Lot.
    pub lot_id: LotId,
    /// Number inside the tender.
    #[schema(example = 1)]
    pub number: i32,
    /// Every rule that applies, in the order of the set.
    #[schema(max_items = 1000)]
    pub entries: Vec<EntryView>,
}

/// How one rule stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EntryView {
    /// Rule.
    #[schema(example = "R019")]
    pub rule: String,
    /// Statute and article.
    #[schema(example = "政府采购法 第35条")]
    pub legal_basis: String,
    /// Met, warned, broken or not yet.
    pub standing: SheetStanding,
    /// The first step at which it decides; null when people judge it.
    pub gate: Option<Gate>,
    /// What was found.
    #[schema(example = "2026-03-23")]
    pub found: Option<String>,
    /// What is required.
    #[schema(example = "≥ 2026-03-23 (20 calendar_day)")]
    pub required: Option<String>,
    /// The day by which.
    pub by: Option<NaiveDate>,
    /// How sure the rule's reading is; only a sure rule blocks.
    pub confidence: Confidence,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self {
            rule: entry.rule.rule,
            legal_basis: entry.rule.legal_basis,
            standing: entry.standing,
            gate: entry.gate,
            found: entry.found,
            required: entry.required,
            by: entry.by,
            confidence: entry.confidence,
        }
    }
}

/// Read the legality sheet of a tender
///
/// For each lot every rule that applies by the rule set that the tender keeps: met, warned, broken or not yet, with the figure found, the
/// figure required and the day by which. Seen by whoever sees the tender; nothing of sealed bids is in it.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")), responses((status = 200, description = "The sheet", body = LegalityView)),
    extensions(("x-problems" = json!(["calendar_not_loaded", "rule_incomplete"]))))]
#[get("/tenders/{tender_id}/legality")]
async fn get_legality(call: Call, id: Id<TenderId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let tender =
            store::find(snapshot, viewer.tenant, id.0)?.filter(|row| visible(row, viewer)).ok_or_else(|| error::NOT_FOUND.error())?;
        let file = service::file_of(snapshot, tender)?;
        let rules = regulations::rules_of(snapshot, file.tender.rule_set_id)?;
        let calendar = regulations::calendar(snapshot, viewer.tenant)?;
        let thresholds = regulations::thresholds_of(snapshot, viewer.tenant, today.year(), Level::District)?;
        let known = gather::of_tender(snapshot, &file)?;
        let mut lots = Vec::new();
        for (lot, facts) in file.lots.iter().zip(known) {
            let entries = law::sheet(&rules, &Facts { thresholds, ..facts }, &calendar, today)?;
            lots.push(LotLegality { lot_id: lot.id, number: lot.number, entries: entries.into_iter().map(EntryView::from).collect() });
        }
        Reply::ok(&LegalityView { tender_id: file.tender.id, rule_set_id: file.tender.rule_set_id, on: today, lots })
    })
    .await
}
