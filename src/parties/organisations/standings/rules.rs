//! Decisions on standings: what stands on a day, what it does to supplying, when the serious list is due. Pure.

use chrono::{Days, Months, NaiveDate};

use super::super::model::OrganisationState;
use super::model::{NewStanding, StandingKind, StandingRow, Supply, SupplyNote};
use crate::kernel::Result;
use crate::kernel::error::{Fields, RuleRef};
use crate::law::Rule;
use crate::words;

/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;
/// Longest source, in characters.
pub const SOURCE_MAX: usize = 200;
/// The rule on the lists of social organisations.
pub const LISTS_RULE: &str = "R093";
/// The rule on the time within which a credit fact is recorded.
pub const RECORDING_RULE: &str = "R092";
/// Its figure: years in the abnormal list after which the serious list follows.
const LIMIT_FIGURE: &str = "abnormal_list_limit";

/// Whether a standing holds on a day. The day of its lifting is the first free one.
pub fn in_force(row: &StandingRow, day: NaiveDate) -> bool {
    row.valid_from <= day && row.valid_to.is_none_or(|to| day <= to) && row.lifted_on.is_none_or(|lifted| day < lifted)
}

/// The gravest standing on a day, the earliest of equals.
pub fn standing_on(rows: &[StandingRow], day: NaiveDate) -> Option<&StandingRow> {
    rows.iter().filter(|row| in_force(row, day)).min_by_key(|row| (std::cmp::Reverse(row.kind.gravity()), row.valid_from, row.id))
}

/// The state of an organisation on a day: one that nobody verified stays registered.
pub fn state_on(stored: OrganisationState, rows: &[StandingRow], day: NaiveDate) -> OrganisationState {
    if stored == OrganisationState::Registered {
        return stored;
    }
    standing_on(rows, day).map_or(OrganisationState::Verified, |row| row.kind.state())
}

/// How long an entry in the abnormal list lasts before the serious list is due, with the rule that says so (R093).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListLimit {
    /// Years.
    pub years: u32,
    /// The rule.
    pub rule: RuleRef,
}

impl ListLimit {
    /// Reads the limit from its rule; `None` when the figure is not a number of years.
    pub fn of(rule: &Rule) -> Option<Self> {
        let figure = rule.figure(LIMIT_FIGURE).filter(|figure| figure.unit == "year")?;
        Some(Self { years: u32::try_from(figure.number).ok()?, rule: rule.reference() })
    }

    /// The day on which an entry of `entered` has lasted for the limit.
    pub fn due_on(&self, entered: NaiveDate) -> Option<NaiveDate> {
        entered.checked_add_months(Months::new(self.years.checked_mul(12)?))
    }

    /// Whether an entry that still stands has lasted for the limit on a day.
    pub fn is_due(&self, row: &StandingRow, day: NaiveDate) -> bool {
        row.kind == StandingKind::Abnormal && in_force(row, day) && self.due_on(row.valid_from).is_some_and(|due| due <= day)
    }

    /// The latest day of entry that is due on `day`. Months have different lengths, so up to three days share one due day.
    pub fn latest_entry_due(&self, day: NaiveDate) -> Option<NaiveDate> {
        let first = day.checked_sub_months(Months::new(self.years.checked_mul(12)?))?;
        (0..=3).filter_map(|more| first.checked_add_days(Days::new(more))).filter(|entered| self.due_on(*entered) <= Some(day)).max()
    }
}

/// Whether an organisation may supply, with the explanation and the remedy.
pub fn supply_on(stored: OrganisationState, rows: &[StandingRow], day: NaiveDate, limit: Option<&ListLimit>) -> Supply {
    if stored == OrganisationState::Registered {
        return Supply::Stopped(Box::new(SupplyNote {
            state: stored,
            explanation: words!("该组织尚未通过核实", "the organisation has not been verified yet"),
            remedy: words!("请向平台提交登记证书，由平台核实", "ask the platform to verify the organisation's registration"),
            rule: None,
            due_for_serious_list: false,
        }));
    }
    let Some(row) = standing_on(rows, day) else { return Supply::Clear };
    let due = limit.is_some_and(|limit| limit.is_due(row, day));
    let note = note_of(row, due, limit);
    if row.kind == StandingKind::Abnormal { Supply::Marked(Box::new(note)) } else { Supply::Stopped(Box::new(note)) }
}

