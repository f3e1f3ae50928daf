//! Use cases of contracts: each is one function on the transaction it is handed.

use serde_json::{Value, json};

use super::model::{ContractPaper, ContractParty, ContractRow, ContractState, NewContract, NewMilestone, OWNER_KIND, Source};
use super::schedule::{self, MilestoneRow, MilestoneState};
use super::seals::GivenSeal;
use super::{policy, rules, seals, store, suspensions};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::{AccountId, ContractId, FundId, HoldId, ProjectId, TenantId};
use crate::kernel::{Error, Fen, Result};
use crate::money::funding::{self, LineState};
use crate::money::ledger::{self, Cause};
use crate::outcomes::projects;
use crate::people::policy::{DUTIES_NOT_SEPARATE, authorize};
use crate::people::{Action, Actor, Authorized, Role};
use crate::trust::documents::{self, DocumentRow, Owner, StoredFile};
use crate::trust::journal::{self, Event};
use crate::trust::seals::SealServices;
use crate::words;

problems! {
    /// The party signed before.
    ALREADY_SIGNED = "already_signed", 409, "该方已签署", "This party has signed",
        "合同的每一方只签署一次。请等待另一方签署。",
        "Each party signs a contract once. Wait for the other party's signature.";
    /// Nothing shows the party's stamp.
    STAMPED_CONTRACT_MISSING = "stamped_contract_missing", 409, "缺少盖章合同", "The stamped contract is missing",
        "签署时须附该方的电子印章，或先上传盖章合同的扫描件（stamped_contract）。",
        "A signature comes with the party's electronic seal, or after the scan of the stamped contract (stamped_contract) was uploaded.";
    /// The contract feeds a project.
    PROJECT_LINKED = "project_linked", 409, "合同已关联百个公益项目", "The contract feeds a project already",
        "一份合同只关联一个百个公益项目，关联后不变。",
        "A contract feeds one hundred project, and the link does not change.";
}

/// May the actor do this to the contract?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ContractId) -> Result<Authorized<ContractRow>> {
    authorize(actor, action, find(db, actor.tenant, id)?)
}

/// May the actor sign for this party? One person never signs for both. `None` when the body names no party: it is refused later.
pub fn may_sign(db: &mut Db, actor: &Actor, id: ContractId, party: Option<ContractParty>) -> Result<Authorized<ContractRow>> {
    let granted = may(db, actor, &policy::SIGN, id)?;
    let contract = granted.subject();
    let (signer, other) = match party {
        None => return Ok(granted),
        Some(ContractParty::Organisation) => (Role::OrgAdmin, ContractParty::Purchaser),
        Some(ContractParty::Purchaser) => (Role::PurchaserLead, ContractParty::Organisation),
    };
    if !actor.reaches(&[signer], Some(contract.unit_id), Some(contract.organisation_id)) {
        return Err(error::FORBIDDEN.error());
    }
    if contract.signer(other) == Some(actor.account) {
        return Err(DUTIES_NOT_SEPARATE.because(words!("您已代表另一方签署", "you signed for the other party")));
    }
    Ok(granted)
}

/// A contract of the tenant; 404 when there is none.
pub fn find(db: &mut Db, tenant: TenantId, id: ContractId) -> Result<ContractRow> {
    store::find(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())
}

/// Refuses with `wrong_state` unless the contract is active.
pub fn require_active(contract: &ContractRow) -> Result<()> {
    if contract.state == ContractState::Active {
        return Ok(());
    }
    let state = contract.state;
    Err(error::WRONG_STATE.because(words!("合同现状为 {state}，须为 active", "the contract is {state}, it must be active")))
}

/// Refuses with `wrong_state` unless what was accepted under the contract may still be claimed: it is in force, suspended or ended early.
pub fn require_owing(contract: &ContractRow) -> Result<()> {
    match contract.state {
        ContractState::Active | ContractState::Suspended | ContractState::Terminated => Ok(()),
        state => Err(error::WRONG_STATE.because(words!("合同现状为 {state}", "the contract is {state}"))),
    }
}

