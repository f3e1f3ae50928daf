//! Suppliers, panels, conflicts, collusion, penalties, organisations and social workers at their boundaries.

use super::{Pair, d, fen, pair};
use crate::law::facts::{CollusionSign, Tie, TieKind, WorkerLevel};

const DAY: &str = "2026-03-02";

pub static PAIRS: &[Pair] = &[
    // Three years after 2023-03-01 end with 2026-03-01.
    pair("R018", DAY, |f| f.supplier.last_violation_on = d("2023-03-01"), |f| f.supplier.last_violation_on = d("2023-03-02")),
    pair("R018", DAY, |f| f.supplier.clean_record = Some(true), |f| f.supplier.clean_record = Some(false)),
    pair(
        "R028",
        DAY,
        |f| {
            f.panel.size = Some(3);
            f.panel.experts = Some(2);
        },
        |f| f.panel.experts = Some(1),
    ),
    pair(
        "R028",
        DAY,
        |f| {
            f.panel.size = Some(3);
            f.panel.experts = Some(3);
        },
        |f| {
            f.panel.size = Some(1);
            f.panel.experts = Some(1);
        },
    ),
    pair(
        "R032",
        DAY,
        |f| {
            f.panel.size = Some(5);
            f.panel.experts = Some(4);
        },
        |f| f.panel.experts = Some(3),
    ),
    pair(
        "R032",
        DAY,
        |f| {
            f.panel.size = Some(3);
            f.panel.experts = Some(2);
        },
        |f| {
            f.panel.size = Some(2);
            f.panel.experts = Some(2);
        },
    ),
    pair(
        "R032",
        DAY,
        |f| {
            f.panel.size = Some(3);
            f.panel.experts = Some(2);
        },
        |f| {
            f.panel.size = Some(4);
            f.panel.experts = Some(4);
        },
    ),
    pair(
        "R037",
        DAY,
        |f| {
            f.panel.size = Some(5);
            f.panel.experts = Some(4);
        },
        |f| f.panel.experts = Some(3),
    ),
    pair(
        "R037",
        DAY,
        |f| {
            f.panel.size = Some(5);
            f.panel.experts = Some(5);
        },
        |f| {
            f.panel.size = Some(4);
            f.panel.experts = Some(4);
        },
    ),
    pair(
        "R037",
        DAY,
        |f| {
            f.panel.size = Some(5);
            f.panel.experts = Some(4);
            f.panel.purchaser_chairs = Some(false);
        },
        |f| f.panel.purchaser_chairs = Some(true),
    ),
    pair(
        "R038",
        DAY,
        |f| {
            f.purchase.budget = fen(1_000_000_000);
            f.panel.size = Some(7);
        },
        |f| f.panel.size = Some(6),
    ),
    pair(
        "R038",
        DAY,
        |f| {
            f.purchase.budget = fen(1);
            f.purchase.is_complex = Some(true);
            f.panel.size = Some(7);
        },
        |f| f.panel.size = Some(5),
    ),
    pair("R066", DAY, |f| f.bid.related_rivals = Some(0), |f| f.bid.related_rivals = Some(1)),
    pair("R067", DAY, |f| f.bid.prepared_the_project = Some(false), |f| f.bid.prepared_the_project = Some(true)),
    pair(
        "R068",
        DAY,
        |f| f.panel.ties = Some(vec![Tie { kind: TieKind::Employment, until: d("2023-03-01") }]),
        |f| f.panel.ties = Some(vec![Tie { kind: TieKind::Employment, until: d("2023-03-02") }]),
    ),
    pair("R068", DAY, |f| f.panel.ties = Some(vec![]), |f| f.panel.ties = Some(vec![Tie { kind: TieKind::Kinship, until: None }])),
    pair(
        "R069",
        DAY,
        |f| f.bidders.collusion_signs = Some(vec![]),
        |f| {
            f.bidders.collusion_signs = Some(vec![CollusionSign::SameContact]);
        },
    ),
    pair("R070", DAY, |f| f.bidders.malicious_findings = Some(0), |f| f.bidders.malicious_findings = Some(1)),
    pair("R071", DAY, penalty, |f| f.sanction.fine = fen(39_999)),
    pair(
        "R071",
        DAY,
        |f| {
            penalty(f);
            f.sanction.fine = fen(80_000);
        },
        |f| f.sanction.fine = fen(80_001),
    ),
    pair("R071", DAY, penalty, |f| f.sanction.banned_until = d("2027-03-01")),
    pair(
        "R071",
        DAY,
        |f| {
            penalty(f);
            f.sanction.banned_until = d("2029-03-02");
        },
        |f| f.sanction.banned_until = d("2029-03-03"),
    ),
    pair(
        "R089",
        DAY,
        |f| f.organisation.uscc = Some("52330502MJ9000022F".into()),
        |f| {
            f.organisation.uscc = Some("52330502MJ9000022".into());
        },
    ),
    pair(
        "R089",
        DAY,
        |f| f.organisation.uscc = Some("52330502MJ9000022F".into()),
        |f| {
            f.organisation.uscc = Some("52330502MJ9000023F".into());
        },
    ),
    pair(
        "R090",
        DAY,
        |f| {
            f.organisation.rating = Some(5);
            f.organisation.rated_on = d("2021-03-02");
        },
        |f| f.organisation.rated_on = d("2021-03-01"),
    ),
    pair(
        "R090",
        DAY,
        |f| {
            f.organisation.rating = Some(5);
            f.organisation.rated_on = d("2025-03-02");
        },
        |f| f.organisation.rating = Some(6),
    ),
    pair(
        "R091",
        DAY,
        |f| {
            f.organisation.asks_for_rating = Some(true);
            f.organisation.basic_years = Some(1);
            f.organisation.barred_from_rating = Some(false);
        },
        |f| f.organisation.basic_years = Some(2),
    ),
    pair(
        "R091",
        DAY,
        |f| {
            f.organisation.asks_for_rating = Some(true);
            f.organisation.basic_years = Some(0);
            f.organisation.barred_from_rating = Some(false);
        },
        |f| f.organisation.barred_from_rating = Some(true),
    ),
    pair("R093", DAY, |f| f.organisation.abnormal_since = d("2024-03-03"), |f| f.organisation.abnormal_since = d("2024-03-02")),
    pair(
        "R094",
        DAY,
        |f| {
            f.worker.certified_on = d("2025-03-01");
            f.worker.first_registered_on = d("2026-03-01");
        },
        |f| f.worker.first_registered_on = d("2026-03-02"),
    ),
    pair(
        "R094",
        DAY,
        |f| {
            f.worker.certified_on = d("2022-03-01");
            f.worker.first_registered_on = d("2022-03-02");
            f.worker.registered_on = d("2023-03-02");
        },
        |f| f.worker.registered_on = d("2023-03-01"),
    ),
    pair(
        "R095",
        DAY,
        |f| {
            f.worker.level = Some(WorkerLevel::Assistant);
            f.worker.training_hours = Some(72);
        },
        |f| f.worker.training_hours = Some(71),
    ),
    pair(
        "R095",
        DAY,
        |f| {
            f.worker.level = Some(WorkerLevel::Senior);
            f.worker.training_hours = Some(90);
        },
        |f| f.worker.training_hours = Some(89),
    ),
];

/// The least fine and ban for a purchase of 80,000 yuan.
fn penalty(f: &mut crate::law::Facts) {
    f.sanction.purchase_amount = fen(8_000_000);
    f.sanction.fine = fen(40_000);
    f.sanction.banned_from = d("2026-03-02");
    f.sanction.banned_until = d("2027-03-02");
}
