//! The arithmetic of a draw: commitments, the pool's root, the seed, the permutation. Pure; `baiyi audit draw` recomputes with the same functions.
//!
//! All hashes are SHA-256 over a domain line and fixed-length parts, ids as their 16 bytes:
//!
//! ```text
//! commitment = H("baiyi/draw/commit/v1\n" ‖ draw ‖ unit ‖ nonce32)
//! leaf       = H("baiyi/draw/member/v1\n" ‖ draw ‖ salt32 ‖ member)
//! pool root  = H("baiyi/draw/pool/v1\n" ‖ draw ‖ count as u32 ‖ leaves in ascending order)
//! seed       = H("baiyi/draw/seed/v1\n" ‖ draw ‖ pool root ‖ contributions in order)
//! block i    = H("baiyi/draw/block/v1\n" ‖ seed ‖ i as u64), i = 0, 1, 2, …
//! ```
//!
//! The permutation is Fisher–Yates from the last place down: for `last = count − 1 … 1` a number below `last + 1` is drawn and the two places are
//! swapped. A number below `n` is the first 8 bytes of the next block as a big-endian integer modulo `n`; blocks whose integer is not below
//! `2⁶⁴ − (2⁶⁴ mod n)` are thrown away.

use sha2::{Digest, Sha256};

use crate::kernel::error::problems;
use crate::kernel::id::{AnyId, DrawId, UnitId};

/// A SHA-256 hash, a nonce or a salt.
pub type Hash = [u8; 32];

/// Hours in which a unit must reveal once its turn has come, where the draw says nothing else.
pub const REVEAL_HOURS: i32 = 24;
/// Longest time for a reveal, in hours: two weeks.
pub const REVEAL_HOURS_MAX: i32 = 336;
/// Largest pool.
pub const POOL_MAX: usize = 10_000;

problems! {
    /// A draw is on its way.
    DRAW_RUNS = "draw_runs", 409, "抽取正在进行", "A draw is on its way",
        "该采购包的同一抽取正在进行。请先完成；被抽单位逾期未揭示的，先办理终止。",
        "The same draw of this lot is on its way. Finish it; if a unit did not reveal in time, end it first.";
    /// A draw is needed first.
    DRAW_DUE = "draw_due", 409, "须先抽取", "A draw comes first",
        "评审专家须由两个单位先承诺、后揭示随机数抽取（POST /lots/{id}/draws）；两个单位无法办理时可注明理由改用存证日志。",
        "Experts are drawn from numbers that two units commit to and then reveal (POST /lots/{id}/draws); where two units cannot act, the journal stands in for one, with the reason.";
    /// The draw decides.
    DRAW_BINDS = "draw_binds", 409, "抽取结果有约束力", "The draw decides",
        "该事项已冻结抽取名单，须按抽取结果办理，不得改用其他方式。",
        "The pool of a draw for this was frozen: its result decides, and nothing else may take its place.";
    /// The unit may not contribute.
    UNIT_UNFIT = "draw_unit_unfit", 409, "该单位不能参与本次抽取", "This unit may not contribute to the draw",
        "两份随机数须来自互不隶属的两个单位；曾逾期不揭示的单位不得再参与同一抽取。",
        "The two numbers come from two units neither of which stands above the other; a unit that kept silent once contributes no more to the same draw.";
    /// Not this unit's turn.
    NOT_ITS_TURN = "draw_turn", 409, "尚未轮到该单位揭示", "It is another unit's turn to reveal",
        "采购单位先揭示，另一单位后揭示，先揭示者无从知道结果。",
        "The purchaser's unit reveals first and the other unit last, so that who reveals first cannot know the result.";
    /// Too late.
    REVEAL_LATE = "reveal_late", 409, "揭示已逾期", "The time for revealing is over",
        "该单位未在期限内揭示。请终止本次抽取，由其他单位重新抽取。",
        "The unit did not reveal in time. End this draw; other units draw anew.";
    /// The nonce is not what was committed to.
    COMMITMENT_NOT_OPENED = "commitment_not_opened", 422, "与承诺不符", "The nonce does not open the commitment",
        "揭示的随机数与冻结前的承诺不一致。",
        "What was revealed is not what the unit committed to before the freeze.";
    /// The unit saw another pool.
    POOL_ROOT_OTHER = "draw_pool_other", 409, "揭示所指名单不是冻结的名单", "The reveal names another pool than the frozen one",
        "请求中的名单根与冻结时记入存证日志的根不一致。请核对 GET /draws/{id} 与检查点，勿再次揭示；如不一致，请联系审计部门。",
        "The root in the request is not the one that was journalled at the freeze. Compare GET /draws/{id} with a checkpoint and reveal nothing again until they agree; tell the audit office.";
    /// The journal has no checkpoint over the freeze.
    JOURNAL_BEHIND = "journal_behind", 409, "存证日志尚未签署检查点", "The journal has no checkpoint of the freeze yet",
        "冻结记录进入存证日志并签署检查点后方可揭示，请稍后重试。",
        "Reveal once the journal has signed a checkpoint over the freeze; try again in a moment.";
    /// The stored pool is not the frozen one.
    POOL_CHANGED = "draw_pool_changed", 409, "抽取名单已被改动", "The pool was changed after the freeze",
        "库中的名单与冻结时记入存证日志的根不一致，不得据此办理。请联系审计部门。",
        "The stored pool does not have the root that was journalled at the freeze. Nothing may rest on it; tell the audit office.";
}

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// What a unit binds itself to before the freeze. The unit is in it, so that nobody can use another's commitment as its own.
pub fn commitment(draw: DrawId, unit: UnitId, nonce: &Hash) -> Hash {
    sha256(&[b"baiyi/draw/commit/v1\n", draw.uuid().as_bytes(), unit.uuid().as_bytes(), nonce])
}

