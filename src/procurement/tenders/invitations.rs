//! Who is invited to an invited procedure: listed before the publication, told by mail at it.

use diesel::prelude::*;
use serde_json::json;

use super::model::TenderRow;
use super::service;
use crate::db::schema::invitations;
use crate::db::{Db, Tx};
use crate::kernel::error::{Fields, problems};
use crate::kernel::id::{AccountId, OrganisationId, TenderId};
use crate::kernel::{Result, UtcInstant};
use crate::notices::outbox::{self, Message};
use crate::parties::organisations;
use crate::people::Authorized;
use crate::procurement::tenders::{Procedure, Solicitation};
use crate::words;

problems! {
    /// The procedure invites, and nobody is invited.
    NOBODY_INVITED = "nobody_invited", 409, "尚未邀请供应商", "Nobody is invited",
        "邀请方式的采购须先列出受邀供应商，再发布。",
        "List the invited suppliers before an invited procedure is published.";
}

/// Most suppliers of one list.
pub const INVITED_MAX: usize = 100;

/// One invited supplier.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = invitations)]
pub struct InvitationRow {
    /// Tender.
    pub tender_id: TenderId,
    /// The invited supplier.
    pub organisation_id: OrganisationId,
    /// Who listed it.
    pub invited_by: AccountId,
    /// When.
    pub invited_at: UtcInstant,
}

/// The invited suppliers of a tender.
pub fn of_tender(db: &mut Db, tender: TenderId) -> Result<Vec<InvitationRow>> {
    Ok(invitations::table.filter(invitations::tender_id.eq(tender)).order(invitations::organisation_id).load(db)?)
}

/// Whether the supplier may answer this tender as far as invitations go: always where everybody is asked.
pub fn admits(db: &mut Db, tender: &TenderRow, organisation: OrganisationId) -> Result<bool> {
    match tender.solicitation {
        Solicitation::Public => Ok(true),
        Solicitation::Single => Ok(tender.named_organisation_id == Some(organisation)),
        Solicitation::Invited => {
            let found: i64 = invitations::table
                .filter(invitations::tender_id.eq(tender.id).and(invitations::organisation_id.eq(organisation)))
                .count()
                .get_result(db)?;
            Ok(found > 0)
        }
    }
}

/// Puts the list in place of the one before. Under a framework the list is the framework's and stays as it is.
pub fn replace(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, organisations: &[OrganisationId]) -> Result<Vec<InvitationRow>> {
    if granted.subject().procedure == Procedure::Framework {
        return Err(crate::kernel::Error::field(
            "/organisation_ids",
            words!(
                "框架协议的二次竞争邀请全部入围供应商，不得增减",
                "a competition under a framework invites all that it admits, and nobody else"
            ),
        ));
    }
    list(tx, granted, organisations)
}

/// Lists whom to invite, in place of the list before.
pub fn list(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, organisations: &[OrganisationId]) -> Result<Vec<InvitationRow>> {
    let tender = granted.subject();
    let mut fields = Fields::default();
    fields.require(tender.solicitation == Solicitation::Invited, "/organisation_ids", || {
        words!("该项目不是邀请方式", "this tender does not invite")
    });
    fields.require(organisations.len() <= INVITED_MAX, "/organisation_ids", || words!("最多 {INVITED_MAX} 家", "at most {INVITED_MAX}"));
    for (place, id) in organisations.iter().enumerate().take(INVITED_MAX) {
        let pointer = format!("/organisation_ids/{place}");
        let known = organisations::find(tx, tender.tenant_id, *id)?.is_some();
        fields.require(known, &pointer, || words!("没有该组织", "there is no such organisation"));
        fields.require(!organisations.iter().take(place).any(|earlier| earlier == id), &pointer, || words!("重复", "twice"));
    }
    fields.finish()?;
    diesel::delete(invitations::table.filter(invitations::tender_id.eq(tender.id))).execute(&mut **tx)?;
    for id in organisations {
        let row = InvitationRow { tender_id: tender.id, organisation_id: *id, invited_by: granted.by(), invited_at: tx.now() };
        diesel::insert_into(invitations::table).values(&row).execute(&mut **tx)?;
    }
    service::touch(tx, granted, "tender.invitations_listed", json!({"organisation_ids": organisations}))?;
    of_tender(tx, tender.id)
}

/// Tells those invited that the tender is public.
pub fn tell(tx: &mut Tx<'_>, tender: &TenderRow, invited: &[InvitationRow]) -> Result<()> {
    for row in invited {
        let Some(organisation) = organisations::find(tx, tender.tenant_id, row.organisation_id)? else { continue };
        let body = format!(
            "诚邀贵组织参加「{0}」，请在平台查看要求与截止时间。\nYour organisation is invited to \"{0}\"; requirements and deadline are on the platform.\n",
            tender.title
        );
        let subject = format!("邀请 Invitation: {}", tender.title);
        outbox::enqueue(tx, Message { tenant: tender.tenant_id, recipient: &organisation.contact_email, subject, body })?;
    }
    Ok(())
}
