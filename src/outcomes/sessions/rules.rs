//! Decisions on service sessions. Pure.

use chrono::NaiveDate;

use super::model::NewSession;
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::words;

/// Longest place, in characters.
pub const PLACE_MAX: usize = 200;
/// Longest note, in characters.
pub const NOTE_MAX: usize = 1_000;
/// Most persons of a session.
pub const PERSONS_MAX: i32 = 100_000;
/// Longest session, in minutes: a day.
pub const MINUTES_MAX: i32 = 24 * 60;

/// Checks what is recorded on a day.
pub fn check(new: &NewSession, today: NaiveDate) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(new.held_on <= today, "/held_on", || words!("不得晚于今日", "must not be after today"));
    fields
        .require((1..=MINUTES_MAX).contains(&new.minutes), "/minutes", || words!("须为 1 到 {MINUTES_MAX}", "must be 1 to {MINUTES_MAX}"));
    fields
        .require((1..=PERSONS_MAX).contains(&new.persons), "/persons", || words!("须为 1 到 {PERSONS_MAX}", "must be 1 to {PERSONS_MAX}"));
    fields.text(&new.place, "/place", 1, PLACE_MAX);
    fields.text(&new.note, "/note", 1, NOTE_MAX);
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::super::model::SessionKind;
    use super::*;
    use crate::kernel::id::SocialWorkerId;

    #[test]
    fn a_session_lies_in_the_past_and_within_a_day() {
        let today: NaiveDate = "2026-03-02".parse().unwrap();
        let good = NewSession {
            worker: SocialWorkerId::new(uuid::Uuid::nil()),
            held_on: today,
            minutes: MINUTES_MAX,
            place: "月河社区".into(),
            kind: SessionKind::Group,
            persons: 12,
            note: "健康讲座".into(),
        };
        assert!(check(&good, today).is_ok());
        let tomorrow = today.succ_opt().unwrap();
        for bad in [
            NewSession { held_on: tomorrow, ..good.clone() },
            NewSession { minutes: 0, ..good.clone() },
            NewSession { minutes: MINUTES_MAX + 1, ..good.clone() },
            NewSession { persons: 0, ..good.clone() },
            NewSession { place: " ".into(), ..good.clone() },
            NewSession { note: String::new(), ..good.clone() },
        ] {
            assert!(check(&bad, today).is_err(), "{bad:?}");
        }
    }
}
