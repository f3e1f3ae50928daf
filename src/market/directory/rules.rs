//! Decisions on the directory: windows, criteria, publicity. Pure.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};

use super::model::{CallRow, CallState, NewApplication, NewCall};
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::parties::organisations::records::Grade;
use crate::words;

/// Longest name of an edition, in characters.
pub const EDITION_MAX: usize = 32;
/// Longest criteria and statement, in characters.
pub const TEXT_MAX: usize = 4000;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 1000;
/// Most entries of the file that one application names.
pub const EVIDENCE_MAX: usize = 20;
/// Shortest publicity, in days. The platform's own number, not a statutory one.
pub const PUBLICITY_MIN: i32 = 3;
/// Longest publicity, in days.
pub const PUBLICITY_MAX: i32 = 60;

/// Checks a call.
pub fn check_call(new: &NewCall, today: NaiveDate) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.edition, "/edition", 1, EDITION_MAX);
    fields.text(&new.criteria, "/criteria", 2, TEXT_MAX);
    let this_year = today.year();
    fields.require((this_year..=this_year.saturating_add(1)).contains(&new.year), "/year", || {
        words!("须为今年或明年", "must be this year or the next")
    });
    fields.require(new.opens_on <= new.closes_on, "/closes_on", || words!("不得早于 opens_on", "must not be before opens_on"));
    fields.require(today <= new.closes_on, "/closes_on", || words!("不得早于今天", "must not lie in the past"));
    fields.require((PUBLICITY_MIN..=PUBLICITY_MAX).contains(&new.publicity_days), "/publicity_days", || {
        words!("须为 {PUBLICITY_MIN} 到 {PUBLICITY_MAX} 天", "must lie between {PUBLICITY_MIN} and {PUBLICITY_MAX} days")
    });
    fields.finish()
}

/// Checks the texts and the evidence of an application.
pub fn check_application(new: &NewApplication) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.statement, "/statement", 2, TEXT_MAX);
    fields.require((1..=EVIDENCE_MAX).contains(&new.evidence.len()), "/evidence", || {
        words!("须有 1 到 {EVIDENCE_MAX} 项", "must have 1 to {EVIDENCE_MAX} entries")
    });
    let distinct: BTreeSet<_> = new.evidence.iter().collect();
    fields.require(distinct.len() == new.evidence.len(), "/evidence", || words!("重复", "twice"));
    fields.finish()
}

/// Whether applications are taken on a day; the first and the last day count.
pub fn takes_applications(call: &CallRow, day: NaiveDate) -> bool {
    call.state == CallState::Called && call.opens_on <= day && day <= call.closes_on
}

/// Whether the window is over on a day.
pub fn is_closed(call: &CallRow, day: NaiveDate) -> bool {
    call.closes_on < day
}

/// Last day of a publicity that begins on a day: the day itself is not counted.
pub fn publicity_until(begins: NaiveDate, days: i32) -> NaiveDate {
    begins.checked_add_days(Days::new(u64::try_from(days).unwrap_or(0))).unwrap_or(NaiveDate::MAX)
}

/// Whether the publicity is over on a day; its last day still belongs to it.
pub fn publicity_over(call: &CallRow, day: NaiveDate) -> bool {
    call.publicity_until.is_some_and(|until| until < day)
}

/// Whether a rating meets the call; an organisation without one meets only a call that asks for none.
pub fn meets_grade(asked: Option<Grade>, has: Option<Grade>) -> bool {
    asked.is_none_or(|asked| has.is_some_and(|has| has >= asked))
}

