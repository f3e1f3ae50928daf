//! Use cases of bonds: lodged by the supplier, received, returned and forfeited by finance, with the day by which they must go back.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::model::{BondFile, BondKind, BondRow, BondState, EntryKind, EntryRow, LotDesk, ReturnGround};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements::{self, ContractRow};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{AnyId, BondId, CaseId, ContractId, LotId, OrganisationId, RuleSetId, TenantId, TenderId, UnitId};
use crate::kernel::{Error, Fen, Result};
use crate::law::facts::{Bond, Contract, Purchase};
use crate::law::{self, Facts, Gate, clock};
use crate::notices::outbox::{self, Message};
use crate::parties::{organisations, regulations};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized, Subject};
use crate::procurement::documents::{self, BondForm, BondTerms, receipts};
use crate::procurement::tenders::model::{LotFile, LotState};
use crate::procurement::tenders::{TenderRow, lots, money};
use crate::trust::journal::{self, Event};
use crate::words;

/// The rule that gives the days for a bond's return.
const RETURN_RULE: &str = "R049";

/// What a supplier gives.
#[derive(Debug, Clone)]
pub struct Lodging {
    /// How.
    pub form: BondForm,
    /// Number of the letter, policy or transfer.
    pub reference: String,
    /// How much.
    pub amount: Fen,
}

/// May the actor's organisation lodge a bid bond at the lot?
pub fn may_lodge(db: &mut Db, actor: &Actor, lot: LotId) -> Result<Authorized<LotDesk>> {
    let LotFile { lot, tender } = lots::load(db, actor.tenant, lot)?;
    if !tender.visible_to(actor) {
        return Err(error::NOT_FOUND.error());
    }
    let organisation = actor.organisation.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &policy::LODGE, LotDesk { tender, lot, organisation })
}

/// May the actor lodge the performance bond of the contract?
pub fn may_lodge_performance(db: &mut Db, actor: &Actor, id: ContractId) -> Result<Authorized<ContractRow>> {
    agreements::service::may(db, actor, &policy::LODGE_PERFORMANCE, id)
}

/// May the actor do this to the bond?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: BondId) -> Result<Authorized<BondFile>> {
    let file = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, file)
}

/// A bond with its book, for who may know of it.
pub fn seen(db: &mut Db, actor: &Actor, id: BondId) -> Result<(BondRow, Vec<EntryRow>)> {
    let file = store::find(db, actor.tenant, id)?.filter(|file| file.visible_to(actor)).ok_or_else(|| error::NOT_FOUND.error())?;
    let entries = store::entries(db, file.bond.id)?;
    Ok((file.bond, entries))
}

/// Lodges a bid bond before the deadline.
pub fn lodge(tx: &mut Tx<'_>, granted: &Authorized<LotDesk>, lodging: &Lodging) -> Result<BondRow> {
    let LotDesk { tender, lot, organisation } = granted.subject().clone();
    if !tender.takes_bids(tx.now()) {
        return Err(rules::BOND_TOO_LATE.error());
    }
    if lot.state != LotState::Open {
        return Err(rules::BOND_TOO_LATE.because(words!("采购包已终止", "the lot has ended")));
    }
    receipts::require_admitted(tx, &documents::model::SupplierDesk { tender: tender.clone(), organisation })?;
    let terms = asked(tx, &tender, lot.id)?;
    let demanded = terms.bid_bond.map(|bond| bond.amount_fen).ok_or_else(|| rules::BOND_NOT_ASKED.error())?;
    let place = Place {
        tenant: tender.tenant_id,
        case: tender.case_id,
        unit: tender.unit_id,
        kind: BondKind::Bid,
        tender: Some(tender.id),
        lot: Some(lot.id),
        contract: None,
        organisation,
    };
    keep(tx, granted.by(), &place, &terms, demanded, lodging)
}

/// Lodges the performance bond of a contract: the share of its price that the documents asked for, within R050.
pub fn lodge_performance(tx: &mut Tx<'_>, granted: &Authorized<ContractRow>, lodging: &Lodging) -> Result<BondRow> {
    let contract = granted.subject();
    let lot = contract.source_id.filter(|_| contract.source_kind.as_deref() == Some(money::KIND)).map(|id| LotId::new(id.uuid()));
    let lot = lot.ok_or_else(|| rules::BOND_NOT_ASKED.error())?;
    let tender = lots::load(tx, contract.tenant_id, lot)?.tender;
    let terms = asked(tx, &tender, lot)?;
    let share = terms.performance_bond_bp.ok_or_else(|| rules::BOND_NOT_ASKED.error())?;
    let demanded = rules::performance_bond(contract.price_fen, share)?;
    within_the_law(tx, &tender, contract.price_fen, demanded)?;
    let place = Place {
        tenant: contract.tenant_id,
        case: contract.case_id,
        unit: contract.unit_id,
        kind: BondKind::Performance,
        tender: Some(tender.id),
        lot: Some(lot),
        contract: Some(contract.id),
        organisation: contract.organisation_id,
    };
    keep(tx, granted.by(), &place, &terms, demanded, lodging)
}

