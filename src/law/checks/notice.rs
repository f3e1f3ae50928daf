//! Notice and documents: how long, for how many, by which procedure (R019–R027, R030, R031, R033–R036, R045).

use chrono::NaiveDate;

use super::kit::{amount_at_least, amount_at_most, at_least, every, holds, need, not_applicable, share_at_most};
use super::{Case, Check, Halt, Judgement};
use crate::law::{Gate, Level, Procedure};

pub static CHECKS: &[Check] = &[
    Check {
        rule: "R019",
        gates: &[Gate::Publication],
        figures: &["min_bid_period"],
        facts: &["notice.deadline_on", "notice.documents_from", "notice.published_on"],
        run: bid_period,
    },
    Check {
        rule: "R020",
        gates: &[Gate::Publication],
        figures: &["notice_period"],
        facts: &["notice.published_on", "notice.ends_on"],
        run: notice_period,
    },
    Check {
        rule: "R021",
        gates: &[Gate::Publication],
        figures: &["min_document_period"],
        facts: &["notice.documents_to", "notice.documents_from", "notice.published_on"],
        run: document_period,
    },
    Check {
        rule: "R022",
        gates: &[Gate::Amendment],
        figures: &["min_amendment_lead"],
        facts: &["notice.amended_on", "notice.amendment_material", "notice.deadline_on"],
        run: amendment_lead,
    },
    Check {
        rule: "R023",
        gates: &[Gate::Publication],
        figures: &["min_application_period"],
        facts: &["notice.prequalification", "notice.prequalification_from", "notice.prequalification_to"],
        run: |c| {
            let notice = &c.facts.notice;
            if notice.prequalification != Some(true) {
                return not_applicable();
            }
            c.lasts(need(&notice.prequalification_from)?, need(&notice.prequalification_to)?, "min_application_period")
        },
    },
    Check {
        rule: "R024",
        gates: &[Gate::Publication],
        figures: &["min_suppliers", "candidate_multiple"],
        facts: &["bidders.invited", "bidders.candidates"],
        run: |c| {
            let invited = need(&c.facts.bidders.invited)?;
            let pool = c.figure("candidate_multiple")?.saturating_mul(invited);
            every([
                at_least(invited, c.figure("min_suppliers")?, "家被邀请 · invited"),
                need(&c.facts.bidders.candidates).and_then(|candidates| at_least(candidates, pool, "家备选 · candidates")),
            ])
        },
    },
    Check {
        rule: "R025",
        gates: &[Gate::Publication],
        figures: &["min_bid_period"],
        facts: &["notice.deadline_on", "notice.documents_from", "notice.published_on"],
        run: bid_period,
    },
    Check {
        rule: "R026",
        gates: &[Gate::Publication, Gate::Amendment],
        figures: &["min_document_period", "min_amendment_lead"],
        facts: &[
            "notice.documents_to",
            "notice.documents_from",
            "notice.published_on",
            "notice.amended_on",
            "notice.amendment_material",
            "notice.deadline_on",
        ],
        run: |c| every([document_period(c), amendment_lead(c)]),
    },
    Check {
        rule: "R027",
        gates: &[Gate::Opening, Gate::Evaluation],
        figures: &["min_suppliers", "min_suppliers_service"],
        facts: &["purchase.is_goods", "bidders.valid", "bidders.submitted"],
        run: |c| {
            let least = if c.facts.purchase.is_goods == Some(true) { "min_suppliers" } else { "min_suppliers_service" };
            at_least(competitors(c)?, c.figure(least)?, "家 · suppliers")
        },
    },
    Check {
        rule: "R030",
        gates: &[Gate::Publication],
        figures: &["min_bid_period"],
        facts: &["notice.deadline_on", "notice.documents_from", "notice.published_on"],
        run: bid_period,
    },
    Check {
        rule: "R031",
        gates: &[Gate::Publication],
        figures: &["min_bid_period"],
        facts: &["purchase.is_inquiry", "purchase.is_goods", "notice.deadline_on", "notice.documents_from", "notice.published_on"],
        run: |c| {
            if c.facts.purchase.is_inquiry != Some(true) {
                return not_applicable();
            }
            let goods = c.facts.purchase.is_goods == Some(true);
            every([holds(goods, if goods { "货物 · goods" } else { "服务 · a service" }, "仅限货物 · goods only"), bid_period(c)])
        },
    },
    Check {
        rule: "R033",
        gates: &[Gate::Publication],
        figures: &["notice_period"],
        facts: &["purchase.budget", "thresholds", "notice.published_on", "notice.ends_on"],
        run: |c| {
            if need(&c.facts.purchase.budget)? < need(&c.facts.thresholds)?.open_tender { not_applicable() } else { notice_period(c) }
        },
    },
    Check {
        rule: "R034",
        gates: &[Gate::Submission],
        figures: &["max_addition"],
        facts: &["purchase.is_addition", "purchase.additions", "purchase.original_contract"],
        run: |c| {
            let purchase = &c.facts.purchase;
            if purchase.is_addition != Some(true) {
                return not_applicable();
            }
            share_at_most(need(&purchase.additions)?, need(&purchase.original_contract)?, c.figure("max_addition")?)
        },
    },
    Check {
        rule: "R035",
        gates: &[Gate::Plan, Gate::Submission],
        figures: &[],
        facts: &["purchase.other_procedure_approved", "purchase.item_total_in_year", "thresholds"],
        run: |c| {
            if c.facts.purchase.other_procedure_approved == Some(true) {
                return not_applicable();
            }
            // 超过: the sum may reach the threshold, it may not pass it.
            amount_at_most(need(&c.facts.purchase.item_total_in_year)?, need(&c.facts.thresholds)?.open_tender)
        },
    },
    Check {
        rule: "R036",
        gates: &[Gate::Plan, Gate::Submission],
        figures: &["open_tender_threshold", "decentralised_limit_county", "decentralised_limit_province"],
        facts: &["thresholds", "purchase.procedure", "purchase.budget", "purchase.other_procedure_approved"],
        run: procedure_fits_amount,
    },
    Check {
        rule: "R045",
        gates: &[Gate::Opening, Gate::Evaluation],
        figures: &["min_suppliers"],
        facts: &["bidders.valid", "bidders.submitted"],
        run: |c| at_least(competitors(c)?, c.figure("min_suppliers")?, "家 · suppliers"),
    },
];

