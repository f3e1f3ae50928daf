//! Decisions on projects: what a proposal must hold and how an indicator's numbers must lie. Pure.

use super::model::{IndicatorDirection, IndicatorKind, IndicatorRow, NewIndicator, NewProject};
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::words;

/// Longest name, in characters.
pub const NAME_MAX: usize = 64;
/// Longest story, in characters.
pub const STORY_MAX: usize = 2_000;
/// Longest unit label, in characters.
pub const LABEL_MAX: usize = 16;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;
/// Most indicators of a project.
pub const INDICATORS_MAX: usize = 20;
/// Projects of a cohort: the hundred.
pub const NUMBER_MAX: i32 = 100;
/// Largest number an indicator holds; JSON keeps it exactly.
pub const MEASURE_MAX: i64 = 1_000_000_000_000;
/// The whole, in basis points.
const WHOLE_BP: i64 = 10_000;

/// The numbers an indicator of this kind may hold.
pub const fn measure_max(kind: IndicatorKind) -> i64 {
    match kind {
        IndicatorKind::Ratio => WHOLE_BP,
        IndicatorKind::Count | IndicatorKind::Score => MEASURE_MAX,
    }
}

/// Notes a number that an indicator of this kind cannot hold.
pub fn check_measure(fields: &mut Fields, kind: IndicatorKind, number: i64, pointer: &str) {
    let max = measure_max(kind);
    fields.require((0..=max).contains(&number), pointer, || words!("{kind} 须为 0 到 {max}", "a {kind} must lie between 0 and {max}"));
}

/// Checks a proposal.
pub fn check_new(new: &NewProject) -> Result<()> {
    let mut fields = Fields::default();
    fields.require((2000..=2100).contains(&new.cohort), "/cohort", || words!("须为 2000 到 2100", "must lie between 2000 and 2100"));
    fields.text(&new.name_zh, "/name_zh", 1, NAME_MAX);
    if let Some(brand) = &new.brand {
        fields.text(brand, "/brand", 1, NAME_MAX);
    }
    fields.text(&new.story, "/story", 1, STORY_MAX);
    fields.require((1..=INDICATORS_MAX).contains(&new.indicators.len()), "/indicators", || {
        words!("须有 1 到 {INDICATORS_MAX} 个指标", "must have 1 to {INDICATORS_MAX} indicators")
    });
    for (place, indicator) in new.indicators.iter().enumerate().take(INDICATORS_MAX) {
        check_indicator(&mut fields, indicator, &format!("/indicators/{place}"));
        let twice = new.indicators.iter().take(place).any(|other| other.name_zh.trim() == indicator.name_zh.trim());
        fields.require(!twice, &format!("/indicators/{place}/name_zh"), || words!("指标名称重复", "two indicators have this name"));
    }
    fields.finish()
}

fn check_indicator(fields: &mut Fields, indicator: &NewIndicator, at: &str) {
    fields.text(&indicator.name_zh, &format!("{at}/name_zh"), 1, NAME_MAX);
    fields.text(&indicator.unit_label, &format!("{at}/unit_label"), 1, LABEL_MAX);
    check_measure(fields, indicator.kind, indicator.baseline, &format!("{at}/baseline"));
    check_measure(fields, indicator.kind, indicator.target, &format!("{at}/target"));
    check_direction(fields, indicator.direction, indicator.baseline, indicator.target, &format!("{at}/target"));
    check_method(fields, indicator.method.as_deref(), &format!("{at}/method"));
    check_method(fields, indicator.source.as_deref(), &format!("{at}/source"));
    // A share of several projects is not the mean of their shares.
    let adds = !(indicator.aggregatable && indicator.kind == IndicatorKind::Score);
    fields.require(adds, &format!("{at}/aggregatable"), || words!("评分不可相加", "scores are not added up"));
}

/// Checks a revised indicator: its target must lie where its kind and direction allow.
pub fn check_revision(row: &IndicatorRow) -> Result<()> {
    let mut fields = Fields::default();
    check_measure(&mut fields, row.kind, row.target, "/target");
    check_direction(&mut fields, row.direction, row.baseline, row.target, "/target");
    check_method(&mut fields, row.method.as_deref(), "/method");
    fields.finish()
}

