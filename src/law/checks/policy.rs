//! Policies: social organisations, small enterprises, the lottery fund and the yearly counts (R074–R088, R096).

use chrono::{Days, Months, NaiveDate};

use super::kit::{amount_at_most, at_least, between, every, holds, listed, need, not_applicable, share_at_least, yes};
use super::{Case, Check, Halt, Judgement};
use crate::law::Gate;
use crate::law::facts::FundUse;

pub static CHECKS: &[Check] = &[
    Check {
        rule: "R074",
        gates: &[Gate::Yearly],
        figures: &["min_share"],
        facts: &["yearly.to_social_organisations", "yearly.new_spending"],
        run: |c| {
            let yearly = &c.facts.yearly;
            share_at_least(need(&yearly.to_social_organisations)?, need(&yearly.new_spending)?, c.figure("min_share")?)
        },
    },
    Check {
        rule: "R075",
        gates: &[Gate::Submission],
        figures: &["reserve_limit", "reserve_limit_works"],
        facts: &["thresholds", "purchase.is_works", "purchase.budget", "purchase.sme_suitable", "purchase.sme_reserved"],
        run: reserved_whole,
    },
    Check {
        rule: "R076",
        gates: &[Gate::Submission],
        figures: &["reserve_threshold", "min_reserve_share", "min_micro_share"],
        facts: &["purchase.budget", "purchase.sme_suitable", "purchase.sme_reserved", "purchase.micro_reserved"],
        run: reserved_part,
    },
    Check {
        rule: "R077",
        gates: &[Gate::Submission],
        figures: &["price_deduction_min", "price_deduction_max"],
        facts: &["criteria.micro_deduction_bp"],
        run: |c| {
            let deduction = need(&c.facts.criteria.micro_deduction_bp)?;
            between(deduction, c.figure("price_deduction_min")?, c.figure("price_deduction_max")?, "bp")
        },
    },
    Check {
        rule: "R078",
        gates: &[Gate::Submission, Gate::Evaluation],
        figures: &["price_deduction_min", "price_deduction_max", "min_micro_share"],
        facts: &["criteria.consortium_deduction_bp", "bid.micro_share_bp", "bid.deduction_bp"],
        run: consortium_deduction,
    },
    Check {
        rule: "R079",
        gates: &[Gate::Evaluation],
        figures: &["price_deduction"],
        facts: &["supplier.is_social_organisation", "bid.deduction_bp"],
        run: |c| {
            if c.facts.supplier.is_social_organisation != Some(true) {
                return not_applicable();
            }
            let (deduction, allowed) = (need(&c.facts.bid.deduction_bp)?, c.figure("price_deduction")?);
            holds(deduction <= allowed, format!("{deduction} bp"), format!("≤ {allowed} bp"))
        },
    },
    Check {
        rule: "R080",
        gates: &[Gate::Review, Gate::Evaluation],
        figures: &[],
        facts: &["supplier.prison_certificate", "supplier.treated_as_micro"],
        run: |c| {
            if c.facts.supplier.prison_certificate != Some(true) {
                return not_applicable();
            }
            yes(c.facts.supplier.treated_as_micro, "监狱企业视同小微 · a prison enterprise is treated as a micro enterprise")
        },
    },
    Check {
        rule: "R081",
        gates: &[Gate::Review, Gate::Evaluation],
        figures: &["min_disabled_share", "min_disabled_staff"],
        facts: &["supplier.claims_disabled_welfare", "supplier.staff", "supplier.disabled_staff"],
        run: disabled_welfare,
    },
    Check {
        rule: "R082",
        gates: &[Gate::Fund],
        figures: &[],
        facts: &["fund.is_lottery", "fund.uses"],
        run: |c| lottery(c, |one| matches!(one, FundUse::GeneralBudget | FundUse::Other)),
    },
    Check {
        rule: "R083",
        gates: &[Gate::Yearly],
        figures: &["reports_per_year"],
        facts: &["yearly.lottery_reports"],
        run: |c| at_least(need(&c.facts.yearly.lottery_reports)?, c.figure("reports_per_year")?, "次公告 · reports"),
    },
    Check {
        rule: "R084",
        gates: &[Gate::Yearly],
        figures: &["publish_by_end_of_month"],
        facts: &["yearly.year", "yearly.lottery_published_on"],
        run: lottery_report_in_time,
    },
    Check {
        rule: "R085",
        gates: &[Gate::Performance],
        figures: &[],
        facts: &["fund.is_lottery", "fund.labelled"],
        run: |c| {
            if c.facts.fund.is_lottery != Some(true) {
                return not_applicable();
            }
            yes(c.facts.fund.labelled, "标明“彩票公益金资助” · marked as paid by the lottery fund")
        },
    },
    Check {
        rule: "R086",
        gates: &[Gate::Fund, Gate::Payment],
        figures: &[],
        facts: &["fund.is_lottery", "fund.uses"],
        run: |c| lottery(c, |one| !matches!(one, FundUse::Welfare | FundUse::GeneralBudget | FundUse::Other)),
    },
    Check {
        rule: "R087",
        gates: &[Gate::Fund],
        figures: &["max_grant"],
        facts: &["fund.is_city_lottery", "fund.recipient_registered", "fund.per_project"],
        run: |c| city_lottery(c, true),
    },
    Check {
        rule: "R088",
        gates: &[Gate::Fund],
        figures: &["max_grant"],
        facts: &["fund.is_city_lottery", "fund.recipient_registered", "fund.per_project"],
        run: |c| city_lottery(c, false),
    },
    Check {
        rule: "R096",
        gates: &[Gate::Yearly],
        figures: &["workers_target", "projects_target"],
        facts: &["yearly.distinct_workers", "yearly.distinct_projects"],
        run: |c| {
            let yearly = &c.facts.yearly;
            every([
                at_least(need(&yearly.distinct_workers)?, c.figure("workers_target")?, "名社工 · social workers"),
                at_least(need(&yearly.distinct_projects)?, c.figure("projects_target")?, "个项目 · projects"),
            ])
        },
    },
];

