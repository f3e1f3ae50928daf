//! Decisions on challenges and complaints: when a supplier should have known, what may be filed. Pure.

use chrono::NaiveDate;

use super::model::{ChallengeRow, ChallengeState, ChallengeStep, Consequence, NewChallenge};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::{Result, UtcInstant};
use crate::procurement::awards::AwardRow;
use crate::procurement::tenders::LotState;
use crate::procurement::tenders::model::LotFile;
use crate::words;

problems! {
    /// The organisation did not take part.
    NOT_TAKING_PART = "not_taking_part", 403, "未参与该采购活动", "The organisation did not take part",
        "质疑采购文件须为已核验的组织；质疑开标和结果须为该采购包的响应供应商。",
        "The documents are challenged by verified organisations, the opening and the result by those who bid for the lot.";
    /// The step was challenged before.
    CHALLENGE_EXISTS = "challenge_exists", 409, "该环节已质疑过", "The step was challenged before",
        "对同一采购程序环节的质疑须一次性提出（财政部令第94号第10条）。",
        "What is to be said against one step is said at once (Decree 94, article 10).";
    /// The step has not happened.
    STEP_NOT_REACHED = "step_not_reached", 409, "该环节尚未发生", "The step has not happened yet",
        "采购文件发布、开标或结果公告之后，方可对该环节提出质疑。",
        "A step is challenged once it has happened: documents published, bids opened, result published.";
    /// Below the thresholds, the publicity is over.
    OBJECTION_TOO_LATE = "objection_too_late", 409, "已过提出异议的期限", "Too late for an objection",
        "限额以下项目的异议须在截止时间前（采购文件）或结果公示期内提出。",
        "Below the thresholds an objection comes before the deadline (documents) or while the result is public.";
    /// The purchaser may still answer.
    ANSWER_PENDING = "answer_pending", 409, "质疑答复期未满", "The answer may still come",
        "收到答复后，或答复期满未答复时，方可投诉。",
        "A complaint follows the answer, or the end of the time for it.";
    /// The law foresees no complaint here.
    NO_COMPLAINT = "complaint_not_foreseen", 409, "该程序不适用投诉", "No complaint in this procedure",
        "政府采购投诉适用于法定采购程序。限额以下项目请向采购单位的上级反映。",
        "The law foresees complaints in statutory procedures. Below the thresholds turn to the purchaser's parent unit.";
    /// A complaint follows this challenge already.
    COMPLAINT_EXISTS = "complaint_exists", 409, "已就该质疑投诉", "A complaint follows this challenge already",
        "一份质疑只能投诉一次。",
        "One complaint follows a challenge.";
    /// Suspended once.
    SUSPENDED_BEFORE = "suspended_before", 409, "已暂停过", "Suspended before",
        "同一投诉的暂停只作一次，总时长不超过法定上限。",
        "A complaint suspends once, and no longer than the law allows.";
    /// Nothing to which the consequence could apply.
    NO_SUCH_CONSEQUENCE = "consequence_not_possible", 409, "该处理结果不适用", "The consequence is not possible",
        "撤销定标须有现行定标；重新评审须已排序；失败的采购包不能再次失败。",
        "An award is overturned where one stands, a lot evaluated anew where it was ranked, and a lot fails once.";
}

/// Most points of a challenge.
pub const POINTS_MAX: usize = 20;
/// Longest text, in characters.
pub const TEXT_MAX: usize = 4000;

/// Checks the form of a challenge.
pub fn check_form(new: &NewChallenge) -> Result<()> {
    let mut fields = Fields::default();
    let count = new.points.len();
    fields.require((1..=POINTS_MAX).contains(&count), "/points", || words!("须有 1 到 {POINTS_MAX} 项", "1 to {POINTS_MAX} points"));
    for (place, (fact, request)) in new.points.iter().enumerate().take(POINTS_MAX) {
        fields.text(fact, &format!("/points/{place}/fact"), 10, TEXT_MAX);
        fields.text(request, &format!("/points/{place}/request"), 2, TEXT_MAX);
    }
    fields.finish()
}

/// When the supplier knew or should have known (实施条例 第53条): the documents' notice period ended, the step ended, the result's notice ended.
///
/// `notice_ends` is the last day of the tender's notice where a rule sets one. The inner `None` means that the day cannot be said, so no period runs.
/// Refuses with `step_not_reached`.
pub fn known_on(
    step: ChallengeStep,
    file: &LotFile,
    award: Option<&AwardRow>,
    notice_ends: Option<NaiveDate>,
) -> Result<Option<NaiveDate>> {
    let day = UtcInstant::date_in_shanghai;
    let not_yet = || STEP_NOT_REACHED.error();
    match step {
        ChallengeStep::Documents => {
            let published = file.tender.published_at.map(day).ok_or_else(not_yet)?;
            Ok(Some(notice_ends.unwrap_or(published)))
        }
        ChallengeStep::Opening => file.tender.opened_at.map(|at| Some(day(at))).ok_or_else(not_yet),
        ChallengeStep::Result => match (award, file.lot.state) {
            (Some(award), _) => Ok(award.notice_ends.or(award.published_at.map(day))),
            (None, LotState::FailedUnopened) => Ok(file.tender.opened_at.map(day)),
            (None, LotState::Failed) => Ok(None),
            (None, _) => Err(not_yet()),
        },
    }
}

