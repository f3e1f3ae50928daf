//! The rules that a tender keeps together with the calendar: what is due by when, and whether it is overdue.

use chrono::NaiveDate;
use serde::Serialize;

use crate::db::Db;
use crate::kernel::{Result, RuleRef};
use crate::law::{Flaw, Rule, WorkCalendar, clock};
use crate::parties::regulations;
use crate::procurement::tenders::{Procedure, TenderRow};

/// The rules of a tender's set that bind its procedure, and the working days.
#[derive(Debug, Clone)]
pub struct LawBook {
    /// All rules of the set, for the engine.
    pub rules: Vec<Rule>,
    /// Working days.
    pub calendar: WorkCalendar,
    /// The tender's procedure.
    pub procedure: Procedure,
    /// The day on which the rules are read.
    pub today: NaiveDate,
}

impl LawBook {
    /// Reads the set that the tender was made under.
    pub fn of(db: &mut Db, tender: &TenderRow, today: NaiveDate) -> Result<Self> {
        Ok(Self {
            rules: regulations::rules_of(db, tender.rule_set_id)?,
            calendar: regulations::calendar(db, tender.tenant_id)?,
            procedure: tender.procedure,
            today,
        })
    }

    /// The rule, if it binds the procedure today.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id && rule.binds(self.procedure.as_str(), self.today))
    }

    /// The last day of the rule's period from `start`; none where the rule does not bind.
    ///
    /// Errors: `calendar_not_loaded`, `rule_incomplete`.
    pub fn due(&self, id: &str, figure: &str, start: NaiveDate) -> Result<Option<NaiveDate>> {
        match self.rule(id) {
            Some(rule) => Ok(Some(clock::due(rule, figure, start, &self.calendar)?)),
            None => Ok(None),
        }
    }

    /// The last day of an optional period: the first binding rule that has a figure of that name; none where no rule has.
    pub fn period(&self, figure: &str, start: NaiveDate) -> Result<Option<NaiveDate>> {
        let mut binding = self.rules.iter().filter(|rule| rule.binds(self.procedure.as_str(), self.today));
        match binding.find(|rule| rule.figure(figure).is_some()) {
            Some(rule) => Ok(Some(clock::due(rule, figure, start, &self.calendar)?)),
            None => Ok(None),
        }
    }

    /// The last day of a rule's period that older rule sets do not have; none where the rule does not bind or lacks it.
    pub fn period_of(&self, id: &str, figure: &str, start: NaiveDate) -> Result<Option<NaiveDate>> {
        match self.rule(id).filter(|rule| rule.figure(figure).is_some()) {
            Some(rule) => Ok(Some(clock::due(rule, figure, start, &self.calendar)?)),
            None => Ok(None),
        }
    }

    /// A clock to be shown; none where the rule does not bind or lacks the number. A year that is not loaded leaves its day open.
    pub fn clock(&self, id: &str, figure: &str, start: NaiveDate, done_on: Option<NaiveDate>) -> Option<Clock> {
        let rule = self.rule(id)?;
        let due_by = match clock::due(rule, figure, start, &self.calendar) {
            Ok(day) => Some(day),
            Err(Flaw::MissingYear(_)) => None,
            Err(Flaw::MissingFigure { .. }) => return None,
        };
        Some(Clock { rule: rule.reference(), due_by, done_on, today: self.today })
    }
}

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
