//! Boundaries and laws of the organisation file.

use proptest::prelude::*;
use uuid::Uuid;

use super::super::model::CertificateKind;
use super::*;
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, OrganisationId, OrganisationRecordId, TenantId};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn term() -> RatingTerm {
    RatingTerm { years: 5, rule: RuleRef { rule: RATING_RULE.into(), legal_basis: "民政部令第39号".into() } }
}

fn new(what: Content, from: &str, to: Option<&str>) -> NewRecord {
    NewRecord {
        what,
        number: Some("第1号".into()),
        issuer: "吴兴区民政局".into(),
        valid_from: day(from),
        valid_to: to.map(day),
        replaces: None,
    }
}

fn row(kind: RecordKind, from: NaiveDate, to: Option<NaiveDate>) -> RecordRow {
    RecordRow {
        id: OrganisationRecordId::new(Uuid::nil()),
        tenant_id: TenantId::new(Uuid::nil()),
        organisation_id: OrganisationId::new(Uuid::nil()),
        kind,
        certificate_kind: None,
        number: None,
        issuer: "吴兴区民政局".into(),
        grade: None,
        year: None,
        result: None,
        valid_from: from,
        valid_to: to,
        replaces_id: None,
        document_id: None,
        document_sha256: None,
        state: RecordState::Verified,
        entered_by: AccountId::new(Uuid::nil()),
        decided_by: None,
        decided_at: None,
        decide_reason: None,
        warned_at: None,
        version: 1,
        created_at: UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(),
    }
}

fn rating(grade: Grade, from: &str, to: &str) -> RecordRow {
    RecordRow { grade: Some(grade), ..row(RecordKind::Rating, day(from), Some(day(to))) }
}

fn annual(year: i32, result: CheckResult) -> RecordRow {
    let on = NaiveDate::from_ymd_opt(year + 1, 5, 31).unwrap();
    RecordRow { year: Some(year), result: Some(result), ..row(RecordKind::AnnualCheck, on, None) }
}

#[test]
fn a_rating_lasts_five_years_and_no_day_longer() {
    let today = day("2026-03-02");
    let rated = |to| check(&new(Content::Rating(Grade::A3), "2024-02-29", to), Some(&term()), today);
    assert_eq!(rated(None).unwrap(), Some(day("2029-02-28")));
    assert_eq!(rated(Some("2029-02-28")).unwrap(), Some(day("2029-02-28")));
    assert_eq!(rated(Some("2027-01-01")).unwrap(), Some(day("2027-01-01")), "a shorter term on the paper holds");
    let Error::Refused(refusal) = rated(Some("2029-03-01")).unwrap_err() else { panic!() };
    assert_eq!(refusal.rule.unwrap().rule, "R090");
    let open = check(&new(Content::Rating(Grade::A3), "2024-02-29", None), None, today).unwrap();
    assert_eq!(open, None, "without a rule the paper decides");
}

#[test]
fn every_bad_field_of_an_entry_is_named() {
    let today = day("2026-03-02");
    let mut bad = new(Content::Certificate(CertificateKind::Registration), "2026-03-03", Some("2026-03-02"));
    bad.issuer = "局".into();
    bad.number = Some(" ".into());
    let text = check(&bad, None, today).unwrap_err().to_string();
    for pointer in ["/number", "/issuer", "/valid_from", "/valid_to"] {
        assert!(text.contains(pointer), "{pointer} in {text}");
    }
    let check_of = |year, on| check(&new(Content::AnnualCheck(year, CheckResult::Passed), on, None), None, today);
    assert!(check_of(2025, "2026-03-02").is_ok());
    assert!(check_of(2026, "2026-03-02").unwrap_err().to_string().contains("/year"));
    assert!(check_of(2025, "2025-12-31").unwrap_err().to_string().contains("/checked_on"));
    assert!(check_of(1999, "2000-03-02").is_err());
}

#[test]
fn only_a_verified_rating_that_is_not_over_counts_and_the_newest_decides() {
    let mut rows = vec![rating(Grade::A5, "2020-01-10", "2025-01-10"), rating(Grade::A3, "2024-12-01", "2029-12-01")];
    for (on, grade) in [("2020-01-09", None), ("2025-01-10", Some(Grade::A3)), ("2024-11-30", Some(Grade::A5)), ("2029-12-02", None)] {
        assert_eq!(rating_on(&rows, day(on)), grade, "{on}");
    }
    for state in [RecordState::Entered, RecordState::Refused, RecordState::Replaced, RecordState::Revoked] {
        rows[1].state = state;
        assert_eq!(rating_on(&rows, day("2025-01-11")), None, "{state}");
    }
    assert!(expired_on(&rows[0], day("2025-01-11")) && !expired_on(&rows[0], day("2025-01-10")));
}

#[test]
fn what_stands_against_a_rating_is_named() {
    use CheckResult::{BasicallyPassed, Failed, Passed};
    let on = day("2026-07-01");
    let found = |rows: &[RecordRow]| obstacles(rows, on, 2).len();
    assert_eq!(found(&[]), 1, "not checked");
    assert_eq!(found(&[annual(2025, Passed)]), 0);
    assert_eq!(found(&[annual(2025, Failed)]), 1);
    assert_eq!(found(&[annual(2025, BasicallyPassed), annual(2024, Passed)]), 0);
    assert_eq!(found(&[annual(2025, BasicallyPassed), annual(2024, BasicallyPassed)]), 1);
    assert_eq!(found(&[annual(2024, BasicallyPassed), annual(2023, BasicallyPassed)]), 1, "last year is not checked");
    let unverified = RecordRow { state: RecordState::Entered, ..annual(2025, Passed) };
    assert_eq!(found(&[unverified]), 1, "nobody verified it");
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0..60_000_u64).prop_map(|days| day("1990-01-01").checked_add_days(Days::new(days)).unwrap())
}

proptest! {
    /// From the first day to the last it counts, on the day before and the day after it does not, and the days left say the same.
    #[test]
    fn an_entry_counts_exactly_from_its_first_to_its_last_day(from in any_day(), length in 0..4_000_u64, offset in -50..4_100_i64) {
        let to = from.checked_add_days(Days::new(length)).unwrap();
        let entry = row(RecordKind::Certificate, from, Some(to));
        let on = from + chrono::TimeDelta::days(offset);
        let left = days_left(&entry, on).unwrap();
        prop_assert_eq!(counts_on(&entry, on), offset >= 0 && left >= 0);
        prop_assert_eq!(expired_on(&entry, on), left < 0);
        prop_assert!(!(counts_on(&entry, on) && expired_on(&entry, on)));
    }

    /// A rating's last day lies between the rule's years less a day and the rule's years, and never goes back when the rating comes later.
    #[test]
    fn a_rating_ends_on_the_same_day_of_its_last_year(from in any_day()) {
        let last = term().last_day(from).unwrap();
        prop_assert_eq!(last.year(), from.year() + 5);
        prop_assert_eq!(last.month(), from.month());
        prop_assert!(last.day() == from.day() || (from.day() == 29 && last.day() == 28));
        prop_assert!(term().last_day(from.succ_opt().unwrap()).unwrap() >= last);
        let checked = check(&NewRecord { valid_from: from, ..new(Content::Rating(Grade::A1), "2020-01-01", None) }, Some(&term()), day("2200-01-01"));
        prop_assert_eq!(checked.unwrap(), Some(last));
    }
}
