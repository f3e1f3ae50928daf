//! Thresholds of a year and a level, and the procedures that are lawful for an amount.

use super::{Procedure, Rule};
use crate::kernel::Fen;

crate::text_enum! {
    /// The level of the budget that thresholds are set for (级次).
    pub enum Level {
        /// 省级.
        Province = "province",
        /// 市级.
        City = "city",
        /// 县、区级.
        District = "district",
    }
}

/// The amounts of a year and a level at which another procedure begins. An amount that equals a threshold has reached it
/// (财政部令第87号 第86条: 以上 includes the number).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Level of the budget.
    pub level: Level,
    /// 公开招标数额标准: from here an open tender is the rule.
    pub open_tender: Fen,
    /// 分散采购限额标准: from here a statutory procedure.
    pub statutory: Fen,
    /// From here at least a selection (比选), below it quotes do.
    pub selection: Fen,
    /// From here at least quotes (三家比价), below it a direct commission does.
    pub quotes: Fen,
    /// From here the collective decision (三重一大) needs minutes.
    pub minutes: Fen,
    /// Whether somebody who answers for them confirmed these numbers; unconfirmed ones warn.
    pub confirmed: bool,
}

impl Thresholds {
    /// The floors of the national directory (R036), for a year that has no thresholds of its own. The district's own steps below the statutory limit are
    /// not known then, so nothing simpler than a selection with minutes is taken as lawful.
    pub fn of_directory(rule: &Rule, level: Level) -> Option<Self> {
        let amount = |name| rule.figure(name).map(|figure| Fen::new(figure.number));
        let statutory = if level == Level::Province { "decentralised_limit_province" } else { "decentralised_limit_county" };
        Some(Self {
            level,
            open_tender: amount("open_tender_threshold")?,
            statutory: amount(statutory)?,
            selection: Fen::ZERO,
            quotes: Fen::ZERO,
            minutes: Fen::ZERO,
            confirmed: false,
        })
    }
}

/// What is lawful for an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    /// Procedures that are lawful without a further approval, the simplest first.
    pub procedures: Vec<Procedure>,
    /// Procedures that need the approval of the finance bureau or a ground of 政府采购法 第29 to 31条.
    pub with_approval: Vec<Procedure>,
    /// Whether minutes of the collective decision are needed.
    pub minutes_required: bool,
    /// Whether the thresholds are confirmed.
    pub confirmed: bool,
}

/// The procedures that are lawful for an amount (R036). A procedure of a higher step is always lawful too.
pub fn recommend(amount: Fen, thresholds: &Thresholds) -> Recommendation {
    use Procedure::{Consultation, Direct, Framework, InvitedTender, Negotiation, OpenTender, Quotes, Selection, SingleSource};
    let (mut procedures, mut with_approval) = (Vec::new(), Vec::new());
    if amount < thresholds.quotes {
        procedures.push(Direct);
    }
    if amount < thresholds.selection {
        procedures.push(Quotes);
    }
    if amount < thresholds.statutory {
        procedures.push(Selection);
    }
    if amount < thresholds.open_tender {
        procedures.extend([Consultation, Negotiation, Framework]);
        with_approval.extend([InvitedTender, SingleSource]);
    } else {
        with_approval.extend([InvitedTender, Consultation, Negotiation, SingleSource, Framework]);
    }
    procedures.push(OpenTender);
    Recommendation { procedures, with_approval, minutes_required: amount >= thresholds.minutes, confirmed: thresholds.confirmed }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLDS: Thresholds = Thresholds {
        level: Level::District,
        open_tender: Fen::new(200_000_000),
        statutory: Fen::new(30_000_000),
        selection: Fen::new(5_000_000),
        quotes: Fen::new(1_000_000),
        minutes: Fen::new(10_000_000),
        confirmed: true,
    };

    #[test]
    fn each_threshold_ends_the_simpler_procedure_at_its_fen() {
        let lawful = |fen, procedure| recommend(Fen::new(fen), &THRESHOLDS).procedures.contains(&procedure);
        for (threshold, procedure) in [
            (1_000_000, Procedure::Direct),
            (5_000_000, Procedure::Quotes),
            (30_000_000, Procedure::Selection),
            (200_000_000, Procedure::Consultation),
        ] {
            assert!(lawful(threshold - 1, procedure) && !lawful(threshold, procedure), "{procedure}");
        }
        assert!(lawful(1, Procedure::OpenTender) && lawful(i64::MAX, Procedure::OpenTender));
    }

    #[test]
    fn minutes_are_needed_from_their_amount() {
        let minutes = |fen| recommend(Fen::new(fen), &THRESHOLDS).minutes_required;
        assert!(!minutes(9_999_999) && minutes(10_000_000));
    }
}
