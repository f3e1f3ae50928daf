//! Statutory clocks: the last day of a period that a rule gives, by the figure's own unit.

use chrono::{Days, Months, NaiveDate};

use super::{Figure, MissingYear, Rule, WorkCalendar};
use crate::kernel::Error;
use crate::words;

/// Months of a year, for figures in years.
const MONTHS: u32 = 12;

/// Why nothing can be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A year's calendar is not loaded.
    #[error(transparent)]
    MissingYear(#[from] MissingYear),
    /// The rule set has no such number, or one that counts nothing.
    #[error("rule {rule} has no usable figure {figure}")]
    MissingFigure {
        /// The rule.
        rule: String,
        /// The figure's name.
        figure: String,
    },
}

impl From<MissingYear> for Error {
    fn from(MissingYear(year): MissingYear) -> Self {
        super::CALENDAR_NOT_LOADED.because(words!(
            "缺少 {year} 年工作日历，请由管理员 POST /api/v1/calendars 或运行 `baiyi import calendar <文件>`",
            "the calendar of {year} is missing; an administrator loads it with POST /api/v1/calendars or `baiyi import calendar <file>`"
        ))
    }
}

impl From<Flaw> for Error {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::MissingYear(missing) => missing.into(),
            Flaw::MissingFigure { rule, figure } => super::RULE_INCOMPLETE.because(words!(
                "规则 {rule} 缺少可用的数值 {figure}，请导入完整的规则集",
                "rule {rule} has no usable figure {figure}; import a complete rule set"
            )),
        }
    }
}

/// The rule's figure, or a flaw.
pub fn figure<'r>(rule: &'r Rule, name: &str) -> Result<&'r Figure, Flaw> {
    rule.figure(name).ok_or_else(|| missing(rule, name))
}

fn missing(rule: &Rule, name: &str) -> Flaw {
    Flaw::MissingFigure { rule: rule.id.clone(), figure: name.to_owned() }
}

/// The last day of the period that begins on `start` and lasts as long as the rule's figure says. The first day is not counted; a period in
/// calendar days that ends on a day off rolls to the next working day; make-up working days work (R072). Months and years end on the same day of the month.
pub fn due(rule: &Rule, figure_name: &str, start: NaiveDate, calendar: &WorkCalendar) -> Result<NaiveDate, Flaw> {
    let figure = figure(rule, figure_name)?;
    let unusable = || missing(rule, figure_name);
    let n = u32::try_from(figure.number).ok().filter(|n| *n <= 10_000).ok_or_else(unusable)?;
    Ok(match figure.unit.as_str() {
        "working_day" => calendar.after_working_days(start, n)?,
        "calendar_day" | "day" => calendar.after_calendar_days(start, n)?,
        "month" => start.checked_add_months(Months::new(n)).ok_or_else(unusable)?,
        "year" => start.checked_add_months(Months::new(n.saturating_mul(MONTHS))).ok_or_else(unusable)?,
        _ => return Err(unusable()),
    })
}

/// The first day on which a deadline may lie when the rule gives a least period from `start`: the last day of that period.
pub fn earliest(rule: &Rule, figure_name: &str, start: NaiveDate, calendar: &WorkCalendar) -> Result<NaiveDate, Flaw> {
    due(rule, figure_name, start, calendar)
}

/// The day after `due`, from which something that had to wait for the period may happen; a day off when that day is one.
pub fn day_after(due: NaiveDate) -> NaiveDate {
    due.checked_add_days(Days::new(1)).unwrap_or(due)
}
