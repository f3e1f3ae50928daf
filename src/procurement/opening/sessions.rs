//! The session of an opening: who opened, why few bids sufficed, who confirmed the record or objected to it, and when the session ended.

use diesel::prelude::*;
use serde_json::json;

use crate::db::schema::{opening_reasons, opening_remarks, opening_sessions};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{AccountId, LotId, OrganisationId, RemarkId, TenantId, TenderId};
use crate::kernel::{Result, UtcInstant};
use crate::people::policy::{Authorized, authorize};
use crate::people::{Actor, Subject};
use crate::procurement::bids::{self, BidState};
use crate::procurement::tenders::{self, TenderRow};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The session is over.
    SESSION_OVER = "opening_session_over", 409, "开启会已结束", "The opening session is over",
        "确认或异议须在开启会结束前提出；之后的异议可按质疑程序提出。",
        "Confirm or object before the session ends; afterwards a challenge is the way.";
}

crate::text_enum! {
    /// What a bidder says of the record.
    pub enum RemarkKind {
        /// 到场: its people are there.
        Present = "present",
        /// 确认: the record is right.
        Confirmed = "confirmed",
        /// 异议: it is not, with the reason.
        Objected = "objected",
    }
}

/// The session of a tender's opening.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = opening_sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// Tender.
    pub tender_id: TenderId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Who opened.
    pub opened_by: AccountId,
    /// When.
    pub opened_at: UtcInstant,
    /// Who closed the session.
    pub closed_by: Option<AccountId>,
    /// When.
    pub closed_at: Option<UtcInstant>,
}

/// What a bidder said of the record.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = opening_remarks, treat_none_as_default_value = false)]
pub struct RemarkRow {
    /// Id.
    pub id: RemarkId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// What it says.
    pub kind: RemarkKind,
    /// The objection.
    pub text: Option<String>,
    /// Who spoke for it.
    pub made_by: AccountId,
    /// When.
    pub made_at: UtcInstant,
}

/// A bidder at the opening.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The tender.
    pub tender: TenderRow,
    /// The bidder.
    pub organisation: OrganisationId,
}

impl Subject for Seat {
    fn tenant(&self) -> TenantId {
        self.tender.tenant_id
    }
    fn state(&self) -> Option<&'static str> {
        self.tender.state()
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.tender.visible_to(actor)
    }
}

/// The session of a tender; none before its opening.
pub fn of_tender(db: &mut Db, tender: TenderId) -> Result<Option<SessionRow>> {
    Ok(opening_sessions::table.find(tender).first(db).optional()?)
}

/// Why lots of a tender went on with few bids.
pub fn reasons(db: &mut Db, tender: TenderId) -> Result<Vec<(LotId, String)>> {
    Ok(opening_reasons::table
        .filter(opening_reasons::tender_id.eq(tender))
        .order(opening_reasons::lot_id)
        .select((opening_reasons::lot_id, opening_reasons::reason))
        .load(db)?)
}

/// What bidders said of the record, oldest first.
pub fn remarks(db: &mut Db, tender: TenderId) -> Result<Vec<RemarkRow>> {
    Ok(opening_remarks::table
        .filter(opening_remarks::tender_id.eq(tender))
        .order((opening_remarks::made_at, opening_remarks::id))
        .load(db)?)
}

/// Begins the session.
pub fn begin(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>) -> Result<()> {
    let tender = granted.subject();
    let row = SessionRow {
        tender_id: tender.id,
        tenant_id: tender.tenant_id,
        opened_by: granted.by(),
        opened_at: tx.now(),
        closed_by: None,
        closed_at: None,
    };
    diesel::insert_into(opening_sessions::table).values(&row).execute(&mut **tx)?;
    Ok(())
}

