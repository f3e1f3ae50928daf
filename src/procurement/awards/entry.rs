//! Awards that rest on no bid: decided with a reason, or imported from the statutory platform. Called by the slices that hold the proof.

use serde_json::json;

use super::model::{AwardOrigin, AwardRow, AwardState, DirectAward, ImportedAward};
use super::{service, store};
use crate::db::Tx;
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{BidId, OrganisationId};
use crate::kernel::{Error, Fen, Result};
use crate::parties::organisations;
use crate::parties::organisations::model::OrganisationState;
use crate::people::policy::{Authorized, Subject};
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{LotState, lots};
use crate::words;

/// Proposes an award without a bid; the lead confirms it like any other. Refuses with `invalid` an unknown or unverified supplier, a price
/// above the lot's ceiling or a missing reason, and with `conflict` a second award of the lot.
pub fn award_without_bid<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, lot: &LotFile, new: &DirectAward) -> Result<AwardRow> {
    let mut fields = Fields::default();
    fields.text(&new.reason, "/reason", 10, 1000);
    fields.finish()?;
    check(tx, lot, new.organisation, new.price)?;
    let row = AwardRow {
        origin: AwardOrigin::Direct,
        reason: Some(new.reason.trim().to_owned()),
        ..blank(tx, granted, lot, None, new.organisation, new.price)
    };
    store::insert(tx, granted, &row)?;
    lots::advance(tx, granted, &lot.lot, LotState::AwardProposed, None, json!({"award_id": row.id}))?;
    let content = json!({"organisation_id": row.organisation_id, "price_fen": row.price_fen, "reason": row.reason});
    service::record(tx, "award.proposed", &row, content)?;
    Ok(row)
}

/// Takes over an award that the statutory platform published: confirmed at once, and its contract waits for nothing here.
pub fn import<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, lot: &LotFile, new: &ImportedAward) -> Result<AwardRow> {
    let mut fields = Fields::default();
    fields.text(&new.notice_url, "/notice_url", 10, 500);
    let today = tx.now().date_in_shanghai();
    fields.require(new.decided_on <= today, "/decided_on", || words!("不得晚于今天", "must not be after today"));
    fields.finish()?;
    check(tx, lot, new.organisation, new.price)?;
    let row = AwardRow {
        origin: AwardOrigin::Imported,
        state: AwardState::Confirmed,
        confirmed_by: Some(granted.by()),
        decided_on: Some(new.decided_on),
        published_at: Some(tx.now()),
        notice_url: Some(new.notice_url.trim().to_owned()),
        ..blank(tx, granted, lot, None, new.organisation, new.price)
    };
    store::insert(tx, granted, &row)?;
    lots::advance(tx, granted, &lot.lot, LotState::Awarded, None, json!({"award_id": row.id}))?;
    let content = json!({"organisation_id": row.organisation_id, "price_fen": row.price_fen, "decided_on": row.decided_on, "notice_url": row.notice_url});
    service::record(tx, "award.imported", &row, content)?;
    Ok(row)
}

/// A proposal with nothing said of how it came about.
pub fn blank<T: Subject>(
    tx: &mut Tx<'_>,
    granted: &Authorized<T>,
    file: &LotFile,
    bid: Option<BidId>,
    organisation: OrganisationId,
    price: Fen,
) -> AwardRow {
    AwardRow {
        id: tx.new_id(),
        tenant_id: file.lot.tenant_id,
        tender_id: file.tender.id,
        lot_id: file.lot.id,
        case_id: file.lot.case_id,
        unit_id: file.tender.unit_id,
        bid_id: bid,
        organisation_id: organisation,
        price_fen: price,
        state: AwardState::Proposed,
        proposed_by: granted.by(),
        confirmed_by: None,
        version: 1,
        created_at: tx.now(),
        origin: AwardOrigin::Ranked,
        place: None,
        reason: None,
        decided_on: None,
        published_at: None,
        notice_ends: None,
        standstill_ends: None,
        notice_url: None,
        ended_by: None,
        ended_at: None,
        end_reason: None,
    }
}

fn check(tx: &mut Tx<'_>, file: &LotFile, organisation: OrganisationId, price: Fen) -> Result<()> {
    let lot = &file.lot;
    if store::living(tx, lot.id)?.is_some() {
        return Err(error::CONFLICT.because(words!("该采购包已有定标", "the lot has an award that stands")));
    }
    if !matches!(lot.state, LotState::Open | LotState::Opened | LotState::Evaluating) {
        let state = lot.state;
        return Err(error::WRONG_STATE.because(words!("采购包现状为 {state}", "the lot is {state}")));
    }
    let supplier = organisations::find(tx, lot.tenant_id, organisation)?;
    if supplier.is_none_or(|row| row.state != OrganisationState::Verified) {
        return Err(Error::field("/organisation_id", words!("不是已核验的组织", "not a verified organisation")));
    }
    let mut fields = Fields::default();
    fields.require(price > Fen::ZERO, "/price", || words!("须大于零", "must be more than zero"));
    fields.require(price <= lot.ceiling_fen, "/price", || words!("高于最高限价", "above the lot's ceiling"));
    fields.finish()
}
