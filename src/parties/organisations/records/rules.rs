//! Decisions on the organisation file: what an entry must be, when it counts, how long a rating lasts, what stands against a rating. Pure.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::model::{CheckResult, Content, Grade, NewRecord, RecordKind, RecordRow, RecordState};
use crate::kernel::error::{Fields, RuleRef};
use crate::kernel::{Error, Result, Words};
use crate::law::Rule;
use crate::words;

/// Longest number and issuer, in characters.
pub const TEXT_MAX: usize = 100;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;
/// Days before its last day on which the organisation is warned. The platform's own number, not a statutory one.
pub const WARNING_DAYS: u64 = 30;
/// First year of which an annual check is kept.
const FIRST_YEAR: i32 = 2000;
/// The rule on how long a rating lasts.
pub const RATING_RULE: &str = "R090";
/// The rule on who is rated.
pub const RATED_RULE: &str = "R091";
/// Figure of R090: years that a rating lasts.
const TERM_FIGURE: &str = "rating_validity";
/// Figure of R091: years in a row only basically passed.
const BASIC_FIGURE: &str = "consecutive_basic_years";

/// How long a rating lasts, with the rule that says so (R090).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatingTerm {
    /// Years.
    pub years: u32,
    /// The rule.
    pub rule: RuleRef,
}

impl RatingTerm {
    /// Reads the term from its rule; `None` when the figure is not a number of years.
    pub fn of(rule: &Rule) -> Option<Self> {
        let figure = rule.figure(TERM_FIGURE).filter(|figure| figure.unit == "year")?;
        Some(Self { years: u32::try_from(figure.number).ok()?, rule: rule.reference() })
    }

    /// Last day of a rating: the same day of its last year, or the last day of that month, as the check of R090 counts.
    pub fn last_day(&self, rated_on: NaiveDate) -> Option<NaiveDate> {
        rated_on.checked_add_months(Months::new(self.years.checked_mul(12)?))
    }
}

/// After how many years in a row that were only basically passed nobody is rated (R091); `None` when the rule does not say.
pub fn basic_years(rule: &Rule) -> Option<i32> {
    rule.figure(BASIC_FIGURE).filter(|figure| figure.unit == "year").and_then(|figure| i32::try_from(figure.number).ok())
}

/// Checks an entry and gives its last day.
pub fn check(new: &NewRecord, term: Option<&RatingTerm>, today: NaiveDate) -> Result<Option<NaiveDate>> {
    let mut fields = Fields::default();
    if let Some(number) = &new.number {
        fields.text(number, "/number", 1, TEXT_MAX);
    }
    fields.text(&new.issuer, "/issuer", 2, TEXT_MAX);
    let first = if new.what.kind() == RecordKind::AnnualCheck { "/checked_on" } else { "/valid_from" };
    fields.require(new.valid_from <= today, first, || words!("不得晚于今天", "must not lie in the future"));
    fields.require(new.valid_to.is_none_or(|to| new.valid_from <= to), "/valid_to", || {
        words!("不得早于 valid_from", "must not be before valid_from")
    });
    if let Content::AnnualCheck(year, _) = new.what {
        fields.require((FIRST_YEAR..today.year()).contains(&year), "/year", || {
            words!("须为 {FIRST_YEAR} 年以来、今年以前的年度", "must be a year since {FIRST_YEAR} that is over")
        });
        fields.require(new.valid_from.year() > year, "/checked_on", || words!("年检在次年进行", "a year is checked after its end"));
    }
    fields.finish()?;
    match (new.what, term) {
        (Content::Rating(_), Some(term)) => within(term, new),
        _ => Ok(new.valid_to),
    }
}

/// The last day of a rating: what the paper says, never later than the rule allows.
fn within(term: &RatingTerm, new: &NewRecord) -> Result<Option<NaiveDate>> {
    let Some(latest) = term.last_day(new.valid_from) else { return Ok(new.valid_to) };
    match new.valid_to {
        Some(to) if to > latest => {
            let years = term.years;
            let found = words!("评估等级有效期 {years} 年，至 {latest}", "a rating lasts {years} years, to {latest}");
            Err(Error::field("/valid_to", found).under(term.rule.clone()))
        }
        to => Ok(to.or(Some(latest))),
    }
}

/// Whether the entry may be verified without a scan: an annual check is looked up in the register of who verifies it.
pub fn needs_scan(kind: RecordKind) -> bool {
    kind != RecordKind::AnnualCheck
}

/// Whether an entry counts on a day: verified, begun and not over.
pub fn counts_on(row: &RecordRow, day: NaiveDate) -> bool {
    row.state == RecordState::Verified && row.valid_from <= day && row.valid_to.is_none_or(|to| day <= to)
}

/// Whether a verified entry is over on a day.
pub fn expired_on(row: &RecordRow, day: NaiveDate) -> bool {
    row.state == RecordState::Verified && row.valid_to.is_some_and(|to| to < day)
}

/// Days from `today` to the last day, negative when it is over; `None` when it is open.
pub fn days_left(row: &RecordRow, today: NaiveDate) -> Option<i64> {
    row.valid_to.map(|to| to.signed_duration_since(today).num_days())
}

/// The latest last day of which an organisation is warned on `today`.
pub fn warn_up_to(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(WARNING_DAYS)).unwrap_or(today)
}

/// The rating on a day: that of the newest assessment which counts. An expired one is none.
pub fn rating_on(rows: &[RecordRow], day: NaiveDate) -> Option<Grade> {
    rows.iter()
        .filter(|row| row.kind == RecordKind::Rating && counts_on(row, day))
        .max_by_key(|row| (row.valid_from, row.created_at, row.id))
        .and_then(|row| row.grade)
}

/// What stands against a rating on a day (R091): the last year not checked or failed, or too many years in a row only basically passed.
pub fn obstacles(rows: &[RecordRow], day: NaiveDate, basic_limit: i32) -> Vec<Words> {
    let checks: Vec<(i32, CheckResult)> =
        rows.iter().filter(|row| counts_on(row, day)).filter_map(|row| row.year.zip(row.result)).collect();
    let of = |year: i32| checks.iter().find(|(checked, _)| *checked == year).map(|(_, result)| *result);
    let last = day.year().saturating_sub(1);
    let mut found = Vec::new();
    match of(last) {
        None => found.push(words!("{last} 年度未年检", "year {last} is not checked")),
        Some(CheckResult::Failed) => found.push(words!("{last} 年度年检不合格", "the check of year {last} was failed")),
        Some(CheckResult::Passed | CheckResult::BasicallyPassed) => {}
    }
    let basic = |back: i32| of(last.saturating_sub(back)) == Some(CheckResult::BasicallyPassed);
    if basic_limit > 0 && (0..basic_limit).all(basic) {
        found.push(words!("连续 {basic_limit} 年基本合格", "{basic_limit} years in a row only basically passed"));
    }
    found
}

#[cfg(test)]
mod tests;
