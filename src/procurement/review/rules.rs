//! Decisions of the review: the form of findings, what becomes of a bid, which prices are abnormally low, when an explanation may be decided on.
//! Pure.

use chrono::NaiveDate;

use super::model::{FindingRow, NewFinding, NoticeRow, NoticeState, Stage};
use crate::kernel::error::{Fields, problems};
use crate::kernel::id::BidId;
use crate::kernel::{BasisPoints, Error, Fen, Result, UtcInstant};
use crate::law::facts::InvalidGround;
use crate::law::price::{Limits, LowTrigger, low_triggers};
use crate::law::{Finding, Rule};
use crate::parties::declarations::ReuseFlaw;
use crate::procurement::bids::Declared;
use crate::words;

problems! {
    /// There is no review, or it is not over.
    REVIEW_OPEN = "review_not_concluded", 409, "审查尚未完成", "The review is not concluded",
        "法定程序须先完成资格审查与符合性审查（POST /lots/{lot_id}/review），方可评分；已开始的审查须先结束。",
        "A statutory procedure needs qualification and responsiveness to be reviewed (POST /lots/{lot_id}/review) before scoring; a review that was begun must be concluded.";
    /// The review is over.
    REVIEW_CLOSED = "review_concluded", 409, "审查已结束", "The review is concluded",
        "审查结论已作出，不再更改。",
        "The review has come to its result, which no longer changes.";
    /// Something is missing before the review can go on.
    REVIEW_INCOMPLETE = "review_incomplete", 409, "审查尚不完整", "The review is not complete",
        "每份有效响应须有资格审查意见，合格的还须有符合性审查意见；低价说明须已有决定。",
        "Every bid needs findings on qualification, those that pass also on responsiveness, and every request to explain a low price its decision.";
    /// The window has passed.
    EXPLANATION_LATE = "explanation_late", 409, "说明时限已过", "The time to explain has passed",
        "说明须在通知所载时限之前提交。",
        "An explanation is taken before the instant named in the notice.";
    /// Neither explanation nor the end of the window is there.
    EXPLANATION_AWAITED = "explanation_awaited", 409, "说明时限未到", "The time to explain still runs",
        "在供应商提交说明之前，须等时限届满方可决定。",
        "Until the bidder has explained, the decision waits for the end of the time given.";
}

/// The rule on prices that are abnormally low (财库〔2026〕2号).
pub const LOW_PRICE_RULE: &str = "R047";
/// Reason of a bid whose low price was not explained.
pub const ABNORMALLY_LOW: &str = "abnormally_low";
/// What the criterion of a finding begins with that the system makes of a declaration.
pub const DECLARATION: &str = "declaration:";
/// Most findings in one request.
pub const FINDINGS_MAX: usize = 500;
/// Longest time to explain, in minutes: a week.
pub const MINUTES_MAX: i64 = 7 * 24 * 60;

/// Checks findings as they are handed in.
pub fn check_findings(given: &[NewFinding], under_review: &[BidId]) -> Result<()> {
    let mut fields = Fields::default();
    fields.require((1..=FINDINGS_MAX).contains(&given.len()), "/findings", || words!("须有 1 到 {FINDINGS_MAX} 项", "1 to {FINDINGS_MAX}"));
    for (index, finding) in given.iter().enumerate() {
        let at = |field: &str| format!("/findings/{index}/{field}");
        fields.text(&finding.criterion, &at("criterion"), 1, 200);
        fields.require(!finding.criterion.trim().starts_with(DECLARATION), &at("criterion"), || {
            words!("该名称由系统使用", "the name is the system's")
        });
        fields.require(under_review.contains(&finding.bid), &at("bid_id"), || {
            words!("不是此阶段待审查的响应", "not a bid to be looked at in this stage")
        });
        fields.require(finding.passed == finding.ground.is_none(), &at("ground"), || {
            words!("不通过时须列明情形，通过时不填", "a failure names its ground, a pass none")
        });
        fields.require(finding.passed == finding.reason.is_none(), &at("reason"), || {
            words!("不通过时须写明理由，通过时不填", "a failure gives its reason, a pass none")
        });
        if let Some(reason) = &finding.reason {
            fields.text(reason, &at("reason"), 2, 1000);
        }
    }
    fields.finish()
}

