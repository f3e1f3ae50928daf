//! The engine: judges facts by the rules of a set at a gate, and writes the legality sheet of a case.

use chrono::NaiveDate;

use super::checks::{self, Case, Check, Halt, Outcome};
use super::{Confidence, Facts, Finding, Flaw, Gate, Rule, Standing, WorkCalendar};
use crate::kernel::RuleRef;

crate::text_enum! {
    /// Where a rule stands on the legality sheet.
    pub enum SheetStanding {
        /// It holds.
        Met = "met",
        /// It is broken, but only warns.
        Warned = "warned",
        /// It is broken and blocks.
        Broken = "broken",
        /// Nothing can be said yet, or a duty is not due yet.
        NotYet = "not_yet",
    }
}

impl From<Standing> for SheetStanding {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Met => Self::Met,
            Standing::Warned => Self::Warned,
            Standing::Broken => Self::Broken,
        }
    }
}

/// A line of the legality sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Rule, statute and article.
    pub rule: RuleRef,
    /// Met, warned, broken or not yet.
    pub standing: SheetStanding,
    /// The first step at which it decides; `None` when no check of it exists, so that people judge it.
    pub gate: Option<Gate>,
    /// What was found; `None` while nothing is.
    pub found: Option<String>,
    /// What is required; `None` while the facts for it are missing.
    pub required: Option<String>,
    /// The day by which.
    pub by: Option<NaiveDate>,
    /// How sure the rule's reading is.
    pub confidence: Confidence,
}

/// Whether the rule binds the case on the day: by its procedures, or, having none, by the facts alone (a fund, an organisation, a count).
fn binds(rule: &Rule, facts: &Facts, day: NaiveDate) -> bool {
    if rule.procedures.is_empty() {
        return rule.in_force(day);
    }
    match facts.purchase.bound_as() {
        Some(procedure) => rule.binds(procedure.as_str(), day),
        None => rule.binds("all", day),
    }
}

fn run(check: &Check, rule: &Rule, facts: &Facts, calendar: &WorkCalendar, today: NaiveDate) -> Result<Outcome, Flaw> {
    match (check.run)(&Case { rule, facts, calendar, today }) {
        Ok(outcome) => Ok(outcome),
        Err(Halt::Waiting) => Ok(Outcome::NotYet { by: None, required: None }),
        Err(Halt::Flaw(flaw)) => Err(flaw),
    }
}

/// What the rules say that bind the case today and decide at the gate. Rules whose facts are not there yet say nothing, and so do duties that are not due.
pub fn judge(rules: &[Rule], facts: &Facts, calendar: &WorkCalendar, gate: Gate, today: NaiveDate) -> Result<Vec<Finding>, Flaw> {
    let mut findings = Vec::new();
    for rule in rules.iter().filter(|rule| binds(rule, facts, today)) {
        let Some(check) = checks::of(&rule.id).filter(|check| check.gates.contains(&gate)) else { continue };
        if let Outcome::Judged { met, found, required, .. } = run(check, rule, facts, calendar, today)? {
            findings.push(rule.finding(met, found, required));
        }
    }
    Ok(findings)
}

/// The legality sheet: every rule that applies to the case, in the order of the rule set.
pub fn sheet(rules: &[Rule], facts: &Facts, calendar: &WorkCalendar, today: NaiveDate) -> Result<Vec<Entry>, Flaw> {
    let mut entries = Vec::new();
    for rule in rules.iter().filter(|rule| binds(rule, facts, today)) {
        let line = |standing, gate, found, required, by| Entry {
            rule: rule.reference(),
            standing,
            gate,
            found,
            required,
            by,
            confidence: rule.confidence,
        };
        let Some(check) = checks::of(&rule.id) else {
            if !rule.procedures.is_empty() {
                entries.push(line(SheetStanding::NotYet, None, None, None, None));
            }
            continue;
        };
        let gate = check.gates.first().copied();
        match run(check, rule, facts, calendar, today)? {
            Outcome::NotApplicable => {}
            // A rule about a fund, an organisation or a year is on the sheet only when there is a fact to judge.
            Outcome::NotYet { by: None, .. } if rule.procedures.is_empty() => {}
            Outcome::NotYet { by, required } => entries.push(line(SheetStanding::NotYet, gate, None, required, by)),
            Outcome::Judged { met, found, required, by } => {
                entries.push(line(rule.standing(met).into(), gate, Some(found), Some(required), by));
            }
        }
    }
    Ok(entries)
}
