//! Decisions on questions and amendments. Pure.

use super::model::{AmendmentKind, Changes};
use super::terms::{LotTerms, Qualification};
use crate::kernel::error::{Fields, problems};
use crate::kernel::id::LotId;
use crate::kernel::{Error, Result, UtcInstant};
use crate::law::{RULE_BROKEN, Rule};
use crate::words;

problems! {
    /// Questions are not taken now.
    QUESTIONS_CLOSED = "questions_closed", 409, "已不接受提问", "Questions are not taken now",
        "提问须在采购文件规定的截止时间之前。",
        "Questions are taken until the time that the documents set before the deadline for bids.";
    /// The organisation is not verified or not invited.
    ASKER_NOT_ADMITTED = "supplier_not_admitted", 409, "该组织不能参与本项目", "The organisation cannot take part",
        "组织须已核验且未被暂停；邀请方式的项目须在受邀名单中。",
        "The organisation must be verified and not suspended, and be invited where the procedure invites.";
    /// Registration for the visit is over.
    VISIT_CLOSED = "visit_registration_closed", 409, "踏勘报名已截止", "Registration for the site visit is over",
        "报名须在规定的时间之前。",
        "Registration was possible until the time that was set.";
    /// The documents are not given out now.
    DOCUMENTS_NOT_OFFERED = "documents_not_offered", 409, "不在文件获取期间", "The documents are not given out now",
        "请在公告规定的文件获取期间内办理。",
        "Obtain the documents in the period that the notice sets.";
    /// The price is neither fixed nor scored.
    PRICE_NOT_SCORED = "price_not_scored", 422, "价格既未固定也未评分", "The price is neither fixed nor scored",
        "综合评分须恰好有一项价格因素；固定价格或统一价格标准的采购包须在条款中写明 price.rule。",
        "A weighted evaluation scores the price, unless the lot's terms say in price.rule that it is fixed or unified.";
    /// The deadline is over.
    AMENDMENT_TOO_LATE = "amendment_after_deadline", 409, "响应截止后不得更正", "No amendment after the deadline",
        "响应截止时间已过或项目不征集响应，采购文件不再修改。",
        "The deadline for bids has passed, or the tender asks for none; its documents do not change any more.";
    /// The qualification changes.
    QUALIFICATION_CHANGED = "qualification_changed", 422, "不得改变资格条件", "The qualification may not change",
        "发布后不得改变采购标的和资格条件；确需改变的，应终止后重新采购。",
        "After publication the object and the qualification stay as they are; where they must change, the purchase is ended and begun anew.";
    /// The ceiling is above what is set aside.
    CEILING_NOT_FUNDED = "ceiling_not_funded", 409, "最高限价高于已预留资金", "The ceiling is above the money set aside",
        "最高限价不得高于该采购包已预留的资金。",
        "A lot's ceiling may not rise above the money that is set aside for it.";
}

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;

/// First instant at which no question is taken.
pub fn questions_close(bid_deadline: UtcInstant, lead_days: i32) -> UtcInstant {
    bid_deadline.plus_seconds(i64::from(lead_days).saturating_mul(DAY_SECONDS).saturating_neg())
}

/// Whether the change touches a ceiling, so that finance decides.
pub fn needs_finance(changes: &Changes) -> bool {
    changes.lots.iter().any(|lot| lot.ceiling.is_some())
}

