//! Decisions on bonds: what is asked, the balance of a book. Pure.

use super::model::{EntryKind, EntryRow};
use crate::kernel::error::problems;
use crate::kernel::{BasisPoints, Error, Fen, Result};
use crate::procurement::documents::{BondForm, BondTerms};
use crate::words;

problems! {
    /// No bond is asked.
    BOND_NOT_ASKED = "bond_not_asked", 409, "本采购包不收取保证金", "No bond is asked",
        "采购文件没有要求该保证金，请勿缴纳。",
        "The documents ask for no such bond; give none.";
    /// One is there already.
    BOND_THERE = "bond_already_lodged", 409, "已登记保证金", "A bond is lodged already",
        "同一采购包或合同只登记一份有效保证金。",
        "One bond is lodged for a lot or contract at a time.";
    /// The deadline is over.
    BOND_TOO_LATE = "bond_too_late", 409, "不在接收保证金期间", "Bonds are not taken now",
        "投标保证金须在响应截止之前登记。",
        "A bid bond is lodged before the deadline for bids.";
    /// More than is there.
    BOND_OVERDRAWN = "bond_overdrawn", 422, "超过保证金余额", "More than the bond holds",
        "退还或不予退还的金额不得超过余额。",
        "What is returned or forfeited may not be more than what is held.";
}

/// The performance bond of a price: the share, rounded down to a fen so that it is never above it.
pub fn performance_bond(price: Fen, share: BasisPoints) -> Result<Fen> {
    let scaled = i128::from(price.get()).checked_mul(i128::from(share.get()));
    let amount = scaled.and_then(|scaled| scaled.checked_div(i128::from(BasisPoints::WHOLE.get())));
    amount.and_then(|amount| i64::try_from(amount).ok()).map(Fen::new).ok_or_else(|| Error::internal("a performance bond overflows"))
}

/// Refuses a form that the documents do not accept and an amount that is not the one asked.
pub fn check_lodging(terms: &BondTerms, demanded: Fen, form: BondForm, amount: Fen, reference: &str) -> Result<()> {
    let mut fields = crate::kernel::error::Fields::default();
    fields.text(reference, "/reference", 1, 100);
    fields.require(terms.forms.contains(&form), "/form", || words!("采购文件不接受该形式", "the documents do not accept this form"));
    fields.require(amount == demanded, "/amount", || words!("应为 {demanded} 元", "{demanded} yuan are asked"));
    fields.finish()
}

/// What a book holds: received less returned and forfeited.
pub fn held(entries: &[EntryRow]) -> Result<Fen> {
    entries.iter().try_fold(Fen::ZERO, |held, entry| match entry.kind {
        EntryKind::Received => held.plus(entry.amount_fen),
        EntryKind::Returned | EntryKind::Forfeited => held.minus(entry.amount_fen),
    })
}

/// Refuses to take more out of a book than it holds; gives what is left.
pub fn take(held: Fen, amount: Fen) -> Result<Fen> {
    if amount <= Fen::ZERO {
        return Err(Error::field("/amount", words!("须大于零", "must be more than zero")));
    }
    if amount > held {
        return Err(BOND_OVERDRAWN.because(words!("余额 {held} 元", "{held} yuan are held")));
    }
    held.minus(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_gives_all_it_holds_and_not_a_fen_more() {
        assert_eq!(take(Fen::new(100), Fen::new(100)).unwrap(), Fen::ZERO);
        assert_eq!(take(Fen::new(100), Fen::new(101)).unwrap_err().code(), "bond_overdrawn");
        assert_eq!(take(Fen::new(100), Fen::ZERO).unwrap_err().code(), "invalid");
    }

    #[test]
    fn a_performance_bond_is_rounded_down() {
        let share = |bp| BasisPoints::new(bp).unwrap();
        assert_eq!(performance_bond(Fen::new(17_654_321), share(500)).unwrap(), Fen::new(882_716));
        assert_eq!(performance_bond(Fen::new(19), share(1000)).unwrap(), Fen::new(1));
    }

    #[test]
    fn what_is_lodged_is_what_was_asked_in_a_form_that_is_accepted() {
        let terms = BondTerms { bid_bond: None, performance_bond_bp: None, forms: vec![BondForm::GuaranteeLetter] };
        let check = |form, amount| check_lodging(&terms, Fen::new(400_000), form, Fen::new(amount), "保函 1 号");
        assert!(check(BondForm::GuaranteeLetter, 400_000).is_ok());
        assert!(check(BondForm::Transfer, 400_000).is_err());
        assert!(check(BondForm::GuaranteeLetter, 399_999).is_err());
        assert!(check(BondForm::GuaranteeLetter, 400_001).is_err());
    }
}
