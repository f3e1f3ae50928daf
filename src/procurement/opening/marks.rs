//! Marks on opened bids: what stands between them (R066, R069) and what stands against a supplier on the day (R093). A mark that stops makes the bid
//! invalid; any other is for the people who review.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::rules::{self, Party};
use super::service::SealedLot;
use crate::db::schema::bid_marks;
use crate::db::{Db, Tx};
use crate::kernel::id::{BidId, FindingId, LotId, OrganisationId, TenantId};
use crate::kernel::{Result, UtcInstant, Words};
use crate::law::{Rule, Standing};
use crate::parties::organisations::{self, Relation, Supply};
use crate::people::{Authorized, Subject};
use crate::procurement::bonds;
use crate::procurement::tenders::TenderRow;
use crate::words;

/// The rule on invalid bids.
const INVALID_BIDS: &str = "R044";

/// A mark on a bid.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = bid_marks, treat_none_as_default_value = false)]
pub struct MarkRow {
    /// Id.
    pub id: FindingId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Lot.
    pub lot_id: LotId,
    /// The bid.
    pub bid_id: BidId,
    /// What was found, such as `same_head`.
    pub kind: String,
    /// The rule it rests on; empty when none of the rule set speaks of it.
    pub rule: String,
    /// The other bid, where it takes two.
    pub other_bid_id: Option<BidId>,
    /// Whether it makes the bid invalid.
    pub stops: bool,
    /// What it means, 中文.
    pub detail_zh: String,
    /// What it means, English.
    pub detail_en: String,
    /// What the bidder can do, 中文.
    pub remedy_zh: String,
    /// What the bidder can do, English.
    pub remedy_en: String,
    /// When it was found.
    pub created_at: UtcInstant,
}

/// The marks of a lot in the order they were found.
pub fn of_lot(db: &mut Db, lot: LotId) -> Result<Vec<MarkRow>> {
    Ok(bid_marks::table.filter(bid_marks::lot_id.eq(lot)).order((bid_marks::created_at, bid_marks::id)).load(db)?)
}

/// The bids that something stops, with the reason.
pub type Stopped = BTreeMap<BidId, &'static str>;

/// A mark before it has an id.
struct Mark {
    bid: BidId,
    other: Option<BidId>,
    kind: String,
    rule: String,
    /// The reason with which the bid becomes invalid; `None` where the mark is for the people who review.
    stops: Option<&'static str>,
    detail: Words,
    remedy: Words,
}

/// Looks at all bids of a lot together and records what it finds.
pub fn find<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, tender: &TenderRow, sealed: &SealedLot, law: &[Rule]) -> Result<Stopped> {
    let parties: Vec<Party> = sealed
        .bids
        .iter()
        .map(|one| (one.bid.id, std::iter::once(one.bid.organisation_id).chain(one.members.iter().copied()).collect()))
        .collect();
    let mut marks = standing(tx, tender, &parties)?;
    marks.extend(unsecured(tx, tender, sealed, law)?);
    marks.extend(related(tx, tender, &parties, law)?);
    let mut stopped = Stopped::new();
    for mark in marks {
        if let Some(because) = mark.stops {
            stopped.entry(mark.bid).or_insert(because);
        }
        insert(tx, granted, sealed, mark)?;
    }
    for bid in rules::in_two_bids(&parties) {
        stopped.insert(bid, rules::IN_TWO_BIDS);
    }
    Ok(stopped)
}

fn standing(tx: &mut Tx<'_>, tender: &TenderRow, parties: &[Party]) -> Result<Vec<Mark>> {
    let today = tx.now().date_in_shanghai();
    let mut marks = Vec::new();
    for (bid, organisations) in parties {
        for organisation in organisations {
            let (note, stops) = match organisations::may_supply(tx, tender.tenant_id, *organisation, today)? {
                Supply::Clear => continue,
                Supply::Marked(note) => (note, false),
                Supply::Stopped(note) => (note, true),
            };
            marks.push(Mark {
                bid: *bid,
                other: None,
                kind: note.state.as_str().to_owned(),
                rule: note.rule.map(|rule| rule.rule).unwrap_or_default(),
                stops: stops.then_some(rules::NOT_ELIGIBLE),
                detail: note.explanation,
                remedy: note.remedy,
            });
        }
    }
    Ok(marks)
}

