//! Challenge and complaint rows in the database. What changes a row is called by the services, which hold the proof.

use diesel::prelude::*;

use super::model::{ChallengeRow, ChallengeStep, ComplaintRow, PointRow};
use crate::db::schema::{challenge_points, challenges, complaint_points, complaints};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{AnyId, ChallengeId, ComplaintId, LotId, OrganisationId, TenantId};

/// Most rows of a list that belongs to one lot; far above what a lot has.
const ROWS_MAX: i64 = 1000;

pub fn find(db: &mut Db, tenant: TenantId, id: ChallengeId) -> Result<Option<ChallengeRow>> {
    Ok(challenges::table.filter(challenges::tenant_id.eq(tenant).and(challenges::id.eq(id))).first(db).optional()?)
}

/// The challenge of a supplier against one step of one thing.
pub fn same(db: &mut Db, about: AnyId, step: ChallengeStep, organisation: OrganisationId) -> Result<Option<ChallengeRow>> {
    let key = challenges::about_id.eq(about).and(challenges::step.eq(step)).and(challenges::organisation_id.eq(organisation));
    Ok(challenges::table.filter(key).first(db).optional()?)
}

/// The challenges of a lot, oldest first.
pub fn of_lot(db: &mut Db, lot: LotId) -> Result<Vec<ChallengeRow>> {
    Ok(challenges::table.filter(challenges::lot_id.eq(lot)).order((challenges::filed_at, challenges::id)).limit(ROWS_MAX).load(db)?)
}

pub fn points(db: &mut Db, challenge: ChallengeId) -> Result<Vec<PointRow>> {
    Ok(challenge_points::table.filter(challenge_points::challenge_id.eq(challenge)).order(challenge_points::number).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, row: &ChallengeRow, points: &[PointRow]) -> Result<()> {
    diesel::insert_into(challenges::table).values(row).execute(&mut **tx)?;
    for point in points {
        diesel::insert_into(challenge_points::table).values(point).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn save(tx: &mut Tx<'_>, row: &ChallengeRow) -> Result<()> {
    diesel::update(challenges::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

pub fn find_complaint(db: &mut Db, tenant: TenantId, id: ComplaintId) -> Result<Option<ComplaintRow>> {
    Ok(complaints::table.filter(complaints::tenant_id.eq(tenant).and(complaints::id.eq(id))).first(db).optional()?)
}

/// The complaint that follows a challenge.
pub fn complaint_of(db: &mut Db, challenge: ChallengeId) -> Result<Option<ComplaintRow>> {
    Ok(complaints::table.filter(complaints::challenge_id.eq(challenge)).first(db).optional()?)
}

/// Which points of the challenge a complaint takes up.
pub fn complaint_points(db: &mut Db, complaint: ComplaintId) -> Result<Vec<i32>> {
    Ok(complaint_points::table
        .filter(complaint_points::complaint_id.eq(complaint))
        .order(complaint_points::number)
        .select(complaint_points::number)
        .load(db)?)
}

pub fn insert_complaint(tx: &mut Tx<'_>, row: &ComplaintRow, points: &[i32]) -> Result<()> {
    diesel::insert_into(complaints::table).values(row).execute(&mut **tx)?;
    for number in points {
        let point = (complaint_points::complaint_id.eq(row.id), complaint_points::number.eq(*number));
        diesel::insert_into(complaint_points::table).values(point).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn save_complaint(tx: &mut Tx<'_>, row: &ComplaintRow) -> Result<()> {
    diesel::update(complaints::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