/// Whether an edition is in force on a day: in its own year, once it is published.
pub fn in_force(call: &CallRow, day: NaiveDate) -> bool {
    call.state == CallState::Published && call.year == day.year()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::kernel::UtcInstant;
    use crate::kernel::id::{AccountId, CatalogueItemId, DirectoryCallId, OrganisationRecordId, TenantId};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn call() -> CallRow {
        CallRow {
            id: DirectoryCallId::new(Uuid::nil()),
            tenant_id: TenantId::new(Uuid::nil()),
            edition: "2026".into(),
            year: 2026,
            criteria: "有专职社工".into(),
            min_grade: None,
            opens_on: day("2026-03-02"),
            closes_on: day("2026-03-20"),
            publicity_days: 7,
            state: CallState::Called,
            publicity_until: None,
            cancel_reason: None,
            created_by: AccountId::new(Uuid::nil()),
            published_by: None,
            published_at: None,
            version: 1,
            created_at: UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(),
        }
    }

    #[test]
    fn the_window_and_the_publicity_include_their_last_days() {
        let mut row = call();
        for (on, takes, closed) in
            [("2026-03-01", false, false), ("2026-03-02", true, false), ("2026-03-20", true, false), ("2026-03-21", false, true)]
        {
            assert_eq!((takes_applications(&row, day(on)), is_closed(&row, day(on))), (takes, closed), "{on}");
        }
        assert!(!publicity_over(&row, day("2027-01-01")), "it has not begun");
        row.publicity_until = Some(publicity_until(day("2026-03-23"), row.publicity_days));
        assert_eq!(row.publicity_until, Some(day("2026-03-30")));
        assert!(!publicity_over(&row, day("2026-03-30")) && publicity_over(&row, day("2026-03-31")));
        row.state = CallState::Publicised;
        assert!(!takes_applications(&row, day("2026-03-10")), "it is closed for good");
    }

    #[test]
    fn an_edition_is_in_force_in_its_year_once_it_is_published() {
        let mut row = call();
        assert!(!in_force(&row, day("2026-06-01")));
        row.state = CallState::Published;
        for (on, holds) in [("2025-12-31", false), ("2026-01-01", true), ("2026-12-31", true), ("2027-01-01", false)] {
            assert_eq!(in_force(&row, day(on)), holds, "{on}");
        }
    }

    #[test]
    fn a_rating_meets_a_call_that_asks_for_no_higher_one() {
        for (asked, has, met) in [
            (None, None, true),
            (Some(Grade::A3), None, false),
            (Some(Grade::A3), Some(Grade::A2), false),
            (Some(Grade::A3), Some(Grade::A3), true),
            (Some(Grade::A3), Some(Grade::A5), true),
        ] {
            assert_eq!(meets_grade(asked, has), met, "{asked:?} {has:?}");
        }
    }

    #[test]
    fn every_bad_field_of_a_call_and_of_an_application_is_named() {
        let bad = NewCall {
            edition: " ".into(),
            year: 2024,
            criteria: "x".into(),
            min_grade: None,
            opens_on: day("2026-03-10"),
            closes_on: day("2026-03-01"),
            publicity_days: 2,
        };
        let text = check_call(&bad, day("2026-03-02")).unwrap_err().to_string();
        for pointer in ["/edition", "/year", "/criteria", "/closes_on", "/publicity_days"] {
            assert!(text.contains(pointer), "{pointer} in {text}");
        }
        let id = |n: u128| OrganisationRecordId::new(Uuid::from_u128(n));
        let new =
            |evidence| NewApplication { item: CatalogueItemId::new(Uuid::nil()), statement: "有三名专职社工".into(), evidence };
        assert!(check_application(&new(vec![id(1), id(2)])).is_ok());
        assert!(check_application(&new(vec![])).is_err());
        assert!(check_application(&new(vec![id(1), id(1)])).is_err());
        assert!(check_application(&new((0..21).map(id).collect())).is_err());
    }

    proptest! {
        #[test]
        fn a_publicity_lasts_exactly_its_days(start in 0..40_000_u64, days in PUBLICITY_MIN..=PUBLICITY_MAX) {
            let begins = day("1990-01-01") + Days::new(start);
            let until = publicity_until(begins, days);
            let row = CallRow { publicity_until: Some(until), ..call() };
            let over_after = (0..=70_u64).filter(|more| !publicity_over(&row, begins + Days::new(*more))).count();
            prop_assert_eq!(i32::try_from(over_after).unwrap(), days + 1, "the first day and all that are counted");
        }
    }
}