fn asked(db: &mut Db, tender: &TenderRow, lot: LotId) -> Result<BondTerms> {
    let terms = documents::service::lot_terms(db, tender, lot)?;
    terms.map(|terms| terms.bonds).ok_or_else(|| rules::BOND_NOT_ASKED.error())
}

/// R050 on the contract's own price.
fn within_the_law(tx: &mut Tx<'_>, tender: &TenderRow, price: Fen, demanded: Fen) -> Result<()> {
    let known = Facts {
        purchase: Purchase { procedure: Some(tender.procedure), ..Purchase::default() },
        contract: Contract { price: Some(price), ..Contract::default() },
        bond: Bond { performance_bond: Some(demanded), ..Bond::default() },
        ..Facts::default()
    };
    crate::procurement::tenders::service::judge(tx, tender, &[known], Gate::Contract).map(drop)
}

/// Where a bond belongs.
struct Place {
    tenant: TenantId,
    case: CaseId,
    unit: UnitId,
    kind: BondKind,
    tender: Option<TenderId>,
    lot: Option<LotId>,
    contract: Option<ContractId>,
    organisation: OrganisationId,
}

fn keep(
    tx: &mut Tx<'_>,
    by: crate::kernel::id::AccountId,
    place: &Place,
    terms: &BondTerms,
    demanded: Fen,
    lodging: &Lodging,
) -> Result<BondRow> {
    rules::check_lodging(terms, demanded, lodging.form, lodging.amount, &lodging.reference)?;
    if !store::standing(tx, place.lot, place.contract, place.organisation)?.is_empty() {
        return Err(rules::BOND_THERE.error());
    }
    let row = BondRow {
        id: tx.new_id(),
        tenant_id: place.tenant,
        case_id: place.case,
        unit_id: place.unit,
        kind: place.kind,
        tender_id: place.tender,
        lot_id: place.lot,
        contract_id: place.contract,
        organisation_id: place.organisation,
        form: lodging.form,
        reference: lodging.reference.trim().to_owned(),
        demanded_fen: demanded,
        state: BondState::Lodged,
        state_reason: None,
        return_ground: None,
        return_due_on: None,
        lodged_by: by,
        lodged_at: tx.now(),
        version: 1,
    };
    store::insert(tx, &row)?;
    record(tx, "bond.lodged", &row, json!({"kind": row.kind, "form": row.form, "demanded_fen": demanded}))?;
    Ok(row)
}

/// What finance enters into a book.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// How much.
    pub amount: Fen,
    /// Bank slip or letter.
    pub reference: String,
    /// Why, for a forfeiture.
    pub reason: Option<String>,
}

/// Finance received the bond, whole.
pub fn receive(tx: &mut Tx<'_>, granted: &Authorized<BondFile>, new: &NewEntry) -> Result<BondRow> {
    let bond = &granted.subject().bond;
    let demanded = bond.demanded_fen;
    if new.amount != demanded {
        return Err(Error::field("/amount", words!("应为 {demanded} 元", "{demanded} yuan are asked")));
    }
    enter(tx, granted, EntryKind::Received, new, BondState::Held)
}

/// Finance gives money back.
pub fn give_back(tx: &mut Tx<'_>, granted: &Authorized<BondFile>, new: &NewEntry) -> Result<BondRow> {
    let row = take(tx, granted, EntryKind::Returned, new)?;
    tell(tx, &row, "保证金已退还 Bond returned", new.amount)?;
    Ok(row)
}

/// Finance keeps money for a stated reason.
pub fn forfeit(tx: &mut Tx<'_>, granted: &Authorized<BondFile>, new: &NewEntry) -> Result<BondRow> {
    let mut fields = Fields::default();
    fields.text(new.reason.as_deref().unwrap_or_default(), "/reason", 10, 1000);
    fields.finish()?;
    let row = take(tx, granted, EntryKind::Forfeited, new)?;
    tell(tx, &row, "保证金不予退还 Bond forfeited", new.amount)?;
    Ok(row)
}

fn take(tx: &mut Tx<'_>, granted: &Authorized<BondFile>, kind: EntryKind, new: &NewEntry) -> Result<BondRow> {
    let held = rules::held(&store::entries(tx, granted.subject().bond.id)?)?;
    let left = rules::take(held, new.amount)?;
    enter(tx, granted, kind, new, if left == Fen::ZERO { BondState::Settled } else { BondState::Held })
}

