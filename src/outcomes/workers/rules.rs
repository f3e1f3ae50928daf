//! Decisions on social workers. Pure.

use chrono::NaiveDate;

use super::model::{FactState, NewGrowth, WorkerData, WorkerRow};
use crate::kernel::Result;
use crate::kernel::error::{Fields, problems};
use crate::words;

problems! {
    /// The certificate is another worker's.
    CERTIFICATE_TAKEN = "certificate_taken", 409, "证书编号已登记", "The certificate is entered already",
        "同一证书编号只登记一名社工。请核对编号，或请原单位更正。",
        "A certificate belongs to one worker. Check its number, or ask the other organisation to correct its entry.";
    /// There is nothing to verify.
    NOTHING_TO_VERIFY = "nothing_to_verify", 409, "没有待核验的内容", "There is nothing to verify",
        "该社工没有填报这一项。",
        "The worker has no such fact entered.";
}

/// Longest name, in characters.
pub const NAME_MAX: usize = 64;
/// Longest number or authority, in characters.
pub const TEXT_MAX: usize = 100;
/// Longest entry of a growth card, in characters.
pub const GROWTH_MAX: usize = 1_000;
/// Most workers of a project.
pub const LINKED_MAX: usize = 200;
/// Minutes of the longest entry: a month of days.
pub const MINUTES_MAX: i32 = 31 * 24 * 60;

/// Checks what is entered of a worker on a day.
pub fn check(data: &WorkerData, today: NaiveDate) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&data.name, "/name", 1, NAME_MAX);
    if let Some(certificate) = &data.certificate {
        fields.text(&certificate.number, "/certificate/number", 4, TEXT_MAX);
        fields.require(certificate.issued_on <= today, "/certificate/issued_on", || words!("不得晚于今日", "must not be after today"));
    }
    if let Some(registration) = &data.registration {
        fields.text(&registration.authority, "/registration/authority", 1, TEXT_MAX);
    }
    fields.finish()
}

/// Checks an entry of a growth card on a day.
pub fn check_growth(new: &NewGrowth, today: NaiveDate) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.text, "/text", 1, GROWTH_MAX);
    fields.require(new.happened_on <= today, "/happened_on", || words!("不得晚于今日", "must not be after today"));
    let fits = new.minutes.is_none_or(|minutes| (1..=MINUTES_MAX).contains(&minutes));
    fields.require(fits, "/minutes", || words!("须为 1 到 {MINUTES_MAX}", "must be 1 to {MINUTES_MAX}"));
    fields.finish()
}

/// Whether the worker holds a verified certificate on a day: what counts as a certified worker (持证社工). A certificate does not end.
pub fn is_certified(worker: &WorkerRow, day: NaiveDate) -> bool {
    worker.certificate_state == FactState::Verified && worker.certificate_issued_on.is_some_and(|issued| issued <= day)
}

/// Whether the worker has a verified registration that has not ended on a day.
pub fn is_registered(worker: &WorkerRow, day: NaiveDate) -> bool {
    worker.registration_state == FactState::Verified && worker.registration_until.is_some_and(|until| day <= until)
}

/// A number as those see it who need not know it whole: its last four characters.
pub fn masked(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(4);
    number.chars().enumerate().map(|(place, one)| if place < hidden { '*' } else { one }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::UtcInstant;
    use crate::kernel::id::{AccountId, OrganisationId, SocialWorkerId, TenantId};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn worker(certificate: FactState, registration: FactState) -> WorkerRow {
        WorkerRow {
            id: SocialWorkerId::new(Uuid::nil()),
            tenant_id: TenantId::new(Uuid::nil()),
            organisation_id: OrganisationId::new(Uuid::nil()),
            name: "夏员".into(),
            certificate_level: None,
            certificate_number: Some("ZJ20230001".into()),
            certificate_issued_on: Some(day("2024-09-01")),
            certificate_state: certificate,
            registration_authority: Some("湖州市民政局".into()),
            registration_until: Some(day("2026-08-31")),
            registration_state: registration,
            made_by: AccountId::new(Uuid::nil()),
            version: 1,
            created_at: UtcInstant::start_of_shanghai_day(day("2024-09-02")),
        }
    }

    #[test]
    fn certificate_and_registration_are_separate_and_count_only_when_verified() {
        let both = worker(FactState::Verified, FactState::Verified);
        assert!(is_certified(&both, day("2024-09-01")) && !is_certified(&both, day("2024-08-31")));
        assert!(is_registered(&both, day("2026-08-31")) && !is_registered(&both, day("2026-09-01")));
        assert!(is_certified(&both, day("2030-01-01")), "a certificate does not end with the registration");
        for state in [FactState::Absent, FactState::Entered, FactState::Refused] {
            let neither = worker(state, state);
            assert!(!is_certified(&neither, day("2026-01-01")) && !is_registered(&neither, day("2026-01-01")));
        }
    }

    proptest! {
        #[test]
        fn at_most_four_characters_of_a_number_are_shown(number in "[A-Z0-9]{0,30}") {
            let shown = masked(&number);
            prop_assert_eq!(shown.chars().count(), number.chars().count());
            prop_assert!(shown.chars().filter(|one| *one != '*').count() <= 4);
            prop_assert!(number.ends_with(shown.trim_start_matches('*')));
        }
    }
}
