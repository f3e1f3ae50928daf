//! Use cases of acceptances: each is one function on the transaction it is handed.

use serde_json::{Value, json};

use super::model::{AcceptanceRow, Band, Conclusion, NewPrice, PriceRow, SIGNERS_DEFAULT, SignatureRow, Terms, TermsRow, Verdict};
use super::{rules, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements::{self, ContractRow, MilestoneRow, MilestoneState, schedule};
use crate::delivery::milestones::{self, MilestoneFile};
use crate::kernel::id::{AccountId, ContractId, TenantId};
use crate::kernel::sql::Doc;
use crate::kernel::{Error, Fen, Result};
use crate::money::funding;
use crate::money::ledger::Cause;
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized, accounts};
use crate::trust::journal::{self, Event};

/// As what a person signs who holds none of the roles itself.
const DELEGATE: &str = "delegate";

/// May the actor do this to the contract's terms of acceptance?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ContractId) -> Result<Authorized<ContractRow>> {
    authorize(actor, action, agreements::find(db, actor.tenant, id)?)
}

/// The terms that apply to a contract.
pub fn terms(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<Terms> {
    let Some(row) = store::terms_of(db, tenant, contract)? else { return Ok(Terms::default()) };
    let bands: Vec<Band> = serde_json::from_value(row.bands.0).map_err(|e| Error::internal(format!("bands of {contract}: {e}")))?;
    Ok(Terms { signers: usize::try_from(row.signers).unwrap_or(SIGNERS_DEFAULT), bands })
}

/// Writes the terms; both parties sign the contract knowing them.
pub fn set_terms(
    tx: &mut Tx<'_>,
    granted: &Authorized<ContractRow>,
    signers: i32,
    bands: &[Band],
    prices: &[NewPrice],
) -> Result<ContractRow> {
    let contract = granted.subject();
    let milestones = schedule::of_contract(tx, contract.tenant_id, contract.id)?;
    rules::check_terms(signers, bands, prices, &milestones)?;
    let told = serde_json::to_value(bands).map_err(|e| Error::internal(format!("bands: {e}")))?;
    let row = TermsRow {
        contract_id: contract.id,
        tenant_id: contract.tenant_id,
        signers,
        bands: Doc(told.clone()),
        made_by: granted.by(),
        created_at: tx.now(),
    };
    let rows: Vec<PriceRow> = prices
        .iter()
        .map(|price| PriceRow {
            milestone_id: price.milestone,
            tenant_id: contract.tenant_id,
            contract_id: contract.id,
            unit_label: price.unit_label.trim().to_owned(),
            unit_price_fen: price.unit_price,
        })
        .collect();
    store::replace_terms(tx, &row, &rows)?;
    let priced: Vec<Value> = rows
        .iter()
        .map(|price| json!({"milestone_id": price.milestone_id, "unit_label": price.unit_label, "unit_price_fen": price.unit_price_fen}))
        .collect();
    let content = json!({"signers": signers, "bands": told, "prices": priced});
    agreements::keep(tx, "contract.acceptance_terms_set", agreements::moved(contract, contract.state), content)
}

/// A signer's word on what was delivered. The milestone's version stays, so that several may sign at once.
pub fn sign(tx: &mut Tx<'_>, granted: &Authorized<MilestoneFile>, verdict: &Verdict) -> Result<SignatureRow> {
    let MilestoneFile { milestone, contract } = granted.subject();
    agreements::require_active(contract)?;
    rules::check_opinion(&verdict.opinion)?;
    rules::check_score(&terms(tx, contract.tenant_id, contract.id)?, verdict.score)?;
    let signed = store::signatures(tx, milestone.tenant_id, milestone.id, milestone.version)?;
    if signed.iter().any(|signature| signature.account_id == granted.by()) {
        return Err(rules::ACCEPTANCE_SIGNED.error());
    }
    let held = accounts::roles_of(tx, granted.by())?;
    let role = milestones::policy::SIGN.roles.iter().find(|role| held.contains(role)).map_or(DELEGATE, |role| role.as_str());
    let row = SignatureRow {
        id: tx.new_id(),
        tenant_id: milestone.tenant_id,
        case_id: milestone.case_id,
        milestone_id: milestone.id,
        round: milestone.version,
        account_id: granted.by(),
        role: role.to_owned(),
        score: verdict.score,
        opinion: verdict.opinion.trim().to_owned(),
        created_at: tx.now(),
    };
    store::insert_signature(tx, &row)?;
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action: "milestone.acceptance_signed",
            kind: "acceptance_signature",
            resource: row.id.any(),
            version: 1,
            case: Some(row.case_id),
            content: json!({"milestone_id": row.milestone_id, "round": row.round, "role": row.role, "score": row.score, "opinion": row.opinion}),
        },
    )?;
    Ok(row)
}

