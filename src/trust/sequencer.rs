//! The sequencer: gives committed journal entries their place in the tree, once each and without a gap, and signs checkpoints. Any process may run it:
//! the index is a key of the table, so of two that want the same one the later is undone whole and looks again.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::checkpoint::{Head, JournalKey};
use super::tree::{self, Edge, Hash};
use super::walk::Walk;
use crate::db::schema::{journal_checkpoints as checkpoints, journal_entries as entries, journal_nodes as nodes};
use crate::db::{Db, Tx};
use crate::kernel::id::{JournalEntryId, TenantId};
use crate::kernel::{Error, Result, UtcInstant};

/// Entries that one transaction integrates at most.
pub const BATCH: i64 = 500;

/// A stored checkpoint.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = checkpoints)]
pub struct CheckpointRow {
    /// Leaves.
    pub size: i64,
    /// Root.
    pub root: Vec<u8>,
    /// The signed note.
    pub note: String,
    /// When.
    pub made_at: UtcInstant,
}

fn wrong(what: impl std::fmt::Display) -> Error {
    Error::internal(format!("the journal's tree: {what}"))
}

fn hash_of(bytes: &[u8]) -> Result<Hash> {
    bytes.try_into().map_err(|_| wrong("a hash is not of 32 bytes"))
}

fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(wrong)
}

fn signed(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(wrong)
}

/// A stored complete subtree.
fn node(db: &mut Db, level: u32, position: u64) -> Result<Hash> {
    let key = (i32::try_from(level).map_err(wrong)?, signed(position)?);
    let found: Option<Vec<u8>> = nodes::table.find(key).select(nodes::hash).first(db).optional()?;
    hash_of(&found.ok_or_else(|| wrong(format!("level {level} has no node {position}")))?)
}

/// Leaves in the tree.
pub fn size(db: &mut Db) -> Result<u64> {
    let last: Option<i64> = nodes::table.filter(nodes::level.eq(0)).select(diesel::dsl::max(nodes::position)).first(db)?;
    last.map_or(Ok(0), |last| unsigned(last.saturating_add(1)))
}

/// Integrates entries that wait, oldest first, and signs a checkpoint over them; gives how many there were. What commits late is simply found later:
/// its place in the tree says when it was integrated, not when it began.
pub fn integrate(tx: &mut Tx<'_>, key: &JournalKey) -> Result<usize> {
    let waiting: Vec<(JournalEntryId, Vec<u8>)> = entries::table
        .filter(entries::sequence.is_null())
        .order((entries::at, entries::id))
        .limit(BATCH)
        .select((entries::id, entries::leaf_hash))
        .load(&mut **tx)?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let before = size(tx)?;
    let mut edge = Edge::of(&mut |level, position| node(tx, level, position), before)?;
    for (id, leaf) in &waiting {
        let index = signed(edge.size())?;
        diesel::update(entries::table.find(id)).set(entries::sequence.eq(Some(index))).execute(&mut **tx)?;
        for (level, position, hash) in edge.append(hash_of(leaf)?) {
            let row = (
                nodes::level.eq(i32::try_from(level).map_err(wrong)?),
                nodes::position.eq(signed(position)?),
                nodes::hash.eq(hash.to_vec()),
            );
            diesel::insert_into(nodes::table).values(row).execute(&mut **tx)?;
        }
    }
    let head = Head { size: edge.size(), root: edge.root() };
    let row = CheckpointRow { size: signed(head.size)?, root: head.root.to_vec(), note: key.sign(&head), made_at: tx.now() };
    diesel::insert_into(checkpoints::table).values(&row).execute(&mut **tx)?;
    Ok(waiting.len())
}

/// The latest checkpoint.
pub fn latest(db: &mut Db) -> Result<Option<CheckpointRow>> {
    Ok(checkpoints::table.order(checkpoints::size.desc()).first(db).optional()?)
}

/// The first checkpoint whose tree holds the leaf at `index`; none while no checkpoint covers it.
pub fn first_over(db: &mut Db, index: u64) -> Result<Option<CheckpointRow>> {
    Ok(checkpoints::table.filter(checkpoints::size.gt(signed(index)?)).order(checkpoints::size).first(db).optional()?)
}

/// All checkpoints, smallest first.
pub fn checkpoints(db: &mut Db) -> Result<Vec<CheckpointRow>> {
    Ok(checkpoints::table.order(checkpoints::size).load(db)?)
}

/// Where an entry of a tenant stands: its leaf and, once integrated, its index.
pub fn place_of(db: &mut Db, tenant: TenantId, id: JournalEntryId) -> Result<Option<(Hash, Option<u64>)>> {
    let found: Option<(Vec<u8>, Option<i64>)> = entries::table
        .filter(entries::tenant_id.eq(tenant).and(entries::id.eq(id)))
        .select((entries::leaf_hash, entries::sequence))
        .first(db)
        .optional()?;
    found.map(|(leaf, index)| Ok((hash_of(&leaf)?, index.map(unsigned).transpose()?))).transpose()
}

