//! Prices by the articles: the points of an offer and what makes a price abnormally low.

use crate::kernel::{BasisPoints, Fen};

/// Hundredths of a point in a point.
const HUNDREDTHS: i128 = 100;

/// Points of an offer in hundredths, half up: lowest ÷ offer × full (财政部令第87号 第55条). `None` for an offer of nothing.
pub fn points(lowest: Fen, offer: Fen, full: i64) -> Option<i64> {
    let (lowest, offer) = (i128::from(lowest.get()), i128::from(offer.get()));
    let scaled = lowest.checked_mul(i128::from(full))?.checked_mul(HUNDREDTHS)?;
    let doubled = scaled.checked_mul(2)?.checked_add(offer)?;
    i64::try_from(doubled.checked_div_euclid(offer.checked_mul(2)?)?).ok()
}

/// Shares below which a price is abnormally low, all strict (财库〔2026〕2号).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of the mean of the offers that passed the responsiveness check.
    pub below_mean_bp: i64,
    /// Of the next lowest of them.
    pub below_next_lowest_bp: i64,
    /// Of the ceiling, or of the budget where there is none.
    pub below_ceiling_bp: i64,
}

crate::text_enum! {
    /// What makes a price abnormally low.
    pub enum LowTrigger {
        /// Below the share of the mean.
        Mean = "below_mean",
        /// Below the share of the next lowest offer.
        NextLowest = "below_next_lowest",
        /// Below the share of the ceiling.
        Ceiling = "below_ceiling",
    }
}

/// Why an offer is abnormally low; empty when it is not. `passed` are the raw prices of all offers that passed the responsiveness check, this one included.
/// Every bound is strict, and a trigger asks for an explanation: it is no invalidity.
pub fn low_triggers(offer: Fen, passed: &[Fen], ceiling: Option<Fen>, limits: &Limits) -> Vec<LowTrigger> {
    let scale = i128::from(BasisPoints::WHOLE.get());
    let scaled = i128::from(offer.get()).saturating_mul(scale);
    let share = |whole: i128, bp: i64| whole.saturating_mul(i128::from(bp));
    let count = i128::try_from(passed.len()).unwrap_or(i128::MAX);
    let sum = passed.iter().fold(0_i128, |sum, one| sum.saturating_add(i128::from(one.get())));
    let mut sorted = passed.to_vec();
    sorted.sort_unstable();
    let mut found = Vec::new();
    if count > 0 && scaled.saturating_mul(count) < share(sum, limits.below_mean_bp) {
        found.push(LowTrigger::Mean);
    }
    let is_lowest = sorted.first() == Some(&offer);
    if let Some(next) = sorted.get(1)
        && is_lowest
        && scaled < share(i128::from(next.get()), limits.below_next_lowest_bp)
    {
        found.push(LowTrigger::NextLowest);
    }
    if let Some(ceiling) = ceiling
        && scaled < share(i128::from(ceiling.get()), limits.below_ceiling_bp)
    {
        found.push(LowTrigger::Ceiling);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { below_mean_bp: 5000, below_next_lowest_bp: 5000, below_ceiling_bp: 4500 };

    fn triggers(offer: i64, others: &[i64], ceiling: Option<i64>) -> Vec<LowTrigger> {
        let passed: Vec<Fen> = others.iter().chain([&offer]).copied().map(Fen::new).collect();
        low_triggers(Fen::new(offer), &passed, ceiling.map(Fen::new), &LIMITS)
    }

    #[test]
    fn every_bound_is_strict() {
        // Mean of 60, 180 and 120 is 120: half of it is 60.
        assert_eq!(triggers(60, &[180, 120], None), []);
        assert_eq!(triggers(60, &[181, 120], None), [LowTrigger::Mean]);
        assert_eq!(triggers(50, &[100, 100], None), []);
        assert_eq!(triggers(50, &[101, 101], None), [LowTrigger::NextLowest]);
        assert_eq!(triggers(45, &[46], Some(100)), []);
        assert_eq!(triggers(44, &[46], Some(100)), [LowTrigger::Ceiling]);
    }

    #[test]
    fn only_the_lowest_is_compared_with_the_next() {
        assert!(!triggers(100, &[40, 250], None).contains(&LowTrigger::NextLowest));
        assert!(triggers(40, &[100, 100], None).contains(&LowTrigger::NextLowest));
        assert_eq!(triggers(7, &[], None), []);
    }

    #[test]
    fn points_are_the_lowest_over_the_offer() {
        let points = |lowest, offer| points(Fen::new(lowest), Fen::new(offer), 100);
        assert_eq!(points(80, 80), Some(10_000));
        assert_eq!(points(80, 100), Some(8_000));
        assert_eq!(points(100, 300), Some(3_333));
        assert_eq!(points(200, 300), Some(6_667));
        assert_eq!(points(1, 0), None);
    }
}
