//! Decisions on milestones: what a delivery, a rejection and an acceptance must say. Pure.

use crate::kernel::error::Fields;
use crate::kernel::{Result, RuleRef};

/// Longest note, in characters.
pub const NOTE_MAX: usize = 2_000;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;
/// Shortest beneficiaries' opinion, in characters: a bare "good" (满意) is no opinion.
pub const OPINION_MIN: usize = 10;
/// Longest beneficiaries' opinion, in characters.
pub const OPINION_MAX: usize = 4_000;

/// Checks what the supplier says of its delivery.
pub fn check_note(note: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(note, "/note", 1, NOTE_MAX);
    fields.finish()
}

/// Checks the reason of a rejection.
pub fn check_reason(reason: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, REASON_MAX);
    fields.finish()
}

/// Rule R015 (Implementing Regulations of the Government Procurement Law, article 45): at the acceptance of a public-service project those
/// who are served take part and give their opinion. A missing or empty one is refused under that rule.
pub fn check_opinion(opinion: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(opinion, "/beneficiaries_opinion", OPINION_MIN, OPINION_MAX);
    fields.finish().map_err(|refusal| {
        refusal.under(RuleRef { rule: "R015".to_owned(), legal_basis: "政府采购法实施条例 第45条".to_owned() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Error;

    #[test]
    fn an_acceptance_without_the_opinion_of_those_served_is_refused_under_r015() {
        for bad in ["", "满意", "          ", &"好".repeat(OPINION_MAX + 1)] {
            let Err(Error::Refused(refusal)) = check_opinion(bad) else { panic!("{bad}") };
            assert_eq!(refusal.rule.map(|rule| rule.rule).as_deref(), Some("R015"));
        }
        assert!(check_opinion("访谈老人二十位，多数满意。").is_ok());
        assert!(check_opinion(&"好".repeat(OPINION_MIN)).is_ok() && check_opinion(&"好".repeat(OPINION_MIN - 1)).is_err());
    }
}
