//! Procedures, criteria, prices, bonds and contract amounts at their boundaries (R024, R027, R029, R034–R036, R039–R050, R056, R057).

use super::{Pair, calendar, d, facts_for, fen, pair, rule, thresholds};
use crate::kernel::Fen;
use crate::law::facts::{Bound, Comparison, Forbidden, InvalidGround, Ranked};
use crate::law::{Facts, Gate, Level, Procedure, Standing, judge};

const DAY: &str = "2026-03-02";

const fn ranked(price: i64, price_points: i64, total_points: i64, rank: i64) -> Ranked {
    Ranked { price: Fen::new(price), price_points, total_points, rank }
}

fn low_price(f: &mut Facts, offer: i64, others: &[i64], ceiling: i64) {
    f.bid.price = fen(offer);
    f.prices.passed = Some(others.iter().chain([&offer]).copied().map(Fen::new).collect());
    f.prices.ceiling = fen(ceiling);
}

pub static PAIRS: &[Pair] = &[
    pair(
        "R024",
        DAY,
        |f| {
            f.bidders.invited = Some(3);
            f.bidders.candidates = Some(6);
        },
        |f| f.bidders.invited = Some(2),
    ),
    pair(
        "R024",
        DAY,
        |f| {
            f.bidders.invited = Some(4);
            f.bidders.candidates = Some(8);
        },
        |f| f.bidders.candidates = Some(7),
    ),
    pair("R027", DAY, |f| f.bidders.valid = Some(2), |f| f.bidders.valid = Some(1)),
    pair(
        "R027",
        DAY,
        |f| {
            f.purchase.is_goods = Some(true);
            f.bidders.submitted = Some(3);
        },
        |f| f.bidders.valid = Some(2),
    ),
    pair("R029", DAY, |f| f.criteria.price_weight_bp = Some(1000), |f| f.criteria.price_weight_bp = Some(999)),
    pair("R029", DAY, |f| f.criteria.price_weight_bp = Some(3000), |f| f.criteria.price_weight_bp = Some(3001)),
    pair(
        "R029",
        DAY,
        |f| {
            f.purchase.is_goods = Some(true);
            f.criteria.price_weight_bp = Some(3000);
        },
        |f| f.criteria.price_weight_bp = Some(2999),
    ),
    pair(
        "R029",
        DAY,
        |f| {
            f.purchase.is_goods = Some(true);
            f.criteria.price_weight_bp = Some(6000);
        },
        |f| f.criteria.price_weight_bp = Some(6001),
    ),
    pair(
        "R029",
        DAY,
        |f| {
            f.criteria.fixed_price = Some(true);
            f.criteria.price_weight_bp = Some(0);
        },
        |f| f.criteria.price_weight_bp = Some(1),
    ),
    pair(
        "R034",
        DAY,
        |f| {
            f.purchase.is_addition = Some(true);
            f.purchase.original_contract = fen(10_000_005);
            f.purchase.additions = fen(1_000_000);
        },
        |f| f.purchase.additions = fen(1_000_001),
    ),
    pair(
        "R035",
        DAY,
        |f| {
            f.thresholds = Some(thresholds());
            f.purchase.item_total_in_year = fen(200_000_000);
        },
        |f| f.purchase.item_total_in_year = fen(200_000_001),
    ),
    pair("R036", DAY, |f| f.purchase.budget = fen(199_999_999), |f| f.purchase.budget = fen(200_000_000)),
    pair(
        "R036",
        DAY,
        |f| {
            f.purchase.procedure = Some(Procedure::Selection);
            f.purchase.budget = fen(29_999_999);
        },
        |f| f.purchase.budget = fen(30_000_000),
    ),
    pair(
        "R036",
        DAY,
        |f| {
            f.purchase.budget = fen(1);
            f.thresholds = Some(thresholds());
        },
        |f| f.thresholds.as_mut().unwrap().statutory = Fen::new(29_999_999),
    ),
    pair(
        "R036",
        DAY,
        |f| {
            f.purchase.budget = fen(1);
            f.thresholds = Some(thresholds());
        },
        |f| f.thresholds.as_mut().unwrap().open_tender = Fen::new(199_999_999),
    ),
    pair(
        "R036",
        DAY,
        |f| {
            f.purchase.budget = fen(1);
            let province = crate::law::Thresholds { level: Level::Province, statutory: Fen::new(50_000_000), ..thresholds() };
            f.thresholds = Some(province);
        },
        |f| f.thresholds.as_mut().unwrap().statutory = Fen::new(49_999_999),
    ),
    pair("R039", DAY, |f| f.criteria.price_weight_bp = Some(1000), |f| f.criteria.price_weight_bp = Some(999)),
    pair(
        "R039",
        DAY,
        |f| {
            f.purchase.is_goods = Some(true);
            f.criteria.price_weight_bp = Some(3000);
        },
        |f| f.criteria.price_weight_bp = Some(2999),
    ),
    pair(
        "R040",
        DAY,
        |f| f.prices.ranking = Some(vec![ranked(80, 10_000, 9000, 1), ranked(300, 2667, 8000, 2)]),
        |f| f.prices.ranking = Some(vec![ranked(80, 10_000, 9000, 1), ranked(300, 2666, 8000, 2)]),
    ),
    pair(
        "R041",
        DAY,
        |f| f.prices.ranking = Some(vec![ranked(80, 0, 9000, 1), ranked(81, 0, 9000, 2), ranked(81, 0, 9000, 2)]),
        |f| f.prices.ranking = Some(vec![ranked(80, 0, 9000, 2), ranked(81, 0, 9000, 1)]),
    ),
    pair(
        "R041",
        DAY,
        |f| f.prices.ranking = Some(vec![ranked(90, 0, 9001, 1), ranked(80, 0, 9000, 2)]),
        |f| {
            f.prices.ranking = Some(vec![ranked(90, 0, 9000, 1), ranked(80, 0, 9001, 2)]);
        },
    ),
    pair(
        "R042",
        DAY,
        |f| f.criteria.forbidden = Some(vec![Forbidden::Location]),
        |f| {
            f.criteria.forbidden = Some(vec![Forbidden::RegisteredCapital]);
        },
    ),
    pair(
        "R043",
        DAY,
        |f| f.criteria.forbidden = Some(vec![Forbidden::Headcount]),
        |f| {
            f.criteria.forbidden = Some(vec![Forbidden::LocalRecord]);
        },
    ),
    pair(
        "R044",
        DAY,
        |f| {
            f.bid.invalid_grounds = Some(vec![]);
            f.bid.price = fen(8_000_000);
            f.bid.ceiling = fen(8_000_000);
        },
        |f| f.bid.price = fen(8_000_001),
    ),
    pair(
        "R044",
        DAY,
        |f| {
            f.bid.invalid_grounds = Some(vec![InvalidGround::Unsigned]);
            f.bid.held_invalid = Some(true);
        },
        |f| f.bid.held_invalid = Some(false),
    ),
    pair("R045", DAY, |f| f.bidders.submitted = Some(3), |f| f.bidders.submitted = Some(2)),
    pair("R045", DAY, |f| f.bidders.submitted = Some(3), |f| f.bidders.valid = Some(2)),
    pair(
        "R046",
        DAY,
        |f| {
            f.bid.low_price_flagged = Some(true);
            f.bid.low_price_justified = Some(true);
        },
        |f| f.bid.low_price_justified = Some(false),
    ),
    // Half of the mean of 100, 200 and 300 is 100.
    pair("R047", DAY, |f| low_price(f, 100, &[200, 300], 200), |f| low_price(f, 100, &[200, 301], 200)),
    // Half of the next lowest.
    pair("R047", DAY, |f| low_price(f, 100, &[200], 200), |f| low_price(f, 100, &[201], 200)),
    pair("R047", DAY, |f| low_price(f, 4500, &[4600], 10_000), |f| low_price(f, 4499, &[4600], 10_000)),
    pair(
        "R047",
        DAY,
        |f| {
            f.prices.low_share_bp = Some(6500);
            low_price(f, 6500, &[6600], 10_000);
        },
        |f| low_price(f, 6499, &[6600], 10_000),
    ),
    pair(
        "R047",
        DAY,
        |f| {
            f.prices.low_share_bp = Some(6500);
            low_price(f, 9000, &[9000], 10_000);
        },
        |f| f.prices.low_share_bp = Some(6501),
    ),
    pair(
        "R047",
        DAY,
        |f| {
            low_price(f, 10, &[100, 100], 100);
            f.bid.explain_minutes = Some(30);
        },
        |f| f.bid.explain_minutes = Some(29),
    ),
    pair(
        "R048",
        DAY,
        |f| {
            f.purchase.budget = fen(8_000_049);
            f.bond.bid_bond = fen(160_000);
        },
        |f| f.bond.bid_bond = fen(160_001),
    ),
    pair(
        "R050",
        DAY,
        |f| {
            f.contract.price = fen(8_000_009);
            f.bond.performance_bond = fen(800_000);
        },
        |f| f.bond.performance_bond = fen(800_001),
    ),
    pair("R050", DAY, |f| f.bond.performance_bond_bp = Some(1000), |f| f.bond.performance_bond_bp = Some(1001)),
    pair(
        "R056",
        DAY,
        |f| {
            f.contract.price = fen(8_000_009);
            f.contract.additions = fen(800_000);
        },
        |f| f.contract.additions = fen(800_001),
    ),
    pair(
        "R057",
        DAY,
        |f| {
            f.award.declined = Some(1);
            f.award.awarded_rank = Some(2);
        },
        |f| f.award.awarded_rank = Some(3),
    ),
    pair(
        "R073",
        DAY,
        |f| f.comparison = Some(Comparison { number: 3, bound: Bound::ShortOf, limit: 3, said: false }),
        |f| f.comparison = Some(Comparison { number: 3, bound: Bound::ShortOf, limit: 3, said: true }),
    ),
    pair(
        "R073",
        DAY,
        |f| f.comparison = Some(Comparison { number: 3, bound: Bound::AtLeast, limit: 3, said: true }),
        |f| f.comparison = Some(Comparison { number: 2, bound: Bound::AtLeast, limit: 3, said: true }),
    ),
    pair(
        "R073",
        DAY,
        |f| f.comparison = Some(Comparison { number: 3, bound: Bound::Within, limit: 3, said: true }),
        |f| f.comparison = Some(Comparison { number: 4, bound: Bound::Within, limit: 3, said: true }),
    ),
];

