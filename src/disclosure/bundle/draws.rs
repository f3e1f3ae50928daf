//! Holds the draws of a bundle against the order of the journal: commitments before the freeze, reveals after it, to the root that was frozen, in the turns
//! that the freeze names. Pure; whether the permutation follows from all that, `baiyi audit draw` says of a draw's record.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::protocol::{parts, text};
use super::{Bundle, Checkpoint, Resource};
use crate::db::image::Image;
use crate::kernel::id::{DrawId, UnitId};
use crate::procurement::draws::rules::{self, Hash, from_hex};
use crate::trust::journal::Entry;

/// An entry on a draw.
struct Step<'b> {
    entry: &'b Entry,
    content: Value,
}

impl Step<'_> {
    fn of(entry: &Entry) -> Step<'_> {
        let text: Value = entry.text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Step { entry, content: text.get("content").cloned().unwrap_or_default() }
    }

    fn says(&self, field: &str) -> &str {
        self.content.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it stands before another by their places in the tree; while both wait, by the draw's versions.
    fn stands_before(&self, other: &Self) -> bool {
        match (self.entry.index, other.entry.index) {
            (Some(own), Some(other)) => own < other,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => self.is_older_than(other),
        }
    }

    fn is_older_than(&self, other: &Self) -> bool {
        self.entry.resource_version < other.entry.resource_version
    }
}

/// One draw: its rows, the entries on it in the order of their versions, and the sizes and roots of all checkpoints.
struct Case<'b> {
    draw: &'b Resource,
    steps: Vec<Step<'b>>,
    checkpoints: &'b [Checkpoint],
}

impl<'b> Case<'b> {
    fn acted(&self, actions: &'static [&'static str]) -> impl Iterator<Item = &Step<'b>> {
        self.steps.iter().filter(move |step| actions.contains(&step.entry.action.as_str()))
    }

    /// The one entry of a unit with one of these actions.
    fn by_unit(&self, actions: &'static [&'static str], unit: &str, did: &str) -> Result<&Step<'b>, String> {
        let found: Vec<&Step<'b>> = self.acted(actions).filter(|step| step.says("unit_id") == unit).collect();
        match found.as_slice() {
            [one] => Ok(*one),
            found => Err(format!("the journal says {} times that unit {unit} {did}", found.len())),
        }
    }

    /// The first checkpoint whose tree holds a place.
    fn covering(&self, index: i64) -> Option<&'b Checkpoint> {
        self.checkpoints.iter().filter(|head| head.size > index).min_by_key(|head| head.size)
    }

    /// Whether a step was there when the freeze was first shown: the leaves of one batch may stand in any order, so that within it versions count.
    fn came_before(&self, step: &Step<'_>, freeze: &Step<'_>) -> bool {
        let shown = freeze.entry.index.and_then(|index| self.covering(index)).map(|head| head.size);
        let in_time = match (step.entry.index, shown) {
            (Some(index), Some(size)) => index < size,
            (Some(_), None) => true,
            (None, shown) => shown.is_none(),
        };
        in_time && step.is_older_than(freeze)
    }
}

const COMMITTED: &[&str] = &["draw.committed"];
const FROZEN: &[&str] = &["draw.frozen"];
const DRAWN: &[&str] = &["draw.drawn"];
const REVEALED: &[&str] = &["draw.revealed", "draw.revealed_late"];

/// What is wrong with the draws: the first thing of each.
pub fn faults(bundle: &Bundle) -> Vec<String> {
    let mut told: BTreeMap<&str, Vec<Step<'_>>> = BTreeMap::new();
    for entry in bundle.journal.iter().filter(|entry| entry.resource_kind == "draw") {
        told.entry(entry.resource_id.as_str()).or_default().push(Step::of(entry));
    }
    let mut faults = Vec::new();
    for draw in bundle.resources.iter().filter(|one| one.kind == "draw") {
        let mut steps = told.remove(draw.id.as_str()).unwrap_or_default();
        steps.sort_by_key(|step| step.entry.resource_version);
        let case = Case { draw, steps, checkpoints: &bundle.checkpoints };
        faults.extend(first_fault(&case).err().map(|fault| format!("the draw {}: {fault}", draw.id)));
    }
    faults
}