/// Drafts a contract with its schedule. Called by the storey that awards, which holds the proof; `by` is its account.
///
/// Errors: `invalid` with the pointers of the draft's fields.
pub fn draft(tx: &mut Tx<'_>, by: AccountId, new: &NewContract) -> Result<(ContractRow, Vec<MilestoneRow>)> {
    rules::check_draft(new)?;
    let (fund_id, reservation_id) = first_hold(tx, new)?;
    let (source_kind, source_id) = match new.source {
        Source::Lines(kind, id) => (Some(kind.to_owned()), Some(id)),
        Source::Reservation(_) => (None, None),
    };
    let row = ContractRow {
        id: tx.new_id(),
        tenant_id: new.tenant,
        case_id: new.case,
        award_id: new.award,
        unit_id: new.unit,
        organisation_id: new.organisation,
        fund_id,
        reservation_id,
        commitment_id: None,
        project_id: None,
        title: new.title.trim().to_owned(),
        price_fen: new.price,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        state: ContractState::Drafted,
        drafted_by: by,
        approved_by: None,
        org_signed_by: None,
        org_signed_at: None,
        purchaser_signed_by: None,
        purchaser_signed_at: None,
        version: 1,
        created_at: tx.now(),
        source_kind,
        source_id,
        released_fen: Fen::ZERO,
        halt_reason: None,
        payment_term_days: None,
        org_signed_sha256: None,
        purchaser_signed_sha256: None,
    };
    store::insert(tx, &row)?;
    let milestones = plan(tx, &row, new)?;
    let planned: Vec<Value> = milestones
        .iter()
        .map(|m| json!({"id": m.id, "title": m.title, "due_on": m.due_on, "amount_fen": m.amount_fen, "deliverables": m.deliverables()}))
        .collect();
    let content = json!({
        "award_id": row.award_id, "unit_id": row.unit_id, "organisation_id": row.organisation_id, "fund_id": row.fund_id, "title": row.title,
        "price_fen": row.price_fen, "starts_on": row.starts_on, "ends_on": row.ends_on, "milestones": planned,
    });
    record(tx, "contract.drafted", &row, content)?;
    Ok((row, milestones))
}

fn plan(tx: &mut Tx<'_>, contract: &ContractRow, new: &NewContract) -> Result<Vec<MilestoneRow>> {
    let mut milestones = Vec::with_capacity(new.milestones.len());
    for (number, milestone) in (1..).zip(&new.milestones) {
        let row = planned(tx, contract, number, milestone);
        schedule::insert(tx, &row)?;
        milestones.push(row);
    }
    Ok(milestones)
}

fn planned(tx: &mut Tx<'_>, contract: &ContractRow, number: i32, milestone: &NewMilestone) -> MilestoneRow {
    MilestoneRow {
        id: tx.new_id(),
        tenant_id: contract.tenant_id,
        contract_id: contract.id,
        case_id: contract.case_id,
        number,
        title: milestone.title.trim().to_owned(),
        due_on: milestone.due_on,
        amount_fen: milestone.amount,
        state: MilestoneState::Planned,
        delivery_note: None,
        delivered_by: None,
        accepted_by: None,
        beneficiaries_opinion: None,
        reason: None,
        version: 1,
        cleared_fen: Fen::ZERO,
        deducted_fen: Fen::ZERO,
        delivered_at: None,
        deliverables: milestone.deliverables.iter().map(|one| one.trim()).collect::<Vec<_>>().join("\n"),
    }
}

/// Adds the milestone of an approved supplement to the schedule. Called by `changes`, which holds the proof and writes the journal.
pub fn add_milestone(tx: &mut Tx<'_>, contract: &ContractRow, milestone: &NewMilestone) -> Result<MilestoneRow> {
    let all = schedule::of_contract(tx, contract.tenant_id, contract.id)?;
    let number = all.iter().map(|one| one.number).max().unwrap_or(0).saturating_add(1);
    let row = planned(tx, contract, number, milestone);
    schedule::insert(tx, &row)?;
    Ok(row)
}