/// The inclusion proof of a leaf in the tree of a size.
pub fn inclusion(db: &mut Db, index: u64, size: u64) -> Result<Vec<Hash>> {
    tree::inclusion(&mut |level, position| node(db, level, position), index, size)
}

/// The consistency proof between two sizes.
pub fn consistency(db: &mut Db, old: u64, new: u64) -> Result<Vec<Hash>> {
    tree::consistency(&mut |level, position| node(db, level, position), old, new)
}

/// Walks over the next `limit` leaves: entries in their order without gap or repetition, the stored leaves and inner nodes theirs, and every checkpoint on
/// the way of the root that the leaves give and signed with the key. Says whether there is more.
pub fn walk(db: &mut Db, walk: &mut Walk, limit: i64) -> Result<bool> {
    let from = signed(walk.size())?;
    let to = from.saturating_add(limit);
    let rows: Vec<(Option<i64>, JournalEntryId, Vec<u8>)> = entries::table
        .filter(entries::sequence.ge(from).and(entries::sequence.lt(to)))
        .order((entries::sequence, entries::id))
        .select((entries::sequence, entries::id, entries::leaf_hash))
        .load(db)?;
    let mut kept = stored(db, from, to)?;
    let leaves = kept.keys().filter(|(level, _)| *level == 0).count();
    let mut heads: Vec<CheckpointRow> =
        checkpoints::table.filter(checkpoints::size.gt(from).and(checkpoints::size.le(to))).order(checkpoints::size.desc()).load(db)?;
    if rows.len() != leaves {
        walk.faults.push(format!("from index {from}: {} entries and {leaves} leaves", rows.len()));
    }
    let more = leaves > 0 || !rows.is_empty();
    for (index, id, leaf) in rows {
        let at = walk.size();
        let Some(made) = walk.leaf(index, hash_of(&leaf)?) else { return Ok(false) };
        for (level, position, hash) in made {
            match kept.remove(&(level, position)) {
                Some(node) if node == hash => {}
                Some(_) if level == 0 => walk.faults.push(format!("entry {id} at index {at}: its leaf is not the one in the tree")),
                Some(_) => {
                    walk.faults.push(format!("node {position} of level {level}, complete at index {at}: not the hash of its leaves"))
                }
                None => walk.faults.push(format!("node {position} of level {level}, complete at index {at}: missing")),
            }
        }
        let size = signed(walk.size())?;
        while let Some(head) = heads.pop_if(|head| head.size == size) {
            walk.checkpoint(head.size, &head.root, &head.note);
        }
    }
    for head in heads {
        walk.faults.push(format!("checkpoint of size {}: the journal has fewer entries", head.size));
    }
    Ok(more && walk.faults.is_empty())
}

/// The stored nodes that the leaves from `from` to `to` complete.
fn stored(db: &mut Db, from: i64, to: i64) -> Result<BTreeMap<(u32, u64), Vec<u8>>> {
    let mut found = BTreeMap::new();
    for level in 0..u64::BITS {
        // A subtree is complete with its last leaf, so that these positions, and no others, become complete on the way.
        let (first, end) = (from.checked_shr(level).unwrap_or(0), to.checked_shr(level).unwrap_or(0));
        if first == end {
            break;
        }
        let rows: Vec<(i64, Vec<u8>)> = nodes::table
            .filter(nodes::level.eq(i32::try_from(level).map_err(wrong)?).and(nodes::position.ge(first)).and(nodes::position.lt(end)))
            .select((nodes::position, nodes::hash))
            .load(db)?;
        for (position, hash) in rows {
            found.insert((level, unsigned(position)?), hash);
        }
    }
    Ok(found)
}

/// Entries that await their place.
pub fn waiting(db: &mut Db) -> Result<i64> {
    Ok(entries::table.filter(entries::sequence.is_null()).count().get_result(db)?)
}

/// After the last leaf: checkpoints and nodes beyond it mean that the tail of the tree was cut off.
pub fn beyond(db: &mut Db, walk: &mut Walk) -> Result<()> {
    let size = walk.size();
    let first: Option<i64> =
        checkpoints::table.filter(checkpoints::size.gt(signed(size)?)).select(diesel::dsl::min(checkpoints::size)).first(db)?;
    if let Some(first) = first {
        walk.faults.push(format!("checkpoint of size {first}: the journal has only {size} entries"));
    }
    let complete = (0..u64::BITS).fold(0_u64, |sum, level| sum.saturating_add(size.checked_shr(level).unwrap_or(0)));
    let kept: i64 = nodes::table.count().get_result(db)?;
    if unsigned(kept)? != complete {
        walk.faults.push(format!("the tree of {size} entries has {complete} complete nodes, and {kept} are stored"));
    }
    walk.end();
    Ok(())
}
