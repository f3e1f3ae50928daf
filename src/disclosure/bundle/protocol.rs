//! Holds the sealed bids of a bundle against the protocol they came by: who signed a bid, who made the key, what the closing names, who contributed. A server that
//! changes rows and entries together is caught here, where others signed. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Bundle, Resource, bid_signatures};
use crate::db::image::Image;
use crate::kernel::UtcInstant;
use crate::parties::organisations::signing_keys;
use crate::trust::quorum::messages::{Member, Statement, Transcript, is_signed, key_text, transcript_text};
use crate::trust::quorum::opening::{Closing, Contribution, check_contribution, root_of};

pub(super) fn text<'v>(row: &'v Image, column: &str) -> &'v str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

/// A column that holds a JSON text, as it was signed: canonical JSON (RFC 8785), which a bundle holds as a value.
pub(super) fn canonical(row: &Image, column: &str) -> String {
    match row.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => serde_json_canonicalizer::to_string(value).unwrap_or_default(),
    }
}

pub(super) fn parts<'r>(resource: &'r Resource, table: &str) -> &'r [Image] {
    resource.rows.parts.get(table).map(Vec::as_slice).unwrap_or_default()
}

/// An entry that this check looks at.
pub(super) struct Told<'b> {
    pub(super) at: &'b str,
    pub(super) content: Value,
}

/// The bundle, by what is looked for.
pub(super) struct Desk<'b> {
    pub(super) resources: BTreeMap<(&'b str, &'b str), &'b Resource>,
    /// Entries by action and resource.
    told: BTreeMap<(&'b str, &'b str), Vec<Told<'b>>>,
}

impl<'b> Desk<'b> {
    fn of(bundle: &'b Bundle) -> Self {
        const LOOKED_AT: [&str; 10] = [
            "tender.amended",
            "tender.closed",
            "tender.opened",
            "bid.sealed",
            "bid.withdrawn",
            "ceremony.named",
            "signing_key.proposed",
            "signing_key.confirmed",
            "signing_key.revoked",
            "opener_key.registered",
        ];
        let content = |text: &Option<String>| {
            let entry: Value = text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
            entry.get("content").cloned().unwrap_or_default()
        };
        let mut told: BTreeMap<(&str, &str), Vec<Told<'b>>> = BTreeMap::new();
        for entry in bundle.journal.iter().filter(|entry| LOOKED_AT.contains(&entry.action.as_str())) {
            let one = Told { at: &entry.at, content: content(&entry.text) };
            told.entry((entry.action.as_str(), entry.resource_id.as_str())).or_default().push(one);
        }
        Self { resources: bundle.resources.iter().map(|one| ((one.kind.as_str(), one.id.as_str()), one)).collect(), told }
    }

    pub(super) fn kind(&self, kind: &'static str) -> impl Iterator<Item = &'b Resource> {
        self.resources.values().copied().filter(move |one| one.kind == kind)
    }

    pub(super) fn entries<'s>(&'s self, action: &'s str, resource: &'s str) -> std::slice::Iter<'s, Told<'b>> {
        self.told.get(&(action, resource)).map(Vec::as_slice).unwrap_or_default().iter()
    }
}

/// What is wrong with how bids were signed, keys made, tenders closed and opened, by resource.
pub fn faults(bundle: &Bundle) -> Vec<String> {
    let desk = Desk::of(bundle);
    let mut faults: Vec<String> =
        desk.kind("signing_key").chain(desk.kind("opener_key")).filter_map(|key| possession(&desk, key)).collect();
    faults.extend(bid_signatures::faults(&desk));
    faults.extend(desk.kind("opener_ceremony").flat_map(|ceremony| ceremony_faults(&desk, ceremony)));
    faults.extend(desk.kind("tender").flat_map(|tender| closing_faults(&desk, tender)));
    faults
}

/// Whoever brought a key held it: the journal has the key's own signature for its organisation or account.
fn possession(desk: &Desk<'_>, key: &Resource) -> Option<String> {
    let columns = &key.rows.columns;
    let of_organisation = key.kind == "signing_key";
    let action = if of_organisation { "signing_key.proposed" } else { "opener_key.registered" };
    let proof = desk.entries(action, &key.id).find_map(|one| Some(one.content.get("proof")?.as_str()?.to_owned())).unwrap_or_default();
    let held = if of_organisation {
        let owner = text(columns, "organisation_id").parse().ok();
        owner.is_some_and(|owner| signing_keys::rules::check(owner, text(columns, "public_key"), &proof).is_ok())
    } else {
        let owner = text(columns, "account_id").parse().ok();
        owner.is_some_and(|owner| is_signed(text(columns, "signing_key"), &key_text(owner, text(columns, "recipient")), &proof))
    };
    (!held).then(|| format!("{} {}: nobody proved to hold it", key.kind, key.id))
}

