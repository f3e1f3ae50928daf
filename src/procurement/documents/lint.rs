//! The lint of qualification and scoring criteria: words of a documented list, a qualification scored again, duplicates. Pure.
//!
//! It finds what is written plainly; people still read what it misses, and finance may overrule what it finds wrongly.

use super::words::Pattern;
use crate::kernel::RuleRef;
use crate::law::facts::Forbidden;
use crate::law::{Finding, Procedure, Rule, Standing};

crate::text_enum! {
    /// What is wrong with a criterion.
    pub enum Fault {
        /// A qualification used as a score (87号令 第55条).
        QualificationScored = "qualification_scored",
        /// Registered capital (87号令 第17条).
        RegisteredCapital = "registered_capital",
        /// Total assets (87号令 第17条).
        Assets = "assets",
        /// Revenue (87号令 第17条).
        Revenue = "revenue",
        /// Number of staff (87号令 第17条).
        Headcount = "headcount",
        /// Profit (87号令 第17条).
        Profit = "profit",
        /// Tax paid (87号令 第17条).
        Tax = "tax",
        /// Seat or registration in an area (实施条例 第20条).
        Location = "location",
        /// Awards or records of a certain area or trade (实施条例 第20条).
        LocalRecord = "local_record",
        /// Form of organisation (实施条例 第20条).
        OrganisationForm = "organisation_form",
        /// Ownership (实施条例 第20条).
        Ownership = "ownership",
        /// A list of suppliers as a qualification (实施条例 第20条).
        SupplierList = "supplier_list",
        /// A lowest price (87号令 第12条).
        MinimumPrice = "minimum_price",
        /// The same criterion twice, so that one fact is weighed twice (87号令 第55条).
        Duplicate = "duplicate",
    }
}

impl Fault {
    /// The same in the words of the law's facts; `None` for what the engine does not know.
    pub fn forbidden(self) -> Option<Forbidden> {
        self.as_str().parse().ok()
    }
}

/// Where a text stands in the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A qualification.
    Qualification,
    /// A scoring criterion.
    Scoring,
    /// What shows a qualification.
    Evidence,
    /// Another text, such as the price note.
    Other,
}

/// A text of a lot that is looked at.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// Number of the lot.
    pub lot: i32,
    /// Where it stands.
    pub place: Place,
    /// JSON Pointer below the lot.
    pub pointer: String,
    /// The text.
    pub text: String,
}

/// Something found in a criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What is wrong.
    pub fault: Fault,
    /// Number of the lot.
    pub lot: i32,
    /// Where in the lot.
    pub pointer: String,
    /// The criterion as written.
    pub criterion: String,
    /// The words that gave it away.
    pub words: String,
    /// Rule and article.
    pub rule: RuleRef,
    /// Broken, or warned where the rule does not bind or is not sure.
    pub standing: Standing,
    /// Why finance holds the finding for wrong.
    pub overruled: Option<String>,
}

/// Shortest name that counts as used again inside a longer text, in characters.
const CONTAINED_MIN: usize = 4;

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn again(qualification: &str, scoring: &str) -> bool {
    let (qualification, scoring) = (plain(qualification), plain(scoring));
    let long_enough = |text: &str| text.chars().count() >= CONTAINED_MIN;
    qualification == scoring
        || (long_enough(&scoring) && qualification.contains(&scoring))
        || (long_enough(&qualification) && scoring.contains(&qualification))
}

/// How the rules of a tender look at a fault.
pub struct Bench<'a> {
    /// The tender's rules.
    pub rules: &'a [Rule],
    /// Its procedure.
    pub procedure: Procedure,
    /// Today in Shanghai.
    pub today: chrono::NaiveDate,
}

impl Bench<'_> {
    fn judge(&self, rule_id: &str, article: Option<&str>) -> Option<(RuleRef, Standing)> {
        let rule = self.rules.iter().find(|rule| rule.id == rule_id && rule.in_force(self.today))?;
        let mut reference = rule.reference();
        if let Some(article) = article {
            article.clone_into(&mut reference.legal_basis);
        }
        let binds = rule.binds(self.procedure.as_str(), self.today);
        Some((reference, if binds { rule.standing(false) } else { Standing::Warned }))
    }

    /// Looks at the criteria of all lots. A rule that the set does not hold finds nothing.
    pub fn examine(&self, criteria: &[Criterion], patterns: &[Pattern]) -> Vec<Found> {
        let mut found = Vec::new();
        let mut note = |one: &Criterion, fault: Fault, words: &str, rule: &str, article: Option<&str>| {
            let known = found.iter().any(|f: &Found| f.fault == fault && f.lot == one.lot && f.pointer == one.pointer);
            let Some((rule, standing)) = self.judge(rule, article).filter(|_| !known) else { return };
            found.push(Found {
                fault,
                lot: one.lot,
                pointer: one.pointer.clone(),
                criterion: one.text.clone(),
                words: words.to_owned(),
                rule,
                standing,
                overruled: None,
            });
        };
        for one in criteria {
            for pattern in patterns.iter().filter(|pattern| one.place != Place::Other || pattern.fault == Fault::MinimumPrice) {
                if let Some(words) = pattern.find(&one.text) {
                    note(one, pattern.fault, &words, &pattern.rule, pattern.article.as_deref());
                }
            }
        }
        let weighed = |one: &Criterion| matches!(one.place, Place::Qualification | Place::Scoring);
        for (place, one) in criteria.iter().enumerate().filter(|(_, one)| weighed(one)) {
            let mates = || criteria.iter().take(place).filter(|other| other.lot == one.lot);
            if let Some(twin) = mates().find(|other| other.place == one.place && plain(&other.text) == plain(&one.text)) {
                note(one, Fault::Duplicate, &twin.text, "R042", None);
            }
            let scored = one.place == Place::Scoring;
            if let Some(asked) = mates().find(|other| scored && other.place == Place::Qualification && again(&other.text, &one.text)) {
                note(one, Fault::QualificationScored, &asked.text, "R042", None);
            }
        }
        found
    }
}

