//! Use cases of changes: each is one function on the transaction it is handed.

use serde_json::{Value, json};

use super::model::{ChangeFile, ChangeKind, ChangeRow, ChangeState, NewChange};
use super::{rules, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements::law::ContractLaw;
use crate::delivery::agreements::{self, ContractRow, ContractState, MilestoneRow, MilestoneState, NewMilestone, schedule};
use crate::delivery::{milestones, payments};
use crate::kernel::id::{ContractId, FundId};
use crate::kernel::{Error, Fen, Result};
use crate::law::{self, Facts, Gate};
use crate::money::funding::{self, Leg};
use crate::money::ledger::Cause;
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};

/// Kind of a change in the ledger.
pub const KIND: &str = "contract_change";

/// May the actor do this to the contract's changes?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ContractId) -> Result<Authorized<ChangeFile>> {
    let contract = agreements::find(db, actor.tenant, id)?;
    let open = store::open_of(db, actor.tenant, id)?;
    authorize(actor, action, ChangeFile { contract, open })
}

/// The unit proposes a change. A supplement is judged by R056 or is within a tenth, a termination must leave no advance behind; both are asked again on approval.
pub fn propose(tx: &mut Tx<'_>, granted: &Authorized<ChangeFile>, new: &NewChange) -> Result<(ContractRow, ChangeRow)> {
    let ChangeFile { contract, open } = granted.subject();
    if open.is_some() {
        return Err(rules::CHANGE_OPEN.error());
    }
    let former = store::of_contract(tx, contract.tenant_id, contract.id)?;
    check(tx, contract, &former, new)?;
    let row = ChangeRow {
        id: tx.new_id(),
        tenant_id: contract.tenant_id,
        case_id: contract.case_id,
        contract_id: contract.id,
        number: former.iter().map(|change| change.number).max().unwrap_or(0).saturating_add(1),
        kind: new.kind,
        amount_fen: new.amount,
        fund_id: new.fund,
        milestone_id: new.milestone,
        title: new.title.as_deref().map(|title| title.trim().to_owned()),
        due_on: new.due_on,
        reason: new.reason.trim().to_owned(),
        beneficiaries_opinion: new.beneficiaries_opinion.as_deref().map(|opinion| opinion.trim().to_owned()),
        state: ChangeState::Proposed,
        proposed_by: granted.by(),
        decided_by: None,
        decided_at: None,
        decision_note: None,
        released_fen: Fen::ZERO,
        created_at: tx.now(),
        unilateral_ground: new.unilateral_ground.as_deref().map(|ground| ground.trim().to_owned()),
        consented_by: None,
        consented_at: None,
    };
    store::insert(tx, &row)?;
    let content = json!({
        "change_id": row.id, "number": row.number, "kind": row.kind, "amount_fen": row.amount_fen, "fund_id": row.fund_id,
        "milestone_id": row.milestone_id, "title": row.title, "due_on": row.due_on, "reason": row.reason,
        "unilateral_ground": row.unilateral_ground,
    });
    let contract = agreements::keep(tx, "contract.change_proposed", agreements::moved(contract, contract.state), content)?;
    Ok((contract, row))
}

/// Everything that must hold of a change, on its proposal and on its approval.
fn check(tx: &mut Tx<'_>, contract: &ContractRow, former: &[ChangeRow], new: &NewChange) -> Result<()> {
    let milestones = schedule::of_contract(tx, contract.tenant_id, contract.id)?;
    rules::check(new, contract, &milestones)?;
    match new.kind {
        ChangeKind::Increase => judge(tx, contract, former, new.amount),
        ChangeKind::Decrease => Ok(()),
        ChangeKind::Termination => {
            if new.amount > Fen::ZERO {
                milestones::rules::check_opinion(new.beneficiaries_opinion.as_deref().unwrap_or_default())?;
            }
            let under_way = payments::advance_under_way(tx, contract.tenant_id, contract.id)?;
            if under_way || advanced(tx, contract)? > new.amount {
                return Err(rules::ADVANCE_OUTSTANDING.error());
            }
            Ok(())
        }
    }
}

/// The rule on all supplements together.
const SUPPLEMENTS: &str = "R056";

/// What the rule set of the purchase says of all supplements together (R056); where it binds nothing, a tenth of the first price is the most.
fn judge(tx: &mut Tx<'_>, contract: &ContractRow, former: &[ChangeRow], more: Fen) -> Result<()> {
    let (original, additions) = rules::supplements(contract.price_fen, former, more)?;
    let today = tx.now().date_in_shanghai();
    let book = ContractLaw::of(tx, contract, today)?;
    let mut facts = Facts::default();
    (facts.purchase.procedure, facts.purchase.external_procedure) = (Some(book.procedure), book.run_by);
    (facts.contract.price, facts.contract.additions) = (Some(original), Some(additions));
    let findings = law::judge(&book.rules, &facts, &book.calendar, Gate::Performance, book.today)?;
    let bound = findings.iter().any(|finding| finding.rule.rule == SUPPLEMENTS);
    law::refuse_broken(findings)?;
    if bound { Ok(()) } else { rules::check_tenth(original, additions) }
}

