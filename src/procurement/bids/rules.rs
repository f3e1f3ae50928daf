//! What a sealed payload holds and whether it is bound to where it was found. Pure.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::error::{Fields, problems};
use crate::kernel::fen::MAX_FEN;
use crate::kernel::id::{AnyId, LotId, OrganisationId, TenderId};
use crate::kernel::{Fen, Result, UtcInstant, Words};
use crate::parties::organisations::Supply;
use crate::procurement::tenders::model::{LotFile, LotState, Mode};
use crate::words;

problems! {
    /// Too late, or not yet.
    BIDDING_CLOSED = "bidding_closed", 409, "不在接收响应期间", "Bids are not taken now",
        "项目尚未发布，或响应截止时间已过。截止以服务器收到最后一个字节的时刻为准。",
        "The tender is not published or its deadline has passed. The instant of the last byte received counts.";
    /// The organisation may not bid.
    NOT_ELIGIBLE = "bidder_not_eligible", 409, "不具备参与资格", "The organisation may not bid",
        "组织须已核验，且未被暂停或列入严重违法失信名单；邀请的程序须在受邀之列；项目委托须在孵化中、已出壳，或在本年度该目录项的承接能力目录中。认为有误的，请先向登记机关或平台申请移出或更正。",
        "The organisation must be verified and neither suspended nor blacklisted; an invited procedure needs an invitation, an entrustment incubation or a place in this year's directory for the item. If the record is wrong, ask the registry or the platform to correct it first.";
    /// The tender takes sealed bids only.
    PLAIN_REFUSED = "plain_offer_refused", 422, "本项目只接受自行密封的响应", "This tender takes sealed bids only",
        "请按 GET /lots/{lot_id}/sealing 给出的公钥与字段自行密封后提交。",
        "Seal the bid yourself with the recipient and fields of GET /lots/{lot_id}/sealing.";
    /// Not an age file.
    NOT_SEALED = "not_an_age_file", 422, "不是 age 密文", "Not an age file",
        "ciphertext 须为 age 加密文件：其 ASCII armor，或二进制文件的 base64。",
        "ciphertext must be an age file: its ASCII armor, or the base64 of the binary file.";
    /// The same ciphertext came before.
    DUPLICATE = "duplicate_ciphertext", 409, "该密文已提交过", "This ciphertext came before",
        "同一密文只接受一次，无论由谁提交。请重新密封。",
        "A ciphertext is taken once, from whomever it came. Seal it again.";
    /// A draft lacks something.
    DRAFT_UNFINISHED = "draft_unfinished", 409, "草稿尚未完成", "The draft is not finished",
        "草稿须有报价与内容，声明须完整，方可提交。",
        "A draft needs a price, a text and complete declarations before it can be submitted.";
    /// Somebody invited into the consortium has not answered.
    CONSORTIUM_OPEN = "consortium_not_confirmed", 409, "联合体成员尚未确认", "A consortium member has not confirmed",
        "所邀请的成员须由其组织管理员确认或谢绝，或由牵头人撤回邀请，之后方可提交。",
        "Every invited member confirms or declines through its own administrator, or the lead takes the invitation back; then submit.";
    /// Too many files.
    TOO_MANY_ATTACHMENTS = "too_many_attachments", 409, "附件过多", "Too many attachments",
        "请先删除不再使用的附件。",
        "Delete attachments that are no longer used.";
}

/// The only payload format so far.
pub const FORMAT: &str = "baiyi-bid-1";
/// Bytes of the nonce of a payload.
pub const NONCE_BYTES: usize = 32;
/// Longest offer text, in characters.
pub const OFFER_MAX: usize = 20_000;
/// Largest ciphertext, in bytes.
pub const CIPHERTEXT_MAX: usize = 300 * 1024;
/// Longest statement on subcontracting, in characters.
pub const SUBCONTRACTING_MAX: usize = 2_000;
/// Most declarations of one bid.
pub const DECLARATIONS_MAX: usize = 50;
/// Most files of one bid.
pub const ATTACHMENTS_MAX: usize = 20;
/// Most files that a bidder keeps for one lot.
pub const KEPT_MAX: usize = 40;
/// Most bytes of ciphertext that a bidder keeps for one lot.
pub const KEPT_BYTES_MAX: i64 = 1024 * 1024 * 1024;
/// Most members of a consortium beside its lead.
pub const MEMBERS_MAX: usize = 10;