/// The finding on the declaration at a place of a bid that does not hold on the day of the deadline.
pub fn unsound(bid: BidId, place: i32, declared: &Declared, flaw: ReuseFlaw, day: NaiveDate) -> NewFinding {
    let reason = match (flaw, declared.valid_to) {
        (ReuseFlaw::Expired, Some(until)) => {
            format!("{flaw}：声明有效期至 {until}，截止日 {day} 已失效 · expired on {until}, before {day}")
        }
        _ => {
            let words = flaw.words();
            format!("{flaw}：{}（截止日 {day}） · {} ({day})", words.zh, words.en)
        }
    };
    NewFinding {
        bid,
        criterion: format!("{DECLARATION}{} ({place})", declared.kind),
        passed: false,
        ground: Some(InvalidGround::Unqualified),
        reason: Some(reason),
    }
}

/// What the findings make of a bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A stage has no finding yet.
    Missing(Stage),
    /// Every criterion is met.
    Passed,
    /// One is not: the code and the reasons.
    Failed {
        /// Stable code: the ground of R044.
        because: &'static str,
        /// All reasons, in the order found.
        reasons: Vec<String>,
    },
}

/// Judges a bid by its findings: qualification first; who fails it is not looked at further.
pub fn verdict(findings: &[&FindingRow]) -> Verdict {
    for stage in [Stage::Qualification, Stage::Responsiveness] {
        let of_stage: Vec<&FindingRow> = findings.iter().copied().filter(|finding| finding.stage == stage).collect();
        let failed: Vec<&FindingRow> = of_stage.iter().copied().filter(|finding| !finding.passed).collect();
        if let Some(first) = failed.first() {
            let because = first.ground.map_or("other", |ground| ground.as_str());
            let say = |finding: &&FindingRow| format!("{}：{}", finding.criterion, finding.reason.as_deref().unwrap_or_default());
            return Verdict::Failed { because, reasons: failed.iter().map(say).collect() };
        }
        if of_stage.is_empty() {
            return Verdict::Missing(stage);
        }
    }
    Verdict::Passed
}

/// Whether a bid has passed qualification, so that the panel looks at it.
pub fn is_qualified(findings: &[&FindingRow]) -> bool {
    let mut own = findings.iter().filter(|finding| finding.stage == Stage::Qualification).peekable();
    own.peek().is_some() && own.all(|finding| finding.passed)
}

/// The rule on low prices, where it binds the procedure on the day.
pub fn low_price_rule<'a>(rules: &'a [Rule], procedure: &str, day: NaiveDate) -> Option<&'a Rule> {
    rules.iter().find(|rule| rule.id == LOW_PRICE_RULE && rule.binds(procedure, day))
}

/// The share of the ceiling that counts: what the documents say, between the rule's figure and its upper bound; the figure when they say nothing.
pub fn low_share(rule: Option<&Rule>, stated: Option<BasisPoints>) -> Result<BasisPoints> {
    let figure = |name: &str| rule.and_then(|rule| rule.figure(name)).and_then(|figure| i32::try_from(figure.number).ok());
    let (Some(least), Some(most)) = (figure("below_ceiling"), figure("ceiling_max")) else {
        let none = BasisPoints::new(0).unwrap_or(BasisPoints::WHOLE);
        return match stated {
            None => Ok(none),
            Some(_) => Err(Error::field("/low_share_bp", words!("该程序不适用 R047", "R047 does not bind this procedure"))),
        };
    };
    let share = stated.map_or(least, BasisPoints::get);
    let outside = || Error::field("/low_share_bp", words!("R047：须在 {least} 到 {most} 之间", "R047: between {least} and {most}"));
    BasisPoints::new(share).filter(|_| (least..=most).contains(&share)).ok_or_else(outside)
}

