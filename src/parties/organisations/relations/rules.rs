//! What relates two organisations: comparable forms of names, numbers and addresses, and the rule. Pure.

use unicode_normalization::UnicodeNormalization;

use super::super::rules::{NAME_MAX, PERSON_MAX};
use super::model::{Card, ControlKind, ControllerCard, NewProfile, Relation, RelationKind};
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::words;

/// Longest telephone number, in characters.
pub const PHONE_MAX: usize = 30;
/// Longest address, in characters.
pub const ADDRESS_MAX: usize = 200;
/// Most controllers of an organisation.
pub const CONTROLLERS_MAX: usize = 20;
/// Shortest comparable address: a shorter one says too little to relate anybody.
const ADDRESS_KEY_MIN: usize = 6;
/// Same head, control or management: may not take part in the same contract (实施条例 第18条).
pub const HEAD_OR_CONTROL: &str = "R066";
/// Same contact person and other signs of collusion (财政部令第87号 第37条).
pub const COLLUSION: &str = "R069";

/// The comparable form of a name or an address: full-width and compatibility forms folded, no spaces, no punctuation, lower case.
pub fn comparable(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The comparable form of a telephone number: its digits without China's country code and the trunk zero.
pub fn comparable_phone(text: &str) -> String {
    let digits: String = text.nfkc().filter(char::is_ascii_digit).collect();
    let national = digits.trim_start_matches('0');
    // With the country code a number has 12 digits (landline) or 13 (mobile), without it at most 11.
    let national = if national.len() >= 12 { national.strip_prefix("86").unwrap_or(national) } else { national };
    national.trim_start_matches('0').to_owned()
}

/// The comparable form of an address; empty when it says too little.
pub fn comparable_address(text: &str) -> String {
    let key = comparable(text);
    if key.chars().count() < ADDRESS_KEY_MIN { String::new() } else { key }
}

/// The comparable form of an identity number, or `None` when it cannot be one: 6 to 30 letters and digits; one of 18 characters must have
/// the right check character (GB 11643-1999, ISO 7064 MOD 11-2).
pub fn identity_number(text: &str) -> Option<String> {
    let number: String = text.nfkc().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_uppercase).collect();
    let plain = (6..=30).contains(&number.len()) && number.chars().all(|c| c.is_ascii_alphanumeric());
    let citizens = number.len() == 18;
    (plain && (!citizens || check_character(&number))).then_some(number)
}

fn check_character(number: &str) -> bool {
    let remainder = number.chars().try_fold(0_u32, |sum, c| {
        let value = if c == 'X' { Some(10) } else { c.to_digit(10) }?;
        Some(sum.saturating_mul(2).saturating_add(value).checked_rem(11).unwrap_or(0))
    });
    let early_x = number.char_indices().any(|(at, c)| c == 'X' && at < 17);
    remainder == Some(1) && !early_x
}

/// Checks a profile.
pub fn check(new: &NewProfile) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.head_name, "/head_name", 1, PERSON_MAX);
    fields.text(&new.contact_name, "/contact_name", 1, PERSON_MAX);
    fields.text(&new.contact_phone, "/contact_phone", 5, PHONE_MAX);
    fields.require(comparable_phone(&new.contact_phone).len() >= 5, "/contact_phone", || words!("不是电话号码", "not a telephone number"));
    fields.text(&new.address, "/address", 4, ADDRESS_MAX);
    fields.require(new.controllers.len() <= CONTROLLERS_MAX, "/controllers", || {
        words!("至多 {CONTROLLERS_MAX} 个", "at most {CONTROLLERS_MAX}")
    });
    for (place, controller) in new.controllers.iter().enumerate().take(CONTROLLERS_MAX) {
        fields.text(&controller.name, &format!("/controllers/{place}/name"), 2, NAME_MAX);
    }
    fields.finish()
}

