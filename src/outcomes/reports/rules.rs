//! Decisions on reports: what a report must say of each indicator. Pure; the days of periods are in `periods`.

use chrono::NaiveDate;

use super::model::{EvidenceFacts, Findings, NewValue};
use super::periods::Span;
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::outcomes::projects::rules::{MEASURE_MAX, check_measure};
use crate::outcomes::projects::{IndicatorKind, IndicatorRow};
use crate::words;

/// Longest summary, in characters.
pub const SUMMARY_MAX: usize = 4_000;
/// Longest note on a value, in characters.
pub const NOTE_MAX: usize = 500;
/// Most dimensions of a value.
pub const SPLITS_MAX: usize = 10;
/// Most parts of a dimension.
pub const PARTS_MAX: usize = 100;
/// Longest name of a dimension or part, in characters.
pub const LABEL_MAX: usize = 64;
/// Longest place of an evidence file, in characters.
pub const PLACE_MAX: usize = 200;

/// Checks a period on a day: there is nothing to report of one that has not begun.
pub fn check_period(period: &str, today: NaiveDate) -> Result<()> {
    let mut fields = Fields::default();
    let span = Span::of(period);
    fields.require(span.is_some(), "/period", || {
        words!("须形如 2026、2026-H1、2026-Q1 或 2026-03", "must look like 2026, 2026-H1, 2026-Q1 or 2026-03")
    });
    fields.require(span.is_none_or(|span| span.first <= today), "/period", || words!("该期尚未开始", "has not begun"));
    fields.finish()
}

/// Whether the last day of a period is past.
pub fn is_over(period: &str, today: NaiveDate) -> bool {
    Span::of(period).is_some_and(|span| span.last < today)
}

/// Checks that each indicator has exactly one value which its kind can hold.
pub fn check_findings(findings: &Findings, indicators: &[IndicatorRow]) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&findings.summary, "/summary", 1, SUMMARY_MAX);
    for (place, value) in findings.values.iter().enumerate().take(indicators.len().saturating_add(1)) {
        let at = format!("/values/{place}");
        let twice = findings.values.iter().take(place).any(|other| other.indicator == value.indicator);
        fields.require(!twice, &format!("{at}/indicator_id"), || words!("同一指标填了两次", "this indicator has two values"));
        match indicators.iter().find(|indicator| indicator.id == value.indicator) {
            None => fields.require(false, &format!("{at}/indicator_id"), || words!("不是本项目的指标", "not an indicator of this project")),
            Some(indicator) => check_measure(&mut fields, indicator.kind, value.actual, &format!("{at}/actual")),
        }
        fields.text(&value.note, &format!("{at}/note"), 0, NOTE_MAX);
        if let Some(indicator) = indicators.iter().find(|indicator| indicator.id == value.indicator) {
            check_share(&mut fields, indicator, value, &at);
            check_splits(&mut fields, indicator, value, &at);
        }
    }
    for indicator in indicators {
        let given = findings.values.iter().any(|value| value.indicator == indicator.id);
        fields.require(given, "/values", || words!("缺少指标「{0}」", "the indicator {0} has no value", indicator.name_zh));
    }
    fields.finish()
}

/// Checks the reason of an exception at a verification, which the parameter gives.
pub fn check_exception(reason: &str, parameter: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(reason, &format!("?{parameter}"), 1, NOTE_MAX);
    fields.finish()
}

/// Checks what is said of an evidence file on a day.
pub fn check_evidence(facts: &EvidenceFacts, indicators: &[IndicatorRow], today: NaiveDate) -> Result<()> {
    let mut fields = Fields::default();
    let known = facts.indicator.is_none_or(|id| indicators.iter().any(|indicator| indicator.id == id));
    fields.require(known, "?indicator_id", || words!("不是本项目的指标", "not an indicator of this project"));
    fields.require(facts.taken_on.is_none_or(|day| day <= today), "?taken_on", || words!("不得晚于今日", "must not be after today"));
    if let Some(place) = &facts.place {
        fields.text(place, "?place", 1, PLACE_MAX);
    }
    fields.finish()
}

/// A share in basis points, a half rounded up; none of nothing.
pub fn basis_points(numerator: i64, denominator: i64) -> Option<i64> {
    let doubled = i128::from(numerator).checked_mul(20_000)?.checked_add(i128::from(denominator))?;
    i64::try_from(doubled.checked_div(i128::from(denominator).checked_mul(2)?)?).ok()
}

