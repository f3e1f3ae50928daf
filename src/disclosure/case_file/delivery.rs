//! What the case file tells of a contract after its signature: milestones with who accepted them, changes, publication, subcontracts, the review.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::store::ROWS_MAX;
use super::view::{CaseChange, CaseFiling, CaseMilestone, CaseReview, CaseSeal, CaseSignature, CaseSubcontract};
use crate::db::Db;
use crate::db::schema::{
    acceptance_prices, acceptance_signatures, acceptances, accounts, contract_changes, contract_filings, contract_seals, milestones,
    organisations, performance_reviews, subcontracts,
};
use crate::kernel::id::{ContractId, MilestoneId};
use crate::kernel::{Fen, Money, Result, UtcInstant};

/// The milestones of a contract in their order.
pub fn milestones_of(db: &mut Db, contract: ContractId) -> Result<Vec<CaseMilestone>> {
    type Row = ((MilestoneId, i32, String, chrono::NaiveDate, String), (Fen, Fen, String, Option<String>));
    let rows: Vec<Row> = milestones::table
        .filter(milestones::contract_id.eq(contract))
        .order(milestones::number)
        .select((
            (milestones::id, milestones::number, milestones::title, milestones::due_on, milestones::deliverables),
            (milestones::amount_fen, milestones::deducted_fen, milestones::state, milestones::beneficiaries_opinion),
        ))
        .load(db)?;
    let mut prices: BTreeMap<MilestoneId, (String, Fen)> = acceptance_prices::table
        .filter(acceptance_prices::contract_id.eq(contract))
        .limit(ROWS_MAX)
        .select((acceptance_prices::milestone_id, (acceptance_prices::unit_label, acceptance_prices::unit_price_fen)))
        .load(db)?
        .into_iter()
        .collect();
    type Concluded = (Option<i32>, Option<i64>, Fen);
    let concluded: BTreeMap<MilestoneId, Concluded> = acceptances::table
        .filter(acceptances::contract_id.eq(contract))
        .limit(ROWS_MAX)
        .select((acceptances::milestone_id, (acceptances::score_hundredths, acceptances::quantity, acceptances::accepted_fen)))
        .load(db)?
        .into_iter()
        .collect();
    let mut signatures = signatures_of(db, &rows.iter().map(|row| row.0.0).collect::<Vec<_>>())?;
    let view = |((id, number, title, due_on, deliverables), (amount, deducted, state, beneficiaries_opinion)): Row| {
        let (unit_label, unit_price) = prices.remove(&id).unzip();
        let found = concluded.get(&id).copied();
        CaseMilestone {
            id,
            number,
            title,
            due_on,
            deliverables: deliverables.lines().map(str::to_owned).collect(),
            amount: amount.into(),
            unit_label,
            unit_price: unit_price.map(Money::from),
            state,
            beneficiaries_opinion,
            quantity: found.and_then(|found| found.1),
            accepted: found.map(|found| found.2.into()),
            deducted: deducted.into(),
            score_hundredths: found.and_then(|found| found.0),
            signatures: signatures.remove(&id).unwrap_or_default(),
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

fn signatures_of(db: &mut Db, ids: &[MilestoneId]) -> Result<BTreeMap<MilestoneId, Vec<CaseSignature>>> {
    type Row = (MilestoneId, String, String, Option<i32>, String);
    let rows: Vec<Row> = acceptance_signatures::table
        .inner_join(accounts::table)
        .filter(acceptance_signatures::milestone_id.eq_any(ids))
        .order((acceptance_signatures::created_at, acceptance_signatures::id))
        .limit(ROWS_MAX)
        .select((
            acceptance_signatures::milestone_id,
            accounts::name,
            acceptance_signatures::role,
            acceptance_signatures::score,
            acceptance_signatures::opinion,
        ))
        .load(db)?;
    let mut found: BTreeMap<MilestoneId, Vec<CaseSignature>> = BTreeMap::new();
    for (milestone, name, role, score, opinion) in rows {
        found.entry(milestone).or_default().push(CaseSignature { name, role, score, opinion });
    }
    Ok(found)
}

/// The changes of a contract, oldest first.
pub fn changes_of(db: &mut Db, contract: ContractId) -> Result<Vec<CaseChange>> {
    let rows: Vec<(i32, String, Fen, String, String)> = contract_changes::table
        .filter(contract_changes::contract_id.eq(contract))
        .order(contract_changes::number)
        .limit(ROWS_MAX)
        .select((
            contract_changes::number,
            contract_changes::kind,
            contract_changes::amount_fen,
            contract_changes::reason,
            contract_changes::state,
        ))
        .load(db)?;
    let view = |(number, kind, amount, reason, state): (i32, String, Fen, String, String)| CaseChange {
        number,
        kind,
        amount: amount.into(),
        reason,
        state,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The publication and the filing of a contract.
pub fn filings_of(db: &mut Db, contract: ContractId) -> Result<Vec<CaseFiling>> {
    type Row = (String, chrono::NaiveDate, Option<chrono::NaiveDate>, String, Option<String>);
    let rows: Vec<Row> = contract_filings::table
        .filter(contract_filings::contract_id.eq(contract))
        .order((contract_filings::created_at, contract_filings::id))
        .select((
            contract_filings::kind,
            contract_filings::done_on,
            contract_filings::due_on,
            contract_filings::reference,
            contract_filings::late_reason,
        ))
        .load(db)?;
    let view = |(kind, done_on, due_on, reference, late_reason): Row| CaseFiling { kind, done_on, due_on, reference, late_reason };
    Ok(rows.into_iter().map(view).collect())
}

/// The subcontracts of a contract, oldest first.
pub fn subcontracts_of(db: &mut Db, contract: ContractId) -> Result<Vec<CaseSubcontract>> {
    type Row = (String, String, Fen, String, Option<String>, Option<UtcInstant>);
    let rows: Vec<Row> = subcontracts::table
        .inner_join(organisations::table.on(organisations::id.eq(subcontracts::subcontractor_id)))
        .filter(subcontracts::contract_id.eq(contract))
        .order((subcontracts::created_at, subcontracts::id))
        .limit(ROWS_MAX)
        .select((
            organisations::name_zh,
            subcontracts::scope,
            subcontracts::amount_fen,
            subcontracts::state,
            subcontracts::reason,
            subcontracts::decided_at,
        ))
        .load(db)?;
    let view = |(subcontractor_name_zh, scope, amount, state, reason, decided_at): Row| CaseSubcontract {
        subcontractor_name_zh,
        scope,
        amount: amount.into(),
        state,
        reason,
        decided_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The electronic seals of a contract, at most one of a party.
pub fn seals_of(db: &mut Db, contract: ContractId) -> Result<Vec<CaseSeal>> {
    type Row = (String, String, String, UtcInstant, String);
    let rows: Vec<Row> = contract_seals::table
        .filter(contract_seals::contract_id.eq(contract))
        .order(contract_seals::party)
        .limit(ROWS_MAX)
        .select((
            contract_seals::party,
            contract_seals::service,
            contract_seals::document_sha256,
            contract_seals::sealed_at,
            contract_seals::signature,
        ))
        .load(db)?;
    let view =
        |(party, service, document_sha256, sealed_at, signature): Row| CaseSeal { party, service, document_sha256, sealed_at, signature };
    Ok(rows.into_iter().map(view).collect())
}

/// The performance review of a contract.
pub fn review_of(db: &mut Db, contract: ContractId) -> Result<Option<CaseReview>> {
    type Row = (i32, i32, i32, String, Option<String>);
    let row: Option<Row> = performance_reviews::table
        .filter(performance_reviews::contract_id.eq(contract))
        .select((
            performance_reviews::quality,
            performance_reviews::timeliness,
            performance_reviews::satisfaction,
            performance_reviews::comment,
            performance_reviews::reply,
        ))
        .first(db)
        .optional()?;
    Ok(row.map(|(quality, timeliness, satisfaction, comment, reply)| CaseReview { quality, timeliness, satisfaction, comment, reply }))
}
