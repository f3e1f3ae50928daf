//! Those who take part: suppliers, panel, conflicts, collusion, penalties (R018, R028, R032, R037, R038, R066–R071, R089–R095).

use chrono::{Months, NaiveDate};

use super::kit::{at_least, between, every, holds, listed, need, no, not_applicable, share_at_least, share_at_most};
use super::{Case, Check, Halt, Judgement};
use crate::kernel::{Fen, Uscc};
use crate::law::Gate;
use crate::law::facts::{TieKind, WorkerLevel};

/// What the code of a social organisation begins with: 社团, 民非, 基金会 (GB 32100-2015).
const SOCIAL_PREFIXES: [&str; 3] = ["51", "52", "53"];
/// Months of a year, for figures in years.
const MONTHS: u32 = 12;

pub static CHECKS: &[Check] = &[
    Check {
        rule: "R018",
        gates: &[Gate::Bid],
        figures: &["lookback"],
        facts: &["notice.deadline_on", "supplier.last_violation_on", "supplier.clean_record"],
        run: clean_record,
    },
    Check { rule: "R028", gates: &[Gate::Panel], figures: PANEL, facts: &["panel.size", "panel.experts"], run: panel },
    Check { rule: "R032", gates: &[Gate::Panel], figures: PANEL, facts: &["panel.size", "panel.experts"], run: panel },
    Check {
        rule: "R037",
        gates: &[Gate::Panel],
        figures: PANEL,
        facts: &["panel.purchaser_chairs", "panel.size", "panel.experts"],
        run: |c| {
            every([
                panel(c),
                match c.facts.panel.purchaser_chairs {
                    None => not_applicable(),
                    chairs => no(chairs, "采购人代表任组长 · the purchaser's representative chairs"),
                },
            ])
        },
    },
    Check {
        rule: "R038",
        gates: &[Gate::Panel],
        figures: &["min_panel_size", "budget_threshold"],
        facts: &["purchase.budget", "purchase.is_complex", "panel.size"],
        run: |c| {
            let large = need(&c.facts.purchase.budget)? >= c.amount("budget_threshold")?;
            if !large && c.facts.purchase.is_complex != Some(true) {
                return not_applicable();
            }
            at_least(need(&c.facts.panel.size)?, c.figure("min_panel_size")?, "人 · members")
        },
    },
    Check {
        rule: "R066",
        gates: &[Gate::Bid, Gate::Review],
        figures: &[],
        facts: &["bid.related_rivals"],
        run: |c| none_of(c.facts.bid.related_rivals, "家关联供应商 · related rivals"),
    },
    Check {
        rule: "R067",
        gates: &[Gate::Bid, Gate::Review],
        figures: &[],
        facts: &["bid.prepared_the_project"],
        run: |c| no(c.facts.bid.prepared_the_project, "为项目提供过设计、编制、监理 · having designed, written or supervised the project"),
    },
    Check {
        rule: "R068",
        gates: &[Gate::Panel, Gate::Evaluation],
        figures: &["lookback"],
        facts: &["panel.sits_on", "panel.ties"],
        run: ties,
    },
    Check {
        rule: "R069",
        gates: &[Gate::Review, Gate::Evaluation],
        figures: &[],
        facts: &["bidders.collusion_signs"],
        run: |c| {
            let signs = need(&c.facts.bidders.collusion_signs)?;
            holds(signs.is_empty(), listed(&signs), "无串通情形 · no sign of collusion")
        },
    },
    Check {
        rule: "R070",
        gates: &[Gate::Review, Gate::Evaluation],
        figures: &[],
        facts: &["bidders.malicious_findings"],
        run: |c| none_of(c.facts.bidders.malicious_findings, "项恶意串通 · findings of malicious collusion"),
    },
    Check {
        rule: "R071",
        gates: &[Gate::Standing],
        figures: &["fine_min", "fine_max", "ban_min", "ban_max"],
        facts: &["sanction.fine", "sanction.purchase_amount", "sanction.banned_from", "sanction.banned_until"],
        run: penalty,
    },
    Check {
        rule: "R089",
        gates: &[Gate::Standing],
        figures: &["code_length"],
        facts: &["organisation.uscc", "organisation.is_social_organisation"],
        run: social_credit_code,
    },
    Check {
        rule: "R090",
        gates: &[Gate::Standing],
        figures: &["rating_levels", "rating_validity"],
        facts: &["organisation.rated_on", "organisation.rating"],
        run: |c| {
            let organisation = &c.facts.organisation;
            let until = years(c, "rating_validity", need(&organisation.rated_on)?)?;
            every([
                between(need(&organisation.rating)?, 1, c.figure("rating_levels")?, "A"),
                holds(c.today <= until, c.today.to_string(), format!("≤ {until}")),
            ])
        },
    },
    Check {
        rule: "R091",
        gates: &[Gate::Standing],
        figures: &["consecutive_basic_years"],
        facts: &["organisation.asks_for_rating", "organisation.basic_years", "organisation.barred_from_rating"],
        run: |c| {
            let organisation = &c.facts.organisation;
            if organisation.asks_for_rating != Some(true) {
                return not_applicable();
            }
            let (found, bar) = (need(&organisation.basic_years)?, c.figure("consecutive_basic_years")?);
            every([
                holds(found < bar, format!("{found} 年基本合格 · years basically qualified"), format!("< {bar}")),
                no(
                    organisation.barred_from_rating,
                    "未年检、不合格、受罚或立案中 · no or failed inspection, punished or under investigation",
                ),
            ])
        },
    },
    Check {
        rule: "R092",
        gates: &[Gate::Standing],
        figures: &["record_within"],
        facts: &["organisation.credit_fact_on", "organisation.credit_recorded_on"],
        run: |c| c.duty(c.facts.organisation.credit_fact_on, c.facts.organisation.credit_recorded_on, "record_within"),
    },
    Check {
        rule: "R093",
        gates: &[Gate::Standing, Gate::Bid],
        figures: &["abnormal_list_limit"],
        facts: &["organisation.listed_abnormal", "organisation.abnormal_since"],
        run: abnormal_listing,
    },
    Check {
        rule: "R094",
        gates: &[Gate::Standing],
        figures: &["first_registration_within", "registration_validity"],
        facts: &["worker.certified_on", "worker.first_registered_on", "worker.registered_on"],
        run: registration,
    },
    Check {
        rule: "R095",
        gates: &[Gate::Standing],
        figures: &["min_training_assistant", "min_training_social_worker"],
        facts: &["worker.level", "worker.training_hours"],
        run: |c| {
            let least = match need(&c.facts.worker.level)? {
                WorkerLevel::Assistant => "min_training_assistant",
                WorkerLevel::SocialWorker | WorkerLevel::Senior => "min_training_social_worker",
            };
            at_least(need(&c.facts.worker.training_hours)?, c.figure(least)?, "学时 · class hours")
        },
    },
];

