//! Decisions on plans: their form, what the rules are told of them, the budget and the days of the intention. Pure.

use chrono::{Days, NaiveDate};

use super::details::Details;
use super::model::{NewPlan, PlanRow};
use crate::kernel::error::{Fields, problems};
use crate::kernel::{Fen, Result, RuleRef};
use crate::law::{Facts, Finding, Procedure, Standing, Thresholds};
use crate::words;

problems! {
    /// More would be tendered than was planned.
    PLAN_BUDGET_EXCEEDED = "plan_budget_exceeded", 422, "超出采购计划预算", "More than the plan's budget",
        "同一计划下各采购项目最高限价之和不得超过计划预算。请降低限价，或另行报批计划。",
        "The ceilings of all tenders of a plan never add up to more than its budget. Lower the ceilings, or have another plan approved.";
    /// Tenders came out of it.
    PLAN_HAS_TENDERS = "plan_has_tenders", 409, "计划下有采购项目", "The plan has tenders",
        "计划下仍有未取消的采购项目，不能取消计划。",
        "A plan whose tenders are not cancelled cannot be cancelled.";
}

/// Budget lines of one plan.
pub const LINES_MAX: usize = 20;
/// Years that one plan may reach: the year itself and those after it.
pub const YEARS_AHEAD: i32 = 9;
/// Longest term, in months.
pub const TERM_MAX: i32 = 120;

/// Checks the form of a new or rewritten plan; `today` is the day in Shanghai.
pub fn check_form(new: &NewPlan, today: NaiveDate) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.title, "/title", 1, 200);
    fields.text(&new.need, "/need", 1, 10_000);
    fields.require((2000..=2100).contains(&new.year), "/year", || words!("须为 2000 到 2100", "must lie between 2000 and 2100"));
    fields.require((1..=TERM_MAX).contains(&new.term_months), "/term_months", || {
        words!("须为 1 到 {TERM_MAX}", "must lie between 1 and {TERM_MAX}")
    });
    fields.require(new.expected_on >= today, "/expected_on", || words!("不得早于今天", "must not be before today"));
    if let Some((name, approval)) = &new.off_catalogue {
        fields.text(name, "/off_catalogue/name", 1, 200);
        if let Some(number) = approval {
            fields.text(number, "/off_catalogue/approval_number", 1, 100);
        }
    }
    if let Some(number) = &new.procedure_approval {
        fields.text(number, "/procedure_approval", 1, 100);
    }
    check_budgets(&mut fields, new);
    check_details(&mut fields, &new.details);
    fields.finish()
}

fn check_budgets(fields: &mut Fields, new: &NewPlan) {
    let count = new.budgets.len();
    fields
        .require((1..=LINES_MAX).contains(&count), "/budgets", || words!("须有 1 到 {LINES_MAX} 行预算", "1 to {LINES_MAX} budget lines"));
    let last = new.year.saturating_add(YEARS_AHEAD);
    for (index, line) in new.budgets.iter().enumerate().take(LINES_MAX) {
        let at = |field: &str| format!("/budgets/{index}/{field}");
        fields.require(line.amount > Fen::ZERO, &at("amount"), || words!("须大于零", "must be more than zero"));
        fields.require((new.year..=last).contains(&line.year), &at("year"), || {
            words!("须为 {0} 到 {last}", "must lie between {0} and {last}", new.year)
        });
    }
    let first_year = new.budgets.iter().any(|line| line.year == new.year);
    fields.require(first_year, "/budgets", || words!("须有计划年度的预算", "one line must be of the plan's year"));
}

fn check_details(fields: &mut Fields, details: &Details) {
    let objectives = details.objectives.len();
    fields.require((1..=30).contains(&objectives), "/details/objectives", || words!("须有 1 到 30 项绩效目标", "1 to 30 objectives"));
    for (index, objective) in details.objectives.iter().enumerate().take(30) {
        let at = |field: &str| format!("/details/objectives/{index}/{field}");
        fields.text(&objective.indicator, &at("indicator"), 1, 100);
        fields.text(&objective.unit, &at("unit"), 1, 20);
        fields.require((0..=1_000_000_000_000).contains(&objective.target), &at("target"), || words!("超出范围", "out of range"));
    }
    if let Some(evaluation) = &details.prior_evaluation {
        fields.text(evaluation, "/details/prior_evaluation", 1, 1000);
    }
    let study = &details.market_study;
    fields.require((1..=20).contains(&study.sources.len()), "/details/market_study/sources", || {
        words!("须有 1 到 20 个来源", "1 to 20 sources")
    });
    for (index, source) in study.sources.iter().enumerate().take(20) {
        fields.text(&source.0, &format!("/details/market_study/sources/{index}"), 1, 300);
    }
    fields.require(study.lowest.amount_fen <= study.highest.amount_fen, "/details/market_study/highest", || {
        words!("不得低于最低价", "must not be below the lowest price")
    });
    fields.require(details.prohibited.len() <= 8, "/details/prohibited", || words!("至多 8 项", "at most 8"));
    if let Some(consultation) = &details.consultation {
        fields.text(&consultation.channel, "/details/consultation/channel", 1, 200);
        fields.text(&consultation.outcome, "/details/consultation/outcome", 1, 2000);
        fields.require((0..=10_000_000).contains(&consultation.opinions), "/details/consultation/opinions", || {
            words!("超出范围", "out of range")
        });
        fields.require(consultation.from <= consultation.to, "/details/consultation/to", || {
            words!("不得早于 from", "must not be before from")
        });
    }
}

