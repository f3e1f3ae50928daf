//! Abnormally low prices (R046, R047): which prices call for an explanation, the request with its time, the explanation, the decision. A trigger is
//! no invalidity.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{NoticeDesk, NoticeRow, NoticeState, ReviewDesk};
use super::rules::{self, EXPLANATION_LATE, REVIEW_CLOSED, REVIEW_INCOMPLETE, Verdict};
use super::{service, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{BidId, LotId, LowPriceNoticeId};
use crate::kernel::{Error, Fen, Result};
use crate::law::price::LowTrigger;
use crate::law::{Finding, Rule};
use crate::parties::regulations;
use crate::people::policy::{Action, Authorized, authorize};
use crate::people::{Actor, Role, Subject};
use crate::procurement::bids::{self, attachments};
use crate::procurement::opening;
use crate::procurement::tenders::lots;
use crate::trust::documents::{self, DocumentRow, Owner, StoredFile};
use crate::trust::journal::{self, Event};
use crate::words;

/// Kind of the owner of the documents of an explanation.
pub const OWNER_KIND: &str = "low_price_notice";
/// Most documents of one explanation.
const DOCUMENTS_MAX: usize = 20;

/// What triggers an explanation, by bid: the raw prices of the bids that passed both stages, held against each other and the ceiling. Nothing until
/// every bid has its findings.
pub fn triggered(db: &mut Db, desk: &ReviewDesk, law: &[Rule]) -> Result<BTreeMap<BidId, (Fen, Vec<LowTrigger>)>> {
    let Some(review) = &desk.review else { return Ok(BTreeMap::new()) };
    let lot = &desk.file.lot;
    let rule = rules::low_price_rule(law, desk.file.tender.procedure.as_str(), review.started_at.date_in_shanghai());
    let findings = store::findings(db, lot.id)?;
    let mut passed = Vec::new();
    for bid in service::under_review(db, lot.id)? {
        match rules::verdict(&service::of_bid(&findings, bid.id)) {
            Verdict::Missing(_) => return Ok(BTreeMap::new()),
            Verdict::Passed => passed.push(bid.id),
            Verdict::Failed { .. } => {}
        }
    }
    let mut offers: Vec<(BidId, Fen)> = Vec::new();
    for opened in opening::store::of_lots(db, &[lot.id])? {
        if passed.contains(&opened.bid_id) {
            offers.push((opened.bid_id, opened.price_fen));
        }
    }
    let prices: Vec<Fen> = offers.iter().map(|(_, price)| *price).collect();
    Ok(offers
        .into_iter()
        .map(|(bid, price)| (bid, (price, rules::triggers(rule, review.low_share_bp, price, &prices, lot.ceiling_fen))))
        .collect())
}

/// Triggered prices that nobody asked about, as the rule finds them; an undecided request refuses.
pub fn unasked(db: &mut Db, desk: &ReviewDesk, law: &[Rule]) -> Result<Vec<Finding>> {
    let Some(review) = &desk.review else { return Ok(Vec::new()) };
    let notices = store::notices(db, desk.file.lot.id)?;
    let waiting = notices.iter().filter(|notice| matches!(notice.state, NoticeState::Asked | NoticeState::Explained)).count();
    if waiting > 0 {
        return Err(REVIEW_INCOMPLETE.because(words!("还有 {waiting} 项低价说明未决定", "{waiting} low prices are not decided on")));
    }
    let Some(rule) = rules::low_price_rule(law, desk.file.tender.procedure.as_str(), review.started_at.date_in_shanghai()) else {
        return Ok(Vec::new());
    };
    let asked = |bid: &BidId| notices.iter().any(|notice| notice.bid_id == *bid);
    Ok(triggered(db, desk, law)?
        .into_iter()
        .filter(|(bid, (_, triggers))| !triggers.is_empty() && !asked(bid))
        .map(|(_, (price, triggers))| rules::unasked(rule, price, &triggers))
        .collect())
}

/// The bids whose explanation was rejected, with the reason.
pub fn rejected(db: &mut Db, lot: LotId) -> Result<BTreeMap<BidId, String>> {
    let notices = store::notices(db, lot)?.into_iter().filter(|notice| notice.state == NoticeState::Rejected);
    Ok(notices.map(|notice| (notice.bid_id, notice.decision_reason.unwrap_or_default())).collect())
}

/// Asks a bidder to explain its price within so many minutes. What the rule triggers is named; the panel may also ask on its own judgement (R046).
pub fn ask(tx: &mut Tx<'_>, granted: &Authorized<ReviewDesk>, bid: BidId, minutes: i64, question: &str) -> Result<NoticeRow> {
    let desk = granted.subject();
    service::going_on(desk)?;
    service::verdicts(tx, desk.file.lot.id)?;
    let law = regulations::rules_of(tx, desk.file.tender.rule_set_id)?;
    let today = tx.now().date_in_shanghai();
    rules::check_minutes(rules::low_price_rule(&law, desk.file.tender.procedure.as_str(), today), minutes)?;
    let mut fields = Fields::default();
    fields.text(question, "/question", 2, 2000);
    fields.finish()?;
    let not_there = || Error::field("/bid_id", words!("不是通过审查的响应", "not a bid that passed the review"));
    let (price, triggers) = triggered(tx, desk, &law)?.remove(&bid).ok_or_else(not_there)?;
    let bid = bids::store::find(tx, desk.file.lot.tenant_id, bid)?.ok_or_else(not_there)?;
    if store::notices(tx, bid.lot_id)?.iter().any(|notice| notice.bid_id == bid.id) {
        return Err(error::CONFLICT.because(words!("已要求其说明", "it was asked already")));
    }
    let names: Vec<&str> = triggers.iter().map(|trigger| trigger.as_str()).collect();
    let row = NoticeRow {
        id: tx.new_id(),
        tenant_id: bid.tenant_id,
        tender_id: bid.tender_id,
        lot_id: bid.lot_id,
        bid_id: bid.id,
        case_id: bid.case_id,
        organisation_id: bid.organisation_id,
        price_fen: price,
        triggers: names.join(","),
        state: NoticeState::Asked,
        question: question.trim().to_owned(),
        asked_by: granted.by(),
        asked_at: tx.now(),
        ends_at: tx.now().plus_seconds(minutes.saturating_mul(60)),
        explanation: None,
        explained_by: None,
        explained_at: None,
        decision_reason: None,
        decided_by: None,
        decided_at: None,
        version: 1,
    };
    store::insert_notice(tx, granted, &row)?;
    store::touch(tx, granted, row.lot_id)?;
    record(tx, "low_price.asked", &row, json!({"bid_id": row.bid_id, "price_fen": price, "triggers": names, "ends_at": row.ends_at}))?;
    let (title, until) = (&desk.file.lot.title, row.ends_at);
    let body = format!(
        "评审小组要求贵组织就「{title}」的报价 {price} 元作书面说明：{question}\n请于 {until} 之前在平台提交说明与证明材料；触发不等于无效，逾期不说明或不能证明合理的，响应无效。\n\n\
         The panel asks you to explain your price of {price} yuan for “{title}”: {question}\nSubmit explanation and evidence on the platform before {until}. Being asked is \
         no invalidity; without an explanation that shows the price to be reasonable the bid becomes invalid.\n"
    );
    service::tell(tx, &bid, format!("低价说明通知 Explain a low price: {title}"), body)?;
    Ok(row)
}

/// May the actor do this with the request? Deciding is for those who decide on the lot.
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: LowPriceNoticeId) -> Result<Authorized<NoticeDesk>> {
    let row = store::find_notice(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let file = lots::load(db, actor.tenant, row.lot_id)?;
    let sits = attachments::sits(db, row.lot_id, actor.account)?;
    let desk = NoticeDesk { row, file, sits };
    let by_decider = action.roles.contains(&Role::Evaluator) && !action.roles.contains(&Role::Auditor);
    if by_decider && desk.visible_to(actor) && !service::decides(db, actor, &desk.file)? {
        return Err(error::FORBIDDEN.error());
    }
    authorize(actor, action, desk)
}

/// Refuses once the time to explain is over.
fn in_time(tx: &Tx<'_>, row: &NoticeRow) -> Result<()> {
    let until = row.ends_at;
    if tx.now() < until { Ok(()) } else { Err(EXPLANATION_LATE.because(words!("时限为 {until}", "it ended at {until}"))) }
}

/// The bidder explains, once, before the time is over.
pub fn explain(tx: &mut Tx<'_>, granted: &Authorized<NoticeDesk>, text: &str) -> Result<NoticeRow> {
    let mut fields = Fields::default();
    fields.text(text, "/explanation", 2, 10_000);
    fields.finish()?;
    in_time(tx, &granted.subject().row)?;
    let row = store::explain(tx, granted, granted.subject().row.id, text.trim())?;
    store::touch(tx, granted, row.lot_id)?;
    record(tx, "low_price.explained", &row, json!({"explanation": row.explanation}))?;
    Ok(row)
}

/// Adds a document to the explanation while the bidder may still explain.
pub fn attach(tx: &mut Tx<'_>, granted: &Authorized<NoticeDesk>, filename: &str, file: &StoredFile) -> Result<DocumentRow> {
    let notice = &granted.subject().row;
    in_time(tx, notice)?;
    if documents::of_owner(tx, notice.tenant_id, notice.id.any())?.len() >= DOCUMENTS_MAX {
        return Err(error::CONFLICT.because(words!("最多 {DOCUMENTS_MAX} 份", "at most {DOCUMENTS_MAX}")));
    }
    let owner = Owner { tenant: notice.tenant_id, kind: OWNER_KIND, id: notice.id.any(), case: Some(notice.case_id) };
    let row = documents::attach(tx, owner, "explanation", filename, file, granted.by())?;
    record(tx, "low_price.document_added", notice, json!({"document_id": row.id, "sha256": row.sha256, "size_bytes": row.size_bytes}))?;
    Ok(row)
}

/// The decision on the explanation, or on silence once the time is over. A rejection makes the bid invalid when the review is concluded.
pub fn decide(tx: &mut Tx<'_>, granted: &Authorized<NoticeDesk>, accepted: bool, reason: &str) -> Result<NoticeRow> {
    let notice = &granted.subject().row;
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, 2000);
    fields.finish()?;
    let review = store::find(tx, notice.lot_id)?;
    if review.is_none_or(|review| review.concluded_at.is_some()) {
        return Err(REVIEW_CLOSED.error());
    }
    rules::may_decide(notice, tx.now())?;
    let state = if accepted { NoticeState::Accepted } else { NoticeState::Rejected };
    let row = store::decide(tx, granted, notice.id, state, reason.trim())?;
    store::touch(tx, granted, row.lot_id)?;
    record(tx, "low_price.decided", &row, json!({"state": state, "reason": row.decision_reason}))?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &NoticeRow, content: Value) -> Result<()> {
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: OWNER_KIND,
            resource: row.id.any(),
            version: row.version,
            case: Some(row.case_id),
            content,
        },
    )?;
    Ok(())
}