/// What makes a price abnormally low among those that passed; nothing where the rule does not bind.
pub fn triggers(rule: Option<&Rule>, share: BasisPoints, offer: Fen, passed: &[Fen], ceiling: Fen) -> Vec<LowTrigger> {
    let figure = |name: &str| rule.and_then(|rule| rule.figure(name)).map(|figure| figure.number);
    let (Some(below_mean_bp), Some(below_next_lowest_bp)) = (figure("below_mean"), figure("below_next_lowest")) else { return Vec::new() };
    let limits = Limits { below_mean_bp, below_next_lowest_bp, below_ceiling_bp: i64::from(share.get()) };
    low_triggers(offer, passed, Some(ceiling), &limits)
}

/// Checks the time given to explain. A bidder may lose its bid by it, so the rule's figure is the least here even while the rule only warns.
pub fn check_minutes(rule: Option<&Rule>, minutes: i64) -> Result<()> {
    let least = rule.and_then(|rule| rule.figure("explain_minutes")).map_or(1, |figure| figure.number);
    if (least..=MINUTES_MAX).contains(&minutes) {
        return Ok(());
    }
    Err(Error::field("/minutes", words!("R047：须为 {least} 到 {MINUTES_MAX} 分钟", "R047: {least} to {MINUTES_MAX} minutes")))
}

/// Refuses a decision while the bidder may still explain and has not.
pub fn may_decide(notice: &NoticeRow, now: UtcInstant) -> Result<()> {
    if notice.state == NoticeState::Asked && now < notice.ends_at {
        let until = notice.ends_at;
        return Err(EXPLANATION_AWAITED.because(words!("时限至 {until}", "it runs until {until}")));
    }
    Ok(())
}

/// A triggered price that nobody asked about, as the rule finds it.
pub fn unasked(rule: &Rule, price: Fen, triggers: &[LowTrigger]) -> Finding {
    let named: Vec<&str> = triggers.iter().map(|trigger| trigger.as_str()).collect();
    rule.finding(false, format!("{price} ({})", named.join(", ")), "须要求书面说明 · a written explanation is asked for")
}

