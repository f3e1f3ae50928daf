//! Evaluation rows in the database.

use diesel::prelude::*;

use super::model::{EvaluatorRow, RankingRow, ScoreRow, SheetRow};
use crate::db::schema::{accounts, lot_evaluators, rankings, score_sheets, scores};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{AccountId, LotId, OrganisationId, ScoreSheetId, TenantId};
use crate::people::Authorized;
use crate::procurement::tenders::model::LotFile;

pub fn evaluators(db: &mut Db, lot: LotId) -> Result<Vec<EvaluatorRow>> {
    Ok(lot_evaluators::table.filter(lot_evaluators::lot_id.eq(lot)).order(lot_evaluators::account_id).load(db)?)
}

/// The organisation that an account of the tenant belongs to; `None` when there is no such account.
pub fn employer(db: &mut Db, tenant: TenantId, account: AccountId) -> Result<Option<Option<OrganisationId>>> {
    Ok(accounts::table
        .filter(accounts::tenant_id.eq(tenant).and(accounts::id.eq(account)))
        .select(accounts::organisation_id)
        .first(db)
        .optional()?)
}

pub fn appoint(tx: &mut Tx<'_>, _granted: &Authorized<LotFile>, row: &EvaluatorRow) -> Result<()> {
    diesel::insert_into(lot_evaluators::table).values(row).execute(&mut **tx)?;
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
