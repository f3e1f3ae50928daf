//! Decisions on contracts: the term, the schedule and its sum. Pure.

use chrono::NaiveDate;

use super::model::{NewContract, NewMilestone};
use crate::kernel::error::Fields;
use crate::kernel::fen::MAX_FEN;
use crate::kernel::{Fen, Result};
use crate::words;

/// Longest title, in characters.
pub const TITLE_MAX: usize = 128;
/// Most milestones of a contract.
pub const MILESTONES_MAX: usize = 24;

/// Most deliverables of a milestone.
pub const DELIVERABLES_MAX: usize = 20;

/// Checks a draft: dates ordered, 1 to 24 milestones within the term, amounts that add up exactly to the price.
pub fn check_draft(new: &NewContract) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.title, "/title", 1, TITLE_MAX);
    fields.require((1..=MAX_FEN).contains(&new.price.get()), "/price", || words!("须为正数", "must be positive"));
    fields.require(new.starts_on <= new.ends_on, "/ends_on", || words!("不得早于 starts_on", "must not be before starts_on"));
    fields.require((1..=MILESTONES_MAX).contains(&new.milestones.len()), "/milestones", || {
        words!("须有 1 到 {MILESTONES_MAX} 个里程碑", "must have 1 to {MILESTONES_MAX} milestones")
    });
    for (place, milestone) in new.milestones.iter().enumerate().take(MILESTONES_MAX) {
        check_milestone(&mut fields, milestone, new.starts_on, new.ends_on, &format!("/milestones/{place}"));
    }
    // A sum that overflows cannot equal the price.
    let total = Fen::total(new.milestones.iter().map(|milestone| milestone.amount)).ok();
    fields.require(total == Some(new.price), "/milestones", || {
        let total = total.unwrap_or_default();
        words!(
            "各里程碑金额合计 {total} 元，须等于合同价 {0} 元",
            "the milestones add up to {total} yuan, the price is {0} yuan",
            new.price
        )
    });
    fields.finish()
}

fn check_milestone(fields: &mut Fields, milestone: &NewMilestone, from: NaiveDate, to: NaiveDate, at: &str) {
    fields.text(&milestone.title, &format!("{at}/title"), 1, TITLE_MAX);
    fields.require((1..=MAX_FEN).contains(&milestone.amount.get()), &format!("{at}/amount"), || words!("须为正数", "must be positive"));
    fields.require((from..=to).contains(&milestone.due_on), &format!("{at}/due_on"), || {
        words!("须在合同期 {from} 至 {to} 内", "must lie in the term from {from} to {to}")
    });
    fields.require(milestone.deliverables.len() <= DELIVERABLES_MAX, &format!("{at}/deliverables"), || {
        words!("最多 {DELIVERABLES_MAX} 项", "at most {DELIVERABLES_MAX}")
    });
    for (place, one) in milestone.deliverables.iter().enumerate().take(DELIVERABLES_MAX) {
        let pointer = format!("{at}/deliverables/{place}");
        fields.text(one, &pointer, 1, TITLE_MAX);
        fields.require(!one.trim().contains('\n'), &pointer, || words!("须为一行", "must be one line"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::agreements::Source;
    use crate::kernel::id::{AwardId, CaseId, HoldId, OrganisationId, TenantId, UnitId};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn contract(price: i64, amounts: &[i64]) -> NewContract {
        let nil = Uuid::nil();
        let milestone = |amount: &i64| NewMilestone {
            title: "中期".into(),
            due_on: day("2026-06-30"),
            amount: Fen::new(*amount),
            deliverables: Vec::new(),
        };
        NewContract {
            tenant: TenantId::new(nil),
            case: CaseId::new(nil),
            award: AwardId::new(nil),
            unit: UnitId::new(nil),
            organisation: OrganisationId::new(nil),
            source: Source::Reservation(HoldId::new(nil)),
            title: "居家养老服务".into(),
            price: Fen::new(price),
            starts_on: day("2026-04-01"),
            ends_on: day("2026-12-31"),
            milestones: amounts.iter().map(milestone).collect(),
        }
    }

    proptest! {
        #[test]
        fn the_milestones_add_up_exactly_to_the_price(amounts in prop::collection::vec(1_i64..1_000_000, 1..=24), off in -3_i64..=3) {
            let total: i64 = amounts.iter().sum();
            prop_assert_eq!(check_draft(&contract(total + off, &amounts)).is_ok(), off == 0 && total > 0);
        }

        #[test]
        fn no_amount_makes_the_sum_wrap(amounts in prop::collection::vec(any::<i64>(), 1..=24), price in any::<i64>()) {
            let sum: i128 = amounts.iter().map(|amount| i128::from(*amount)).sum();
            let good = amounts.iter().all(|amount| (1..=MAX_FEN).contains(amount)) && sum == i128::from(price) && (1..=MAX_FEN).contains(&price);
            prop_assert_eq!(check_draft(&contract(price, &amounts)).is_ok(), good);
        }
    }

    #[test]
    fn a_milestone_lies_in_the_term_to_its_last_day() {
        let due = |on: &str| {
            let mut new = contract(5, &[5]);
            new.milestones[0].due_on = day(on);
            check_draft(&new).is_ok()
        };
        assert!(due("2026-04-01") && due("2026-12-31"));
        assert!(!due("2026-03-31") && !due("2027-01-01"));
    }

    #[test]
    fn the_schedule_is_neither_empty_nor_longer_than_twenty_four() {
        assert!(check_draft(&contract(24, &[1; 24])).is_ok());
        assert!(check_draft(&contract(25, &[1; 25])).is_err());
        assert!(check_draft(&contract(0, &[])).is_err());
        let mut backwards = contract(5, &[5]);
        (backwards.starts_on, backwards.ends_on) = (backwards.ends_on, backwards.starts_on);
        assert!(check_draft(&backwards).unwrap_err().to_string().contains("/ends_on"));
    }
}
