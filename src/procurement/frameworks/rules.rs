//! Decisions on framework agreements and orders. Pure.

use chrono::NaiveDate;

use super::model::{FrameworkRow, NewFramework, SupplierRow};
use crate::kernel::error::{Fields, problems};
use crate::kernel::{Error, Fen, Result};
use crate::words;

problems! {
    /// Not on its days.
    NOT_IN_FORCE = "framework_not_in_force", 409, "框架协议不在有效期内", "The framework is not in force",
        "只能在已启用的框架协议的有效期内下单或发起二次竞争。",
        "A call-off is made only under an active framework and within its days.";
    /// Not one of its suppliers.
    NOT_ADMITTED = "supplier_not_in_framework", 422, "不是入围供应商", "Not an admitted supplier",
        "只能向框架协议的入围供应商下单。",
        "An order goes only to a supplier that the framework admits.";
    /// Too large for a direct order.
    COMPETITION_NEEDED = "competition_needed", 422, "须二次竞争", "A competition is needed",
        "订单金额超过框架协议规定的直接下单上限，须在入围供应商中二次竞争：POST /api/v1/frameworks/{framework_id}/tenders。",
        "The order is above the framework's limit for direct orders. Let the admitted suppliers compete: POST /api/v1/frameworks/{framework_id}/tenders.";
    /// The supplier has no room left.
    LIMIT_EXCEEDED = "framework_limit_exceeded", 422, "超出入围供应商限额", "Above the supplier's limit",
        "该供应商在本框架协议下的订单累计不得超过其限额。",
        "The orders to one supplier under a framework never add up to more than its limit.";
}

/// Suppliers of one framework.
pub const SUPPLIERS_MAX: usize = 100;
/// Most units of one order.
pub const QUANTITY_MAX: i64 = 1_000_000;

/// Checks the form of a new framework agreement.
pub fn check_form(new: &NewFramework) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.title, "/title", 1, 200);
    fields.text(&new.unit_label, "/unit_label", 1, 20);
    fields.require(new.valid_from <= new.valid_to, "/valid_to", || words!("不得早于 valid_from", "must not be before valid_from"));
    fields.require(new.source.is_some() != new.reference.is_some(), "/reference", || {
        words!("须且只须给出来源项目或协议编号", "either the source tender or the number of an agreement made elsewhere")
    });
    if let Some(reference) = &new.reference {
        fields.text(reference, "/reference", 1, 100);
    }
    if let Some(link) = &new.reference_url {
        fields.require(https(link), "/reference_url", || words!("须为 https 地址", "must be an https address"));
    }
    let count = new.suppliers.len();
    fields.require((1..=SUPPLIERS_MAX).contains(&count), "/suppliers", || {
        words!("须有 1 到 {SUPPLIERS_MAX} 家入围供应商", "1 to {SUPPLIERS_MAX} suppliers")
    });
    for (place, (organisation, price, limit)) in new.suppliers.iter().enumerate().take(SUPPLIERS_MAX) {
        let at = |field: &str| format!("/suppliers/{place}/{field}");
        fields.require(*price > Fen::ZERO, &at("unit_price"), || words!("须大于零", "must be more than zero"));
        fields.require(limit.is_none_or(|limit| limit >= *price), &at("limit"), || {
            words!("不得低于单价", "must not be below the unit price")
        });
        let twice = new.suppliers.iter().take(place).any(|(earlier, _, _)| earlier == organisation);
        fields.require(!twice, &at("organisation_id"), || words!("重复", "twice"));
    }
    fields.finish()
}

/// Whether a text is an https address with a host name, at most 500 characters, without a login in it.
pub fn https(text: &str) -> bool {
    let Ok(link) = url::Url::parse(text) else { return false };
    let named = link.domain().is_some_and(|host| host.contains('.'));
    text.len() <= 500 && link.scheme() == "https" && named && link.username().is_empty() && link.password().is_none()
}

/// Refuses on a day on which the framework is not in force.
pub fn require_in_force(framework: &FrameworkRow, day: NaiveDate) -> Result<()> {
    if framework.in_force(day) {
        return Ok(());
    }
    let (from, to) = (framework.valid_from, framework.valid_to);
    Err(NOT_IN_FORCE.because(words!("有效期 {from} 至 {to}，今天 {day}", "in force {from} to {to}, today is {day}")))
}

