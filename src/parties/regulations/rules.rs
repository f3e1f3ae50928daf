//! Decisions on rule rows, calendar days and budget subjects. Pure.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

use super::model::{Acts, FigureRow, NewConfirmation, NewThresholds, RuleProcedure, RuleRow, SubjectRow};
use crate::kernel::error::Fields;
use crate::kernel::fen::MAX_FEN;
use crate::kernel::{Fen, Result};
use crate::law::{Confidence, DayKind, Rule, Standing, checks};
use crate::words;

/// Longest name of a rule set, in characters.
pub const NAME_MAX: usize = 32;
/// Years that thresholds may be set for.
pub const YEAR_MIN: i32 = 2000;
/// Last of them.
pub const YEAR_MAX: i32 = 2199;
/// Units that a figure may have.
pub const UNITS: &[&str] =
    &["calendar_day", "working_day", "day", "year", "month", "hour", "minute", "fen", "basis_point", "count", "character"];

/// What a breach of the rule does.
pub fn acts(rule: &Rule) -> Acts {
    if rule.standing(false) == Standing::Broken { Acts::Blocks } else { Acts::Warns }
}

/// Whether the rule is about a topic and binds a procedure; what is not asked does not matter.
pub fn wanted(row: &RuleRow, topic: Option<&str>, procedure: Option<RuleProcedure>) -> bool {
    let binds = |asked: RuleProcedure| row.procedures.split(';').any(|word| word == asked.as_str() || word == RuleProcedure::All.as_str());
    topic.is_none_or(|topic| row.topic == topic) && procedure.is_none_or(binds)
}

/// Checks a rule against those before it.
pub fn check_rule(row: &RuleRow, before: &BTreeSet<String>) -> Result<()> {
    let mut fields = Fields::default();
    let digits =
        row.rule_id.strip_prefix('R').is_some_and(|rest| (3..=4).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit()));
    fields.require(digits, "/rule_id", || words!("须形如 R019", "must look like R019"));
    fields.require(!before.contains(&row.rule_id), "/rule_id", || words!("重复", "twice"));
    fields.text(&row.topic, "/topic", 1, 64);
    fields.text(&row.statement_zh, "/statement_zh", 1, 500);
    fields.text(&row.legal_basis, "/legal_basis", 1, 200);
    fields.text(&row.article, "/article", 0, 200);
    fields.text(&row.note, "/note", 0, 500);
    for word in row.procedures.split(';').filter(|word| !word.is_empty()) {
        let known = word.parse::<RuleProcedure>();
        fields.require(known.is_ok(), "/procedures", || words!("没有程序 {word}", "there is no procedure {word}"));
    }
    if let (Some(from), Some(to)) = (row.effective_from, row.effective_to) {
        fields.require(from <= to, "/effective_to", || words!("不得早于 effective_from", "must not be before effective_from"));
    }
    fields.finish()
}

/// Checks a figure against the rules of its set and the figures before it.
pub fn check_figure(row: &FigureRow, rules: &BTreeSet<String>, before: &BTreeSet<(String, String)>) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(rules.contains(&row.rule_id), "/rule_id", || words!("规则表中没有 {0}", "the rule table has no {0}", row.rule_id));
    let snake = row.figure.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    fields.require(snake, "/figure", || words!("须为小写字母、数字和下划线", "lower-case letters, digits and underscores only"));
    fields.text(&row.figure, "/figure", 1, 64);
    let twice = before.contains(&(row.rule_id.clone(), row.figure.clone()));
    fields.require(!twice, "/figure", || words!("同一规则内重复", "twice in its rule"));
    fields.require(UNITS.contains(&row.unit.as_str()), "/unit", || {
        let known = UNITS.join(", ");
        words!("须为：{known}", "expected one of {known}")
    });
    fields.finish()
}

/// Checks a special day against those before it.
pub fn check_day(day: NaiveDate, kind: DayKind, name_zh: &str, before: &BTreeSet<NaiveDate>) -> Result<()> {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let mut fields = Fields::default();
    fields.require(!before.contains(&day), "/date", || words!("重复", "twice"));
    fields.require(kind != DayKind::MakeupWorkday || weekend, "/kind", || {
        words!("调休上班日须为周末", "a make-up working day lies on a weekend")
    });
    fields.text(name_zh, "/name_zh", 1, 32);
    fields.finish()
}