fn note_of(row: &StandingRow, due: bool, limit: Option<&ListLimit>) -> SupplyNote {
    let (from, source, reason) = (row.valid_from, &row.source, &row.reason);
    let (explanation, remedy) = match row.kind {
        StandingKind::Suspended => (
            words!("自 {from} 起被暂停（{source}）：{reason}", "suspended since {from} ({source}): {reason}"),
            words!(
                "请消除暂停的原因，并请平台或采购监管部门解除",
                "remove the cause and ask the platform or the supervisor to lift the suspension"
            ),
        ),
        StandingKind::Abnormal if due => (
            words!(
                "自 {from} 起列入活动异常名录（{source}）已满规定年限，应列入严重违法失信名单：{reason}",
                "in the list of abnormal organisations since {from} ({source}) for the full term; the serious list is due: {reason}"
            ),
            words!(
                "请尽快向登记管理机关改正并申请移出，并将移出决定提交平台",
                "put matters right with the registration authority at once, apply for removal and hand the decision to the platform"
            ),
        ),
        StandingKind::Abnormal => (
            words!(
                "自 {from} 起列入活动异常名录（{source}），须人工复核：{reason}",
                "in the list of abnormal organisations since {from} ({source}), to be looked at by hand: {reason}"
            ),
            words!(
                "可以参与；请向登记管理机关改正并申请移出，再将移出决定提交平台",
                "it may take part; put matters right with the registration authority, apply for removal and hand the decision to the platform"
            ),
        ),
        StandingKind::Blacklisted => (
            words!(
                "自 {from} 起列入严重违法失信名单（{source}）：{reason}",
                "in the list of serious dishonesty since {from} ({source}): {reason}"
            ),
            words!(
                "期满或经信用修复移出后，请将移出决定提交平台",
                "after the term or a credit repair hand the decision of removal to the platform"
            ),
        ),
    };
    let listed = row.kind.is_public();
    let rule = limit.filter(|_| listed).map(|limit| limit.rule.clone());
    SupplyNote { state: row.kind.state(), explanation, remedy, rule, due_for_serious_list: due }
}

/// Checks a new standing that is recorded on `today`.
pub fn check(new: &NewStanding, today: NaiveDate) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.reason, "/reason", 2, REASON_MAX);
    fields.text(&new.source, "/source", 2, SOURCE_MAX);
    if let (Some(from), Some(to)) = (new.valid_from, new.valid_to) {
        fields.require(from <= to, "/valid_to", || words!("不得早于 valid_from", "must not be before valid_from"));
    }
    fields.require(new.known_on.is_none_or(|day| day <= today), "/known_on", || words!("不得晚于今天", "must not be after today"));
    fields.finish()
}