fn advanced(tx: &mut Tx<'_>, contract: &ContractRow) -> Result<Fen> {
    let totals = funding::totals(tx, contract.tenant_id, contract.cause())?;
    Fen::total(totals.iter().map(|(_, position)| position.advanced))
}

/// The supplier consents to the change that waits.
pub fn consent(tx: &mut Tx<'_>, granted: &Authorized<ChangeFile>) -> Result<(ContractRow, ChangeRow)> {
    let ChangeFile { contract, open } = granted.subject();
    let change = open.as_ref().ok_or_else(|| rules::NO_OPEN_CHANGE.error())?;
    if change.consented_by.is_some() {
        return Err(rules::CONSENTED_ALREADY.error());
    }
    let row = ChangeRow { consented_by: Some(granted.by()), consented_at: Some(tx.now()), ..change.clone() };
    store::save(tx, &row)?;
    let content = json!({"change_id": row.id, "kind": row.kind, "amount_fen": row.amount_fen});
    let contract = agreements::keep(tx, "contract.change_consented", agreements::moved(contract, contract.state), content)?;
    Ok((contract, row))
}

/// A finance officer approves: the money is committed or goes free, the schedule and the contract follow.
pub fn approve(tx: &mut Tx<'_>, granted: &Authorized<ChangeFile>) -> Result<(ContractRow, ChangeRow)> {
    let ChangeFile { contract, open } = granted.subject();
    let change = open.as_ref().ok_or_else(|| rules::NO_OPEN_CHANGE.error())?;
    rules::check_consent(change)?;
    let former = store::of_contract(tx, contract.tenant_id, contract.id)?;
    check(tx, contract, &former, &proposal(change))?;
    let (after, released) = match change.kind {
        ChangeKind::Increase => (increase(tx, granted, contract, change)?, Fen::ZERO),
        ChangeKind::Decrease => (decrease(tx, granted, contract, change)?, change.amount_fen),
        ChangeKind::Termination => terminate(tx, granted, contract, change)?,
    };
    let row = ChangeRow { released_fen: released, ..decided(tx, granted, change, ChangeState::Approved, None) };
    store::save(tx, &row)?;
    let content = json!({
        "change_id": row.id, "kind": row.kind, "amount_fen": row.amount_fen, "released_fen": released, "price_fen": after.price_fen,
    });
    Ok((agreements::keep(tx, "contract.change_approved", after, content)?, row))
}

/// A finance officer refuses with a reason; nothing moves.
pub fn reject(tx: &mut Tx<'_>, granted: &Authorized<ChangeFile>, reason: &str) -> Result<(ContractRow, ChangeRow)> {
    milestones::rules::check_reason(reason)?;
    let ChangeFile { contract, open } = granted.subject();
    let change = open.as_ref().ok_or_else(|| rules::NO_OPEN_CHANGE.error())?;
    let row = decided(tx, granted, change, ChangeState::Rejected, Some(reason.trim().to_owned()));
    store::save(tx, &row)?;
    let content = json!({"change_id": row.id, "kind": row.kind, "reason": row.decision_note});
    let contract = agreements::keep(tx, "contract.change_rejected", agreements::moved(contract, contract.state), content)?;
    Ok((contract, row))
}

fn proposal(change: &ChangeRow) -> NewChange {
    NewChange {
        kind: change.kind,
        amount: change.amount_fen,
        fund: change.fund_id,
        milestone: change.milestone_id,
        title: change.title.clone(),
        due_on: change.due_on,
        reason: change.reason.clone(),
        beneficiaries_opinion: change.beneficiaries_opinion.clone(),
        unilateral_ground: change.unilateral_ground.clone(),
    }
}

fn decided(tx: &Tx<'_>, granted: &Authorized<ChangeFile>, change: &ChangeRow, state: ChangeState, note: Option<String>) -> ChangeRow {
    ChangeRow { state, decided_by: Some(granted.by()), decided_at: Some(tx.now()), decision_note: note, ..change.clone() }
}

