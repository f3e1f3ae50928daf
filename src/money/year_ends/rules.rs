//! Decisions on a year end: what becomes of each fund's money. Pure.

use super::model::{Item, ItemKind};
use crate::kernel::error::problems;
use crate::kernel::id::FundId;
use crate::kernel::{Fen, Result};
use crate::money::ledger::{Balances, HoldKind, HoldRow};
use crate::words;

problems! {
    /// Another run of the same unit and year is open.
    YEAR_END_OPEN = "year_end_open", 409, "已有未完成的年终结转", "A year end is open",
        "同一单位、同一年度同时只有一次未确认、未冲回的年终结转。",
        "A unit has one year end of a year that is neither confirmed nor reversed.";
    /// The books moved since the preview.
    YEAR_END_CHANGED = "year_end_changed", 409, "账目在预览后有变动", "The books moved since the preview",
        "预览之后资金账户有新的记账，请重新预览。",
        "The funds were posted to since the preview. Preview again.";
    /// There is no fund to carry to.
    NEXT_FUND_MISSING = "next_fund_missing", 409, "缺少下年度资金账户", "The next year's fund is missing",
        "请先为结转建立下一年度同单位、同渠道、同名称的资金账户。",
        "Make the next year's fund of the same unit, stream and name first.";
    /// What was carried is used already.
    YEAR_END_IN_USE = "year_end_in_use", 409, "结转资金已使用", "What was carried is used already",
        "结转到下年度的承诺已有验收、付款或释放，不能冲回。",
        "The carried commitments were accepted, paid or released already, so that the run cannot be reversed.";
}

/// What becomes of one fund: each open commitment is carried, what is free goes back, reservations stay.
pub fn plan(fund: FundId, next: Option<FundId>, holds: &[HoldRow], balances: &Balances) -> Result<Vec<Item>> {
    let mut items = Vec::with_capacity(holds.len().saturating_add(1));
    for hold in holds {
        let kind = match hold.kind {
            HoldKind::Commitment => ItemKind::Carry,
            HoldKind::Reservation => ItemKind::Stay,
        };
        let to_fund = if kind == ItemKind::Carry { next } else { None };
        items.push(Item { kind, fund, hold: Some(hold.id), to_fund, amount: hold.remaining()?, new_hold: None });
    }
    if balances.free > Fen::ZERO {
        items.push(Item { kind: ItemKind::Return, fund, hold: None, to_fund: None, amount: balances.free, new_hold: None });
    }
    Ok(items)
}

/// What was previewed must be what is to be done, and every commitment must have a fund to go to.
pub fn check_execution(previewed: &[Item], now: &[Item]) -> Result<()> {
    if previewed != now {
        let (before, after) = (previewed.len(), now.len());
        return Err(
            YEAR_END_CHANGED.because(words!("预览 {before} 项，现为 {after} 项", "{before} items were previewed, now there are {after}"))
        );
    }
    if now.iter().any(|item| item.kind == ItemKind::Carry && item.to_fund.is_none()) {
        return Err(NEXT_FUND_MISSING.error());
    }
    Ok(())
}

/// A carried commitment goes back only while it is untouched.
pub fn check_reversal(carried: &[HoldRow]) -> Result<()> {
    match carried.iter().find(|hold| hold.used > Fen::ZERO || hold.released > Fen::ZERO) {
        None => Ok(()),
        Some(hold) => Err(YEAR_END_IN_USE.because(words!("承诺 {0}", "commitment {0}", hold.id))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::UtcInstant;
    use crate::kernel::id::{AnyId, CaseId, HoldId, TenantId};
    use uuid::Uuid;

    fn hold(number: u128, kind: HoldKind, amount: i64, used: i64) -> HoldRow {
        HoldRow {
            id: HoldId::new(Uuid::from_u128(number)),
            tenant_id: TenantId::new(Uuid::nil()),
            fund_id: FundId::new(Uuid::nil()),
            case_id: CaseId::new(Uuid::nil()),
            kind,
            cause_kind: "contract".into(),
            cause_id: AnyId::new(Uuid::nil()),
            amount: Fen::new(amount),
            used: Fen::new(used),
            released: Fen::ZERO,
            created_at: UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(),
        }
    }

    #[test]
    fn commitments_are_carried_free_money_goes_back_and_reservations_stay() {
        let (fund, next) = (FundId::new(Uuid::from_u128(1)), FundId::new(Uuid::from_u128(2)));
        let holds = [hold(1, HoldKind::Commitment, 100, 40), hold(2, HoldKind::Reservation, 30, 0)];
        let balances = Balances { free: Fen::new(7), ..Balances::default() };
        let items = plan(fund, Some(next), &holds, &balances).unwrap();
        let told: Vec<_> = items.iter().map(|item| (item.kind, item.amount.get(), item.to_fund)).collect();
        assert_eq!(told, [(ItemKind::Carry, 60, Some(next)), (ItemKind::Stay, 30, None), (ItemKind::Return, 7, None)]);
        assert!(check_execution(&items, &items).is_ok());
        assert_eq!(check_execution(&items[1..], &items).unwrap_err().code(), "year_end_changed");
        let lost = plan(fund, None, &holds, &balances).unwrap();
        assert_eq!(check_execution(&lost, &lost).unwrap_err().code(), "next_fund_missing");
        assert!(plan(fund, None, &[], &Balances::default()).unwrap().is_empty());
    }

    #[test]
    fn one_used_fen_forbids_the_reversal() {
        assert!(check_reversal(&[hold(1, HoldKind::Commitment, 100, 0)]).is_ok());
        assert_eq!(check_reversal(&[hold(1, HoldKind::Commitment, 100, 1)]).unwrap_err().code(), "year_end_in_use");
    }
}
