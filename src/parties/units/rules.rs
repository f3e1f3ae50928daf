//! Decisions on units: which unit may stand above which. Pure.

use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::kernel::id::UnitId;
use crate::words;

/// Most units that stand one above the other.
pub const LEVELS_MAX: usize = 10;

/// Checks a parent for a unit; `above` are the parent and the units above it, upwards. A unit stands neither above itself nor in a circle.
pub fn check_parent(unit: UnitId, above: &[UnitId]) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(!above.contains(&unit), "/parent_id", || words!("上级关系不得成环", "a unit does not stand above itself"));
    fields.require(above.len() < LEVELS_MAX, "/parent_id", || words!("层级过多", "too many levels"));
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_unit_stands_neither_above_itself_nor_in_a_circle() {
        let id = |n: u128| UnitId::new(Uuid::from_u128(n));
        assert!(check_parent(id(1), &[id(2), id(3)]).is_ok());
        assert!(check_parent(id(1), &[id(1)]).is_err());
        assert!(check_parent(id(1), &[id(2), id(1)]).is_err());
        let nine: Vec<_> = (2..11).map(id).collect();
        assert!(check_parent(id(1), &nine).is_ok());
        let ten: Vec<_> = (2..12).map(id).collect();
        assert!(check_parent(id(1), &ten).is_err());
    }
}
