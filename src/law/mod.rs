//! The law as data: rule types, their evaluation and working-day arithmetic. Pure: no database, no clock.

pub mod calendar;
pub mod rule;

pub use calendar::{DayKind, MissingYear, WorkCalendar};
pub use rule::{Confidence, Figure, Finding, Rule, Severity, Standing};
