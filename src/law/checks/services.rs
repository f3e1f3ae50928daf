//! Buying public services: who may buy what, from which catalogue, with which money, for how long (R001–R017).

use super::kit::{amount_at_least, at_least, every, holds, listed, need, no, not_applicable, yes};
use super::{Case, Check, Judgement};
use crate::law::Gate;
use crate::law::facts::Prohibited;

/// Months of a year, for terms in years.
const MONTHS: i64 = 12;

pub static CHECKS: &[Check] = &[
    Check {
        rule: "R001",
        gates: &[Gate::Plan],
        figures: &[],
        facts: &["purchase.purchaser_eligible"],
        run: |c| yes(c.facts.purchase.purchaser_eligible, "购买主体具备资格 · the purchaser may buy services"),
    },
    Check {
        rule: "R002",
        gates: &[Gate::Bid],
        figures: &[],
        facts: &["supplier.eligible"],
        run: |c| yes(c.facts.supplier.eligible, "承接主体具备资格 · the supplier may supply services"),
    },
    Check {
        rule: "R003",
        gates: &[Gate::Plan, Gate::Submission],
        figures: &[],
        facts: &["purchase.prohibited"],
        run: |c| prohibited(c, |_| true),
    },
    Check {
        rule: "R004",
        gates: &[Gate::Plan, Gate::Submission],
        figures: &[],
        facts: &["purchase.prohibited"],
        run: |c| prohibited(c, is_goods_works_or_financing),
    },
    Check {
        rule: "R005",
        gates: &[Gate::Plan],
        figures: &["catalogue_tiers"],
        facts: &["catalogue.keeper_tier", "catalogue.authorised_from_above", "catalogue.is_published"],
        run: catalogue_kept_above,
    },
    Check {
        rule: "R006",
        gates: &[Gate::Submission],
        figures: &[],
        facts: &["purchase.catalogue_listed", "purchase.finance_approval"],
        run: on_catalogue_or_approved,
    },
    Check {
        rule: "R007",
        gates: &[Gate::Submission, Gate::Publication],
        figures: &[],
        facts: &["purchase.funded", "purchase.budget"],
        run: |c| amount_at_least(need(&c.facts.purchase.funded)?, need(&c.facts.purchase.budget)?),
    },
    Check {
        rule: "R008",
        gates: &[Gate::Submission, Gate::Contract],
        figures: &["max_term"],
        facts: &["purchase.recurring_conditions", "purchase.term_months"],
        run: |c| {
            if c.facts.purchase.recurring_conditions == Some(true) { not_applicable() } else { term(c) }
        },
    },
    Check {
        rule: "R009",
        gates: &[Gate::Submission, Gate::Contract],
        figures: &["max_term"],
        facts: &["purchase.recurring_conditions", "purchase.term_months"],
        run: |c| {
            if c.facts.purchase.recurring_conditions == Some(true) { term(c) } else { not_applicable() }
        },
    },
    Check {
        rule: "R010",
        gates: &[Gate::Performance],
        figures: &[],
        facts: &["contract.handed_on"],
        run: |c| no(c.facts.contract.handed_on, "转包 · hand the project on"),
    },
    Check {
        rule: "R011",
        gates: &[Gate::Contract],
        figures: &[],
        facts: &["contract.purchaser_guarantees"],
        run: |c| no(c.facts.contract.purchaser_guarantees, "购买主体提供担保 · a guarantee of the purchaser"),
    },
    Check {
        rule: "R012",
        gates: &[Gate::Submission, Gate::Performance],
        figures: &[],
        facts: &["purchase.objectives_evaluated", "acceptance.performance_evaluated"],
        run: evaluated_before_and_after,
    },
    Check {
        rule: "R013",
        gates: &[Gate::Performance],
        figures: &[],
        facts: &["acceptance.project_ledger_kept"],
        run: |c| yes(c.facts.acceptance.project_ledger_kept, "建立项目台账并提供资料 · a project ledger is kept and handed over"),
    },
    Check {
        rule: "R014",
        gates: &[Gate::Submission],
        figures: &[],
        facts: &["purchase.is_public_service", "purchase.public_consulted"],
        run: |c| {
            if c.facts.purchase.is_public_service == Some(false) {
                return not_applicable();
            }
            need(&c.facts.purchase.is_public_service)?;
            yes(c.facts.purchase.public_consulted, "征求社会公众意见 · the public is asked about the requirement")
        },
    },
    Check {
        rule: "R015",
        gates: &[Gate::Performance],
        figures: &[],
        facts: &["purchase.is_public_service", "acceptance.beneficiaries_asked", "acceptance.published"],
        run: accepted_with_beneficiaries,
    },
    Check {
        rule: "R016",
        gates: &[Gate::Record],
        figures: &["disclosed_items"],
        facts: &["disclosure.items_published"],
        run: |c| at_least(need(&c.facts.disclosure.items_published)?, c.figure("disclosed_items")?, "项 · items"),
    },
    Check {
        rule: "R017",
        gates: &[Gate::Plan],
        figures: &[],
        facts: &["purchase.mixed_money", "purchase.whole_amount_counted"],
        run: |c| {
            if c.facts.purchase.mixed_money == Some(false) {
                return not_applicable();
            }
            need(&c.facts.purchase.mixed_money)?;
            yes(c.facts.purchase.whole_amount_counted, "全部金额适用政府采购法 · the whole amount is counted under the procurement law")
        },
    },
];