const PANEL: &[&str] = &["min_panel_size", "expert_share_numerator", "expert_share_denominator"];

fn none_of(count: Option<i64>, what: &str) -> Judgement {
    let count = need(&count)?;
    holds(count == 0, format!("{count} {what}"), "0")
}

/// The same day some of the rule's years later.
fn years(c: &Case<'_>, figure: &str, day: NaiveDate) -> Result<NaiveDate, Halt> {
    let months = u32::try_from(c.figure(figure)?).unwrap_or(0).saturating_mul(MONTHS);
    Ok(day.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX))
}

/// 前三年内 includes the last day of the three years (R073).
fn clean_record(c: &Case<'_>) -> Judgement {
    let day = c.facts.notice.deadline_on.unwrap_or(c.today);
    match c.facts.supplier.last_violation_on {
        Some(violation) => {
            let until = years(c, "lookback", violation)?;
            holds(day > until, format!("{violation} 有重大违法记录 · serious violation"), format!("{until} 之后 · after {until}"))
        }
        None if need(&c.facts.supplier.clean_record)? => holds(true, "无 · none", "无重大违法记录 · no serious violation"),
        None => holds(false, "未声明 · not declared", "无重大违法记录 · no serious violation"),
    }
}

/// Large enough, odd, and with the experts' share.
fn panel(c: &Case<'_>) -> Judgement {
    let (size, experts) = (need(&c.facts.panel.size)?, need(&c.facts.panel.experts)?);
    let (numerator, denominator) = (c.figure("expert_share_numerator")?, c.figure("expert_share_denominator")?);
    let enough = experts.saturating_mul(denominator) >= size.saturating_mul(numerator);
    every([
        at_least(size, c.figure("min_panel_size")?, "人 · members"),
        holds(size.rem_euclid(2) == 1, format!("{size} 人 · members"), "单数 · an odd number"),
        holds(enough, format!("专家 {experts}/{size} experts"), format!("≥ {numerator}/{denominator}")),
    ])
}

