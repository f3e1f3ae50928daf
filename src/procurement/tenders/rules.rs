//! Decisions on tenders: their form and what the statutory rules say. Pure.

use chrono::NaiveDate;

use super::model::{CriterionKind, NewLot, NewTender, Procedure};
use crate::kernel::error::{Fields, problems};
use crate::kernel::{BasisPoints, Error, Fen, Result};
use crate::law::{Finding, MissingYear, Rule, Standing, WorkCalendar};
use crate::words;

problems! {
    /// A blocking rule is broken.
    RULE_BROKEN = "rule_broken", 422, "不符合法定要求", "A statutory rule is broken",
        "rule 与 legal_basis 指出条款，detail 给出现值与要求。",
        "rule and legal_basis name the article; detail gives what was found and what is required.";
    /// No rule set is in use.
    RULES_NOT_LOADED = "rules_not_loaded", 409, "尚未启用规则集", "No rule set is in use",
        "请管理员先导入规则集：baiyi import rules。",
        "Ask the administrator to import a rule set: baiyi import rules.";
    /// The calendar of a year is not loaded.
    CALENDAR_NOT_LOADED = "calendar_not_loaded", 409, "缺少该年度工作日历", "A year's working-day calendar is not loaded",
        "期限计算需要该年日历，请管理员导入：baiyi import calendar。",
        "A period cannot be computed without that year's calendar. Ask the administrator: baiyi import calendar.";
}

/// Lots of one tender. Several lots need a reservation per lot, which does not exist yet.
pub const LOTS_MAX: usize = 1;
/// Criteria of one lot.
pub const CRITERIA_MAX: usize = 20;

/// Checks the form of a new tender.
pub fn check_form(new: &NewTender) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.title, "/title", 1, 200);
    fields.text(&new.description, "/description", 1, 10_000);
    let count = new.lots.len();
    fields.require((1..=LOTS_MAX).contains(&count), "/lots", || words!("须恰好一个采购包", "exactly one lot"));
    for (index, lot) in new.lots.iter().enumerate() {
        check_lot(&mut fields, index, lot);
    }
    fields.finish()
}

fn check_lot(fields: &mut Fields, index: usize, lot: &NewLot) {
    let at = |field: &str| format!("/lots/{index}/{field}");
    fields.text(&lot.title, &at("title"), 1, 200);
    fields.require(lot.ceiling > Fen::ZERO, &at("ceiling"), || words!("须大于零", "must be more than zero"));
    fields.require((1..=CRITERIA_MAX).contains(&lot.criteria.len()), &at("criteria"), || {
        words!("须有 1 到 {CRITERIA_MAX} 项评审因素", "1 to {CRITERIA_MAX} criteria")
    });
    for (place, criterion) in lot.criteria.iter().enumerate() {
        fields.text(&criterion.name, &at(&format!("criteria/{place}/name")), 1, 100);
        fields.require(criterion.weight.get() > 0, &at(&format!("criteria/{place}/weight_bp")), || {
            words!("须大于零", "must be more than zero")
        });
    }
    let total: i64 = lot.criteria.iter().map(|c| i64::from(c.weight.get())).sum();
    let whole = i64::from(BasisPoints::WHOLE.get());
    fields.require(total == whole, &at("criteria"), || {
        words!("权重合计须为 {whole}，现为 {total}", "the weights must add up to {whole}, they add up to {total}")
    });
    let prices = lot.criteria.iter().filter(|c| c.kind == CriterionKind::Price).count();
    fields.require(prices == 1, &at("criteria"), || words!("须恰好有一项价格因素", "exactly one criterion must be the price"));
}

/// The share of the price in a lot's score.
pub fn price_weight(lot: &NewLot) -> i64 {
    lot.criteria.iter().filter(|c| c.kind == CriterionKind::Price).map(|c| i64::from(c.weight.get())).sum()
}

/// What R039 (open tender) and R029 (consultation) say of the price's weight in a service.
pub fn check_price_weight(rules: &[Rule], procedure: Procedure, on: NaiveDate, weight_bp: i64) -> Vec<Finding> {
    binding(rules, procedure, on)
        .filter_map(|rule| {
            let least = rule.figure("price_weight_min")?.number;
            let most = rule.figure("price_weight_max").map_or(i64::from(BasisPoints::WHOLE.get()), |figure| figure.number);
            let met = (least..=most).contains(&weight_bp);
            Some(rule.finding(met, format!("{weight_bp} bp"), format!("{least}–{most} bp")))
        })
        .collect()
}

