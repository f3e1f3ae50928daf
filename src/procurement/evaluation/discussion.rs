//! The discussion of outliers: opened by the chair once every sheet is in, answered by those whose scores depart, closed by the chair.

use serde_json::json;

use super::deviation::{self, Outlier};
use super::model::{EvaluationKind, EvaluationRow, OutlierAnswer, OutlierRow, ScoreRow};
use super::panel::CHAIR_MISSING;
use super::service::{Progress, SHEETS_MISSING, progress, record};
use super::store;
use crate::db::Tx;
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::BidId;
use crate::kernel::{BasisPoints, Error, Result};
use crate::people::policy::Authorized;
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{CriterionKind, CriterionRow};
use crate::words;

problems! {
    /// Outliers were not discussed.
    DISCUSSION_DUE = "discussion_due", 409, "评分差异须先讨论", "Outliers must be discussed first",
        "有评分明显偏离其他成员。请由组长发起讨论，相关成员确认或修正并说明理由，组长结束讨论后再排序。",
        "Some scores depart from the others. The chair opens the discussion, the members confirm or amend with a reason, the chair closes it; then rank.";
    /// Outliers are unanswered.
    OUTLIERS_UNANSWERED = "outliers_unanswered", 409, "仍有偏离评分未答复", "Outliers are unanswered",
        "被列出的成员须逐项确认或修正，讨论方可结束。",
        "Every member named must confirm or amend before the discussion is closed.";
    /// Only the chair.
    NOT_THE_CHAIR = "not_the_chair", 403, "仅组长可以办理", "Only the chair may",
        "讨论由评审小组组长发起和结束。",
        "The discussion is opened and closed by the chair of the panel.";
}

/// Refuses a ranking while scores depart that nobody has discussed, or while the discussion is open.
pub fn refuse_undiscussed(progress: &Progress, criteria: &[CriterionRow], scores: &[ScoreRow]) -> Result<()> {
    let row = &progress.evaluation;
    if row.kind != EvaluationKind::Panel || row.discussion_closed_at.is_some() {
        return Ok(());
    }
    let departing = deviation::outliers(criteria, scores, row.outlier_share_bp)?.len();
    if departing > 0 || row.discussion_opened_at.is_some() {
        return Err(DISCUSSION_DUE.because(words!("偏离 {departing} 项", "{departing} scores depart")));
    }
    Ok(())
}

/// Refuses everybody but the chair of the panel.
pub(super) fn as_chair(granted: &Authorized<LotFile>, progress: &Progress) -> Result<()> {
    let chair = progress.sitting.iter().find(|member| member.is_chair).ok_or_else(|| CHAIR_MISSING.error())?;
    if chair.account_id == granted.by() { Ok(()) } else { Err(NOT_THE_CHAIR.error()) }
}

/// Opens the discussion and lists what departs.
pub fn open(tx: &mut Tx<'_>, granted: &Authorized<LotFile>) -> Result<()> {
    let file = granted.subject();
    let progress = progress(tx, file)?;
    as_chair(granted, &progress)?;
    if progress.evaluation.discussion_opened_at.is_some() || progress.evaluation.ranked_at.is_some() {
        return Err(error::WRONG_STATE.because(words!("讨论已经发起", "the discussion was opened")));
    }
    if !progress.complete() {
        let waiting = progress.missing;
        return Err(SHEETS_MISSING.because(words!("还缺 {waiting} 份", "{waiting} are missing")));
    }
    let criteria = crate::procurement::tenders::store::criteria_of(tx, file.lot.id)?;
    let scores = store::scores_of(tx, &progress.sheets)?;
    let found = deviation::outliers(&criteria, &scores, progress.evaluation.outlier_share_bp)?;
    for Outlier { sheet, bid, own_bp, others_bp } in &found {
        let row = OutlierRow {
            sheet_id: *sheet,
            bid_id: *bid,
            own_bp: *own_bp,
            others_bp: *others_bp,
            answer: None,
            reason: None,
            answered_at: None,
        };
        store::insert_outlier(tx, granted, &row)?;
    }
    store::save_evaluation(tx, granted, &EvaluationRow { discussion_opened_at: Some(tx.now()), ..progress.evaluation })?;
    let listed: Vec<_> = found.iter().map(|one| json!([one.sheet, one.bid, one.own_bp, one.others_bp])).collect();
    record(tx, "lot.discussion_opened", file, json!({"outliers": listed}))
}

