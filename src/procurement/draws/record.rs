//! The record of a draw as it is published, and its recomputation: the first place where it differs from what follows from it. Pure.

use serde::{Deserialize, Serialize};

use super::model::{Hindrance, Method, Outcome, Purpose};
use super::rules::{self, Hash, from_hex};
use crate::kernel::UtcInstant;
use crate::kernel::id::{AnyId, DrawId, LotId, UnitId};

/// The format of the record.
pub const FORMAT: &str = "baiyi/draw/v1";

/// A draw from which anybody can recompute its result. Hashes, nonces and salts are lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DrawRecord {
    /// `baiyi/draw/v1`.
    #[schema(example = "baiyi/draw/v1")]
    pub format: String,
    /// Draw.
    pub draw_id: DrawId,
    /// Lot.
    pub lot_id: LotId,
    /// What is drawn.
    pub purpose: Purpose,
    /// The place that the tied bids share; null for a panel.
    #[schema(example = 1)]
    pub place: Option<i32>,
    /// How many experts the panel asked for; 0 for a tie.
    #[schema(example = 4)]
    pub experts: i32,
    /// Where the randomness comes from.
    pub method: Method,
    /// Why the journal stands in for a second unit; null for two units.
    #[schema(example = "限额以下采购，另一单位当日无人值守。")]
    pub because: Option<String>,
    /// What each unit gave, in the order of the seed.
    #[schema(max_items = 2)]
    pub contributions: Vec<Contribution>,
    /// The journal's contribution: the first checkpoint over the freeze.
    pub checkpoint: Option<Beacon>,
    /// When the pool was fixed.
    pub frozen_at: Option<UtcInstant>,
    /// Root of the pool.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub pool_root: Option<String>,
    /// The leaves of the pool in ascending order.
    #[schema(max_items = 10_000, example = json!(["5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0"]))]
    pub pool: Vec<String>,
    /// Seed, once everything is revealed.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub seed: Option<String>,
    /// The permutation: places of the pool, counted from 0, in the order in which they are called.
    #[schema(max_items = 10_000)]
    pub order: Vec<usize>,
    /// Members of the pool by name, in the order of the permutation: those who were called, and for who may see it all of them.
    #[schema(max_items = 10_000)]
    pub named: Vec<Named>,
    /// The unit that did not reveal in time.
    pub silent_unit: Option<UnitId>,
    /// When the draw ended without a result.
    pub ended_at: Option<UtcInstant>,
}

/// A unit's contribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DrawContribution)]
pub struct Contribution {
    /// Unit.
    pub unit_id: UnitId,
    /// What it committed to.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub commitment: String,
    /// When.
    pub committed_at: UtcInstant,
    /// What it revealed.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub nonce: Option<String>,
    /// When.
    pub revealed_at: Option<UtcInstant>,
    /// Whether it revealed only after the draw had ended for its silence: then it shows what would have been drawn, and draws nothing.
    pub late: bool,
    /// The root of the pool to which it revealed, as it named it.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub pool_root: Option<String>,
}

/// A checkpoint that stands in for a second unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Beacon {
    /// Leaves of the journal's tree.
    #[schema(example = 1204)]
    pub size: i64,
    /// Its root.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub root: String,
}

/// A member of the pool by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Named {
    /// Its turn in the permutation, from 1.
    #[schema(example = 1)]
    pub turn: i32,
    /// Expert or bid.
    pub member_id: AnyId,
    /// Salt of its leaf.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub salt: String,
    /// What came of its turn; null while it has not come.
    pub outcome: Option<Outcome>,
    /// Why it was passed over; null for everybody else.
    pub passed_because: Option<Hindrance>,
}

fn hash(text: &str, what: &str) -> Result<Hash, String> {
    from_hex(text).ok_or_else(|| format!("{what} is not 64 lower-case hex digits"))
}

/// Recomputes a record. The error names the first place where it differs; `frozen_root` is the pool's root that somebody knows from elsewhere.
pub fn recompute(record: &DrawRecord, frozen_root: Option<&str>) -> Result<(), String> {
    if record.format != FORMAT {
        return Err(format!("format {} is not {FORMAT}", record.format));
    }
    let nonces = contributions(record)?;
    let Some(frozen_at) = record.frozen_at else {
        return if record.seed.is_some() || !record.order.is_empty() {
            Err("there is a result without a frozen pool".to_owned())
        } else if record.contributions.iter().any(|one| one.nonce.is_some()) {
            Err("a number was revealed without a frozen pool".to_owned())
        } else {
            Ok(())
        };
    };
    in_time(record, frozen_at)?;
    let (leaves, root) = pool(record, frozen_root)?;
    same_pool(record, &hex::encode(root))?;
    let drawn = record.ended_at.is_none() && record.seed.is_some();
    if drawn {
        let expected = hex::encode(rules::seed(record.draw_id, &root, &complete(record, nonces)?));
        if record.seed.as_deref() != Some(expected.as_str()) {
            return Err(format!("seed: the pool and the contributions give {expected}"));
        }
        let order = rules::permutation(hash(&expected, "seed")?, leaves.len());
        if let Some((turn, (given, due))) = (1_usize..).zip(record.order.iter().zip(&order)).find(|(_, (given, due))| given != due) {
            return Err(format!("order, turn {turn}: place {given} of the pool was written, place {due} follows from the seed"));
        }
        if record.order.len() != order.len() {
            return Err(format!("order: {} turns were written, the pool has {}", record.order.len(), order.len()));
        }
    } else if record.seed.is_some() || !record.order.is_empty() || !record.named.is_empty() {
        return Err("a draw that ended without a result shows one".to_owned());
    }
    turns(record, &leaves)
}

