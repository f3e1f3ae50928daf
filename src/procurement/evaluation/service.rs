//! Use cases of the evaluation.

use serde_json::json;

use super::model::{EvaluatorRow, RankingRow, ScoreRow, SheetRow};
use super::rules::{self, Offer};
use super::store;
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{AccountId, BidId, LotId};
use crate::kernel::{BasisPoints, Error, Result};
use crate::people::accounts;
use crate::people::accounts::model::AccountState;
use crate::people::policy::{Action, Authorized, Subject, authorize};
use crate::people::{Actor, Role};
use crate::procurement::bids::{self, BidState};
use crate::procurement::opening::{self, OpenedRow};
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{LotState, lots};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The evaluator has an interest.
    CONFLICT_OF_INTEREST = "conflict_of_interest", 409, "存在利害关系", "Conflict of interest",
        "评审人员不得属于响应的组织，也不得是本项目的起草人。",
        "An evaluator may neither belong to a bidder nor have drafted the tender.";
    /// Sheets are missing.
    SHEETS_MISSING = "score_sheets_missing", 409, "评分表尚未交齐", "Score sheets are missing",
        "所有指定的评审人员交齐评分表后方可排序。",
        "The bids are ranked once every appointed evaluator has handed in a sheet.";
    /// A second sheet.
    SHEET_EXISTS = "score_sheet_exists", 409, "评分表已提交", "The score sheet was handed in",
        "每位评审人员对一个采购包只交一份评分表。",
        "An evaluator hands in one sheet for a lot.";
}

/// May the actor appoint evaluators or rank?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, lot: LotId) -> Result<Authorized<LotFile>> {
    lots::may(db, actor, action, lot)
}

/// May the actor read or score the offers? An evaluator only where appointed: elsewhere the lot's offers do not exist for it.
pub fn may_as_evaluator(db: &mut Db, actor: &Actor, action: &'static Action, lot: LotId) -> Result<Authorized<LotFile>> {
    let file = lots::load(db, actor.tenant, lot)?;
    if !file.visible_to(actor) {
        return Err(error::NOT_FOUND.error());
    }
    let appointed = store::evaluators(db, lot)?.iter().any(|row| row.account_id == actor.account);
    let others: Vec<Role> = action.roles.iter().copied().filter(|role| *role != Role::Evaluator).collect();
    if !appointed && !actor.reaches(&others, Some(file.tender.unit_id), None) {
        return Err(error::FORBIDDEN.error());
    }
    // An appointment made while bids were sealed may have met a bidder's colleague; then the offers stay closed.
    if let Some(employer) = actor.organisation.filter(|_| file.lot.state != LotState::Open)
        && !bids::store::of_bidder(db, lot, employer)?.is_empty()
    {
        return Err(CONFLICT_OF_INTEREST.error());
    }
    authorize(actor, action, file)
}

/// Appoints an evaluator: an account with that role which belongs to no bidder and did not draft the tender.
pub fn appoint(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, account: AccountId) -> Result<()> {
    let file = granted.subject();
    let unknown = || Error::field("/account_id", words!("不是评审人员账户", "not an account of an evaluator"));
    let employer = store::employer(tx, file.lot.tenant_id, account)?.ok_or_else(unknown)?;
    if !accounts::store::roles_of(tx, account)?.contains(&Role::Evaluator) {
        return Err(unknown());
    }
    let bidders = bids::store::of_lot(tx, file.lot.id, BidState::ALL)?;
    let bidder = employer.is_some_and(|employer| bidders.iter().any(|bid| bid.organisation_id == employer));
    // While bids are sealed, a refusal for that reason would tell that a certain organisation has bid.
    let may_tell = file.lot.state != LotState::Open;
    if account == file.tender.drafted_by || (bidder && may_tell) {
        return Err(CONFLICT_OF_INTEREST.error());
    }
    if store::evaluators(tx, file.lot.id)?.iter().any(|row| row.account_id == account) {
        return Err(error::CONFLICT.because(words!("已指定该评审人员", "the evaluator is appointed already")));
    }
    let row = EvaluatorRow { lot_id: file.lot.id, account_id: account, appointed_by: granted.by(), appointed_at: tx.now() };
    store::appoint(tx, granted, &row)?;
    record(tx, "lot.evaluator_appointed", file, json!({"evaluator_id": account}))
}

/// The valid offers of a lot.
pub fn offers(db: &mut Db, lot: LotId) -> Result<Vec<OpenedRow>> {
    let valid = bids::store::of_lot(db, lot, &[BidState::Valid, BidState::Ranked, BidState::Won, BidState::Lost])?;
    let mut opened = opening::store::of_lots(db, &[lot])?;
    opened.retain(|row| valid.iter().any(|bid| bid.id == row.bid_id));
    Ok(opened)
}