/// What two organisations have in common, what stops first.
pub fn between(a: &Card, b: &Card) -> Vec<Relation> {
    if a.organisation == b.organisation {
        return Vec::new();
    }
    let same = |one: &str, other: &str| !one.is_empty() && one == other;
    let mut kinds = Vec::new();
    match (&a.head_digest, &b.head_digest) {
        (Some(one), Some(other)) if one == other => kinds.push(RelationKind::SameHead),
        // Two documents that differ are two people, whatever their names.
        (Some(_), Some(_)) => {}
        _ if same(&a.head_name_key, &b.head_name_key) => kinds.push(RelationKind::SameHeadName),
        _ => {}
    }
    if controls(a, b) || controls(b, a) {
        kinds.push(RelationKind::DirectControl);
    }
    let shared = |supervising: bool| {
        let of = |card: &'_ Card| -> Vec<ControllerCard> {
            card.controllers.iter().filter(|one| (one.kind == ControlKind::SupervisingBody) == supervising).cloned().collect()
        };
        of(a).iter().any(|one| of(b).iter().any(|other| same_party(one, other)))
    };
    if shared(false) {
        kinds.push(RelationKind::SameController);
    }
    if shared(true) {
        kinds.push(RelationKind::SameSupervisingBody);
    }
    if same(&a.contact_name_key, &b.contact_name_key) {
        kinds.push(RelationKind::SameContact);
    }
    if same(&a.contact_phone_key, &b.contact_phone_key) {
        kinds.push(RelationKind::SamePhone);
    }
    if same(&a.address_key, &b.address_key) {
        kinds.push(RelationKind::SameAddress);
    }
    kinds.into_iter().map(relation).collect()
}

/// Whether `a` stands among those who found, own or manage `b`.
fn controls(a: &Card, b: &Card) -> bool {
    b.controllers.iter().filter(|one| one.kind != ControlKind::SupervisingBody).any(|one| match &one.uscc {
        Some(uscc) => *uscc == a.uscc,
        None => !one.name_key.is_empty() && one.name_key == a.name_key,
    })
}

/// Whether two entries name the same party: by credit code where both have one, else by name.
fn same_party(one: &ControllerCard, other: &ControllerCard) -> bool {
    match (&one.uscc, &other.uscc) {
        (Some(one), Some(other)) => one == other,
        _ => !one.name_key.is_empty() && one.name_key == other.name_key,
    }
}

