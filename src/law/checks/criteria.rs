//! Criteria, bids and prices: weights, formula, ranking, forbidden criteria, invalid bids, abnormally low prices (R029, R039–R044, R046, R047).

use super::kit::{at_least, between, every, holds, listed, need, not_applicable, yes};
use super::{Case, Check, Judgement};
use crate::kernel::BasisPoints;
use crate::law::facts::{Forbidden, InvalidGround, Ranked};
use crate::law::{Gate, price};

pub static CHECKS: &[Check] = &[
    Check {
        rule: "R029",
        gates: &[Gate::Submission],
        figures: &["price_weight_min", "price_weight_max", "price_weight_min_goods", "price_weight_max_goods"],
        facts: &["criteria.weight_approved", "purchase.is_goods", "criteria.price_weight_bp", "criteria.fixed_price"],
        run: |c| {
            let (least, most) =
                if is_goods(c) { ("price_weight_min_goods", "price_weight_max_goods") } else { ("price_weight_min", "price_weight_max") };
            let most = if c.facts.criteria.weight_approved == Some(true) { i64::from(BasisPoints::WHOLE.get()) } else { c.figure(most)? };
            price_weight(c, c.figure(least)?, most)
        },
    },
    Check {
        rule: "R039",
        gates: &[Gate::Submission],
        figures: &["price_weight_min", "price_weight_min_goods"],
        facts: &["purchase.is_goods", "criteria.price_weight_bp", "criteria.fixed_price"],
        run: |c| {
            let least = if is_goods(c) { "price_weight_min_goods" } else { "price_weight_min" };
            price_weight(c, c.figure(least)?, i64::from(BasisPoints::WHOLE.get()))
        },
    },
    Check { rule: "R040", gates: &[Gate::Evaluation], figures: &["full_price_score"], facts: &["prices.ranking"], run: price_formula },
    Check { rule: "R041", gates: &[Gate::Evaluation], figures: &[], facts: &["prices.ranking"], run: ranking },
    Check { rule: "R042", gates: &[Gate::Submission], figures: &[], facts: &["criteria.forbidden"], run: |c| forbidden(c, is_scale) },
    Check {
        rule: "R043",
        gates: &[Gate::Submission],
        figures: &[],
        facts: &["criteria.forbidden"],
        run: |c| forbidden(c, |one| !is_scale(one)),
    },
    Check {
        rule: "R044",
        gates: &[Gate::Review],
        figures: &[],
        facts: &["bid.invalid_grounds", "bid.price", "bid.ceiling", "bid.held_invalid"],
        run: invalid_bid,
    },
    Check {
        rule: "R046",
        gates: &[Gate::Evaluation],
        figures: &[],
        facts: &["bid.low_price_flagged", "bid.low_price_justified", "bid.held_invalid"],
        run: |c| {
            let bid = &c.facts.bid;
            if !need(&bid.low_price_flagged)? {
                return holds(true, "未发现 · none", "无明显低价 · no markedly low price");
            }
            let settled = need(&bid.low_price_justified)? || bid.held_invalid == Some(true);
            yes(Some(settled), "能证明报价合理，否则作无效处理 · the price is shown to be reasonable, or the bid is invalid")
        },
    },
    Check {
        rule: "R047",
        gates: &[Gate::Evaluation],
        figures: &["below_mean", "below_next_lowest", "below_ceiling", "ceiling_max", "explain_minutes"],
        facts: &["prices.low_share_bp", "bid.price", "prices.passed", "prices.ceiling", "bid.explain_minutes"],
        run: abnormally_low,
    },
];

fn is_goods(c: &Case<'_>) -> bool {
    c.facts.purchase.is_goods == Some(true)
}

fn price_weight(c: &Case<'_>, least: i64, most: i64) -> Judgement {
    let weight = need(&c.facts.criteria.price_weight_bp)?;
    if c.facts.criteria.fixed_price == Some(true) {
        return holds(weight == 0, format!("{weight} bp"), "0 bp (固定价格 · a fixed price)");
    }
    between(weight, least, most, "bp")
}

