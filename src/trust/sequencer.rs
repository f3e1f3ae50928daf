//! The sequencer: gives committed journal entries their place in the tree, once each and without a gap, and signs checkpoints. Any process may run it:
//! one leads at a time, and another takes over when it ends. Should two meet, the index is a key of the table: the later is undone whole and looks again.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::cadence::{Cadence, padding_leaf, shuffle};
use super::checkpoint::{Head, JournalKey};
use super::keychain::{self, KeyChain, KeyOf, Rotation};
use super::tree::{self, Edge, Hash};
use super::walk::Walk;
use crate::db::schema::{
    journal_checkpoints as checkpoints, journal_entries as entries, journal_nodes as nodes, journal_paddings as paddings,
};
use crate::db::{self, Db, Tx};
use crate::kernel::id::{JournalEntryId, TenantId};
use crate::kernel::{Error, Result, UtcInstant};

/// Entries that one transaction integrates at most.
pub const BATCH: i64 = 500;
/// The same as a count of what was integrated.
pub const FULL_BATCH: usize = 500;

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
pub fn node(db: &mut Db, level: u32, position: u64) -> Result<Hash> {
    let key = (i32::try_from(level).map_err(wrong)?, signed(position)?);
    let found: Option<Vec<u8>> = nodes::table.find(key).select(nodes::hash).first(db).optional()?;
    hash_of(&found.ok_or_else(|| wrong(format!("level {level} has no node {position}")))?)
}

/// Leaves in the tree.
pub fn size(db: &mut Db) -> Result<u64> {
    let last: Option<i64> = nodes::table.filter(nodes::level.eq(0)).select(diesel::dsl::max(nodes::position)).first(db)?;
    last.map_or(Ok(0), |last| unsigned(last.saturating_add(1)))
}

/// A leaf on its way into the tree.
enum New {
    Entry(JournalEntryId, Hash),
    Padding([u8; 32]),
}

/// Integrates entries that wait, oldest first, and signs a checkpoint over them; gives how many there were. What commits late is simply found later:
/// its place in the tree says when it was integrated, not when it began.
pub fn integrate(tx: &mut Tx<'_>, key: &JournalKey) -> Result<usize> {
    integrate_at(tx, key, None)
}

/// The same; with a cadence only when a batch is due, and then exactly one batch of its size, whatever waits.
pub fn integrate_at(tx: &mut Tx<'_>, key: &JournalKey, cadence: Option<Cadence>) -> Result<usize> {
    if !db::leads_the_journal(tx)? {
        return Ok(0);
    }
    if let Some(cadence) = cadence {
        let last: Option<UtcInstant> =
            checkpoints::table.order(checkpoints::size.desc()).select(checkpoints::made_at).first(&mut **tx).optional()?;
        if !cadence.due(last, tx.now()) {
            return Ok(0);
        }
    }
    let limit = cadence.map_or(BATCH, |cadence| i64::from(cadence.leaves.get()));
    let waiting: Vec<(JournalEntryId, Vec<u8>)> = entries::table
        .filter(entries::sequence.is_null())
        .order((entries::at, entries::id))
        .limit(limit)
        .select((entries::id, entries::leaf_hash))
        .load(&mut **tx)?;
    if waiting.is_empty() && cadence.is_none() {
        return Ok(0);
    }
    check_key(tx, key)?;
    let found = waiting.len();
    let mut batch = waiting.into_iter().map(|(id, leaf)| Ok(New::Entry(id, hash_of(&leaf)?))).collect::<Result<Vec<_>>>()?;
    if let Some(cadence) = cadence {
        batch.resize_with(cadence.size(), || New::Padding(tx.salt()));
        shuffle(&mut batch, || tx.salt());
    }
    append(tx, key, &batch)?;
    Ok(found)
}

/// Refuses a key that the journal has replaced, or has not announced.
fn check_key(db: &mut Db, key: &JournalKey) -> Result<()> {
    match rotations(db, KeyOf::Journal)?.last() {
        Some(rotation) if rotation.to != key.verifier() => {
            Err(wrong("its key was rotated, and this process still holds another one: start it again with the key file in place"))
        }
        _ => Ok(()),
    }
}

