//! What the law says of a panel and of a ranking: the facts of the evaluation, judged by the rules that the tender keeps.

use super::conflicts::Bench;
use super::model::MemberRow;
use super::rules::{Offer, Placed, price_points};
use crate::db::Tx;
use crate::kernel::{Fen, Result};
use crate::law::facts::{Panel, Prices, Ranked, Tie};
use crate::law::{Facts, Finding, Gate};
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{self, facts};

/// A panel as its size is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Composition {
    /// Members.
    pub size: usize,
    /// Experts of the pool among them.
    pub experts: usize,
    /// Whether a representative of the purchaser leads it; `None` while nobody does.
    pub purchaser_chairs: Option<bool>,
}

impl Composition {
    /// Of the members who sit.
    pub fn of(sitting: &[MemberRow]) -> Self {
        let chair = sitting.iter().find(|member| member.is_chair);
        Self {
            size: sitting.len(),
            experts: sitting.iter().filter(|member| member.expert_id.is_some()).count(),
            purchaser_chairs: chair.map(|member| member.expert_id.is_none()),
        }
    }
}

fn count(number: usize) -> Option<i64> {
    i64::try_from(number).ok()
}

fn base(tx: &mut Tx<'_>, file: &LotFile) -> Result<Facts> {
    let lots = tenders::store::lots_of(tx, file.tender.id)?;
    let criteria = tenders::store::criteria_of(tx, file.lot.id)?;
    Ok(facts::of_lot(&facts::of_tender(&file.tender, &lots)?, &file.lot, &criteria))
}

/// Judges a panel (R028, R032, R037, R038, R068): refuses with `rule_broken`, otherwise the warnings.
pub fn judge_panel(tx: &mut Tx<'_>, file: &LotFile, composition: Composition, ties: Vec<Tie>) -> Result<Vec<Finding>> {
    let panel = Panel {
        size: count(composition.size),
        experts: count(composition.experts),
        purchaser_chairs: composition.purchaser_chairs,
        sits_on: Some(tx.now().date_in_shanghai()),
        ties: Some(ties),
    };
    let known = Facts { panel, ..base(tx, file)? };
    tenders::service::judge(tx, &file.tender, &[known], Gate::Panel)
}

/// Judges the members who sit, with their ties to the bidders.
pub fn judge_sitting(tx: &mut Tx<'_>, file: &LotFile, sitting: &[MemberRow]) -> Result<Vec<Finding>> {
    let bench = Bench::today(tx, file)?;
    let mut ties = Vec::new();
    for member in sitting {
        ties.extend(bench.ties(tx, member.account_id)?);
    }
    judge_panel(tx, file, Composition::of(sitting), ties)
}

/// Judges a ranking (R040, R041).
pub fn judge_ranking(tx: &mut Tx<'_>, file: &LotFile, offers: &[Offer], placed: &[Placed]) -> Result<Vec<Finding>> {
    let lowest = offers.iter().map(|offer| offer.price).min().unwrap_or(Fen::ZERO);
    let mut ranking = Vec::with_capacity(placed.len());
    for one in placed {
        let Some(offer) = offers.iter().find(|offer| offer.bid == one.bid) else { continue };
        ranking.push(Ranked {
            price: offer.price,
            price_points: price_points(lowest, offer.price)?,
            total_points: one.points_bp,
            rank: i64::from(one.place),
        });
    }
    let known = base(tx, file)?;
    let prices = Prices { ranking: Some(ranking), ..known.prices.clone() };
    tenders::service::judge(tx, &file.tender, &[Facts { prices, ..known }], Gate::Evaluation)
}