fn relation(kind: RelationKind) -> Relation {
    let explanation = match kind {
        RelationKind::SameHead => words!("单位负责人为同一人", "they have the same head"),
        RelationKind::SameHeadName => {
            words!("单位负责人同名，尚未以证件区分", "their heads have the same name and no documents tell them apart")
        }
        RelationKind::DirectControl => words!("一方直接控股或管理另一方", "one directly controls or manages the other"),
        RelationKind::SameController => {
            words!("由同一举办者、控股方或管理方直接管理", "the same founder, owner or manager directly manages both")
        }
        RelationKind::SameSupervisingBody => words!("业务主管单位相同", "the same body supervises both"),
        RelationKind::SameContact => words!("联系人同名", "their contact persons have the same name"),
        RelationKind::SamePhone => words!("联系电话相同", "they have the same telephone"),
        RelationKind::SameAddress => words!("地址相同", "they have the same address"),
    };
    let stops = matches!(kind, RelationKind::SameHead | RelationKind::DirectControl | RelationKind::SameController);
    let by_control = stops || matches!(kind, RelationKind::SameHeadName | RelationKind::SameSupervisingBody);
    let remedy = if stops {
        words!(
            "同一包只能由其中一方参加；情况已变更的，请更新组织资料并由平台核实",
            "only one of them takes part in a lot; if matters have changed, update the profile and have it confirmed"
        )
    } else {
        words!(
            "不影响参加，由评审时人工复核；登记负责人证件、更新联系方式可消除标记",
            "they may take part and are looked at by hand; recording the head's document or updating the contact removes the mark"
        )
    };
    Relation { kind, stops, rule: if by_control { HEAD_OR_CONTROL } else { COLLUSION }, explanation, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Uscc;
    use crate::kernel::id::OrganisationId;
    use uuid::Uuid;

    fn card(id: u128, uscc: &str, name: &str) -> Card {
        Card {
            organisation: OrganisationId::new(Uuid::from_u128(id)),
            uscc: Uscc::parse(uscc).unwrap(),
            name_key: comparable(name),
            head_name_key: String::new(),
            head_digest: None,
            contact_name_key: String::new(),
            contact_phone_key: String::new(),
            address_key: String::new(),
            controllers: Vec::new(),
        }
    }

    fn two() -> (Card, Card) {
        (card(1, "52330502MJ9000022F", "吴兴区夕阳红中心"), card(2, "51330502MJ9000014P", "吴兴区邻里互助协会"))
    }

    fn controller(kind: ControlKind, name: &str, uscc: Option<&str>) -> ControllerCard {
        ControllerCard { kind, name_key: comparable(name), uscc: uscc.map(|code| Uscc::parse(code).unwrap()) }
    }

    fn kinds(a: &Card, b: &Card) -> Vec<(RelationKind, bool)> {
        assert_eq!(between(a, b), between(b, a), "a relation has no direction");
        between(a, b).into_iter().map(|one| (one.kind, one.stops)).collect()
    }

    #[test]
    fn strangers_have_nothing_in_common_and_nobody_is_related_to_itself() {
        let (a, b) = two();
        assert_eq!(kinds(&a, &b), []);
        assert_eq!(kinds(&a, &a.clone()), []);
    }

    #[test]
    fn names_numbers_and_addresses_are_compared_whatever_their_spelling() {
        assert_eq!(comparable(" 沈　示例·（女）"), comparable("沈示例(女)"));
        assert_eq!(comparable("ＡＢＣ Co."), "abcco");
        for same in ["0572-2021234", "+86 572 2021234", "0086-572-2021234", "（０５７２）２０２１２３４", "86 0572 2021234"] {
            assert_eq!(comparable_phone(same), "5722021234", "{same}");
        }
        for same in ["138 0572 1234", "+8613805721234", "008613805721234"] {
            assert!(comparable_phone(same).starts_with("1380572"), "{same}");
        }
        assert_eq!(comparable_phone("+8613805721234"), comparable_phone("138-0572-1234"));
        assert_eq!(comparable_address("湖州市 吴兴区，月河街１号"), comparable_address("湖州市吴兴区月河街1号"));
        assert_eq!(comparable_address("月河街1号"), "", "too little to relate anybody");
    }

    #[test]
    fn the_same_head_by_document_stops_and_by_name_alone_marks() {
        let (mut a, mut b) = two();
        (a.head_name_key, b.head_name_key) = (comparable("沈示例"), comparable("沈 示例"));
        assert_eq!(kinds(&a, &b), [(RelationKind::SameHeadName, false)]);
        (a.head_digest, b.head_digest) = (Some(vec![1]), Some(vec![1]));
        assert_eq!(kinds(&a, &b), [(RelationKind::SameHead, true)]);
        b.head_digest = Some(vec![2]);
        assert_eq!(kinds(&a, &b), [], "two documents are two people");
    }

    #[test]
    fn control_stops_whichever_way_and_a_supervising_body_alone_marks() {
        let (mut a, mut b) = two();
        b.controllers = vec![controller(ControlKind::Founder, "别名", Some("52330502MJ9000022F"))];
        assert_eq!(kinds(&a, &b), [(RelationKind::DirectControl, true)]);
        b.controllers = vec![controller(ControlKind::Shareholder, "吴兴区 夕阳红中心", None)];
        assert_eq!(kinds(&a, &b), [(RelationKind::DirectControl, true)]);
        b.controllers = vec![controller(ControlKind::SupervisingBody, "吴兴区民政局", None)];
        a.controllers = b.controllers.clone();
        assert_eq!(kinds(&a, &b), [(RelationKind::SameSupervisingBody, false)]);
        a.controllers = vec![controller(ControlKind::Founder, "湖州某集团", Some("53330500MJ9000030A"))];
        b.controllers = vec![controller(ControlKind::Manager, "湖州某集团有限公司", Some("53330500MJ9000030A"))];
        assert_eq!(kinds(&a, &b), [(RelationKind::SameController, true)]);
        b.controllers = vec![controller(ControlKind::Manager, "湖州某集团", Some("51330502MJ9000014P"))];
        assert_eq!(kinds(&a, &b), [], "two credit codes are two parties, whatever their names");
    }

    #[test]
    fn the_same_contact_telephone_or_address_marks() {
        let (mut a, mut b) = two();
        for card in [&mut a, &mut b] {
            card.contact_name_key = comparable("钱联系");
            card.contact_phone_key = comparable_phone("13805721234");
            card.address_key = comparable_address("湖州市吴兴区月河街1号");
        }
        let marks = [(RelationKind::SameContact, false), (RelationKind::SamePhone, false), (RelationKind::SameAddress, false)];
        assert_eq!(kinds(&a, &b), marks);
        assert!(between(&a, &b).iter().all(|one| one.rule == COLLUSION && !one.remedy.en.is_empty()));
    }

    #[test]
    fn a_citizens_number_must_have_its_check_character() {
        assert_eq!(identity_number("11010519491231002x").as_deref(), Some("11010519491231002X"));
        assert_eq!(identity_number("110105194912310021"), None);
        assert_eq!(identity_number("1101051949X2310021"), None);
        assert_eq!(identity_number("E1234567 8").as_deref(), Some("E12345678"), "a passport");
        assert_eq!(identity_number("12345"), None);
    }
}
