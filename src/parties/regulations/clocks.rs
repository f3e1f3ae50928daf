//! Statutory clocks: what a rule wants done by when, and whether it is overdue.

use chrono::NaiveDate;
use serde::Serialize;

use crate::kernel::RuleRef;
use crate::law::{Flaw, Rule, WorkCalendar, clock};

/// A statutory clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Its rule.
    pub rule: RuleRef,
    /// Last day; none while that year's calendar is not loaded.
    pub due_by: Option<NaiveDate>,
    /// When it was done.
    pub done_on: Option<NaiveDate>,
    /// The day of the reading.
    pub today: NaiveDate,
}

impl Clock {
    /// The clock of a rule's period from `start`; none where the rule lacks the number. A year that is not loaded leaves its day open.
    pub fn read(
        rule: &Rule,
        figure: &str,
        start: NaiveDate,
        calendar: &WorkCalendar,
        done_on: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Option<Self> {
        let due_by = match clock::due(rule, figure, start, calendar) {
            Ok(day) => Some(day),
            Err(Flaw::MissingYear(_)) => None,
            Err(Flaw::MissingFigure { .. }) => return None,
        };
        Some(Self { rule: rule.reference(), due_by, done_on, today })
    }

    /// Done after its last day, or not done although it is over.
    pub fn overdue(&self) -> bool {
        self.due_by.is_some_and(|due| self.done_on.unwrap_or(self.today) > due)
    }
}

/// A statutory clock as the API shows it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ClockView {
    /// Rule id.
    #[schema(example = "R060")]
    pub rule: String,
    /// Statute and article.
    #[schema(example = "政府采购法 第53条")]
    pub legal_basis: String,
    /// Last day; null while the calendar of its year is not loaded.
    pub due_by: Option<NaiveDate>,
    /// When it was done.
    pub done_on: Option<NaiveDate>,
    /// Done too late, or not done although the last day is over.
    #[schema(example = false)]
    pub overdue: bool,
}

impl From<Clock> for ClockView {
    fn from(clock: Clock) -> Self {
        let overdue = clock.overdue();
        let Clock { rule, due_by, done_on, .. } = clock;
        Self { rule: rule.rule, legal_basis: rule.legal_basis, due_by, done_on, overdue }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(done_on: Option<&str>, today: &str) -> Clock {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let rule = RuleRef { rule: "R060".into(), legal_basis: "政府采购法 第53条".into() };
        Clock { rule, due_by: Some(day("2026-03-10")), done_on: done_on.map(day), today: day(today) }
    }

    #[test]
    fn a_clock_is_overdue_one_day_after_its_last_day() {
        assert!(!clock(None, "2026-03-10").overdue());
        assert!(clock(None, "2026-03-11").overdue());
        assert!(!clock(Some("2026-03-10"), "2026-04-01").overdue());
        assert!(clock(Some("2026-03-11"), "2026-04-01").overdue());
        assert!(!Clock { due_by: None, ..clock(None, "2026-03-11") }.overdue());
    }
}