/// A share belongs to a ratio, lies within its whole and is the number that is reported. Shares are added up by their parts, never averaged.
fn check_share(fields: &mut Fields, indicator: &IndicatorRow, value: &NewValue, at: &str) {
    let Some((numerator, denominator)) = value.share else {
        let needed = indicator.kind == IndicatorKind::Ratio && indicator.aggregatable;
        fields.require(!needed, &format!("{at}/numerator"), || {
            words!("可汇总的比率须填写分子与分母", "a ratio that is added up needs numerator and denominator")
        });
        return;
    };
    let within =
        indicator.kind == IndicatorKind::Ratio && denominator > 0 && (0..=denominator).contains(&numerator) && denominator <= MEASURE_MAX;
    fields.require(within, &format!("{at}/denominator"), || {
        words!("只有比率有分子分母，且分子不大于分母", "only a ratio has them, the numerator within the denominator")
    });
    let said = within && basis_points(numerator, denominator) == Some(value.actual);
    fields.require(!within || said, &format!("{at}/actual"), || words!("与分子分母不符", "is not numerator over denominator"));
}

/// The parts of a count along a dimension, with what is unknown, add up to it exactly.
fn check_splits(fields: &mut Fields, indicator: &IndicatorRow, value: &NewValue, at: &str) {
    fields.require(value.splits.is_empty() || indicator.kind == IndicatorKind::Count, &format!("{at}/splits"), || {
        words!("只有计数可以分解", "only a count is split")
    });
    fields.require(value.splits.len() <= SPLITS_MAX, &format!("{at}/splits"), || {
        words!("最多 {SPLITS_MAX} 个维度", "at most {SPLITS_MAX} dimensions")
    });
    for (place, split) in value.splits.iter().enumerate().take(SPLITS_MAX) {
        let at = format!("{at}/splits/{place}");
        fields.text(&split.dimension, &format!("{at}/dimension"), 1, LABEL_MAX);
        let twice = value.splits.iter().take(place).any(|other| other.dimension.trim() == split.dimension.trim());
        fields.require(!twice, &format!("{at}/dimension"), || words!("维度重复", "the dimension is named twice"));
        let mut names: Vec<&str> = split.parts.iter().map(|(name, _)| name.trim()).collect();
        names.sort_unstable();
        names.dedup();
        let named = names.len() == split.parts.len() && split.parts.len() <= PARTS_MAX;
        let fit = split.parts.iter().all(|(name, number)| !name.trim().is_empty() && name.chars().count() <= LABEL_MAX && *number >= 0);
        fields.require(named && fit && split.unknown >= 0, &format!("{at}/parts"), || {
            words!(
                "各部分须有名称且不重复、不为负，最多 {PARTS_MAX} 项",
                "parts have names, each once, none below zero, at most {PARTS_MAX}"
            )
        });
        let sum = split.parts.iter().fold(i128::from(split.unknown), |sum, (_, number)| sum.saturating_add(i128::from(*number)));
        let actual = value.actual;
        fields.require(sum == i128::from(actual), &format!("{at}/parts"), || {
            words!("各部分与未知数合计 {sum}，须等于 {actual}", "the parts and what is unknown add up to {sum}, not to {actual}")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::NewSplit;
    use super::*;
    use crate::kernel::id::{IndicatorId, ProjectId, TenantId};
    use crate::outcomes::projects::model::{Accumulation, Frequency, IndicatorDirection};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn indicator(id: u128, kind: IndicatorKind) -> IndicatorRow {
        IndicatorRow {
            id: IndicatorId::new(Uuid::from_u128(id)),
            tenant_id: TenantId::new(Uuid::nil()),
            project_id: ProjectId::new(Uuid::nil()),
            position: 1,
            name_zh: format!("指标{id}"),
            unit_label: "人次".into(),
            kind,
            direction: IndicatorDirection::Up,
            baseline: 0,
            target: 1,
            accumulation: Accumulation::Cumulative,
            aggregatable: false,
            method: None,
            source: None,
            frequency: Frequency::Year,
            version: 1,
        }
    }

    fn value(id: u128, actual: i64) -> NewValue {
        NewValue::of(IndicatorId::new(Uuid::from_u128(id)), actual)
    }

    fn refusal(values: Vec<NewValue>) -> String {
        let indicators = [indicator(1, IndicatorKind::Count), indicator(2, IndicatorKind::Ratio)];
        check_findings(&Findings { summary: "完成".into(), values }, &indicators).map_or_else(|e| e.to_string(), |()| String::new())
    }

    #[test]
    fn each_indicator_has_exactly_one_value_that_its_kind_can_hold() {
        assert_eq!(refusal(vec![value(1, 812), value(2, 9_300)]), "");
        assert!(refusal(vec![value(1, 1)]).contains("/values: the indicator 指标2"));
        assert!(refusal(vec![value(1, 1), value(1, 2), value(2, 0)]).contains("/values/1/indicator_id"));
        assert!(refusal(vec![value(1, 1), value(2, 0), value(3, 0)]).contains("/values/2/indicator_id"));
        assert!(refusal(vec![value(1, -1), value(2, 10_001)]).contains("/values/0/actual"));
        assert!(refusal(vec![value(1, 1), value(2, 10_001)]).contains("/values/1/actual"));
    }

    fn today() -> NaiveDate {
        "2026-12-01".parse().unwrap()
    }

    #[test]
    fn a_period_is_reported_once_it_has_begun_and_is_over_after_its_last_day() {
        let on = |day: &str| -> NaiveDate { day.parse().unwrap() };
        assert!(check_period("2026-Q2", on("2026-03-31")).is_err() && check_period("2026-Q2", on("2026-04-01")).is_ok());
        assert!(!is_over("2026-Q2", on("2026-06-30")) && is_over("2026-Q2", on("2026-07-01")));
        assert!(!is_over("2026", on("2026-12-31")) && is_over("2026", on("2027-01-01")));
    }

    #[test]
    fn a_period_is_a_year_a_half_a_quarter_or_a_month() {
        for good in ["2026", "2026-Q1", "2026-Q4", "2026-H2", "2026-01", "2026-12"] {
            assert!(check_period(good, today()).is_ok(), "{good}");
        }
        for bad in [
            "",
            "26",
            "2026-",
            "2026-Q5",
            "2026-Q0",
            "2026-q1",
            "2026-13",
            "2026-00",
            "2026-1",
            "1999",
            "2026-Q1-1",
            "２０２６",
            "2026-季1",
        ] {
            assert!(check_period(bad, today()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_share_is_its_parts_and_only_a_ratio_has_one() {
        let ratio = |share, actual| refusal(vec![value(1, 1), NewValue { share: Some(share), ..value(2, actual) }]);
        assert_eq!(ratio((19, 20), 9_500), "");
        assert_eq!(ratio((2, 3), 6_667), "");
        assert!(ratio((2, 3), 6_666).contains("/values/1/actual"));
        assert!(ratio((21, 20), 10_000).contains("/values/1/denominator") && ratio((0, 0), 0).contains("/values/1/denominator"));
        assert!(refusal(vec![NewValue { share: Some((1, 1)), ..value(1, 10_000) }, value(2, 0)]).contains("/values/0/denominator"));
    }

    #[test]
    fn the_parts_of_a_count_add_up_or_what_is_unknown_is_said() {
        let split = |parts: &[(&str, i64)], unknown| NewSplit {
            dimension: "社区".into(),
            parts: parts.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect(),
            unknown,
        };
        let count = |splits: Vec<NewSplit>| refusal(vec![NewValue { splits, ..value(1, 812) }, value(2, 0)]);
        assert_eq!(count(vec![split(&[("月河", 500), ("飞英", 312)], 0)]), "");
        assert_eq!(count(vec![split(&[("月河", 500)], 312)]), "");
        assert!(count(vec![split(&[("月河", 500)], 311)]).contains("/values/0/splits/0/parts"));
        assert!(count(vec![split(&[("月河", 406), ("月河 ", 406)], 0)]).contains("/values/0/splits/0/parts"));
        assert!(count(vec![split(&[("月河", 813)], -1)]).contains("/values/0/splits/0/parts"));
        assert!(count(vec![split(&[], 812), split(&[], 812)]).contains("/values/0/splits/1/dimension"));
        assert!(refusal(vec![value(1, 0), NewValue { splits: vec![split(&[], 5)], ..value(2, 5) }]).contains("/values/1/splits"));
    }

    proptest! {
        #[test]
        fn a_share_lies_within_its_whole_and_its_error_within_half_a_basis_point(denominator in 1..=MEASURE_MAX, part in 0.0_f64..=1.0) {
            let numerator = ((denominator as f64) * part) as i64;
            let share = basis_points(numerator, denominator).unwrap();
            prop_assert!((0..=10_000).contains(&share));
            let error = (i128::from(share) * i128::from(denominator) - i128::from(numerator) * 10_000).abs();
            prop_assert!(error * 2 <= i128::from(denominator));
        }

        #[test]
        fn any_text_is_judged_without_a_panic(text in "\\PC{0,12}") {
            prop_assert!(check_period(&text, today()).is_err() || text.is_ascii());
        }
    }
}
