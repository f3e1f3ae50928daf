//! R001–R017 and the policies R074–R088, R096 at their boundaries.

use super::{Pair, d, fen, pair, thresholds};
use crate::law::facts::{FundUse, Prohibited};

const DAY: &str = "2026-03-02";

pub static PAIRS: &[Pair] = &[
    pair("R001", DAY, |f| f.purchase.purchaser_eligible = Some(true), |f| f.purchase.purchaser_eligible = Some(false)),
    pair("R002", DAY, |f| f.supplier.eligible = Some(true), |f| f.supplier.eligible = Some(false)),
    pair("R003", DAY, |f| f.purchase.prohibited = Some(vec![]), |f| f.purchase.prohibited = Some(vec![Prohibited::Staffing])),
    // Staffing is the other rule's: only goods, works and financing block.
    pair(
        "R004",
        DAY,
        |f| f.purchase.prohibited = Some(vec![Prohibited::Staffing]),
        |f| {
            f.purchase.prohibited = Some(vec![Prohibited::Staffing, Prohibited::WorksBundle]);
        },
    ),
    pair(
        "R005",
        DAY,
        |f| {
            f.catalogue.keeper_tier = Some(2);
            f.catalogue.is_published = Some(true);
        },
        |f| f.catalogue.keeper_tier = Some(3),
    ),
    pair(
        "R005",
        DAY,
        |f| {
            f.catalogue.keeper_tier = Some(4);
            f.catalogue.authorised_from_above = Some(true);
            f.catalogue.is_published = Some(true);
        },
        |f| f.catalogue.is_published = Some(false),
    ),
    pair(
        "R006",
        DAY,
        |f| {
            f.purchase.catalogue_listed = Some(false);
            f.purchase.finance_approval = Some(true);
        },
        |f| f.purchase.finance_approval = None,
    ),
    pair(
        "R007",
        DAY,
        |f| {
            f.purchase.budget = fen(8_000_000);
            f.purchase.funded = fen(8_000_000);
        },
        |f| f.purchase.funded = fen(7_999_999),
    ),
    pair("R008", DAY, |f| f.purchase.term_months = Some(12), |f| f.purchase.term_months = Some(13)),
    pair(
        "R009",
        DAY,
        |f| {
            f.purchase.recurring_conditions = Some(true);
            f.purchase.term_months = Some(36);
        },
        |f| f.purchase.term_months = Some(37),
    ),
    pair("R010", DAY, |f| f.contract.handed_on = Some(false), |f| f.contract.handed_on = Some(true)),
    pair("R011", DAY, |f| f.contract.purchaser_guarantees = Some(false), |f| f.contract.purchaser_guarantees = Some(true)),
    pair("R012", DAY, |f| f.purchase.objectives_evaluated = Some(true), |f| f.purchase.objectives_evaluated = Some(false)),
    pair("R012", DAY, |f| f.purchase.objectives_evaluated = Some(true), |f| f.acceptance.performance_evaluated = Some(false)),
    pair("R013", DAY, |f| f.acceptance.project_ledger_kept = Some(true), |f| f.acceptance.project_ledger_kept = Some(false)),
    pair(
        "R014",
        DAY,
        |f| {
            f.purchase.is_public_service = Some(true);
            f.purchase.public_consulted = Some(true);
        },
        |f| f.purchase.public_consulted = Some(false),
    ),
    pair(
        "R015",
        DAY,
        |f| {
            f.purchase.is_public_service = Some(true);
            f.acceptance.beneficiaries_asked = Some(true);
        },
        |f| f.acceptance.beneficiaries_asked = Some(false),
    ),
    pair(
        "R015",
        DAY,
        |f| {
            f.purchase.is_public_service = Some(true);
            f.acceptance.beneficiaries_asked = Some(true);
            f.acceptance.published = Some(true);
        },
        |f| f.acceptance.published = Some(false),
    ),
    pair("R016", DAY, |f| f.disclosure.items_published = Some(7), |f| f.disclosure.items_published = Some(6)),
    pair(
        "R017",
        DAY,
        |f| {
            f.purchase.mixed_money = Some(true);
            f.purchase.whole_amount_counted = Some(true);
        },
        |f| f.purchase.whole_amount_counted = Some(false),
    ),
    pair(
        "R074",
        DAY,
        |f| {
            f.yearly.new_spending = fen(1_000_000_000);
            f.yearly.to_social_organisations = fen(300_000_000);
        },
        |f| f.yearly.to_social_organisations = fen(299_999_999),
    ),
    pair(
        "R075",
        DAY,
        |f| {
            f.thresholds = Some(thresholds());
            f.purchase.sme_suitable = Some(true);
            f.purchase.budget = fen(200_000_000);
            f.purchase.sme_reserved = fen(200_000_000);
        },
        |f| f.purchase.sme_reserved = fen(199_999_999),
    ),
    pair(
        "R075",
        DAY,
        |f| {
            f.thresholds = Some(thresholds());
            f.purchase.sme_suitable = Some(true);
            f.purchase.is_works = Some(true);
            f.purchase.budget = fen(400_000_000);
            f.purchase.sme_reserved = fen(400_000_000);
        },
        |f| f.purchase.sme_reserved = fen(399_999_999),
    ),
    pair(
        "R076",
        DAY,
        |f| {
            f.purchase.sme_suitable = Some(true);
            f.purchase.budget = fen(200_000_010);
            f.purchase.sme_reserved = fen(60_000_003);
            f.purchase.micro_reserved = fen(60_000_003);
        },
        |f| f.purchase.sme_reserved = fen(60_000_002),
    ),
    pair(
        "R076",
        DAY,
        |f| {
            f.purchase.sme_suitable = Some(true);
            f.purchase.budget = fen(200_000_001);
            f.purchase.sme_reserved = fen(100_000_000);
            f.purchase.micro_reserved = fen(60_000_000);
        },
        |f| f.purchase.micro_reserved = fen(59_999_999),
    ),
    pair("R077", DAY, |f| f.criteria.micro_deduction_bp = Some(1000), |f| f.criteria.micro_deduction_bp = Some(999)),
    pair("R077", DAY, |f| f.criteria.micro_deduction_bp = Some(2000), |f| f.criteria.micro_deduction_bp = Some(2001)),
    pair("R078", DAY, |f| f.criteria.consortium_deduction_bp = Some(400), |f| f.criteria.consortium_deduction_bp = Some(399)),
    pair("R078", DAY, |f| f.criteria.consortium_deduction_bp = Some(600), |f| f.criteria.consortium_deduction_bp = Some(601)),
    pair(
        "R078",
        DAY,
        |f| {
            f.bid.micro_share_bp = Some(3000);
            f.bid.deduction_bp = Some(400);
        },
        |f| f.bid.micro_share_bp = Some(2999),
    ),
    pair(
        "R079",
        DAY,
        |f| {
            f.supplier.is_social_organisation = Some(true);
            f.bid.deduction_bp = Some(0);
        },
        |f| f.bid.deduction_bp = Some(1),
    ),
    pair(
        "R080",
        DAY,
        |f| {
            f.supplier.prison_certificate = Some(true);
            f.supplier.treated_as_micro = Some(true);
        },
        |f| f.supplier.treated_as_micro = Some(false),
    ),
    pair(
        "R081",
        DAY,
        |f| {
            f.supplier.claims_disabled_welfare = Some(true);
            f.supplier.staff = Some(40);
            f.supplier.disabled_staff = Some(10);
        },
        |f| f.supplier.staff = Some(41),
    ),
    pair(
        "R081",
        DAY,
        |f| {
            f.supplier.claims_disabled_welfare = Some(true);
            f.supplier.staff = Some(20);
            f.supplier.disabled_staff = Some(10);
        },
        |f| f.supplier.disabled_staff = Some(9),
    ),
    pair(
        "R082",
        DAY,
        |f| {
            f.fund.is_lottery = Some(true);
            f.fund.uses = Some(vec![FundUse::Welfare]);
        },
        |f| f.fund.uses = Some(vec![FundUse::Welfare, FundUse::GeneralBudget]),
    ),
    pair("R083", DAY, |f| f.yearly.lottery_reports = Some(1), |f| f.yearly.lottery_reports = Some(0)),
    pair(
        "R084",
        "2026-07-01",
        |f| {
            f.yearly.year = Some(2025);
            f.yearly.lottery_published_on = d("2026-06-30");
        },
        |f| f.yearly.lottery_published_on = d("2026-07-01"),
    ),
    pair(
        "R085",
        DAY,
        |f| {
            f.fund.is_lottery = Some(true);
            f.fund.labelled = Some(true);
        },
        |f| f.fund.labelled = Some(false),
    ),
    pair(
        "R086",
        DAY,
        |f| {
            f.fund.is_lottery = Some(true);
            f.fund.uses = Some(vec![FundUse::Welfare]);
        },
        |f| f.fund.uses = Some(vec![FundUse::Welfare, FundUse::Staff]),
    ),
    pair(
        "R087",
        DAY,
        |f| {
            f.fund.is_city_lottery = Some(true);
            f.fund.recipient_registered = Some(true);
            f.fund.per_project = fen(20_000_000);
        },
        |f| f.fund.per_project = fen(20_000_001),
    ),
    pair(
        "R088",
        DAY,
        |f| {
            f.fund.is_city_lottery = Some(true);
            f.fund.recipient_registered = Some(false);
            f.fund.per_project = fen(3_000_000);
        },
        |f| f.fund.per_project = fen(3_000_001),
    ),
    pair(
        "R096",
        DAY,
        |f| {
            f.yearly.distinct_workers = Some(100);
            f.yearly.distinct_projects = Some(100);
        },
        |f| f.yearly.distinct_workers = Some(99),
    ),
    pair(
        "R096",
        DAY,
        |f| {
            f.yearly.distinct_workers = Some(100);
            f.yearly.distinct_projects = Some(100);
        },
        |f| f.yearly.distinct_projects = Some(99),
    ),
];