/// The findings in the words of the law, those overruled as warnings.
pub fn as_findings(found: &[Found]) -> Vec<Finding> {
    let finding = |one: &Found| Finding {
        rule: one.rule.clone(),
        standing: if one.overruled.is_some() { Standing::Warned } else { one.standing },
        found: match &one.overruled {
            None => format!("采购包 {0} · lot {0}：「{1}」⊃「{2}」({3})", one.lot, one.criterion, one.words, one.fault),
            Some(reason) => {
                format!("采购包 {0} · lot {0}：「{1}」— 财政复核认定为误报 · overruled by finance: {reason}", one.lot, one.criterion)
            }
        },
        required: "不作资格或评审因素 · neither a qualification nor a score".to_owned(),
    };
    found.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::super::words;
    use super::*;
    use crate::law::{Confidence, Severity};

    fn rule(id: &str, confidence: Confidence) -> Rule {
        Rule {
            id: id.into(),
            legal_basis: "财政部令第87号".into(),
            article: "第17、55条".into(),
            procedures: vec!["open_tender".into()],
            severity: Severity::Block,
            confidence,
            effective_from: None,
            effective_to: None,
            figures: vec![],
        }
    }

    fn criterion(place: Place, pointer: &str, text: &str) -> Criterion {
        Criterion { lot: 1, place, pointer: pointer.into(), text: text.into() }
    }

    fn look(procedure: Procedure, confidence: Confidence, criteria: &[Criterion]) -> Vec<(Fault, Standing)> {
        let rules = [rule("R042", confidence), rule("R043", confidence), rule("R044", confidence)];
        let bench = Bench { rules: &rules, procedure, today: "2026-03-02".parse().unwrap() };
        bench.examine(criteria, &words::standard().unwrap()).into_iter().map(|one| (one.fault, one.standing)).collect()
    }

    #[test]
    fn what_the_articles_forbid_is_found_and_blocks_only_where_the_rule_binds_and_is_sure() {
        let bad = [criterion(Place::Qualification, "/q/0", "注册资本不低于 100 万元")];
        assert_eq!(look(Procedure::OpenTender, Confidence::ReadInText, &bad), [(Fault::RegisteredCapital, Standing::Broken)]);
        assert_eq!(look(Procedure::Selection, Confidence::ReadInText, &bad), [(Fault::RegisteredCapital, Standing::Warned)]);
        assert_eq!(look(Procedure::OpenTender, Confidence::Unconfirmed, &bad), [(Fault::RegisteredCapital, Standing::Warned)]);
    }

    #[test]
    fn a_qualification_that_is_scored_again_and_a_criterion_written_twice_are_found() {
        let asked = criterion(Place::Qualification, "/q/0", "具有养老护理员职业技能证书");
        let scored = criterion(Place::Scoring, "/c/1", "养老护理员职业技能证书");
        let found = look(Procedure::OpenTender, Confidence::ReadInText, &[asked.clone(), scored]);
        assert_eq!(found, [(Fault::QualificationScored, Standing::Broken)]);
        let short = criterion(Place::Scoring, "/c/1", "护理员");
        assert_eq!(look(Procedure::OpenTender, Confidence::ReadInText, &[asked.clone(), short]), []);
        let twice = [criterion(Place::Scoring, "/c/1", "服务方案"), criterion(Place::Scoring, "/c/2", "服务 方案。")];
        assert_eq!(look(Procedure::OpenTender, Confidence::ReadInText, &twice), [(Fault::Duplicate, Standing::Broken)]);
        let other_lot =
            [criterion(Place::Scoring, "/c/1", "服务方案"), Criterion { lot: 2, ..criterion(Place::Scoring, "/c/1", "服务方案") }];
        assert_eq!(look(Procedure::OpenTender, Confidence::ReadInText, &other_lot), []);
    }

    #[test]
    fn every_example_of_the_list_is_found_and_no_counter_example_is() {
        for pattern in words::standard().unwrap() {
            assert!(pattern.find(&pattern.example).is_some(), "{} in {}", pattern.text, pattern.example);
            let all: Vec<_> = words::standard().unwrap().iter().filter_map(|other| other.find(&pattern.counter_example)).collect();
            assert_eq!(all, [""; 0], "{}", pattern.counter_example);
        }
    }
}