/// The district's own thresholds move the boundary, not the floor of the directory.
#[test]
fn the_thresholds_of_the_year_decide_the_procedure() {
    let rule = rule("R036");
    let found = |budget: i64| {
        let mut facts = facts_for(
            &rule,
            &[|f| {
                f.thresholds = Some(crate::law::Thresholds { open_tender: Fen::new(400_000_000), ..thresholds() });
            }],
        );
        facts.purchase.budget = fen(budget);
        judge(std::slice::from_ref(&rule), &facts, &calendar(), Gate::Plan, DAY.parse().unwrap()).unwrap()[0].standing
    };
    assert_eq!([found(399_999_999), found(400_000_000)], [Standing::Met, Standing::Warned]);
}

#[test]
fn what_has_grounds_of_its_own_is_not_judged() {
    let silent = |id: &str, fill: fn(&mut Facts)| {
        let rule = rule(id);
        let facts = facts_for(&rule, &[fill]);
        Gate::ALL
            .iter()
            .all(|gate| judge(std::slice::from_ref(&rule), &facts, &calendar(), *gate, DAY.parse().unwrap()).unwrap().is_empty())
    };
    // Below the amount a small panel does; an approved procedure is no splitting; one fen below the threshold needs no publicity.
    assert!(silent("R038", |f| {
        f.purchase.budget = fen(999_999_999);
        f.panel.size = Some(5);
    }));
    assert!(silent("R035", |f| {
        f.thresholds = Some(thresholds());
        f.purchase.item_total_in_year = fen(i64::MAX);
        f.purchase.other_procedure_approved = Some(true);
    }));
    assert!(silent("R033", |f| {
        f.thresholds = Some(thresholds());
        f.purchase.budget = fen(199_999_999);
        f.notice.published_on = d("2026-03-02");
        f.notice.ends_on = d("2026-03-02");
    }));
    // Statutory inquiry is not the service's quotes.
    assert!(silent("R031", |f| {
        f.purchase.procedure = Some(Procedure::Quotes);
        f.notice.published_on = d("2026-03-02");
        f.notice.deadline_on = d("2026-03-02");
    }));
    assert!(silent("R075", |f| {
        f.thresholds = Some(thresholds());
        f.purchase.sme_suitable = Some(true);
        f.purchase.sme_reserved = fen(0);
        f.purchase.budget = fen(200_000_001);
    }));
    assert!(silent("R075", |f| {
        f.thresholds = Some(thresholds());
        f.purchase.sme_suitable = Some(true);
        f.purchase.sme_reserved = fen(0);
        f.purchase.budget = fen(29_999_999);
    }));
    assert!(silent("R076", |f| {
        f.purchase.sme_suitable = Some(true);
        f.purchase.sme_reserved = fen(0);
        f.purchase.budget = fen(200_000_000);
    }));
}

#[test]
fn a_low_price_that_was_explained_in_time_goes_on() {
    let rule = rule("R047");
    let facts = facts_for(
        &rule,
        &[|f| {
            low_price(f, 1, &[100, 100], 100);
            f.bid.explain_minutes = Some(30);
        }],
    );
    let found = judge(&[rule], &facts, &calendar(), Gate::Evaluation, DAY.parse().unwrap()).unwrap();
    assert_eq!(found[0].standing, Standing::Met);
    assert!(found[0].found.contains("below_mean, below_next_lowest, below_ceiling"), "{found:?}");
}
