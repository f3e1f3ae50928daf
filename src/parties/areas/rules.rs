//! Decisions on areas: what an area must look like and where it may lie. Pure.

use super::model::{AreaChange, AreaKind, AreaRow, NewArea};
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::words;

/// Longest name, in characters.
pub const NAME_MAX: usize = 64;

/// Which kinds an area of `kind` may lie in; empty for a root.
pub const fn parents_of(kind: AreaKind) -> &'static [AreaKind] {
    match kind {
        AreaKind::District => &[],
        AreaKind::Subdistrict | AreaKind::Town | AreaKind::Township => &[AreaKind::District],
        AreaKind::Community => &[AreaKind::Subdistrict, AreaKind::Town, AreaKind::Township],
        AreaKind::Grid => &[AreaKind::Community],
    }
}

/// Checks a new area against the area it is to lie in.
pub fn check_new(new: &NewArea, parent: Option<AreaKind>) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.name_zh, "/name_zh", 1, NAME_MAX);
    fields.text(&new.name_en, "/name_en", 1, NAME_MAX);
    if let Some(entrusted_to) = &new.entrusted_to {
        fields.text(entrusted_to, "/entrusted_to", 1, NAME_MAX);
    }
    let grid_code = new.code.as_str().contains('-');
    fields.require(grid_code == (new.kind == AreaKind::Grid), "/code", || {
        words!("网格代码须为「社区代码-序号」，其他区划不得带序号", "a grid has a code such as 330502004001-07, other areas have no hyphen")
    });
    let legal = parents_of(new.kind);
    let fits = match parent {
        None => legal.is_empty(),
        Some(kind) => legal.contains(&kind),
    };
    fields.require(fits, "/parent_code", || {
        let kinds = legal.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        words!("{0} 的上级须为：{kinds}（district 无上级）", "a {0} lies in one of: {kinds} (a district in none)", new.kind)
    });
    if let (Some(from), Some(to)) = (new.valid_from, new.valid_to) {
        fields.require(from <= to, "/valid_to", || words!("不得早于 valid_from", "must not be before valid_from"));
    }
    fields.finish()
}

/// Checks a change against the area as it is.
pub fn check_change(area: &AreaRow, change: &AreaChange) -> Result<()> {
    let mut fields = Fields::default();
    if let Some(name) = &change.name_zh {
        fields.text(name, "/name_zh", 1, NAME_MAX);
    }
    if let Some(name) = &change.name_en {
        fields.text(name, "/name_en", 1, NAME_MAX);
    }
    if let Some(Some(entrusted_to)) = &change.entrusted_to {
        fields.text(entrusted_to, "/entrusted_to", 1, NAME_MAX);
    }
    if let (Some(from), Some(Some(to))) = (area.valid_from, change.valid_to) {
        fields.require(from <= to, "/valid_to", || words!("不得早于 valid_from", "must not be before valid_from"));
    }
    let nothing = *change == AreaChange::default();
    fields.require(!nothing, "", || words!("没有任何修改", "nothing to change"));
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::AreaCode;

    fn new(kind: AreaKind, code: &str) -> NewArea {
        NewArea {
            code: AreaCode::parse(code).unwrap(),
            name_zh: "月河街道".into(),
            name_en: "Yuehe".into(),
            kind,
            parent_code: None,
            valid_from: None,
            valid_to: None,
            entrusted_to: None,
        }
    }

    #[test]
    fn each_kind_lies_only_where_the_division_law_puts_it() {
        let expected = |kind, parent: Option<AreaKind>| {
            matches!(
                (kind, parent),
                (AreaKind::District, None)
                    | (AreaKind::Subdistrict | AreaKind::Town | AreaKind::Township, Some(AreaKind::District))
                    | (AreaKind::Community, Some(AreaKind::Subdistrict | AreaKind::Town | AreaKind::Township))
                    | (AreaKind::Grid, Some(AreaKind::Community))
            )
        };
        for &kind in AreaKind::ALL {
            let code = if kind == AreaKind::Grid { "330502001001-1" } else { "330502001000" };
            for parent in AreaKind::ALL.iter().copied().map(Some).chain([None]) {
                assert_eq!(check_new(&new(kind, code), parent).is_ok(), expected(kind, parent), "{kind} in {parent:?}");
            }
        }
    }

    #[test]
    fn every_bad_field_is_named_at_once() {
        let mut bad = new(AreaKind::Grid, "330502001000");
        bad.name_zh = " ".into();
        bad.name_en = "x".repeat(NAME_MAX + 1);
        bad.valid_from = "2026-02-01".parse().ok();
        bad.valid_to = "2026-01-31".parse().ok();
        let text = check_new(&bad, None).unwrap_err().to_string();
        for pointer in ["/name_zh", "/name_en", "/code", "/parent_code", "/valid_to"] {
            assert!(text.contains(pointer), "{pointer} in {text}");
        }
    }
}