/// The leaf of a member of the pool. The salt hides who is in the pool from those who only see leaves.
pub fn leaf(draw: DrawId, salt: &Hash, member: AnyId) -> Hash {
    sha256(&[b"baiyi/draw/member/v1\n", draw.uuid().as_bytes(), salt, member.uuid().as_bytes()])
}

/// The root of a pool, whatever the order of its leaves.
pub fn pool_root(draw: DrawId, leaves: &[Hash]) -> Hash {
    let mut sorted: Vec<&Hash> = leaves.iter().collect();
    sorted.sort_unstable();
    let count = u32::try_from(sorted.len()).unwrap_or(u32::MAX).to_be_bytes();
    let draw = draw.uuid();
    let mut parts: Vec<&[u8]> = vec![b"baiyi/draw/pool/v1\n", draw.as_bytes(), &count];
    parts.extend(sorted.into_iter().map(|leaf| leaf.as_slice()));
    sha256(&parts)
}

/// The seed of the frozen pool and the contributions in their order.
pub fn seed(draw: DrawId, root: &Hash, contributions: &[Hash]) -> Hash {
    let draw = draw.uuid();
    let mut parts: Vec<&[u8]> = vec![b"baiyi/draw/seed/v1\n", draw.as_bytes(), root];
    parts.extend(contributions.iter().map(|one| one.as_slice()));
    sha256(&parts)
}

/// The blocks of random bytes that follow from a seed.
struct Blocks {
    seed: Hash,
    next: u64,
}

impl Blocks {
    fn number(&mut self) -> u64 {
        let block = sha256(&[b"baiyi/draw/block/v1\n", &self.seed, &self.next.to_be_bytes()]);
        self.next = self.next.wrapping_add(1);
        let [a, b, c, d, e, f, g, h, ..] = block;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// A number below `bound` (at least 1), every one equally likely.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        let rest = u64::MAX.checked_rem(bound).unwrap_or(0).saturating_add(1).checked_rem(bound).unwrap_or(0);
        let highest = u64::MAX.saturating_sub(rest);
        loop {
            let value = self.number();
            if value <= highest {
                return usize::try_from(value.checked_rem(bound).unwrap_or(0)).unwrap_or(0);
            }
        }
    }
}

/// The permutation of `0..count` that follows from the seed: which place of the sorted pool comes first, second, and so on.
pub fn permutation(seed: Hash, count: usize) -> Vec<usize> {
    let mut blocks = Blocks { seed, next: 0 };
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        let other = blocks.below(last.saturating_add(1));
        order.swap(last, other);
    }
    order
}

/// 32 bytes of 64 lower-case hex digits; `None` for anything else.
pub fn from_hex(text: &str) -> Option<Hash> {
    let lower = text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
    if lower { hex::decode(text).ok()?.try_into().ok() } else { None }
}

/// Whether two units have a common interest: they are one, or one stands above the other. A line is a unit and all above it.
pub fn related(line: &[UnitId], other: &[UnitId]) -> bool {
    line.first().is_some_and(|unit| other.contains(unit)) || other.first().is_some_and(|unit| line.contains(unit))
}

/// The units in the order in which they reveal: the purchaser's first, because who reveals first cannot know the result; otherwise as they committed.
pub fn reveal_order(purchaser: UnitId, committed: &[UnitId]) -> Vec<UnitId> {
    let mut order: Vec<UnitId> = committed.iter().copied().filter(|unit| *unit == purchaser).collect();
    order.extend(committed.iter().copied().filter(|unit| *unit != purchaser));
    order
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
