//! Decisions on imported purchases: their form and what the rules are told of them. Pure.

use chrono::NaiveDate;

use super::model::{Member, NewExternal, PanelRole};
use crate::kernel::Fen;
use crate::kernel::error::{Fields, problems};
use crate::law::{Facts, Procedure};
use crate::procurement::frameworks::rules::https;
use crate::words;

problems! {
    /// The award notice was imported before.
    ALREADY_IMPORTED = "already_imported", 409, "成交公告已导入", "The award notice was imported before",
        "同一成交公告编号只导入一次。请查看已导入的采购。",
        "An award notice is imported once. Look at what was imported.";
}

/// Lots of one import.
pub const LOTS_MAX: usize = 20;
/// Members of one panel.
pub const PANEL_MAX: usize = 50;

/// Notes what is wrong with the form of an import; `today` is the day in Shanghai.
pub fn check_form(fields: &mut Fields, new: &NewExternal, today: NaiveDate) {
    fields.text(&new.plan_number, "/plan_number", 1, 100);
    fields.text(&new.platform, "/platform", 1, 100);
    fields.text(&new.notice_number, "/notice_number", 1, 100);
    for (link, pointer) in [(&new.announcement_url, "/announcement_url"), (&new.notice_url, "/notice_url")] {
        fields.require(https(link), pointer, || words!("须为 https 地址", "must be an https address"));
    }
    fields.require(new.procedure_used != Procedure::External, "/procedure_used", || {
        words!("须写明平台上实际采用的程序", "must name the procedure that was run on the platform")
    });
    fields.require(new.announced_on <= new.deadline_on, "/deadline_on", || words!("不得早于公告日", "must not be before the announcement"));
    fields.require(new.deadline_on <= new.awarded_on, "/awarded_on", || words!("不得早于截止日", "must not be before the deadline"));
    fields.require(new.awarded_on <= today, "/awarded_on", || words!("不得晚于今天", "must not be after today"));
    fields.require(new.bidders.is_none_or(|count| (1..=10_000).contains(&count)), "/bidders", || words!("超出范围", "out of range"));
    fields.require(new.panel.len() <= PANEL_MAX, "/panel", || words!("至多 {PANEL_MAX} 人", "at most {PANEL_MAX}"));
    for (place, member) in new.panel.iter().enumerate().take(PANEL_MAX) {
        fields.text(&member.name, &format!("/panel/{place}/name"), 1, 64);
    }
    fields.require(new.panel.iter().filter(|member| member.chair).count() <= 1, "/panel", || words!("组长至多一人", "at most one chair"));
    let count = new.lots.len();
    fields.require((1..=LOTS_MAX).contains(&count), "/lots", || words!("须有 1 到 {LOTS_MAX} 个采购包", "1 to {LOTS_MAX} lots"));
    for (place, lot) in new.lots.iter().enumerate().take(LOTS_MAX) {
        fields.require(lot.price > Fen::ZERO, &format!("/lots/{place}/price"), || words!("须大于零", "must be more than zero"));
        fields.require(lot.price <= lot.ceiling, &format!("/lots/{place}/price"), || words!("高于最高限价", "above the ceiling"));
    }
}

/// What the rules are told of it: those of the procedure that was run judge the period for bids, the number of suppliers and the panel.
pub fn facts(new: &NewExternal, budget: Fen) -> Facts {
    let mut facts = Facts::default();
    facts.purchase.procedure = Some(Procedure::External);
    facts.purchase.external_procedure = Some(new.procedure_used);
    facts.purchase.is_goods = Some(false);
    facts.purchase.budget = Some(budget);
    facts.notice.published_on = Some(new.announced_on);
    facts.notice.deadline_on = Some(new.deadline_on);
    facts.bidders.submitted = new.bidders.map(i64::from);
    if !new.panel.is_empty() {
        let count = |counts: fn(&Member) -> bool| i64::try_from(new.panel.iter().filter(|one| counts(one)).count()).ok();
        facts.panel.size = count(|_| true);
        facts.panel.experts = count(|member| member.role == PanelRole::Expert);
        facts.panel.purchaser_chairs = Some(new.panel.iter().any(|one| one.chair && one.role == PanelRole::PurchaserRepresentative));
        facts.panel.sits_on = Some(new.deadline_on);
    }
    facts
}
