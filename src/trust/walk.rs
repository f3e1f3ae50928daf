//! A walk over the leaves of the journal in their order: rebuilds the tree and holds every checkpoint against it. Pure, so that a database and an
//! export are judged alike.

use super::checkpoint::Head;
use super::keychain::KeyChain;
use super::tree::{Edge, Hash, empty};

/// What a walk goes along with.
#[derive(Debug, Clone)]
pub struct Walk {
    edge: Edge,
    keys: KeyChain,
    kept: Vec<Head>,
    /// What is wrong, first to last.
    pub faults: Vec<String>,
}

impl Walk {
    /// At the first leaf; each checkpoint must be signed with the key of its size.
    pub fn new(keys: KeyChain) -> Self {
        Self { edge: Edge::default(), keys, kept: Vec::new(), faults: Vec::new() }
    }

    /// Leaves walked over.
    pub const fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Takes along a signed note that somebody kept outside: the journal must still begin with its tree.
    pub fn keep(&mut self, note: &str) {
        match self.keys.open(note) {
            Some(head) if head.size == 0 && head.root != empty() => self.faults.push("the kept checkpoint of size 0 has a root".to_owned()),
            Some(head) => self.kept.push(head),
            None => self.faults.push("the kept checkpoint is not signed with this journal's key".to_owned()),
        }
    }

    /// Takes the next leaf, which must have this index; gives the complete subtrees that came to be. `None` after a gap or a repetition.
    pub fn leaf(&mut self, index: Option<i64>, leaf: Hash) -> Option<Vec<(u32, u64, Hash)>> {
        let expected = self.size();
        if index.and_then(|index| u64::try_from(index).ok()) != Some(expected) {
            self.faults.push(format!("index {expected} is missing or twice"));
            return None;
        }
        let made = self.edge.append(leaf);
        let here = Head { size: self.size(), root: self.edge.root() };
        if self.kept.iter().any(|head| head.size == here.size && *head != here) {
            self.faults.push(format!("the kept checkpoint of size {}: this journal's first {0} entries have another root", here.size));
        }
        Some(made)
    }

    /// A stored checkpoint of the size walked over.
    pub fn checkpoint(&mut self, size: i64, root: &[u8], note: &str) {
        let here = Head { size: self.size(), root: self.edge.root() };
        if self.keys.open(note).as_ref() != Some(&here) || root != here.root || u64::try_from(size) != Ok(here.size) {
            self.faults.push(format!("checkpoint of size {size}: not of this tree, or not signed with this key"));
        }
    }

    /// After the last leaf: what was kept outside must not be larger.
    pub fn end(&mut self) {
        let size = self.size();
        for head in self.kept.iter().filter(|head| head.size > size) {
            self.faults.push(format!("the kept checkpoint of size {}: the journal has only {size} entries", head.size));
        }
    }
}
