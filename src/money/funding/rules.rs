//! Decisions on funding: how an amount is spread over lines, and what a plan must be. Pure.

use super::model::{Leg, LineRow, NewLine};
use crate::kernel::error::{Fields, problems};
use crate::kernel::fen::MAX_FEN;
use crate::kernel::id::FundingLineId;
use crate::kernel::{Error, Fen, Result};
use crate::money::funds::FundRow;
use crate::words;

problems! {
    /// The lines do not have so much.
    FUNDING_EXCEEDED = "funding_exceeded", 409, "超出各资金来源的余额", "More than the funding lines have",
        "金额超过各资金来源行尚余的金额；未来年度的部分须待其指标下达后方可使用。",
        "The amount is more than the funding lines have left. A later year's part can be used only after its appropriation arrived.";
    /// The named legs do not fit.
    LEGS_DO_NOT_FIT = "legs_do_not_fit", 422, "资金来源分摊不符", "The named legs do not fit",
        "指定的各行金额须属于该合同、互不重复、不超过该行余额，且合计恰为总额。",
        "The named lines must be the owner's, each once, each within what it has left, and add up exactly to the amount.";
    /// The bank may pay an advance that the books do not show yet.
    ADVANCE_UNDER_WAY = "advance_under_way", 409, "有预付款正在支付", "An advance is under way",
        "该合同有已审批而尚未登记回单的预付款，其资金来源行在此期间不得变动。请先登记银行回单或退票；尚未通知银行的，可退回申请。",
        "An advance of the contract is approved and its receipt is not there, so its lines stay as they are. Enter the receipt or the bounce; return an advance of which the bank was not told.";
}

/// Most lines of one owner.
pub const LINES_MAX: usize = 12;

/// Spreads `amount` over what each line has left, by largest remainder; a tie goes to the earlier line. Every part lies within what its line
/// has left and the parts add up exactly, so that the last amount clears every line. Refuses with `funding_exceeded` when the lines lack it.
pub fn apportion(amount: Fen, remaining: &[Fen]) -> Result<Vec<Fen>> {
    let total = Fen::total(remaining.iter().copied())?;
    if amount < Fen::ZERO || remaining.iter().any(|left| *left < Fen::ZERO) {
        return Err(Error::internal(format!("{amount} cannot be spread over {remaining:?}")));
    }
    if amount > total {
        return Err(
            FUNDING_EXCEEDED.because(words!("尚余 {total} 元，所需 {amount} 元", "left are {total} yuan, asked for are {amount} yuan"))
        );
    }
    if amount == Fen::ZERO {
        return Ok(vec![Fen::ZERO; remaining.len()]);
    }
    let (whole, parts) = (i128::from(amount.get()), i128::from(total.get()));
    let mut shares = Vec::with_capacity(remaining.len());
    for (place, left) in remaining.iter().enumerate() {
        let product = whole.checked_mul(i128::from(left.get())).ok_or_else(too_large)?;
        let floor = i64::try_from(product.div_euclid(parts)).map_err(|_| too_large())?;
        shares.push((place, Fen::new(floor), product.rem_euclid(parts)));
    }
    let mut missing = amount.minus(Fen::total(shares.iter().map(|share| share.1))?)?;
    // Largest remainder first; the sort is stable, so that a tie stays in the order of the lines.
    shares.sort_by_key(|share| std::cmp::Reverse(share.2));
    for share in &mut shares {
        if missing == Fen::ZERO {
            break;
        }
        share.1 = share.1.plus(Fen::new(1))?;
        missing = missing.minus(Fen::new(1))?;
    }
    shares.sort_by_key(|share| share.0);
    Ok(shares.into_iter().map(|share| share.1).collect())
}

fn too_large() -> Error {
    Error::internal("an apportionment does not fit")
}

