//! Decisions on reports: the form of a period and what a report must say of each indicator. Pure.

use super::model::Findings;
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::outcomes::projects::IndicatorRow;
use crate::outcomes::projects::rules::check_measure;
use crate::words;

/// Longest summary, in characters.
pub const SUMMARY_MAX: usize = 4_000;
/// Longest note on a value, in characters.
pub const NOTE_MAX: usize = 500;

/// Whether the text names a year, a half, a quarter or a month: `2026`, `2026-H1`, `2026-Q1`, `2026-03`.
pub fn is_period(text: &str) -> bool {
    let (year, part) = text.split_once('-').map_or((text, None), |(year, part)| (year, Some(part)));
    let is_year = year.len() == 4 && year.starts_with("20") && year.bytes().all(|byte| byte.is_ascii_digit());
    let is_part = match part {
        None => true,
        Some(part) => match part.split_at_checked(1) {
            Some(("Q", number)) => matches!(number, "1" | "2" | "3" | "4"),
            Some(("H", number)) => matches!(number, "1" | "2"),
            _ => part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) && ("01"..="12").contains(&part),
        },
    };
    is_year && is_part
}

/// Checks a period.
pub fn check_period(period: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(is_period(period), "/period", || {
        words!("须形如 2026、2026-H1、2026-Q1 或 2026-03", "must look like 2026, 2026-H1, 2026-Q1 or 2026-03")
    });
    fields.finish()
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
    }
    for indicator in indicators {
        let given = findings.values.iter().any(|value| value.indicator == indicator.id);
        fields.require(given, "/values", || words!("缺少指标「{0}」", "the indicator {0} has no value", indicator.name_zh));
    }
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::super::model::NewValue;
    use super::*;
    use crate::kernel::id::{IndicatorId, ProjectId, TenantId};
    use crate::outcomes::projects::IndicatorKind;
    use crate::outcomes::projects::model::IndicatorDirection;
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
        }
    }

    fn value(id: u128, actual: i64) -> NewValue {
        NewValue { indicator: IndicatorId::new(Uuid::from_u128(id)), actual, note: String::new() }
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

    #[test]
    fn a_period_is_a_year_a_half_a_quarter_or_a_month() {
        for good in ["2026", "2026-Q1", "2026-Q4", "2026-H2", "2026-01", "2026-12"] {
            assert!(is_period(good), "{good}");
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
            assert!(!is_period(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(text in "\\PC{0,12}") {
            prop_assert!(!is_period(&text) || text.is_ascii());
        }
    }
}
