//! Boundary tests of every rule of `data/rules.csv`: met at the boundary, warned or blocked one unit beyond, with the numbers of the real data.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::kernel::Fen;
use crate::law::facts::{CollusionSign, InvalidGround};
use crate::law::{
    Confidence, DayKind, Facts, Figure, Gate, Level, Procedure, Rule, Severity, SheetStanding, Standing, Thresholds, WorkCalendar, checks,
    judge, refuse_broken, sheet,
};

mod clocks;
mod duties;
mod parties;
mod procedure;
mod services;

/// Facts at the boundary of a rule, and one unit beyond it.
pub struct Pair {
    rule: &'static str,
    today: &'static str,
    at: fn(&mut Facts),
    beyond: fn(&mut Facts),
}

const fn pair(rule: &'static str, today: &'static str, at: fn(&mut Facts), beyond: fn(&mut Facts)) -> Pair {
    Pair { rule, today, at, beyond }
}

pub fn d(day: &str) -> Option<NaiveDate> {
    Some(day.parse().unwrap())
}

pub fn fen(fen: i64) -> Option<Fen> {
    Some(Fen::new(fen))
}

pub fn thresholds() -> Thresholds {
    Thresholds {
        level: Level::District,
        open_tender: Fen::new(200_000_000),
        statutory: Fen::new(30_000_000),
        selection: Fen::new(5_000_000),
        quotes: Fen::new(1_000_000),
        minutes: Fen::new(10_000_000),
        confirmed: true,
    }
}

fn pairs() -> Vec<&'static Pair> {
    [services::PAIRS, procedure::PAIRS, parties::PAIRS, clocks::PAIRS].into_iter().flatten().collect()
}

/// The rules with their figures, as an import reads them.
pub fn rules() -> Vec<Rule> {
    let figures: Vec<(String, Figure)> = rows(include_str!("../../../../data/rule-figures.csv"))
        .into_iter()
        .map(|row| (row[0].clone(), Figure { name: row[1].clone(), number: row[2].parse().unwrap(), unit: row[3].clone() }))
        .collect();
    rows(include_str!("../../../../data/rules.csv"))
        .into_iter()
        .map(|row| Rule {
            figures: figures.iter().filter(|(rule, _)| *rule == row[0]).map(|(_, figure)| figure.clone()).collect(),
            id: row[0].clone(),
            legal_basis: row[3].clone(),
            article: row[4].clone(),
            procedures: row[5].split(';').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            severity: row[6].parse().unwrap(),
            confidence: row[7].parse().unwrap(),
            effective_from: row[8].parse().ok(),
            effective_to: row[9].parse().ok(),
        })
        .collect()
}