/// The members of a ceremony, as they stand.
fn members(ceremony: &Resource) -> Vec<(Member, String)> {
    let rows = parts(ceremony, "ceremony_members").iter();
    let member = |row: &Image| serde_json::from_value::<Member>(Value::Object(row.clone())).ok();
    rows.filter_map(|row| Some((member(row)?, text(row, "transcript_signature").to_owned()))).collect()
}

fn transcript_of(ceremony: &Resource) -> Option<Transcript> {
    serde_json::from_str(&canonical(&ceremony.rows.columns, "transcript")).ok()
}

/// A complete ceremony ends in a transcript of what was named, signed by every opener.
fn ceremony_faults(desk: &Desk<'_>, ceremony: &Resource) -> Vec<String> {
    let told = |what: String| format!("the ceremony {}: {what}", ceremony.id);
    if canonical(&ceremony.rows.columns, "transcript").is_empty() {
        return Vec::new();
    }
    let Some(transcript) = transcript_of(ceremony) else { return vec![told("its transcript cannot be read".to_owned())] };
    let mut faults = Vec::new();
    let named = desk
        .entries("ceremony.named", &ceremony.id)
        .find_map(|one| serde_json::from_value::<Statement>(one.content.get("statement")?.clone()).ok());
    let members = members(ceremony);
    match named {
        None => faults.push(told("the journal does not name its openers".to_owned())),
        Some(named) => {
            if named.hash().ok().as_ref() != Some(&transcript.ceremony) {
                faults.push(told("its transcript is not of the openers whom the journal names".to_owned()));
            }
            if named.members != members.iter().map(|(member, _)| member.clone()).collect::<Vec<_>>() {
                faults.push(told("its openers are not those whom the journal names".to_owned()));
            }
        }
    }
    if transcript.recipient != text(&ceremony.rows.columns, "recipient") {
        faults.push(told("its recipient is not the transcript's".to_owned()));
    }
    let hash = transcript.hash().unwrap_or_default();
    for (member, signature) in &members {
        if !is_signed(&member.signing_key, &transcript_text(&hash, member.position), signature) {
            faults.push(told(format!("opener {} did not sign its transcript", member.position)));
        }
    }
    faults
}

/// A tender is closed once, before it is opened; the closing names exactly the bids that were sealed before it; whoever contributed signed it.
fn closing_faults(desk: &Desk<'_>, tender: &Resource) -> Vec<String> {
    let told = |what: String| format!("the closing of tender {}: {what}", tender.id);
    let named: Vec<&Told<'_>> = desk.entries("tender.closed", &tender.id).collect();
    let rows = parts(tender, "closings");
    let (row, entry) = match (rows, named.as_slice()) {
        ([], []) if desk.entries("tender.opened", &tender.id).next().is_none() => return Vec::new(),
        ([], []) => return vec![told("it was opened without one".to_owned())],
        ([row], [entry]) => (row, entry),
        (rows, entries) => return vec![told(format!("the journal names {} and the rows hold {}", entries.len(), rows.len()))],
    };
    let (content, root) = (canonical(row, "content"), text(row, "root"));
    let said = entry.content.get("root").and_then(Value::as_str).unwrap_or_default();
    if root_of(&content) != root || said != root {
        return vec![told("its root is not the one that the journal names".to_owned())];
    }
    let Ok(closing) = Closing::parse(&content) else { return vec![told("it cannot be read".to_owned())] };
    let mut faults = head_faults(tender, &closing, text(row, "ceremony_id"));
    faults.extend(set_faults(desk, tender, &closing, entry.at));
    match desk.resources.get(&("opener_ceremony", text(row, "ceremony_id"))) {
        None if closing.ceremony_id.is_none() => {}
        None => faults.push("its ceremony is gone".to_owned()),
        Some(ceremony) => faults.extend(contribution_faults(desk, tender, ceremony, &closing, root)),
    }
    faults.into_iter().map(told).collect()
}