/// Concludes the acceptance: enough persons signed, those served were asked (R015), what the score or the quantity leaves is accepted on the funding lines
/// and what no advance had paid of it becomes payable; the difference goes free. Refuses with `advance_under_way` while the bank may pay an advance.
pub fn conclude(tx: &mut Tx<'_>, granted: &Authorized<MilestoneFile>, conclusion: &Conclusion) -> Result<MilestoneRow> {
    let MilestoneFile { milestone, contract } = granted.subject();
    agreements::require_active(contract)?;
    milestones::rules::check_opinion(&conclusion.beneficiaries_opinion)?;
    let acceptance = judge(tx, milestone, contract, granted.by(), conclusion)?;
    let cause = Cause { kind: milestones::KIND, id: milestone.id.any() };
    let legs = conclusion.legs.as_deref();
    let accepted = funding::accept(tx, granted.by(), milestone.tenant_id, contract.cause(), acceptance.accepted_fen, cause, legs)?;
    let deducted = acceptance.agreed_fen.minus(acceptance.accepted_fen)?;
    let opinion = conclusion.beneficiaries_opinion.trim();
    let row = MilestoneRow {
        accepted_by: Some(granted.by()),
        beneficiaries_opinion: Some(opinion.to_owned()),
        cleared_fen: accepted.cleared,
        deducted_fen: deducted,
        ..milestones::moved(milestone, MilestoneState::Accepted)
    };
    let told: Vec<Value> = accepted.legs.iter().map(|(line, part)| json!({"line_id": line, "amount_fen": part})).collect();
    let content = json!({
        "amount_fen": acceptance.accepted_fen, "deducted_fen": deducted, "score_hundredths": acceptance.score_hundredths,
        "quantity": acceptance.quantity, "cleared_fen": accepted.cleared, "legs": told, "beneficiaries_opinion": opinion,
    });
    store::insert(tx, &acceptance)?;
    let row = milestones::keep(tx, "milestone.accepted", row, content)?;
    let contract = set_free(tx, granted.by(), contract, &row)?;
    // An advance may have paid the last of it.
    agreements::complete_when_paid(tx, &contract)?;
    Ok(row)
}

/// Who signed, what score that makes and what is accepted of the amount.
fn judge(tx: &mut Tx<'_>, milestone: &MilestoneRow, contract: &ContractRow, by: AccountId, asked: &Conclusion) -> Result<AcceptanceRow> {
    let terms = terms(tx, contract.tenant_id, contract.id)?;
    let signed = store::signatures(tx, milestone.tenant_id, milestone.id, milestone.version)?;
    let before = signed.iter().any(|signature| signature.account_id == by);
    let mut scores: Vec<i32> = signed.iter().filter_map(|signature| signature.score).collect();
    if before {
        rules::check_score(&Terms::default(), asked.score)?;
    } else {
        rules::check_score(&terms, asked.score)?;
        scores.extend(asked.score);
    }
    if signed.len().saturating_add(usize::from(!before)) < terms.signers {
        return Err(rules::ACCEPTANCE_NOT_SIGNED.error());
    }
    let unit_price = store::price_of(tx, milestone.tenant_id, milestone.id)?.map(|price| price.unit_price_fen);
    let score_hundredths = rules::average(&scores);
    let found = rules::measure(milestone.amount_fen, unit_price, asked.quantity, &terms.bands, score_hundredths)?;
    Ok(AcceptanceRow {
        milestone_id: milestone.id,
        tenant_id: milestone.tenant_id,
        contract_id: contract.id,
        case_id: milestone.case_id,
        round: milestone.version,
        score_hundredths,
        quantity: asked.quantity,
        unit_price_fen: unit_price,
        agreed_fen: milestone.amount_fen,
        measured_fen: found.measured,
        accepted_fen: found.accepted,
        concluded_by: by,
        concluded_at: tx.now(),
    })
}

/// What was agreed and not accepted goes free on the contract's lines.
fn set_free(tx: &mut Tx<'_>, by: AccountId, contract: &ContractRow, milestone: &MilestoneRow) -> Result<ContractRow> {
    let amount = milestone.deducted_fen;
    if amount == Fen::ZERO {
        return Ok(contract.clone());
    }
    let cause = Cause { kind: milestones::KIND, id: milestone.id.any() };
    match funding::shrink(tx, by, &contract.owner(), amount, cause) {
        Err(refused) if refused.code() == funding::FUNDING_EXCEEDED.code => return Err(rules::ADVANCE_EXCEEDS_ACCEPTANCE.error()),
        done => done.map(drop)?,
    }
    let released_fen = contract.released_fen.plus(amount)?;
    let row = ContractRow { released_fen, ..agreements::moved(contract, contract.state) };
    agreements::keep(tx, "contract.amount_released", row, json!({"milestone_id": milestone.id, "released_fen": amount}))
}
