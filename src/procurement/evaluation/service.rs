//! Use cases of the evaluation.

use std::collections::BTreeSet;

use serde_json::json;

use super::conflicts::Bench;
use super::model::{EvaluationKind, EvaluationRow, MemberRow, RankingRow, RemarkRow, ScoreRow, SheetRow};
use super::rules::{self, Offer};
use super::{commitments, discussion, lawful, panel, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{AccountId, BidId, LotId};
use crate::kernel::{BasisPoints, Result, UtcInstant};
use crate::people::accounts;
use crate::people::accounts::model::AccountState;
use crate::people::policy::{Action, Authorized, Subject, authorize};
use crate::people::{Actor, Role};
use crate::procurement::bids::{self, BidState};
use crate::procurement::opening::{self, OpenedRow};
use crate::procurement::review;
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{DecidedBy, LotState, Ranking, lots};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The evaluator has an interest.
    CONFLICT_OF_INTEREST = "conflict_of_interest", 409, "存在利害关系", "Conflict of interest",
        "评审人员不得属于响应的组织，与其有劳动、任职、亲属等利害关系的须回避，也不得是本项目的起草人。",
        "An evaluator may neither belong or be tied to a bidder nor have drafted the tender.";
    /// Sheets are missing.
    SHEETS_MISSING = "score_sheets_missing", 409, "评分表尚未交齐", "Score sheets are missing",
        "所有指定的评审人员交齐评分表后方可排序。",
        "The bids are ranked once every appointed evaluator has handed in a sheet.";
    /// A second sheet.
    SHEET_EXISTS = "score_sheet_exists", 409, "评分表已提交", "The score sheet was handed in",
        "每位评审人员对一个采购包只交一份评分表。",
        "An evaluator hands in one sheet for a lot.";
}

/// May the actor do this to the lot by its unit?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, lot: LotId) -> Result<Authorized<LotFile>> {
    lots::may(db, actor, action, lot)
}

/// Whether the actor evaluates the lot.
pub fn sits(db: &mut Db, actor: &Actor, lot: LotId) -> Result<bool> {
    Ok(store::members(db, lot)?.iter().any(|row| row.account_id == actor.account && row.sits()))
}

/// May the actor do what only members do? Elsewhere nobody's lot is theirs to score; a member with a conflict neither reads nor scores.
pub fn may_as_member(db: &mut Db, actor: &Actor, action: &'static Action, lot: LotId, now: UtcInstant) -> Result<Authorized<LotFile>> {
    let file = visible(db, actor, lot)?;
    if !sits(db, actor, lot)? {
        return Err(error::FORBIDDEN.error());
    }
    refuse_conflict(db, actor, &file, now)?;
    authorize(actor, action, file)
}

/// May the actor read this of the lot: as a member, or by its unit or office? An evaluator who was not appointed may not.
pub fn may_read(db: &mut Db, actor: &Actor, action: &'static Action, lot: LotId, now: UtcInstant) -> Result<Authorized<LotFile>> {
    let file = visible(db, actor, lot)?;
    if sits(db, actor, lot)? {
        refuse_conflict(db, actor, &file, now)?;
    } else {
        let others: Vec<Role> = action.roles.iter().copied().filter(|role| *role != Role::Evaluator).collect();
        if !actor.reaches(&others, Some(file.tender.unit_id), None) {
            return Err(error::FORBIDDEN.error());
        }
    }
    authorize(actor, action, file)
}

fn visible(db: &mut Db, actor: &Actor, lot: LotId) -> Result<LotFile> {
    let file = lots::load(db, actor.tenant, lot)?;
    if file.visible_to(actor) { Ok(file) } else { Err(error::NOT_FOUND.error()) }
}

/// An appointment made while bids were sealed may have met a bidder's colleague, and ties are declared late; then the offers stay closed.
fn refuse_conflict(db: &mut Db, actor: &Actor, file: &LotFile, now: UtcInstant) -> Result<()> {
    let Some(account) = accounts::store::find(db, actor.tenant, actor.account)? else { return Err(error::FORBIDDEN.error()) };
    match Bench::of(db, file, now)?.conflict_of(db, &account)? {
        Some(_) => Err(CONFLICT_OF_INTEREST.error()),
        None => Ok(()),
    }
}

/// The valid offers of a lot.
pub fn offers(db: &mut Db, lot: LotId) -> Result<Vec<OpenedRow>> {
    let valid = bids::store::of_lot(db, lot, &[BidState::Valid, BidState::Ranked, BidState::Won, BidState::Lost])?;
    let mut opened = opening::store::of_lots(db, &[lot])?;
    opened.retain(|row| valid.iter().any(|bid| bid.id == row.bid_id));
    Ok(opened)
}

