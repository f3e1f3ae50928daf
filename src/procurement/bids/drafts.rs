//! A bidder's draft: sealed to the server's key, shown to its own organisation only. To everybody else it does not exist.

use diesel::prelude::*;
use serde_json::json;

use super::model::BidDesk;
use super::offer::OfferDraft;
use super::rules::{ATTACHMENTS_MAX, BIDDING_CLOSED, OFFER_MAX, PLAIN_REFUSED, SUBCONTRACTING_MAX, check_declarations};
use crate::db::schema::bid_drafts;
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{AccountId, BidDraftId, LotId, OrganisationId, TenantId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::policy::{Action, Authorized, authorize};
use crate::people::{Actor, Role, Subject};
use crate::procurement::tenders::lots;
use crate::trust::journal::{self, Event};
use crate::trust::sealing::SealingKey;
use crate::words;

/// A stored draft.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = bid_drafts)]
pub struct DraftRow {
    /// Id.
    pub id: BidDraftId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Lot.
    pub lot_id: LotId,
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// The server's age recipient when it was kept.
    pub recipient: String,
    /// The draft, sealed.
    pub ciphertext: Vec<u8>,
    /// Who wrote it last.
    pub updated_by: AccountId,
    /// When.
    pub updated_at: UtcInstant,
    /// Version.
    pub version: i64,
}

/// The place of a bidder's draft for a lot, with the draft if there is one.
#[derive(Debug, Clone)]
pub struct DraftDesk {
    /// The lot and the bidder.
    pub desk: BidDesk,
    /// The draft.
    pub draft: Option<DraftRow>,
}

impl Subject for DraftDesk {
    fn tenant(&self) -> TenantId {
        self.desk.tenant()
    }
    fn version(&self) -> Option<i64> {
        self.draft.as_ref().map(|draft| draft.version)
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.desk.organisation)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        // Whoever speaks for no supplier does not learn that drafts exist.
        actor.has_any(&[Role::OrgAdmin, Role::OrgMember]) && self.desk.visible_to(actor)
    }
}

/// May the actor's organisation do this with its draft for the lot?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, lot: LotId) -> Result<Authorized<DraftDesk>> {
    let file = lots::load(db, actor.tenant, lot)?;
    let organisation = actor.organisation.ok_or_else(|| error::NOT_FOUND.error())?;
    let draft =
        bid_drafts::table.filter(bid_drafts::lot_id.eq(lot).and(bid_drafts::organisation_id.eq(organisation))).first(db).optional()?;
    authorize(actor, action, DraftDesk { desk: BidDesk { file, organisation }, draft })
}

/// The draft, or 404.
pub fn existing(desk: &DraftDesk) -> Result<&DraftRow> {
    desk.draft.as_ref().ok_or_else(|| error::NOT_FOUND.error())
}

/// Checks the form of a draft; what is missing may be missing.
pub fn check(draft: &OfferDraft) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&draft.text, "/text", 0, OFFER_MAX);
    fields.text(draft.subcontracting.as_deref().unwrap_or_default(), "/subcontracting", 0, SUBCONTRACTING_MAX);
    check_declarations(&mut fields, "/declarations", &draft.declarations);
    fields.require(draft.attachment_ids.len() <= ATTACHMENTS_MAX, "/attachment_ids", || {
        words!("最多 {ATTACHMENTS_MAX} 个", "at most {ATTACHMENTS_MAX}")
    });
    fields.finish()
}

/// Seals a draft.
pub fn seal(draft: &OfferDraft, key: &SealingKey) -> Result<Vec<u8>> {
    check(draft)?;
    let text = zeroize::Zeroizing::new(serde_json::to_string(draft).map_err(|_| Error::internal("a draft could not be written"))?);
    key.seal(&text)
}

/// Opens a draft for its own organisation.
pub fn open(row: &DraftRow, key: &SealingKey) -> Result<OfferDraft> {
    key.open(&row.ciphertext)
        .and_then(|text| serde_json::from_str(text.trim_end()).ok())
        .ok_or_else(|| Error::internal(format!("the draft {} does not open with the server's key", row.id)))
}

/// Keeps a sealed draft in place of an earlier one.
pub fn keep(tx: &mut Tx<'_>, granted: &Authorized<DraftDesk>, recipient: &str, ciphertext: &[u8]) -> Result<DraftRow> {
    let DraftDesk { desk, draft } = granted.subject();
    let tender = &desk.file.tender;
    if !tender.takes_bids(tx.now()) {
        return Err(BIDDING_CLOSED.error());
    }
    if !tender.plain_offers {
        // A draft is readable by the server, which this tender promised it would not be.
        return Err(PLAIN_REFUSED.error());
    }
    let row = DraftRow {
        id: draft.as_ref().map_or_else(|| tx.new_id(), |draft| draft.id),
        tenant_id: tender.tenant_id,
        lot_id: desk.file.lot.id,
        organisation_id: desk.organisation,
        recipient: recipient.to_owned(),
        ciphertext: ciphertext.to_vec(),
        updated_by: granted.by(),
        updated_at: tx.now(),
        version: draft.as_ref().map_or(1, |draft| draft.version.saturating_add(1)),
    };
    if draft.is_some() {
        diesel::update(bid_drafts::table.find(row.id)).set(&row).execute(&mut **tx)?;
    } else {
        diesel::insert_into(bid_drafts::table).values(&row).execute(&mut **tx)?;
    }
    record(tx, "bid_draft.kept", &row)?;
    Ok(row)
}

/// Drops the draft.
pub fn discard<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &DraftRow) -> Result<()> {
    diesel::delete(bid_drafts::table.find(row.id)).execute(&mut **tx)?;
    record(tx, "bid_draft.discarded", row)
}

/// The entry names no case: a case's file is read by people who may never learn of a draft.
fn record(tx: &mut Tx<'_>, action: &str, row: &DraftRow) -> Result<()> {
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: "bid_draft",
            resource: row.id.any(),
            version: row.version,
            case: None,
            content: json!({}),
        },
    )?;
    Ok(())
}