/// A declaration made in a bid, or reused from the organisation's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// What is declared, in the words of the procurement documents.
    #[schema(min_length = 1, max_length = 60, example = "no_major_violation")]
    pub kind: String,
    /// Its text.
    #[schema(min_length = 1, max_length = 2_000, example = "本组织参加采购前三年内在经营活动中没有重大违法记录。")]
    pub text: String,
    /// Last day on which it holds; absent when it does not expire.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// The declaration in the organisation's file that it repeats.
    #[serde(default)]
    pub declaration_id: Option<AnyId>,
}

impl Declared {
    /// Whether it no longer holds on a day; its last day still counts.
    pub fn expired_on(&self, day: NaiveDate) -> bool {
        self.valid_to.is_some_and(|last| last < day)
    }
}

/// The plaintext of a bid: JSON, padded with spaces before sealing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BidPayload {
    /// [`FORMAT`].
    pub format: String,
    /// The tender.
    pub tender_id: TenderId,
    /// The lot.
    pub lot_id: LotId,
    /// Number of the amendment that the bidder had read; 0 without any.
    pub amendment: i32,
    /// The bidder.
    pub organisation_id: OrganisationId,
    /// Number of the bidder's submission for this lot, from 1.
    pub sequence: i32,
    /// 32 random bytes in hex, so that no hash of a guessed offer fits.
    pub nonce: String,
    /// The price.
    pub price_fen: i64,
    /// What is offered.
    pub offer: String,
    /// SHA-256 of every attachment's plaintext, lower-case hex. The plaintext's, because a bidder knows it before sealing and a second
    /// sealing does not change it; the ciphertext's is on the receipt, where a plaintext's hash could be used to guess a file.
    pub attachments: Vec<String>,
    /// The other members of the consortium.
    #[serde(default)]
    pub consortium: Vec<OrganisationId>,
    /// What is given to subcontractors and to whom.
    #[serde(default)]
    pub subcontracting: Option<String>,
    /// Declarations.
    #[serde(default)]
    pub declarations: Vec<Declared>,
}

impl std::fmt::Debug for BidPayload {
    /// Never the price or the text: a payload may pass through a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BidPayload").field("lot_id", &self.lot_id).field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

/// Where a sealed bid was found, and what was found with it.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its tender.
    pub tender: TenderId,
    /// Its lot.
    pub lot: LotId,
    /// The amendments that a bid may be made for: the one in force, and those before it that left earlier bids valid.
    pub amendments: Vec<i32>,
    /// Its bidder.
    pub organisation: OrganisationId,
    /// Its sequence number.
    pub sequence: i32,
    /// SHA-256 of the plaintexts of its attachments; `None` for one that could not be read.
    pub attachments: Vec<Option<String>>,
    /// The members who confirmed.
    pub members: Vec<OrganisationId>,
}

/// What an opened bid says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The price.
    pub price: Fen,
    /// What is offered.
    pub offer: String,
    /// What is given to subcontractors.
    pub subcontracting: Option<String>,
    /// Declarations.
    pub declarations: Vec<Declared>,
}

