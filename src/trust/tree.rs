//! The Merkle tree of RFC 6962, section 2.1: roots, inclusion and consistency proofs, and their verification. Pure; nodes come from whoever keeps
//! them. Only complete subtrees are asked for, so a proof reads as many nodes as the tree is high.

use sha2::{Digest, Sha256};

use crate::kernel::{Error, Result};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// Domain separation of an inner node.
const NODE_PREFIX: u8 = 0x01;

/// Where complete subtrees come from: level (0 for leaves) and position at that level.
pub trait Nodes {
    /// The hash of a complete subtree.
    fn node(&mut self, level: u32, position: u64) -> Result<Hash>;
}

impl<F: FnMut(u32, u64) -> Result<Hash>> Nodes for F {
    fn node(&mut self, level: u32, position: u64) -> Result<Hash> {
        self(level, position)
    }
}

/// The hash of an inner node.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([NODE_PREFIX]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// The hash of the empty tree.
pub fn empty() -> Hash {
    Sha256::digest([]).into()
}

fn broken(what: &str) -> Error {
    Error::internal(format!("the journal's tree: {what}"))
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    let half = size.saturating_sub(1).checked_ilog2().unwrap_or(0);
    1_u64.checked_shl(half).unwrap_or(1)
}

/// The hash of the leaves from `from` to `to`, without `to`. `from` is where a subtree of a left-filled tree begins.
fn range(nodes: &mut impl Nodes, from: u64, to: u64) -> Result<Hash> {
    let size = to.checked_sub(from).filter(|size| *size > 0).ok_or_else(|| broken("an empty range"))?;
    if size.is_power_of_two() {
        let level = size.trailing_zeros();
        return nodes.node(level, from.checked_shr(level).unwrap_or(0));
    }
    let middle = from.saturating_add(split(size));
    let left = range(nodes, from, middle)?;
    let right = range(nodes, middle, to)?;
    Ok(node_hash(&left, &right))
}

/// The root of the tree of the first `size` leaves.
pub fn root(nodes: &mut impl Nodes, size: u64) -> Result<Hash> {
    if size == 0 { Ok(empty()) } else { range(nodes, 0, size) }
}