/// What R019 (open tender) and R025 (consultation) say of the time for bids. The first day is not counted; a last day off rolls on.
pub fn check_bid_period(
    rules: &[Rule],
    procedure: Procedure,
    published: NaiveDate,
    deadline: NaiveDate,
    calendar: &WorkCalendar,
) -> Result<Vec<Finding>, MissingYear> {
    let mut findings = Vec::new();
    for rule in binding(rules, procedure, published) {
        let Some(figure) = rule.figure("min_bid_period") else { continue };
        // A figure that is no number of days must not read as none: its end lies in a year that is not loaded, which is refused.
        let days = u32::try_from(figure.number).unwrap_or(u32::MAX);
        let earliest = match figure.unit.as_str() {
            "working_day" => calendar.after_working_days(published, days)?,
            _ => calendar.after_calendar_days(published, days)?,
        };
        findings.push(rule.finding(deadline >= earliest, deadline.to_string(), format!("≥ {earliest} ({days} {})", figure.unit)));
    }
    Ok(findings)
}

/// Fewest suppliers with which a lot is opened: R045 for an open tender, R027 for a consultation on a service. A rule that only warns does not
/// keep bids from being opened, so then one is enough.
pub fn min_suppliers(rules: &[Rule], procedure: Procedure) -> usize {
    let (id, name) = match procedure {
        Procedure::OpenTender => ("R045", "min_suppliers"),
        Procedure::Consultation => ("R027", "min_suppliers_service"),
    };
    let blocking = rules.iter().find(|rule| rule.id == id && rule.standing(false) == Standing::Broken);
    let least = blocking.and_then(|rule| rule.figure(name)).map_or(1, |figure| figure.number);
    usize::try_from(least).unwrap_or(usize::MAX).max(1)
}

fn binding(rules: &[Rule], procedure: Procedure, on: NaiveDate) -> impl Iterator<Item = &Rule> {
    rules.iter().filter(move |rule| rule.binds(procedure.as_str(), on))
}

/// Refuses on the first broken rule; otherwise gives back the warnings.
pub fn warnings(findings: Vec<Finding>) -> Result<Vec<Finding>> {
    if let Some(broken) = findings.iter().find(|finding| finding.standing == Standing::Broken) {
        let (found, required) = (&broken.found, &broken.required);
        let refusal: Error = RULE_BROKEN.because(words!("现为 {found}，要求 {required}", "found {found}, required {required}"));
        return Err(refusal.under(broken.rule.clone()));
    }
    Ok(findings.into_iter().filter(|finding| finding.standing == Standing::Warned).collect())
}

#[cfg(test)]
mod tests {
    use super::super::model::{Mode, NewCriterion};
    use super::*;
    use crate::kernel::id::{CatalogueItemId, FundId};
    use crate::law::{Confidence, DayKind, Figure, Severity};
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(id: &str, procedure: &str, confidence: Confidence, figures: &[(&str, i64, &str)]) -> Rule {
        Rule {
            id: id.into(),
            legal_basis: "法".into(),
            article: "第1条".into(),
            procedures: vec![procedure.into()],
            severity: Severity::Block,
            confidence,
            effective_from: None,
            effective_to: None,
            figures: figures
                .iter()
                .map(|(name, number, unit)| Figure { name: (*name).into(), number: *number, unit: (*unit).into() })
                .collect(),
        }
    }

    fn calendar() -> WorkCalendar {
        WorkCalendar::new([(day("2026-10-01"), DayKind::Off), (day("2026-10-02"), DayKind::Off)])
    }