/// What opening a bid gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// In order.
    Valid(Content),
    /// Readable, but not to be considered: `over_ceiling` or `price_not_positive`.
    Invalid(&'static str, Content),
    /// Not readable or not bound: `unreadable`, `unknown_format`, `not_bound`.
    Unusable(&'static str),
}

/// Judges an opened plaintext: format, binding, then price against the ceiling (政府采购法实施条例; 87号令 第63条).
pub fn judge(plaintext: Option<&str>, place: &Place, ceiling: Fen) -> Opened {
    let Some(text) = plaintext else { return Opened::Unusable("unreadable") };
    let Ok(payload) = serde_json::from_str::<BidPayload>(text.trim_end()) else { return Opened::Unusable("unreadable") };
    if payload.format != FORMAT {
        return Opened::Unusable("unknown_format");
    }
    if !is_bound(&payload, place) {
        return Opened::Unusable("not_bound");
    }
    let price = Fen::new(payload.price_fen.clamp(0, MAX_FEN));
    let content = Content { price, offer: payload.offer, subcontracting: payload.subcontracting, declarations: payload.declarations };
    if payload.price_fen <= 0 || payload.price_fen > MAX_FEN {
        Opened::Invalid("price_not_positive", content)
    } else if price > ceiling {
        Opened::Invalid("over_ceiling", content)
    } else {
        Opened::Valid(content)
    }
}

/// Whether the payload was made for exactly this place, these files and these members.
fn is_bound(payload: &BidPayload, place: &Place) -> bool {
    let mut named: Vec<Option<String>> = payload.attachments.iter().map(|hash| Some(hash.to_ascii_lowercase())).collect();
    let mut found = place.attachments.clone();
    named.sort_unstable();
    found.sort_unstable();
    let mut members = (payload.consortium.clone(), place.members.clone());
    members.0.sort_unstable();
    members.1.sort_unstable();
    payload.tender_id == place.tender
        && payload.lot_id == place.lot
        && payload.organisation_id == place.organisation
        && payload.sequence == place.sequence
        && hex::decode(&payload.nonce).is_ok_and(|nonce| nonce.len() == NONCE_BYTES)
        && place.amendments.contains(&payload.amendment)
        && named == found
        && members.0 == members.1
}

/// Checks a plain offer. A price above the ceiling is not refused here: nobody may learn it before the opening.
pub fn check_plain(price: Fen, text: &str, subcontracting: Option<&str>, declarations: &[Declared]) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(price > Fen::ZERO, "/offer/price/amount_fen", || words!("须大于零", "must be more than zero"));
    fields.text(text, "/offer/text", 1, OFFER_MAX);
    if let Some(statement) = subcontracting {
        fields.text(statement, "/offer/subcontracting", 1, SUBCONTRACTING_MAX);
    }
    check_declarations(&mut fields, "/offer/declarations", declarations);
    fields.finish()
}

/// Checks the form of declarations.
pub fn check_declarations(fields: &mut Fields, pointer: &str, declarations: &[Declared]) {
    fields.require(declarations.len() <= DECLARATIONS_MAX, pointer, || words!("最多 {DECLARATIONS_MAX} 项", "at most {DECLARATIONS_MAX}"));
    for (index, declared) in declarations.iter().enumerate() {
        fields.text(&declared.kind, &format!("{pointer}/{index}/kind"), 1, 60);
        fields.text(&declared.text, &format!("{pointer}/{index}/text"), 1, 2_000);
    }
}

/// Refuses what comes for a lot that has ended, before its tender is published or after its deadline.
pub fn require_open(file: &LotFile, now: UtcInstant) -> Result<()> {
    if !file.tender.takes_bids(now) {
        return Err(BIDDING_CLOSED.error());
    }
    if file.lot.state != LotState::Open {
        return Err(BIDDING_CLOSED.because(words!("采购包已终止", "the lot has ended")));
    }
    Ok(())
}

/// Whether this organisation may bid for this lot now: the deadline, its standing, and where the mode asks for it
/// whether it is `known`: incubated, or in the directory for the item.
pub fn may_bid(file: &LotFile, now: UtcInstant, supply: &Supply, known: bool) -> Result<()> {
    require_open(file, now)?;
    check_supply(supply)?;
    if file.tender.mode == Mode::Entrustment && !known {
        return Err(NOT_ELIGIBLE.because(words!(
            "项目委托只面向孵化中、已出壳或在该目录项承接能力目录中的组织",
            "an entrustment is open to incubated organisations and to those in the directory for the item only"
        )));
    }
    Ok(())
}