/// What a closing says of its tender, and of its lots without their bids.
fn head_faults(tender: &Resource, closing: &Closing, ceremony: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let deadline = UtcInstant::parse(text(&tender.rows.columns, "bid_deadline")).ok();
    for (wrong, what) in [
        (closing.tender_id.to_string() != tender.id, "it names another tender"),
        (closing.ceremony_id.map(|id| id.to_string()).unwrap_or_default() != ceremony, "it names another ceremony than its row"),
        (deadline != Some(closing.deadline), "it names another deadline than its tender"),
        (
            closing.lots.iter().any(|lot| lot.opens != (lot.bids.len() >= closing.least)),
            "a lot is opened that has too few bids, or shut that has enough",
        ),
        (closing.ceremony_id.is_none() && closing.transcript_sha256.is_some(), "it names a transcript without a ceremony"),
    ] {
        if wrong {
            faults.push(what.to_owned());
        }
    }
    faults
}

/// The bids of a closing against the bids as they stand.
fn set_faults(desk: &Desk<'_>, tender: &Resource, closing: &Closing, closed_at: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let lots: BTreeSet<String> = closing.lots.iter().map(|lot| lot.lot_id.to_string()).collect();
    let mut listed = BTreeSet::new();
    for (lot, one) in closing.lots.iter().flat_map(|lot| lot.bids.iter().map(move |bid| (lot.lot_id.to_string(), bid))) {
        let id = one.bid_id.to_string();
        let bid = desk.resources.get(&("bid", id.as_str())).map(|bid| &bid.rows.columns);
        match bid {
            None => faults.push(format!("bid {id} is in it and is gone")),
            Some(bid) if text(bid, "ciphertext_sha256") != one.sha256 || text(bid, "lot_id") != lot => {
                faults.push(format!("bid {id} stands with another ciphertext or lot than in it"));
            }
            Some(bid) if ["replaced", "withdrawn"].contains(&text(bid, "state")) => {
                faults.push(format!("bid {id} is in it and was taken back"));
            }
            Some(_) => {}
        }
        if !listed.insert(id.clone()) {
            faults.push(format!("bid {id} is in it twice"));
        }
    }
    let closed = UtcInstant::parse(closed_at).ok();
    for bid in desk.kind("bid").filter(|bid| text(&bid.rows.columns, "tender_id") == tender.id) {
        let (columns, sealed) = (&bid.rows.columns, desk.entries("bid.sealed", &bid.id).next());
        let state = text(columns, "state");
        // A lot that ended before the closing is not in it, and its bids stay sealed.
        let counts = match state {
            "replaced" | "withdrawn" => false,
            "sealed" => lots.contains(text(columns, "lot_id")),
            _ => true,
        };
        if counts && !listed.contains(&bid.id) {
            faults.push(format!("bid {} is {state} and not in it", bid.id));
        }
        let late = sealed.and_then(|one| UtcInstant::parse(one.at).ok()).zip(closed).is_some_and(|(sealed, closed)| sealed > closed);
        if late {
            faults.push(format!("bid {} was sealed after it", bid.id));
        }
    }
    faults
}

/// Contributions that were taken, against the openers' keys and this closing.
fn contribution_faults(desk: &Desk<'_>, tender: &Resource, ceremony: &Resource, closing: &Closing, root: &str) -> Vec<String> {
    let Some(transcript) = transcript_of(ceremony) else { return vec!["its ceremony has no transcript".to_owned()] };
    let members = members(ceremony);
    let (mut faults, mut held) = (Vec::new(), 0_u64);
    if closing.recipient != transcript.recipient || closing.transcript_sha256 != transcript.hash().ok() {
        faults.push("it names another key than its ceremony made".to_owned());
    }
    for row in parts(tender, "opening_contributions").iter().filter(|row| text(row, "state") == "accepted") {
        let position = row.get("position").and_then(Value::as_u64).and_then(|position| u16::try_from(position).ok()).unwrap_or_default();
        let sent = Contribution {
            root: root.to_owned(),
            partials: text(row, "partials").to_owned(),
            signature: text(row, "signature").to_owned(),
        };
        let member = members.iter().find(|(member, _)| member.position == position).map(|(member, _)| member);
        let checked = member
            .zip(transcript.verifying_share(position).ok())
            .map(|(member, share)| check_contribution(member, &share, closing, root, &sent));
        match checked {
            Some(Ok(Ok(_))) => held = held.saturating_add(1),
            _ => faults.push(format!("opener {position} contributed something else, or not to it")),
        }
    }
    let by_openers =
        desk.entries("tender.opened", &tender.id).any(|one| one.content.get("opened_with").is_some_and(|with| with == "openers"));
    let needed = ceremony.rows.columns.get("threshold").and_then(Value::as_u64).unwrap_or(u64::MAX);
    if by_openers && !closing.points().is_ok_and(|points| points.is_empty()) && held < needed {
        faults.push(format!("it was opened with {held} contributions that hold, and {needed} are needed"));
    }
    faults
}
