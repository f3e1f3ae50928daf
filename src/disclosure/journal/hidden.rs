//! Which entries of the feed a reader learns nothing of but that they are there: those that would tell who bids, pays a bond or takes documents before the
//! opening, who asks or visits, and for an auditor those of cases that no notice names.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;
use diesel::prelude::*;

use super::policy;
use crate::db::Db;
use crate::db::schema::{plans, tenders};
use crate::disclosure::case_file::policy::Case;
use crate::disclosure::case_file::store::{ANONYMOUS_KINDS, SEALED_KINDS};
use crate::kernel::id::{CaseId, JournalEntryId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Actor;
use crate::trust::journal::FeedRow;

/// Kinds of entries that name no case, because they would tell who means to bid: never shown.
const UNNAMED_KINDS: &[&str] = &["bid_attachment", "bid_draft", "consortium_member"];

/// The entries among these that the reader may not know more of.
pub fn hidden(db: &mut Db, actor: &Actor, rows: &[FeedRow]) -> Result<BTreeSet<JournalEntryId>> {
    let ids: BTreeSet<CaseId> = rows.iter().filter_map(|row| row.case_id).collect();
    let ids: Vec<CaseId> = ids.into_iter().collect();
    let sealed = sealed(db, actor, &ids)?;
    let cases = cases(db, actor, &ids)?;
    let is_hidden = |row: &&FeedRow| {
        let kind = row.resource_kind.as_str();
        let of_sealed = SEALED_KINDS.contains(&kind) && row.case_id.is_none_or(|case| sealed.contains(&case));
        let elsewhere = row.case_id.and_then(|case| cases.get(&case)).is_some_and(|case| !actor.sees(policy::READ.roles, case));
        of_sealed || UNNAMED_KINDS.contains(&kind) || ANONYMOUS_KINDS.contains(&kind) || elsewhere
    };
    Ok(rows.iter().filter(is_hidden).map(|row| row.id).collect())
}

/// The cases with a tender that takes bids or is not opened yet.
fn sealed(db: &mut Db, actor: &Actor, ids: &[CaseId]) -> Result<BTreeSet<CaseId>> {
    let waiting = tenders::table
        .filter(tenders::tenant_id.eq(actor.tenant).and(tenders::case_id.eq_any(ids)))
        .filter(tenders::bid_deadline.is_not_null().and(tenders::opened_at.is_null()));
    Ok(waiting.select(tenders::case_id).load::<CaseId>(db)?.into_iter().collect())
}

/// The cases as what they are read as: of the unit and the year of their first step.
fn cases(db: &mut Db, actor: &Actor, ids: &[CaseId]) -> Result<BTreeMap<CaseId, Case>> {
    let planned: Vec<(CaseId, UtcInstant, UnitId)> = plans::table
        .filter(plans::tenant_id.eq(actor.tenant).and(plans::case_id.eq_any(ids)))
        .select((plans::case_id, plans::created_at, plans::unit_id))
        .load(db)?;
    let tendered: Vec<(CaseId, UtcInstant, UnitId)> = tenders::table
        .filter(tenders::tenant_id.eq(actor.tenant).and(tenders::case_id.eq_any(ids)))
        .select((tenders::case_id, tenders::created_at, tenders::unit_id))
        .load(db)?;
    let mut first: BTreeMap<CaseId, (UtcInstant, UnitId)> = BTreeMap::new();
    for (id, at, unit) in planned.into_iter().chain(tendered) {
        let known = first.entry(id).or_insert((at, unit));
        if at < known.0 {
            *known = (at, unit);
        }
    }
    let case = |(id, (at, unit)): (CaseId, (UtcInstant, UnitId))| {
        (id, Case { id, tenant: actor.tenant, unit, year: at.date_in_shanghai().year() })
    };
    Ok(first.into_iter().map(case).collect())
}