/// What a member hands in.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Reasons for all scores together.
    pub comment: String,
    /// Points by bid and criterion.
    pub scores: Vec<(BidId, i32, BasisPoints)>,
    /// Words on single bids, which their bidders read after the award.
    pub remarks: Vec<(BidId, String)>,
    /// The evaluator's own nonce, lower-case hex: of the commitment that it gave before, or for the one that is made now.
    pub nonce: Option<String>,
}

/// What must hold before anybody scores or commits: the review is concluded, nothing is ranked, the member has no sheet yet. The first one starts the
/// evaluation, and from then on the panel must be lawful.
pub(super) fn begin_scoring(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, progress: &Progress) -> Result<()> {
    let file = granted.subject();
    review::require_concluded(tx, file)?;
    if progress.evaluation.ranked_at.is_some() {
        return Err(error::WRONG_STATE.because(words!("已经排序", "ranked already")));
    }
    if progress.sheets.iter().any(|sheet| sheet.evaluator_id == granted.by()) {
        return Err(SHEET_EXISTS.error());
    }
    if file.lot.state == LotState::Opened {
        lawful::judge_sitting(tx, file, &progress.sitting)?;
        lots::advance(tx, granted, &file.lot, LotState::Evaluating, None, json!({}))?;
    }
    Ok(())
}

/// Hands in a sheet. It is held against the commitment that its evaluator gave before, or committed to now.
pub fn score(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, filled: &Filled) -> Result<SheetRow> {
    let file = granted.subject();
    let progress = progress(tx, file)?;
    begin_scoring(tx, granted, &progress)?;
    let bids: Vec<BidId> = offers(tx, file.lot.id)?.iter().map(|offer| offer.bid_id).collect();
    let criteria = crate::procurement::tenders::store::criteria_of(tx, file.lot.id)?;
    check_words(filled, &bids)?;
    rules::check_sheet(&filled.scores, &bids, &criteria)?;
    let sheet = SheetRow {
        id: tx.new_id(),
        tenant_id: file.lot.tenant_id,
        lot_id: file.lot.id,
        evaluator_id: granted.by(),
        comment: filled.comment.trim().to_owned(),
        submitted_at: tx.now(),
    };
    let rows: Vec<ScoreRow> = filled
        .scores
        .iter()
        .map(|(bid, position, points)| ScoreRow { sheet_id: sheet.id, bid_id: *bid, position: *position, points_bp: *points })
        .collect();
    store::insert_sheet(tx, granted, &sheet, &rows)?;
    for (bid, words) in &filled.remarks {
        store::insert_remark(tx, granted, &RemarkRow { sheet_id: sheet.id, bid_id: *bid, remark: words.trim().to_owned() })?;
    }
    let bound = commitments::bind(tx, granted, &progress, filled, sheet.id)?;
    // The points stay out of the journal until all sheets are in: auditors read it. The commitment binds them.
    let content = json!({"sheet_id": sheet.id, "scores": rows.len(), "commitment": bound.commitment, "brought": bound.brought});
    record(tx, "lot.scored", file, content)?;
    Ok(sheet)
}

fn check_words(filled: &Filled, bids: &[BidId]) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&filled.comment, "/comment", 1, 4000);
    let mut said = BTreeSet::new();
    for (index, (bid, words)) in filled.remarks.iter().enumerate() {
        fields.text(words, &format!("/remarks/{index}/text"), 1, 1000);
        fields.require(bids.contains(bid) && said.insert(*bid), &format!("/remarks/{index}/bid_id"), || {
            words!("重复，或不是有效响应", "given twice, or not a valid bid")
        });
    }
    fields.finish()
}

/// How far the scoring of a lot is.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Panel or reviewers.
    pub evaluation: EvaluationRow,
    /// Members who evaluate.
    pub sitting: Vec<MemberRow>,
    /// Their sheets.
    pub sheets: Vec<SheetRow>,
    /// Sheets that are still to come.
    pub missing: usize,
}

impl Progress {
    /// Whether every sheet is in, so that they may be read.
    pub fn complete(&self) -> bool {
        self.missing == 0 && !self.sheets.is_empty()
    }
}