/// Each revealed nonce opens its commitment.
fn contributions(record: &DrawRecord) -> Result<Vec<Option<Hash>>, String> {
    let mut nonces = Vec::new();
    for (place, one) in (1_usize..).zip(&record.contributions) {
        let what = format!("contribution {place} (unit {})", one.unit_id);
        hash(&one.commitment, &what)?;
        if record.contributions.iter().filter(|other| other.unit_id == one.unit_id).count() > 1 {
            return Err(format!("{what}: the unit contributes twice"));
        }
        let Some(nonce) = &one.nonce else {
            nonces.push(None);
            continue;
        };
        let nonce = hash(nonce, &format!("{what}: the nonce"))?;
        if hex::encode(rules::commitment(record.draw_id, one.unit_id, &nonce)) != one.commitment {
            return Err(format!("{what}: the nonce does not open the commitment"));
        }
        nonces.push(Some(nonce).filter(|_| !one.late));
    }
    Ok(nonces)
}

/// Commitments come before the freeze, reveals after it.
fn in_time(record: &DrawRecord, frozen_at: UtcInstant) -> Result<(), String> {
    for (place, one) in (1_usize..).zip(&record.contributions) {
        if one.committed_at > frozen_at {
            return Err(format!("contribution {place}: committed after the pool was frozen"));
        }
        if one.revealed_at.is_some_and(|at| at < frozen_at) {
            return Err(format!("contribution {place}: revealed before the pool was frozen"));
        }
    }
    Ok(())
}

fn pool(record: &DrawRecord, frozen_root: Option<&str>) -> Result<(Vec<Hash>, Hash), String> {
    let leaves: Vec<Hash> =
        (1_usize..).zip(&record.pool).map(|(place, leaf)| hash(leaf, &format!("leaf {place} of the pool"))).collect::<Result<_, _>>()?;
    let ascending = leaves.iter().zip(leaves.iter().skip(1)).position(|(one, next)| one >= next);
    if let Some(place) = ascending {
        return Err(format!("pool: the leaf after place {place} is not greater than the one before it"));
    }
    let root = rules::pool_root(record.draw_id, &leaves);
    let text = hex::encode(root);
    if record.pool_root.as_deref() != Some(text.as_str()) {
        return Err(format!("pool: the leaves have the root {text}, frozen was {}", record.pool_root.as_deref().unwrap_or("nothing")));
    }
    match frozen_root {
        Some(known) if known != text => Err(format!("pool: the root is {text}, known from elsewhere is {known}")),
        _ => Ok((leaves, root)),
    }
}

/// Who revealed named this pool, and who did not reveal named none.
fn same_pool(record: &DrawRecord, root: &str) -> Result<(), String> {
    for (place, one) in (1_usize..).zip(&record.contributions) {
        let due = one.nonce.as_ref().map(|_| root);
        if one.pool_root.as_deref() != due {
            let (named, due) = (one.pool_root.as_deref().unwrap_or("nothing"), due.unwrap_or("nothing"));
            return Err(format!("contribution {place} (unit {}): it was revealed to the pool {named}, not to {due}", one.unit_id));
        }
    }
    Ok(())
}

/// What the seed is made of, when everything that the method asks for is there.
fn complete(record: &DrawRecord, nonces: Vec<Option<Hash>>) -> Result<Vec<Hash>, String> {
    let mut given: Vec<Hash> = Vec::new();
    for (place, nonce) in (1_usize..).zip(nonces) {
        given.push(nonce.ok_or_else(|| format!("contribution {place}: there is a seed, but the nonce was not revealed in time"))?);
    }
    match (record.method, record.because.is_some(), &record.checkpoint) {
        (Method::TwoUnits, false, None) if given.len() == 2 => Ok(given),
        (Method::Journal, true, Some(beacon)) if given.len() == 1 => {
            given.push(hash(&beacon.root, "the checkpoint's root")?);
            Ok(given)
        }
        (method, ..) => Err(format!("contributions: {} of units do not make a draw by {method}", given.len())),
    }
}

/// Who is named stands at its turn; nobody was called before those whose turn came first, nor more than were asked for.
fn turns(record: &DrawRecord, leaves: &[Hash]) -> Result<(), String> {
    let mut waiting = false;
    for (due, one) in (1_i32..).zip(&record.named) {
        let (turn, member) = (one.turn, one.member_id);
        if turn != due {
            return Err(format!("turn {turn} ({member}): turn {due} comes first"));
        }
        let salt = hash(&one.salt, &format!("turn {turn}: the salt"))?;
        let place = usize::try_from(turn).ok().and_then(|turn| record.order.get(turn.saturating_sub(1)));
        let stands = place.and_then(|place| leaves.get(*place));
        if stands != Some(&rules::leaf(record.draw_id, &salt, member)) {
            return Err(format!("turn {turn}: {member} does not stand at this place of the pool"));
        }
        if (one.outcome == Some(Outcome::PassedOver)) != one.passed_because.is_some() {
            return Err(format!("turn {turn}: {member} was passed over without a cause, or has a cause without that"));
        }
        if waiting && one.outcome.is_some() {
            return Err(format!("turn {turn}: {member} was called before somebody whose turn came first"));
        }
        waiting = waiting || one.outcome.is_none();
    }
    let seated = record.named.iter().filter(|one| one.outcome == Some(Outcome::Seated)).count();
    if record.purpose == Purpose::Panel && i32::try_from(seated).map_or(true, |seated| seated > record.experts) {
        return Err(format!("{seated} are seated, the panel asked for {}", record.experts));
    }
    Ok(())
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
