//! Periods of reports as spans of days, and what an indicator reached over those that were verified. Pure.

use chrono::{Datelike as _, Days, Months, NaiveDate};

use super::rules::basis_points;
use crate::outcomes::projects::IndicatorKind;
use crate::outcomes::projects::model::Accumulation;

/// First and last day of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
}

impl Span {
    /// The days of a year, a half, a quarter or a month: `2026`, `2026-H1`, `2026-Q1`, `2026-03`; nothing for any other text.
    pub fn of(period: &str) -> Option<Self> {
        let (year, part) = period.split_once('-').map_or((period, None), |(year, part)| (year, Some(part)));
        let is_year = year.len() == 4 && year.starts_with("20") && year.bytes().all(|byte| byte.is_ascii_digit());
        let year: i32 = if is_year { year.parse().ok()? } else { return None };
        let (month, months) = match part {
            None => (1, 12),
            Some("H1") => (1, 6),
            Some("H2") => (7, 6),
            Some("Q1") => (1, 3),
            Some("Q2") => (4, 3),
            Some("Q3") => (7, 3),
            Some("Q4") => (10, 3),
            Some(part) if part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) => (part.parse().ok()?, 1),
            Some(_) => return None,
        };
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        let last = first.checked_add_months(Months::new(months))?.checked_sub_days(Days::new(1))?;
        Some(Self { first, last })
    }

    /// Whether the two have a day in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Whether it reaches the end of a cohort's year, for which targets are set.
    pub fn completes(&self, cohort: i32) -> bool {
        self.last.year() > cohort || NaiveDate::from_ymd_opt(cohort, 12, 31).is_some_and(|end| self.last >= end)
    }
}

/// The first of these periods that shares a day with the new one.
pub fn overlapping<'a>(new: &str, others: &'a [String]) -> Option<&'a String> {
    let span = Span::of(new)?;
    others.iter().find(|other| Span::of(other).is_some_and(|other| other.overlaps(&span)))
}

/// Whether the reports of a project, each with its period and whether it is locked, cover what it set out to reach: a final one, reaching
/// the end of the cohort's year, is verified, and none waits.
pub fn complete(cohort: i32, reports: &[(String, bool)]) -> bool {
    let final_one = |(period, locked): &(String, bool)| *locked && Span::of(period).is_some_and(|span| span.completes(cohort));
    reports.iter().any(final_one) && reports.iter().all(|(_, locked)| *locked)
}

/// A verified value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its period.
    pub period: String,
    /// Number.
    pub actual: i64,
    /// Of a ratio: how many of how many.
    pub share: Option<(i64, i64)>,
}