/// Every offer's points are those of the formula, to the hundredth.
fn price_formula(c: &Case<'_>) -> Judgement {
    let (offers, full) = (need(&c.facts.prices.ranking)?, c.figure("full_price_score")?);
    let Some(lowest) = offers.iter().map(|offer| offer.price).min() else { return not_applicable() };
    let wrong = offers.iter().find(|offer| price::points(lowest, offer.price, full) != Some(offer.price_points));
    let method = format!("{lowest} ÷ 报价 offer × {full}");
    match wrong {
        None => holds(true, "按公式 · by the formula", method),
        Some(offer) => {
            let due = price::points(lowest, offer.price, full).unwrap_or(0);
            holds(false, format!("{} 元 → {} (1/100)", offer.price, offer.price_points), format!("{due} (1/100): {method}"))
        }
    }
}

/// Higher points first, then the lower price, then side by side.
fn ranking(c: &Case<'_>) -> Judgement {
    let mut offers = need(&c.facts.prices.ranking)?;
    offers.sort_by_key(|offer| offer.rank);
    let key = |offer: &Ranked| (std::cmp::Reverse(offer.total_points), offer.price);
    let wrong = offers.iter().zip(offers.iter().skip(1)).find(|(before, after)| match key(before).cmp(&key(after)) {
        std::cmp::Ordering::Less => before.rank == after.rank,
        std::cmp::Ordering::Equal => false,
        std::cmp::Ordering::Greater => true,
    });
    let found = wrong.map_or("按规定排序 · as required".to_owned(), |(before, after)| format!("{} ↔ {}", before.rank, after.rank));
    holds(wrong.is_none(), found, "得分高者在前，同分报价低者在前 · more points first, then the lower price")
}

/// What R042 names: scale, and qualifications as scores. The rest is R043's.
fn is_scale(one: &Forbidden) -> bool {
    matches!(
        one,
        Forbidden::QualificationScored
            | Forbidden::RegisteredCapital
            | Forbidden::Assets
            | Forbidden::Revenue
            | Forbidden::Headcount
            | Forbidden::Profit
            | Forbidden::Tax
    )
}

fn forbidden(c: &Case<'_>, counts: fn(&Forbidden) -> bool) -> Judgement {
    let found: Vec<Forbidden> = need(&c.facts.criteria.forbidden)?.into_iter().filter(counts).collect();
    holds(found.is_empty(), listed(&found), "不作资格或评审因素 · neither a qualification nor a score")
}

fn invalid_bid(c: &Case<'_>) -> Judgement {
    let bid = &c.facts.bid;
    let mut grounds = need(&bid.invalid_grounds)?;
    if let (Some(price), Some(ceiling)) = (bid.price, bid.ceiling)
        && price > ceiling
        && !grounds.contains(&InvalidGround::AboveCeiling)
    {
        grounds.push(InvalidGround::AboveCeiling);
    }
    holds(grounds.is_empty() || bid.held_invalid == Some(true), listed(&grounds), "无无效情形，否则作无效处理 · no ground, or held invalid")
}

/// A trigger asks for an explanation and for time to give it; it is no invalidity.
fn abnormally_low(c: &Case<'_>) -> Judgement {
    let limits = price::Limits {
        below_mean_bp: c.figure("below_mean")?,
        below_next_lowest_bp: c.figure("below_next_lowest")?,
        below_ceiling_bp: c.figure("below_ceiling")?,
    };
    let share = c.facts.prices.low_share_bp;
    let documents = match share {
        None => not_applicable(),
        Some(share) => between(share, limits.below_ceiling_bp, c.figure("ceiling_max")?, "bp"),
    };
    let limits = price::Limits { below_ceiling_bp: share.unwrap_or(limits.below_ceiling_bp), ..limits };
    let review = || -> Judgement {
        let (offer, passed) = (need(&c.facts.bid.price)?, need(&c.facts.prices.passed)?);
        let triggers = price::low_triggers(offer, &passed, c.facts.prices.ceiling, &limits);
        if triggers.is_empty() {
            return holds(true, format!("{offer} 元"), "未触发异常低价审查 · no review of an abnormally low price is due");
        }
        let (given, least) = (c.facts.bid.explain_minutes.unwrap_or(0), c.figure("explain_minutes")?);
        match at_least(given, least, "分钟说明 · minutes to explain")? {
            super::Outcome::Judged { met, found, required, by } => {
                Ok(super::Outcome::Judged { met, found: format!("{offer} 元 ({}), {found}", listed(&triggers)), required, by })
            }
            other => Ok(other),
        }
    };
    every([documents, review()])
}
