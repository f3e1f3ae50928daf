//! Use cases of the review: begin, record findings, conclude.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::low_prices;
use super::model::{FindingRow, NewFinding, ReviewDesk, ReviewRow, ReviewState, Stage};
use super::rules::{self, REVIEW_CLOSED, REVIEW_INCOMPLETE, REVIEW_OPEN, Verdict};
use super::store;
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{BidId, LotId, OrganisationId, TenantId};
use crate::kernel::{BasisPoints, Result};
use crate::law::{self, Finding, Rule, Standing};
use crate::notices::outbox::{self, Message};
use crate::parties::{organisations, regulations};
use crate::people::policy::{Action, Authorized, authorize};
use crate::people::{Actor, Role, Subject};
use crate::procurement::bids::{self, BidRow, BidState, attachments, reuse};
use crate::procurement::opening::{self, sessions};
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::procedure::DecidedBy;
use crate::procurement::tenders::{self, LotState, lots};
use crate::trust::journal::{self, Event};
use crate::words;

/// The lot of a tenant with its review, if one was begun.
pub fn load(db: &mut Db, tenant: TenantId, lot: LotId) -> Result<ReviewDesk> {
    let file = lots::load(db, tenant, lot)?;
    Ok(ReviewDesk { review: store::find(db, lot)?, file })
}

/// May the actor do this as the purchaser, or read as one of those who may?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, lot: LotId) -> Result<Authorized<ReviewDesk>> {
    let desk = load(db, actor.tenant, lot)?;
    let others: Vec<Role> = action.roles.iter().copied().filter(|role| *role != Role::Evaluator).collect();
    if desk.visible_to(actor) && !actor.reaches(&others, desk.unit(), None) && !sits(db, actor, &desk.file)? {
        return Err(error::FORBIDDEN.error());
    }
    authorize(actor, action, desk)
}

/// May the actor do this as one of those who decide? Where a panel decides, only its members; elsewhere also people of the unit.
pub fn may_decide(db: &mut Db, actor: &Actor, action: &'static Action, lot: LotId) -> Result<Authorized<ReviewDesk>> {
    let desk = load(db, actor.tenant, lot)?;
    if desk.visible_to(actor) && !decides(db, actor, &desk.file)? {
        return Err(error::FORBIDDEN.error());
    }
    authorize(actor, action, desk)
}

/// Whether the actor is among those who decide on the lot.
pub fn decides(db: &mut Db, actor: &Actor, file: &LotFile) -> Result<bool> {
    let unit_decides =
        file.tender.profile().decided_by != DecidedBy::Panel && actor.reaches(&[Role::Purchaser, Role::PurchaserLead], file.unit(), None);
    Ok(unit_decides || sits(db, actor, file)?)
}

/// Whether the actor is appointed to evaluate the lot and belongs to none of its bidders.
fn sits(db: &mut Db, actor: &Actor, file: &LotFile) -> Result<bool> {
    if let Some(employer) = actor.organisation
        && !bids::store::of_bidder(db, file.lot.id, employer)?.is_empty()
    {
        return Ok(false);
    }
    attachments::sits(db, file.lot.id, actor.account)
}

/// The review that is going on, or a refusal.
pub fn going_on(desk: &ReviewDesk) -> Result<&ReviewRow> {
    let review = desk.review.as_ref().ok_or_else(|| REVIEW_OPEN.error())?;
    if review.state == ReviewState::Concluded { Err(REVIEW_CLOSED.error()) } else { Ok(review) }
}

/// Begins the review of an opened lot and ends the session of the opening. Declarations that do not hold on the day of the deadline are found
/// at once.
pub fn start(tx: &mut Tx<'_>, granted: &Authorized<ReviewDesk>, stated: Option<BasisPoints>) -> Result<ReviewRow> {
    let ReviewDesk { file, review } = granted.subject();
    if review.is_some() {
        return Err(error::CONFLICT.because(words!("审查已开始", "the review has begun")));
    }
    let law = regulations::rules_of(tx, file.tender.rule_set_id)?;
    let today = tx.now().date_in_shanghai();
    let rule = rules::low_price_rule(&law, file.tender.procedure.as_str(), today);
    let low_share_bp = rules::low_share(rule, stated)?;
    sessions::end(tx, granted, &file.tender)?;
    let row = ReviewRow {
        lot_id: file.lot.id,
        tenant_id: file.lot.tenant_id,
        case_id: file.lot.case_id,
        state: ReviewState::Open,
        low_share_bp,
        started_by: granted.by(),
        started_at: tx.now(),
        concluded_by: None,
        concluded_at: None,
        note: None,
        version: 1,
    };
    store::insert(tx, granted, &row)?;
    find_unsound(tx, granted)?;
    record(tx, "lot.review_started", file, row.version, json!({"low_share_bp": low_share_bp}))?;
    Ok(row)
}