/// Fund and reservation of the first line that holds money.
fn first_hold(tx: &mut Tx<'_>, new: &NewContract) -> Result<(FundId, HoldId)> {
    match new.source {
        Source::Reservation(id) => {
            let hold = ledger::hold(tx, new.tenant, id)?.ok_or_else(|| Error::internal(format!("no reservation {id}")))?;
            Ok((hold.fund_id, hold.id))
        }
        Source::Lines(kind, id) => {
            let lines = funding::lines(tx, new.tenant, Cause { kind, id })?;
            let held = lines.iter().find(|line| line.state == LineState::Reserved);
            let first = held.and_then(|line| line.fund_id.zip(line.hold_id));
            first.ok_or_else(|| Error::internal(format!("the {kind} {id} holds no money")))
        }
    }
}

/// Finance approval: the price is committed out of what was reserved, line by line and under the rules of each stream; later years' lines become
/// approved future commitments, and what the reservations have left goes free.
pub fn approve(tx: &mut Tx<'_>, granted: &Authorized<ContractRow>) -> Result<ContractRow> {
    let (before, by, today) = (granted.subject(), granted.by(), tx.now().date_in_shanghai());
    let (kind, id) = match (&before.source_kind, before.source_id) {
        (Some(kind), Some(id)) => (kind.clone(), id),
        _ => {
            let line = funding::adopt(tx, before.tenant_id, before.reservation_id)?;
            (line.owner_kind, line.owner_id)
        }
    };
    let source = Cause { kind: &kind, id };
    let from = funding::Owner { cause: source, ..before.owner() };
    let purpose = funding::purpose_of(tx, before.tenant_id, source, today)?;
    let lines = funding::commit(tx, by, &from, &before.owner(), before.price_fen, purpose.as_ref(), None)?;
    let commitment = lines.iter().find_map(|line| line.hold_id);
    let row = ContractRow { commitment_id: commitment, approved_by: Some(by), ..moved(before, ContractState::FinanceApproved) };
    let committed: Vec<Value> = lines
        .iter()
        .map(|line| json!({"line_id": line.id, "fund_id": line.fund_id, "year": line.year, "amount_fen": line.amount, "state": line.state}))
        .collect();
    keep(tx, "contract.finance_approved", row, json!({"committed_fen": before.price_fen, "funding": committed}))
}

/// A party's signature; the second one makes the contract active.
///
/// It stands for a file, whose hash is kept with it: the one under the party's electronic seal, which is held against the services that count, or the newest scan of
/// the stamped contract.
pub fn sign(
    tx: &mut Tx<'_>,
    granted: &Authorized<ContractRow>,
    party: ContractParty,
    seal: Option<(&GivenSeal, &SealServices)>,
) -> Result<ContractRow> {
    let before = granted.subject();
    if before.signer(party).is_some() {
        return Err(ALREADY_SIGNED.because(words!("签署方 {party}", "party {party}")));
    }
    let today = tx.now().date_in_shanghai();
    suspensions::refuse_while_award_suspended(tx, before.award_id, today)?;
    let sha256 = match seal {
        Some((given, _)) => given.document_sha256.clone(),
        None => stamped(tx, before)?,
    };
    let (by, now) = (Some(granted.by()), Some(tx.now()));
    let mut row = moved(before, before.state);
    match party {
        ContractParty::Organisation => {
            (row.org_signed_by, row.org_signed_at, row.org_signed_sha256) = (by, now, Some(sha256.clone()));
        }
        ContractParty::Purchaser => {
            (row.purchaser_signed_by, row.purchaser_signed_at, row.purchaser_signed_sha256) = (by, now, Some(sha256.clone()));
        }
    }
    if row.org_signed_by.is_some() && row.purchaser_signed_by.is_some() {
        row.state = ContractState::Active;
    }
    let sealed = seal.map(|(given, services)| seals::affix(tx, before, party, given, services)).transpose()?;
    let content = json!({"party": party, "state": row.state, "document_sha256": sha256, "seal": sealed});
    keep(tx, "contract.signed", row, content)
}

