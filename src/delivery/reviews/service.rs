//! Use cases of reviews: each is one function on the transaction it is handed.

use serde_json::json;

use super::model::{Ended, NewReview, ReviewRow};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements;
use crate::kernel::id::{ContractId, PerformanceReviewId};
use crate::kernel::{Result, error};
use crate::notices::outbox::{self, Message};
use crate::parties::organisations;
use crate::people::policy::{DUTIES_NOT_SEPARATE, authorize};
use crate::people::{Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor review the supplier of this contract? Nobody of the supplier may, whatever else they are.
pub fn may_review(db: &mut Db, actor: &Actor, id: ContractId) -> Result<Authorized<Ended>> {
    let granted = authorize(actor, &policy::REVIEW, Ended(agreements::find(db, actor.tenant, id)?))?;
    if actor.organisation == Some(granted.subject().0.organisation_id) {
        return Err(DUTIES_NOT_SEPARATE.because(words!("不得评价本组织的合同", "nobody reviews a contract of the own organisation")));
    }
    Ok(granted)
}

/// May the actor reply to this review?
pub fn may_reply(db: &mut Db, actor: &Actor, id: PerformanceReviewId) -> Result<Authorized<ReviewRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::REPLY, row)
}

/// Reviews the supplier; it is told by mail.
pub fn review(tx: &mut Tx<'_>, granted: &Authorized<Ended>, new: &NewReview) -> Result<ReviewRow> {
    let contract = &granted.subject().0;
    rules::check(new)?;
    // A void contract was never worked under.
    if contract.org_signed_at.is_none() || contract.purchaser_signed_at.is_none() {
        return Err(error::WRONG_STATE.error());
    }
    if store::of_contract(tx, contract.tenant_id, contract.id)?.is_some() {
        return Err(rules::REVIEWED_ALREADY.error());
    }
    let row = ReviewRow {
        id: tx.new_id(),
        tenant_id: contract.tenant_id,
        contract_id: contract.id,
        case_id: contract.case_id,
        unit_id: contract.unit_id,
        organisation_id: contract.organisation_id,
        quality: new.quality,
        timeliness: new.timeliness,
        satisfaction: new.satisfaction,
        comment: new.comment.trim().to_owned(),
        reviewed_by: granted.by(),
        reply: None,
        replied_by: None,
        replied_at: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &row)?;
    record(tx, "performance_review.made", &row)?;
    if let Some(supplier) = organisations::find(tx, row.tenant_id, row.organisation_id)? {
        let body = format!(
            "合同《{0}》的绩效评价已作出，可在系统中答复一次。\nThe performance review of the contract “{0}” is there; you may reply to it once.\n",
            contract.title
        );
        let subject = "绩效评价 / Performance review".to_owned();
        outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &supplier.contact_email, subject, body })?;
    }
    Ok(row)
}

/// The supplier's word on it, once.
pub fn reply(tx: &mut Tx<'_>, granted: &Authorized<ReviewRow>, words: &str) -> Result<ReviewRow> {
    rules::check_reply(words)?;
    let before = granted.subject();
    if before.reply.is_some() {
        return Err(rules::REPLIED_ALREADY.error());
    }
    let row = ReviewRow {
        reply: Some(words.trim().to_owned()),
        replied_by: Some(granted.by()),
        replied_at: Some(tx.now()),
        version: before.version.saturating_add(1),
        ..before.clone()
    };
    store::save(tx, &row)?;
    record(tx, "performance_review.replied", &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &ReviewRow) -> Result<()> {
    let content = json!({
        "contract_id": row.contract_id, "organisation_id": row.organisation_id, "quality": row.quality, "timeliness": row.timeliness,
        "satisfaction": row.satisfaction, "comment": row.comment, "reply": row.reply,
    });
    let event = Event {
        tenant: row.tenant_id,
        action,
        kind: "performance_review",
        resource: row.id.any(),
        version: row.version,
        case: Some(row.case_id),
        content,
    };
    journal::record(tx, &event).map(drop)
}
