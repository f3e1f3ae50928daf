//! Signatures of organisations under the bids of a bundle: by a key of the bidder's that counted then, over this very bid and step, told alike by
//! row and entry. Pure.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Resource;
use super::protocol::{Desk, canonical, parts, text};
use crate::db::image::Image;
use crate::kernel::UtcInstant;
use crate::procurement::bids::statement::{Statement, Step};
use crate::trust::signing;

/// The hashes of each bidder's submissions for each lot, by their sequence.
type Submissions<'b> = BTreeMap<(&'b str, &'b str), BTreeMap<i64, &'b str>>;

fn place(bid: &Image) -> (&str, &str) {
    (text(bid, "lot_id"), text(bid, "organisation_id"))
}

fn sequence(bid: &Image) -> i64 {
    bid.get("sequence").and_then(Value::as_i64).unwrap_or_default()
}

const fn entry_of(step: Step) -> &'static str {
    match step {
        Step::Submission => "bid.sealed",
        Step::Withdrawal => "bid.withdrawn",
    }
}

/// What is wrong with the signatures of the bids.
pub(super) fn faults(desk: &Desk<'_>) -> Vec<String> {
    let mut submissions = Submissions::new();
    for bid in desk.kind("bid") {
        let columns = &bid.rows.columns;
        submissions.entry(place(columns)).or_default().insert(sequence(columns), text(columns, "ciphertext_sha256"));
    }
    let mut faults = Vec::new();
    for bid in desk.kind("bid") {
        let told = |what: String| format!("bid {}: {what}", bid.id);
        for row in parts(bid, "bid_signatures") {
            faults.extend(of_row(desk, &submissions, bid, row).into_iter().map(told));
        }
        faults.extend(Step::ALL.iter().filter_map(|step| untold(desk, bid, *step)).map(told));
    }
    faults
}

/// What is wrong with one signature: whose it is, what it is over, whether its key counted.
fn of_row(desk: &Desk<'_>, submissions: &Submissions<'_>, bid: &Resource, row: &Image) -> Vec<String> {
    let (columns, named, statement) = (&bid.rows.columns, text(row, "step"), canonical(row, "statement"));
    let key = desk.resources.get(&("signing_key", text(row, "signing_key_id"))).copied();
    let own = key.filter(|key| text(&key.rows.columns, "organisation_id") == text(columns, "organisation_id"));
    let Some(key) = own.filter(|key| signing::verify(text(&key.rows.columns, "public_key"), &statement, text(row, "signature"))) else {
        return vec![format!("the signature of its {named} is not one of its organisation's key")];
    };
    let (Ok(step), Ok(said)) = (named.parse::<Step>(), serde_json::from_str::<Statement>(&statement)) else {
        return vec![format!("its organisation signed something else for its {named}")];
    };
    let signed = UtcInstant::parse(text(row, "signed_at")).ok();
    let told = desk.entries(entry_of(step), &bid.id).next().and_then(|one| UtcInstant::parse(one.at).ok());
    let mut faults = Vec::new();
    if told.is_some() && told != signed {
        faults.push(format!("its {named} was signed at another instant by its row than by its entry {}", entry_of(step)));
    }
    let before = submissions.get(&place(columns)).and_then(|own| own.range(..sequence(columns)).next_back()).map(|(_, hash)| *hash);
    let amended = told.or(signed).is_some_and(|at| in_force(desk, text(columns, "tender_id"), said.amendment, at));
    let other: Vec<&str> = [
        ("format", said.format == said.clone().of(step).format),
        ("tender_id", said.tender_id.to_string() == text(columns, "tender_id")),
        ("lot_id", said.lot_id.to_string() == text(columns, "lot_id")),
        ("amendment", amended),
        ("organisation_id", said.organisation_id.to_string() == text(columns, "organisation_id")),
        ("ciphertext_sha256", said.ciphertext_sha256 == text(columns, "ciphertext_sha256")),
        ("sequence", i64::from(said.sequence) == sequence(columns)),
        ("previous_sha256", said.previous_sha256.as_deref() == before),
    ]
    .into_iter()
    .filter_map(|(field, same)| (!same).then_some(field))
    .collect();
    if !other.is_empty() {
        faults.push(format!("its organisation signed another {} for its {named}", other.join(", ")));
    }
    if !told.or(signed).is_some_and(|at| counted(desk, key, at)) {
        faults.push(format!("the key of its {named} was not confirmed by then, or was revoked"));
    }
    faults
}

/// Whether this amendment of a tender was in force at an instant. Of what happened at that very instant, either may have come first.
fn in_force(desk: &Desk<'_>, tender: &str, amendment: i32, at: UtcInstant) -> bool {
    let (mut least, mut most) = (0, 0);
    for one in desk.entries("tender.amended", tender) {
        let number = one.content.get("number").and_then(Value::as_i64).unwrap_or_default();
        match UtcInstant::parse(one.at) {
            Ok(since) if since < at => (least, most) = (number.max(least), number.max(most)),
            Ok(since) if since == at => most = number.max(most),
            _ => {}
        }
    }
    (least..=most).contains(&i64::from(amendment))
}

/// Whether signatures by a key counted at an instant, by row and entries: confirmed as the key that it is, and not yet revoked.
fn counted(desk: &Desk<'_>, key: &Resource, at: UtcInstant) -> bool {
    let columns = &key.rows.columns;
    let column = |name: &str| UtcInstant::parse(text(columns, name)).ok();
    let mut confirmed = desk
        .entries("signing_key.confirmed", &key.id)
        .filter(|one| one.content.get("public_key") == columns.get("public_key"))
        .filter_map(|one| UtcInstant::parse(one.at).ok());
    let revoked = desk.entries("signing_key.revoked", &key.id).filter_map(|one| UtcInstant::parse(one.at).ok()).chain(column("revoked_at"));
    confirmed.any(|since| since <= at)
        && column("confirmed_at").is_some_and(|since| since <= at)
        && revoked.min().is_none_or(|since| at <= since)
}

/// Whether the entry of a step tells of another signature than its row: each that one has, the other has as well.
fn untold(desk: &Desk<'_>, bid: &Resource, step: Step) -> Option<String> {
    let facts = |row: &Image| {
        let key = desk.resources.get(&("signing_key", text(row, "signing_key_id")));
        let fingerprint = key.and_then(|key| signing::fingerprint(text(&key.rows.columns, "public_key")));
        json!({"key_fingerprint": fingerprint, "statement": canonical(row, "statement"), "signature": text(row, "signature")})
    };
    let rows = parts(bid, "bid_signatures").iter().filter(|row| text(row, "step") == step.as_str());
    let found: Vec<Value> = rows.map(facts).collect();
    let entries = desk.entries(entry_of(step), &bid.id).filter_map(|one| one.content.get("signature"));
    let told: Vec<Value> = entries.filter(|signature| !signature.is_null()).cloned().collect();
    (told != found).then(|| format!("its entry {} tells of another signature than its row", entry_of(step)))
}
