//! Use cases of awards without competition.

use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::LotId;
use crate::kernel::{Error, Fen, Result};
use crate::market::directory;
use crate::people::Actor;
use crate::people::policy::Authorized;
use crate::procurement::awards::entry::award_without_bid;
use crate::procurement::awards::model::{AwardRow, DirectAward};
use crate::procurement::tenders::model::{LotFile, Mode};
use crate::procurement::tenders::{Solicitation, TenderState, lots};
use crate::words;

problems! {
    /// The tender asks for bids.
    COMPETES = "lot_asks_for_bids", 409, "该采购须竞争", "The lot asks for bids",
        "只有单一来源、直接委托或框架内直接选定的采购包可以不经竞争定标。",
        "Only a lot of a single-source, direct or framework purchase is awarded without competition.";
    /// The publicity still runs.
    PUBLICITY_RUNS = "publicity_runs", 409, "公示期未满", "The publicity still runs",
        "单一来源采购须公示期满且无有效异议后方可定标。",
        "A single-source purchase is awarded only after its publicity has ended without a valid objection.";
}

/// May the actor propose an award without competition?
pub fn may(db: &mut Db, actor: &Actor, lot: LotId) -> Result<Authorized<LotFile>> {
    lots::may(db, actor, &super::policy::PROPOSE, lot)
}

/// Proposes the award of the lot to the supplier that its tender names, once the publicity is over.
pub fn propose(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, price: Fen, reason: &str) -> Result<AwardRow> {
    let file = granted.subject();
    let tender = &file.tender;
    let named = match (tender.solicitation, tender.named_organisation_id) {
        (Solicitation::Single, Some(named)) => named,
        _ => return Err(COMPETES.error()),
    };
    if tender.state != TenderState::Published {
        let state = tender.state;
        return Err(error::WRONG_STATE.because(words!("项目现状为 {state}，须为 published", "the tender is {state}, it must be published")));
    }
    if let Some(until) = tender.publicity_until.filter(|_| tender.in_publicity(tx.now())) {
        return Err(PUBLICITY_RUNS.because(words!("公示至 {until}", "the publicity runs to {until}")));
    }
    let today = tx.now().date_in_shanghai();
    if tender.mode == Mode::Entrustment && !directory::is_open_to(tx, tender.tenant_id, named, tender.catalogue_item_id, today)? {
        return Err(Error::field(
            "/named_organisation_id",
            words!(
                "项目委托只面向孵化中、已出壳或在该目录项承接能力目录中的组织",
                "an entrustment is open to incubated organisations and to those in the directory for the item only"
            ),
        ));
    }
    award_without_bid(tx, granted, file, &DirectAward { organisation: named, price, reason: reason.to_owned() })
}