/// A declaration that does not hold on the day of the deadline does not count: the bidder is not qualified. One that repeats the bidder's file is
/// judged by what stands there.
fn find_unsound(tx: &mut Tx<'_>, granted: &Authorized<ReviewDesk>) -> Result<()> {
    let file = &granted.subject().file;
    let Some(day) = file.tender.bid_deadline.map(|at| at.date_in_shanghai()) else { return Ok(()) };
    let bidders: BTreeMap<BidId, OrganisationId> =
        under_review(tx, file.lot.id)?.into_iter().map(|bid| (bid.id, bid.organisation_id)).collect();
    let ids: Vec<BidId> = bidders.keys().copied().collect();
    for statement in opening::store::statements(tx, &ids)? {
        let Some(&bidder) = bidders.get(&statement.bid_id) else { continue };
        for (place, declared) in (1_i32..).zip(statement.declared()?) {
            let resolved = reuse::resolve(tx, file.lot.tenant_id, bidder, declared, day)?;
            if let Some(flaw) = resolved.flaw {
                let finding = rules::unsound(statement.bid_id, place, &resolved.declared, flaw, day);
                keep(tx, granted, Stage::Qualification, &finding)?;
            }
        }
    }
    Ok(())
}

/// The bids of a lot that are still in order.
pub fn under_review(db: &mut Db, lot: LotId) -> Result<Vec<BidRow>> {
    bids::store::of_lot(db, lot, &[BidState::Valid])
}

/// Records findings of one stage.
pub fn find(tx: &mut Tx<'_>, granted: &Authorized<ReviewDesk>, stage: Stage, given: &[NewFinding]) -> Result<ReviewRow> {
    let desk = granted.subject();
    going_on(desk)?;
    let lot = desk.file.lot.id;
    let known = store::findings(tx, lot)?;
    let mut open: Vec<BidId> = under_review(tx, lot)?.iter().map(|bid| bid.id).collect();
    if stage == Stage::Responsiveness {
        open.retain(|bid| rules::is_qualified(&of_bid(&known, *bid)));
    }
    rules::check_findings(given, &open)?;
    for finding in given {
        keep(tx, granted, stage, finding)?;
    }
    let row = store::touch(tx, granted, lot)?;
    let told: Vec<Value> = given
        .iter()
        .map(|f| json!({"bid_id": f.bid, "criterion": f.criterion, "passed": f.passed, "ground": f.ground, "reason": f.reason}))
        .collect();
    record(tx, "lot.reviewed", &desk.file, row.version, json!({"stage": stage, "findings": told}))?;
    Ok(row)
}

fn keep(tx: &mut Tx<'_>, granted: &Authorized<ReviewDesk>, stage: Stage, finding: &NewFinding) -> Result<()> {
    let lot = &granted.subject().file.lot;
    let row = FindingRow {
        id: tx.new_id(),
        tenant_id: lot.tenant_id,
        lot_id: lot.id,
        bid_id: finding.bid,
        stage,
        criterion: finding.criterion.trim().to_owned(),
        passed: finding.passed,
        ground: finding.ground,
        reason: finding.reason.as_ref().map(|reason| reason.trim().to_owned()),
        made_by: granted.by(),
        made_at: tx.now(),
    };
    store::keep_finding(tx, granted, &row)
}

/// The findings on one bid.
pub fn of_bid(findings: &[FindingRow], bid: BidId) -> Vec<&FindingRow> {
    findings.iter().filter(|finding| finding.bid_id == bid).collect()
}

/// What the review makes of each bid that is still in order; a bid that lacks a finding refuses.
pub fn verdicts(db: &mut Db, lot: LotId) -> Result<Vec<(BidRow, Verdict)>> {
    let findings = store::findings(db, lot)?;
    let mut judged = Vec::new();
    for bid in under_review(db, lot)? {
        match rules::verdict(&of_bid(&findings, bid.id)) {
            Verdict::Missing(stage) => {
                let id = bid.id;
                return Err(REVIEW_INCOMPLETE.because(words!("响应 {id} 缺 {stage} 意见", "bid {id} lacks a finding on {stage}")));
            }
            verdict => judged.push((bid, verdict)),
        }
    }
    Ok(judged)
}