fn check_direction(fields: &mut Fields, direction: IndicatorDirection, baseline: i64, target: i64, at: &str) {
    let forward = match direction {
        IndicatorDirection::Up => target >= baseline,
        IndicatorDirection::Down => target <= baseline,
    };
    fields.require(forward, at, || words!("目标与方向 {direction} 不符", "the target lies against the direction {direction}"));
}

fn check_method(fields: &mut Fields, text: Option<&str>, at: &str) {
    if let Some(text) = text {
        fields.text(text, at, 1, REASON_MAX);
    }
}

/// Checks a number of the cohort.
pub fn check_number(number: i32) -> Result<()> {
    let mut fields = Fields::default();
    fields
        .require((1..=NUMBER_MAX).contains(&number), "/number", || words!("须为 1 到 {NUMBER_MAX}", "must lie between 1 and {NUMBER_MAX}"));
    fields.finish()
}

/// Checks the reason of giving up or returning.
pub fn check_reason(reason: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, REASON_MAX);
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::UnitId;
    use crate::outcomes::projects::model::{Accumulation, Frequency};
    use proptest::prelude::*;

    fn indicator(kind: IndicatorKind, direction: IndicatorDirection, baseline: i64, target: i64) -> NewIndicator {
        NewIndicator {
            name_zh: "服务老人".into(),
            unit_label: "人次".into(),
            kind,
            direction,
            baseline,
            target,
            accumulation: Accumulation::Cumulative,
            aggregatable: false,
            method: None,
            source: None,
            frequency: Frequency::Year,
        }
    }

    fn project(indicators: Vec<NewIndicator>) -> NewProject {
        NewProject {
            brand: None,
            unit: UnitId::new(uuid::Uuid::nil()),
            cohort: 2026,
            name_zh: "银龄陪伴".into(),
            story: "每周上门陪伴独居老人。".into(),
            area: None,
            indicators,
        }
    }

    proptest! {
        #[test]
        fn a_target_lies_on_the_side_that_the_direction_names(baseline in 0..=WHOLE_BP, target in 0..=WHOLE_BP) {
            for &kind in IndicatorKind::ALL {
                let up = check_new(&project(vec![indicator(kind, IndicatorDirection::Up, baseline, target)])).is_ok();
                let down = check_new(&project(vec![indicator(kind, IndicatorDirection::Down, baseline, target)])).is_ok();
                prop_assert_eq!(up, target >= baseline);
                prop_assert_eq!(down, target <= baseline);
            }
        }
    }

    #[test]
    fn a_ratio_ends_at_the_whole_and_a_count_does_not() {
        let up = |kind, target| check_new(&project(vec![indicator(kind, IndicatorDirection::Up, 0, target)])).is_ok();
        assert!(up(IndicatorKind::Ratio, 10_000) && !up(IndicatorKind::Ratio, 10_001));
        assert!(up(IndicatorKind::Count, 10_001) && !up(IndicatorKind::Count, MEASURE_MAX + 1));
        assert!(!up(IndicatorKind::Score, -1));
    }

    #[test]
    fn there_are_one_to_twenty_indicators_each_with_its_own_name() {
        let one = indicator(IndicatorKind::Count, IndicatorDirection::Up, 0, 1);
        assert!(check_new(&project(vec![])).is_err());
        let error = check_new(&project(vec![one.clone(), one.clone()])).unwrap_err().to_string();
        assert!(error.contains("/indicators/1/name_zh"), "{error}");
        let many = (0..21).map(|n| NewIndicator { name_zh: n.to_string(), ..one.clone() }).collect();
        assert!(check_new(&project(many)).is_err());
    }

    #[test]
    fn a_cohort_has_a_hundred_numbers() {
        let good: Vec<i32> = (-1..=102).filter(|number| check_number(*number).is_ok()).collect();
        assert_eq!(good, (1..=100).collect::<Vec<_>>());
    }
}
