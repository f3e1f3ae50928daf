//! Who may be an opener and how many are needed, pure; and the refusals of the slice.

use crate::kernel::error::{Fields, problems};
use crate::kernel::id::{AccountId, UnitId};
use crate::kernel::{Fen, Result};
use crate::trust::quorum::Fault;
use crate::words;

problems! {
    /// A key that is registered already.
    KEY_TAKEN = "opener_key_taken", 409, "该密钥已登记", "The key is registered already",
        "每位开标员使用自己生成的密钥，且每把密钥只登记一次。",
        "Every opener has keys of its own, and each is registered once.";
    /// The tender has openers.
    CEREMONY_EXISTS = "ceremony_exists", 409, "已指定开标员", "Openers are named already",
        "该项目已有进行中或已完成的密钥仪式；如需更换开标员，请先放弃该仪式。",
        "The tender has a ceremony that is under way or complete; abandon it before naming other openers.";
    /// Openers have not all signed.
    CEREMONY_INCOMPLETE = "ceremony_incomplete", 409, "密钥仪式尚未完成", "The ceremony is not complete",
        "全部开标员签署同一份仪式记录之前不得发布。",
        "A tender is published only after every opener has signed the same transcript.";
    /// The value asks for openers.
    OPENERS_REQUIRED = "openers_required", 409, "须由多名开标员共同保管密钥", "Openers must hold the key",
        "金额达到本区规定的标准，须先指定开标员并完成密钥仪式，方可发布。",
        "At this value the district does not let the server hold the key: name openers and complete their ceremony first.";
    /// Something of a ceremony that is not in order.
    CEREMONY_REFUSED = "ceremony_refused", 422, "密钥仪式的材料不符", "What was sent to the ceremony is not in order",
        "签名、格式或内容不符，未作记录。说明中写明原因。",
        "Signature, format or content is not in order; nothing was recorded. The detail says what.";
    /// Sent before, and differently.
    ALREADY_SENT = "already_sent", 409, "已提交过", "It was sent before",
        "该开标员已提交过这一步的材料；材料不可更换。",
        "This opener has sent this before; it cannot be replaced.";
    /// No closing yet.
    NOT_CLOSED = "not_closed", 409, "尚未公布截止清单", "The tender is not closed",
        "截止时间之后先公布投标清单（POST …/closing），方可提交解密份额和开启。",
        "After the deadline the set of bids is published first (POST …/closing); before it no contribution is taken and nothing is opened.";
    /// The server holds the key.
    NO_QUORUM = "no_quorum", 409, "该项目由平台保管密钥", "The server holds this tender's key",
        "该项目未指定开标员，密钥由平台保管，无须提交份额。",
        "This tender has no openers; the server holds its key and needs no contributions.";
    /// Too few contributions.
    CONTRIBUTIONS_MISSING = "contributions_missing", 409, "解密份额不足", "Too few openers contributed",
        "开启须有足够的开标员提交有效份额。未开启任何响应。",
        "Enough openers must contribute before anything is opened; nothing was opened.";
    /// The bids are opened.
    CONTRIBUTION_TOO_LATE = "contribution_too_late", 409, "已经开启，份额不再使用", "The bids are opened; contributions count no more",
        "开启记录已经形成，不因其后的份额而改变；当时未能解密的响应仍为无效。",
        "The record of the opening stands. A contribution after it changes nothing, and bids that could not be read then stay invalid.";
    /// Enough openers are there, or may still come.
    QUORUM_NOT_LOST = "quorum_not_lost", 409, "开标员尚未缺失", "The openers are not lost",
        "有效份额已足，或召集后备开标员的时间尚未届满，不得改由响应人自行揭示。",
        "Enough openers contributed, or the time for reserves is not over: bidders do not reveal yet.";
    /// Bidders may still reveal.
    REVEALS_MISSING = "reveals_missing", 409, "尚有响应未揭示", "Bids are still to be revealed",
        "开标员缺失后由响应人凭恢复密钥揭示；全部揭示或期限届满后方可开启。",
        "With the openers lost, bidders reveal with their recovery keys; the opening waits for all of them or for the end of their time.";
    /// The bids are not the closing's.
    CLOSING_DIFFERS = "closing_differs", 409, "响应与截止清单不一致", "The bids are not those of the closing",
        "数据库中的响应与已公布的截止清单不一致，未开启任何响应。请保全证据并报告监管部门。",
        "The bids in the database are not those that the closing names; nothing was opened. Keep the evidence and tell the supervisor.";
}

/// Fewest openers of a tender.
pub const OPENERS_MIN: usize = 3;
/// Hours after the closing before reserves are called, where the naming says nothing else.
pub const RESERVE_HOURS: i32 = 24;
/// Longest such time: two weeks.
pub const RESERVE_HOURS_MAX: i32 = 336;
/// Hours that bidders have to reveal once the openers were given up.
pub const REVEAL_HOURS: i64 = 72;
/// Most openers of a tender.
pub const OPENERS_MAX: usize = 15;

/// An opener as the rules look at it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The public body it belongs to and all bodies above it; empty for none.
    pub line: Vec<UnitId>,
    /// Whether it runs the platform.
    pub operator: bool,
    /// Whether it is an active opener with a confirmed key.
    pub ready: bool,
}