/// From the statutory threshold up to the limit, what suits them is reserved whole.
fn reserved_whole(c: &Case<'_>) -> Judgement {
    let purchase = &c.facts.purchase;
    let limit = c.amount(if purchase.is_works == Some(true) { "reserve_limit_works" } else { "reserve_limit" })?;
    let budget = need(&purchase.budget)?;
    if budget > limit || budget < need(&c.facts.thresholds)?.statutory || !need(&purchase.sme_suitable)? {
        return not_applicable();
    }
    let reserved = need(&purchase.sme_reserved)?;
    holds(reserved >= budget, format!("{reserved} 元预留 · reserved"), format!("{budget} 元全部预留 · all of it"))
}

/// Above the limit, a share of what suits them, and a share of that for small and micro enterprises.
fn reserved_part(c: &Case<'_>) -> Judgement {
    let purchase = &c.facts.purchase;
    let budget = need(&purchase.budget)?;
    if budget <= c.amount("reserve_threshold")? || !need(&purchase.sme_suitable)? {
        return not_applicable();
    }
    let reserved = need(&purchase.sme_reserved)?;
    every([
        share_at_least(reserved, budget, c.figure("min_reserve_share")?),
        share_at_least(need(&purchase.micro_reserved)?, reserved, c.figure("min_micro_share")?),
    ])
}

fn consortium_deduction(c: &Case<'_>) -> Judgement {
    let (least, most) = (c.figure("price_deduction_min")?, c.figure("price_deduction_max")?);
    let asked = match c.facts.criteria.consortium_deduction_bp {
        None if c.facts.bid.micro_share_bp.is_some() => not_applicable(),
        None => Err(Halt::Waiting),
        Some(deduction) => between(deduction, least, most, "bp"),
    };
    let given = match (c.facts.bid.micro_share_bp, c.facts.bid.deduction_bp) {
        (Some(share), Some(deduction)) => {
            let enough = share >= c.figure("min_micro_share")?;
            let lawful = if enough { (least..=most).contains(&deduction) } else { deduction == 0 };
            let required = if enough { format!("{least}–{most} bp") } else { "0 bp".to_owned() };
            holds(lawful, format!("小微份额 micro share {share} bp, {deduction} bp"), required)
        }
        _ => not_applicable(),
    };
    every([asked, given])
}

fn disabled_welfare(c: &Case<'_>) -> Judgement {
    let supplier = &c.facts.supplier;
    if supplier.claims_disabled_welfare != Some(true) {
        return not_applicable();
    }
    let (staff, disabled, share) = (need(&supplier.staff)?, need(&supplier.disabled_staff)?, c.figure("min_disabled_share")?);
    let whole = i64::from(crate::kernel::BasisPoints::WHOLE.get());
    let enough = disabled.saturating_mul(whole) >= staff.saturating_mul(share);
    every([
        at_least(disabled, c.figure("min_disabled_staff")?, "名残疾人 · disabled persons"),
        holds(enough, format!("{disabled}/{staff}"), format!("≥ {share} bp")),
    ])
}

fn lottery(c: &Case<'_>, forbidden: fn(&FundUse) -> bool) -> Judgement {
    if c.facts.fund.is_lottery != Some(true) {
        return not_applicable();
    }
    let found: Vec<FundUse> = need(&c.facts.fund.uses)?.into_iter().filter(forbidden).collect();
    holds(found.is_empty(), listed(&found), "专项用于社会福利等公益事业 · for welfare and like public causes only")
}

fn city_lottery(c: &Case<'_>, registered: bool) -> Judgement {
    if c.facts.fund.is_city_lottery != Some(true) || need(&c.facts.fund.recipient_registered)? != registered {
        return not_applicable();
    }
    amount_at_most(need(&c.facts.fund.per_project)?, c.amount("max_grant")?)
}

/// Of the year before, by the end of the month named.
fn lottery_report_in_time(c: &Case<'_>) -> Judgement {
    let year = need(&c.facts.yearly.year)?.saturating_add(1);
    let month = u32::try_from(c.figure("publish_by_end_of_month")?).unwrap_or(0);
    let end = NaiveDate::from_ymd_opt(year, month, 1)
        .and_then(|first| first.checked_add_months(Months::new(1)))
        .and_then(|next| next.checked_sub_days(Days::new(1)))
        .ok_or(Halt::Waiting)?;
    c.duty_by(end, c.facts.yearly.lottery_published_on, format!("{year}-{month:02}"))
}
