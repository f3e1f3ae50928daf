//! Holds the record of a ranking against a bundle: each sheet's commitment against what the journal heard before the sheets were ranked, and the
//! prices against the opened bids. A server that knows the nonces can make another record that agrees with itself; this it cannot change. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Bundle;
use super::protocol::{parts, text};
use crate::db::image::Image;
use crate::kernel::id::BidId;
use crate::procurement::bids::BidState;
use crate::procurement::evaluation::model::Brought;
use crate::procurement::evaluation::ranking_record::{RankingRecord, RecordedSheet};
use crate::trust::journal::Entry;
use crate::trust::recheck::{ERASED, Recheck};

const OPENED: &str = "lot.opened";
const COMMITTED: &str = "lot.score_committed";
const SCORED: &str = "lot.scored";
const RANKED: &str = "lot.ranked";

/// States of bids that a ranking counts.
const COUNTED: [BidState; 4] = [BidState::Valid, BidState::Ranked, BidState::Won, BidState::Lost];

/// What holding a record against a bundle found.
#[derive(Debug, Default)]
pub struct Held {
    /// What is wrong: entries, sheets, prices.
    pub faults: Vec<String>,
    /// Whether the bundle has bids of the lot, so that prices were held against them.
    pub priced: bool,
}

/// An entry on the lot.
struct Told<'b> {
    action: &'b str,
    actor: Option<&'b str>,
    index: i64,
    content: Value,
}

impl Told<'_> {
    fn said(&self, field: &str) -> Option<&str> {
        self.content.get(field).and_then(Value::as_str)
    }
}

/// Holds a record against a bundle. Whether the bundle agrees with itself is another check.
pub fn held(bundle: &Bundle, record: &RankingRecord) -> Held {
    let (told, mut faults) = entries(&bundle.journal, &record.lot_id.to_string());
    faults.extend(sheets(&told, record));
    let (priced, wrong) = prices(bundle, record);
    faults.extend(wrong);
    Held { faults, priced }
}

/// The entries that tell of the lot's sheets, as far as they match their leaves and stand in the tree.
fn entries<'b>(journal: &'b [Entry], lot: &str) -> (Vec<Told<'b>>, Vec<String>) {
    let (mut recheck, mut told, mut faults) = (Recheck::default(), Vec::new(), Vec::new());
    let of_lot = |entry: &Entry| {
        entry.resource_kind == "lot" && entry.resource_id == lot && [OPENED, COMMITTED, SCORED, RANKED].contains(&entry.action.as_str())
    };
    for entry in journal.iter().filter(|entry| of_lot(entry) || entry.action == ERASED) {
        let said = recheck.entry(entry);
        if entry.action == ERASED {
            continue;
        }
        let content = said.and_then(|said| said.get("content").cloned()).unwrap_or_default();
        match entry.index {
            Some(index) => told.push(Told { action: &entry.action, actor: entry.actor_id.as_deref(), index, content }),
            None => faults.push(format!("entry {} ({}) waits for its place in the journal: export again", entry.id, entry.action)),
        }
    }
    faults.extend(recheck.end().faults);
    (told, faults)
}

