//! Decisions on exceptions: what may be excepted, and by when it is reviewed. Pure.

use chrono::NaiveDate;

use super::model::NewException;
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::kernel::id::AccountId;
use crate::law::{MissingYear, WorkCalendar};
use crate::people::policy::EXCEPTABLE;
use crate::words;

/// Longest reason and note, in characters.
pub const REASON_MAX: usize = 500;
/// Longest kind of a resource, in characters.
pub const KIND_MAX: usize = 40;
/// Working days in which an exception is reviewed. The platform's own rule (docs/guides/duties.md), not a statutory number.
pub const REVIEW_WORKING_DAYS: u32 = 5;

/// Checks a new exception; `known` says whether the account is an active one of the district.
pub fn check(new: &NewException, maker: AccountId, known: bool) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(EXCEPTABLE.contains(&new.action.as_str()), "/action", || {
        let legal = EXCEPTABLE.join(", ");
        words!("该操作不得例外；可例外的有：{legal}", "nothing lifts the bars of this action; those of these may be: {legal}")
    });
    fields.text(&new.resource_kind, "/resource_kind", 1, KIND_MAX);
    fields.require(known, "/account_id", || words!("须为本地区在用账户", "must be an active account of the district"));
    fields.require(new.account != maker, "/account_id", || words!("不得为自己登记例外", "nobody records an exception for itself"));
    fields.text(&new.reason, "/reason", 10, REASON_MAX);
    fields.finish()
}

/// The last day of the review of an exception recorded on `day`, which is not counted.
pub fn review_due(calendar: &WorkCalendar, day: NaiveDate) -> Result<NaiveDate, MissingYear> {
    calendar.after_working_days(day, REVIEW_WORKING_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::AnyId;
    use crate::law::DayKind;
    use uuid::Uuid;

    fn new(action: &str) -> NewException {
        NewException {
            action: action.into(),
            resource_kind: "payment".into(),
            resource: AnyId::new(Uuid::from_u128(1)),
            account: AccountId::new(Uuid::from_u128(2)),
            reason: "另一位财务人员住院，月底前须付款".into(),
        }
    }

    #[test]
    fn only_a_named_action_is_excepted_and_nobody_helps_itself() {
        let maker = AccountId::new(Uuid::from_u128(9));
        assert!(check(&new("payments.approve"), maker, true).is_ok());
        for (bad, pointer) in [(new("tenders.approve"), "/action"), (new("awards.confirm"), "/action"), (new("nothing"), "/action")] {
            assert!(check(&bad, maker, true).unwrap_err().to_string().contains(pointer));
        }
        assert!(check(&new("payments.approve"), AccountId::new(Uuid::from_u128(2)), true).unwrap_err().to_string().contains("/account_id"));
        assert!(check(&new("payments.approve"), maker, false).unwrap_err().to_string().contains("/account_id"));
    }

    #[test]
    fn five_working_days_skip_the_weekend_and_do_not_count_the_first() {
        let calendar = WorkCalendar::new([("2026-01-01".parse().unwrap(), DayKind::Off)]);
        let due = |day: &str| review_due(&calendar, day.parse().unwrap()).unwrap().to_string();
        assert_eq!(due("2026-03-02"), "2026-03-09", "Monday to Monday");
        assert_eq!(due("2026-03-06"), "2026-03-13", "Friday to Friday");
        assert!(review_due(&calendar, "2027-03-02".parse().unwrap()).is_err(), "a missing year is loud");
    }
}