/// How far the scoring of the lot is; 404 where nobody was appointed.
pub fn progress(db: &mut Db, file: &LotFile) -> Result<Progress> {
    let evaluation = store::evaluation(db, file.lot.id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let mut sitting = store::members(db, file.lot.id)?;
    sitting.retain(MemberRow::sits);
    let mut sheets = store::sheets(db, file.lot.id)?;
    sheets.retain(|sheet| sitting.iter().any(|member| member.account_id == sheet.evaluator_id));
    let waiting: Vec<AccountId> =
        sitting.iter().map(|row| row.account_id).filter(|id| !sheets.iter().any(|sheet| sheet.evaluator_id == *id)).collect();
    // A panel must be whole: who cannot score is replaced. A reviewer who cannot is not waited for.
    let missing = match evaluation.kind {
        EvaluationKind::Panel => waiting.len(),
        EvaluationKind::Reviewers => expected(db, file, &waiting)?,
    };
    Ok(Progress { evaluation, sitting, sheets, missing })
}

/// Ranks the bids once every sheet is in and the outliers are discussed.
pub fn rank(tx: &mut Tx<'_>, granted: &Authorized<LotFile>) -> Result<Vec<RankingRow>> {
    let file = granted.subject();
    let progress = progress(tx, file)?;
    if progress.evaluation.ranked_at.is_some() {
        return Err(error::WRONG_STATE.because(words!("已经排序", "ranked already")));
    }
    if !progress.complete() {
        let waiting = progress.missing;
        return Err(SHEETS_MISSING.because(words!("还缺 {waiting} 份", "{waiting} are missing")));
    }
    let criteria = crate::procurement::tenders::store::criteria_of(tx, file.lot.id)?;
    let scores = store::scores_of(tx, &progress.sheets)?;
    check_ready(tx, file, &progress)?;
    commitments::require_unchanged(tx, file, &progress.sheets)?;
    discussion::refuse_undiscussed(&progress, &criteria, &scores)?;
    let offers: Vec<Offer> = offers(tx, file.lot.id)?.iter().map(|row| Offer { bid: row.bid_id, price: row.price_fen }).collect();
    let placed = match file.tender.profile().ranking {
        Ranking::Weighted => rules::rank(&offers, &criteria, &scores)?,
        Ranking::LowestPrice => rules::rank_by_price(&offers)?,
        Ranking::None => return Err(error::WRONG_STATE.because(words!("该程序不排序", "this procedure ranks nothing"))),
    };
    let warnings = lawful::judge_ranking(tx, file, &offers, &placed)?;
    let mut rows = Vec::new();
    for placed in placed {
        let row = RankingRow { lot_id: file.lot.id, bid_id: placed.bid, place: placed.place, points_bp: placed.points_bp };
        store::insert_ranking(tx, granted, &row)?;
        let bid = bids::store::set_state(tx, granted, placed.bid, BidState::Ranked, None)?;
        bids::service::record(tx, "bid.ranked", &bid, json!({"place": placed.place, "points_bp": placed.points_bp}))?;
        rows.push(row);
    }
    store::save_evaluation(tx, granted, &EvaluationRow { ranked_at: Some(tx.now()), ..progress.evaluation })?;
    let sheets: Vec<_> = progress
        .sheets
        .iter()
        .map(|sheet| {
            let points = scores.iter().filter(|score| score.sheet_id == sheet.id);
            json!({"sheet_id": sheet.id, "scores": points.map(|s| json!([s.bid_id, s.position, s.points_bp])).collect::<Vec<_>>()})
        })
        .collect();
    let warnings: Vec<&str> = warnings.iter().map(|finding| finding.rule.rule.as_str()).collect();
    record(tx, "lot.ranked", file, json!({"sheets": sheets, "bids": rows.len(), "warnings": warnings}))?;
    Ok(rows)
}

/// The panel must be lawful to the end, led by an expert, and free of conflicts found since.
fn check_ready(tx: &mut Tx<'_>, file: &LotFile, progress: &Progress) -> Result<()> {
    lawful::judge_sitting(tx, file, &progress.sitting)?;
    let bench = Bench::today(tx, file)?;
    for sheet in &progress.sheets {
        let Some(account) = accounts::store::find(tx, file.lot.tenant_id, sheet.evaluator_id)? else { continue };
        if bench.conflict_of(tx, &account)?.is_some() {
            let name = account.name;
            return Err(CONFLICT_OF_INTEREST.because(words!("{name} 须回避并更换", "{name} must withdraw and be replaced")));
        }
    }
    let reviewed = progress.sheets.len();
    if file.tender.profile().decided_by == DecidedBy::Reviewers && !panel::REVIEWERS.contains(&reviewed) {
        return Err(panel::REVIEWERS_COUNT.because(words!("现有 {reviewed} 份评审意见", "{reviewed} people have reviewed")));
    }
    if progress.evaluation.kind == EvaluationKind::Panel && !progress.sitting.iter().any(|member| member.is_chair) {
        return Err(panel::CHAIR_MISSING.error());
    }
    Ok(())
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

/// Journals a step of the lot's evaluation.
pub(super) fn record(tx: &mut Tx<'_>, action: &str, file: &LotFile, content: serde_json::Value) -> Result<()> {
    // The step may have moved the lot on.
    let lot = lots::load(tx, file.lot.tenant_id, file.lot.id)?.lot;
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
