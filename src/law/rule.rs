//! Rules of a rule set and what a check of one finds. An unconfirmed or second-hand rule warns and never blocks.

use chrono::NaiveDate;

use crate::kernel::RuleRef;

crate::text_enum! {
    /// How a rule acts once it is confirmed.
    pub enum Severity {
        /// Refuses what breaks it.
        Block = "block",
        /// Says that it is broken.
        Warn = "warn",
    }
}

crate::text_enum! {
    /// How sure the reading of the rule is.
    pub enum Confidence {
        /// Read in the text of the statute.
        ReadInText = "read_in_text",
        /// Quoted by another source.
        QuotedElsewhere = "quoted_elsewhere",
        /// From memory or a secondary text.
        Unconfirmed = "unconfirmed",
        /// Confirmed by an administrator with a source.
        Confirmed = "confirmed",
    }
}

/// One number of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its name inside the rule, such as `min_bid_period`.
    pub name: String,
    /// The number.
    pub number: i64,
    /// Its unit: calendar_day, working_day, day, year, month, hour, minute, fen, basis_point, count, character.
    pub unit: String,
}

/// One rule of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Such as `R019`.
    pub id: String,
    /// Statute.
    pub legal_basis: String,
    /// Article.
    pub article: String,
    /// Procedures it binds: words, or `all`.
    pub procedures: Vec<String>,
    /// How it acts when confirmed.
    pub severity: Severity,
    /// How sure its reading is.
    pub confidence: Confidence,
    /// First day it holds.
    pub effective_from: Option<NaiveDate>,
    /// Last day it holds.
    pub effective_to: Option<NaiveDate>,
    /// Its numbers.
    pub figures: Vec<Figure>,
}

/// What a check of one rule found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds.
    Met,
    /// It is broken, but the rule only warns.
    Warned,
    /// It is broken and the rule blocks.
    Broken,
}

/// A finding with the figure found and the figure required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleRef,
    /// Met, warned or broken.
    pub standing: Standing,
    /// What was found.
    pub found: String,
    /// What is required.
    pub required: String,
}

impl Rule {
    /// Whether the rule holds on a day; a day that is not known does not limit it.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.effective_from.is_none_or(|from| from <= day) && self.effective_to.is_none_or(|to| day <= to)
    }

    /// Whether the rule binds a procedure on a day.
    pub fn binds(&self, procedure: &str, day: NaiveDate) -> bool {
        self.in_force(day) && self.procedures.iter().any(|p| p == procedure || p == "all")
    }

    /// A number of the rule.
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }

    /// How a breach stands: only rules read in the text or confirmed may block.
    pub fn standing(&self, met: bool) -> Standing {
        let sure = matches!(self.confidence, Confidence::ReadInText | Confidence::Confirmed);
        match (met, self.severity) {
            (true, _) => Standing::Met,
            (false, Severity::Block) if sure => Standing::Broken,
            (false, _) => Standing::Warned,
        }
    }

    /// The finding of a check.
    pub fn finding(&self, met: bool, found: impl Into<String>, required: impl Into<String>) -> Finding {
        Finding { rule: self.reference(), standing: self.standing(met), found: found.into(), required: required.into() }
    }

    /// Id, statute and article.
    pub fn reference(&self) -> RuleRef {
        RuleRef { rule: self.id.clone(), legal_basis: format!("{} {}", self.legal_basis, self.article).trim().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(severity: Severity, confidence: Confidence) -> Rule {
        Rule {
            id: "R019".into(),
            legal_basis: "政府采购法".into(),
            article: "第35条".into(),
            procedures: vec!["open_tender".into()],
            severity,
            confidence,
            effective_from: NaiveDate::from_ymd_opt(2026, 1, 1),
            effective_to: None,
            figures: vec![],
        }
    }

    #[test]
    fn only_a_sure_rule_blocks() {
        assert_eq!(rule(Severity::Block, Confidence::ReadInText).standing(false), Standing::Broken);
        assert_eq!(rule(Severity::Block, Confidence::Confirmed).standing(false), Standing::Broken);
        assert_eq!(rule(Severity::Block, Confidence::Unconfirmed).standing(false), Standing::Warned);
        assert_eq!(rule(Severity::Block, Confidence::QuotedElsewhere).standing(false), Standing::Warned);
        assert_eq!(rule(Severity::Warn, Confidence::ReadInText).standing(false), Standing::Warned);
        assert_eq!(rule(Severity::Block, Confidence::ReadInText).standing(true), Standing::Met);
    }

    #[test]
    fn a_rule_binds_its_procedures_from_its_first_day() {
        let rule = rule(Severity::Block, Confidence::ReadInText);
        let day = |d: &str| d.parse::<NaiveDate>().unwrap();
        assert!(rule.binds("open_tender", day("2026-01-01")));
        assert!(!rule.binds("open_tender", day("2025-12-31")));
        assert!(!rule.binds("consultation", day("2026-01-01")));
    }
}