/// Checks a budget subject against those before it.
pub fn check_subject(row: &SubjectRow, before: &BTreeSet<String>) -> Result<()> {
    let mut fields = Fields::default();
    let digits = row.code.bytes().all(|b| b.is_ascii_digit()) && (3..=7).contains(&row.code.len());
    fields.require(digits, "/code", || words!("须为 3 到 7 位数字", "must have 3 to 7 digits"));
    fields.require(!before.contains(&row.code), "/code", || words!("重复", "twice"));
    fields.text(&row.name_zh, "/name_zh", 1, 64);
    fields.text(&row.note, "/note", 0, 500);
    fields.finish()
}

/// Figures without which the check of a rule cannot judge, and that the set does not give: pairs of rule and figure.
pub fn missing_figures(rules: &BTreeSet<String>, figures: &BTreeSet<(String, String)>) -> Vec<(&'static str, &'static str)> {
    checks::all()
        .filter(|check| rules.contains(check.rule))
        .flat_map(|check| check.figures.iter().map(|figure| (check.rule, *figure)))
        .filter(|(rule, figure)| !figures.contains(&((*rule).to_owned(), (*figure).to_owned())))
        .collect()
}

/// The name of the set that a change of one rule makes: `2026-01` becomes `2026-01+1`, that becomes `2026-01+2`.
pub fn revised_name(name: &str) -> String {
    let (base, number) = match name.rsplit_once('+').map(|(base, digits)| (base, digits.parse::<u32>())) {
        Some((base, Ok(number))) => (base, number.saturating_add(1)),
        _ => (name, 1),
    };
    let suffix = format!("+{number}");
    let kept = NAME_MAX.saturating_sub(suffix.len());
    format!("{}{suffix}", base.chars().take(kept).collect::<String>())
}

/// Checks what is said of a rule's reading.
pub fn check_confirmation(new: &NewConfirmation) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.source, "/source", 1, 200);
    fields.text(&new.note, "/note", 0, 500);
    let sure = matches!(new.confidence, Confidence::ReadInText | Confidence::Confirmed);
    fields.require(sure, "/confidence", || words!("须为 read_in_text 或 confirmed", "must be read_in_text or confirmed"));
    fields.finish()
}