fn append(tx: &mut Tx<'_>, key: &JournalKey, batch: &[New]) -> Result<()> {
    let before = size(tx)?;
    let mut edge = Edge::of(&mut |level, position| node(tx, level, position), before)?;
    for new in batch {
        let index = signed(edge.size())?;
        let leaf = match new {
            New::Entry(id, leaf) => {
                diesel::update(entries::table.find(id)).set(entries::sequence.eq(Some(index))).execute(&mut **tx)?;
                *leaf
            }
            New::Padding(salt) => {
                let row = (paddings::position.eq(index), paddings::salt.eq(salt.to_vec()));
                diesel::insert_into(paddings::table).values(row).execute(&mut **tx)?;
                padding_leaf(salt)
            }
        };
        for (level, position, hash) in edge.append(leaf) {
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
    Ok(())
}

/// The announced keys of a chain, in their order; those that wait for their place last.
pub fn rotations(db: &mut Db, of: KeyOf) -> Result<Vec<Rotation>> {
    let rows: Vec<(Option<i64>, Option<String>)> = entries::table
        .filter(entries::resource_id.eq(keychain::resource()).and(entries::action.eq(of.action())))
        .order((entries::at, entries::id))
        .select((entries::sequence, entries::content))
        .load(db)?;
    let read = |(index, text): (Option<i64>, Option<String>)| {
        let entry = text.and_then(|text| serde_json::from_str(&text).ok())?;
        Rotation::of_entry(of, index, &entry)
    };
    let mut found: Vec<Rotation> = rows.into_iter().filter_map(read).collect();
    found.sort_by_key(|rotation| rotation.index.unwrap_or(i64::MAX));
    Ok(found)
}

/// The chain of which the process holds the given key, and what is wrong with it; then it is the given key alone.
pub fn chain(db: &mut Db, of: KeyOf, own: &str) -> Result<(KeyChain, Vec<String>)> {
    Ok(KeyChain::of(of, own, &rotations(db, of)?))
}

/// The journal's keys, of which the process holds the given one.
pub fn keys(db: &mut Db, own: &str) -> Result<KeyChain> {
    let (chain, faults) = chain(db, KeyOf::Journal, own)?;
    faults.first().map_or(Ok(chain), |fault| Err(wrong(fault)))
}

/// The latest checkpoint.
pub fn latest(db: &mut Db) -> Result<Option<CheckpointRow>> {
    Ok(checkpoints::table.order(checkpoints::size.desc()).first(db).optional()?)
}

/// The smallest checkpoint whose tree holds the leaf at an index. It is the same whenever it is asked for, and tells least of how the journal grew.
pub fn covering(db: &mut Db, index: u64) -> Result<Option<CheckpointRow>> {
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
    let found = rows.len();
    let mut rows: Vec<(Option<i64>, String, Hash)> =
        rows.into_iter().map(|(index, id, leaf)| Ok((index, format!("entry {id}"), hash_of(&leaf)?))).collect::<Result<_>>()?;
    rows.extend(padded(db, from, to)?.into_iter().map(|(index, leaf)| (Some(index), "padding".to_owned(), leaf)));
    let of_paddings = rows.len().saturating_sub(found);
    rows.sort_by_key(|(index, _, _)| *index);
    let mut kept = stored(db, from, to)?;
    let leaves = kept.keys().filter(|(level, _)| *level == 0).count();
    let mut heads: Vec<CheckpointRow> =
        checkpoints::table.filter(checkpoints::size.gt(from).and(checkpoints::size.le(to))).order(checkpoints::size.desc()).load(db)?;
    if rows.len() != leaves {
        walk.faults.push(format!("from index {from}: {found} entries and {of_paddings} paddings, but {leaves} leaves"));
    }
    let more = leaves > 0 || !rows.is_empty();
    for (index, what, leaf) in rows {
        let at = walk.size();
        let Some(made) = walk.leaf(index, leaf) else { return Ok(false) };
        for (level, position, hash) in made {
            match kept.remove(&(level, position)) {
                Some(node) if node == hash => {}
                Some(_) if level == 0 => walk.faults.push(format!("{what} at index {at}: its leaf is not the one in the tree")),
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

/// The paddings of these indices and their leaves.
fn padded(db: &mut Db, from: i64, to: i64) -> Result<Vec<(i64, Hash)>> {
    let rows: Vec<(i64, Vec<u8>)> = paddings::table
        .filter(paddings::position.ge(from).and(paddings::position.lt(to)))
        .order(paddings::position)
        .select((paddings::position, paddings::salt))
        .load(db)?;
    Ok(rows.into_iter().map(|(index, salt)| (index, padding_leaf(&salt))).collect())
}

/// Every padding, by its index, with its salt.
pub fn all_paddings(db: &mut Db) -> Result<Vec<(i64, Vec<u8>)>> {
    Ok(paddings::table.order(paddings::position).select((paddings::position, paddings::salt)).load(db)?)
}

/// How many paddings there are.
pub fn count_paddings(db: &mut Db) -> Result<i64> {
    Ok(paddings::table.count().get_result(db)?)
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

/// The instant of the latest entry that awaits its place.
pub fn latest_waiting(db: &mut Db) -> Result<Option<UtcInstant>> {
    Ok(entries::table.filter(entries::sequence.is_null()).select(diesel::dsl::max(entries::at)).first(db)?)
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