fn is_goods_works_or_financing(one: &Prohibited) -> bool {
    matches!(one, Prohibited::Goods | Prohibited::Works | Prohibited::WorksBundle | Prohibited::Financing)
}

fn prohibited(c: &Case<'_>, counts: fn(&Prohibited) -> bool) -> Judgement {
    let found: Vec<Prohibited> = need(&c.facts.purchase.prohibited)?.into_iter().filter(counts).collect();
    holds(found.is_empty(), listed(&found), "不含负面清单内容 · nothing of the negative list")
}

fn catalogue_kept_above(c: &Case<'_>) -> Judgement {
    let catalogue = &c.facts.catalogue;
    let (tier, lowest) = (need(&catalogue.keeper_tier)?, c.figure("catalogue_tiers")?);
    let authority = if tier <= lowest {
        at_least(lowest, tier, "级 · tier")
    } else {
        holds(
            catalogue.authorised_from_above == Some(true),
            format!("第 {tier} 级 · tier {tier}"),
            format!("≤ {lowest} 级或经授权 · tier ≤ {lowest} or authorised from above"),
        )
    };
    every([authority, yes(catalogue.is_published, "目录依法公开 · the catalogue is published")])
}

fn on_catalogue_or_approved(c: &Case<'_>) -> Judgement {
    let purchase = &c.facts.purchase;
    let listed = need(&purchase.catalogue_listed)?;
    let approved = purchase.finance_approval == Some(true);
    let found = match (listed, approved) {
        (true, _) => "目录内 · in the catalogue",
        (false, true) => "目录外，已备案 · off the catalogue, approved",
        (false, false) => "目录外，未备案 · off the catalogue, not approved",
    };
    holds(listed || approved, found, "目录内或经财政审核备案 · in the catalogue or approved by the finance bureau")
}

fn term(c: &Case<'_>) -> Judgement {
    let most = c.figure("max_term")?.saturating_mul(MONTHS);
    let months = need(&c.facts.purchase.term_months)?;
    holds(months <= most, format!("{months} 个月 · months"), format!("≤ {most} 个月 · months"))
}

fn evaluated_before_and_after(c: &Case<'_>) -> Judgement {
    every([
        yes(c.facts.purchase.objectives_evaluated, "事前绩效评估 · evaluated beforehand"),
        match c.facts.acceptance.performance_evaluated {
            None => not_applicable(),
            done => yes(done, "定期绩效评价 · evaluated regularly"),
        },
    ])
}

fn accepted_with_beneficiaries(c: &Case<'_>) -> Judgement {
    if c.facts.purchase.is_public_service == Some(false) {
        return not_applicable();
    }
    need(&c.facts.purchase.is_public_service)?;
    every([
        yes(c.facts.acceptance.beneficiaries_asked, "服务对象参与并出具意见 · beneficiaries take part and give their opinion"),
        match c.facts.acceptance.published {
            None => not_applicable(),
            published => yes(published, "验收结果向社会公告 · the result of the acceptance is published"),
        },
    ])
}
