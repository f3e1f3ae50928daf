//! The rules that a contract is under: those of the purchase that it came from.

use chrono::NaiveDate;

use super::model::ContractRow;
use super::store;
use crate::db::Db;
use crate::kernel::{Error, Result};
use crate::law::{Procedure, Rule, WorkCalendar};
use crate::parties::regulations::{self, Clock};

/// The rules that a contract is under.
#[derive(Debug, Clone)]
pub struct ContractLaw {
    /// All rules of the purchase's set.
    pub rules: Vec<Rule>,
    /// Working days.
    pub calendar: WorkCalendar,
    /// The procedure.
    pub procedure: Procedure,
    /// Of an imported purchase the procedure that it was run by.
    pub run_by: Option<Procedure>,
    /// The day on which the rules are read.
    pub today: NaiveDate,
}

impl ContractLaw {
    /// Reads the rules of the contract's purchase.
    pub fn of(db: &mut Db, contract: &ContractRow, today: NaiveDate) -> Result<Self> {
        let (set, procedure, run_by) = store::law_of(db, contract.tenant_id, contract.award_id)?;
        // A word that is no procedure is a fault: read as none, it would leave the contract without its rules.
        let known = |name: String| name.parse::<Procedure>().map_err(|e| Error::internal(format!("procedure: {e}")));
        Ok(Self {
            rules: regulations::rules_of(db, set)?,
            calendar: regulations::calendar(db, contract.tenant_id)?,
            procedure: known(procedure)?,
            run_by: run_by.map(known).transpose()?,
            today,
        })
    }

    /// A clock of the contract; none where the rule does not bind its procedure or lacks the number.
    pub fn clock(&self, id: &str, figure: &str, start: NaiveDate, done_on: Option<NaiveDate>) -> Option<Clock> {
        let procedure = self.run_by.unwrap_or(self.procedure);
        let rule = self.rules.iter().find(|rule| rule.id == id && rule.binds(procedure.as_str(), start))?;
        Clock::read(rule, figure, start, &self.calendar, done_on, self.today)
    }
}