/// What an indicator reached by its verified values, with the latest period that counts: of a cumulative one the value of the latest
/// period; of a periodic count the sum over the periods, of a periodic ratio the share of the sums. Where parts are missing, and of scores,
/// nothing is added up or averaged: the latest period speaks for itself. In whatever order the values came; a day counts once.
pub fn reached(kind: IndicatorKind, accumulation: Accumulation, values: &[Verified]) -> Option<(i64, String)> {
    let mut spans: Vec<(Span, &Verified)> = values.iter().filter_map(|value| Some((Span::of(&value.period)?, value))).collect();
    spans.sort_by_key(|(span, _)| (span.last, std::cmp::Reverse(span.first)));
    let (_, latest) = spans.last()?;
    let period = latest.period.clone();
    if accumulation == Accumulation::Cumulative {
        return Some((latest.actual, period));
    }
    // The longest first, so that a month inside a year that was reported whole is not added to it.
    let mut apart = spans.clone();
    apart.sort_by_key(|(span, _)| (std::cmp::Reverse(span.last.signed_duration_since(span.first)), span.first));
    let mut counted: Vec<(Span, &Verified)> = Vec::new();
    for one in apart {
        if !counted.iter().any(|(span, _)| span.overlaps(&one.0)) {
            counted.push(one);
        }
    }
    let of = |part: fn(&Verified) -> Option<i64>| counted.iter().try_fold(0_i64, |sum, (_, value)| sum.checked_add(part(value)?));
    let together = match kind {
        IndicatorKind::Count => of(|value| Some(value.actual)),
        IndicatorKind::Ratio => {
            let (numerator, denominator) = (of(|value| value.share.map(|share| share.0)), of(|value| value.share.map(|share| share.1)));
            numerator.zip(denominator).and_then(|(numerator, denominator)| basis_points(numerator, denominator))
        }
        IndicatorKind::Score => None,
    };
    Some((together.unwrap_or(latest.actual), period))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(period: &str) -> (String, String) {
        let span = Span::of(period).unwrap();
        (span.first.to_string(), span.last.to_string())
    }

    fn value(period: &str, actual: i64) -> Verified {
        Verified { period: period.into(), actual, share: None }
    }

    #[test]
    fn a_period_is_a_span_of_days_and_two_may_share_some() {
        for (period, first, last) in [
            ("2026", "2026-01-01", "2026-12-31"),
            ("2026-H2", "2026-07-01", "2026-12-31"),
            ("2026-Q1", "2026-01-01", "2026-03-31"),
            ("2028-02", "2028-02-01", "2028-02-29"),
            ("2026-12", "2026-12-01", "2026-12-31"),
        ] {
            assert_eq!(span(period), (first.into(), last.into()));
        }
        for bad in ["", "26", "1926", "2026-", "2026-Q5", "2026-H3", "2026-13", "2026-00", "2026-3", "2026-Q1-1"] {
            assert_eq!(Span::of(bad), None, "{bad}");
        }
        let shares = |a: &str, b: &str| Span::of(a).unwrap().overlaps(&Span::of(b).unwrap());
        assert!(shares("2026", "2026-03") && shares("2026-H1", "2026-Q2") && shares("2026-Q1", "2026-Q1"));
        assert!(!shares("2026-H1", "2026-Q3") && !shares("2026", "2027-01") && !shares("2026-03", "2026-04"));
        assert_eq!(overlapping("2026-03", &["2026-Q2".into(), "2026-H1".into()]), Some(&"2026-H1".to_owned()));
    }

    #[test]
    fn a_project_is_complete_with_a_final_report_and_none_waiting() {
        let all = |list: &[(&str, bool)]| {
            complete(2026, &list.iter().map(|(period, locked)| ((*period).to_owned(), *locked)).collect::<Vec<_>>())
        };
        assert!(all(&[("2026", true)]) && all(&[("2026-Q3", true), ("2026-Q4", true)]) && all(&[("2027-H1", true)]));
        assert!(!all(&[]) && !all(&[("2026-Q1", true)]) && !all(&[("2026", false)]) && !all(&[("2026-Q3", false), ("2026-Q4", true)]));
        assert!(!all(&[("2025", true)]) && !all(&[("2026-11", true)]) && all(&[("2026-12", true)]));
    }

    #[test]
    fn the_order_of_reports_changes_nothing_and_no_day_counts_twice() {
        use Accumulation::{Cumulative, Periodic};
        let late = [value("2026-Q2", 500), value("2026-Q1", 300)];
        let of = |kind, accumulation, values: &[Verified]| reached(kind, accumulation, values).map(|found| found.0);
        assert_eq!(reached(IndicatorKind::Count, Cumulative, &late), Some((500, "2026-Q2".into())));
        assert_eq!(of(IndicatorKind::Count, Periodic, &late), Some(800));
        assert_eq!(of(IndicatorKind::Score, Periodic, &late), Some(500));
        assert_eq!(of(IndicatorKind::Count, Periodic, &[value("2026-03", 7), value("2026", 900)]), Some(900));
        assert_eq!(of(IndicatorKind::Count, Cumulative, &[]), None);
    }

    #[test]
    fn shares_are_added_by_their_parts_and_never_averaged() {
        let part = |period: &str, numerator, denominator| Verified {
            share: Some((numerator, denominator)),
            ..value(period, basis_points(numerator, denominator).unwrap())
        };
        let values = [part("2026-Q1", 1, 1), part("2026-Q2", 1, 3)];
        assert_eq!(reached(IndicatorKind::Ratio, Accumulation::Periodic, &values), Some((5_000, "2026-Q2".into())));
        let mixed = [part("2026-Q1", 1, 1), value("2026-Q2", 9_000)];
        assert_eq!(reached(IndicatorKind::Ratio, Accumulation::Periodic, &mixed), Some((9_000, "2026-Q2".into())));
    }
}
