//! Imports of the law as data from CSV: every bad row is reported with its line, and all rows come in or none.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::model::{CalendarDayRow, FigureRow, NewThresholds, RuleRow, RuleSetRow, SubjectKind, SubjectRow};
use super::{configure, rules, service, store};
use crate::db::Tx;
use crate::kernel::error::FieldError;
use crate::kernel::{Error, Fen, Result};
use crate::law::{Confidence, DayKind, Level, Severity};
use crate::people::Authorized;
use crate::people::policy::District;
use crate::web::table::{Imported, Table, Whole};
use crate::words;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleLine {
    rule_id: String,
    topic: String,
    statement_zh: String,
    legal_basis: String,
    article: Option<String>,
    procedures: Option<String>,
    severity: Severity,
    confidence: Confidence,
    effective_from: Option<NaiveDate>,
    effective_to: Option<NaiveDate>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureLine {
    rule_id: String,
    figure: String,
    number: Whole,
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DayLine {
    date: NaiveDate,
    kind: DayKind,
    name_zh: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectLine {
    code: String,
    name_zh: String,
    kind: SubjectKind,
    confidence: Confidence,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThresholdsLine {
    year: Whole,
    level: Level,
    open_tender_fen: Whole,
    statutory_fen: Whole,
    selection_from_fen: Whole,
    quotes_from_fen: Whole,
    minutes_from_fen: Whole,
    confidence: Confidence,
    source: String,
}

/// Makes a rule set from its two tables and puts it into use in place of the former. Columns:
/// `rule_id,topic,statement_zh,legal_basis,article,procedures,severity,confidence,effective_from,effective_to,note` and
/// `rule_id,figure,number,unit`. The places of bad rows name their table.
pub fn import_rules(tx: &mut Tx<'_>, granted: &Authorized<District>, name: &str, rules_csv: &[u8], figures_csv: &[u8]) -> Result<Imported> {
    let set = service::open_set(tx, granted, name)?;
    let (mut bad, mut known) = (Vec::new(), BTreeSet::new());
    let rules = labelled(load_rules(tx, granted, &set, rules_csv, &mut known), "rules", &mut bad)?;
    let mut given = BTreeSet::new();
    let figures = labelled(load_figures(tx, granted, &set, figures_csv, (&known, &mut given)), "figures", &mut bad)?;
    if bad.is_empty() {
        bad.extend(rules::missing_figures(&known, &given).into_iter().map(|(rule, figure)| FieldError {
            pointer: format!("figures: {rule}"),
            detail: words!("缺少判断所需的数值 {figure}", "the figure {figure}, by which it is judged, is missing"),
        }));
    }
    if !bad.is_empty() {
        return Err(Error::fields(bad));
    }
    let content = json!({"name": set.name, "rules": rules, "figures": figures,
        "rules_sha256": hex::encode(Sha256::digest(rules_csv)), "figures_sha256": hex::encode(Sha256::digest(figures_csv))});
    service::record(tx, set.tenant_id, "rule_set.published", ("rule_set", set.id.any(), set.version), content)?;
    Ok(Imported { rows: rules.saturating_add(figures) })
}

/// Rows of a table, or its bad rows noted under the table's label.
fn labelled(outcome: Result<Imported>, label: &str, bad: &mut Vec<FieldError>) -> Result<usize> {
    match outcome {
        Ok(imported) => Ok(imported.rows),
        Err(Error::Refused(refusal)) if !refusal.fields.is_empty() => {
            let place = |pointer: String| if pointer.is_empty() { label.to_owned() } else { format!("{label}: {pointer}") };
            bad.extend(refusal.fields.into_iter().map(|field| FieldError { pointer: place(field.pointer), detail: field.detail }));
            Ok(0)
        }
        Err(other) => Err(other),
    }
}

fn load_rules(
    tx: &mut Tx<'_>,
    granted: &Authorized<District>,
    set: &RuleSetRow,
    csv: &[u8],
    known: &mut BTreeSet<String>,
) -> Result<Imported> {
    let mut table = Table::<RuleLine>::read(csv)?;
    for (line, row) in table.take_rows() {
        let row = RuleRow {
            rule_set_id: set.id,
            rule_id: row.rule_id,
            topic: row.topic,
            statement_zh: row.statement_zh,
            legal_basis: row.legal_basis,
            article: row.article.unwrap_or_default(),
            procedures: row.procedures.unwrap_or_default(),
            severity: row.severity,
            confidence: row.confidence,
            effective_from: row.effective_from,
            effective_to: row.effective_to,
            note: row.note.unwrap_or_default(),
        };
        if table.check(line, rules::check_rule(&row, known))?.is_some() {
            store::insert_rule(tx, granted, &row)?;
            known.insert(row.rule_id);
        }
    }
    table.finish()
}

fn load_figures(
    tx: &mut Tx<'_>,
    granted: &Authorized<District>,
    set: &RuleSetRow,
    csv: &[u8],
    (known, before): (&BTreeSet<String>, &mut BTreeSet<(String, String)>),
) -> Result<Imported> {
    let mut table = Table::<FigureLine>::read(csv)?;
    for (line, row) in table.take_rows() {
        let row = FigureRow { rule_set_id: set.id, rule_id: row.rule_id, figure: row.figure, number: row.number.0, unit: row.unit };
        if table.check(line, rules::check_figure(&row, known, before))?.is_some() {
            store::insert_figure(tx, granted, &row)?;
            before.insert((row.rule_id, row.figure));
        }
    }
    table.finish()
}

/// Loads holidays and make-up working days from the columns `date,kind,name_zh`. A year that comes again is replaced as a whole.
pub fn import_calendar(tx: &mut Tx<'_>, granted: &Authorized<District>, csv: &[u8]) -> Result<Imported> {
    let mut table = Table::<DayLine>::read(csv)?;
    let (mut before, mut days) = (BTreeSet::new(), Vec::new());
    for (line, row) in table.take_rows() {
        if table.check(line, rules::check_day(row.date, row.kind, &row.name_zh, &before))?.is_some() {
            before.insert(row.date);
            days.push(CalendarDayRow { tenant_id: granted.subject().0, day: row.date, kind: row.kind, name_zh: row.name_zh });
        }
    }
    let imported = table.finish()?;
    service::load_days(tx, granted, days)?;
    Ok(imported)
}

/// Loads budget subjects from the columns `code,name_zh,kind,confidence,note`. A code that comes again is replaced.
pub fn import_budget_subjects(tx: &mut Tx<'_>, granted: &Authorized<District>, csv: &[u8]) -> Result<Imported> {
    let tenant = granted.subject().0;
    let mut table = Table::<SubjectLine>::read(csv)?;
    let mut before = BTreeSet::new();
    for (line, row) in table.take_rows() {
        let row = SubjectRow {
            tenant_id: tenant,
            code: row.code,
            name_zh: row.name_zh,
            kind: row.kind,
            confidence: row.confidence,
            note: row.note.unwrap_or_default(),
        };
        if table.check(line, rules::check_subject(&row, &before))?.is_some() {
            store::replace_subject(tx, granted, &row)?;
            before.insert(row.code);
        }
    }
    let imported = table.finish()?;
    let content = json!({"rows": imported.rows, "sha256": hex::encode(Sha256::digest(csv))});
    service::record(tx, tenant, "budget_subjects.loaded", ("budget_subjects", tenant.any(), 1), content)?;
    Ok(imported)
}

/// Sets the thresholds of years and levels from the columns
/// `year,level,open_tender_fen,statutory_fen,selection_from_fen,quotes_from_fen,minutes_from_fen,confidence,source`. A year that comes again gets a new version.
pub fn import_thresholds(tx: &mut Tx<'_>, granted: &Authorized<District>, csv: &[u8]) -> Result<Imported> {
    let mut table = Table::<ThresholdsLine>::read(csv)?;
    for (line, row) in table.take_rows() {
        let new = NewThresholds {
            year: i32::try_from(row.year.0).unwrap_or(0),
            level: row.level,
            open_tender: Fen::new(row.open_tender_fen.0),
            statutory: Fen::new(row.statutory_fen.0),
            selection_from: Fen::new(row.selection_from_fen.0),
            quotes_from: Fen::new(row.quotes_from_fen.0),
            minutes_from: Fen::new(row.minutes_from_fen.0),
            confidence: row.confidence,
            source: row.source,
        };
        table.check(line, configure::replace_thresholds(tx, granted, &new))?;
    }
    table.finish()
}
