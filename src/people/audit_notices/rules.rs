//! Decisions on audit notices. Pure.

use chrono::Months;

use super::model::NewAuditNotice;
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::people::scope::YEARS;
use crate::words;

/// Longest number or subject, in characters.
pub const TEXT_MAX: usize = 200;
/// Most units of a notice.
pub const UNITS_MAX: usize = 200;
/// Longest validity, in months.
pub const VALID_MONTHS: u32 = 36;

/// Checks a notice: years 2000 to 2100 in order, days in order and at most three years apart, units named once.
pub fn check(new: &NewAuditNotice) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.number, "/number", 1, TEXT_MAX);
    fields.text(&new.subject, "/subject", 1, TEXT_MAX);
    let years = new.from_year <= new.to_year && YEARS.contains(&new.from_year) && YEARS.contains(&new.to_year);
    fields.require(years, "/to_year", || words!("年度须在 2000 至 2100 之间且先后有序", "years lie between 2000 and 2100, in order"));
    let last = new.valid_from.checked_add_months(Months::new(VALID_MONTHS));
    let days = new.valid_from <= new.valid_until && last.is_some_and(|last| new.valid_until <= last);
    fields.require(days, "/valid_until", || words!("有效期先后有序且不超过三年", "days are in order and at most three years apart"));
    let mut units = new.units.clone();
    units.sort_unstable();
    units.dedup();
    fields.require(units.len() == new.units.len() && units.len() <= UNITS_MAX, "/unit_ids", || {
        words!("每个单位只列一次，最多 {UNITS_MAX} 个", "each unit once, at most {UNITS_MAX}")
    });
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{AccountId, UnitId};
    use uuid::Uuid;

    fn notice(years: (i32, i32), days: (&str, &str)) -> NewAuditNotice {
        NewAuditNotice {
            number: "吴审通〔2026〕12号".into(),
            subject: "政府购买服务专项审计".into(),
            auditor: AccountId::new(Uuid::nil()),
            units: vec![UnitId::new(Uuid::from_u128(1))],
            from_year: years.0,
            to_year: years.1,
            valid_from: days.0.parse().unwrap(),
            valid_until: days.1.parse().unwrap(),
        }
    }

    #[test]
    fn years_and_days_are_in_order_and_three_years_are_the_most() {
        let good = ("2026-03-01", "2029-03-01");
        assert!(check(&notice((2025, 2026), good)).is_ok());
        assert!(check(&notice((2026, 2025), good)).is_err() && check(&notice((1999, 2026), good)).is_err());
        assert!(check(&notice((2025, 2026), ("2026-03-01", "2029-03-02"))).is_err());
        assert!(check(&notice((2025, 2026), ("2026-03-02", "2026-03-01"))).is_err());
        let mut twice = notice((2025, 2026), good);
        twice.units.push(twice.units[0]);
        assert!(check(&twice).is_err());
    }
}
