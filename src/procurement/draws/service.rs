//! Use cases of a draw: opened, fed by units, frozen over a pool that the caller gathers, revealed, or ended because a unit kept silent.

use serde_json::{Value, json};

use super::model::{ContributionRow, DrawFile, DrawRow, DrawState, Hindrance, INSIDE, Method, NewDraw, Outcome, PoolRow, joined};
use super::record::{Beacon, Contribution, DrawRecord, FORMAT, Named};
use super::rules::{self, Hash, from_hex};
use super::{policy, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{AnyId, DrawId, JournalEntryId, UnitId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::parties::units;
use crate::people::policy::{Action, Authorized, authorize};
use crate::people::{Actor, Viewer};
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{LotState, lots};
use crate::trust::journal::{self, Event};
use crate::trust::sequencer;
use crate::words;

/// Seconds in which the journal's sequencer makes a checkpoint.
const CHECKPOINT_SECONDS: u32 = 5;

/// May the actor do this to the draw?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: DrawId) -> Result<Authorized<DrawFile>> {
    let draw = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, DrawFile { draw, acting: actor.unit })
}

/// The draw as the viewer may read it, and whether it sees the whole pool by name: the purchaser, supervisors, auditors and finance do, and everybody
/// sees the draws of an awarded lot with those who were called.
pub fn readable(db: &mut Db, viewer: &Viewer, id: DrawId) -> Result<(DrawRow, bool)> {
    let draw = store::find(db, viewer.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    if let Some(actor) = &viewer.actor {
        let file = DrawFile { draw: draw.clone(), acting: actor.unit };
        if actor.sees(policy::READ.roles, &file) {
            return Ok((draw, true));
        }
    }
    let awarded = lots::load(db, viewer.tenant, draw.lot_id)?.lot.state == LotState::Awarded;
    if awarded { Ok((draw, false)) } else { Err(error::NOT_FOUND.error()) }
}

/// Opens a draw. What is drawn, from which field and for how many seats is fixed before anybody commits.
pub fn open(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, new: &NewDraw) -> Result<DrawRow> {
    let lot = &granted.subject().lot;
    let mut fields = Fields::default();
    let hours = (1..=rules::REVEAL_HOURS_MAX).contains(&new.reveal_hours);
    let most = rules::REVEAL_HOURS_MAX;
    fields.require(hours, "/reveal_hours", || words!("1 至 {most} 小时", "1 to {most} hours"));
    match (new.method, &new.because) {
        (Method::Journal, because) => fields.text(because.as_deref().unwrap_or_default(), "/because", 10, 1000),
        (Method::TwoUnits, because) => {
            fields.require(because.is_none(), "/because", || words!("两个单位抽取不需理由", "a draw by two units needs no reason"));
        }
    }
    fields.finish()?;
    let alike = store::alike(tx, lot.id, new.purpose, new.place)?;
    if alike.iter().any(|row| matches!(row.state, DrawState::Open | DrawState::Frozen)) {
        return Err(rules::DRAW_RUNS.error());
    }
    let row = DrawRow {
        id: tx.new_id(),
        tenant_id: lot.tenant_id,
        lot_id: lot.id,
        case_id: lot.case_id,
        unit_id: granted.subject().tender.unit_id,
        purpose: new.purpose,
        place: new.place,
        method: new.method,
        because: new.because.as_deref().map(|words| words.trim().to_owned()),
        experts: new.experts,
        field: new.field.clone(),
        representatives: joined(&new.representatives),
        reveal_hours: new.reveal_hours,
        state: DrawState::Open,
        opened_by: granted.by(),
        opened_at: tx.now(),
        frozen_at: None,
        freeze_entry: None,
        reveal_by: None,
        pool_root: None,
        checkpoint_size: None,
        checkpoint_root: None,
        seed: None,
        drawn_at: None,
        silent_unit: None,
        ended_at: None,
        version: 1,
    };
    store::insert(tx, granted, &row)?;
    let content = json!({"lot_id": row.lot_id, "purpose": row.purpose, "place": row.place, "method": row.method, "because": row.because,
        "experts": row.experts, "field": row.field, "representatives": new.representatives, "reveal_hours": row.reveal_hours});
    record(tx, "draw.opened", &row, content)?;
    Ok(row)
}

fn hexadecimal(text: &str, pointer: &str) -> Result<Hash> {
    from_hex(text).ok_or_else(|| Error::field(pointer, words!("须为 64 位小写十六进制", "64 lower-case hex digits")))
}

fn own_unit(file: &DrawFile) -> Result<UnitId> {
    let homeless = || rules::UNIT_UNFIT.because(words!("该账户不属于任何单位", "the account belongs to no unit"));
    file.acting.ok_or_else(homeless)
}

/// Commits the actor's unit to a number that only it knows.
pub fn commit(tx: &mut Tx<'_>, granted: &Authorized<DrawFile>, commitment: &str) -> Result<DrawRow> {
    let (draw, unit) = (&granted.subject().draw, own_unit(granted.subject())?);
    hexadecimal(commitment, "/commitment")?;
    let given = store::contributions(tx, draw.id)?;
    if given.iter().any(|row| row.unit_id == unit) {
        return Err(error::CONFLICT.because(words!("该单位已承诺", "the unit has committed already")));
    }
    if given.len() >= draw.method.units() {
        return Err(error::WRONG_STATE.because(words!("承诺已齐", "there are as many commitments as the draw needs")));
    }
    let own = units::line_of(tx, draw.tenant_id, unit)?;
    for other in &given {
        if rules::related(&own, &units::line_of(tx, draw.tenant_id, other.unit_id)?) {
            return Err(rules::UNIT_UNFIT.because(words!("两单位有隶属关系", "one of the two units stands above the other")));
        }
    }
    let before = store::alike(tx, draw.lot_id, draw.purpose, draw.place)?;
    if before.iter().any(|row| row.silent_unit == Some(unit)) {
        return Err(rules::UNIT_UNFIT.because(words!("该单位曾逾期不揭示", "the unit kept silent in a draw before")));
    }
    let row = ContributionRow {
        draw_id: draw.id,
        unit_id: unit,
        position: i32::try_from(given.len()).unwrap_or(i32::MAX).saturating_add(1),
        account_id: granted.by(),
        commitment: commitment.to_owned(),
        committed_at: tx.now(),
        nonce: None,
        revealed_at: None,
        late: false,
        pool_root: None,
    };
    store::insert_contribution(tx, granted, &row)?;
    let draw = moved(draw);
    store::save(tx, granted, &draw)?;
    record(tx, "draw.committed", &draw, json!({"unit_id": unit, "commitment": commitment}))?;
    Ok(draw)
}

/// Fixes the pool once every unit has committed, and says who reveals first.
pub fn freeze(tx: &mut Tx<'_>, granted: &Authorized<DrawFile>, members: &[AnyId]) -> Result<DrawRow> {
    let draw = &granted.subject().draw;
    let given = store::contributions(tx, draw.id)?;
    let (wanted, found) = (draw.method.units(), given.len());
    if found < wanted {
        return Err(
            error::WRONG_STATE.because(words!("需要 {wanted} 个单位承诺，现有 {found} 个", "{wanted} units must commit, {found} have"))
        );
    }
    if members.len() > rules::POOL_MAX {
        return Err(Error::internal("the pool of a draw is too large"));
    }
    let mut leaves: Vec<(Hash, Hash, AnyId)> = Vec::with_capacity(members.len());
    for member in members {
        let salt = tx.salt();
        leaves.push((rules::leaf(draw.id, &salt, *member), salt, *member));
    }
    leaves.sort_unstable();
    for (position, (leaf, salt, member_id)) in (0_i32..).zip(&leaves) {
        let (leaf, salt) = (hex::encode(leaf), hex::encode(salt));
        let row =
            PoolRow { draw_id: draw.id, position, leaf, salt, member_id: *member_id, turn: None, outcome: None, passed_because: None };
        store::insert_member(tx, granted, &row)?;
    }
    let committed: Vec<UnitId> = given.iter().map(|row| row.unit_id).collect();
    let order = rules::reveal_order(draw.unit_id, &committed);
    for row in given {
        let turn = order.iter().position(|unit| *unit == row.unit_id).and_then(|turn| i32::try_from(turn).ok()).unwrap_or(0);
        store::save_contribution(tx, granted, &ContributionRow { position: turn.saturating_add(1), ..row })?;
    }
    let hashes: Vec<Hash> = leaves.iter().map(|(leaf, _, _)| *leaf).collect();
    let root = hex::encode(rules::pool_root(draw.id, &hashes));
    let entry = tx.new_id();
    let frozen = DrawRow {
        state: DrawState::Frozen,
        freeze_entry: Some(entry),
        frozen_at: Some(tx.now()),
        reveal_by: Some(until(tx.now(), draw.reveal_hours)),
        pool_root: Some(root.clone()),
        ..moved(draw)
    };
    store::save(tx, granted, &frozen)?;
    let said = json!({"pool_root": root, "pool": hashes.len(), "reveal_order": order});
    journal::record_as(tx, entry, &event("draw.frozen", &frozen, said))?;
    Ok(frozen)
}

fn until(now: UtcInstant, hours: i32) -> UtcInstant {
    now.plus_seconds(i64::from(hours).saturating_mul(3600))
}

/// What a unit reveals.
#[derive(Debug, Clone)]
pub struct Reveal {
    /// The number that it committed to, lower-case hex.
    pub nonce: String,
    /// The root of the pool that it saw frozen, lower-case hex.
    pub pool_root: String,
}

/// Refuses a reveal before the journal has signed a checkpoint over the freeze, so that a unit can see in it what it reveals to.
pub fn require_journalled(tx: &mut Tx<'_>, granted: &Authorized<DrawFile>) -> Result<()> {
    let draw = &granted.subject().draw;
    if draw.freeze_entry.is_some() && beacon(tx, draw)?.is_none() {
        return Err(rules::JOURNAL_BEHIND.error().retry_after(CHECKPOINT_SECONDS));
    }
    Ok(())
}

/// Reveals the actor's unit's number to the pool whose root it names. The last reveal gives the permutation; after the draw has ended it only shows what
/// would have been drawn.
pub fn reveal(tx: &mut Tx<'_>, granted: &Authorized<DrawFile>, asked: &Reveal) -> Result<DrawRow> {
    let (draw, unit) = (&granted.subject().draw, own_unit(granted.subject())?);
    let Reveal { nonce, pool_root } = asked;
    let opened = hexadecimal(nonce, "/nonce")?;
    hexadecimal(pool_root, "/pool_root")?;
    let given = store::contributions(tx, draw.id)?;
    let stranger = || rules::UNIT_UNFIT.because(words!("该单位没有承诺", "the unit committed to nothing"));
    let own = given.iter().find(|row| row.unit_id == unit).ok_or_else(stranger)?;
    if own.nonce.is_some() {
        return Err(error::CONFLICT.because(words!("该单位已揭示", "the unit has revealed already")));
    }
    if draw.pool_root.as_ref() != Some(pool_root) {
        return Err(rules::POOL_ROOT_OTHER.error());
    }
    if hex::encode(rules::commitment(draw.id, unit, &opened)) != own.commitment {
        return Err(rules::COMMITMENT_NOT_OPENED.error());
    }
    let late = draw.state == DrawState::Failed;
    if !late {
        in_turn(tx, draw, &given, unit)?;
    }
    let shown = ContributionRow {
        nonce: Some(nonce.clone()),
        revealed_at: Some(tx.now()),
        late,
        pool_root: Some(pool_root.clone()),
        ..own.clone()
    };
    store::save_contribution(tx, granted, &shown)?;
    let action = if late { "draw.revealed_late" } else { "draw.revealed" };
    let row = DrawRow { reveal_by: draw.reveal_by.map(|_| until(tx.now(), draw.reveal_hours)).filter(|_| !late), ..moved(draw) };
    store::save(tx, granted, &row)?;
    record(tx, action, &row, json!({"unit_id": unit, "nonce": nonce, "pool_root": pool_root}))?;
    let waiting = given.iter().any(|other| other.unit_id != unit && other.nonce.is_none());
    if late || waiting { Ok(row) } else { conclude(tx, granted, &row) }
}

fn in_turn(tx: &mut Tx<'_>, draw: &DrawRow, given: &[ContributionRow], unit: UnitId) -> Result<()> {
    if draw.reveal_by.is_some_and(|by| tx.now() > by) {
        return Err(rules::REVEAL_LATE.error());
    }
    if given.iter().find(|row| row.nonce.is_none()).is_some_and(|row| row.unit_id != unit) {
        return Err(rules::NOT_ITS_TURN.error());
    }
    if draw.method == Method::Journal && beacon(tx, draw)?.is_none() {
        return Err(rules::JOURNAL_BEHIND.error().retry_after(CHECKPOINT_SECONDS));
    }
    Ok(())
}

/// The first checkpoint over the freeze: nobody knew its root when the unit committed.
fn beacon(db: &mut Db, draw: &DrawRow) -> Result<Option<Beacon>> {
    let Some(entry) = draw.freeze_entry else { return Ok(None) };
    let Some((_, Some(index))) = sequencer::place_of(db, draw.tenant_id, entry)? else { return Ok(None) };
    let found = sequencer::covering(db, index)?;
    Ok(found.map(|row| Beacon { size: row.size, root: hex::encode(row.root) }))
}

/// Everything is revealed: the seed and the permutation follow.
fn conclude(tx: &mut Tx<'_>, granted: &Authorized<DrawFile>, draw: &DrawRow) -> Result<DrawRow> {
    let pool = store::pool(tx, draw.id)?;
    let root = require_frozen_pool(draw, &pool)?;
    let damaged = || Error::internal("a revealed nonce cannot be read");
    let mut parts = Vec::new();
    for row in store::contributions(tx, draw.id)? {
        parts.push(row.nonce.as_deref().and_then(from_hex).ok_or_else(damaged)?);
    }
    let beacon = if draw.method == Method::Journal { beacon(tx, draw)? } else { None };
    if let Some(one) = &beacon {
        parts.push(from_hex(&one.root).ok_or_else(damaged)?);
    }
    let seed = rules::seed(draw.id, &root, &parts);
    let order = rules::permutation(seed, pool.len());
    for (turn, place) in (1_i32..).zip(&order) {
        store::set_turn(tx, granted, draw.id, i32::try_from(*place).unwrap_or(i32::MAX), turn)?;
    }
    let row = DrawRow {
        state: DrawState::Drawn,
        seed: Some(hex::encode(seed)),
        drawn_at: Some(tx.now()),
        reveal_by: None,
        checkpoint_size: beacon.as_ref().map(|one| one.size),
        checkpoint_root: beacon.map(|one| one.root),
        ..moved(draw)
    };
    store::save(tx, granted, &row)?;
    record(tx, "draw.drawn", &row, json!({"seed": row.seed, "order": order, "checkpoint_size": row.checkpoint_size}))?;
    Ok(row)
}

/// Refuses to go on with a pool that is not the frozen one; gives its root.
pub fn require_frozen_pool(draw: &DrawRow, pool: &[PoolRow]) -> Result<Hash> {
    let genuine = |row: &PoolRow| {
        let leaf = rules::leaf(draw.id, &from_hex(&row.salt)?, row.member_id);
        (hex::encode(leaf) == row.leaf).then_some(leaf)
    };
    let leaves: Option<Vec<Hash>> = pool.iter().map(genuine).collect();
    let root = leaves.map(|leaves| rules::pool_root(draw.id, &leaves));
    root.filter(|root| draw.pool_root.as_deref() == Some(hex::encode(root).as_str())).ok_or_else(|| rules::POOL_CHANGED.error())
}

/// Ends a draw: before the freeze at any time, after it once the unit whose turn it is has let its time pass. That unit is named and contributes no more.
pub fn end(tx: &mut Tx<'_>, granted: &Authorized<DrawFile>) -> Result<DrawRow> {
    let draw = &granted.subject().draw;
    let mut silent = None;
    if draw.state == DrawState::Frozen {
        if let Some(by) = draw.reveal_by.filter(|by| tx.now() <= *by) {
            return Err(error::WRONG_STATE.because(words!("揭示期限至 {by}", "there is time to reveal until {by}")));
        }
        silent = store::contributions(tx, draw.id)?.into_iter().find(|row| row.nonce.is_none()).map(|row| row.unit_id);
    }
    let row = DrawRow { state: DrawState::Failed, silent_unit: silent, ended_at: Some(tx.now()), reveal_by: None, ..moved(draw) };
    store::save(tx, granted, &row)?;
    record(tx, "draw.ended", &row, json!({"silent_unit": silent}))?;
    Ok(row)
}

/// Notes what came of a member's turn.
pub fn note(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, draw: DrawId, member: AnyId, outcome: Outcome) -> Result<()> {
    answered(tx, granted, (draw, member), (outcome, None))
}

/// Notes that a member was passed over when its turn came, and why.
pub fn pass_over(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, draw: DrawId, member: AnyId, because: Hindrance) -> Result<()> {
    answered(tx, granted, (draw, member), (Outcome::PassedOver, Some(because)))
}

fn answered(
    tx: &mut Tx<'_>,
    granted: &Authorized<LotFile>,
    (draw, member): (DrawId, AnyId),
    (outcome, because): (Outcome, Option<Hindrance>),
) -> Result<()> {
    store::set_outcome(tx, granted, draw, member, (outcome, because))?;
    let row = store::find(tx, granted.subject().lot.tenant_id, draw)?.ok_or_else(|| error::NOT_FOUND.error())?;
    record(tx, "draw.answered", &row, json!({"member_id": member, "outcome": outcome, "because": because})).map(drop)
}

/// The record of a draw; `whole` names the pool, otherwise only those who were called.
pub fn record_of(db: &mut Db, draw: &DrawRow, whole: bool) -> Result<DrawRecord> {
    let pool = store::pool(db, draw.id)?;
    let mut turns: Vec<&PoolRow> = pool.iter().filter(|row| row.turn.is_some()).collect();
    turns.sort_unstable_by_key(|row| row.turn);
    let named = turns.iter().filter(|row| whole || row.outcome.is_some());
    let contributions = store::contributions(db, draw.id)?.into_iter().map(|row| Contribution {
        unit_id: row.unit_id,
        commitment: row.commitment,
        committed_at: row.committed_at,
        nonce: row.nonce,
        revealed_at: row.revealed_at,
        late: row.late,
        pool_root: row.pool_root,
    });
    Ok(DrawRecord {
        format: FORMAT.to_owned(),
        draw_id: draw.id,
        lot_id: draw.lot_id,
        purpose: draw.purpose,
        place: draw.place,
        experts: draw.experts,
        method: draw.method,
        because: draw.because.clone(),
        contributions: contributions.collect(),
        checkpoint: draw.checkpoint_size.zip(draw.checkpoint_root.clone()).map(|(size, root)| Beacon { size, root }),
        frozen_at: draw.frozen_at,
        pool_root: draw.pool_root.clone(),
        seed: draw.seed.clone(),
        order: turns.iter().filter_map(|row| usize::try_from(row.position).ok()).collect(),
        named: named
            .map(|row| Named {
                turn: row.turn.unwrap_or(0),
                member_id: row.member_id,
                salt: row.salt.clone(),
                outcome: row.outcome,
                passed_because: row.passed_because,
            })
            .collect(),
        silent_unit: draw.silent_unit,
        ended_at: draw.ended_at,
        pool: pool.into_iter().map(|row| row.leaf).collect(),
    })
}

fn moved(before: &DrawRow) -> DrawRow {
    DrawRow { version: before.version.saturating_add(1), ..before.clone() }
}

fn record(tx: &mut Tx<'_>, action: &str, row: &DrawRow, content: Value) -> Result<JournalEntryId> {
    journal::record(tx, &event(action, row, content))
}

fn event<'e>(action: &'e str, row: &DrawRow, content: Value) -> Event<'e> {
    Event { tenant: row.tenant_id, action, kind: "draw", resource: row.id.any(), version: row.version, case: Some(row.case_id), content }
}

/// Whether roles of this list may know of draws, for the list of a lot.
pub fn may_list(actor: &Actor, file: &LotFile) -> bool {
    actor.sees(INSIDE, file)
}