/// Below the thresholds no statutory period binds: an objection comes before the deadline, or while the result is public.
pub fn check_small(step: ChallengeStep, file: &LotFile, award: Option<&AwardRow>, now: UtcInstant) -> Result<()> {
    let open = match step {
        ChallengeStep::Documents => file.tender.takes_bids(now),
        ChallengeStep::Opening | ChallengeStep::Result => {
            award.and_then(|award| award.standstill_ends).is_none_or(|last| now.date_in_shanghai() <= last)
        }
    };
    if open { Ok(()) } else { Err(OBJECTION_TOO_LATE.error()) }
}

/// Refuses with `answer_pending` while the purchaser may still answer, and with `wrong_state` what was taken back.
pub fn may_complain(challenge: &ChallengeRow, today: NaiveDate) -> Result<()> {
    match challenge.state {
        ChallengeState::Accepted | ChallengeState::Rejected => Ok(()),
        ChallengeState::Filed if challenge.answer_due_on.is_some_and(|due| today > due) => Ok(()),
        ChallengeState::Filed => Err(ANSWER_PENDING.error()),
        ChallengeState::Withdrawn => Err(error::WRONG_STATE.error()),
    }
}

/// A complaint takes up points of the challenge and no others, each once.
pub fn check_matters(named: &[i32], known: &[i32]) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(!named.is_empty(), "/points", || words!("至少一项", "at least one"));
    for (place, number) in named.iter().enumerate() {
        let first = named.iter().position(|one| one == number) == Some(place);
        fields.require(first && known.contains(number), &format!("/points/{place}"), || {
            words!(
                "投诉事项不得超出质疑事项（财政部令第94号第20条）",
                "a complaint does not go beyond the challenge (Decree 94, article 20)"
            )
        });
    }
    fields.finish()
}

/// What is wrong has no consequence when nothing is found wrong.
pub fn check_consequence(right: bool, consequence: Consequence) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(right || consequence == Consequence::None, "/consequence", || {
        words!("不成立的，不得改变采购结果", "what is not right has no consequence")
    });
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::{self, Confidence, Facts, Figure, Gate, Rule, Severity, Standing, WorkCalendar};

    #[test]
    fn a_complaint_takes_up_points_of_the_challenge_only() {
        assert!(check_matters(&[1, 3], &[1, 2, 3]).is_ok());
        for bad in [&[][..], &[4], &[0], &[1, 1]] {
            assert!(check_matters(bad, &[1, 2, 3]).is_err(), "{bad:?}");
        }
    }

    /// R059 with its seven working days, as the rule set has it.
    fn file_within_seven() -> Rule {
        Rule {
            id: "R059".into(),
            legal_basis: "政府采购法/94号令".into(),
            article: "第52条/第10条".into(),
            procedures: vec!["consultation".into()],
            severity: Severity::Block,
            confidence: Confidence::ReadInText,
            effective_from: None,
            effective_to: None,
            figures: vec![Figure { name: "file_within".into(), number: 7, unit: "working_day".into() }],
        }
    }

    #[test]
    fn over_the_spring_festival_a_challenge_is_in_time_up_to_the_seventh_working_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut table = csv::Reader::from_reader(include_str!("../../../data/calendar-2026.csv").as_bytes());
        let calendar = WorkCalendar::new(table.records().map(|row| {
            let row = row.unwrap();
            (row[0].parse().unwrap(), row[1].parse().unwrap())
        }));
        let standing = |filed: &str| {
            let mut facts = Facts::default();
            facts.purchase.procedure = "consultation".parse().ok();
            (facts.challenge.known_on, facts.challenge.filed_on) = (Some(day("2026-02-12")), Some(day(filed)));
            law::judge(&[file_within_seven()], &facts, &calendar, Gate::Challenge, day(filed)).unwrap()[0].standing
        };
        // 13 and 14 February (a worked Saturday), 24 to 27, and the worked Saturday 28: seven.
        assert_eq!(standing("2026-02-28"), Standing::Met);
        assert_eq!(standing("2026-03-01"), Standing::Broken);
    }

    #[test]
    fn what_is_not_right_has_no_consequence() {
        for &consequence in Consequence::ALL {
            assert!(check_consequence(true, consequence).is_ok());
            assert_eq!(check_consequence(false, consequence).is_ok(), consequence == Consequence::None);
        }
    }
}