fn first_fault(case: &Case<'_>) -> Result<(), String> {
    let mut contributions: Vec<&Image> = parts(case.draw, "draw_contributions").iter().collect();
    contributions.sort_by_key(|row| row.get("position").and_then(Value::as_i64));
    let freezes: Vec<&Step<'_>> = case.acted(FROZEN).collect();
    let root = text(&case.draw.rows.columns, "pool_root");
    let freeze = match freezes.as_slice() {
        [] if !root.is_empty() => return Err("its pool is frozen, and the journal does not say so".to_owned()),
        [] => None,
        [one] => Some(*one),
        more => return Err(format!("the journal freezes its pool {} times", more.len())),
    };
    commitments(case, &contributions, freeze)?;
    let Some(freeze) = freeze else {
        let unfrozen = |step: &Step<'_>| Err(format!("unit {} revealed without a frozen pool", step.says("unit_id")));
        return case.acted(REVEALED).next().map_or(Ok(()), unfrozen);
    };
    pool(case, root, freeze)?;
    let order: Vec<&str> = contributions.iter().map(|row| text(row, "unit_id")).collect();
    let listed = freeze.content.get("reveal_order").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let due: Vec<&str> = listed.iter().filter_map(Value::as_str).collect();
    if due != order {
        let (order, due) = (order.join(", "), due.join(", "));
        return Err(format!("its units stand in the order {order}, the journal has them reveal in the order {due}"));
    }
    let nonces = reveals(case, &contributions, freeze)?;
    result(case, &nonces, freeze)
}

/// Every unit's commitment is in the journal once, as its row has it, and before the freeze; and no other is.
fn commitments(case: &Case<'_>, contributions: &[&Image], freeze: Option<&Step<'_>>) -> Result<(), String> {
    let known: BTreeSet<&str> = contributions.iter().map(|row| text(row, "unit_id")).collect();
    if let Some(other) = case.acted(COMMITTED).find(|step| !known.contains(step.says("unit_id"))) {
        return Err(format!("unit {} committed, and its contribution is gone", other.says("unit_id")));
    }
    for row in contributions {
        let unit = text(row, "unit_id");
        let step = case.by_unit(COMMITTED, unit, "committed")?;
        if step.says("commitment") != text(row, "commitment") {
            return Err(format!("unit {unit} committed to something else than its row says"));
        }
        if freeze.is_some_and(|freeze| !case.came_before(step, freeze)) {
            return Err(format!("unit {unit} committed after the pool was frozen"));
        }
    }
    Ok(())
}

/// The pool as it stands has the root that was journalled.
fn pool(case: &Case<'_>, root: &str, freeze: &Step<'_>) -> Result<(), String> {
    let frozen = freeze.says("pool_root");
    if frozen != root {
        return Err(format!("its pool has the root {root}, the journal froze {frozen}"));
    }
    let rows = parts(case.draw, "draw_pool").iter();
    let leaves: Option<Vec<Hash>> = rows.map(|row| from_hex(text(row, "leaf"))).collect();
    let found = case.draw.id.parse::<DrawId>().ok().zip(leaves).map(|(draw, leaves)| hex::encode(rules::pool_root(draw, &leaves)));
    match found {
        Some(found) if found == frozen => Ok(()),
        Some(found) => Err(format!("its members have the root {found}, the journal froze {frozen}")),
        None => Err("its members have no leaves that can be read".to_owned()),
    }
}

