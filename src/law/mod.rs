//! The law as data: rule types, one engine that judges facts by them, and working-day arithmetic. Pure: no database, no clock.
//!
//! A slice gathers [`Facts`], asks [`judge`] at its [`Gate`] and hands the findings to [`refuse_broken`]. [`sheet`] says of every rule how it stands.

pub mod calendar;
pub mod checks;
pub mod clock;
pub mod criteria;
pub mod engine;
pub mod facts;
pub mod price;
pub mod problems;
pub mod procedure;
pub mod rule;
pub mod thresholds;

pub use calendar::{DayKind, MissingYear, WorkCalendar};
pub use clock::Flaw;
pub use engine::{Entry, SheetStanding, judge, sheet};
pub use facts::Facts;
pub use problems::{CALENDAR_NOT_LOADED, PROBLEMS, RULE_BROKEN, RULE_INCOMPLETE, refuse_broken};
pub use procedure::{Gate, Procedure};
pub use rule::{Confidence, Figure, Finding, Rule, Severity, Standing};
pub use thresholds::{Level, Recommendation, Thresholds, recommend};