/// Whether two spans of days share one; an absent end is open.
pub fn overlaps(a: (NaiveDate, Option<NaiveDate>), b: (NaiveDate, Option<NaiveDate>)) -> bool {
    a.1.is_none_or(|end| b.0 <= end) && b.1.is_none_or(|end| a.0 <= end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::UtcInstant;
    use crate::kernel::id::{OrganisationId, StandingId, TenantId};
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn row(kind: StandingKind, from: &str, to: Option<&str>, lifted: Option<&str>) -> StandingRow {
        StandingRow {
            id: StandingId::new(Uuid::from_u128(1)),
            tenant_id: TenantId::new(Uuid::nil()),
            organisation_id: OrganisationId::new(Uuid::nil()),
            kind,
            reason: "未按规定报送年报".into(),
            source: "湖州市民政局公告".into(),
            valid_from: day(from),
            valid_to: to.map(day),
            decided_by: None,
            lifted_on: lifted.map(day),
            lifted_by: None,
            lift_reason: None,
            version: 1,
            created_at: UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(),
            known_on: None,
        }
    }

    fn limit() -> ListLimit {
        ListLimit { years: 2, rule: RuleRef { rule: LISTS_RULE.into(), legal_basis: "民政部令第60号".into() } }
    }

    #[test]
    fn a_standing_holds_from_its_first_to_its_last_day_and_ends_on_the_day_of_its_lifting() {
        let dated = row(StandingKind::Suspended, "2026-03-02", Some("2026-03-31"), None);
        for (on, holds) in [("2026-03-01", false), ("2026-03-02", true), ("2026-03-31", true), ("2026-04-01", false)] {
            assert_eq!(in_force(&dated, day(on)), holds, "{on}");
        }
        let lifted = row(StandingKind::Suspended, "2026-03-02", None, Some("2026-03-10"));
        assert!(in_force(&lifted, day("2026-03-09")) && !in_force(&lifted, day("2026-03-10")));
    }

    #[test]
    fn the_gravest_decides_and_nothing_verifies_whom_nobody_looked_at() {
        let rows = [
            row(StandingKind::Abnormal, "2026-01-01", None, None),
            row(StandingKind::Blacklisted, "2026-02-01", Some("2026-02-28"), None),
            row(StandingKind::Suspended, "2026-02-15", Some("2026-03-15"), None),
        ];
        let state = |on: &str| state_on(OrganisationState::Verified, &rows, day(on));
        assert_eq!(state("2025-12-31"), OrganisationState::Verified);
        assert_eq!(state("2026-01-31"), OrganisationState::Abnormal);
        assert_eq!(state("2026-02-20"), OrganisationState::Blacklisted);
        assert_eq!(state("2026-03-01"), OrganisationState::Suspended);
        assert_eq!(state("2026-03-16"), OrganisationState::Abnormal);
        assert_eq!(state_on(OrganisationState::Registered, &[], day("2026-03-01")), OrganisationState::Registered);
    }

    #[test]
    fn abnormal_marks_and_the_others_stop_each_with_a_remedy() {
        let verdict =
            |kind, on: &str| supply_on(OrganisationState::Verified, &[row(kind, "2026-03-02", None, None)], day(on), Some(&limit()));
        for &kind in StandingKind::ALL {
            assert_eq!(verdict(kind, "2026-03-01"), Supply::Clear, "{kind} the day before");
        }
        let Supply::Marked(note) = verdict(StandingKind::Abnormal, "2026-03-02") else { panic!("not marked") };
        assert!(!note.remedy.zh.is_empty() && !note.remedy.en.is_empty() && note.rule.as_ref().unwrap().rule == "R093");
        let Supply::Stopped(note) = verdict(StandingKind::Blacklisted, "2026-03-02") else { panic!("not stopped") };
        assert_eq!((note.state, note.rule.unwrap().rule.as_str()), (OrganisationState::Blacklisted, "R093"));
        let Supply::Stopped(note) = verdict(StandingKind::Suspended, "2026-03-02") else { panic!("not stopped") };
        assert_eq!(note.rule, None, "a suspension rests on its own reason");
        assert!(matches!(supply_on(OrganisationState::Registered, &[], day("2026-03-02"), None), Supply::Stopped(_)));
    }

    #[test]
    fn the_serious_list_is_due_after_the_full_term_and_not_a_day_before() {
        let entry = row(StandingKind::Abnormal, "2024-03-02", None, None);
        assert!(!limit().is_due(&entry, day("2026-03-01")) && limit().is_due(&entry, day("2026-03-02")));
        assert!(!limit().is_due(&row(StandingKind::Suspended, "2020-01-01", None, None), day("2026-03-02")));
        assert!(!limit().is_due(&row(StandingKind::Abnormal, "2024-03-02", None, Some("2026-03-02")), day("2026-03-02")));
        assert_eq!(limit().latest_entry_due(day("2026-03-02")), Some(day("2024-03-02")));
        assert_eq!(
            limit().latest_entry_due(day("2026-02-28")),
            Some(day("2024-02-29")),
            "the leap day's entry is due with its neighbour's"
        );
        let marked = supply_on(OrganisationState::Abnormal, &[entry], day("2026-03-02"), Some(&limit()));
        assert!(matches!(marked, Supply::Marked(note) if note.due_for_serious_list));
    }

    #[test]
    fn spans_overlap_when_they_share_a_day() {
        let span = |from: &str, to: Option<&str>| (day(from), to.map(day));
        assert!(overlaps(span("2026-01-01", Some("2026-01-31")), span("2026-01-31", None)));
        assert!(!overlaps(span("2026-01-01", Some("2026-01-30")), span("2026-01-31", None)));
    }
}