    #[test]
    fn twenty_days_block_at_the_boundary_and_not_one_day_before() {
        let rules = [rule("R019", "open_tender", Confidence::ReadInText, &[("min_bid_period", 20, "calendar_day")])];
        let check = |deadline| check_bid_period(&rules, Procedure::OpenTender, day("2026-03-02"), day(deadline), &calendar()).unwrap();
        // 2 March + 20 days is Sunday 22 March, which rolls to Monday.
        assert!(warnings(check("2026-03-22")).is_err_and(|e| e.code() == "rule_broken"));
        assert_eq!(warnings(check("2026-03-23")).unwrap(), []);
        // It does not bind a consultation.
        assert_eq!(check_bid_period(&rules, Procedure::Consultation, day("2026-03-02"), day("2026-03-03"), &calendar()).unwrap(), []);
    }

    #[test]
    fn a_figure_that_is_no_number_of_days_is_refused_and_not_read_as_none() {
        for days in [-1, i64::MAX] {
            for unit in ["calendar_day", "working_day"] {
                let rules = [rule("R019", "open_tender", Confidence::ReadInText, &[("min_bid_period", days, unit)])];
                let checked = check_bid_period(&rules, Procedure::OpenTender, day("2026-03-02"), day("2026-12-31"), &calendar());
                assert!(checked.is_err(), "{days} {unit}");
            }
        }
    }

    #[test]
    fn a_second_hand_rule_warns_with_the_figures() {
        let rules = [rule("R025", "consultation", Confidence::QuotedElsewhere, &[("min_bid_period", 10, "calendar_day")])];
        let findings = check_bid_period(&rules, Procedure::Consultation, day("2026-03-02"), day("2026-03-11"), &calendar()).unwrap();
        let warned = warnings(findings).unwrap();
        assert_eq!(warned.len(), 1);
        assert_eq!((warned[0].found.as_str(), warned[0].required.as_str()), ("2026-03-11", "≥ 2026-03-12 (10 calendar_day)"));
    }

    #[test]
    fn the_price_weight_is_judged_at_both_ends() {
        let rules = [rule(
            "R029",
            "consultation",
            Confidence::ReadInText,
            &[("price_weight_min", 1000, "basis_point"), ("price_weight_max", 3000, "basis_point")],
        )];
        let broken = |weight| warnings(check_price_weight(&rules, Procedure::Consultation, day("2026-03-02"), weight)).is_err();
        assert_eq!([999, 1000, 3000, 3001].map(broken), [true, false, false, true]);
    }

    #[test]
    fn weights_that_do_not_add_up_and_a_missing_price_are_named() {
        let criterion = |kind, weight| NewCriterion { name: "方案".into(), kind, weight: BasisPoints::new(weight).unwrap() };
        let tender = |criteria| NewTender {
            catalogue_item: CatalogueItemId::new(Uuid::nil()),
            fund: FundId::new(Uuid::nil()),
            title: "为老服务".into(),
            description: "每周两次".into(),
            mode: Mode::ContractingOut,
            procedure: Procedure::Consultation,
            plain_offers: true,
            lots: vec![NewLot { title: "包一".into(), ceiling: Fen::new(1), criteria }],
        };
        let good = vec![criterion(CriterionKind::Quality, 8000), criterion(CriterionKind::Price, 2000)];
        assert!(check_form(&tender(good)).is_ok());
        let short = vec![criterion(CriterionKind::Quality, 7999), criterion(CriterionKind::Price, 2000)];
        assert!(check_form(&tender(short)).unwrap_err().to_string().contains("9999"));
        let priceless = vec![criterion(CriterionKind::Quality, 10_000)];
        assert!(check_form(&tender(priceless)).unwrap_err().to_string().contains("/lots/0/criteria"));
    }

    #[test]
    fn the_fewest_suppliers_come_from_a_rule_that_blocks() {
        let open = rule("R045", "open_tender", Confidence::ReadInText, &[("min_suppliers", 3, "count")]);
        let consultation = |confidence| rule("R027", "consultation", confidence, &[("min_suppliers_service", 2, "count")]);
        let least = |confidence, procedure| min_suppliers(&[open.clone(), consultation(confidence)], procedure);
        assert_eq!(least(Confidence::QuotedElsewhere, Procedure::OpenTender), 3);
        assert_eq!(least(Confidence::QuotedElsewhere, Procedure::Consultation), 1, "second-hand: it warns");
        assert_eq!(least(Confidence::Confirmed, Procedure::Consultation), 2);
        assert_eq!(min_suppliers(&[], Procedure::OpenTender), 1);
    }
}