/// The supplement is committed out of the named fund and becomes a milestone.
fn increase(tx: &mut Tx<'_>, granted: &Authorized<ChangeFile>, contract: &ContractRow, change: &ChangeRow) -> Result<ContractRow> {
    let missing = || Error::internal(format!("the increase {} lacks its fund, title or day", change.id));
    let fund: FundId = change.fund_id.ok_or_else(missing)?;
    let (title, due_on) = change.title.clone().zip(change.due_on).ok_or_else(missing)?;
    let milestone = NewMilestone { title, due_on, amount: change.amount_fen, deliverables: Vec::new() };
    funding::extend(tx, granted.by(), &contract.owner(), fund, change.amount_fen)?;
    let planned = agreements::add_milestone(tx, contract, &milestone)?;
    let content = json!({
        "contract_id": contract.id, "change_id": change.id, "title": planned.title, "due_on": planned.due_on, "amount_fen": planned.amount_fen,
    });
    journal::record(
        tx,
        &Event {
            tenant: contract.tenant_id,
            action: "milestone.planned",
            kind: "milestone",
            resource: planned.id.any(),
            version: planned.version,
            case: Some(contract.case_id),
            content,
        },
    )?;
    let price_fen = contract.price_fen.plus(change.amount_fen)?;
    Ok(ContractRow { price_fen, ..agreements::moved(contract, contract.state) })
}

/// The milestone costs less, and the difference goes free on the contract's lines.
fn decrease(tx: &mut Tx<'_>, granted: &Authorized<ChangeFile>, contract: &ContractRow, change: &ChangeRow) -> Result<ContractRow> {
    let cause = Cause { kind: KIND, id: change.id.any() };
    funding::shrink(tx, granted.by(), &contract.owner(), change.amount_fen, cause)?;
    let milestone = named(tx, contract, change)?;
    let amount_fen = milestone.amount_fen.minus(change.amount_fen)?;
    milestones::keep(
        tx,
        "milestone.repriced",
        MilestoneRow { amount_fen, ..milestones::moved(&milestone, milestone.state) },
        json!({"amount_fen": amount_fen}),
    )?;
    let price_fen = contract.price_fen.minus(change.amount_fen)?;
    Ok(ContractRow { price_fen, ..agreements::moved(contract, contract.state) })
}

fn named(tx: &mut Tx<'_>, contract: &ContractRow, change: &ChangeRow) -> Result<MilestoneRow> {
    let missing = || Error::internal(format!("the change {} has no milestone", change.id));
    let id = change.milestone_id.ok_or_else(missing)?;
    schedule::find(tx, contract.tenant_id, id)?.ok_or_else(missing)
}

/// What was done is accepted as settled, every other open milestone is cancelled, and what is still bound goes free.
fn terminate(tx: &mut Tx<'_>, granted: &Authorized<ChangeFile>, contract: &ContractRow, change: &ChangeRow) -> Result<(ContractRow, Fen)> {
    if change.amount_fen > Fen::ZERO {
        settle(tx, granted, contract, change)?;
    }
    for milestone in schedule::of_contract(tx, contract.tenant_id, contract.id)? {
        if milestone.state != MilestoneState::Accepted {
            milestones::keep(
                tx,
                "milestone.cancelled",
                milestones::moved(&milestone, MilestoneState::Cancelled),
                json!({"change_id": change.id}),
            )?;
        }
    }
    let released = funding::release(tx, granted.by(), &contract.owner())?;
    let halt_reason = Some(change.reason.clone());
    let released_fen = contract.released_fen.plus(released)?;
    Ok((ContractRow { released_fen, halt_reason, ..agreements::moved(contract, ContractState::Terminated) }, released))
}

/// The settled amount is accepted on the named milestone: outstanding advances are cleared line by line, the rest becomes payable.
fn settle(tx: &mut Tx<'_>, granted: &Authorized<ChangeFile>, contract: &ContractRow, change: &ChangeRow) -> Result<()> {
    let milestone = named(tx, contract, change)?;
    let totals = funding::totals(tx, contract.tenant_id, contract.cause())?;
    let rest = change.amount_fen.minus(Fen::total(totals.iter().map(|(_, position)| position.advanced))?)?;
    let left: Vec<Fen> = totals.iter().map(|(_, position)| position.committed).collect();
    let mut legs: Vec<Leg> = Vec::with_capacity(totals.len());
    for ((line, position), part) in totals.iter().zip(funding::apportion(rest, &left)?) {
        let leg = position.advanced.plus(part)?;
        if leg > Fen::ZERO {
            legs.push((*line, leg));
        }
    }
    let cause = Cause { kind: milestones::KIND, id: milestone.id.any() };
    let accepted = funding::accept(tx, granted.by(), contract.tenant_id, contract.cause(), change.amount_fen, cause, Some(&legs))?;
    let told: Vec<Value> = accepted.legs.iter().map(|(line, part)| json!({"line_id": line, "amount_fen": part})).collect();
    let row = MilestoneRow {
        amount_fen: change.amount_fen,
        cleared_fen: accepted.cleared,
        accepted_by: Some(change.proposed_by),
        beneficiaries_opinion: change.beneficiaries_opinion.clone(),
        ..milestones::moved(&milestone, MilestoneState::Accepted)
    };
    let content = json!({"amount_fen": change.amount_fen, "cleared_fen": accepted.cleared, "legs": told, "change_id": change.id,
        "beneficiaries_opinion": change.beneficiaries_opinion});
    milestones::keep(tx, "milestone.settled", row, content).map(drop)
}