/// Checks the form of an amendment: it changes something exactly when it is no clarification, and a deadline only moves away.
pub fn check_amendment(
    kind: AmendmentKind,
    body: &str,
    rebids: bool,
    changes: &Changes,
    former: UtcInstant,
    moved: Option<UtcInstant>,
) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(body, "/body", 1, 10_000);
    let changes_something =
        changes.tender_terms.is_some() || moved.is_some() || changes.lots.iter().any(|lot| lot.ceiling.is_some() || lot.terms.is_some());
    fields.require(kind == AmendmentKind::Amendment || (!changes_something && !rebids), "/kind", || {
        words!("澄清不改变任何条款，改变条款请用更正", "a clarification changes nothing; what changes is an amendment")
    });
    fields.require(kind == AmendmentKind::Clarification || changes_something, "/kind", || {
        words!("更正须至少改变一项", "an amendment changes at least one thing")
    });
    fields.require(moved.is_none_or(|deadline| deadline > former), "/bid_deadline", || {
        words!("截止时间只能延后", "the deadline can only move away")
    });
    let twice = |place: usize, id: LotId| changes.lots.iter().take(place).any(|earlier| earlier.lot_id == id);
    for (place, lot) in changes.lots.iter().enumerate() {
        fields.require(!twice(place, lot.lot_id), &format!("/lots/{place}/lot_id"), || words!("重复", "twice"));
        if let Some(terms) = &lot.terms {
            terms.check(&mut fields, &format!("/lots/{place}/terms"));
        }
        let zero = lot.ceiling.is_some_and(|ceiling| ceiling.amount_fen <= crate::kernel::Fen::ZERO);
        fields.require(!zero, &format!("/lots/{place}/ceiling"), || words!("须大于零", "must be more than zero"));
    }
    if let Some(terms) = &changes.tender_terms {
        terms.check(&mut fields, "/tender_terms");
    }
    fields.finish()
}

/// The qualification of a published lot stays as it is (实施条例 第31条, 87号令 第27条); the rule is named where the tender's set has it.
pub fn keeps_qualification(before: Option<&LotTerms>, after: &LotTerms, rules: &[Rule], procedure: &str) -> Result<()> {
    let former: &[Qualification] = before.map_or(&[], |terms| &terms.qualifications);
    if former == after.qualifications {
        return Ok(());
    }
    let detail = words!("资格条件与已发布的不一致", "the qualification differs from the published one");
    let bound = rules.iter().find(|rule| rule.id == "R022" && rule.procedures.iter().any(|one| one == procedure));
    Err(match bound {
        Some(rule) => RULE_BROKEN.because(detail).under(rule.reference()),
        None => QUALIFICATION_CHANGED.because(detail),
    })
}

/// Amendments that a bid may be made for: the newest that made earlier bids stale, and all after it up to the one in force.
pub fn binding(stale_makers: &[i32], in_force: i32) -> Vec<i32> {
    let first = stale_makers.iter().copied().filter(|number| *number <= in_force).max().unwrap_or(0);
    (first..=in_force).collect()
}

/// A problem at once in the words of a bad field.
pub fn bad_lot(place: usize) -> Error {
    Error::field(format!("/lots/{place}/lot_id"), words!("该项目没有此采购包", "the tender has no such lot"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcInstant {
        UtcInstant::parse(text).unwrap()
    }

    #[test]
    fn questions_close_whole_days_before_the_deadline() {
        let deadline = at("2026-03-13T01:00:00Z");
        assert_eq!(questions_close(deadline, 3), at("2026-03-10T01:00:00Z"));
        assert_eq!(questions_close(deadline, 0), deadline);
    }

    #[test]
    fn a_bid_binds_any_amendment_since_the_last_that_made_bids_stale() {
        assert_eq!(binding(&[], 0), [0]);
        assert_eq!(binding(&[], 2), [0, 1, 2]);
        assert_eq!(binding(&[1, 3], 4), [3, 4]);
        assert_eq!(binding(&[4], 4), [4]);
        assert_eq!(binding(&[5], 4), [0, 1, 2, 3, 4], "what is not in force binds nobody");
    }

    #[test]
    fn a_clarification_changes_nothing_and_an_amendment_something() {
        let deadline = at("2026-03-13T01:00:00Z");
        let check = |kind, rebids, moved| check_amendment(kind, "说明", rebids, &Changes::default(), deadline, moved).is_ok();
        assert!(check(AmendmentKind::Clarification, false, None));
        assert!(!check(AmendmentKind::Clarification, true, None));
        assert!(!check(AmendmentKind::Clarification, false, Some(deadline.plus_seconds(1))));
        assert!(!check(AmendmentKind::Amendment, false, None));
        assert!(check(AmendmentKind::Amendment, false, Some(deadline.plus_seconds(1))));
        assert!(!check(AmendmentKind::Amendment, false, Some(deadline)));
    }
}
