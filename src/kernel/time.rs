//! Instants and dates. Instants are UTC with microseconds; dates are read in Asia/Shanghai.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use diesel::sql_types::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Seconds that Asia/Shanghai is ahead of UTC; constant since 1991.
const SHANGHAI_OFFSET_SECONDS: i32 = 8 * 3600;

/// An instant in UTC, to the microsecond (what both databases keep).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::AsExpression, diesel::FromSqlRow, utoipa::ToSchema)]
#[diesel(sql_type = Timestamp)]
#[schema(value_type = String, format = DateTime, example = "2026-03-02T01:00:00Z")]
pub struct UtcInstant(NaiveDateTime);

crate::stored_as!(UtcInstant, Timestamp, NaiveDateTime, |inner| Ok(UtcInstant(inner)));

impl UtcInstant {
    /// Wraps a UTC date-time, dropping what is finer than a microsecond.
    pub fn new(utc: NaiveDateTime) -> Self {
        let micros = utc.and_utc().timestamp_micros();
        Self(DateTime::from_timestamp_micros(micros).map_or(utc, |t| t.naive_utc()))
    }

    /// Parses RFC 3339; any offset is accepted and turned into UTC.
    pub fn parse(text: &str) -> Result<Self, chrono::ParseError> {
        DateTime::parse_from_rfc3339(text).map(|t| Self::new(t.naive_utc()))
    }

    /// The machine's clock.
    pub fn machine_now() -> Self {
        Self::new(Utc::now().naive_utc())
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn unix_millis(self) -> i64 {
        self.0.and_utc().timestamp_millis()
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.0.and_utc().timestamp()
    }

    /// This instant moved by `seconds`; stays put at the ends of the calendar.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        TimeDelta::try_seconds(seconds).and_then(|d| self.0.checked_add_signed(d)).map_or(self, Self)
    }

    /// Whole seconds from `earlier` to this instant (negative when it is later).
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0.signed_duration_since(earlier.0).num_seconds()
    }

    /// The calendar date in Asia/Shanghai.
    pub fn date_in_shanghai(self) -> NaiveDate {
        FixedOffset::east_opt(SHANGHAI_OFFSET_SECONDS)
            .map_or_else(|| self.0.date(), |zone| self.0.and_utc().with_timezone(&zone).date_naive())
    }

    /// The year in Asia/Shanghai.
    pub fn year_in_shanghai(self) -> i32 {
        self.date_in_shanghai().year()
    }

    /// Midnight in Asia/Shanghai at the start of `date`.
    pub fn start_of_shanghai_day(date: NaiveDate) -> Self {
        Self(date.and_time(NaiveTime::MIN)).plus_seconds(i64::from(SHANGHAI_OFFSET_SECONDS).saturating_neg())
    }
}

impl std::fmt::Display for UtcInstant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.and_utc().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }
}

impl Serialize for UtcInstant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcInstant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|_| serde::de::Error::custom("expected an RFC 3339 instant such as 2026-03-02T01:00:00Z"))
    }
}

/// The business clock: the machine's clock plus an offset that a demo or a test may move. Tokens never use it.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Machine { offset_micros: Arc<AtomicI64> },
    Fixed { micros: Arc<AtomicI64> },
}

impl Clock {
    /// The machine's clock, movable by [`Clock::advance_to`].
    pub fn machine() -> Self {
        Self { source: Source::Machine { offset_micros: Arc::new(AtomicI64::new(0)) } }
    }

    /// A clock that reads `at` now and goes on with the machine's (the demo).
    pub fn machine_from(at: UtcInstant) -> Self {
        let offset = at.0.and_utc().timestamp_micros().saturating_sub(Utc::now().timestamp_micros());
        Self { source: Source::Machine { offset_micros: Arc::new(AtomicI64::new(offset)) } }
    }

    /// A clock that stands still until it is moved.
    pub fn fixed(at: UtcInstant) -> Self {
        Self { source: Source::Fixed { micros: Arc::new(AtomicI64::new(at.0.and_utc().timestamp_micros())) } }
    }

    /// The present business instant.
    pub fn now(&self) -> UtcInstant {
        let micros = match &self.source {
            Source::Machine { offset_micros } => Utc::now().timestamp_micros().saturating_add(offset_micros.load(Ordering::SeqCst)),
            Source::Fixed { micros } => micros.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_micros(micros).map_or_else(UtcInstant::machine_now, |t| UtcInstant(t.naive_utc()))
    }

    /// Moves the clock forward to `at`; a clock never goes back, so an earlier instant changes nothing.
    pub fn advance_to(&self, at: UtcInstant) {
        let target = at.0.and_utc().timestamp_micros();
        match &self.source {
            Source::Machine { offset_micros } => {
                offset_micros.fetch_max(target.saturating_sub(Utc::now().timestamp_micros()), Ordering::SeqCst);
            }
            Source::Fixed { micros } => {
                micros.fetch_max(target, Ordering::SeqCst);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_evening_in_utc_is_already_tomorrow_in_shanghai() {
        let at = UtcInstant::parse("2026-02-28T16:00:00Z").unwrap();
        assert_eq!(at.date_in_shanghai(), NaiveDate::from_ymd_opt(2026, 3, 1).unwrap());
        assert_eq!(UtcInstant::start_of_shanghai_day(at.date_in_shanghai()), at);
    }

    #[test]
    fn offsets_are_turned_into_utc_and_nanoseconds_dropped() {
        let at = UtcInstant::parse("2026-03-02T09:00:00.123456789+08:00").unwrap();
        assert_eq!(at.to_string(), "2026-03-02T01:00:00.123456Z");
    }

    #[test]
    fn a_fixed_clock_moves_only_forward() {
        let clock = Clock::fixed(UtcInstant::parse("2026-03-02T01:00:00Z").unwrap());
        clock.advance_to(UtcInstant::parse("2026-03-01T01:00:00Z").unwrap());
        assert_eq!(clock.now().to_string(), "2026-03-02T01:00:00Z");
        clock.advance_to(UtcInstant::parse("2026-03-03T01:00:00Z").unwrap());
        assert_eq!(clock.now().to_string(), "2026-03-03T01:00:00Z");
    }
}
