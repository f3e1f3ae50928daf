//! Files of a bid: stored as ciphertext on arrival, bound to a bid at its submission, readable only after the opening.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde_json::json;

use super::model::{BidDesk, BidRow, SealedBy};
use super::rules::{ATTACHMENTS_MAX, DUPLICATE, KEPT_BYTES_MAX, KEPT_MAX, PLAIN_REFUSED, TOO_MANY_ATTACHMENTS, require_open};
use super::{policy, store};
use crate::db::schema::{bid_attachments, opened_attachments, panel_members};
use crate::db::{Db, Tx, one_more};
use crate::kernel::error;
use crate::kernel::id::{AccountId, AttachmentId, BidId, LotId, OrganisationId, TenantId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::policy::{Authorized, authorize};
use crate::people::role::Reach;
use crate::people::{Actor, Role, Subject};
use crate::procurement::tenders::lots;
use crate::trust::journal::{self, Event};
use crate::trust::sealed_files::{Plain, SealedFile};
use crate::trust::sealing::SealingKey;
use crate::words;

/// A stored file of a bid.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = bid_attachments, treat_none_as_default_value = false)]
pub struct AttachmentRow {
    /// Id.
    pub id: AttachmentId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Lot.
    pub lot_id: LotId,
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// The bid that it goes with; none while it is only kept.
    pub bid_id: Option<BidId>,
    /// Place in the bid, from 1.
    pub position: i32,
    /// Who sealed it.
    pub sealed_by: SealedBy,
    /// The server's age recipient when it came.
    pub recipient: String,
    /// Name, type, size and hash of the plaintext, sealed, when the server sealed the file.
    pub label: Option<Vec<u8>>,
    /// SHA-256 of the ciphertext, lower-case hex.
    pub ciphertext_sha256: String,
    /// Bytes of the ciphertext.
    pub size_bytes: i64,
    /// Who sent it.
    pub uploaded_by: AccountId,
    /// When.
    pub uploaded_at: UtcInstant,
    /// Version.
    pub version: i64,
}

impl AttachmentRow {
    /// The label, opened. `None` when there is none or it is not ours.
    pub fn plain(&self, key: &SealingKey) -> Option<Plain> {
        let text = key.open(self.label.as_deref()?)?;
        serde_json::from_str(text.trim_end()).ok()
    }
}

impl Subject for AttachmentRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(if self.bid_id.is_some() { "bound" } else { "held" })
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.reaches(&[Role::OrgAdmin, Role::OrgMember], None, Some(self.organisation_id))
    }
}

/// What a file was found to be at the opening.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = opened_attachments)]
pub struct OpenedAttachmentRow {
    /// The file.
    pub attachment_id: AttachmentId,
    /// Its bid.
    pub bid_id: BidId,
    /// Place in the bid.
    pub position: i32,
    /// Name.
    pub filename: String,
    /// Type found in the bytes.
    pub media_type: String,
    /// Bytes of the plaintext.
    pub size_bytes: i64,
    /// SHA-256 of the plaintext, lower-case hex.
    pub sha256: String,
}

/// The files that a bidder keeps for a lot, oldest first.
pub fn of_bidder(db: &mut Db, lot: LotId, organisation: OrganisationId) -> Result<Vec<AttachmentRow>> {
    Ok(bid_attachments::table
        .filter(bid_attachments::lot_id.eq(lot).and(bid_attachments::organisation_id.eq(organisation)))
        .order((bid_attachments::uploaded_at, bid_attachments::id))
        .load(db)?)
}

/// The files of a bid by position.
pub fn of_bid(db: &mut Db, bid: BidId) -> Result<Vec<AttachmentRow>> {
    Ok(bid_attachments::table.filter(bid_attachments::bid_id.eq(Some(bid))).order(bid_attachments::position).load(db)?)
}

/// What the files of a bid were found to be.
pub fn opened_of_bid(db: &mut Db, bid: BidId) -> Result<Vec<OpenedAttachmentRow>> {
    Ok(opened_attachments::table.filter(opened_attachments::bid_id.eq(bid)).order(opened_attachments::position).load(db)?)
}

