//! Working days and calendar days. The first day is not counted; a period that ends on a day off rolls to the next working day
//! (财政部令第87号 第85条, 第94号 第42条). Make-up working days work.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};

crate::text_enum! {
    /// What the State Council's notice makes of a day.
    pub enum DayKind {
        /// A statutory day off, or a weekday moved off.
        Off = "off",
        /// A weekend day that is worked.
        MakeupWorkday = "makeup_workday",
    }
}

/// The calendar of this year is not loaded, so nothing can be said about its working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the working-day calendar of {0} is not loaded; load it with `baiyi import calendar <file>`")]
pub struct MissingYear(pub i32);

/// Days off and make-up days of the years loaded.
#[derive(Debug, Clone, Default)]
pub struct WorkCalendar {
    years: BTreeSet<i32>,
    special: BTreeMap<NaiveDate, DayKind>,
}

impl WorkCalendar {
    /// A calendar from the special days; each year that has one counts as loaded.
    pub fn new(days: impl IntoIterator<Item = (NaiveDate, DayKind)>) -> Self {
        let special: BTreeMap<_, _> = days.into_iter().collect();
        Self { years: special.keys().map(Datelike::year).collect(), special }
    }

    /// Whether people work on `day`.
    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, MissingYear> {
        if !self.years.contains(&day.year()) {
            return Err(MissingYear(day.year()));
        }
        Ok(match self.special.get(&day) {
            Some(DayKind::Off) => false,
            Some(DayKind::MakeupWorkday) => true,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        })
    }

    /// The last day of a period of `n` working days that begins on `start`.
    pub fn after_working_days(&self, start: NaiveDate, n: u32) -> Result<NaiveDate, MissingYear> {
        let mut day = start;
        let mut left = n;
        while left > 0 {
            day = next(day)?;
            if self.is_working_day(day)? {
                left = left.saturating_sub(1);
            }
        }
        Ok(day)
    }

    /// The last day of a period of `n` calendar days that begins on `start`, rolled to a working day.
    pub fn after_calendar_days(&self, start: NaiveDate, n: u32) -> Result<NaiveDate, MissingYear> {
        let mut day = start.checked_add_days(chrono::Days::new(u64::from(n))).ok_or(MissingYear(start.year()))?;
        while !self.is_working_day(day)? {
            day = next(day)?;
        }
        Ok(day)
    }
}

fn next(day: NaiveDate) -> Result<NaiveDate, MissingYear> {
    day.succ_opt().ok_or(MissingYear(day.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar_2026() -> WorkCalendar {
        let table = include_str!("../../data/calendar-2026.csv");
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        WorkCalendar::new(reader.records().map(|row| {
            let row = row.unwrap();
            (row[0].parse().unwrap(), row[1].parse().unwrap())
        }))
    }

    #[test]
    fn the_deadline_vectors_hold() {
        let calendar = calendar_2026();
        let vectors = include_str!("../../data/vectors/deadlines-2026.csv");
        let mut checked = 0;
        for row in csv::Reader::from_reader(vectors.as_bytes()).records() {
            let row = row.unwrap();
            let (start, n) = (row[0].parse().unwrap(), row[2].parse().unwrap());
            let end = match &row[1] {
                "working_day" => calendar.after_working_days(start, n),
                "calendar_day" => calendar.after_calendar_days(start, n),
                unit => panic!("unit {unit}"),
            };
            assert_eq!(end.unwrap().to_string(), &row[4], "{row:?}");
            checked += 1;
        }
        assert_eq!(checked, 11);
    }

    #[test]
    fn a_year_that_is_not_loaded_is_a_loud_error() {
        let start = NaiveDate::from_ymd_opt(2026, 12, 30).unwrap();
        assert_eq!(calendar_2026().after_working_days(start, 5), Err(MissingYear(2027)));
        assert!(MissingYear(2027).to_string().contains("baiyi import calendar"));
    }
}
