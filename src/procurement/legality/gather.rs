//! Gathers what is known of a tender's lots in the words of the law. Nothing of a sealed bid is a fact: bidders appear with the opening.

use crate::db::Db;
use crate::delivery::agreements::{self, ContractRow, MilestoneState, schedule};
use crate::kernel::{Fen, Result};
use crate::law::Facts;
use crate::law::facts::{Acceptance, Award, Bidders, Contract, Prices, Ranked};
use crate::procurement::awards::{self, AwardRow};
use crate::procurement::bids::{self, BidState};
use crate::procurement::tenders::{LotRow, Solicitation, TenderFile, facts, invitations};
use crate::procurement::{evaluation, opening};

/// Bids that were in order at the opening, whatever became of them.
const VALID: &[BidState] = &[BidState::Valid, BidState::Ranked, BidState::Won, BidState::Lost];
/// Bids that were opened.
const OPENED: &[BidState] = &[BidState::Valid, BidState::Invalid, BidState::Ranked, BidState::Won, BidState::Lost];

/// The facts of every lot, in the order of the lots. A fixed number of queries for the tender and for each of its lots.
pub fn of_tender(db: &mut Db, file: &TenderFile) -> Result<Vec<Facts>> {
    let mut base = facts::of_tender(&file.tender, &file.lots)?;
    if file.tender.solicitation == Solicitation::Invited {
        base.bidders.invited = i64::try_from(invitations::of_tender(db, file.tender.id)?.len()).ok();
    }
    file.lots.iter().map(|lot| of_lot(db, &base, file, lot)).collect()
}

fn of_lot(db: &mut Db, base: &Facts, file: &TenderFile, lot: &LotRow) -> Result<Facts> {
    let mut known = facts::of_lot(base, lot, &file.criteria);
    if file.tender.opened_at.is_some() {
        let opened = bids::store::of_lot(db, lot.id, OPENED)?;
        let valid = opened.iter().filter(|bid| VALID.contains(&bid.state)).count();
        known.bidders = Bidders { submitted: i64::try_from(opened.len()).ok(), valid: i64::try_from(valid).ok(), ..known.bidders };
        known.prices = prices(db, lot, known.prices)?;
    }
    if let Some(award) = awards::store::living(db, lot.id)? {
        known.award = award_facts(&award);
        if let Some(contract) = agreements::of_award(db, lot.tenant_id, award.id)? {
            known.contract = contract_facts(&contract);
            known.acceptance = acceptance(db, &contract)?;
        }
    }
    Ok(known)
}

fn prices(db: &mut Db, lot: &LotRow, before: Prices) -> Result<Prices> {
    let opened = opening::store::of_lots(db, &[lot.id])?;
    let valid = bids::store::of_lot(db, lot.id, VALID)?;
    let price = |bid| opened.iter().find(|row| row.bid_id == bid).map(|row| row.price_fen);
    let passed: Vec<Fen> = valid.iter().filter_map(|bid| price(bid.id)).collect();
    let lowest = passed.iter().min().copied();
    let mut ranking = Vec::new();
    for row in evaluation::store::ranking(db, lot.id)? {
        if let (Some(price), Some(lowest)) = (price(row.bid_id), lowest) {
            let price_points = evaluation::rules::price_points(lowest, price)?;
            ranking.push(Ranked { price, price_points, total_points: row.points_bp, rank: i64::from(row.place) });
        }
    }
    Ok(Prices { passed: (!passed.is_empty()).then_some(passed), ranking: (!ranking.is_empty()).then_some(ranking), ..before })
}

fn award_facts(award: &AwardRow) -> Award {
    Award {
        decided_on: award.decided_on,
        notified_on: award.published_at.map(|at| at.date_in_shanghai()),
        published_on: award.published_at.map(|at| at.date_in_shanghai()),
        awarded_rank: award.place.map(i64::from),
        ..Award::default()
    }
}

fn contract_facts(contract: &ContractRow) -> Contract {
    let both = contract.org_signed_at.zip(contract.purchaser_signed_at);
    Contract {
        signed_on: both.map(|(one, other)| one.max(other).date_in_shanghai()),
        price: Some(contract.price_fen),
        ..Contract::default()
    }
}

/// A milestone is accepted only with what those served say (R015).
fn acceptance(db: &mut Db, contract: &ContractRow) -> Result<Acceptance> {
    let milestones = schedule::of_contract(db, contract.tenant_id, contract.id)?;
    let mut accepted = milestones.iter().filter(|milestone| milestone.state == MilestoneState::Accepted).peekable();
    let asked = accepted.peek().is_some().then(|| accepted.all(|milestone| milestone.beneficiaries_opinion.is_some()));
    Ok(Acceptance { beneficiaries_asked: asked, ..Acceptance::default() })
}