fn ties(c: &Case<'_>) -> Judgement {
    let day = c.facts.panel.sits_on.unwrap_or(c.today);
    for tie in need(&c.facts.panel.ties)? {
        let lasts = match tie.until {
            None => true,
            Some(until) => tie.kind != TieKind::Other && day <= years(c, "lookback", until)?,
        };
        if lasts || tie.kind == TieKind::Kinship {
            let until = tie.until.map_or("今 · now".to_owned(), |until| until.to_string());
            let lookback = c.figure("lookback")?;
            return holds(
                false,
                format!("{} → {until}", tie.kind),
                format!("前 {lookback} 年内无利害关系 · no tie in the last {lookback} years"),
            );
        }
    }
    holds(true, "无 · none", "无利害关系 · no tie")
}

fn penalty(c: &Case<'_>) -> Judgement {
    let sanction = &c.facts.sanction;
    let fine = || -> Judgement {
        let (fine, amount): (Fen, Fen) = (need(&sanction.fine)?, need(&sanction.purchase_amount)?);
        every([share_at_least(fine, amount, c.figure("fine_min")?), share_at_most(fine, amount, c.figure("fine_max")?)])
    };
    let ban = || -> Judgement {
        let (from, until) = (need(&sanction.banned_from)?, need(&sanction.banned_until)?);
        let (least, most) = (years(c, "ban_min", from)?, years(c, "ban_max", from)?);
        holds((least..=most).contains(&until), until.to_string(), format!("{least}–{most}"))
    };
    every([fine(), ban()])
}

fn social_credit_code(c: &Case<'_>) -> Judgement {
    let code = need(&c.facts.organisation.uscc)?;
    let (length, expected) = (i64::try_from(code.chars().count()).unwrap_or(i64::MAX), c.figure("code_length")?);
    let social = c.facts.organisation.is_social_organisation == Some(true);
    every([
        holds(length == expected, format!("{length} 位 · characters"), format!("{expected}")),
        holds(Uscc::parse(&code).is_ok(), code.clone(), "校验码正确 · the check characters hold"),
        holds(
            !social || SOCIAL_PREFIXES.iter().any(|prefix| code.starts_with(prefix)),
            code.chars().take(2).collect::<String>(),
            SOCIAL_PREFIXES.join(", "),
        ),
    ])
}

/// On the list for the full time: a serious case (严重违法失信).
fn abnormal_listing(c: &Case<'_>) -> Judgement {
    if c.facts.organisation.listed_abnormal == Some(false) {
        return holds(true, "未列入 · not listed", "未列入或未满年限 · not listed, or not for that long");
    }
    let since = need(&c.facts.organisation.abnormal_since)?;
    let limit = years(c, "abnormal_list_limit", since)?;
    holds(c.today < limit, format!("{since} 起列入 · listed since"), format!("< {limit}"))
}

fn registration(c: &Case<'_>) -> Judgement {
    let worker = &c.facts.worker;
    let first = || -> Judgement {
        let until = years(c, "first_registration_within", need(&worker.certified_on)?)?;
        c.duty_by(until, worker.first_registered_on, format!("{} year", c.figure("first_registration_within")?))
    };
    let valid = match worker.registered_on {
        None => not_applicable(),
        Some(day) => {
            let until = years(c, "registration_validity", day)?;
            holds(c.today <= until, c.today.to_string(), format!("≤ {until}"))
        }
    };
    every([first(), valid])
}