/// The amount of a direct order, when it may be placed: `ordered` is what the supplier was ordered for already.
pub fn order_amount(framework: &FrameworkRow, supplier: &SupplierRow, quantity: i64, ordered: Fen) -> Result<Fen> {
    let mut fields = Fields::default();
    fields.require((1..=QUANTITY_MAX).contains(&quantity), "/quantity", || {
        words!("须为 1 到 {QUANTITY_MAX}", "must lie between 1 and {QUANTITY_MAX}")
    });
    fields.finish()?;
    let too_much = || Error::field("/quantity", words!("金额超出系统上限", "more than the system keeps"));
    let amount =
        supplier.unit_price_fen.get().checked_mul(quantity).filter(|fen| *fen <= crate::kernel::fen::MAX_FEN).ok_or_else(too_much)?;
    let amount = Fen::new(amount);
    let most = framework.competition_above_fen;
    if amount > most {
        return Err(COMPETITION_NEEDED
            .because(words!("订单 {amount} 元，直接下单上限 {most} 元", "the order is {amount} yuan, direct orders go to {most} yuan")));
    }
    let total = ordered.plus(amount)?;
    if let Some(limit) = supplier.limit_fen.filter(|limit| total > *limit) {
        return Err(LIMIT_EXCEEDED.because(words!("累计 {total} 元，限额 {limit} 元", "{total} yuan in all, the limit is {limit} yuan")));
    }
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use super::super::model::FrameworkState;
    use super::*;
    use crate::kernel::UtcInstant;
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn framework() -> FrameworkRow {
        let nil = Uuid::nil();
        FrameworkRow {
            id: nil.into(),
            tenant_id: nil.into(),
            case_id: nil.into(),
            unit_id: nil.into(),
            district_wide: false,
            catalogue_item_id: nil.into(),
            title: "助浴服务框架协议".into(),
            unit_label: "人次".into(),
            source_tender_id: None,
            reference: None,
            reference_url: None,
            valid_from: day("2026-03-02"),
            valid_to: day("2026-12-31"),
            competition_above_fen: Fen::new(100_000),
            state: FrameworkState::Active,
            reason: None,
            drafted_by: nil.into(),
            activated_by: None,
            version: 1,
            created_at: UtcInstant::parse("2026-03-01T00:00:00Z").unwrap(),
        }
    }

    #[test]
    fn it_is_in_force_from_its_first_to_its_last_day() {
        let framework = framework();
        let in_force = ["2026-03-01", "2026-03-02", "2026-12-31", "2027-01-01"].map(|on| require_in_force(&framework, day(on)).is_ok());
        assert_eq!(in_force, [false, true, true, false]);
        assert!(!FrameworkRow { state: FrameworkState::Ended, ..framework }.in_force(day("2026-06-01")));
    }

    #[test]
    fn both_limits_hold_to_the_fen() {
        let supplier = |price, limit| SupplierRow {
            framework_id: Uuid::nil().into(),
            organisation_id: Uuid::nil().into(),
            unit_price_fen: Fen::new(price),
            limit_fen: limit,
        };
        let order = |price, quantity, limit: Option<i64>, ordered| {
            order_amount(&framework(), &supplier(price, limit.map(Fen::new)), quantity, Fen::new(ordered)).map_err(|refused| refused.code())
        };
        assert_eq!(order(50_000, 2, None, 0), Ok(Fen::new(100_000)));
        assert_eq!(order(100_001, 1, None, 0), Err("competition_needed"));
        assert_eq!(order(1_000, 10, Some(20_000), 10_000), Ok(Fen::new(10_000)));
        assert_eq!(order(1_000, 10, Some(20_000), 10_001), Err("framework_limit_exceeded"));
        assert_eq!(order(1_000, 0, None, 0), Err("invalid"));
        assert_eq!(order(crate::kernel::fen::MAX_FEN, QUANTITY_MAX, None, 0), Err("invalid"));
    }

    #[test]
    fn an_address_needs_https_a_host_and_no_login() {
        assert!(https("https://zfcg.example.gov.cn/notice/1?id=2"));
        for bad in [
            "http://zfcg.example.gov.cn/",
            "https://localhost/",
            "https://10.0.0.1/",
            "https://u:p@zfcg.example.gov.cn/",
            "javascript:alert(1)",
            "zfcg",
        ] {
            assert!(!https(bad), "{bad}");
        }
    }
}