/// The sheets of the record against those that the journal heard of between the lot's opening, or its last return to evaluation, and its ranking.
fn sheets(told: &[Told<'_>], record: &RankingRecord) -> Vec<String> {
    let last = |action: &str, before: i64| {
        let found = told.iter().filter(|one| one.action == action && one.index < before);
        found.max_by_key(|one| one.index)
    };
    let Some(ranked) = last(RANKED, i64::MAX) else { return vec!["the journal does not know that the lot was ranked".to_owned()] };
    let begun = last(OPENED, ranked.index).map_or(0, |one| one.index);
    let round: Vec<&Told<'_>> = told.iter().filter(|one| (begun..ranked.index).contains(&one.index)).collect();
    let counted = points_by_sheet(ranked);
    let mut faults = Vec::new();
    if counted.len() != record.sheets.len() {
        faults.push(format!("{} sheets stand in the record, {} were ranked by the journal", record.sheets.len(), counted.len()));
    }
    for (number, sheet) in (1_usize..).zip(&record.sheets) {
        let wrong = sheet.commitment.as_deref().map(|commitment| of_sheet(&round, &counted, sheet, commitment)).unwrap_or_default();
        faults.extend(wrong.into_iter().map(|fault| format!("sheet {number}: {fault}")));
    }
    for one in round.iter().filter(|one| one.action == SCORED && one.said("sheet_id").is_some_and(|id| counted.contains_key(id))) {
        let Some(commitment) = one.said("commitment") else { continue };
        let shown = record.sheets.iter().filter(|sheet| sheet.commitment.as_deref() == Some(commitment)).count();
        if shown != 1 {
            faults.push(format!("the journal ranked a sheet with the commitment {commitment}, and the record has {shown} of it"));
        }
    }
    faults
}

/// Points by bid and criterion.
type Points = BTreeMap<(String, i64), i64>;

/// What an entry that ranks a lot says of the points of each sheet.
fn points_by_sheet(ranked: &Told<'_>) -> BTreeMap<String, Points> {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let point = |one: &Value| Some(((one.get(0)?.as_str()?.to_owned(), one.get(1)?.as_i64()?), one.get(2)?.as_i64()?));
    let sheet = |one: &Value| {
        Some((one.get("sheet_id")?.as_str()?.to_owned(), list(one.get("scores")).iter().filter_map(point).collect::<Points>()))
    };
    list(ranked.content.get("sheets")).iter().filter_map(sheet).collect()
}

/// The points of a sheet as they count: handed in, then amended.
fn points_of(sheet: &RecordedSheet) -> Points {
    let amended = |bid: BidId, position: i32| sheet.amendments.iter().find(|one| (one.bid_id, one.position) == (bid, position));
    let point = |bid: BidId, position: i32, points: i32| ((bid.to_string(), i64::from(position)), i64::from(points));
    sheet
        .scores
        .iter()
        .map(|one| {
            let current = amended(one.bid_id, one.position).map_or(one.points_bp, |change| change.after_bp);
            point(one.bid_id, one.position, current.get())
        })
        .collect()
}

/// One sheet: handed in once with this commitment, committed to ahead if it says so and only then, and ranked with these points.
fn of_sheet(round: &[&Told<'_>], counted: &BTreeMap<String, Points>, sheet: &RecordedSheet, commitment: &str) -> Vec<String> {
    let with_it: Vec<_> = round.iter().filter(|one| one.action == SCORED && one.said("commitment") == Some(commitment)).collect();
    let [scored] = with_it.as_slice() else {
        return vec![format!("{} sheets were handed in with its commitment {commitment} by the journal", with_it.len())];
    };
    let mut faults = Vec::new();
    let own = round.iter().filter(|one| one.actor.is_some() && one.actor == scored.actor);
    if own.clone().filter(|one| one.action == SCORED).count() != 1 {
        faults.push("its evaluator handed in more than one".to_owned());
    }
    let (brought, by_journal) = (sheet.brought.map_or("none", Brought::as_str), scored.said("brought").unwrap_or("none"));
    if brought != by_journal {
        faults.push(format!("it was brought {brought} by the record, {by_journal} by the journal"));
    }
    let ahead = own
        .filter(|one| one.action == COMMITTED && one.index < scored.index && one.said("evaluator_id") == scored.actor)
        .max_by_key(|one| one.index)
        .map(|one| one.said("commitment").unwrap_or_default());
    match ahead {
        Some(given) if given != commitment => faults.push(format!("its evaluator had committed to another, {given}")),
        Some(_) if brought != Brought::Ahead.as_str() => {
            faults.push("its evaluator had committed ahead, and the record does not say so".to_owned())
        }
        None if brought == Brought::Ahead.as_str() => faults.push("its evaluator had not committed to it before it came".to_owned()),
        _ => {}
    }
    match scored.said("sheet_id").and_then(|id| counted.get(id)) {
        None => faults.push("the journal did not rank it".to_owned()),
        Some(points) if *points != points_of(sheet) => faults.push("its points are not those that the journal ranked".to_owned()),
        Some(_) => {}
    }
    faults
}

/// The prices of the record against the opened bids of the lot, and that no bid is left out; whether there are any.
fn prices(bundle: &Bundle, record: &RankingRecord) -> (bool, Vec<String>) {
    let lot = record.lot_id.to_string();
    let of_lot = bundle.resources.iter().filter(|one| one.kind == "bid" && text(&one.rows.columns, "lot_id") == lot);
    let opened: BTreeMap<&str, (&str, Option<&Image>)> =
        of_lot.map(|one| (one.id.as_str(), (one.state().unwrap_or_default(), parts(one, "opened_bids").first()))).collect();
    if opened.is_empty() {
        return (false, Vec::new());
    }
    let mut faults = Vec::new();
    for offer in &record.offers {
        let (id, fen) = (offer.bid_id.to_string(), offer.price_fen.get());
        let row = opened.get(id.as_str()).and_then(|(_, row)| *row);
        match row.map(|row| row.get("price_fen").and_then(Value::as_i64)) {
            None => faults.push(format!("bid {id} is in the record and was not opened in this lot")),
            Some(found) if found != Some(fen) => {
                let found = found.map_or_else(|| "none".to_owned(), |found| found.to_string());
                faults.push(format!("bid {id}: {fen} fen in the record, {found} when it was opened"));
            }
            Some(_) => {}
        }
    }
    let counted = |state: &str| COUNTED.iter().any(|one| one.as_str() == state);
    for (id, (state, _)) in opened.iter().filter(|(_, (state, _))| counted(state)) {
        if !record.offers.iter().any(|offer| offer.bid_id.to_string() == **id) {
            faults.push(format!("bid {id} is {state} and not in the record"));
        }
    }
    (true, faults)
}