/// Whether a rule binds the tender's procedure on a day and blocks.
fn blocks(law: &[Rule], tender: &TenderRow, rule: &str, on: NaiveDate) -> bool {
    let rule = law.iter().find(|one| one.id == rule);
    rule.is_some_and(|rule| rule.binds(tender.procedure.as_str(), on) && rule.standing(false) == Standing::Broken)
}

/// Bids whose bond, asked by the documents, is not in finance's hands (87号令 第63条). The lead of a consortium gives it for all.
fn unsecured(tx: &mut Tx<'_>, tender: &TenderRow, sealed: &SealedLot, law: &[Rule]) -> Result<Vec<Mark>> {
    let stops = blocks(law, tender, INVALID_BIDS, tx.now().date_in_shanghai()).then_some(rules::BOND_MISSING);
    let mut marks = Vec::new();
    for one in &sealed.bids {
        if bonds::service::is_secured(tx, tender, sealed.lot.id, one.bid.organisation_id)? != Some(false) {
            continue;
        }
        marks.push(Mark {
            bid: one.bid.id,
            other: None,
            kind: rules::BOND_MISSING.to_owned(),
            rule: INVALID_BIDS.to_owned(),
            stops,
            detail: words!("财政部门未收到采购文件要求的投标保证金", "finance has not received the bid bond that the documents ask for"),
            remedy: words!(
                "已按时缴纳的，请持凭证向采购人提出异议或依法质疑",
                "if it was given in time, object with the slip, or challenge the opening"
            ),
        });
    }
    Ok(marks)
}

/// Relations between bids. One that stops does so only where its rule binds the procedure and blocks; elsewhere it marks.
fn related(tx: &mut Tx<'_>, tender: &TenderRow, parties: &[Party], law: &[Rule]) -> Result<Vec<Mark>> {
    let today = tx.now().date_in_shanghai();
    let mut all: Vec<OrganisationId> = parties.iter().flat_map(|(_, party)| party.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    let blocks = |relation: &Relation| relation.stops && blocks(law, tender, relation.rule, today);
    let mut marks = Vec::new();
    for pair in organisations::relations_among(tx, tender.tenant_id, &all)? {
        for (one, other) in rules::pairs_of_bids(parties, pair.a, pair.b) {
            for relation in &pair.relations {
                for (bid, rival) in [(one, other), (other, one)] {
                    marks.push(Mark {
                        bid,
                        other: Some(rival),
                        kind: relation.kind.as_str().to_owned(),
                        rule: relation.rule.to_owned(),
                        stops: blocks(relation).then_some(rules::RELATED),
                        detail: between(&relation.explanation),
                        remedy: relation.remedy.clone(),
                    });
                }
            }
        }
    }
    Ok(marks)
}

fn between(found: &Words) -> Words {
    Words { zh: format!("与另一响应方：{}", found.zh).into(), en: format!("with another bidder: {}", found.en).into() }
}

fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, sealed: &SealedLot, mark: Mark) -> Result<()> {
    let row = MarkRow {
        id: tx.new_id(),
        tenant_id: sealed.lot.tenant_id,
        lot_id: sealed.lot.id,
        bid_id: mark.bid,
        kind: mark.kind,
        rule: mark.rule,
        other_bid_id: mark.other,
        stops: mark.stops.is_some(),
        detail_zh: mark.detail.zh.into_owned(),
        detail_en: mark.detail.en.into_owned(),
        remedy_zh: mark.remedy.zh.into_owned(),
        remedy_en: mark.remedy.en.into_owned(),
        created_at: tx.now(),
    };
    diesel::insert_into(bid_marks::table).values(&row).execute(&mut **tx)?;
    Ok(())
}