/// SHA-256 of the newest scan of the stamped contract.
fn stamped(db: &mut Db, contract: &ContractRow) -> Result<String> {
    let scan = documents::newest_of_owner(db, contract.tenant_id, contract.id.any(), ContractPaper::StampedContract.as_str())?;
    scan.map(|document| document.sha256).ok_or_else(|| STAMPED_CONTRACT_MISSING.error())
}

/// Feeds a selected hundred project of the same unit by the contract.
pub fn link_project(tx: &mut Tx<'_>, granted: &Authorized<ContractRow>, project: ProjectId) -> Result<ContractRow> {
    let before = granted.subject();
    if before.project_id.is_some() {
        return Err(PROJECT_LINKED.error());
    }
    let not_ours = || Error::field("/project_id", words!("本单位没有这个项目", "the unit has no such project"));
    match projects::find(tx, before.tenant_id, project) {
        Ok(found) if found.unit_id == before.unit_id => {}
        Ok(_) => return Err(not_ours()),
        Err(refused) if refused.code() == error::NOT_FOUND.code => return Err(not_ours()),
        Err(other) => return Err(other),
    }
    projects::link(tx, granted.by(), before.tenant_id, project, before.id.any(), before.organisation_id, before.case_id)?;
    let row = ContractRow { project_id: Some(project), ..moved(before, before.state) };
    keep(tx, "contract.project_linked", row, json!({"project_id": project}))
}

/// Ends an active contract when every milestone is accepted and nothing is payable any more. Called by `milestones` and `payments`, which hold
/// the proof.
pub fn complete_when_paid(tx: &mut Tx<'_>, contract: &ContractRow) -> Result<()> {
    let all = schedule::of_contract(tx, contract.tenant_id, contract.id)?;
    let payable = funding::payable(tx, contract.tenant_id, contract.cause())?;
    let accepted = all.iter().all(|milestone| milestone.state == MilestoneState::Accepted);
    if contract.state == ContractState::Active && accepted && payable.iter().all(|leg| leg.1 == Fen::ZERO) {
        keep(tx, "contract.completed", moved(contract, ContractState::Completed), json!({}))?;
    }
    Ok(())
}

/// A payment of a completed contract bounced: it is active again. Called by `payments`, which holds the proof.
pub fn reopen(tx: &mut Tx<'_>, contract: &ContractRow) -> Result<()> {
    if contract.state == ContractState::Completed {
        keep(tx, "contract.reopened", moved(contract, ContractState::Active), json!({}))?;
    }
    Ok(())
}

/// Adds a document that is stored already.
pub fn attach(
    tx: &mut Tx<'_>,
    granted: &Authorized<ContractRow>,
    purpose: ContractPaper,
    filename: &str,
    file: &StoredFile,
) -> Result<DocumentRow> {
    let contract = granted.subject();
    let owner = Owner { tenant: contract.tenant_id, kind: OWNER_KIND, id: contract.id.any(), case: Some(contract.case_id) };
    let row = documents::attach(tx, owner, purpose.as_str(), filename, file, granted.by())?;
    let content = json!({"document_id": row.id, "purpose": purpose, "sha256": row.sha256, "size_bytes": row.size_bytes});
    record(tx, "contract.document_added", contract, content)?;
    Ok(row)
}

/// The contract in its next version.
pub(in crate::delivery) fn moved(before: &ContractRow, state: ContractState) -> ContractRow {
    ContractRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

/// Stores the contract and writes its journal entry. Called by a slice that holds the proof.
pub(in crate::delivery) fn keep(tx: &mut Tx<'_>, action: &str, row: ContractRow, content: Value) -> Result<ContractRow> {
    store::save(tx, &row)?;
    record(tx, action, &row, content)?;
    Ok(row)
}

pub(super) fn record(tx: &mut Tx<'_>, action: &str, row: &ContractRow, content: Value) -> Result<()> {
    let content = journal::stating(content, &row.state);
    let event = Event {
        tenant: row.tenant_id,
        action,
        kind: OWNER_KIND,
        resource: row.id.any(),
        version: row.version,
        case: Some(row.case_id),
        content,
    };
    journal::record(tx, &event).map(drop)
}
