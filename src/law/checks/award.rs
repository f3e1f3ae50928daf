//! Bonds, award, contract (R048–R057).

use super::kit::{every, holds, need, not_applicable, share_at_most};
use super::{Case, Check, Judgement};
use crate::kernel::Fen;
use crate::law::Gate;

pub static CHECKS: &[Check] = &[
    Check {
        rule: "R048",
        gates: &[Gate::Submission],
        figures: &["max_deposit"],
        facts: &["bond.bid_bond", "purchase.budget"],
        run: |c| share_at_most(need(&c.facts.bond.bid_bond)?, need(&c.facts.purchase.budget)?, c.figure("max_deposit")?),
    },
    Check {
        rule: "R049",
        gates: &[Gate::Result, Gate::Contract],
        figures: &["return_within"],
        facts: &["award.notified_on", "contract.signed_on", "bond.bid_bond", "bond.losers_returned_on", "bond.winner_returned_on"],
        run: |c| {
            let bond = &c.facts.bond;
            if need(&bond.bid_bond)? == Fen::ZERO {
                return not_applicable();
            }
            every([
                c.duty(c.facts.award.notified_on, bond.losers_returned_on, "return_within"),
                c.duty(c.facts.contract.signed_on, bond.winner_returned_on, "return_within"),
            ])
        },
    },
    Check {
        rule: "R050",
        gates: &[Gate::Submission, Gate::Contract],
        figures: &["max_deposit"],
        facts: &["contract.price", "bond.performance_bond_bp", "bond.performance_bond"],
        run: performance_bond,
    },
    Check {
        rule: "R051",
        gates: &[Gate::Award],
        figures: &["report_within", "decide_within"],
        facts: &["award.evaluation_ended_on", "award.report_on", "award.decided_on"],
        run: |c| {
            let award = &c.facts.award;
            every([
                c.duty(award.evaluation_ended_on, award.report_on, "report_within"),
                c.duty(award.report_on, award.decided_on, "decide_within"),
            ])
        },
    },
    Check {
        rule: "R052",
        gates: &[Gate::Result],
        figures: &["publish_within"],
        facts: &["award.decided_on", "award.notified_on", "award.published_on"],
        run: |c| {
            let award = &c.facts.award;
            every([
                c.duty(award.decided_on, award.notified_on, "publish_within"),
                c.duty(award.decided_on, award.published_on, "publish_within"),
            ])
        },
    },
    Check {
        rule: "R053",
        gates: &[Gate::Contract],
        figures: &["sign_within"],
        facts: &["award.notified_on", "contract.signed_on"],
        run: |c| c.duty(c.facts.award.notified_on, c.facts.contract.signed_on, "sign_within"),
    },
    Check {
        rule: "R054",
        gates: &[Gate::Contract],
        figures: &["publish_within"],
        facts: &["contract.signed_on", "contract.published_on"],
        run: |c| c.duty(c.facts.contract.signed_on, c.facts.contract.published_on, "publish_within"),
    },
    Check {
        rule: "R055",
        gates: &[Gate::Contract],
        figures: &["file_within"],
        facts: &["contract.signed_on", "contract.filed_on"],
        run: |c| c.duty(c.facts.contract.signed_on, c.facts.contract.filed_on, "file_within"),
    },
    Check {
        rule: "R056",
        gates: &[Gate::Performance],
        figures: &["max_increase"],
        facts: &["contract.additions", "contract.price"],
        run: |c| share_at_most(need(&c.facts.contract.additions)?, need(&c.facts.contract.price)?, c.figure("max_increase")?),
    },
    Check {
        rule: "R057",
        gates: &[Gate::Award],
        figures: &[],
        facts: &["award.declined", "award.awarded_rank"],
        run: |c| {
            let next = need(&c.facts.award.declined)?.saturating_add(1);
            let rank = need(&c.facts.award.awarded_rank)?;
            holds(rank == next, format!("第 {rank} 名 · rank {rank}"), format!("第 {next} 名 · rank {next}"))
        },
    },
];

/// The documents ask for a share of the price, a contract for an amount.
fn performance_bond(c: &Case<'_>) -> Judgement {
    let (bond, most) = (&c.facts.bond, c.figure("max_deposit")?);
    let asked = match bond.performance_bond_bp {
        None => not_applicable(),
        Some(share) => holds(share <= most, format!("{share} bp"), format!("≤ {most} bp")),
    };
    let agreed = match (bond.performance_bond, c.facts.contract.price) {
        (Some(amount), Some(price)) => share_at_most(amount, price, most),
        _ if bond.performance_bond_bp.is_some() => not_applicable(),
        _ => Err(super::Halt::Waiting),
    };
    every([asked, agreed])
}