/// What else the rules need to know of a plan.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// Sum of the budget lines.
    pub budget: Fen,
    /// What the unit buys of the item in the year other than by open tender, this plan included.
    pub item_total: Fen,
    /// The item is in the published catalogue.
    pub item_published: bool,
}

/// What the rules are told of a plan.
pub fn facts(plan: &PlanRow, details: &Details, around: Surroundings, thresholds: Option<Thresholds>) -> Facts {
    let mut facts = Facts { thresholds, ..Facts::default() };
    let purchase = &mut facts.purchase;
    purchase.procedure = Some(plan.procedure);
    purchase.is_public_service = Some(plan.public_service);
    purchase.budget = Some(around.budget);
    purchase.catalogue_listed = Some(around.item_published && plan.off_catalogue_name.is_none());
    purchase.finance_approval = Some(plan.finance_approval.is_some());
    purchase.prohibited = Some(details.prohibited.clone());
    purchase.term_months = Some(i64::from(plan.term_months));
    purchase.recurring_conditions = Some(details.recurring.is_some_and(super::details::Recurring::all));
    purchase.objectives_evaluated = Some(details.prior_evaluation.is_some());
    purchase.public_consulted = Some(details.consultation.is_some());
    purchase.other_procedure_approved = Some(plan.procedure_approval.is_some());
    purchase.item_total_in_year = Some(around.item_total);
    facts
}

/// Refuses when `planned` is more than the budget, by one fen too.
pub fn require_within(planned: Fen, budget: Fen) -> Result<()> {
    if planned <= budget {
        return Ok(());
    }
    Err(PLAN_BUDGET_EXCEEDED
        .because(words!("合计 {planned} 元，计划预算 {budget} 元", "{planned} yuan in all, the plan's budget is {budget} yuan")))
}

/// Whether the procedure is one whose intention is made public first: those of the procurement law that are run here.
pub const fn needs_intention(procedure: Procedure) -> bool {
    procedure.is_statutory()
}

/// Whether the intention was public long enough on the day the tender becomes public. Days are calendar days, the first not counted. It only
/// warns: the number is the district's setting and no confirmed rule.
pub fn intention(published: Option<NaiveDate>, tendered: NaiveDate, days: u32, source: &str) -> Finding {
    let earliest = published.and_then(|day| day.checked_add_days(Days::new(u64::from(days))));
    let met = earliest.is_some_and(|day| tendered >= day);
    Finding {
        rule: RuleRef { rule: "intention".to_owned(), legal_basis: source.to_owned() },
        standing: if met { Standing::Met } else { Standing::Warned },
        found: published.map_or_else(
            || "意向未公开 · no intention is public".to_owned(),
            |day| format!("意向 {day} 公开 · public since {day}; {tendered}"),
        ),
        required: match earliest {
            Some(day) => format!("≥ {day} ({days} calendar_day)"),
            None => format!("提前 {days} 日公开 · public {days} calendar days before"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn thirty_days_are_met_on_the_thirtieth_and_not_the_day_before() {
        let standing = |on: &str| intention(Some(day("2026-03-02")), day(on), 30, "财库").standing;
        assert_eq!(standing("2026-03-31"), Standing::Warned);
        assert_eq!(standing("2026-04-01"), Standing::Met);
        assert_eq!(intention(None, day("2026-04-01"), 30, "财库").standing, Standing::Warned);
        assert_eq!(intention(Some(day("2026-03-02")), day("2026-03-02"), 0, "财库").standing, Standing::Met);
    }

    #[test]
    fn the_budget_is_kept_to_the_fen() {
        assert!(require_within(Fen::new(100), Fen::new(100)).is_ok());
        assert_eq!(require_within(Fen::new(101), Fen::new(100)).unwrap_err().code(), "plan_budget_exceeded");
    }

    #[test]
    fn only_procedures_of_the_procurement_law_need_an_intention() {
        let needing: Vec<_> = Procedure::ALL.iter().filter(|one| needs_intention(**one)).map(|one| one.as_str()).collect();
        assert_eq!(needing, ["open_tender", "invited_tender", "consultation", "negotiation", "single_source", "framework"]);
    }
}