/// Ends the review: bids that failed become invalid and their bidders are told why; with too few left the lot fails and its money is free again.
pub fn conclude(tx: &mut Tx<'_>, granted: &Authorized<ReviewDesk>, note: Option<&str>) -> Result<(ReviewRow, Vec<Finding>)> {
    let desk = granted.subject();
    going_on(desk)?;
    let file = &desk.file;
    let mut fields = Fields::default();
    fields.text(note.unwrap_or_default(), "/note", 0, 2000);
    fields.finish()?;
    let law = regulations::rules_of(tx, file.tender.rule_set_id)?;
    let judged = verdicts(tx, file.lot.id)?;
    let mut warnings = law::refuse_broken(low_prices::unasked(tx, desk, &law)?)?;
    let rejected = low_prices::rejected(tx, file.lot.id)?;
    let mut left = 0_usize;
    for (bid, verdict) in judged {
        let failed = match verdict {
            Verdict::Failed { because, reasons } => Some((because, reasons.join("；"))),
            _ => rejected.get(&bid.id).map(|reason| (rules::ABNORMALLY_LOW, reason.clone())),
        };
        match failed {
            None => left = left.saturating_add(1),
            Some((because, reasons)) => invalidate(tx, granted, &bid, because, &reasons)?,
        }
    }
    let row = store::conclude(tx, granted, file.lot.id, note.map(str::trim))?;
    if let Some(finding) = rules::enough(&law, file.tender.profile().min_suppliers, left) {
        warnings.extend((finding.standing == Standing::Warned).then_some(finding));
    }
    let named: Vec<&str> = warnings.iter().map(|finding| finding.rule.rule.as_str()).collect();
    record(tx, "lot.review_concluded", file, row.version, json!({"left": left, "note": row.note, "warnings": named}))?;
    fail_if_too_few(tx, granted, &law, left)?;
    Ok((row, warnings))
}

/// Too few are in order: nothing is evaluated (87号令 第44条; rules R045 and R027, each where it blocks).
fn fail_if_too_few(tx: &mut Tx<'_>, granted: &Authorized<ReviewDesk>, law: &[Rule], left: usize) -> Result<()> {
    let file = &granted.subject().file;
    let least = tenders::rules::min_suppliers(law, file.tender.procedure);
    if left < least {
        lots::advance(tx, granted, &file.lot, LotState::Failed, Some("too_few_valid_bids"), json!({"valid": left, "required": least}))?;
        tenders::money::release(tx, granted.by(), &file.tender, &file.lot)?;
    }
    Ok(())
}

fn invalidate(tx: &mut Tx<'_>, granted: &Authorized<ReviewDesk>, bid: &BidRow, because: &str, reasons: &str) -> Result<()> {
    let row = bids::store::set_state(tx, granted, bid.id, BidState::Invalid, Some(because))?;
    bids::service::record(tx, "bid.invalidated", &row, json!({"invalid_because": because, "reasons": reasons}))?;
    let title = &granted.subject().file.lot.title;
    let body = format!(
        "贵组织对「{title}」的响应经审查为无效（{because}）。理由：{reasons}\n对结果有异议的，可依法提出质疑。\n\n\
         Your bid for “{title}” was found invalid in review ({because}). Reasons: {reasons}\nA challenge is open to you.\n"
    );
    tell(tx, bid, format!("审查结果 Review: {title}"), body)
}

/// A mail to the bidder.
pub fn tell(tx: &mut Tx<'_>, bid: &BidRow, subject: String, body: String) -> Result<()> {
    let organisation = organisations::find(tx, bid.tenant_id, bid.organisation_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    outbox::enqueue(tx, Message { tenant: bid.tenant_id, recipient: &organisation.contact_email, subject, body })
}

/// Refuses an evaluation before its review: always where the procedure is statutory, elsewhere only when a review was begun.
pub fn require_concluded(db: &mut Db, file: &LotFile) -> Result<()> {
    match store::find(db, file.lot.id)? {
        Some(review) if review.state == ReviewState::Concluded => Ok(()),
        None if !file.tender.procedure.is_statutory() => Ok(()),
        _ => Err(REVIEW_OPEN.error()),
    }
}

/// Journals a step of the review.
pub fn record(tx: &mut Tx<'_>, action: &str, file: &LotFile, version: i64, content: Value) -> Result<()> {
    let lot = &file.lot;
    journal::record(
        tx,
        &Event { tenant: lot.tenant_id, action, kind: "lot_review", resource: lot.id.any(), version, case: Some(lot.case_id), content },
    )?;
    Ok(())
}
