//! Duties and rights around the Spring Festival of 2026: on the sheet they wait until their last day.

use chrono::NaiveDate;

use super::{calendar, d, facts_for, fen, rule};
use crate::law::{Facts, SheetStanding, clock, sheet};

/// The last working day but two before the festival.
const START: &str = "2026-02-12";

/// A duty: its rule, the facts that start it, and its last day.
type Duty = (&'static str, fn(&mut Facts), &'static str);

const DUTIES: &[Duty] = &[
    (
        "R049",
        |f| {
            f.bond.bid_bond = fen(100);
            f.award.notified_on = d(START);
        },
        "2026-02-26",
    ),
    ("R051", |f| f.award.evaluation_ended_on = d(START), "2026-02-14"),
    ("R052", |f| f.award.decided_on = d(START), "2026-02-14"),
    ("R053", |f| f.award.notified_on = d(START), "2026-03-16"),
    ("R054", |f| f.contract.signed_on = d(START), "2026-02-14"),
    ("R055", |f| f.contract.signed_on = d(START), "2026-02-28"),
    ("R058", |f| f.enquiry.asked_on = d(START), "2026-02-24"),
    ("R060", |f| f.challenge.filed_on = d(START), "2026-02-28"),
    ("R062", |f| f.complaint.filed_on = d(START), "2026-04-01"),
    ("R063", |f| f.complaint.suspended_on = d(START), "2026-03-16"),
    ("R084", |f| f.yearly.year = Some(2025), "2026-06-30"),
    ("R092", |f| f.organisation.credit_fact_on = d(START), "2026-02-26"),
];

/// On its last day a duty still waits; the day after it is late, whether it is done by then or not.
#[test]
fn a_duty_waits_until_its_last_day_and_is_late_the_day_after() {
    for (id, start, last) in DUTIES {
        let rule = rule(id);
        let facts = facts_for(&rule, &[*start]);
        let last: NaiveDate = last.parse().unwrap();
        let on = |today| {
            let lines = sheet(std::slice::from_ref(&rule), &facts, &calendar(), today).unwrap();
            (lines[0].standing, lines[0].by)
        };
        assert_eq!(on(last), (SheetStanding::NotYet, Some(last)), "{id} on its last day");
        let late = SheetStanding::from(rule.standing(false));
        assert_eq!(on(clock::day_after(last)), (late, Some(last)), "{id} the day after");
    }
}

/// A right that was not used lapses; nobody broke a rule.
#[test]
fn a_right_may_be_used_until_its_last_day_and_then_leaves_the_sheet() {
    for (id, start, last) in [
        ("R059", (|f| f.challenge.known_on = d(START)) as fn(&mut Facts), "2026-02-28"),
        ("R061", |f| f.complaint.answer_due_on = d(START), "2026-03-11"),
    ] {
        let rule = rule(id);
        let facts = facts_for(&rule, &[start]);
        let last: NaiveDate = last.parse().unwrap();
        let on = |today| sheet(std::slice::from_ref(&rule), &facts, &calendar(), today).unwrap();
        assert_eq!((on(last)[0].standing, on(last)[0].by), (SheetStanding::NotYet, Some(last)), "{id}");
        assert_eq!(on(clock::day_after(last)), [], "{id}");
    }
}

/// The helper that slices count with gives the same days.
#[test]
fn the_clock_counts_by_the_figures_own_unit() {
    let start = START.parse().unwrap();
    for (id, figure, last) in [
        ("R060", "answer_within", "2026-02-28"),
        ("R025", "min_bid_period", "2026-02-24"),
        ("R064", "min_retention", "2041-02-12"),
        ("R027", "min_suppliers", ""),
    ] {
        let due = clock::due(&rule(id), figure, start, &calendar());
        assert_eq!(due.map(|day| day.to_string()).unwrap_or_default(), last, "{id}");
    }
}
