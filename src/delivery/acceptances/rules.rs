//! Decisions on acceptances: the terms, the average score, what is accepted of a milestone's amount. Pure.

use super::model::{Band, NewPrice, Terms};
use crate::delivery::agreements::MilestoneRow;
use crate::kernel::error::{Fields, problems};
use crate::kernel::fen::MAX_FEN;
use crate::kernel::{Error, Fen, Result};
use crate::words;

problems! {
    /// Too few persons signed.
    ACCEPTANCE_NOT_SIGNED = "acceptance_not_signed", 409, "验收签字人数不足", "Too few signed the acceptance",
        "合同约定的验收人尚未全部签字。请其他验收人先签字，再作验收结论。",
        "The contract asks for more signatures. Have the other signers sign, then conclude.";
    /// The same person signs twice.
    ACCEPTANCE_SIGNED = "acceptance_signed", 409, "您已签字", "You have signed",
        "每人对同一次交付只签字一次。",
        "A person signs once for a delivery.";
    /// More was advanced than is accepted.
    ADVANCE_EXCEEDS_ACCEPTANCE = "advance_exceeds_acceptance", 409, "预付款超过验收金额", "More was advanced than is accepted",
        "扣减后的差额已预付，无可释放的余额。请先收回该预付款（登记退票），再作验收结论。",
        "What is deducted was paid in advance, so nothing is left to go free. Let the advance come back (enter it as bounced), then conclude.";
}

/// Most persons who sign.
pub const SIGNERS_MAX: i32 = 9;
/// Most bands.
pub const BANDS_MAX: usize = 10;
/// Largest deduction, in basis points.
pub const DEDUCT_MAX_BP: i64 = 5_000;
/// Longest label of a unit, in characters.
pub const LABEL_MAX: usize = 32;
/// Longest opinion of a signer, in characters.
pub const OPINION_MAX: usize = 2_000;
/// Largest quantity.
pub const QUANTITY_MAX: i64 = 100_000_000;

/// Checks terms: 1 to 9 signers; bands from the highest mark down, each costing more than the one above; prices of milestones of this contract
/// that do not exceed their ceiling.
pub fn check_terms(signers: i32, bands: &[Band], prices: &[NewPrice], milestones: &[MilestoneRow]) -> Result<()> {
    let mut fields = Fields::default();
    fields.require((1..=SIGNERS_MAX).contains(&signers), "/signers", || words!("须为 1 到 {SIGNERS_MAX}", "must be 1 to {SIGNERS_MAX}"));
    fields.require(bands.len() <= BANDS_MAX, "/bands", || words!("最多 {BANDS_MAX} 档", "at most {BANDS_MAX} bands"));
    let mut above: Option<&Band> = None;
    for (place, band) in bands.iter().enumerate().take(BANDS_MAX) {
        let in_range = (1..=100).contains(&band.below) && (1..=DEDUCT_MAX_BP).contains(&band.deduct_bp);
        let in_order = above.is_none_or(|above| band.below < above.below && band.deduct_bp > above.deduct_bp);
        fields.require(in_range && in_order, &format!("/bands/{place}"), || {
            words!("须由高到低，扣减逐档增大", "marks must fall and deductions grow from band to band")
        });
        above = Some(band);
    }
    for (place, price) in prices.iter().enumerate() {
        let at = format!("/prices/{place}");
        fields.text(&price.unit_label, &format!("{at}/unit_label"), 1, LABEL_MAX);
        let ceiling = milestones.iter().find(|milestone| milestone.id == price.milestone).map(|milestone| milestone.amount_fen);
        fields
            .require(ceiling.is_some(), &format!("{at}/milestone_id"), || words!("不是本合同的里程碑", "not a milestone of the contract"));
        let most = ceiling.unwrap_or(Fen::new(MAX_FEN));
        fields.require(price.unit_price > Fen::ZERO && price.unit_price <= most, &format!("{at}/unit_price"), || {
            words!("须大于零且不超过里程碑金额", "must be more than zero and at most the milestone's amount")
        });
        let twice = prices.iter().filter(|other| other.milestone == price.milestone).count() > 1;
        fields.require(!twice, &format!("{at}/milestone_id"), || words!("重复", "named twice"));
    }
    fields.finish()
}

/// Checks a signer's score: there where the terms score acceptance, absent where they do not.
pub fn check_score(terms: &Terms, score: Option<i32>) -> Result<()> {
    let mut fields = Fields::default();
    let fits = match score {
        Some(points) => !terms.bands.is_empty() && (0..=100).contains(&points),
        None => terms.bands.is_empty(),
    };
    fields.require(fits, "/score", || {
        words!(
            "约定评分的合同须打 0 到 100 分，未约定的不打分",
            "0 to 100 points where the contract scores acceptance, none where it does not"
        )
    });
    fields.finish()
}

/// Checks what a signer found.
pub fn check_opinion(opinion: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(opinion, "/opinion", 1, OPINION_MAX);
    fields.finish()
}

/// The average of the scores in hundredths of a point, a half rounded up; none of none.
pub fn average(scores: &[i32]) -> Option<i32> {
    let count = i64::try_from(scores.len()).ok().filter(|count| *count > 0)?;
    let sum: i64 = scores.iter().map(|score| i64::from(*score)).sum();
    let doubled = sum.checked_mul(200)?.checked_add(count)?;
    i32::try_from(doubled.checked_div(count.checked_mul(2)?)?).ok()
}

