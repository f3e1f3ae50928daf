//! Decisions on posts: who may be given which, and when one is held. Pure.

use chrono::NaiveDate;

use super::model::{NewPost, PostRow};
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::words;

/// Longest title, in characters.
pub const TITLE_MAX: usize = 64;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;

/// Whether a post is held on a day; its last day still counts.
pub fn held_on(row: &PostRow, day: NaiveDate) -> bool {
    row.held_from <= day && row.held_to.is_none_or(|to| day <= to)
}

/// Checks a post for a person of whom `here` says whether it is an active account of the unit; `held` are its posts in the unit.
pub fn check(new: &NewPost, here: bool, held: &[PostRow]) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.title, "/title", 1, TITLE_MAX);
    fields.require(here, "/account_id", || words!("须为该单位在用账户", "must be an active account of the unit"));
    fields.require(new.held_to.is_none_or(|to| new.held_from <= to), "/held_to", || {
        words!("不得早于 held_from", "must not be before held_from")
    });
    let twice = held.iter().any(|row| row.title == new.title.trim() && overlaps(row, new));
    fields.require(!twice, "/held_from", || words!("该人员在这段时间已任此职", "the person holds this post on some of these days"));
    fields.finish()
}

fn overlaps(row: &PostRow, new: &NewPost) -> bool {
    row.held_to.is_none_or(|to| new.held_from <= to) && new.held_to.is_none_or(|to| row.held_from <= to)
}

/// Last day of a post that is ended on a day: that day, but neither before its first nor after the last that was planned.
pub fn last_day(row: &PostRow, ended_on: NaiveDate) -> NaiveDate {
    let planned = row.held_to.map_or(ended_on, |to| to.min(ended_on));
    planned.max(row.held_from)
}

/// A title as people read it.
pub fn shown(title: &str, acting: bool) -> String {
    if acting { format!("{title}（代理）") } else { title.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::kernel::UtcInstant;
    use crate::kernel::id::{AccountId, PostId, TenantId, UnitId};

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() + chrono::Days::new(u64::from(n))
    }

    fn row(from: u32, to: Option<u32>) -> PostRow {
        PostRow {
            id: PostId::new(Uuid::nil()),
            tenant_id: TenantId::new(Uuid::nil()),
            unit_id: UnitId::new(Uuid::nil()),
            account_id: AccountId::new(Uuid::nil()),
            title: "副主任".into(),
            acting: false,
            held_from: day(from),
            held_to: to.map(day),
            end_reason: None,
            made_by: AccountId::new(Uuid::nil()),
            ended_by: None,
            version: 1,
            created_at: UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(),
        }
    }

    fn new(title: &str, from: u32, to: Option<u32>) -> NewPost {
        let account = AccountId::new(Uuid::nil());
        NewPost { account, title: title.into(), acting: false, held_from: day(from), held_to: to.map(day) }
    }

    #[test]
    fn a_person_holds_a_post_once_at_a_time_and_only_in_its_own_unit() {
        let held = [row(5, Some(10))];
        for (title, from, to, good) in [
            ("副主任", 11, None, true),
            ("副主任", 0, Some(4), true),
            ("副主任", 10, None, false),
            ("副主任", 0, None, false),
            (" 副主任 ", 6, Some(7), false),
            ("主任", 6, Some(7), true),
            ("主任", 7, Some(6), false),
            ("", 20, None, false),
        ] {
            assert_eq!(check(&new(title, from, to), true, &held).is_ok(), good, "{title} {from} {to:?}");
        }
        assert!(check(&new("主任", 1, None), false, &[]).unwrap_err().to_string().contains("/account_id"));
        assert_eq!((shown("主任", false), shown("主任", true)), ("主任".to_owned(), "主任（代理）".to_owned()));
    }

    proptest! {
        /// Whatever was planned, after the end nobody holds the post, and it was held on no day that it was not given for.
        #[test]
        fn an_ended_post_is_held_no_longer(from in 0..30_u32, length in prop::option::of(0..30_u32), ended in 0..70_u32, on in 0..80_u32) {
            let before = row(from, length.map(|more| from + more));
            let after = PostRow { held_to: Some(last_day(&before, day(ended))), ..before.clone() };
            prop_assert!(!held_on(&after, day(on)) || held_on(&before, day(on)));
            if ended >= from && on > ended {
                prop_assert!(!held_on(&after, day(on)));
            }
            prop_assert!(after.held_to >= Some(after.held_from));
        }
    }
}