/// The day on which bidders can have the documents.
fn documents_out(c: &Case<'_>) -> Result<NaiveDate, Halt> {
    need(&c.facts.notice.documents_from.or(c.facts.notice.published_on))
}

fn bid_period(c: &Case<'_>) -> Judgement {
    c.lasts(documents_out(c)?, need(&c.facts.notice.deadline_on)?, "min_bid_period")
}

fn notice_period(c: &Case<'_>) -> Judgement {
    c.lasts(need(&c.facts.notice.published_on)?, need(&c.facts.notice.ends_on)?, "notice_period")
}

fn document_period(c: &Case<'_>) -> Judgement {
    c.lasts(documents_out(c)?, need(&c.facts.notice.documents_to)?, "min_document_period")
}

/// An amendment that comes too late moves the deadline (顺延); what is judged is whether it did.
fn amendment_lead(c: &Case<'_>) -> Judgement {
    let notice = &c.facts.notice;
    let Some(amended) = notice.amended_on.filter(|_| notice.amendment_material != Some(false)) else { return not_applicable() };
    c.lasts(amended, need(&notice.deadline_on)?, "min_amendment_lead")
}

/// Those who passed the checks once that is known, before it those who came in time.
fn competitors(c: &Case<'_>) -> Result<i64, Halt> {
    need(&c.facts.bidders.valid.or(c.facts.bidders.submitted))
}

/// The thresholds must not lie below the least of the directory, and the procedure must fit the amount. Where the year has no thresholds, the directory's count.
fn procedure_fits_amount(c: &Case<'_>) -> Judgement {
    let own = c.facts.thresholds;
    let is_province = own.is_some_and(|own| own.level == Level::Province);
    let open_floor = c.amount("open_tender_threshold")?;
    let statutory_floor = c.amount(if is_province { "decentralised_limit_province" } else { "decentralised_limit_county" })?;
    let (open, statutory) = own.map_or((open_floor, statutory_floor), |own| (own.open_tender, own.statutory));
    let procedure = need(&c.facts.purchase.bound_as())?;
    let budget = need(&c.facts.purchase.budget)?;
    let approved = c.facts.purchase.other_procedure_approved == Some(true);
    let fits = if procedure == Procedure::OpenTender || procedure == Procedure::External {
        true
    } else if procedure.is_statutory() {
        budget < open || approved
    } else {
        budget < statutory
    };
    let limit = if procedure.is_statutory() { open } else { statutory };
    every([
        amount_at_least(open, open_floor),
        amount_at_least(statutory, statutory_floor),
        holds(fits, format!("{budget} 元，{procedure}"), format!("< {limit} 元 ({procedure})")),
    ])
}