/// What is accepted of a milestone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// What was done, before the deduction.
    pub measured: Fen,
    /// What is accepted.
    pub accepted: Fen,
}

/// What is accepted of `ceiling`: unit price times quantity, at most the ceiling, less the share of the lowest band that the score falls into. The deduction is
/// rounded down to a whole fen, in favour of the supplier.
pub fn measure(
    ceiling: Fen,
    unit_price: Option<Fen>,
    quantity: Option<i64>,
    bands: &[Band],
    score_hundredths: Option<i32>,
) -> Result<Measured> {
    let measured = match (unit_price, quantity) {
        (None, None) => ceiling,
        (Some(price), Some(quantity)) if (1..=QUANTITY_MAX).contains(&quantity) => {
            let whole = i128::from(price.get()).saturating_mul(i128::from(quantity));
            Fen::new(i64::try_from(whole).unwrap_or(i64::MAX)).min(ceiling)
        }
        (Some(_), _) => {
            return Err(Error::field("/quantity", words!("按单价结算须填写数量", "settled by unit price: the quantity is needed")));
        }
        (None, Some(_)) => return Err(Error::field("/quantity", words!("本里程碑未约定单价", "the milestone has no unit price"))),
    };
    let share = score_hundredths.map_or(0, |score| deduction(bands, score));
    let deducted = i128::from(measured.get()).saturating_mul(i128::from(share)).checked_div(10_000).unwrap_or(0);
    let deducted = Fen::new(i64::try_from(deducted).map_err(|e| Error::internal(format!("deduction: {e}")))?);
    Ok(Measured { measured, accepted: measured.minus(deducted)? })
}

/// The share of the lowest band that the score falls into, in basis points.
fn deduction(bands: &[Band], score_hundredths: i32) -> i64 {
    let hit = bands.iter().filter(|band| score_hundredths < band.below.saturating_mul(100));
    hit.map(|band| band.deduct_bp).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BANDS: [Band; 2] = [Band { below: 90, deduct_bp: 500 }, Band { below: 80, deduct_bp: 1_500 }];

    fn accepted(ceiling: i64, score: i32) -> i64 {
        measure(Fen::new(ceiling), None, None, &BANDS, Some(score)).unwrap().accepted.get()
    }

    #[test]
    fn a_score_at_the_mark_costs_nothing_and_a_hundredth_below_does() {
        assert_eq!([9_000, 8_999, 8_000, 7_999, 0].map(|score| accepted(400_000, score)), [400_000, 380_000, 380_000, 340_000, 340_000]);
        assert_eq!(accepted(19, 8_999), 19, "a deduction of 0.95 fen is none");
    }

    #[test]
    fn a_half_of_a_hundredth_rounds_up() {
        assert_eq!(average(&[90, 89]), Some(8_950));
        assert_eq!(average(&[90, 90, 89]), Some(8_967));
        assert_eq!(average(&[100, 99, 99, 99, 99, 99, 99, 99]), Some(9_913));
        assert_eq!(average(&[]), None);
    }

    #[test]
    fn a_quantity_goes_with_a_unit_price_and_stops_at_the_ceiling() {
        let by_unit = |quantity| measure(Fen::new(1_000), Some(Fen::new(30)), quantity, &[], None);
        assert_eq!(by_unit(Some(33)).unwrap().accepted, Fen::new(990));
        assert_eq!(by_unit(Some(34)).unwrap().accepted, Fen::new(1_000));
        assert_eq!(by_unit(Some(QUANTITY_MAX)).unwrap().accepted, Fen::new(1_000));
        assert!(by_unit(None).is_err() && by_unit(Some(0)).is_err() && by_unit(Some(-1)).is_err());
        assert!(measure(Fen::new(1_000), None, Some(1), &[], None).is_err());
    }

    #[test]
    fn bands_fall_and_deductions_grow() {
        assert!(check_terms(3, &BANDS, &[], &[]).is_ok());
        let swapped = [BANDS[1], BANDS[0]];
        assert!(check_terms(3, &swapped, &[], &[]).is_err());
        let flat = [BANDS[0], Band { below: 80, deduct_bp: 500 }];
        assert!(check_terms(3, &flat, &[], &[]).is_err());
        assert!(check_terms(0, &[], &[], &[]).is_err() && check_terms(10, &[], &[], &[]).is_err());
        assert!(check_terms(1, &[Band { below: 90, deduct_bp: DEDUCT_MAX_BP + 1 }], &[], &[]).is_err());
    }

    proptest! {
        #[test]
        fn a_better_score_never_pays_less_and_at_least_half_is_accepted(ceiling in 1_i64..=MAX_FEN, low in 0_i32..=10_000, more in 0_i32..=10_000) {
            let high = low.saturating_add(more).min(10_000);
            prop_assert!(accepted(ceiling, low) <= accepted(ceiling, high));
            prop_assert!(accepted(ceiling, low) * 2 >= ceiling && accepted(ceiling, high) <= ceiling);
        }

        #[test]
        fn an_average_lies_between_its_scores(scores in prop::collection::vec(0_i32..=100, 1..=9)) {
            let found = average(&scores).unwrap();
            let (least, most) = (scores.iter().min().unwrap(), scores.iter().max().unwrap());
            prop_assert!((least * 100..=most * 100).contains(&found));
        }
    }
}
