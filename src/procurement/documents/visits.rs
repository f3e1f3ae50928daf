//! Site visits (踏勘): set for everybody alike; who registers is shown to nobody else.

use serde_json::json;

use super::model::{RegistrationRow, SupplierDesk, VisitRow};
use super::{receipts, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::SiteVisitId;
use crate::kernel::{Result, UtcInstant};
use crate::people::{Actor, Authorized};
use crate::procurement::tenders::TenderRow;
use crate::trust::journal::{self, Event};
use crate::words;

/// A new site visit.
#[derive(Debug, Clone)]
pub struct NewVisit {
    /// When it is.
    pub held_at: UtcInstant,
    /// Until when one may register.
    pub register_until: UtcInstant,
    /// Where.
    pub place: String,
    /// What else.
    pub note: Option<String>,
}

/// Sets a site visit and tells everybody who has the documents.
pub fn set(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, new: &NewVisit) -> Result<VisitRow> {
    let tender = granted.subject();
    let now = tx.now();
    let mut fields = Fields::default();
    fields.text(&new.place, "/place", 1, 300);
    if let Some(note) = &new.note {
        fields.text(note, "/note", 1, 1000);
    }
    fields.require(new.register_until > now, "/register_until", || words!("须晚于现在", "must lie in the future"));
    fields.require(new.register_until <= new.held_at, "/register_until", || words!("不得晚于踏勘时间", "not after the visit"));
    fields.require(tender.bid_deadline.is_some_and(|deadline| new.held_at < deadline), "/held_at", || {
        words!("须早于响应截止时间", "before the deadline for bids")
    });
    fields.finish()?;
    let row = VisitRow {
        id: tx.new_id(),
        tenant_id: tender.tenant_id,
        tender_id: tender.id,
        case_id: tender.case_id,
        held_at: new.held_at,
        register_until: new.register_until,
        place: new.place.trim().to_owned(),
        note: new.note.as_ref().map(|note| note.trim().to_owned()),
        set_by: granted.by(),
        set_at: now,
    };
    store::insert_visit(tx, granted, &row)?;
    let content = json!({"held_at": row.held_at, "register_until": row.register_until, "place": row.place});
    record(tx, "site_visit.set", "site_visit", &row, content)?;
    let body = format!("{} {}\n报名截止 Register until: {}", row.held_at, row.place, row.register_until);
    receipts::notify(tx, tender, "踏勘 Site visit", &body)?;
    Ok(row)
}

/// The visit with the desk of the actor's organisation.
pub fn may_register(db: &mut Db, actor: &Actor, id: SiteVisitId) -> Result<Authorized<SupplierDesk>> {
    let visit = store::find_visit(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    receipts::may(db, actor, &super::policy::REGISTER, visit.tender_id)
}

/// Registers the organisation; a second time replaces the number of persons.
pub fn register(tx: &mut Tx<'_>, granted: &Authorized<SupplierDesk>, id: SiteVisitId, persons: i32) -> Result<RegistrationRow> {
    let desk = granted.subject();
    let visit = store::find_visit(tx, desk.tender.tenant_id, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let mut fields = Fields::default();
    fields.require((1..=20).contains(&persons), "/persons", || words!("1 到 20 人", "1 to 20 persons"));
    fields.finish()?;
    receipts::require_admitted(tx, desk)?;
    if tx.now() >= visit.register_until {
        return Err(rules::VISIT_CLOSED.error());
    }
    let row = RegistrationRow {
        visit_id: visit.id,
        organisation_id: desk.organisation,
        tenant_id: visit.tenant_id,
        persons,
        registered_by: granted.by(),
        registered_at: tx.now(),
    };
    store::put_registration(tx, granted, &row)?;
    record(tx, "site_visit.registered", "visit_registration", &visit, json!({"persons": persons}))?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, kind: &str, row: &VisitRow, content: serde_json::Value) -> Result<()> {
    let event = Event { tenant: row.tenant_id, action, kind, resource: row.id.any(), version: 1, case: Some(row.case_id), content };
    journal::record(tx, &event)?;
    Ok(())
}