/// Whether enough suppliers are left, by the rule that the procedure names.
pub fn enough(rules: &[Rule], named: Option<(&str, &str)>, left: usize) -> Option<Finding> {
    let (id, name) = named?;
    let rule = rules.iter().find(|rule| rule.id == id)?;
    let required = rule.figure(name)?.number;
    let met = i64::try_from(left).unwrap_or(i64::MAX) >= required;
    Some(rule.finding(met, format!("{left} 家 · suppliers"), format!("≥ {required}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::*;
    use crate::law::{Confidence, Figure, Severity, Standing};
    use uuid::Uuid;

    fn rule(confidence: Confidence) -> Rule {
        let figures =
            [("below_mean", 5000), ("below_next_lowest", 5000), ("below_ceiling", 4500), ("ceiling_max", 6500), ("explain_minutes", 30)];
        Rule {
            id: LOW_PRICE_RULE.into(),
            legal_basis: "财库〔2026〕2号".into(),
            article: String::new(),
            procedures: vec!["open_tender".into()],
            severity: Severity::Block,
            confidence,
            effective_from: "2026-02-01".parse().ok(),
            effective_to: None,
            figures: figures.map(|(name, number)| Figure { name: name.into(), number, unit: "basis_point".into() }).into(),
        }
    }

    fn finding(stage: Stage, failed: Option<InvalidGround>) -> FindingRow {
        FindingRow {
            id: FindingId::new(Uuid::nil()),
            tenant_id: TenantId::new(Uuid::nil()),
            lot_id: LotId::new(Uuid::nil()),
            bid_id: BidId::new(Uuid::nil()),
            stage,
            criterion: "资质".into(),
            passed: failed.is_none(),
            ground: failed,
            reason: failed.map(|_| "缺证".into()),
            made_by: AccountId::new(Uuid::nil()),
            made_at: UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(),
        }
    }

    #[test]
    fn a_bid_passes_both_stages_or_fails_with_its_ground() {
        let (good, ready) = (finding(Stage::Qualification, None), finding(Stage::Responsiveness, None));
        let bad = finding(Stage::Qualification, Some(InvalidGround::Unqualified));
        let odd = finding(Stage::Responsiveness, Some(InvalidGround::Condition));
        assert_eq!(verdict(&[]), Verdict::Missing(Stage::Qualification));
        assert_eq!(verdict(&[&good]), Verdict::Missing(Stage::Responsiveness));
        assert_eq!(verdict(&[&good, &ready]), Verdict::Passed);
        assert_eq!(verdict(&[&good, &bad]), Verdict::Failed { because: "unqualified", reasons: vec!["资质：缺证".into()] });
        assert!(matches!(verdict(&[&good, &ready, &odd]), Verdict::Failed { because: "condition", .. }));
        assert!(is_qualified(&[&good]) && !is_qualified(&[&good, &bad]) && !is_qualified(&[&ready]));
    }

    #[test]
    fn a_failure_names_one_of_the_six_grounds_and_a_reason() {
        assert_eq!(InvalidGround::ALL.len(), 6, "R044 lists six");
        let bid = BidId::new(Uuid::nil());
        let new = |passed, ground, reason: Option<&str>| NewFinding {
            bid,
            criterion: "资质".into(),
            passed,
            ground,
            reason: reason.map(Into::into),
        };
        assert!(check_findings(&[new(true, None, None), new(false, Some(InvalidGround::Other), Some("理由"))], &[bid]).is_ok());
        for bad in [
            new(false, None, Some("理由")),
            new(false, Some(InvalidGround::Other), None),
            new(true, Some(InvalidGround::Other), None),
            NewFinding { criterion: "declaration:x".into(), ..new(true, None, None) },
        ] {
            assert!(check_findings(&[bad], &[bid]).is_err());
        }
        assert!(check_findings(&[new(true, None, None)], &[]).is_err());
        assert!(check_findings(&[], &[bid]).is_err());
    }

    #[test]
    fn exactly_forty_five_percent_of_the_ceiling_does_not_trigger_and_one_fen_less_does() {
        let rule = rule(Confidence::QuotedElsewhere);
        let share = low_share(Some(&rule), None).unwrap();
        let on = |price: i64| triggers(Some(&rule), share, Fen::new(price), &[Fen::new(price), Fen::new(1_000_000)], Fen::new(2_000_000));
        assert_eq!(on(900_000), []);
        assert_eq!(on(899_999), [LowTrigger::Ceiling]);
        assert_eq!(triggers(None, share, Fen::new(1), &[Fen::new(1)], Fen::new(100)), []);
    }

    #[test]
    fn the_documents_raise_the_share_to_sixty_five_percent_and_no_further() {
        let rule = rule(Confidence::QuotedElsewhere);
        let share = |bp| low_share(Some(&rule), BasisPoints::new(bp)).map(BasisPoints::get).ok();
        assert_eq!([4499, 4500, 6500, 6501].map(share), [None, Some(4500), Some(6500), None]);
        assert!(low_share(None, BasisPoints::new(4500)).is_err());
        assert_eq!(low_share(None, None).unwrap().get(), 0);
    }

    #[test]
    fn the_rule_binds_from_its_first_day() {
        let rules = [rule(Confidence::QuotedElsewhere)];
        let on = |day: &str| low_price_rule(&rules, "open_tender", day.parse().unwrap()).is_some();
        assert!(!on("2026-01-31") && on("2026-02-01"));
        assert!(low_price_rule(&rules, "selection", "2026-02-01".parse().unwrap()).is_none());
    }

    #[test]
    fn thirty_minutes_are_enough_and_twenty_nine_are_not() {
        let rule = rule(Confidence::QuotedElsewhere);
        assert!(check_minutes(Some(&rule), 30).is_ok() && check_minutes(Some(&rule), 29).is_err());
        assert!(check_minutes(Some(&rule), MINUTES_MAX).is_ok() && check_minutes(Some(&rule), MINUTES_MAX + 1).is_err());
    }

    #[test]
    fn a_price_nobody_asked_about_warns_until_the_rule_is_confirmed() {
        let standing = |confidence| unasked(&rule(confidence), Fen::new(100), &[LowTrigger::Mean]).standing;
        assert_eq!(standing(Confidence::QuotedElsewhere), Standing::Warned);
        assert_eq!(standing(Confidence::Confirmed), Standing::Broken);
    }
}
