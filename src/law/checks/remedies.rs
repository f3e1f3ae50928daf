//! Enquiry, challenge, complaint, archive and the counting of periods (R058–R065, R072, R073).

use super::kit::{holds, need, yes};
use super::{Case, Check, Halt, Judgement};
use crate::law::facts::{Bound, PeriodUnit};
use crate::law::{Flaw, Gate};

pub static CHECKS: &[Check] = &[
    Check {
        rule: "R058",
        gates: &[Gate::Challenge],
        figures: &["answer_within"],
        facts: &["enquiry.asked_on", "enquiry.answered_on"],
        run: |c| c.duty(c.facts.enquiry.asked_on, c.facts.enquiry.answered_on, "answer_within"),
    },
    Check {
        rule: "R059",
        gates: &[Gate::Challenge],
        figures: &["file_within"],
        facts: &["challenge.known_on", "challenge.filed_on"],
        run: |c| c.right(c.facts.challenge.known_on, c.facts.challenge.filed_on, "file_within"),
    },
    Check {
        rule: "R060",
        gates: &[Gate::Challenge],
        figures: &["answer_within"],
        facts: &["challenge.filed_on", "challenge.answered_on"],
        run: |c| c.duty(c.facts.challenge.filed_on, c.facts.challenge.answered_on, "answer_within"),
    },
    Check {
        rule: "R061",
        gates: &[Gate::Complaint],
        figures: &["file_within"],
        facts: &["complaint.answer_due_on", "complaint.filed_on"],
        run: |c| c.right(c.facts.complaint.answer_due_on, c.facts.complaint.filed_on, "file_within"),
    },
    Check {
        rule: "R062",
        gates: &[Gate::Complaint],
        figures: &["decide_within"],
        facts: &["complaint.received_on", "complaint.filed_on", "complaint.decided_on"],
        run: |c| {
            let complaint = &c.facts.complaint;
            c.duty(complaint.received_on.or(complaint.filed_on), complaint.decided_on, "decide_within")
        },
    },
    Check {
        rule: "R063",
        gates: &[Gate::Complaint],
        figures: &["max_suspension"],
        facts: &["complaint.suspended_on", "complaint.resumed_on"],
        run: |c| c.duty(c.facts.complaint.suspended_on, c.facts.complaint.resumed_on, "max_suspension"),
    },
    Check {
        rule: "R064",
        gates: &[Gate::Record],
        figures: &["min_retention"],
        facts: &["records.ended_on", "records.kept_until"],
        run: |c| c.lasts(need(&c.facts.records.ended_on)?, need(&c.facts.records.kept_until)?, "min_retention"),
    },
    Check {
        rule: "R065",
        gates: &[Gate::Evaluation, Gate::Record],
        figures: &[],
        facts: &["records.recorded"],
        run: |c| yes(c.facts.records.recorded, "全程录音录像并存档 · recorded in sound and picture, and archived"),
    },
    Check { rule: "R072", gates: &[Gate::Record], figures: &[], facts: &["period"], run: counted_right },
    Check {
        rule: "R073",
        gates: &[Gate::Record],
        figures: &[],
        facts: &["comparison"],
        run: |c| {
            let compared = need(&c.facts.comparison)?;
            let (number, limit) = (compared.number, compared.limit);
            let is = match compared.bound {
                Bound::AtLeast => number >= limit,
                Bound::Within => number <= limit,
                Bound::ShortOf => number < limit,
            };
            holds(is == compared.said, format!("{number} {} {limit}: {}", compared.bound, compared.said), format!("{is}"))
        },
    },
];

/// The first day is not counted, a last day off rolls on.
fn counted_right(c: &Case<'_>) -> Judgement {
    let period = need(&c.facts.period)?;
    let end = match period.unit {
        PeriodUnit::WorkingDay => c.calendar.after_working_days(period.starts_on, period.length),
        PeriodUnit::CalendarDay => c.calendar.after_calendar_days(period.starts_on, period.length),
    };
    let end = end.map_err(|missing| Halt::Flaw(Flaw::MissingYear(missing)))?;
    holds(period.ends_on == end, period.ends_on.to_string(), format!("{end} ({} {})", period.length, period.unit))
}