/// Spreads `amount` over lines with what each has left: as named, or apportioned. Lines without a part are left out.
pub fn spread(amount: Fen, room: &[Leg], named: Option<&[Leg]>) -> Result<Vec<Leg>> {
    let Some(named) = named else {
        let left: Vec<Fen> = room.iter().map(|leg| leg.1).collect();
        let parts = apportion(amount, &left)?;
        return Ok(room.iter().zip(parts).map(|(leg, part)| (leg.0, part)).filter(|leg| leg.1 > Fen::ZERO).collect());
    };
    let mut seen: Vec<FundingLineId> = Vec::with_capacity(named.len());
    for (line, part) in named {
        let left = room.iter().find(|leg| leg.0 == *line).map(|leg| leg.1);
        if seen.contains(line) || *part <= Fen::ZERO || left.is_none_or(|left| *part > left) {
            let left = left.unwrap_or_default();
            return Err(
                LEGS_DO_NOT_FIT.because(words!("行 {line}：{part} 元，余 {left} 元", "line {line}: {part} yuan of {left} yuan left"))
            );
        }
        seen.push(*line);
    }
    let total = Fen::total(named.iter().map(|leg| leg.1))?;
    if total != amount {
        return Err(LEGS_DO_NOT_FIT.because(words!("合计 {total} 元，须为 {amount} 元", "they add up to {total} yuan, not {amount} yuan")));
    }
    // In the order of the lines, so that the postings come in one order too.
    Ok(room.iter().filter_map(|leg| named.iter().find(|one| one.0 == leg.0).copied()).collect())
}

/// Checks a plan; `funds` are the unit's funds that the lines name. At least one line has a fund, no fund is named twice, stream and year are
/// the fund's, and a line without a fund is of a later year than `this_year`.
pub fn check_plan(lines: &[NewLine], funds: &[FundRow], this_year: i32) -> Result<()> {
    let mut fields = Fields::default();
    fields.require((1..=LINES_MAX).contains(&lines.len()), "/funding", || {
        words!("须有 1 到 {LINES_MAX} 行资金来源", "must have 1 to {LINES_MAX} lines")
    });
    fields.require(lines.iter().any(|line| line.fund.is_some()), "/funding", || {
        words!("至少一行须有资金账户", "at least one line must name a fund")
    });
    for (place, line) in lines.iter().enumerate().take(LINES_MAX) {
        fields.require((1..=MAX_FEN).contains(&line.amount.get()), &format!("/funding/{place}/amount"), || {
            words!("须为正数", "must be positive")
        });
        match line.fund {
            None => fields.require(line.year > this_year, &format!("/funding/{place}/year"), || {
                words!("没有资金账户的行须属以后年度", "a line without a fund must be of a later year")
            }),
            Some(id) => {
                let repeated = lines.iter().take(place).any(|other| other.fund == Some(id));
                let fund = funds.iter().find(|fund| fund.id == id);
                let fits = fund.is_some_and(|fund| fund.stream == line.stream && fund.year == line.year);
                fields.require(fund.is_some() && !repeated, &format!("/funding/{place}/fund_id"), || {
                    words!("须为本单位的资金账户，且只列一次", "must be a fund of the unit, named once")
                });
                fields.require(fund.is_none() || fits, &format!("/funding/{place}/stream"), || {
                    words!("渠道和年度须与资金账户一致", "stream and year must be those of the fund")
                });
            }
        }
    }
    fields.finish()
}