/// Checks thresholds: in a year that makes sense, in rising order.
pub fn check_thresholds(new: &NewThresholds) -> Result<()> {
    let mut fields = Fields::default();
    fields.require((YEAR_MIN..=YEAR_MAX).contains(&new.year), "/year", || words!("年度有误", "no such year"));
    fields.text(&new.source, "/source", 1, 200);
    let most = Fen::new(MAX_FEN);
    let steps = [
        ("/quotes_from_fen", new.quotes_from, new.selection_from),
        ("/selection_from_fen", new.selection_from, new.statutory),
        ("/statutory_fen", new.statutory, new.open_tender),
        ("/open_tender_fen", new.open_tender, most),
        ("/minutes_from_fen", new.minutes_from, most),
    ];
    for (pointer, from, next) in steps {
        fields.require(from >= Fen::ZERO && from <= next, pointer, || {
            words!("须为 0 至 {0} 元（下一档）", "must lie between 0 and the next step, {0} yuan", next)
        });
    }
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::RuleSetId;
    use crate::law::{Confidence, Severity};
    use uuid::Uuid;

    fn rule(procedures: &str, severity: Severity, confidence: Confidence) -> RuleRow {
        RuleRow {
            rule_set_id: RuleSetId::new(Uuid::nil()),
            rule_id: "R019".into(),
            topic: "采购-公开招标".into(),
            statement_zh: "自招标文件发出至投标截止不得少于".into(),
            legal_basis: "政府采购法".into(),
            article: "第35条".into(),
            procedures: procedures.into(),
            severity,
            confidence,
            effective_from: None,
            effective_to: None,
            note: String::new(),
        }
    }

    #[test]
    fn only_a_sure_and_severe_rule_blocks() {
        for &severity in Severity::ALL {
            for &confidence in Confidence::ALL {
                let sure = matches!(confidence, Confidence::ReadInText | Confidence::Confirmed);
                let expected = if sure && severity == Severity::Block { Acts::Blocks } else { Acts::Warns };
                assert_eq!(acts(&rule("all", severity, confidence).read(&[])), expected, "{severity} {confidence}");
            }
        }
    }

    #[test]
    fn a_rule_for_every_procedure_is_found_under_each_and_one_for_none_under_none() {
        let is = |procedures: &str, asked| wanted(&rule(procedures, Severity::Warn, Confidence::Unconfirmed), None, Some(asked));
        assert!(is("all", RuleProcedure::Quotes) && is("open_tender;quotes", RuleProcedure::Quotes));
        assert!(!is("open_tender", RuleProcedure::Quotes) && !is("", RuleProcedure::Quotes));
    }

    #[test]
    fn a_figure_needs_its_rule_a_known_unit_and_a_name_of_its_own() {
        let figure = |rule: &str, name: &str, unit: &str| FigureRow {
            rule_set_id: RuleSetId::new(Uuid::nil()),
            rule_id: rule.into(),
            figure: name.into(),
            number: 20,
            unit: unit.into(),
        };
        let rules = BTreeSet::from(["R019".to_owned()]);
        let before = BTreeSet::from([("R019".to_owned(), "max_term".to_owned())]);
        assert!(check_figure(&figure("R019", "min_bid_period", "calendar_day"), &rules, &before).is_ok());
        for bad in
            [figure("R020", "min", "day"), figure("R019", "max_term", "day"), figure("R019", "min", "week"), figure("R019", "Min", "day")]
        {
            assert!(check_figure(&bad, &rules, &before).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_set_must_give_the_figures_that_its_rules_are_judged_by() {
        let rules = BTreeSet::from(["R019".to_owned(), "R999".to_owned()]);
        assert_eq!(missing_figures(&rules, &BTreeSet::new()), [("R019", "min_bid_period")]);
        assert_eq!(missing_figures(&rules, &BTreeSet::from([("R019".to_owned(), "min_bid_period".to_owned())])), []);
    }

    #[test]
    fn every_change_makes_the_next_name() {
        assert_eq!(revised_name("2026-01"), "2026-01+1");
        assert_eq!(revised_name("2026-01+9"), "2026-01+10");
        assert_eq!(revised_name("a+b"), "a+b+1");
        assert_eq!(revised_name(&"x".repeat(NAME_MAX)).chars().count(), NAME_MAX);
    }

    #[test]
    fn thresholds_rise_step_by_step() {
        let new = |quotes, selection, statutory, open| NewThresholds {
            year: 2026,
            level: crate::law::Level::District,
            open_tender: Fen::new(open),
            statutory: Fen::new(statutory),
            selection_from: Fen::new(selection),
            quotes_from: Fen::new(quotes),
            minutes_from: Fen::new(0),
            confidence: Confidence::Unconfirmed,
            source: "区内控制度".into(),
        };
        assert!(check_thresholds(&new(1, 1, 1, 1)).is_ok() && check_thresholds(&new(0, 1, 2, MAX_FEN)).is_ok());
        for (bad, field) in [
            (new(2, 1, 2, 3), "/quotes_from_fen"),
            (new(1, 3, 2, 3), "/selection_from_fen"),
            (new(1, 1, 3, 2), "/statutory_fen"),
            (new(1, 1, 1, MAX_FEN + 1), "/open_tender_fen"),
            (new(-1, 1, 1, 1), "/quotes_from_fen"),
        ] {
            assert!(check_thresholds(&bad).unwrap_err().to_string().contains(field), "{bad:?}");
        }
    }

    #[test]
    fn a_make_up_day_lies_on_a_weekend() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let none = BTreeSet::new();
        assert!(check_day(day("2026-02-14"), DayKind::MakeupWorkday, "春节", &none).is_ok());
        assert!(check_day(day("2026-02-13"), DayKind::MakeupWorkday, "春节", &none).is_err());
        assert!(check_day(day("2026-02-15"), DayKind::Off, "春节", &BTreeSet::from([day("2026-02-15")])).is_err());
    }
}
