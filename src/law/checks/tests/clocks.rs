//! Every statutory clock around the Spring Festival of 2026: off from 02-15 to 02-23, 02-14 and 02-28 worked.
//! From Thursday 02-12 the working days are 02-13, 02-14, 02-24, 02-25, 02-26 (the 5th), 02-27, 02-28 (the 7th), 03-02 …

use super::{Pair, d, fen, pair, thresholds};
use crate::law::facts::{Period, PeriodUnit};

/// The last working day but two before the festival, where most clocks start here.
const START: &str = "2026-02-12";
const PLAIN: &str = "2026-03-04";
const LATER: &str = "2026-06-01";

pub static PAIRS: &[Pair] = &[
    // 20 days from 01-30 end on 02-19, in the festival, and roll to 02-24.
    pair(
        "R019",
        "2026-01-30",
        |f| {
            f.notice.published_on = d("2026-01-30");
            f.notice.deadline_on = d("2026-02-24");
        },
        |f| f.notice.deadline_on = d("2026-02-23"),
    ),
    pair(
        "R020",
        START,
        |f| {
            f.notice.published_on = d(START);
            f.notice.ends_on = d("2026-02-26");
        },
        |f| f.notice.ends_on = d("2026-02-25"),
    ),
    pair(
        "R021",
        START,
        |f| {
            f.notice.documents_from = d(START);
            f.notice.documents_to = d("2026-02-26");
        },
        |f| f.notice.documents_to = d("2026-02-25"),
    ),
    // 15 days from 02-05 end on 02-20 and roll.
    pair(
        "R022",
        "2026-02-05",
        |f| {
            f.notice.amended_on = d("2026-02-05");
            f.notice.deadline_on = d("2026-02-24");
        },
        |f| f.notice.deadline_on = d("2026-02-23"),
    ),
    pair(
        "R023",
        START,
        |f| {
            f.notice.prequalification = Some(true);
            f.notice.prequalification_from = d(START);
            f.notice.prequalification_to = d("2026-02-26");
        },
        |f| f.notice.prequalification_to = d("2026-02-25"),
    ),
    pair(
        "R025",
        START,
        |f| {
            f.notice.published_on = d(START);
            f.notice.deadline_on = d("2026-02-24");
        },
        |f| f.notice.deadline_on = d("2026-02-23"),
    ),
    pair(
        "R026",
        START,
        |f| {
            f.notice.published_on = d(START);
            f.notice.documents_to = d("2026-02-26");
        },
        |f| f.notice.documents_to = d("2026-02-25"),
    ),
    pair(
        "R026",
        START,
        |f| {
            f.notice.published_on = d("2026-02-02");
            f.notice.documents_to = d("2026-02-09");
            f.notice.amended_on = d(START);
            f.notice.deadline_on = d("2026-02-24");
        },
        |f| f.notice.deadline_on = d("2026-02-23"),
    ),
    pair(
        "R030",
        START,
        |f| {
            f.notice.published_on = d(START);
            f.notice.deadline_on = d("2026-02-24");
        },
        |f| f.notice.deadline_on = d("2026-02-23"),
    ),
    pair(
        "R031",
        START,
        |f| {
            f.purchase.is_inquiry = Some(true);
            f.purchase.is_goods = Some(true);
            f.notice.published_on = d(START);
            f.notice.deadline_on = d("2026-02-24");
        },
        |f| f.notice.deadline_on = d("2026-02-23"),
    ),
    pair(
        "R031",
        START,
        |f| {
            f.purchase.is_inquiry = Some(true);
            f.purchase.is_goods = Some(true);
            f.notice.published_on = d(START);
            f.notice.deadline_on = d("2026-03-24");
        },
        |f| f.purchase.is_goods = Some(false),
    ),
    pair(
        "R033",
        START,
        |f| {
            f.thresholds = Some(thresholds());
            f.purchase.budget = fen(200_000_000);
            f.notice.published_on = d(START);
            f.notice.ends_on = d("2026-02-26");
        },
        |f| f.notice.ends_on = d("2026-02-25"),
    ),
    pair(
        "R049",
        LATER,
        |f| {
            f.bond.bid_bond = fen(100);
            f.award.notified_on = d(START);
            f.bond.losers_returned_on = d("2026-02-26");
            f.contract.signed_on = d(START);
            f.bond.winner_returned_on = d("2026-02-26");
        },
        |f| f.bond.losers_returned_on = d("2026-02-27"),
    ),
    pair(
        "R049",
        LATER,
        |f| {
            f.bond.bid_bond = fen(100);
            f.award.notified_on = d(START);
            f.bond.losers_returned_on = d("2026-02-26");
            f.contract.signed_on = d(START);
            f.bond.winner_returned_on = d("2026-02-26");
        },
        |f| f.bond.winner_returned_on = d("2026-02-27"),
    ),
    pair(
        "R051",
        LATER,
        |f| {
            f.award.evaluation_ended_on = d(START);
            f.award.report_on = d("2026-02-14");
            f.award.decided_on = d("2026-02-28");
        },
        |f| f.award.decided_on = d("2026-03-01"),
    ),
    pair(
        "R051",
        LATER,
        |f| {
            f.award.evaluation_ended_on = d(START);
            f.award.report_on = d("2026-02-14");
            f.award.decided_on = d("2026-02-28");
        },
        |f| f.award.report_on = d("2026-02-15"),
    ),
    pair(
        "R052",
        LATER,
        |f| {
            f.award.decided_on = d("2026-02-13");
            f.award.notified_on = d("2026-02-24");
            f.award.published_on = d("2026-02-24");
        },
        |f| f.award.published_on = d("2026-02-25"),
    ),
    pair(
        "R052",
        LATER,
        |f| {
            f.award.decided_on = d("2026-02-13");
            f.award.notified_on = d("2026-02-24");
            f.award.published_on = d("2026-02-24");
        },
        |f| f.award.notified_on = d("2026-02-25"),
    ),
    // 30 days from 01-20 end on 02-19 and roll.
    pair(
        "R053",
        LATER,
        |f| {
            f.award.notified_on = d("2026-01-20");
            f.contract.signed_on = d("2026-02-24");
        },
        |f| f.contract.signed_on = d("2026-02-25"),
    ),
    pair(
        "R054",
        LATER,
        |f| {
            f.contract.signed_on = d(START);
            f.contract.published_on = d("2026-02-14");
        },
        |f| f.contract.published_on = d("2026-02-15"),
    ),
    pair(
        "R055",
        LATER,
        |f| {
            f.contract.signed_on = d(START);
            f.contract.filed_on = d("2026-02-28");
        },
        |f| f.contract.filed_on = d("2026-03-01"),
    ),
    pair(
        "R058",
        LATER,
        |f| {
            f.enquiry.asked_on = d(START);
            f.enquiry.answered_on = d("2026-02-24");
        },
        |f| f.enquiry.answered_on = d("2026-02-25"),
    ),
    pair(
        "R059",
        LATER,
        |f| {
            f.challenge.known_on = d(START);
            f.challenge.filed_on = d("2026-02-28");
        },
        |f| f.challenge.filed_on = d("2026-03-01"),
    ),
    pair(
        "R060",
        LATER,
        |f| {
            f.challenge.filed_on = d(START);
            f.challenge.answered_on = d("2026-02-28");
        },
        |f| f.challenge.answered_on = d("2026-03-01"),
    ),
    pair(
        "R061",
        LATER,
        |f| {
            f.complaint.answer_due_on = d(START);
            f.complaint.filed_on = d("2026-03-11");
        },
        |f| f.complaint.filed_on = d("2026-03-12"),
    ),
    pair(
        "R062",
        LATER,
        |f| {
            f.complaint.filed_on = d(START);
            f.complaint.decided_on = d("2026-04-01");
        },
        |f| f.complaint.decided_on = d("2026-04-02"),
    ),
    pair(
        "R063",
        LATER,
        |f| {
            f.complaint.suspended_on = d("2026-01-20");
            f.complaint.resumed_on = d("2026-02-24");
        },
        |f| f.complaint.resumed_on = d("2026-02-25"),
    ),
    pair(
        "R064",
        LATER,
        |f| {
            f.records.ended_on = d("2026-02-16");
            f.records.kept_until = d("2041-02-16");
        },
        |f| f.records.kept_until = d("2041-02-15"),
    ),
    pair("R065", LATER, |f| f.records.recorded = Some(true), |f| f.records.recorded = Some(false)),
    pair(
        "R072",
        LATER,
        |f| f.period = period(PeriodUnit::WorkingDay, 5, "2026-02-26"),
        |f| {
            f.period = period(PeriodUnit::WorkingDay, 5, "2026-02-25");
        },
    ),
    pair(
        "R072",
        LATER,
        |f| f.period = period(PeriodUnit::CalendarDay, 10, "2026-02-24"),
        |f| {
            f.period = period(PeriodUnit::CalendarDay, 10, "2026-02-22");
        },
    ),
    pair(
        "R092",
        LATER,
        |f| {
            f.organisation.credit_fact_on = d(START);
            f.organisation.credit_recorded_on = d("2026-02-26");
        },
        |f| f.organisation.credit_recorded_on = d("2026-02-27"),
    ),
    // The same in plain weeks, where no roll hides a day.
    pair(
        "R019",
        PLAIN,
        |f| {
            f.notice.published_on = d(PLAIN);
            f.notice.deadline_on = d("2026-03-24");
        },
        |f| f.notice.deadline_on = d("2026-03-23"),
    ),
    pair(
        "R022",
        PLAIN,
        |f| {
            f.notice.amended_on = d(PLAIN);
            f.notice.deadline_on = d("2026-03-19");
        },
        |f| f.notice.deadline_on = d("2026-03-18"),
    ),
    pair(
        "R025",
        "2026-03-02",
        |f| {
            f.notice.published_on = d("2026-03-02");
            f.notice.deadline_on = d("2026-03-12");
        },
        |f| f.notice.deadline_on = d("2026-03-11"),
    ),
    pair(
        "R026",
        PLAIN,
        |f| {
            f.notice.published_on = d("2026-02-02");
            f.notice.documents_to = d("2026-02-09");
            f.notice.amended_on = d(PLAIN);
            f.notice.deadline_on = d("2026-03-09");
        },
        |f| f.notice.deadline_on = d("2026-03-08"),
    ),
    pair(
        "R026",
        "2026-03-05",
        |f| {
            f.notice.published_on = d("2026-02-02");
            f.notice.documents_to = d("2026-02-09");
            f.notice.amended_on = d("2026-03-05");
            f.notice.deadline_on = d("2026-03-10");
        },
        |f| f.notice.deadline_on = d("2026-03-09"),
    ),
    pair(
        "R053",
        LATER,
        |f| {
            f.award.notified_on = d("2026-03-03");
            f.contract.signed_on = d("2026-04-02");
        },
        |f| f.contract.signed_on = d("2026-04-03"),
    ),
    pair(
        "R063",
        LATER,
        |f| {
            f.complaint.suspended_on = d("2026-03-03");
            f.complaint.resumed_on = d("2026-04-02");
        },
        |f| f.complaint.resumed_on = d("2026-04-03"),
    ),
];

fn period(unit: PeriodUnit, length: u32, end: &str) -> Option<Period> {
    Some(Period { starts_on: START.parse().unwrap(), length, unit, ends_on: end.parse().unwrap() })
}