/// Every number that was revealed is in the journal once, as its row has it, after the freeze and to the frozen pool, in its turn, and opens the
/// commitment. Gives those that count.
fn reveals(case: &Case<'_>, contributions: &[&Image], freeze: &Step<'_>) -> Result<Vec<Hash>, String> {
    let revealed: Vec<&Image> = contributions.iter().copied().filter(|row| !text(row, "nonce").is_empty()).collect();
    let known: BTreeSet<&str> = revealed.iter().map(|row| text(row, "unit_id")).collect();
    if let Some(other) = case.acted(REVEALED).find(|step| !known.contains(step.says("unit_id"))) {
        return Err(format!("unit {} revealed, and its number is gone", other.says("unit_id")));
    }
    let (mut counted, mut before): (Vec<Hash>, Option<&Step<'_>>) = (Vec::new(), None);
    for row in revealed {
        let unit = text(row, "unit_id");
        let step = case.by_unit(REVEALED, unit, "revealed")?;
        let late = step.entry.action != "draw.revealed";
        if !freeze.stands_before(step) {
            return Err(format!("unit {unit} revealed before the pool was frozen"));
        }
        if step.says("nonce") != text(row, "nonce") {
            return Err(format!("unit {unit} revealed another number than its row says"));
        }
        if step.says("pool_root") != freeze.says("pool_root") || text(row, "pool_root") != freeze.says("pool_root") {
            return Err(format!("unit {unit} revealed to another pool than the frozen one"));
        }
        if row.get("late").and_then(Value::as_bool) != Some(late) {
            return Err(format!("unit {unit} revealed late by one of row and journal only"));
        }
        let ids = case.draw.id.parse::<DrawId>().ok().zip(unit.parse::<UnitId>().ok());
        let opened = ids.zip(from_hex(text(row, "nonce"))).filter(|((draw, unit), nonce)| {
            let due = rules::commitment(*draw, *unit, nonce);
            hex::encode(due) == text(row, "commitment")
        });
        let Some((_, nonce)) = opened else { return Err(format!("unit {unit} revealed a number that does not open its commitment")) };
        if !late {
            if before.is_some_and(|before| !before.is_older_than(step)) {
                return Err(format!("unit {unit} revealed before its turn"));
            }
            before = Some(step);
            counted.push(nonce);
        }
    }
    Ok(counted)
}

/// The seed is that of the frozen pool and what was revealed to it; a checkpoint that stands in for a unit is the first over the freeze.
fn result(case: &Case<'_>, nonces: &[Hash], freeze: &Step<'_>) -> Result<(), String> {
    let columns = &case.draw.rows.columns;
    let drawn: Vec<&Step<'_>> = case.acted(DRAWN).collect();
    let (seed, step) = match (text(columns, "seed"), drawn.as_slice()) {
        ("", []) => return Ok(()),
        (seed, [one]) => (seed, one),
        (_, found) => return Err(format!("the journal says {} times that it was drawn", found.len())),
    };
    if step.says("seed") != seed {
        return Err("its seed is not the one in the journal".to_owned());
    }
    let mut given = nonces.to_vec();
    if text(columns, "method") == "journal" {
        let first = freeze.entry.index.and_then(|index| case.covering(index));
        let root = first.filter(|head| columns.get("checkpoint_size").and_then(Value::as_i64) == Some(head.size));
        let root: Option<Hash> = root.and_then(|head| STANDARD.decode(&head.root).ok()?.try_into().ok());
        match root.filter(|root| hex::encode(root) == text(columns, "checkpoint_root")) {
            Some(root) => given.push(root),
            None => return Err("the checkpoint that stands in for a unit is not the first over the freeze".to_owned()),
        }
    }
    let pair = case.draw.id.parse::<DrawId>().ok().zip(from_hex(freeze.says("pool_root")));
    let due = pair.map(|(draw, root)| hex::encode(rules::seed(draw, &root, &given)));
    if given.len() == 2 && due.as_deref() == Some(seed) {
        Ok(())
    } else {
        Err("its seed does not follow from the frozen pool and what was revealed to it".to_owned())
    }
}

#[cfg(test)]
#[path = "draws_tests.rs"]
mod tests;