fn rows(table: &str) -> Vec<Vec<String>> {
    csv::Reader::from_reader(table.as_bytes()).records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

pub fn calendar() -> WorkCalendar {
    let days = rows(include_str!("../../../../data/calendar-2026.csv"));
    WorkCalendar::new(days.iter().map(|row| (row[0].parse().unwrap(), row[1].parse::<DayKind>().unwrap())))
}

pub fn rule(id: &str) -> Rule {
    rules().into_iter().find(|rule| rule.id == id).unwrap()
}

/// Facts of a case that the rule binds, which the pair then fills.
pub fn facts_for(rule: &Rule, fill: &[fn(&mut Facts)]) -> Facts {
    let mut facts = Facts::default();
    facts.purchase.procedure = match rule.procedures.first().map(String::as_str) {
        None => None,
        Some("all") => Some(Procedure::Consultation),
        Some(word) => Some(word.parse().unwrap()),
    };
    for one in fill {
        one(&mut facts);
    }
    facts
}

/// How the rule stands on the facts, at every gate where it decides.
fn standing(rule: &Rule, facts: &Facts, today: NaiveDate) -> Option<Standing> {
    let check = checks::of(&rule.id).unwrap();
    let stands: BTreeSet<_> = Gate::ALL
        .iter()
        .map(|gate| {
            let found = judge(std::slice::from_ref(rule), facts, &calendar(), *gate, today).unwrap();
            assert!(found.is_empty() || check.gates.contains(gate), "{} decides at {gate}", rule.id);
            (check.gates.contains(gate), found.first().map(|finding| format!("{:?}", finding.standing)))
        })
        .filter(|(decides, _)| *decides)
        .collect();
    assert_eq!(stands.len(), 1, "{}: the same at every gate: {stands:?}", rule.id);
    let line = sheet(std::slice::from_ref(rule), facts, &calendar(), today).unwrap();
    let word = stands.into_iter().next().and_then(|(_, word)| word);
    let standing = [Standing::Met, Standing::Warned, Standing::Broken].into_iter().find(|one| Some(format!("{one:?}")) == word);
    let on_sheet = line.first().map(|entry| entry.standing).filter(|one| *one != SheetStanding::NotYet);
    assert_eq!(on_sheet, standing.map(SheetStanding::from), "{}: the sheet says what the gate says", rule.id);
    standing
}

/// What a breach does by severity and confidence, said once more and independently of the engine.
fn breach(rule: &Rule) -> Standing {
    let sure = rule.confidence == Confidence::ReadInText || rule.confidence == Confidence::Confirmed;
    if rule.severity == Severity::Block && sure { Standing::Broken } else { Standing::Warned }
}

#[test]
fn every_rule_holds_at_its_boundary_and_is_broken_one_unit_beyond() {
    for pair in pairs() {
        let (rule, today) = (rule(pair.rule), pair.today.parse().unwrap());
        let at = facts_for(&rule, &[pair.at]);
        assert_eq!(standing(&rule, &at, today), Some(Standing::Met), "{} at its boundary: {at:?}", rule.id);
        let beyond = facts_for(&rule, &[pair.at, pair.beyond]);
        assert_eq!(standing(&rule, &beyond, today), Some(breach(&rule)), "{} beyond its boundary: {beyond:?}", rule.id);
    }
}

#[test]
fn a_breach_is_refused_with_rule_article_and_both_figures_or_told() {
    for pair in pairs() {
        let (rule, today) = (rule(pair.rule), pair.today.parse().unwrap());
        let beyond = facts_for(&rule, &[pair.at, pair.beyond]);
        let gate = checks::of(pair.rule).unwrap().gates[0];
        let findings = judge(std::slice::from_ref(&rule), &beyond, &calendar(), gate, today).unwrap();
        let finding = findings[0].clone();
        assert!(!finding.found.is_empty() && !finding.required.is_empty(), "{finding:?}");
        assert_eq!(finding.rule.rule, pair.rule);
        assert!(finding.rule.legal_basis.contains(&rule.legal_basis) && finding.rule.legal_basis.contains(&rule.article));
        match refuse_broken(findings) {
            Ok(warnings) => assert_eq!((breach(&rule), warnings), (Standing::Warned, vec![finding])),
            Err(refusal) => {
                assert_eq!((breach(&rule), refusal.code()), (Standing::Broken, "rule_broken"));
                assert!(refusal.to_string().contains(&finding.found) && refusal.to_string().contains(&finding.required), "{refusal}");
            }
        }
    }
}

#[test]
fn every_rule_has_a_check_and_a_boundary_and_nothing_else_has() {
    let known: BTreeSet<String> = rules().into_iter().map(|rule| rule.id).collect();
    let checked: Vec<&str> = checks::all().map(|check| check.rule).collect();
    let bounded: BTreeSet<String> = pairs().into_iter().map(|pair| pair.rule.to_owned()).collect();
    assert_eq!((known.len(), checked.len()), (96, 96));
    assert_eq!(known, checked.iter().map(|rule| (*rule).to_owned()).collect());
    assert_eq!(known, bounded);
}

#[test]
fn unsure_rules_warn_and_a_confirmation_makes_the_severe_ones_block() {
    for pair in pairs() {
        let mut rule = rule(pair.rule);
        let (beyond, today) = (facts_for(&rule, &[pair.at, pair.beyond]), pair.today.parse().unwrap());
        rule.severity = Severity::Block;
        for (confidence, expected) in [
            (Confidence::Unconfirmed, Standing::Warned),
            (Confidence::QuotedElsewhere, Standing::Warned),
            (Confidence::ReadInText, Standing::Broken),
            (Confidence::Confirmed, Standing::Broken),
        ] {
            rule.confidence = confidence;
            assert_eq!(standing(&rule, &beyond, today), Some(expected), "{} {confidence}", pair.rule);
        }
    }
}

/// A number that a check named in its code would not move with the data.
#[test]
fn every_number_comes_from_the_rule_set() {
    for check in checks::all() {
        for name in check.figures {
            let before = rule(check.rule);
            let moved = pairs().into_iter().filter(|pair| pair.rule == check.rule).any(|pair| {
                let today = pair.today.parse().unwrap();
                [vec![pair.at], vec![pair.at, pair.beyond]].iter().any(|fill| {
                    let facts = facts_for(&before, fill);
                    [-1, 1].into_iter().any(|step| {
                        let mut after = before.clone();
                        after.figures.iter_mut().find(|figure| figure.name == *name).unwrap().number += step;
                        standing(&before, &facts, today) != standing(&after, &facts, today)
                    })
                })
            });
            assert!(moved, "{} {name}: no boundary test moves with it", check.rule);
        }
    }
}

#[test]
fn a_rule_without_its_number_is_refused_and_not_passed_over() {
    let mut rule = rule("R019");
    let facts = facts_for(
        &rule,
        &[|f| {
            f.notice.published_on = d("2026-03-02");
            f.notice.deadline_on = d("2026-03-03");
        }],
    );
    rule.figures.clear();
    let today = "2026-03-02".parse().unwrap();
    let flaw = judge(&[rule], &facts, &calendar(), Gate::Publication, today).unwrap_err();
    assert_eq!(crate::kernel::Error::from(flaw).code(), "rule_incomplete");
}

#[test]
fn a_year_without_a_calendar_is_refused_in_both_languages() {
    let rule = rule("R053");
    let facts = facts_for(&rule, &[|f| f.award.notified_on = d("2026-12-15")]);
    let flaw = judge(&[rule], &facts, &calendar(), Gate::Contract, "2026-12-16".parse().unwrap()).unwrap_err();
    let crate::kernel::Error::Refused(refusal) = crate::kernel::Error::from(flaw) else { panic!("refused") };
    let detail = refusal.detail.unwrap();
    assert_eq!(refusal.problem.code, "calendar_not_loaded");
    assert!(detail.zh.contains("2027") && detail.zh.contains("POST /api/v1/calendars") && detail.en.contains("baiyi import calendar"));
}

#[test]
fn a_rule_binds_only_its_procedures_and_its_time() {
    let open = rule("R045");
    let facts = |procedure| {
        let mut facts = Facts::default();
        facts.purchase.procedure = Some(procedure);
        facts.bidders.submitted = Some(2);
        facts
    };
    let findings = |rule: &Rule, facts: &Facts, day: &str| {
        judge(std::slice::from_ref(rule), facts, &calendar(), Gate::Opening, day.parse().unwrap()).unwrap().len()
    };
    assert_eq!(findings(&open, &facts(Procedure::OpenTender), "2026-03-02"), 1);
    assert_eq!(findings(&open, &facts(Procedure::Consultation), "2026-03-02"), 0);
    assert_eq!(findings(&open, &facts(Procedure::Selection), "2026-03-02"), 0);
    assert_eq!(findings(&open, &facts(Procedure::OpenTender), "2002-12-31"), 0);
    // An imported purchase is bound by the rules of the procedure it was run by.
    let mut imported = facts(Procedure::External);
    assert_eq!(findings(&open, &imported, "2026-03-02"), 0);
    imported.purchase.external_procedure = Some(Procedure::OpenTender);
    assert_eq!(findings(&open, &imported, "2026-03-02"), 1);
    // R047 holds from 2026-02-01.
    let low = rule("R047");
    assert!(!low.binds("open_tender", "2026-01-31".parse().unwrap()) && low.binds("open_tender", "2026-02-01".parse().unwrap()));
}

#[test]
fn every_check_names_facts_that_exist() {
    let shape = format!("{:#?}", Facts::default());
    for check in checks::all() {
        assert!(!check.facts.is_empty() && !check.gates.is_empty(), "{}", check.rule);
        for name in check.facts {
            let mut from = 0;
            for (depth, part) in name.split('.').enumerate() {
                let line = format!("\n{}{part}: ", "    ".repeat(depth + 1));
                from += shape[from..].find(&line).unwrap_or_else(|| panic!("{}: no fact {name}", check.rule));
            }
        }
    }
}

/// A case of which nothing is known breaks nothing.
#[test]
fn nothing_is_judged_without_facts() {
    for rule in rules() {
        let facts = facts_for(&rule, &[]);
        assert_eq!(standing(&rule, &facts, "2026-03-02".parse().unwrap()), None, "{}", rule.id);
    }
}

#[test]
fn the_closed_sets_have_as_many_words_as_the_rules_count() {
    let count = |id: &str, figure: &str| usize::try_from(rule(id).figure(figure).unwrap().number).unwrap();
    assert_eq!(InvalidGround::ALL.len(), count("R044", "invalid_grounds"));
    assert_eq!(CollusionSign::ALL.len(), count("R069", "collusion_grounds"));
}

#[test]
fn the_sheet_of_a_new_consultation_lists_its_rules_and_waits() {
    let mut facts = Facts::default();
    facts.purchase.procedure = Some(Procedure::Consultation);
    let today = "2026-03-02".parse().unwrap();
    let lines = sheet(&rules(), &facts, &calendar(), today).unwrap();
    assert!(lines.iter().all(|line| line.standing == SheetStanding::NotYet), "{lines:?}");
    let ids: Vec<&str> = lines.iter().map(|line| line.rule.rule.as_str()).collect();
    assert!(ids.contains(&"R025") && ids.contains(&"R060") && !ids.contains(&"R019") && !ids.contains(&"R083"), "{ids:?}");
    facts.award.notified_on = d("2026-02-12");
    let lines = sheet(&rules(), &facts, &calendar(), today).unwrap();
    let sign = lines.iter().find(|line| line.rule.rule == "R053").unwrap();
    assert_eq!((sign.standing, sign.by, sign.gate), (SheetStanding::NotYet, d("2026-03-16"), Some(Gate::Contract)));
}