fn enter(tx: &mut Tx<'_>, granted: &Authorized<BondFile>, kind: EntryKind, new: &NewEntry, state: BondState) -> Result<BondRow> {
    let mut fields = Fields::default();
    fields.text(&new.reference, "/reference", 1, 100);
    fields.finish()?;
    let before = &granted.subject().bond;
    let known = store::entries(tx, before.id)?;
    let entry = EntryRow {
        bond_id: before.id,
        position: known.last().map_or(1, |last| last.position.saturating_add(1)),
        tenant_id: before.tenant_id,
        kind,
        amount_fen: new.amount,
        reference: new.reference.trim().to_owned(),
        reason: new.reason.as_ref().map(|reason| reason.trim().to_owned()),
        entered_by: granted.by(),
        entered_at: tx.now(),
    };
    store::insert_entry(tx, &entry)?;
    let row = BondRow { state, version: before.version.saturating_add(1), ..before.clone() };
    store::save(tx, &row)?;
    let content = json!({"amount_fen": entry.amount_fen, "reference": entry.reference, "reason": entry.reason, "position": entry.position});
    record(tx, &format!("bond.{kind}"), &row, content)?;
    Ok(row)
}

/// Finance does not accept the bond.
pub fn refuse(tx: &mut Tx<'_>, granted: &Authorized<BondFile>, reason: &str) -> Result<BondRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, 1000);
    fields.finish()?;
    let before = granted.subject().bond.clone();
    let version = before.version.saturating_add(1);
    let row = BondRow { state: BondState::Refused, state_reason: Some(reason.trim().to_owned()), version, ..before };
    store::save(tx, &row)?;
    record(tx, "bond.refused", &row, json!({"reason": row.state_reason}))?;
    Ok(row)
}

/// Says from which event on the bond must go back, and so by when (R049).
pub fn start_clock(tx: &mut Tx<'_>, granted: &Authorized<BondFile>, ground: ReturnGround, on: NaiveDate) -> Result<BondRow> {
    let bond = &granted.subject().bond;
    let mut fields = Fields::default();
    fields.require(on <= tx.now().date_in_shanghai(), "/occurred_on", || words!("不得晚于今天", "not after today"));
    let performance = ground == ReturnGround::ContractFulfilled;
    fields.require(performance == (bond.kind == BondKind::Performance), "/ground", || {
        words!("与保证金种类不符", "does not fit the kind of the bond")
    });
    fields.finish()?;
    set_clock(tx, bond, ground, on)
}

/// The award notice of a lot went out on a day: the bonds of everybody but the winner must go back. The caller holds the proof of the award.
pub fn notice_sent(tx: &mut Tx<'_>, lot: LotId, winner: OrganisationId, on: NaiveDate) -> Result<()> {
    for bond in store::held_of_lot(tx, lot)? {
        if bond.organisation_id != winner && bond.return_ground.is_none() {
            set_clock(tx, &bond, ReturnGround::AwardNotice, on)?;
        }
    }
    Ok(())
}

fn set_clock(tx: &mut Tx<'_>, bond: &BondRow, ground: ReturnGround, on: NaiveDate) -> Result<BondRow> {
    let due = return_due(tx, bond, on)?;
    let version = bond.version.saturating_add(1);
    let row = BondRow { return_ground: Some(ground), return_due_on: due, version, ..bond.clone() };
    store::save(tx, &row)?;
    record(tx, "bond.due", &row, json!({"ground": ground, "occurred_on": on, "return_due_on": due}))?;
    Ok(row)
}

fn return_due(tx: &mut Tx<'_>, bond: &BondRow, on: NaiveDate) -> Result<Option<NaiveDate>> {
    let Some(lot) = bond.lot_id else { return Ok(None) };
    let set: RuleSetId = lots::load(tx, bond.tenant_id, lot)?.tender.rule_set_id;
    let rules = regulations::rules_of(tx, set)?;
    let Some(rule) = rules.iter().find(|rule| rule.id == RETURN_RULE) else { return Ok(None) };
    let calendar: law::WorkCalendar = regulations::calendar(tx, bond.tenant_id)?;
    Ok(Some(clock::due(rule, "return_within", on, &calendar)?))
}

/// Whether the bidder's bond is in finance's hands: `None` when the lot asks for none (87号令 第63条 makes a bid without its bond invalid).
pub fn is_secured(db: &mut Db, tender: &TenderRow, lot: LotId, organisation: OrganisationId) -> Result<Option<bool>> {
    let terms = documents::service::lot_terms(db, tender, lot)?;
    if terms.is_none_or(|terms| terms.bonds.bid_bond.is_none()) {
        return Ok(None);
    }
    let bonds = store::standing(db, Some(lot), None, organisation)?;
    Ok(Some(bonds.iter().any(|bond| bond.state == BondState::Held)))
}

fn tell(tx: &mut Tx<'_>, row: &BondRow, subject: &str, amount: Fen) -> Result<()> {
    let Some(organisation) = organisations::find(tx, row.tenant_id, row.organisation_id)? else { return Ok(()) };
    let body = format!("{} {amount} 元 yuan\n", row.reference);
    outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &organisation.contact_email, subject: subject.to_owned(), body })
}

fn record(tx: &mut Tx<'_>, action: &str, row: &BondRow, content: Value) -> Result<()> {
    let resource: AnyId = row.id.any();
    let event = Event { tenant: row.tenant_id, action, kind: "bond", resource, version: row.version, case: Some(row.case_id), content };
    journal::record(tx, &event)?;
    Ok(())
}