/// Hands in a sheet; the first one starts the evaluation.
pub fn score(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, comment: &str, given: &[(BidId, i32, BasisPoints)]) -> Result<SheetRow> {
    let file = granted.subject();
    let mut fields = Fields::default();
    fields.text(comment, "/comment", 1, 4000);
    fields.finish()?;
    if store::sheets(tx, file.lot.id)?.iter().any(|sheet| sheet.evaluator_id == granted.by()) {
        return Err(SHEET_EXISTS.error());
    }
    let offers = offers(tx, file.lot.id)?;
    let bids: Vec<BidId> = offers.iter().map(|offer| offer.bid_id).collect();
    let criteria = crate::procurement::tenders::store::criteria_of(tx, file.lot.id)?;
    rules::check_sheet(given, &bids, &criteria)?;
    let sheet = SheetRow {
        id: tx.new_id(),
        tenant_id: file.lot.tenant_id,
        lot_id: file.lot.id,
        evaluator_id: granted.by(),
        comment: comment.trim().to_owned(),
        submitted_at: tx.now(),
    };
    let rows: Vec<ScoreRow> = given
        .iter()
        .map(|(bid, position, points)| ScoreRow { sheet_id: sheet.id, bid_id: *bid, position: *position, points_bp: *points })
        .collect();
    store::insert_sheet(tx, granted, &sheet, &rows)?;
    if file.lot.state == LotState::Opened {
        lots::advance(tx, granted, &file.lot, LotState::Evaluating, None, json!({}))?;
    }
    let content = json!({"sheet_id": sheet.id, "scores": given.iter().map(|(bid, position, points)| json!([bid, position, points])).collect::<Vec<_>>()});
    record(tx, "lot.scored", file, content)?;
    Ok(sheet)
}

/// Ranks the bids once every sheet is in.
pub fn rank(tx: &mut Tx<'_>, granted: &Authorized<LotFile>) -> Result<Vec<RankingRow>> {
    let file = granted.subject();
    if !store::ranking(tx, file.lot.id)?.is_empty() {
        return Err(error::WRONG_STATE.because(words!("已经排序", "ranked already")));
    }
    let evaluators = store::evaluators(tx, file.lot.id)?;
    let sheets = store::sheets(tx, file.lot.id)?;
    let missing: Vec<AccountId> =
        evaluators.iter().map(|e| e.account_id).filter(|id| !sheets.iter().any(|s| s.evaluator_id == *id)).collect();
    let waiting = expected(tx, file, &missing)?;
    if waiting > 0 || sheets.is_empty() {
        return Err(SHEETS_MISSING.because(words!("还缺 {waiting} 份", "{waiting} are missing")));
    }
    let offers: Vec<Offer> = offers(tx, file.lot.id)?.iter().map(|row| Offer { bid: row.bid_id, price: row.price_fen }).collect();
    let criteria = crate::procurement::tenders::store::criteria_of(tx, file.lot.id)?;
    let scores = store::scores_of(tx, &sheets)?;
    let mut rows = Vec::new();
    for placed in rules::rank(&offers, &criteria, &scores)? {
        let row = RankingRow { lot_id: file.lot.id, bid_id: placed.bid, place: placed.place, points_bp: placed.points_bp };
        store::insert_ranking(tx, granted, &row)?;
        let bid = bids::store::set_state(tx, granted, placed.bid, BidState::Ranked, None)?;
        bids::service::record(tx, "bid.ranked", &bid, json!({"place": placed.place, "points_bp": placed.points_bp}))?;
        rows.push(row);
    }
    record(tx, "lot.ranked", file, json!({"sheets": sheets.len(), "bids": rows.len()}))?;
    Ok(rows)
}

/// How many of the missing sheets can still come: not from an evaluator who turned out to belong to a bidder, nor from a suspended account.
fn expected(db: &mut Db, file: &LotFile, missing: &[AccountId]) -> Result<usize> {
    let bidders = bids::store::of_lot(db, file.lot.id, BidState::ALL)?;
    let mut waiting = 0_usize;
    for account in missing {
        let Some(row) = accounts::store::find(db, file.lot.tenant_id, *account)? else { continue };
        let conflicted = row.organisation_id.is_some_and(|employer| bidders.iter().any(|bid| bid.organisation_id == employer));
        if !conflicted && row.state == AccountState::Active {
            waiting = waiting.saturating_add(1);
        }
    }
    Ok(waiting)
}

fn record(tx: &mut Tx<'_>, action: &str, file: &LotFile, content: serde_json::Value) -> Result<()> {
    let lot = &file.lot;
    journal::record(
        tx,
        &Event {
            tenant: lot.tenant_id,
            action,
            kind: "lot",
            resource: lot.id.any(),
            version: lot.version,
            case: Some(lot.case_id),
            content,
        },
    )?;
    Ok(())
}
