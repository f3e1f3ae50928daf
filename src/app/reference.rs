//! The reference data that comes with the program: the tables of `data/`, for the demo and for tests.

use crate::db::Tx;
use crate::kernel::Result;
use crate::kernel::id::TenantId;
use crate::market::catalogues;
use crate::money::funds;
use crate::parties::{areas, regulations};
use crate::people::policy::{District, authorize_operator};
use crate::procurement::plans;

const AREAS: &str = include_str!("../../data/areas.csv");
const RULES: &str = include_str!("../../data/rules.csv");
const FIGURES: &str = include_str!("../../data/rule-figures.csv");
const CALENDAR: &str = include_str!("../../data/calendar-2026.csv");
const THRESHOLDS: &str = include_str!("../../data/thresholds-2026.csv");
const SUBJECTS: &str = include_str!("../../data/budget-subjects.csv");
const EXCLUSIONS: &str = include_str!("../../data/stream-exclusions.csv");
const PLAN_SETTINGS: &str = include_str!("../../data/plan-settings.csv");
const CATALOGUE: &str = include_str!("../../data/guiding-catalogue.csv");

/// Imports every table into a district that has none of them; returns what came in and how many rows.
pub fn import_reference_data(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<(&'static str, usize)>> {
    let areas = areas::import_csv(tx, &authorize_operator(&areas::policy::IMPORT, District(tenant)), AREAS.as_bytes())?;
    let law = authorize_operator(&regulations::policy::IMPORT, District(tenant));
    let rules = regulations::import_rules(tx, &law, "2026-01", RULES.as_bytes(), FIGURES.as_bytes())?;
    let calendar = regulations::import_calendar(tx, &law, CALENDAR.as_bytes())?;
    let thresholds = regulations::import_thresholds(tx, &law, THRESHOLDS.as_bytes())?;
    let subjects = regulations::import_budget_subjects(tx, &law, SUBJECTS.as_bytes())?;
    let exclusions =
        funds::service::import_exclusions(tx, &authorize_operator(&funds::policy::IMPORT, District(tenant)), EXCLUSIONS.as_bytes())?;
    let keeper = authorize_operator(&catalogues::policy::IMPORT, District(tenant));
    let (edition, items) = catalogues::import_edition(tx, &keeper, "2026", CATALOGUE.as_bytes())?;
    catalogues::service::publish(tx, &authorize_operator(&catalogues::policy::PUBLISH, edition))?;
    let none_yet = {
        let now = tx.now();
        plans::settings::of(tx, tenant, now)?
    };
    let settings = plans::settings::import_csv(tx, &authorize_operator(&plans::policy::SETTINGS, none_yet), PLAN_SETTINGS.as_bytes())?;
    Ok(vec![
        ("areas", areas.rows),
        ("rules", rules.rows),
        ("calendar", calendar.rows),
        ("thresholds", thresholds.rows),
        ("budget subjects", subjects.rows),
        ("stream exclusions", exclusions),
        ("catalogue", items.rows),
        ("plan settings", settings.rows),
    ])
}
