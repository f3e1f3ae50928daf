//! Decisions on publications and filings. Pure.

use chrono::NaiveDate;

use super::model::NewFiling;
use crate::kernel::error::{Fields, problems};
use crate::kernel::{Error, Result};
use crate::parties::regulations::Clock;
use crate::words;

problems! {
    /// It was recorded before.
    FILED_ALREADY = "filed_already", 409, "已登记", "Recorded already",
        "同一合同的公告、备案各登记一次。",
        "The publication and the filing of a contract are each recorded once.";
}

/// Longest reference, in characters.
pub const REFERENCE_MAX: usize = 500;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;

/// Checks what is recorded: a day from the signing to today, a reference, and a reason under the clock's rule when the day is past its last.
pub fn check(new: &NewFiling, signed_on: NaiveDate, today: NaiveDate, clock: Option<&Clock>) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.reference, "/reference", 1, REFERENCE_MAX);
    fields.require((signed_on..=today).contains(&new.done_on), "/done_on", || {
        words!("须在签订日 {signed_on} 至今日之间", "must lie between the signing on {signed_on} and today")
    });
    if let Some(reason) = &new.late_reason {
        fields.text(reason, "/late_reason", 1, REASON_MAX);
    }
    fields.finish()?;
    match clock {
        Some(clock) if clock.overdue() && new.late_reason.is_none() => {
            let due = clock.due_by.unwrap_or(new.done_on);
            let refusal = Error::field("/late_reason", words!("已过期限 {due}，须说明理由", "the last day was {due}: say why it is late"));
            Err(refusal.under(clock.rule.clone()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::filings::model::FilingKind;
    use crate::kernel::RuleRef;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn judged(done: &str, reason: Option<&str>) -> bool {
        let new = NewFiling {
            kind: FilingKind::Publication,
            done_on: day(done),
            reference: "https://example.org/gg/1".into(),
            late_reason: reason.map(Into::into),
        };
        let rule = RuleRef { rule: "R054".into(), legal_basis: "实施条例 第50条".into() };
        let clock = Clock { rule, due_by: Some(day("2026-03-04")), done_on: Some(new.done_on), today: day("2026-03-20") };
        check(&new, day("2026-03-02"), day("2026-03-20"), Some(&clock)).is_ok()
    }

    #[test]
    fn the_last_day_is_in_time_and_the_next_one_needs_a_reason() {
        assert!(judged("2026-03-02", None) && judged("2026-03-04", None));
        assert!(!judged("2026-03-05", None) && judged("2026-03-05", Some("平台维护")));
        assert!(!judged("2026-03-01", None) && !judged("2026-03-21", Some("平台维护")));
        assert!(!judged("2026-03-05", Some(" ")));
    }
}
