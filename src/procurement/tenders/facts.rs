//! What a tender says of itself in the words of the law: the base of every judgement on it and of its legality sheet. Pure.

use super::model::{CriterionKind, CriterionRow, LotRow, TenderFile, TenderRow};
use crate::kernel::{Fen, Result};
use crate::law::Facts;
use crate::law::facts::{Criteria, Notice, Prices, Purchase};

/// The facts of the whole tender: procedure, money, notice.
pub fn of_tender(tender: &TenderRow, lots: &[LotRow]) -> Result<Facts> {
    let budget = Fen::total(lots.iter().map(|lot| lot.ceiling_fen))?;
    let purchase = Purchase {
        procedure: Some(tender.procedure),
        // The guiding catalogue holds services only, and only its published items may be bought.
        is_goods: Some(false),
        is_works: Some(false),
        catalogue_listed: Some(true),
        budget: Some(budget),
        ..Purchase::default()
    };
    let notice = Notice {
        published_on: tender.published_at.map(|at| at.date_in_shanghai()),
        deadline_on: tender.bid_deadline.map(|at| at.date_in_shanghai()),
        ends_on: tender.publicity_until.map(|at| at.date_in_shanghai()),
        ..Notice::default()
    };
    Ok(Facts { purchase, notice, ..Facts::default() })
}

/// The facts of one lot on top of its tender's: ceiling and criteria.
pub fn of_lot(base: &Facts, lot: &LotRow, criteria: &[CriterionRow]) -> Facts {
    let own = criteria.iter().filter(|criterion| criterion.lot_id == lot.id);
    let prices = own.filter(|criterion| criterion.kind == CriterionKind::Price);
    let weight: i64 = prices.map(|criterion| i64::from(criterion.weight_bp.get())).sum();
    Facts {
        criteria: Criteria { price_weight_bp: (weight > 0).then_some(weight), ..base.criteria.clone() },
        prices: Prices { ceiling: Some(lot.ceiling_fen), ..base.prices.clone() },
        ..base.clone()
    }
}

/// The facts of every lot of a file.
pub fn of_lots(file: &TenderFile) -> Result<Vec<Facts>> {
    let base = of_tender(&file.tender, &file.lots)?;
    Ok(file.lots.iter().map(|lot| of_lot(&base, lot, &file.criteria)).collect())
}
