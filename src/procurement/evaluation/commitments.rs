//! Use cases of commitments to score sheets: given before any sheet is shown, closed by the chair, held against the sheet, and checked again when ranked.

use serde_json::json;

use super::discussion::as_chair;
use super::model::{Brought, CommitmentRow, EvaluationKind, EvaluationRow, SheetRow};
use super::service::{Filled, Progress, begin_scoring, progress, record};
use super::sheets::{self, Hash, Score};
use super::store;
use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::ScoreSheetId;
use crate::kernel::{Error, Result};
use crate::people::accounts;
use crate::people::policy::Authorized;
use crate::procurement::draws::rules::from_hex;
use crate::procurement::tenders::model::LotFile;
use crate::words;

problems! {
    /// Not everybody has committed.
    COMMITMENTS_MISSING = "score_commitments_missing", 409, "评分承诺尚未交齐", "Commitments to score sheets are missing",
        "全体评审人员承诺（或组长截止）之后，方可提交承诺过的评分表。",
        "A sheet that was committed to is handed in once everybody has committed, or the chair has closed the commitments.";
    /// The sheet is not what was committed to.
    SHEET_NOT_COMMITTED = "score_sheet_not_committed", 422, "与评分承诺不符", "The sheet is not the one committed to",
        "评分表与随机数的哈希须等于此前的承诺；请核对 nonce 与每一项评分。",
        "The hash of sheet and nonce must be the commitment given before; compare the nonce and every score.";
    /// A stored sheet is not what was committed to.
    SHEET_CHANGED = "score_sheet_changed", 409, "评分表已被改动", "A score sheet was changed",
        "库中的评分与提交时的承诺不一致，不得据此排序。请联系审计部门。",
        "A stored score is not what its evaluator committed to. Nothing may be ranked by it; tell the audit office.";
}

/// Commits to a sheet that its evaluator keeps. Another takes its place while commitments are still missing.
pub fn commit(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, commitment: &str) -> Result<()> {
    let file = granted.subject();
    from_hex(commitment).ok_or_else(|| Error::field("/commitment", words!("须为 64 位小写十六进制", "64 lower-case hex digits")))?;
    let progress = progress(tx, file)?;
    begin_scoring(tx, granted, &progress)?;
    let given = store::commitments(tx, file.lot.id)?;
    if let Some(own) = given.iter().find(|row| row.evaluator_id == granted.by()) {
        if open_for_sheets(&progress, &given) {
            return Err(error::WRONG_STATE.because(words!("承诺已截止", "the commitments are closed")));
        }
        store::forget_commitment(tx, granted, own)?;
    }
    let row = CommitmentRow {
        lot_id: file.lot.id,
        evaluator_id: granted.by(),
        commitment: commitment.to_owned(),
        brought: Brought::Ahead,
        committed_at: tx.now(),
        nonce: None,
        sheet_id: None,
    };
    store::insert_commitment(tx, granted, &row)?;
    record(tx, "lot.score_committed", file, json!({"evaluator_id": granted.by(), "commitment": commitment, "brought": row.brought}))
}

/// Closes the commitments although some are missing, so that those who committed hand in; nothing is shown to anybody before all sheets are in.
pub fn close(tx: &mut Tx<'_>, granted: &Authorized<LotFile>) -> Result<()> {
    let file = granted.subject();
    let progress = progress(tx, file)?;
    as_chair(granted, &progress)?;
    let given = store::commitments(tx, file.lot.id)?;
    if open_for_sheets(&progress, &given) {
        return Err(error::WRONG_STATE.because(words!("承诺已截止", "the commitments are closed")));
    }
    store::save_evaluation(tx, granted, &EvaluationRow { commitments_closed_at: Some(tx.now()), ..progress.evaluation })?;
    record(tx, "lot.score_commitments_closed", file, json!({"given": given.len()}))
}

/// Whether committed sheets may come: everybody who sits has committed, or the chair has closed.
pub fn open_for_sheets(progress: &Progress, given: &[CommitmentRow]) -> bool {
    let committed = progress.sitting.iter().filter(|member| given.iter().any(|row| row.evaluator_id == member.account_id)).count();
    progress.evaluation.commitments_closed_at.is_some()
        || (committed == progress.sitting.len() && (progress.evaluation.kind == EvaluationKind::Panel || committed >= 2))
}

