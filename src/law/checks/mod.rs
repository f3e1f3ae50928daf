//! One check per rule: what it looks at and at which steps it decides. Numbers come from the rule's figures only.

use chrono::NaiveDate;

use super::{Facts, Flaw, Gate, Rule, WorkCalendar};

mod award;
mod criteria;
mod kit;
mod notice;
mod parties;
mod policy;
mod remedies;
mod services;
#[cfg(test)]
mod tests;

/// What a check looks at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The rule with its figures.
    pub rule: &'a Rule,
    /// What is known.
    pub facts: &'a Facts,
    /// Working days.
    pub calendar: &'a WorkCalendar,
    /// The day of the judgement, in Shanghai.
    pub today: NaiveDate,
}

/// What a check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The rule does not touch this case.
    NotApplicable,
    /// A duty that is not due yet, or a right that may still be used.
    NotYet {
        /// The day by which, when it is known.
        by: Option<NaiveDate>,
        /// What is required, when it is known.
        required: Option<String>,
    },
    /// It is judged.
    Judged {
        /// Whether the rule holds.
        met: bool,
        /// What was found.
        found: String,
        /// What is required.
        required: String,
        /// The day by which, for a duty.
        by: Option<NaiveDate>,
    },
}

/// Why a check ends early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// A fact is not there yet.
    Waiting,
    /// A calendar or a figure is missing.
    Flaw(Flaw),
}

impl From<Flaw> for Halt {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

/// The outcome of a check.
pub type Judgement = Result<Outcome, Halt>;

/// A check of one rule.
#[derive(Debug)]
pub struct Check {
    /// The rule.
    pub rule: &'static str,
    /// The steps at which it decides, the first first.
    pub gates: &'static [Gate],
    /// Figures without which it cannot judge.
    pub figures: &'static [&'static str],
    /// What it looks at, as `group.fact` of [`Facts`].
    pub facts: &'static [&'static str],
    /// Judges.
    pub run: fn(&Case<'_>) -> Judgement,
}

/// All checks by chapter.
static CHAPTERS: &[&[Check]] =
    &[services::CHECKS, notice::CHECKS, parties::CHECKS, criteria::CHECKS, award::CHECKS, remedies::CHECKS, policy::CHECKS];

/// Every check.
pub fn all() -> impl Iterator<Item = &'static Check> {
    CHAPTERS.iter().copied().flatten()
}

/// The check of a rule.
pub fn of(rule: &str) -> Option<&'static Check> {
    all().find(|check| check.rule == rule)
}