/// The line in its next version with another state.
pub fn moved(line: &LineRow, state: super::model::LineState) -> LineRow {
    LineRow { state, version: line.version.saturating_add(1), ..line.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn fen(parts: &[i64]) -> Vec<Fen> {
        parts.iter().copied().map(Fen::new).collect()
    }

    /// Pays the amounts one after the other over the remaining shares; gives what is left of each at the end.
    fn pay_off(shares: &[i64], payments: &[i64]) -> Vec<i64> {
        let mut left = fen(shares);
        for payment in payments {
            let parts = apportion(Fen::new(*payment), &left).unwrap();
            assert_eq!(Fen::total(parts.iter().copied()).unwrap(), Fen::new(*payment));
            for (left, part) in left.iter_mut().zip(&parts) {
                assert!(*part >= Fen::ZERO && part <= left, "{shares:?} {payments:?}: {part} of {left}");
                *left = left.minus(*part).unwrap();
            }
        }
        left.into_iter().map(Fen::get).collect()
    }

    #[test]
    fn the_counter_examples_of_the_domain_document_come_out_even() {
        // On the original shares the first line would pay 18 of its 17.
        assert_eq!(pay_off(&[17, 32, 2], &[2, 2, 33, 8, 6]), [0, 0, 0]);
        // Cumulative rounding would give a negative leg between 44 and 45 paid.
        assert_eq!(pay_off(&[35, 30, 1, 26], &[44, 1, 47]), [0, 0, 0, 0]);
        assert_eq!(pay_off(&[35, 30, 1, 26], &[1; 92]), [0, 0, 0, 0]);
    }

    #[test]
    fn a_tie_goes_to_the_earlier_line_and_a_fen_beyond_is_refused() {
        assert_eq!(apportion(Fen::new(1), &fen(&[5, 5, 5])).unwrap(), fen(&[1, 0, 0]));
        assert_eq!(apportion(Fen::new(2), &fen(&[5, 5, 5])).unwrap(), fen(&[1, 1, 0]));
        assert_eq!(apportion(Fen::new(15), &fen(&[5, 5, 5])).unwrap(), fen(&[5, 5, 5]));
        assert_eq!(apportion(Fen::new(16), &fen(&[5, 5, 5])).unwrap_err().code(), "funding_exceeded");
        assert_eq!(apportion(Fen::ZERO, &fen(&[0, 0])).unwrap(), fen(&[0, 0]));
        assert_eq!(apportion(Fen::ZERO, &[]).unwrap(), []);
        assert_eq!(apportion(Fen::new(1), &[]).unwrap_err().code(), "funding_exceeded");
    }

    #[test]
    fn named_legs_are_taken_as_named_or_refused() {
        let line = |number: u128| FundingLineId::new(Uuid::from_u128(number));
        let room = [(line(1), Fen::new(10)), (line(2), Fen::new(5))];
        let spread = |amount, legs: &[(u128, i64)]| {
            let legs: Vec<Leg> = legs.iter().map(|(number, part)| (line(*number), Fen::new(*part))).collect();
            super::spread(Fen::new(amount), &room, Some(&legs)).map_err(|refused| refused.code())
        };
        assert_eq!(spread(6, &[(2, 5), (1, 1)]), Ok(vec![(line(1), Fen::new(1)), (line(2), Fen::new(5))]));
        for (amount, legs) in [(6, &[(2, 6)][..]), (6, &[(1, 5)]), (6, &[(1, 3), (1, 3)]), (6, &[(3, 6)]), (6, &[(1, 6), (2, 0)]), (7, &[])]
        {
            assert_eq!(spread(amount, legs), Err("legs_do_not_fit"), "{legs:?}");
        }
    }

    proptest! {
        #[test]
        fn every_part_is_within_its_line_and_the_last_payment_clears_all(
            shares in prop::collection::vec(0_i64..5_000_000_000, 1..9),
            cuts in prop::collection::vec(0_u32..1_000, 0..12),
        ) {
            let total: i64 = shares.iter().sum();
            let mut points: Vec<i64> = cuts.iter().map(|cut| total / 1_000 * i64::from(*cut)).collect();
            points.sort_unstable();
            points.push(total);
            let mut before = 0;
            let payments: Vec<i64> = points.iter().map(|point| { let part = point - before; before = *point; part }).collect();
            prop_assert!(pay_off(&shares, &payments).iter().all(|left| *left == 0));
        }
    }
}