/// Checks the openers of a tender: at least two are needed and at least one may be away; no public body, with those below it, has enough of them to open
/// alone, and whoever runs the platform is none.
pub fn check_openers(openers: &[Candidate], threshold: usize) -> Result<()> {
    let mut fields = Fields::default();
    let count = openers.len();
    fields.require((OPENERS_MIN..=OPENERS_MAX).contains(&count), "/account_ids", || {
        words!("须有 {OPENERS_MIN} 到 {OPENERS_MAX} 名开标员", "{OPENERS_MIN} to {OPENERS_MAX} openers")
    });
    fields.require(threshold >= 2 && threshold < count, "/threshold", || {
        words!("须不少于 2 且少于开标员人数，使一人缺席仍可开启", "at least 2 and fewer than the openers, so that one may be away")
    });
    for (index, one) in openers.iter().enumerate().take(OPENERS_MAX) {
        let pointer = format!("/account_ids/{index}");
        fields.require(one.ready, &pointer, || {
            words!("须为在职开标员且密钥已由他人确认", "must be an active opener whose key another person confirmed")
        });
        fields.require(!one.operator, &pointer, || words!("平台管理员不得担任开标员", "who runs the platform is no opener"));
        fields.require(!one.line.is_empty(), &pointer, || words!("开标员须属于某一单位", "an opener belongs to a public body"));
        // Those named so far who are of one of the bodies that this opener is of, or below it; a body above them all that names no opener is the state itself.
        let before = openers.get(..=index).unwrap_or_default();
        let bodies = before.iter().filter_map(|other| other.line.first()).filter(|body| one.line.contains(body));
        let alone = bodies.into_iter().any(|body| before.iter().filter(|other| other.line.contains(body)).count() >= threshold);
        fields.require(!alone, &pointer, || {
            words!(
                "同一单位及其下属单位的开标员不得达到开启所需人数",
                "one public body, with those below it, may not have enough openers to open alone"
            )
        });
    }
    fields.finish()
}

/// Checks the reserves: openers of the tender, and enough others to open without them.
pub fn check_reserves(accounts: &[AccountId], reserves: &[AccountId], threshold: usize, hours: i32) -> Result<()> {
    let mut fields = Fields::default();
    for (index, one) in reserves.iter().enumerate().take(OPENERS_MAX) {
        fields.require(accounts.contains(one), &format!("/reserve_account_ids/{index}"), || {
            words!("须为本项目的开标员", "must be one of the openers")
        });
    }
    let others = accounts.iter().filter(|account| !reserves.contains(account)).count();
    fields.require(reserves.is_empty() || others >= threshold, "/reserve_account_ids", || {
        words!("其余开标员须达到开启所需人数", "the others must be enough to open")
    });
    fields.require((1..=RESERVE_HOURS_MAX).contains(&hours), "/reserve_after_hours", || {
        words!("1 至 {RESERVE_HOURS_MAX} 小时", "1 to {RESERVE_HOURS_MAX} hours")
    });
    fields.finish()
}

/// Whether the value of a tender asks for openers.
pub fn needs_quorum(value: Fen, from: Option<Fen>) -> bool {
    from.is_some_and(|from| value >= from)
}

/// Whether a text is a public key of Ed25519 in hex.
pub fn is_signing_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The refusal of something that openers' mathematics or signatures do not bear out.
pub fn refused(fault: &Fault) -> crate::kernel::Error {
    CEREMONY_REFUSED.because(words!("{fault}", "{fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(unit: u128) -> Candidate {
        Candidate { line: vec![UnitId::new(uuid::Uuid::from_u128(unit))], operator: false, ready: true }
    }

    fn below(unit: u128, above: u128) -> Candidate {
        Candidate { line: vec![of(unit).line[0], of(above).line[0], of(9).line[0]], ..of(unit) }
    }

    #[test]
    fn no_body_and_no_operator_can_open_alone_and_one_may_be_away() {
        let three = [of(1), of(2), of(3)];
        assert!(check_openers(&three, 2).is_ok());
        assert!(check_openers(&[of(1), of(1), of(2), of(2), of(3)], 3).is_ok());
        assert!(check_openers(&[below(1, 6), below(2, 7), below(3, 8)], 2).is_ok(), "all are of one district");
        for (openers, threshold) in [
            (vec![of(1), of(2)], 2),
            (three.to_vec(), 1),
            (three.to_vec(), 3),
            (vec![of(1), of(1), of(2)], 2),
            (vec![of(1), of(1), of(1), of(2), of(3)], 3),
            (vec![of(1), of(2), Candidate { operator: true, ..of(3) }], 2),
            (vec![of(1), of(2), Candidate { line: Vec::new(), ..of(3) }], 2),
            (vec![of(1), below(4, 1), of(3)], 2),
            (vec![below(4, 1), of(3), of(1)], 2),
            (vec![below(4, 1), below(5, 4), of(3)], 2),
            (vec![below(4, 1), of(3), below(5, 1), of(2), of(1)], 3),
            (vec![of(1), of(2), Candidate { ready: false, ..of(3) }], 2),
            ((1..=16).map(of).collect(), 3),
        ] {
            assert!(check_openers(&openers, threshold).is_err(), "{openers:?} {threshold}");
        }
    }

    #[test]
    fn the_value_that_asks_for_openers_is_exact() {
        let from = Some(Fen::new(100));
        assert!(needs_quorum(Fen::new(100), from) && !needs_quorum(Fen::new(99), from) && !needs_quorum(Fen::new(100), None));
    }

    #[test]
    fn keys_are_written_in_one_way() {
        assert!(is_signing_key(&"0a".repeat(32)));
        for bad in ["0A".repeat(32), "0a".repeat(31), "zz".repeat(32)] {
            assert!(!is_signing_key(&bad));
        }
    }
}