/// The inclusion proof of the leaf at `index` in the tree of `size` leaves, from the leaf up (RFC 6962, section 2.1.1).
pub fn inclusion(nodes: &mut impl Nodes, index: u64, size: u64) -> Result<Vec<Hash>> {
    if index >= size {
        return Err(broken("no such leaf"));
    }
    let (mut from, mut to) = (0_u64, size);
    let mut path = Vec::new();
    while to.saturating_sub(from) > 1 {
        let middle = from.saturating_add(split(to.saturating_sub(from)));
        if index < middle {
            path.push(range(nodes, middle, to)?);
            to = middle;
        } else {
            path.push(range(nodes, from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The consistency proof between the trees of `old` and `new` leaves (RFC 6962, section 2.1.2). Empty between equal sizes and from the empty tree.
pub fn consistency(nodes: &mut impl Nodes, old: u64, new: u64) -> Result<Vec<Hash>> {
    if old > new {
        return Err(broken("the older tree is larger"));
    }
    let mut path = Vec::new();
    if old == 0 || old == new {
        return Ok(path);
    }
    // Whether the old tree is still the whole of what is looked at, so that its root is known to whoever verifies.
    let (mut from, mut to, mut whole) = (0_u64, new, true);
    while old < to {
        let middle = from.saturating_add(split(to.saturating_sub(from)));
        if old <= middle {
            path.push(range(nodes, middle, to)?);
            to = middle;
        } else {
            path.push(range(nodes, from, middle)?);
            from = middle;
            whole = false;
        }
    }
    if !whole {
        path.push(range(nodes, from, to)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether the proof leads from the leaf to the root (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size.saturating_sub(1), *leaf);
    for step in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(step, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether the proof shows that the new tree begins with the old one (RFC 9162, section 2.1.4.2).
pub fn verify_consistency(old: u64, new: u64, path: &[Hash], old_root: &Hash, new_root: &Hash) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return path.is_empty() && *old_root == empty();
    }
    let mut steps: Vec<Hash> = Vec::new();
    if old.is_power_of_two() {
        steps.push(*old_root);
    }
    steps.extend_from_slice(path);
    let Some((first, rest)) = steps.split_first() else { return false };
    let (mut at, mut last) = (old.saturating_sub(1), new.saturating_sub(1));
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut older, mut newer) = (*first, *first);
    for step in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (older, newer) = (node_hash(step, &older), node_hash(step, &newer));
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            newer = node_hash(&newer, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && older == *old_root && newer == *new_root
}

/// The right edge of a growing tree: one hash for every complete subtree, largest first. Enough to append and to know the root.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    size: u64,
    peaks: Vec<(u32, Hash)>,
}

impl Edge {
    /// The edge of the tree of `size` leaves.
    pub fn of(nodes: &mut impl Nodes, size: u64) -> Result<Self> {
        let (mut peaks, mut from) = (Vec::new(), 0_u64);
        for level in (0..u64::BITS).rev().filter(|level| size.checked_shr(*level).unwrap_or(0) & 1 == 1) {
            peaks.push((level, nodes.node(level, from.checked_shr(level).unwrap_or(0))?));
            from = from.saturating_add(1_u64.checked_shl(level).unwrap_or(0));
        }
        Ok(Self { size, peaks })
    }

    /// Leaves so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; gives the complete subtrees that came to be, the leaf first: level, position, hash.
    pub fn append(&mut self, leaf: Hash) -> Vec<(u32, u64, Hash)> {
        let (mut level, mut hash) = (0_u32, leaf);
        let mut made = vec![(0, self.size, leaf)];
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == level) {
            hash = node_hash(&left, &hash);
            level = level.saturating_add(1);
            made.push((level, self.size.checked_shr(level).unwrap_or(0), hash));
        }
        self.peaks.push((level, hash));
        self.size = self.size.saturating_add(1);
        made
    }

    /// The root.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        let Some(last) = peaks.next() else { return empty() };
        peaks.fold(last, |right, left| node_hash(&left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn leaf(data: &[u8]) -> Hash {
        let mut hash = Sha256::new();
        hash.update([0]);
        hash.update(data);
        hash.finalize().into()
    }

    /// MTH as the RFC writes it, over the leaves themselves: the oracle.
    fn mth(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty(),
            [one] => *one,
            many => {
                let half = many.len().next_power_of_two() / 2;
                node_hash(&mth(&many[..half]), &mth(&many[half..]))
            }
        }
    }

    fn grown(leaves: &[Hash]) -> (Edge, BTreeMap<(u32, u64), Hash>) {
        let (mut edge, mut nodes) = (Edge::default(), BTreeMap::new());
        for leaf in leaves {
            nodes.extend(edge.append(*leaf).into_iter().map(|(level, position, hash)| ((level, position), hash)));
        }
        (edge, nodes)
    }

    #[test]
    fn the_vectors_of_certificate_transparency_hold() {
        let data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let leaves: Vec<Hash> = data.iter().map(|data| leaf(&hex::decode(data).unwrap())).collect();
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        for (size, expected) in (1..).zip(roots) {
            assert_eq!(hex::encode(grown(&leaves[..size]).0.root()), expected);
        }
        assert_eq!(hex::encode(empty()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    proptest! {
        #[test]
        fn every_proof_verifies_and_none_of_something_else(size in 1_u64..70, index in 0_u64..70, old in 0_u64..70, flip in 0_usize..256) {
            let (index, old) = (index % size, old % (size + 1));
            let leaves: Vec<Hash> = (0..size).map(|n| leaf(&n.to_be_bytes())).collect();
            let (edge, nodes) = grown(&leaves);
            let mut read = |level: u32, position: u64| nodes.get(&(level, position)).copied().ok_or_else(|| broken("not kept"));
            let top = root(&mut read, size).unwrap();
            prop_assert_eq!(top, mth(&leaves));
            prop_assert_eq!(edge.root(), top);
            prop_assert_eq!(Edge::of(&mut read, size).unwrap().root(), top);
            let path = inclusion(&mut read, index, size).unwrap();
            let own = leaves[index as usize];
            prop_assert!(verify_inclusion(&own, index, size, &path, &top));
            let mut other = own;
            other[flip / 8] ^= 1 << (flip % 8);
            prop_assert!(!verify_inclusion(&other, index, size, &path, &top));
            prop_assert!(!verify_inclusion(&own, (index + 1) % size, size, &path, &top) || size == 1);
            let before = mth(&leaves[..old as usize]);
            let path = consistency(&mut read, old, size).unwrap();
            prop_assert!(verify_consistency(old, size, &path, &before, &top));
            if old > 0 && old < size {
                prop_assert!(!verify_consistency(old, size, &path, &other, &top));
                prop_assert!(!verify_consistency(old, size, &path, &before, &other));
            }
        }
    }
}
