//! Openers' keys, ceremonies, closings and contributions in the database.

use diesel::prelude::*;

use super::model::{
    CeremonyFile, CeremonyRow, CeremonyState, ClosingRow, ContributionRow, MemberRow, OpenerKeyRow, OpenerKeyState, ShareRow,
};
use crate::db::schema::{ceremony_members, ceremony_shares, closings, opener_ceremonies, opener_keys, opening_contributions, tenders};
use crate::db::{Db, Tx, one_more};
use crate::kernel::id::{AccountId, CeremonyId, OpenerKeyId, TenantId, TenderId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;
use crate::people::policy::District;
use crate::procurement::tenders::TenderRow;

pub fn find_key(db: &mut Db, tenant: TenantId, id: OpenerKeyId) -> Result<Option<OpenerKeyRow>> {
    Ok(opener_keys::table.filter(opener_keys::tenant_id.eq(tenant).and(opener_keys::id.eq(id))).first(db).optional()?)
}

pub fn key_by_signing_key(db: &mut Db, signing_key: &str) -> Result<Option<OpenerKeyRow>> {
    Ok(opener_keys::table.filter(opener_keys::signing_key.eq(signing_key)).first(db).optional()?)
}

/// Newest first, at most `limit`.
pub fn keys(db: &mut Db, tenant: TenantId, limit: i64) -> Result<Vec<OpenerKeyRow>> {
    Ok(opener_keys::table
        .filter(opener_keys::tenant_id.eq(tenant))
        .order((opener_keys::created_at.desc(), opener_keys::id.desc()))
        .limit(limit)
        .load(db)?)
}

/// The confirmed key of an account.
pub fn confirmed_key(db: &mut Db, tenant: TenantId, account: AccountId) -> Result<Option<OpenerKeyRow>> {
    let of =
        opener_keys::tenant_id.eq(tenant).and(opener_keys::account_id.eq(account)).and(opener_keys::state.eq(OpenerKeyState::Confirmed));
    Ok(opener_keys::table.filter(of).first(db).optional()?)
}

pub fn insert_key(tx: &mut Tx<'_>, _granted: &Authorized<District>, row: &OpenerKeyRow) -> Result<()> {
    diesel::insert_into(opener_keys::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn decide_key(
    tx: &mut Tx<'_>,
    granted: &Authorized<OpenerKeyRow>,
    id: OpenerKeyId,
    state: OpenerKeyState,
    at: UtcInstant,
) -> Result<OpenerKeyRow> {
    Ok(diesel::update(opener_keys::table.find(id))
        .set((
            opener_keys::state.eq(state),
            opener_keys::decided_by.eq(granted.person()),
            opener_keys::decided_at.eq(Some(at)),
            opener_keys::version.eq(one_more(opener_keys::version)),
        ))
        .returning(opener_keys::all_columns)
        .get_result(&mut **tx)?)
}

fn with_members(db: &mut Db, row: Option<CeremonyRow>) -> Result<Option<CeremonyFile>> {
    let Some(row) = row else { return Ok(None) };
    let members = ceremony_members::table.filter(ceremony_members::ceremony_id.eq(row.id)).order(ceremony_members::position).load(db)?;
    Ok(Some(CeremonyFile { row, members }))
}

pub fn find(db: &mut Db, tenant: TenantId, id: CeremonyId) -> Result<Option<CeremonyFile>> {
    let row =
        opener_ceremonies::table.filter(opener_ceremonies::tenant_id.eq(tenant).and(opener_ceremonies::id.eq(id))).first(db).optional()?;
    with_members(db, row)
}

/// The ceremony of a tender that was not abandoned.
pub fn alive(db: &mut Db, tender: TenderId) -> Result<Option<CeremonyFile>> {
    let row = opener_ceremonies::table
        .filter(opener_ceremonies::tender_id.eq(tender).and(opener_ceremonies::state.ne(CeremonyState::Abandoned)))
        .first(db)
        .optional()?;
    with_members(db, row)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<TenderRow>, file: &CeremonyFile) -> Result<()> {
    diesel::insert_into(opener_ceremonies::table).values(&file.row).execute(&mut **tx)?;
    for member in &file.members {
        diesel::insert_into(ceremony_members::table).values(member).execute(&mut **tx)?;
    }
    Ok(())
}

/// Stores what changed of a ceremony's row; its version grows.
pub fn save(tx: &mut Tx<'_>, granted: &Authorized<CeremonyFile>, row: &CeremonyRow) -> Result<CeremonyRow> {
    Ok(diesel::update(opener_ceremonies::table.find(granted.subject().row.id))
        .set((
            opener_ceremonies::state.eq(row.state),
            opener_ceremonies::recipient.eq(&row.recipient),
            opener_ceremonies::transcript.eq(&row.transcript),
            opener_ceremonies::abandoned_because.eq(&row.abandoned_because),
            opener_ceremonies::completed_at.eq(row.completed_at),
            opener_ceremonies::version.eq(one_more(opener_ceremonies::version)),
        ))
        .returning(opener_ceremonies::all_columns)
        .get_result(&mut **tx)?)
}

/// Stores what a member sent.
pub fn save_member(tx: &mut Tx<'_>, _granted: &Authorized<CeremonyFile>, member: &MemberRow) -> Result<()> {
    diesel::update(ceremony_members::table.find((member.ceremony_id, member.position)))
        .set((
            ceremony_members::package.eq(&member.package),
            ceremony_members::package_signature.eq(&member.package_signature),
            ceremony_members::transcript_signature.eq(&member.transcript_signature),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

pub fn insert_share(tx: &mut Tx<'_>, _granted: &Authorized<CeremonyFile>, row: &ShareRow) -> Result<()> {
    diesel::insert_into(ceremony_shares::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The sealed shares of a ceremony by sender and receiver.
pub fn shares(db: &mut Db, ceremony: CeremonyId) -> Result<Vec<ShareRow>> {
    Ok(ceremony_shares::table
        .filter(ceremony_shares::ceremony_id.eq(ceremony))
        .order((ceremony_shares::sender, ceremony_shares::receiver))
        .load(db)?)
}

pub fn closing(db: &mut Db, tender: TenderId) -> Result<Option<ClosingRow>> {
    Ok(closings::table.find(tender).first(db).optional()?)
}

/// Published tenders whose bids were due by an instant and which have no closing, where nothing is missing of the key; the longest due first.
pub fn unclosed(db: &mut Db, due: UtcInstant, limit: i64) -> Result<Vec<TenderRow>> {
    let closed = closings::table.select(closings::tender_id);
    let incomplete = opener_ceremonies::table
        .filter(opener_ceremonies::state.ne_all([CeremonyState::Complete, CeremonyState::Abandoned]))
        .select(opener_ceremonies::tender_id);
    Ok(tenders::table
        .filter(tenders::state.eq("published").and(tenders::opened_at.is_null()).and(tenders::bid_deadline.le(due)))
        .filter(tenders::id.ne_all(closed).and(tenders::id.ne_all(incomplete)))
        .order(tenders::bid_deadline)
        .limit(limit)
        .select(tenders::all_columns)
        .load(db)?)
}

/// Keeps a closing. Also by the runner, which acts for nobody.
pub fn insert_closing(tx: &mut Tx<'_>, row: &ClosingRow) -> Result<()> {
    diesel::insert_into(closings::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Contributions to an opening by position.
pub fn contributions(db: &mut Db, tender: TenderId) -> Result<Vec<ContributionRow>> {
    Ok(opening_contributions::table.filter(opening_contributions::tender_id.eq(tender)).order(opening_contributions::position).load(db)?)
}

/// Keeps a contribution in place of an earlier wrong one of the same opener.
pub fn keep_contribution(tx: &mut Tx<'_>, _granted: &Authorized<TenderRow>, row: &ContributionRow) -> Result<()> {
    diesel::delete(opening_contributions::table.find((row.tender_id, row.position))).execute(&mut **tx)?;
    diesel::insert_into(opening_contributions::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Closings of tenders that are not opened yet and have reserves who were not called, with the tender's title; oldest first.
pub fn uncalled(db: &mut Db, limit: i64) -> Result<Vec<(ClosingRow, String)>> {
    let with_reserves = ceremony_members::table.filter(ceremony_members::reserve.eq(true)).select(ceremony_members::ceremony_id.nullable());
    Ok(closings::table
        .inner_join(tenders::table)
        .filter(closings::reserves_called_at.is_null().and(tenders::opened_at.is_null()))
        .filter(closings::ceremony_id.eq_any(with_reserves))
        .order(closings::closed_at)
        .limit(limit)
        .select((closings::all_columns, tenders::title))
        .load(db)?)
}

/// Notes that the reserves were called. By the runner, which acts for nobody.
pub fn mark_called(tx: &mut Tx<'_>, tender: TenderId) -> Result<()> {
    let now = Some(tx.now());
    diesel::update(closings::table.find(tender)).set(closings::reserves_called_at.eq(now)).execute(&mut **tx)?;
    Ok(())
}

pub fn mark_lost(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, because: &str) -> Result<ClosingRow> {
    let set = (closings::lost_at.eq(Some(tx.now())), closings::lost_because.eq(Some(because)));
    Ok(diesel::update(closings::table.find(granted.subject().id)).set(set).returning(closings::all_columns).get_result(&mut **tx)?)
}
