//! Evaluation rows in the database.

use diesel::prelude::*;

use super::model::{
    AmendmentRow, CandidateRow, CommitmentRow, EvaluationRow, MemberRow, OutlierAnswer, OutlierRow, RankingRow, RemarkRow, ScoreRow,
    SheetRow,
};
use crate::db::schema::{
    evaluations, outliers, panel_candidates, panel_members, rankings, score_amendments, score_sheets, scores, sheet_commitments,
    sheet_remarks,
};
use crate::db::{Db, Tx};
use crate::kernel::id::{LotId, ScoreSheetId};
use crate::kernel::{BasisPoints, Result};
use crate::people::Authorized;
use crate::people::policy::Subject;
use crate::procurement::tenders::model::LotFile;

/// How the lot is evaluated; `None` before anybody is appointed.
pub fn evaluation(db: &mut Db, lot: LotId) -> Result<Option<EvaluationRow>> {
    Ok(evaluations::table.find(lot).first(db).optional()?)
}

pub fn insert_evaluation<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &EvaluationRow) -> Result<()> {
    diesel::insert_into(evaluations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn save_evaluation<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &EvaluationRow) -> Result<()> {
    diesel::update(evaluations::table.find(row.lot_id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// Everybody who was ever appointed to the lot, in the order of appointment.
pub fn members(db: &mut Db, lot: LotId) -> Result<Vec<MemberRow>> {
    Ok(panel_members::table
        .filter(panel_members::lot_id.eq(lot))
        .order((panel_members::appointed_at, panel_members::account_id))
        .load(db)?)
}

pub fn insert_member<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &MemberRow) -> Result<()> {
    diesel::insert_into(panel_members::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn save_member<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &MemberRow) -> Result<()> {
    diesel::update(panel_members::table.find((row.lot_id, row.account_id))).set(row).execute(&mut **tx)?;
    Ok(())
}

/// The permutation of the draw.
pub fn candidates(db: &mut Db, lot: LotId) -> Result<Vec<CandidateRow>> {
    Ok(panel_candidates::table.filter(panel_candidates::lot_id.eq(lot)).order(panel_candidates::position).load(db)?)
}

pub fn insert_candidate<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &CandidateRow) -> Result<()> {
    diesel::insert_into(panel_candidates::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn call_candidate<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &CandidateRow) -> Result<()> {
    diesel::update(panel_candidates::table.find((row.lot_id, row.position))).set(panel_candidates::called.eq(true)).execute(&mut **tx)?;
    Ok(())
}

pub fn sheets(db: &mut Db, lot: LotId) -> Result<Vec<SheetRow>> {
    Ok(score_sheets::table.filter(score_sheets::lot_id.eq(lot)).order(score_sheets::submitted_at).load(db)?)
}

pub fn scores_of(db: &mut Db, sheets: &[SheetRow]) -> Result<Vec<ScoreRow>> {
    let ids: Vec<ScoreSheetId> = sheets.iter().map(|sheet| sheet.id).collect();
    Ok(scores::table.filter(scores::sheet_id.eq_any(ids)).order((scores::sheet_id, scores::bid_id, scores::position)).load(db)?)
}

pub fn insert_sheet(tx: &mut Tx<'_>, _granted: &Authorized<LotFile>, sheet: &SheetRow, rows: &[ScoreRow]) -> Result<()> {
    diesel::insert_into(score_sheets::table).values(sheet).execute(&mut **tx)?;
    for row in rows {
        diesel::insert_into(scores::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn insert_ranking(tx: &mut Tx<'_>, _granted: &Authorized<LotFile>, row: &RankingRow) -> Result<()> {
    diesel::insert_into(rankings::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The ranking of a lot by place.
pub fn ranking(db: &mut Db, lot: LotId) -> Result<Vec<RankingRow>> {
    Ok(rankings::table.filter(rankings::lot_id.eq(lot)).order((rankings::place, rankings::bid_id)).load(db)?)
}

/// What the evaluators of a lot committed to.
pub fn commitments(db: &mut Db, lot: LotId) -> Result<Vec<CommitmentRow>> {
    Ok(sheet_commitments::table.filter(sheet_commitments::lot_id.eq(lot)).order(sheet_commitments::commitment).load(db)?)
}

pub fn insert_commitment(tx: &mut Tx<'_>, _granted: &Authorized<LotFile>, row: &CommitmentRow) -> Result<()> {
    diesel::insert_into(sheet_commitments::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Takes a commitment out, for another in its place. The journal keeps it.
pub fn forget_commitment(tx: &mut Tx<'_>, _granted: &Authorized<LotFile>, row: &CommitmentRow) -> Result<()> {
    diesel::delete(sheet_commitments::table.find((row.lot_id, row.evaluator_id))).execute(&mut **tx)?;
    Ok(())
}

fn ids_of(sheets: &[SheetRow]) -> Vec<ScoreSheetId> {
    sheets.iter().map(|sheet| sheet.id).collect()
}

pub fn insert_remark(tx: &mut Tx<'_>, _granted: &Authorized<LotFile>, row: &RemarkRow) -> Result<()> {
    diesel::insert_into(sheet_remarks::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// What these sheets say of each bid in words.
pub fn remarks(db: &mut Db, sheets: &[SheetRow]) -> Result<Vec<RemarkRow>> {
    Ok(sheet_remarks::table
        .filter(sheet_remarks::sheet_id.eq_any(ids_of(sheets)))
        .order((sheet_remarks::sheet_id, sheet_remarks::bid_id))
        .load(db)?)
}

/// The outliers of these sheets.
pub fn outliers_of(db: &mut Db, sheets: &[SheetRow]) -> Result<Vec<OutlierRow>> {
    Ok(outliers::table.filter(outliers::sheet_id.eq_any(ids_of(sheets))).order((outliers::bid_id, outliers::sheet_id)).load(db)?)
}

pub fn insert_outlier(tx: &mut Tx<'_>, _granted: &Authorized<LotFile>, row: &OutlierRow) -> Result<()> {
    diesel::insert_into(outliers::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn answer_outlier(
    tx: &mut Tx<'_>,
    _granted: &Authorized<LotFile>,
    row: &OutlierRow,
    answer: OutlierAnswer,
    reason: &str,
) -> Result<()> {
    let now = tx.now();
    diesel::update(outliers::table.find((row.sheet_id, row.bid_id)))
        .set((outliers::answer.eq(Some(answer)), outliers::reason.eq(Some(reason)), outliers::answered_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets a discussion that starts anew because the panel changed. The journal keeps it.
pub fn clear_outliers<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, sheets: &[SheetRow]) -> Result<()> {
    diesel::delete(outliers::table.filter(outliers::sheet_id.eq_any(ids_of(sheets)))).execute(&mut **tx)?;
    Ok(())
}

/// Corrects a score and keeps what it was.
pub fn amend_score(tx: &mut Tx<'_>, _granted: &Authorized<LotFile>, score: &ScoreRow, after: BasisPoints) -> Result<()> {
    let key = (score.sheet_id, score.bid_id, score.position);
    // Amended once more, it is still the sheet as it was handed in that the commitment binds.
    let earlier: Option<AmendmentRow> = score_amendments::table.find(key).first(&mut **tx).optional()?;
    diesel::delete(score_amendments::table.find(key)).execute(&mut **tx)?;
    let row = AmendmentRow {
        sheet_id: score.sheet_id,
        bid_id: score.bid_id,
        position: score.position,
        before_bp: earlier.map_or(score.points_bp, |row| row.before_bp),
        after_bp: after,
        amended_at: tx.now(),
    };
    diesel::insert_into(score_amendments::table).values(&row).execute(&mut **tx)?;
    diesel::update(scores::table.find(key)).set(scores::points_bp.eq(after)).execute(&mut **tx)?;
    Ok(())
}

/// What these sheets said before the discussion.
pub fn amendments(db: &mut Db, sheets: &[SheetRow]) -> Result<Vec<AmendmentRow>> {
    Ok(score_amendments::table
        .filter(score_amendments::sheet_id.eq_any(ids_of(sheets)))
        .order((score_amendments::sheet_id, score_amendments::bid_id, score_amendments::position))
        .load(db)?)
}

/// Takes ranking, score sheets and discussion of a lot back, so that it is evaluated anew by the same members. The journal keeps them.
pub fn withdraw<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, lot: LotId) -> Result<()> {
    let sheets = sheets(tx, lot)?;
    let ids = ids_of(&sheets);
    clear_outliers(tx, granted, &sheets)?;
    diesel::delete(rankings::table.filter(rankings::lot_id.eq(lot))).execute(&mut **tx)?;
    diesel::delete(score_amendments::table.filter(score_amendments::sheet_id.eq_any(&ids))).execute(&mut **tx)?;
    diesel::delete(sheet_remarks::table.filter(sheet_remarks::sheet_id.eq_any(&ids))).execute(&mut **tx)?;
    diesel::delete(scores::table.filter(scores::sheet_id.eq_any(&ids))).execute(&mut **tx)?;
    diesel::delete(sheet_commitments::table.filter(sheet_commitments::lot_id.eq(lot))).execute(&mut **tx)?;
    diesel::delete(score_sheets::table.filter(score_sheets::lot_id.eq(lot))).execute(&mut **tx)?;
    for member in members(tx, lot)? {
        save_member(tx, granted, &MemberRow { signed_at: None, agrees: None, dissent: None, ..member })?;
    }
    if let Some(row) = evaluation(tx, lot)? {
        let anew = EvaluationRow {
            discussion_opened_at: None,
            discussion_closed_at: None,
            ranked_at: None,
            finished_at: None,
            commitments_closed_at: None,
            ..row
        };
        save_evaluation(tx, granted, &anew)?;
    }
    Ok(())
}
