//! The rules that a tender keeps together with the calendar: what is due by when, and whether it is overdue.

use chrono::NaiveDate;

use crate::db::Db;
use crate::kernel::Result;
use crate::law::{Rule, WorkCalendar, clock};
use crate::parties::regulations::{self, Clock};
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
        Clock::read(self.rule(id)?, figure, start, &self.calendar, done_on, self.today)
    }
}