/// Refuses a supplier whose standing stops it, with the reason and the remedy. One that is only marked takes part and is looked at by hand.
pub fn check_supply(supply: &Supply) -> Result<()> {
    let Supply::Stopped(note) = supply else { return Ok(()) };
    let (why, remedy) = (&note.explanation, &note.remedy);
    let refusal =
        NOT_ELIGIBLE.because(Words { zh: format!("{}；{}", why.zh, remedy.zh).into(), en: format!("{}; {}", why.en, remedy.en).into() });
    Err(match &note.rule {
        Some(rule) => refusal.under(rule.clone()),
        None => refusal,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn place() -> Place {
        Place {
            tender: TenderId::new(Uuid::from_u128(1)),
            lot: LotId::new(Uuid::from_u128(2)),
            amendments: vec![0, 1],
            organisation: OrganisationId::new(Uuid::from_u128(3)),
            sequence: 1,
            attachments: vec![Some("ab".into()), Some("cd".into())],
            members: vec![OrganisationId::new(Uuid::from_u128(4))],
        }
    }

    fn payload() -> BidPayload {
        let place = place();
        BidPayload {
            format: FORMAT.into(),
            tender_id: place.tender,
            lot_id: place.lot,
            amendment: 0,
            organisation_id: place.organisation,
            sequence: 1,
            nonce: "5f".repeat(32),
            price_fen: 100,
            offer: "方案".into(),
            attachments: vec!["CD".into(), "ab".into()],
            consortium: place.members,
            subcontracting: None,
            declarations: vec![],
        }
    }

    fn judged(payload: &BidPayload) -> Opened {
        let text = crate::trust::sealing::pad(&serde_json::to_string(payload).unwrap());
        judge(Some(&text), &place(), Fen::new(100))
    }

    #[test]
    fn the_ceiling_itself_is_valid_and_one_fen_above_is_not() {
        assert!(matches!(judged(&payload()), Opened::Valid(_)));
        assert!(matches!(judged(&BidPayload { price_fen: 101, ..payload() }), Opened::Invalid("over_ceiling", _)));
        assert!(matches!(judged(&BidPayload { price_fen: 0, ..payload() }), Opened::Invalid("price_not_positive", _)));
    }

    #[test]
    fn a_payload_for_another_place_is_not_bound() {
        let other = Uuid::from_u128(9);
        for moved in [
            BidPayload { tender_id: other.into(), ..payload() },
            BidPayload { lot_id: other.into(), ..payload() },
            BidPayload { organisation_id: other.into(), ..payload() },
            BidPayload { sequence: 2, ..payload() },
            BidPayload { amendment: 2, ..payload() },
            BidPayload { amendment: -1, ..payload() },
            BidPayload { attachments: vec!["ab".into()], ..payload() },
            BidPayload { attachments: vec!["ab".into(), "ab".into()], ..payload() },
            BidPayload { consortium: vec![], ..payload() },
            BidPayload { nonce: "5f".repeat(31), ..payload() },
            BidPayload { nonce: "zz".repeat(32), ..payload() },
        ] {
            assert_eq!(judged(&moved), Opened::Unusable("not_bound"));
        }
        assert_eq!(judged(&BidPayload { format: "v0".into(), ..payload() }), Opened::Unusable("unknown_format"));
        assert_eq!(judge(None, &place(), Fen::new(1)), Opened::Unusable("unreadable"));
        assert_eq!(judge(Some("{}"), &place(), Fen::new(1)), Opened::Unusable("unreadable"));
    }

    #[test]
    fn an_attachment_that_cannot_be_read_unbinds_the_bid_and_an_earlier_amendment_does_not() {
        let text = serde_json::to_string(&payload()).unwrap();
        let torn = Place { attachments: vec![Some("ab".into()), None], ..place() };
        assert_eq!(judge(Some(&text), &torn, Fen::new(100)), Opened::Unusable("not_bound"));
        assert!(matches!(judged(&BidPayload { amendment: 1, ..payload() }), Opened::Valid(_)));
        let stale = Place { amendments: vec![1], ..place() };
        assert_eq!(judge(Some(&text), &stale, Fen::new(100)), Opened::Unusable("not_bound"));
    }

    #[test]
    fn a_declaration_holds_through_its_last_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let declared = |valid_to| Declared { kind: "certificate".into(), text: "证书".into(), valid_to, declaration_id: None };
        assert!(!declared(Some(day("2026-03-13"))).expired_on(day("2026-03-13")));
        assert!(declared(Some(day("2026-03-12"))).expired_on(day("2026-03-13")));
        assert!(!declared(None).expired_on(day("2026-03-13")));
    }

    #[test]
    fn a_payload_in_a_log_shows_neither_price_nor_text() {
        let shown = format!("{:?}", BidPayload { price_fen: 4_242_424, ..payload() });
        assert!(!shown.contains("4242424") && !shown.contains("方案"), "{shown}");
    }
}
