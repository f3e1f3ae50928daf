//! Decisions on catalogue items: codes, depths and parents agree. Pure.

use std::collections::BTreeSet;

use super::model::ItemRow;
use crate::kernel::error::Fields;
use crate::kernel::{CatalogueCode, Result};
use crate::words;

/// Longest name of an edition, in characters.
pub const EDITION_NAME_MAX: usize = 32;
/// Longest name of an item, in characters.
pub const NAME_MAX: usize = 128;

/// Checks the name of an edition at `pointer`.
pub fn check_edition_name(name: &str, pointer: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(name, pointer, 1, EDITION_NAME_MAX);
    fields.finish()
}

/// Checks an item against all codes of its table and those that came before it.
pub fn check_item(item: &ItemRow, all: &BTreeSet<CatalogueCode>, before: &BTreeSet<CatalogueCode>) -> Result<()> {
    let mut fields = Fields::default();
    let (code, level) = (&item.code, item.code.level());
    fields.require(!before.contains(code), "/code", || words!("重复", "twice"));
    fields.require(item.level == level, "/level", || words!("代码 {code} 为第 {level} 级", "code {code} is of level {level}"));
    fields.require(item.parent_code == code.parent(), "/parent_code", || match code.parent() {
        Some(parent) => words!("代码 {code} 的上级须为 {parent}", "the parent of code {code} is {parent}"),
        None => words!("一级条目没有上级", "an item of the first level has no parent"),
    });
    if let Some(parent) = &item.parent_code {
        fields.require(all.contains(parent), "/parent_code", || words!("表中没有代码 {parent}", "the table has no code {parent}"));
    }
    fields.text(&item.name_zh, "/name_zh", 1, NAME_MAX);
    fields.text(&item.name_en, "/name_en", 1, NAME_MAX);
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::super::model::Origin;
    use super::*;
    use crate::kernel::id::{CatalogueItemId, EditionId, TenantId};
    use uuid::Uuid;

    fn code(text: &str) -> CatalogueCode {
        CatalogueCode::parse(text).unwrap()
    }

    fn item(own: &str, parent: Option<&str>, level: i32) -> ItemRow {
        ItemRow {
            id: CatalogueItemId::new(Uuid::nil()),
            tenant_id: TenantId::new(Uuid::nil()),
            edition_id: EditionId::new(Uuid::nil()),
            code: code(own),
            parent_code: parent.map(code),
            level,
            name_zh: "养老服务".into(),
            name_en: "Services for the old".into(),
            origin: Origin::Confirmed,
        }
    }

    #[test]
    fn code_level_and_parent_must_agree_and_the_parent_must_be_there() {
        let all = BTreeSet::from([code("A"), code("A04"), code("A0402")]);
        let none = BTreeSet::new();
        for good in [item("A", None, 1), item("A04", Some("A"), 2), item("A0402", Some("A04"), 3)] {
            assert!(check_item(&good, &all, &none).is_ok(), "{good:?}");
            assert!(check_item(&good, &all, &BTreeSet::from([good.code.clone()])).is_err(), "twice");
        }
        for bad in [
            item("A", Some("A"), 1),
            item("A04", Some("A"), 3),
            item("A0402", Some("A"), 3),
            item("A0402", None, 3),
            item("B01", Some("B"), 2),
        ] {
            assert!(check_item(&bad, &all, &none).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_a_confirmed_item_carries_no_notice() {
        for &origin in Origin::ALL {
            assert_eq!(origin.notice().is_none(), origin == Origin::Confirmed, "{origin}");
        }
    }
}
