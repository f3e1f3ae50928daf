//! Who obtained the documents, and whom notices reach. Neither is shown to rivals, and to the purchaser only after the opening.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::json;

use super::model::{ReceiptRow, SupplierDesk};
use super::{rules, service, store};
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, OrganisationId, TenderId};
use crate::kernel::{Result, error};
use crate::law::clock;
use crate::notices::outbox::{self, Message};
use crate::parties::organisations::{self, OrganisationState};
use crate::parties::regulations;
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized, Subject};
use crate::procurement::tenders::{self, TenderRow, invitations};
use crate::trust::journal::{self, Event};

/// May the actor's organisation do this at the tender?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: TenderId) -> Result<Authorized<SupplierDesk>> {
    let tender = tenders::store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    if !tender.visible_to(actor) {
        return Err(error::NOT_FOUND.error());
    }
    let organisation = actor.organisation.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, action, SupplierDesk { tender, organisation })
}

/// Refuses an organisation that is not verified, or not invited where the procedure invites.
pub fn require_admitted(db: &mut Db, desk: &SupplierDesk) -> Result<()> {
    let row = organisations::find(db, desk.tender.tenant_id, desk.organisation)?.ok_or_else(|| error::NOT_FOUND.error())?;
    if row.state != OrganisationState::Verified || !invitations::admits(db, &desk.tender, desk.organisation)? {
        return Err(rules::ASKER_NOT_ADMITTED.error());
    }
    Ok(())
}

/// Records that the organisation obtained the documents; a second time gives the first receipt again.
pub fn obtain(tx: &mut Tx<'_>, granted: &Authorized<SupplierDesk>) -> Result<ReceiptRow> {
    let desk = granted.subject();
    require_admitted(tx, desk)?;
    if let Some(known) = store::receipt(tx, desk.tender.id, desk.organisation)? {
        return Ok(known);
    }
    let today = tx.now().date_in_shanghai();
    let offered = match service::tender_terms(tx, &desk.tender)? {
        Some(terms) => terms.documents_from.is_none_or(|from| from <= today) && terms.documents_to.is_none_or(|to| today <= to),
        None => true,
    };
    if !offered || !desk.tender.takes_bids(tx.now()) {
        return Err(rules::DOCUMENTS_NOT_OFFERED.error());
    }
    keep(tx, &desk.tender, desk.organisation, granted.by())
}

/// Notes that an organisation which bids has the documents, so that it learns of every amendment. The caller holds the proof of its bid.
pub fn note_bidder(tx: &mut Tx<'_>, tender: &TenderRow, organisation: OrganisationId, by: AccountId) -> Result<()> {
    if store::receipt(tx, tender.id, organisation)?.is_none() {
        keep(tx, tender, organisation, by)?;
    }
    Ok(())
}

fn keep(tx: &mut Tx<'_>, tender: &TenderRow, organisation: OrganisationId, by: AccountId) -> Result<ReceiptRow> {
    let row = ReceiptRow {
        tender_id: tender.id,
        organisation_id: organisation,
        tenant_id: tender.tenant_id,
        obtained_by: by,
        obtained_at: tx.now(),
    };
    store::insert_receipt(tx, &row)?;
    journal::record(
        tx,
        &Event {
            tenant: tender.tenant_id,
            action: "documents.obtained",
            kind: "document_receipt",
            resource: tender.id.any(),
            version: tender.version,
            case: Some(tender.case_id),
            content: json!({"organisation_id": organisation}),
        },
    )?;
    Ok(row)
}

/// Last day on which a challenge of the documents may be filed by whoever obtained them on a day (R059); `None` when the rule set has no such rule.
pub fn challenge_until(db: &mut Db, tender: &TenderRow, obtained_on: NaiveDate) -> Result<Option<NaiveDate>> {
    let rules = regulations::rules_of(db, tender.rule_set_id)?;
    let Some(rule) = rules.iter().find(|rule| rule.id == "R059") else { return Ok(None) };
    let calendar = regulations::calendar(db, tender.tenant_id)?;
    Ok(Some(clock::due(rule, "file_within", obtained_on, &calendar)?))
}

/// Mails everybody who obtained the documents, asked or was invited; a bidder is among those who obtained them. Each hears of nobody else.
pub fn notify(tx: &mut Tx<'_>, tender: &TenderRow, subject: &str, body: &str) -> Result<()> {
    let mut told: BTreeSet<OrganisationId> = store::receipts(tx, tender.id)?.into_iter().map(|row| row.organisation_id).collect();
    told.extend(store::askers(tx, tender.id)?);
    told.extend(invitations::of_tender(tx, tender.id)?.into_iter().map(|row| row.organisation_id));
    for id in told {
        let Some(organisation) = organisations::find(tx, tender.tenant_id, id)? else { continue };
        let subject = format!("{subject}: {}", tender.title);
        outbox::enqueue(
            tx,
            Message {
                tenant: tender.tenant_id,
                recipient: &organisation.contact_email,
                subject,
                body: format!("{}\n\n{body}\n", tender.title),
            },
        )?;
    }
    Ok(())
}