/// Holds a sheet against its commitment, or makes one for it: with the evaluator's own nonce, or with one of the server's.
pub fn bind(
    tx: &mut Tx<'_>,
    granted: &Authorized<LotFile>,
    progress: &Progress,
    filled: &Filled,
    sheet: ScoreSheetId,
) -> Result<CommitmentRow> {
    let lot = granted.subject().lot.id;
    let malformed = || Error::field("/nonce", words!("须为 64 位小写十六进制", "64 lower-case hex digits"));
    let own = match &filled.nonce {
        Some(text) => Some(from_hex(text).ok_or_else(malformed)?),
        None => None,
    };
    let given = store::commitments(tx, lot)?;
    let ahead = given.iter().find(|row| row.evaluator_id == granted.by());
    let nonce: Hash = match (ahead, own) {
        (Some(_), None) => return Err(Error::field("/nonce", words!("须给出承诺时的随机数", "the nonce of the commitment is needed"))),
        (_, Some(nonce)) => nonce,
        (None, None) => tx.salt(),
    };
    let commitment = hex::encode(sheets::commit(&nonce, lot, granted.by(), filled)?);
    if let Some(ahead) = ahead {
        if !open_for_sheets(progress, &given) {
            return Err(COMMITMENTS_MISSING.error());
        }
        if ahead.commitment != commitment {
            return Err(SHEET_NOT_COMMITTED.error());
        }
        store::forget_commitment(tx, granted, ahead)?;
        let row = CommitmentRow { nonce: Some(hex::encode(nonce)), sheet_id: Some(sheet), ..ahead.clone() };
        store::insert_commitment(tx, granted, &row)?;
        return Ok(row);
    }
    let brought = if own.is_some() { Brought::WithSheet } else { Brought::Server };
    let row = CommitmentRow {
        lot_id: lot,
        evaluator_id: granted.by(),
        commitment,
        brought,
        committed_at: tx.now(),
        nonce: Some(hex::encode(nonce)),
        sheet_id: Some(sheet),
    };
    store::insert_commitment(tx, granted, &row)?;
    Ok(row)
}

/// A sheet as it was committed to, with its commitment.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The commitment; none for a sheet from before commitments were kept.
    pub row: Option<CommitmentRow>,
    /// Key of the points.
    pub key: Option<Hash>,
    /// Hash of the words.
    pub words: Option<Hash>,
    /// Points as they were handed in.
    pub scores: Vec<Score>,
    /// Whether they are what was committed to.
    pub holds: bool,
}

/// The sheet as it was handed in, before anything was amended, held against its commitment.
pub fn bound(db: &mut Db, sheet: &SheetRow) -> Result<Bound> {
    let only = std::slice::from_ref(sheet);
    let amended = store::amendments(db, only)?;
    let scores: Vec<Score> = store::scores_of(db, only)?
        .iter()
        .map(|score| {
            let before = amended.iter().find(|row| (row.bid_id, row.position) == (score.bid_id, score.position)).map(|row| row.before_bp);
            (score.bid_id, score.position, before.unwrap_or(score.points_bp).get())
        })
        .collect();
    let row = store::commitments(db, sheet.lot_id)?.into_iter().find(|row| row.sheet_id == Some(sheet.id));
    let Some((row, nonce)) = row.and_then(|row| row.nonce.as_deref().and_then(from_hex).map(|nonce| (row.clone(), nonce))) else {
        return Ok(Bound { row: None, key: None, words: None, scores, holds: true });
    };
    let remarks: Vec<_> = store::remarks(db, only)?.into_iter().map(|row| (row.bid_id, row.remark)).collect();
    let words = sheets::words_hash(&nonce, sheet.evaluator_id, &sheet.comment, &remarks)?;
    let key = sheets::scores_key(&nonce);
    let found = sheets::commitment(&sheets::scores_hash(&key, sheet.lot_id, &scores)?, &words);
    let holds = hex::encode(found) == row.commitment;
    Ok(Bound { row: Some(row), key: Some(key), words: Some(words), scores, holds })
}

/// Refuses to rank by a sheet that is not what its evaluator committed to, and names whose.
pub fn require_unchanged(tx: &mut Tx<'_>, file: &LotFile, sheets: &[SheetRow]) -> Result<()> {
    for sheet in sheets {
        if !bound(tx, sheet)?.holds {
            let name = accounts::store::find(tx, file.lot.tenant_id, sheet.evaluator_id)?.map_or_else(String::new, |row| row.name);
            return Err(SHEET_CHANGED.because(words!("{name} 的评分表", "the sheet of {name}")));
        }
    }
    Ok(())
}