/// Records what a file was found to be at the opening.
pub fn insert_opened<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &OpenedAttachmentRow) -> Result<()> {
    diesel::insert_into(opened_attachments::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Whether a file of this ciphertext is kept, whosever.
fn ciphertext_known(db: &mut Db, tenant: TenantId, sha256: &str) -> Result<bool> {
    let same = bid_attachments::tenant_id.eq(tenant).and(bid_attachments::ciphertext_sha256.eq(sha256));
    let found: i64 = bid_attachments::table.filter(same).count().get_result(db)?;
    Ok(found > 0)
}

/// Keeps a file that is stored already.
pub fn keep(
    tx: &mut Tx<'_>,
    granted: &Authorized<BidDesk>,
    file: &SealedFile,
    label: Option<Vec<u8>>,
    recipient: &str,
) -> Result<AttachmentRow> {
    let desk = granted.subject();
    let tender = &desk.file.tender;
    require_open(&desk.file, tx.now())?;
    if label.is_some() && !tender.plain_offers {
        return Err(PLAIN_REFUSED.error());
    }
    if ciphertext_known(tx, tender.tenant_id, &file.sha256)? {
        return Err(DUPLICATE.error());
    }
    let kept = of_bidder(tx, desk.file.lot.id, desk.organisation)?;
    if kept.len() >= KEPT_MAX {
        return Err(TOO_MANY_ATTACHMENTS.because(words!("已有 {0} 个", "{0} are kept", kept.len())));
    }
    let bytes = kept.iter().fold(file.size_bytes, |sum, row| sum.saturating_add(row.size_bytes));
    if bytes > KEPT_BYTES_MAX {
        return Err(TOO_MANY_ATTACHMENTS
            .because(words!("合计 {bytes} 字节，上限为 {KEPT_BYTES_MAX} 字节", "{bytes} bytes together; the limit is {KEPT_BYTES_MAX}")));
    }
    let row = AttachmentRow {
        id: tx.new_id(),
        tenant_id: tender.tenant_id,
        lot_id: desk.file.lot.id,
        organisation_id: desk.organisation,
        bid_id: None,
        position: 0,
        sealed_by: if label.is_some() { SealedBy::Server } else { SealedBy::Bidder },
        recipient: recipient.to_owned(),
        label,
        ciphertext_sha256: file.sha256.clone(),
        size_bytes: file.size_bytes,
        uploaded_by: granted.by(),
        uploaded_at: tx.now(),
        version: 1,
    };
    diesel::insert_into(bid_attachments::table).values(&row).execute(&mut **tx)?;
    record(tx, "bid_attachment.kept", &row)?;
    Ok(row)
}

/// May the actor delete this file?
pub fn may_remove(db: &mut Db, actor: &Actor, id: AttachmentId) -> Result<Authorized<AttachmentRow>> {
    let row = bid_attachments::table
        .filter(bid_attachments::tenant_id.eq(actor.tenant).and(bid_attachments::id.eq(id)))
        .first(db)
        .optional()?
        .ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::REMOVE_ATTACHMENT, row)
}

/// Forgets a file that no bid holds. Its ciphertext stays in the store, unreachable and unreadable.
pub fn remove(tx: &mut Tx<'_>, granted: &Authorized<AttachmentRow>) -> Result<()> {
    let row = granted.subject();
    diesel::delete(bid_attachments::table.find(row.id)).execute(&mut **tx)?;
    record(tx, "bid_attachment.removed", row)
}

/// The files that a submission names: the bidder's own for this lot, each once.
pub fn named(db: &mut Db, desk: &BidDesk, ids: &[AttachmentId]) -> Result<Vec<AttachmentRow>> {
    let distinct: BTreeSet<AttachmentId> = ids.iter().copied().collect();
    if ids.len() > ATTACHMENTS_MAX || distinct.len() != ids.len() {
        return Err(Error::field("/attachment_ids", words!("最多 {ATTACHMENTS_MAX} 个，不得重复", "at most {ATTACHMENTS_MAX}, each once")));
    }
    let kept = of_bidder(db, desk.file.lot.id, desk.organisation)?;
    let mut found = Vec::new();
    for (index, id) in ids.iter().enumerate() {
        let row = kept.iter().find(|row| row.id == *id).cloned();
        found.push(row.ok_or_else(|| {
            Error::field(
                format!("/attachment_ids/{index}"),
                words!("不是本组织为此采购包上传的附件", "not a file that you uploaded for this lot"),
            )
        })?);
    }
    Ok(found)
}

/// Binds files to a bid in the order given; a file that went with an earlier bid of the same bidder moves on to this one.
pub fn bind<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, bid: BidId, files: &[AttachmentRow]) -> Result<()> {
    for (position, file) in (1_i32..).zip(files) {
        let bound: AttachmentRow = diesel::update(bid_attachments::table.find(file.id))
            .set((
                bid_attachments::bid_id.eq(Some(bid)),
                bid_attachments::position.eq(position),
                bid_attachments::version.eq(one_more(bid_attachments::version)),
            ))
            .returning(bid_attachments::all_columns)
            .get_result(&mut **tx)?;
        record(tx, "bid_attachment.bound", &bound)?;
    }
    Ok(())
}

/// Whether the account sits on the panel of the lot, or reviews it.
pub fn sits(db: &mut Db, lot: LotId, account: AccountId) -> Result<bool> {
    let found: i64 = panel_members::table
        .filter(panel_members::lot_id.eq(lot).and(panel_members::account_id.eq(account)).and(panel_members::state.eq("sitting")))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// The bid whose files the actor may read: its own organisation always, others once it is opened, evaluators where they are appointed.
pub fn readable(db: &mut Db, actor: &Actor, id: BidId) -> Result<(BidRow, bool)> {
    let hidden = || error::NOT_FOUND.error();
    let bid = store::find(db, actor.tenant, id)?.ok_or_else(hidden)?;
    let file = lots::load(db, actor.tenant, bid.lot_id)?;
    let opened = bid.state.is_opened();
    if bid.visible_to(actor) {
        return Ok((bid, opened));
    }
    let insiders: Vec<Role> = policy::READ_ATTACHMENTS
        .roles
        .iter()
        .copied()
        .filter(|role| *role != Role::Evaluator && role.reach() != Reach::Organisation)
        .collect();
    // An evaluator who turns out to belong to a bidder reads nothing.
    let conflicted = match actor.organisation {
        Some(employer) => !store::of_bidder(db, bid.lot_id, employer)?.is_empty(),
        None => false,
    };
    let inside = !conflicted && (actor.sees(&insiders, &file) || actor.has_any(&[Role::Evaluator]) && sits(db, bid.lot_id, actor.account)?);
    if opened && inside { Ok((bid, opened)) } else { Err(hidden()) }
}

/// The files of a draft or a bid are nobody else's business, so their entries name no case until the bid's own entry names the files.
fn record(tx: &mut Tx<'_>, action: &str, row: &AttachmentRow) -> Result<()> {
    let content = json!({"sealed_by": row.sealed_by, "ciphertext_sha256": row.ciphertext_sha256, "size_bytes": row.size_bytes});
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "bid_attachment", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
