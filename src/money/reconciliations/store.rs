//! Reconciliation rows in the database. Every query is scoped by tenant; the service, which holds the proof, alone calls what changes rows.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};
use uuid::Uuid;

use super::model::{Difference, DifferenceKind, ReconciliationRow};
use super::rules::Book;
use crate::db::schema::{reconciliation_differences as differences, reconciliations, units};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{AccountId, ReconciliationId, TenantId, UnitId};
use crate::kernel::sql::Uid;
use crate::kernel::{Fen, Result, UtcInstant};
use crate::people::Scope;
use crate::people::scope::seen;

#[derive(QueryableByName)]
struct Entry {
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = BigInt)]
    fen: Fen,
}

/// What left the unit's funds (or, negative, came back) between two instants, by bank reference. Money without a reference stands under `-`.
pub fn book(db: &mut Db, tenant: TenantId, unit: UnitId, from: UtcInstant, until: UtcInstant) -> Result<Book> {
    let rows: Vec<Entry> = diesel::sql_query(
        "SELECT COALESCE(p.reference, '-') AS reference, CAST(SUM(l.amount_fen) AS BIGINT) AS fen FROM postings p \
         JOIN posting_legs l ON l.posting_id = p.id JOIN funds f ON f.id = p.fund_id \
         WHERE f.tenant_id = $1 AND f.unit_id = $2 AND p.at >= $3 AND p.at < $4 AND l.account IN ('paid', 'advanced') \
         AND p.kind IN ('payment', 'advance', 'bounce', 'refund') GROUP BY COALESCE(p.reference, '-')",
    )
    .bind::<Uid, _>(tenant)
    .bind::<Uid, _>(unit)
    .bind::<Timestamp, _>(from)
    .bind::<Timestamp, _>(until)
    .load(db)?;
    Ok(rows.into_iter().map(|row| (row.reference, row.fen)).collect())
}

pub fn find(db: &mut Db, tenant: TenantId, id: ReconciliationId) -> Result<Option<ReconciliationRow>> {
    Ok(reconciliations::table.filter(reconciliations::tenant_id.eq(tenant).and(reconciliations::id.eq(id))).first(db).optional()?)
}

/// The unit, when the tenant has it.
pub fn unit(db: &mut Db, tenant: TenantId, id: UnitId) -> Result<Option<UnitId>> {
    Ok(units::table.filter(units::tenant_id.eq(tenant).and(units::id.eq(id))).select(units::id).first(db).optional()?)
}

/// What the reader may see, newest first, at most `rows`.
pub fn list(db: &mut Db, tenant: TenantId, scope: Scope, after: Option<(UtcInstant, Uuid)>, rows: i64) -> Result<Vec<ReconciliationRow>> {
    let mut query = reconciliations::table.filter(reconciliations::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !scope.whole {
        query = query.filter(seen!(scope, reconciliations, made: created_at));
    }
    if let Some((at, id)) = after {
        let earlier = reconciliations::created_at.eq(at).and(reconciliations::id.lt(ReconciliationId::new(id)));
        query = query.filter(reconciliations::created_at.lt(at).or(earlier));
    }
    Ok(query.order((reconciliations::created_at.desc(), reconciliations::id.desc())).limit(rows).load(db)?)
}

type StoredDifference = (DifferenceKind, String, Option<Fen>, Option<Fen>, Option<String>);

/// The differences of a reconciliation in the order of their references.
pub fn differences(db: &mut Db, id: ReconciliationId) -> Result<Vec<Difference>> {
    let rows: Vec<StoredDifference> = differences::table
        .filter(differences::reconciliation_id.eq(id))
        .order(differences::position)
        .select((differences::kind, differences::reference, differences::treasury_fen, differences::ledger_fen, differences::explanation))
        .load(db)?;
    let read = |(kind, reference, treasury, ledger, explanation)| Difference { kind, reference, treasury, ledger, explanation };
    Ok(rows.into_iter().map(read).collect())
}

pub fn insert(tx: &mut Tx<'_>, row: &ReconciliationRow, found: &[Difference]) -> Result<()> {
    diesel::insert_into(reconciliations::table).values(row).execute(&mut **tx)?;
    for (position, one) in (1_i32..).zip(found) {
        diesel::insert_into(differences::table)
            .values((
                (differences::reconciliation_id.eq(row.id), differences::position.eq(position), differences::kind.eq(one.kind)),
                (
                    differences::reference.eq(&one.reference),
                    differences::treasury_fen.eq(one.treasury),
                    differences::ledger_fen.eq(one.ledger),
                ),
                (differences::explanation.eq(None::<String>), differences::explained_by.eq(None::<AccountId>)),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Explains one difference; whether there is one of that reference.
pub fn explain(tx: &mut Tx<'_>, row: &ReconciliationRow, reference: &str, explanation: &str, by: AccountId) -> Result<bool> {
    let one = differences::reconciliation_id.eq(row.id).and(differences::reference.eq(reference));
    let changed = diesel::update(differences::table.filter(one))
        .set((differences::explanation.eq(Some(explanation)), differences::explained_by.eq(Some(by))))
        .execute(&mut **tx)?;
    diesel::update(reconciliations::table.find(row.id)).set(reconciliations::version.eq(row.version)).execute(&mut **tx)?;
    Ok(changed == 1)
}
