//! Decisions on declarations: who may declare what, and when one holds. Pure.

use chrono::{Days, NaiveDate};

use super::model::{DeclarationKind, DeclarationRow, NewDeclaration};
use crate::kernel::error::Fields;
use crate::kernel::{Result, Words};
use crate::parties::organisations::OrganisationKind;
use crate::words;

/// Longest statement and reason, in characters.
pub const STATEMENT_MAX: usize = 2000;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;
/// Days before its last day on which the organisation is warned. The platform's own number, not a statutory one.
pub const WARNING_DAYS: u64 = 30;

/// Checks a new declaration of an organisation of that kind.
pub fn check(new: &NewDeclaration, organisation: OrganisationKind, today: NaiveDate) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.statement, "/statement", 2, STATEMENT_MAX);
    let fits = new.kind != DeclarationKind::SmallOrMediumEnterprise || organisation == OrganisationKind::Enterprise;
    fields.require(fits, "/kind", || {
        words!(
            "社会组织不是中小企业，不得作中小企业声明（R079，财库〔2020〕46号 第2条）",
            "a social organisation is no small or medium enterprise (R079)"
        )
    });
    fields.require(new.valid_to.is_none_or(|to| new.valid_from <= to), "/valid_to", || {
        words!("不得早于 valid_from", "must not be before valid_from")
    });
    fields.require(new.valid_to.is_none_or(|to| today <= to), "/valid_to", || words!("已经过期", "is over already"));
    fields.finish()
}

/// Whether a declaration holds on a day.
pub fn holds_on(row: &DeclarationRow, day: NaiveDate) -> bool {
    row.withdrawn_at.is_none_or(|at| day < at.date_in_shanghai()) && row.valid_from <= day && row.valid_to.is_none_or(|to| day <= to)
}

crate::text_enum! {
    /// Why a declaration of the file does not serve a bid that repeats it.
    pub enum ReuseFlaw {
        /// The bidder's file has none of that id.
        NotOwn = "declaration_not_own",
        /// It declares something else.
        OtherKind = "declaration_other_kind",
        /// It was withdrawn.
        Withdrawn = "declaration_withdrawn",
        /// Its first day comes later.
        NotBegun = "declaration_not_begun",
        /// Its last day is over.
        Expired = "declaration_expired",
    }
}

impl ReuseFlaw {
    /// The same in words.
    pub fn words(self) -> Words {
        match self {
            Self::NotOwn => words!("本组织的声明中没有该项", "the bidder's file has no such declaration"),
            Self::OtherKind => words!("与所引用声明的种类不同", "the declaration in the file is of another kind"),
            Self::Withdrawn => words!("所引用的声明在截止日已撤回", "the declaration in the file was withdrawn by the day of the deadline"),
            Self::NotBegun => {
                words!("所引用的声明在截止日尚未生效", "the declaration in the file had not begun on the day of the deadline")
            }
            Self::Expired => words!("所引用的声明在截止日已失效", "the declaration in the file had expired on the day of the deadline"),
        }
    }
}

/// What keeps a declaration of the bidder's own file from serving as `kind` on a day.
pub fn reuse_flaw(row: &DeclarationRow, kind: &str, day: NaiveDate) -> Option<ReuseFlaw> {
    if row.kind.as_str() != kind.trim() {
        Some(ReuseFlaw::OtherKind)
    } else if holds_on(row, day) {
        None
    } else if day < row.valid_from {
        Some(ReuseFlaw::NotBegun)
    } else if row.valid_to.is_some_and(|to| to < day) {
        Some(ReuseFlaw::Expired)
    } else {
        Some(ReuseFlaw::Withdrawn)
    }
}

/// Days from `today` to the last day, negative when it is over; `None` when it is open.
pub fn expires_in_days(row: &DeclarationRow, today: NaiveDate) -> Option<i64> {
    row.valid_to.map(|to| to.signed_duration_since(today).num_days())
}

/// The latest last day of which an organisation is warned on `today`.
pub fn warn_up_to(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(WARNING_DAYS)).unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::UtcInstant;
    use crate::kernel::id::{AccountId, DeclarationId, OrganisationId, TenantId};
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn new(kind: DeclarationKind, to: Option<&str>) -> NewDeclaration {
        NewDeclaration { kind, statement: "本组织承诺".into(), valid_from: day("2026-03-02"), valid_to: to.map(day) }
    }

    #[test]
    fn only_an_enterprise_declares_itself_small_or_medium() {
        for &kind in OrganisationKind::ALL {
            let checked = check(&new(DeclarationKind::SmallOrMediumEnterprise, None), kind, day("2026-03-02"));
            assert_eq!(checked.is_ok(), kind == OrganisationKind::Enterprise, "{kind}");
            assert!(check(&new(DeclarationKind::DisabledWelfare, None), kind, day("2026-03-02")).is_ok());
        }
    }

    #[test]
    fn a_declaration_holds_from_its_first_to_its_last_day_and_not_from_the_day_of_its_withdrawal() {
        let mut row = DeclarationRow {
            id: DeclarationId::new(Uuid::nil()),
            tenant_id: TenantId::new(Uuid::nil()),
            organisation_id: OrganisationId::new(Uuid::nil()),
            kind: DeclarationKind::SoundAccounts,
            statement: "本组织承诺".into(),
            valid_from: day("2026-03-02"),
            valid_to: Some(day("2026-03-31")),
            withdrawn_at: None,
            withdraw_reason: None,
            warned_at: None,
            declared_by: AccountId::new(Uuid::nil()),
            version: 1,
            created_at: UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(),
        };
        for (on, holds) in [("2026-03-01", false), ("2026-03-02", true), ("2026-03-31", true), ("2026-04-01", false)] {
            assert_eq!(holds_on(&row, day(on)), holds, "{on}");
        }
        assert_eq!(expires_in_days(&row, day("2026-03-01")), Some(30));
        assert_eq!(expires_in_days(&row, day("2026-04-01")), Some(-1));
        assert_eq!(warn_up_to(day("2026-03-01")), day("2026-03-31"));
        let flaw = |row: &DeclarationRow, on: &str| reuse_flaw(row, "sound_accounts", day(on));
        assert_eq!(flaw(&row, "2026-03-01"), Some(ReuseFlaw::NotBegun));
        assert_eq!((flaw(&row, "2026-03-02"), flaw(&row, "2026-03-31")), (None, None));
        assert_eq!(flaw(&row, "2026-04-01"), Some(ReuseFlaw::Expired));
        assert_eq!(reuse_flaw(&row, "certificate", day("2026-03-02")), Some(ReuseFlaw::OtherKind));
        row.withdrawn_at = UtcInstant::parse("2026-03-09T16:00:00Z").ok();
        assert_eq!((flaw(&row, "2026-03-09"), flaw(&row, "2026-03-10")), (None, Some(ReuseFlaw::Withdrawn)));
        assert!(holds_on(&row, day("2026-03-09")) && !holds_on(&row, day("2026-03-10")));
        let over = new(DeclarationKind::SoundAccounts, Some("2026-03-02"));
        assert!(check(&over, OrganisationKind::Foundation, day("2026-03-02")).is_ok());
        assert!(check(&over, OrganisationKind::Foundation, day("2026-03-03")).is_err());
    }
}