/// Records why a lot goes on with few bids.
pub fn insert_reason(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, lot: LotId, reason: &str) -> Result<()> {
    let tender = granted.subject();
    diesel::insert_into(opening_reasons::table)
        .values((opening_reasons::lot_id.eq(lot), opening_reasons::tender_id.eq(tender.id), opening_reasons::reason.eq(reason.trim())))
        .execute(&mut **tx)?;
    tenders::service::record(tx, "tender.few_bids_explained", tender, json!({"lot_id": lot, "reason": reason.trim()}))
}

/// May the actor's organisation remark on the opening of this tender?
pub fn may_remark(db: &mut Db, actor: &Actor, id: TenderId) -> Result<Authorized<Seat>> {
    let tender = tenders::store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let organisation = actor.organisation.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &super::policy::REMARK, Seat { tender, organisation })
}

/// Records what a bidder whose bid was opened says of the record, while the session lasts.
pub fn remark(tx: &mut Tx<'_>, granted: &Authorized<Seat>, kind: RemarkKind, text: Option<&str>) -> Result<RemarkRow> {
    let Seat { tender, organisation } = granted.subject();
    let mut fields = Fields::default();
    fields.require(text.is_some() == (kind == RemarkKind::Objected), "/text", || {
        words!("异议须写明理由，其他情形不填", "an objection gives its reason, anything else does not")
    });
    if let Some(text) = text {
        fields.text(text, "/text", 1, 2000);
    }
    fields.finish()?;
    let session = of_tender(tx, tender.id)?.ok_or_else(|| error::WRONG_STATE.because(words!("尚未开启", "not opened yet")))?;
    if session.closed_at.is_some() {
        return Err(SESSION_OVER.error());
    }
    let mut takes_part = false;
    for lot in tenders::store::lots_of(tx, tender.id)? {
        let bids = bids::store::of_bidder(tx, lot.id, *organisation)?;
        takes_part |= bids.iter().any(|bid| bid.state.is_opened() || bid.state == BidState::Sealed);
    }
    if !takes_part {
        return Err(error::FORBIDDEN.because(words!("仅限提交了响应的组织", "for organisations whose bid was there")));
    }
    if remarks(tx, tender.id)?.iter().any(|row| row.organisation_id == *organisation && row.kind == kind) {
        return Err(error::CONFLICT.because(words!("已记录", "it is recorded already")));
    }
    let row = RemarkRow {
        id: tx.new_id(),
        tenant_id: tender.tenant_id,
        tender_id: tender.id,
        organisation_id: *organisation,
        kind,
        text: text.map(|text| text.trim().to_owned()),
        made_by: granted.by(),
        made_at: tx.now(),
    };
    diesel::insert_into(opening_remarks::table).values(&row).execute(&mut **tx)?;
    journal::record(
        tx,
        &Event {
            tenant: tender.tenant_id,
            action: "tender.opening_remarked",
            kind: "opening_remark",
            resource: row.id.any(),
            version: 1,
            case: Some(tender.case_id),
            content: json!({"organisation_id": organisation, "kind": kind, "text": row.text}),
        },
    )?;
    Ok(row)
}

/// Ends the session; a second time it refuses.
pub fn close(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>) -> Result<()> {
    let tender = granted.subject();
    if !end(tx, granted, tender)? {
        return Err(SESSION_OVER.error());
    }
    Ok(())
}

/// Ends the session if it still lasts; says whether it did. The first review of a lot ends it too.
pub fn end<T>(tx: &mut Tx<'_>, granted: &Authorized<T>, tender: &TenderRow) -> Result<bool> {
    let now = tx.now();
    let closed = diesel::update(opening_sessions::table.find(tender.id).filter(opening_sessions::closed_at.is_null()))
        .set((opening_sessions::closed_by.eq(Some(granted.by())), opening_sessions::closed_at.eq(Some(now))))
        .execute(&mut **tx)?;
    if closed == 0 {
        return Ok(false);
    }
    tenders::service::record(tx, "tender.opening_closed", tender, json!({}))?;
    Ok(true)
}