/// What a member says of its score for a bid.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The bid.
    pub bid: BidId,
    /// Why it stands by its score or corrects it.
    pub reason: String,
    /// Corrected points by criterion; empty to confirm.
    pub scores: Vec<(i32, BasisPoints)>,
}

/// Confirms or amends one's own departing score while the discussion is open.
pub fn answer(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, reply: &Reply) -> Result<()> {
    let file = granted.subject();
    let progress = progress(tx, file)?;
    in_discussion(&progress)?;
    let own: Vec<_> = progress.sheets.iter().filter(|sheet| sheet.evaluator_id == granted.by()).cloned().collect();
    let outliers = store::outliers_of(tx, &own)?;
    let unlisted = || Error::field("/bid_id", words!("您对该响应的评分未被列出", "your score for this bid is not listed"));
    let outlier = outliers.iter().find(|row| row.bid_id == reply.bid).ok_or_else(unlisted)?;
    if outlier.answer.is_some() {
        return Err(error::WRONG_STATE.because(words!("已经答复", "answered already")));
    }
    let criteria = crate::procurement::tenders::store::criteria_of(tx, file.lot.id)?;
    check_reply(reply, &criteria)?;
    let scores = store::scores_of(tx, &own)?;
    let mut amended = Vec::new();
    for (position, points) in &reply.scores {
        let Some(score) = scores.iter().find(|score| score.bid_id == reply.bid && score.position == *position) else { continue };
        store::amend_score(tx, granted, score, *points)?;
        amended.push(json!([position, score.points_bp, points]));
    }
    let answer = if amended.is_empty() { OutlierAnswer::Confirmed } else { OutlierAnswer::Amended };
    store::answer_outlier(tx, granted, outlier, answer, reply.reason.trim())?;
    let content = json!({"sheet_id": outlier.sheet_id, "bid_id": reply.bid, "answer": answer, "amended": amended});
    record(tx, "lot.outlier_answered", file, content)
}

fn check_reply(reply: &Reply, criteria: &[CriterionRow]) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&reply.reason, "/reason", 5, 1000);
    let mut left: Vec<i32> = criteria.iter().filter(|c| c.kind == CriterionKind::Quality).map(|c| c.position).collect();
    for (index, (position, _)) in reply.scores.iter().enumerate() {
        let known = left.iter().position(|one| one == position);
        fields.require(known.is_some(), &format!("/scores/{index}/position"), || {
            words!("重复，或不是质量因素", "given twice, or not a quality criterion")
        });
        left.retain(|one| one != position);
    }
    fields.finish()
}

fn in_discussion(progress: &Progress) -> Result<()> {
    let row = &progress.evaluation;
    if row.discussion_opened_at.is_some() && row.discussion_closed_at.is_none() {
        return Ok(());
    }
    Err(error::WRONG_STATE.because(words!("不在讨论阶段", "no discussion is open")))
}

/// Closes the discussion once everything listed is answered.
pub fn close(tx: &mut Tx<'_>, granted: &Authorized<LotFile>) -> Result<()> {
    let file = granted.subject();
    let progress = progress(tx, file)?;
    as_chair(granted, &progress)?;
    in_discussion(&progress)?;
    let open = store::outliers_of(tx, &progress.sheets)?.iter().filter(|row| row.answer.is_none()).count();
    if open > 0 {
        return Err(OUTLIERS_UNANSWERED.because(words!("还有 {open} 项", "{open} are unanswered")));
    }
    store::save_evaluation(tx, granted, &EvaluationRow { discussion_closed_at: Some(tx.now()), ..progress.evaluation })?;
    record(tx, "lot.discussion_closed", file, json!({}))
}
