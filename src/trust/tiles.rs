//! Tiles of the journal's tree (C2SP tlog-tiles): which hashes a path names. Pure.

use super::tree::{Hash, Nodes};
use crate::kernel::Result;

/// Hashes of a full tile.
const WIDTH: u64 = 256;
/// Levels of the tree that one tile spans.
const HEIGHT: u32 = 8;

/// A tile by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Level, 0 to 63.
    pub level: u32,
    /// Index at its level.
    pub index: u64,
    /// Hashes, 1 to 256.
    pub width: u64,
}

/// A number of one spelling.
fn number(digits: &str) -> Option<u64> {
    let number: u64 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

impl Tile {
    /// Reads `<L>` and `<N>[.p/<W>]`; `None` when it is not the one spelling of a tile.
    pub fn parse(level: &str, path: &str) -> Option<Self> {
        let level = u32::try_from(number(level)?).ok().filter(|level| *level < u64::BITS)?;
        let (path, width) = match path.split_once(".p/") {
            Some((path, width)) => (path, number(width).filter(|width| (1..WIDTH).contains(width))?),
            None => (path, WIDTH),
        };
        let mut index = 0_u64;
        let (high, last) = path.rsplit_once('/').map_or((None, path), |(high, last)| (Some(high), last));
        let high = high.into_iter().flat_map(|high| high.split('/')).map(|part| part.strip_prefix('x'));
        for (place, part) in high.chain([Some(last)]).enumerate() {
            let part = part.filter(|part| part.len() == 3 && part.bytes().all(|digit| digit.is_ascii_digit()))?;
            // A first element of zeroes would be a second spelling.
            if place == 0 && part == "000" && path.contains('/') {
                return None;
            }
            index = index.checked_mul(1000)?.checked_add(part.parse().ok()?)?;
        }
        Some(Self { level, index, width })
    }

    /// The hashes of the tile in a tree of `size` leaves; `None` when the tree has not grown so far.
    pub fn read(&self, nodes: &mut impl Nodes, size: u64) -> Result<Option<Vec<Hash>>> {
        let Some(depth) = self.level.checked_mul(HEIGHT).filter(|depth| *depth < u64::BITS) else { return Ok(None) };
        let complete = size.checked_shr(depth).unwrap_or(0);
        let Some(first) = self.index.checked_mul(WIDTH) else { return Ok(None) };
        let Some(end) = first.checked_add(self.width).filter(|end| *end <= complete) else { return Ok(None) };
        (first..end).map(|position| nodes.node(depth, position)).collect::<Result<Vec<_>>>().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tile_has_one_spelling() {
        let tile = |level, index, width| Some(Tile { level, index, width });
        assert_eq!(Tile::parse("0", "x001/x234/067"), tile(0, 1_234_067, 256));
        assert_eq!(Tile::parse("0", "000"), tile(0, 0, 256));
        assert_eq!(Tile::parse("2", "001.p/9"), tile(2, 1, 9));
        assert_eq!(Tile::parse("0", "x273/000.p/112"), tile(0, 273_000, 112));
        for (level, path) in [
            ("00", "000"),
            ("64", "000"),
            ("-1", "000"),
            ("0", "1"),
            ("0", "0001"),
            ("0", "001/002"),
            ("0", "x001"),
            ("0", "x000/001"),
            ("0", "000.p/0"),
            ("0", "000.p/256"),
            ("0", "000.p/01"),
            ("0", "000.p/"),
            ("0", ""),
            ("0", "+01"),
            ("0", "x999/x999/x999/x999/x999/x999/x999/x999/999"),
        ] {
            assert_eq!(Tile::parse(level, path), None, "{level}/{path}");
        }
    }

    #[test]
    fn a_tree_of_70000_has_the_tiles_that_the_specification_names() {
        let mut nodes = |level: u32, position: u64| {
            let mut hash = [0; 32];
            hash[..4].copy_from_slice(&level.to_be_bytes());
            hash[4..12].copy_from_slice(&position.to_be_bytes());
            Ok(hash)
        };
        let mut width = |level, index, width| Tile { level, index, width }.read(&mut nodes, 70_000).unwrap().map(|hashes| hashes.len());
        assert_eq!((width(0, 272, 256), width(0, 273, 112), width(0, 273, 113)), (Some(256), Some(112), None));
        assert_eq!((width(1, 0, 256), width(1, 1, 17), width(1, 1, 18)), (Some(256), Some(17), None));
        assert_eq!((width(2, 0, 1), width(2, 0, 2), width(3, 0, 1), width(9, 0, 1)), (Some(1), None, None, None));
        let second = Tile { level: 1, index: 1, width: 2 }.read(&mut nodes, 70_000).unwrap().unwrap();
        assert_eq!((second[1][..4].to_vec(), second[1][4..12].to_vec()), (8_u32.to_be_bytes().to_vec(), 257_u64.to_be_bytes().to_vec()));
    }
}
