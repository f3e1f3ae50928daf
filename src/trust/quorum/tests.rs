//! Laws of the quorum: every set of t openers opens the same, t − 1 cannot, a wrong package or contribution names its sender.

use std::collections::BTreeMap;
use std::io::Write;

use proptest::prelude::*;

use super::combine::{Contributed, QuorumIdentity};
use super::dkg::{self, Group, Packages, Secret};
use super::partial::Share;
use super::points::{lift, points_of};
use super::{Fault, Point};
use crate::trust::sealing::open_with;

const CONTEXT: &[u8] = b"a root";

/// A ceremony in one process; `bend` may spoil what the openers send.
fn ceremony(
    threshold: u16,
    members: u16,
    bend: impl Fn(&mut Packages, &mut BTreeMap<(u16, u16), Secret>),
) -> Result<(Group, Vec<Share>), Fault> {
    let begun: Vec<(Secret, Vec<u8>)> = (1..=members).map(|position| dkg::begin(position, threshold, members).unwrap()).collect();
    let mut first: Packages = (1..=members).zip(begun.iter().map(|(_, package)| package.clone())).collect();
    let without =
        |packages: &Packages, position: u16| -> Packages { packages.clone().into_iter().filter(|(of, _)| *of != position).collect() };
    let (mut kept, mut dealt) = (Vec::new(), BTreeMap::new());
    bend(&mut first, &mut dealt);
    for (position, (secret, _)) in (1..=members).zip(&begun) {
        let (secret, packages) = dkg::deal(secret, &without(&first, position))?;
        kept.push(secret);
        dealt.extend(packages.into_iter().map(|(to, package)| ((position, to), package)));
    }
    bend(&mut first, &mut dealt);
    let (mut group, mut shares) = (None, Vec::new());
    for (position, secret) in (1..=members).zip(&kept) {
        let mine = dealt.iter().filter(|((_, to), _)| *to == position).map(|((from, _), package)| (*from, package.clone())).collect();
        let (share, found) = dkg::finish(secret, &without(&first, position), &mine)?;
        assert_eq!(*group.get_or_insert_with(|| found.clone()), found, "all find the same group");
        shares.push(Share::from_bytes(&share).unwrap());
    }
    assert_eq!(group, Some(dkg::group(threshold, &first)?), "and so does who only reads the first packages");
    Ok((group.unwrap(), shares))
}

fn sealed(group: &Group, text: &str) -> Vec<u8> {
    let recipient: age::x25519::Recipient = group.recipient.parse().unwrap();
    age::encrypt(&recipient, text.as_bytes()).unwrap()
}

fn contribute(group: &Group, share: &Share, position: u16, points: &[Point]) -> Contributed {
    let bytes: Vec<u8> = points.iter().flat_map(|point| share.contribute(CONTEXT, point).unwrap()).collect();
    Contributed::check(position, &group.shares[&position], CONTEXT, points, &bytes).unwrap()
}

/// Every set of `size` of the numbers from 1 to `of`.
fn subsets(of: u16, size: u32) -> Vec<Vec<u16>> {
    (0_u32..1 << of).filter(|set| set.count_ones() == size).map(|set| (1..=of).filter(|n| set >> (n - 1) & 1 == 1).collect()).collect()
}

fn every_subset_agrees(threshold: u16, members: u16) {
    let (group, shares) = ceremony(threshold, members, |_, _| {}).unwrap();
    let file = sealed(&group, "two social workers, twice a week");
    let armored = {
        let recipient: age::x25519::Recipient = group.recipient.parse().unwrap();
        age::encrypt_and_armor(&recipient, b"armored").unwrap()
    };
    let points = [points_of(&file), points_of(armored.as_bytes())].concat();
    assert_eq!(points.len(), 2);
    let all: Vec<Contributed> = (1..=members).zip(&shares).map(|(position, share)| contribute(&group, share, position, &points)).collect();
    let of = |set: &[u16]| all.iter().filter(|one| set.contains(&one.position)).cloned().collect::<Vec<_>>();
    for set in subsets(members, u32::from(threshold)) {
        let identity = QuorumIdentity::combine(&group.key, threshold, &points, &of(&set)).unwrap();
        assert_eq!(open_with(&identity, &file, 1000).as_deref(), Some(b"two social workers, twice a week".as_slice()), "{set:?}");
        assert_eq!(open_with(&identity, armored.as_bytes(), 1000).as_deref(), Some(b"armored".as_slice()), "{set:?}");
        assert_eq!(open_with(&identity, &sealed(&group, "came later"), 1000), None, "what nobody contributed to stays shut");
    }
    for set in subsets(members, u32::from(threshold) - 1) {
        assert!(QuorumIdentity::combine(&group.key, threshold, &points, &of(&set)).is_err());
        // Who lies about the threshold gains nothing.
        let identity = QuorumIdentity::combine(&group.key, threshold - 1, &points, &of(&set)).unwrap();
        assert_eq!(open_with(&identity, &file, 1000), None, "{set:?}");
    }
    let twice = vec![all[0].clone(), all[0].clone(), all[0].clone()];
    assert!(QuorumIdentity::combine(&group.key, threshold, &points, &twice).is_err(), "one opener counts once");
}

#[test]
fn any_two_of_three_open_and_one_does_not() {
    every_subset_agrees(2, 3);
}

#[test]
fn any_three_of_five_open_and_two_do_not() {
    every_subset_agrees(3, 5);
}

#[test]
fn streams_and_further_recipients_open_too() {
    let (group, shares) = ceremony(2, 3, |_, _| {}).unwrap();
    let own = age::x25519::Identity::generate();
    let ours: age::x25519::Recipient = group.recipient.parse().unwrap();
    let both: [&dyn age::Recipient; 2] = [&own.to_public(), &ours];
    let mut file = Vec::new();
    let mut writer = age::Encryptor::with_recipients(both.into_iter()).unwrap().wrap_output(&mut file).unwrap();
    writer.write_all(&vec![7; 200_000]).unwrap();
    writer.finish().unwrap();
    let points = points_of(&file);
    assert_eq!(points.len(), 2);
    let given: Vec<Contributed> = [1, 3].map(|n| contribute(&group, &shares[usize::from(n) - 1], n, &points)).into();
    let identity = QuorumIdentity::combine(&group.key, 2, &points, &given).unwrap();
    assert_eq!(open_with(&identity, &file, 200_000).map(|plain| plain.len()), Some(200_000));
    file.truncate(file.len() - 1);
    assert_eq!(open_with(&identity, &file, 200_000), None, "a truncated stream");
    assert_eq!(points_of(b"no age file"), [[0; 32]; 0]);
}

#[test]
fn a_wrong_contribution_names_its_sender() {
    let (group, shares) = ceremony(2, 3, |_, _| {}).unwrap();
    let points = points_of(&sealed(&group, "x"));
    let good = shares[1].contribute(CONTEXT, &points[0]).unwrap();
    let check =
        |position: u16, context: &[u8], bytes: &[u8]| Contributed::check(position, &group.shares[&position], context, &points, bytes).err();
    assert_eq!(check(2, CONTEXT, &good), None);
    for place in [0, 31, 32, 63, 64, 95] {
        let mut bent = good;
        bent[place] ^= 1;
        assert!(matches!(check(2, CONTEXT, &bent), Some(Fault::Of { position: 2, .. })), "byte {place}");
    }
    assert!(check(2, b"another root", &good).is_some(), "a contribution is to one root");
    assert!(check(1, CONTEXT, &good).is_some(), "and of one opener");
    assert!(check(2, CONTEXT, &good[..95]).is_some());
    // A product with another opener's share is well formed and still wrong.
    assert!(check(2, CONTEXT, &shares[0].contribute(CONTEXT, &points[0]).unwrap()).is_some());
}

#[test]
fn a_wrong_package_of_the_ceremony_names_its_sender() {
    let swapped = ceremony(2, 3, |_, dealt| {
        // The third opener deals the first opener the second's package.
        if let Some(other) = dealt.get(&(3, 2)).cloned() {
            dealt.insert((3, 1), other);
        }
    });
    assert!(matches!(swapped, Err(Fault::Of { position: 3, .. })), "{:?}", swapped.err());
    let replayed = ceremony(2, 3, |first, _| {
        let other = first[&1].clone();
        first.insert(2, other);
    });
    assert!(matches!(replayed, Err(Fault::Of { position: 2, .. })), "{:?}", replayed.err());
    let (_, of_another_degree) = dkg::begin(1, 3, 3).unwrap();
    assert!(matches!(dkg::check_first(1, 2, &of_another_degree), Err(Fault::Of { position: 1, .. })));
    let (kept, _) = dkg::begin(2, 2, 2).unwrap();
    let named = dkg::deal(&kept, &Packages::from([(1, of_another_degree)])).map(drop);
    assert!(matches!(named, Err(Fault::Of { position: 1, .. })), "{:?}", named.err());
    assert!(dkg::begin(1, 1, 3).is_err(), "one opener alone is no quorum");
}

#[test]
fn points_that_could_leak_a_share_are_not_worked_on() {
    // The points of small order on Curve25519 in canonical form, and one on the twist.
    let order_8: Point = hex::decode("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800").unwrap().try_into().unwrap();
    let mut twist = [0; 32];
    twist[0] = 2;
    let mut one = [0; 32];
    one[0] = 1;
    for bad in [[0; 32], one, order_8, twist, [0xff; 32]] {
        assert!(lift(&bad).is_none(), "{}", hex::encode(bad));
    }
    // The base point is worked on; the same u plus p is another writing of it and is not.
    let mut base = [0; 32];
    base[0] = 9;
    assert!(lift(&base).is_some());
    let mut again = [0xff; 32];
    (again[0], again[31]) = (0xf6, 0x7f);
    assert!(lift(&again).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_is_sent_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), point: [u8; 32]) {
        let group = [9; 32];
        prop_assert!(Contributed::check(1, &group, &bytes, &[point], &bytes).is_err());
        let _ = points_of(&bytes);
        let _ = dkg::check_first(1, 2, &bytes);
        let _ = dkg::deal(&bytes, &Packages::from([(1, bytes.clone())]));
        let _ = dkg::finish(&bytes, &Packages::new(), &BTreeMap::new());
    }
}

#[test]
fn a_point_of_a_lot_that_stays_shut_is_worked_on_nowhere() {
    use super::opening::{CLOSING, ClosedBid, ClosedFile, ClosedLot, Closing};
    let id = |n: u128| uuid::Uuid::from_u128(n).to_string();
    let points = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let [a, b, c] =
        [[b'a'; 32], [b'b'; 32], [b'c'; 32]].map(|point| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, point));
    let file = |names: &[&str]| vec![ClosedFile { attachment_id: id(9).parse().unwrap(), sha256: String::new(), points: points(names) }];
    let bid = |names: &[&str], files| ClosedBid { bid_id: id(8).parse().unwrap(), sha256: String::new(), points: points(names), files };
    let lot = |opens, bids| ClosedLot { lot_id: id(7).parse().unwrap(), opens, bids };
    let mut closing = Closing {
        format: CLOSING.to_owned(),
        tender_id: id(1).parse().unwrap(),
        ceremony_id: Some(id(2).parse().unwrap()),
        transcript_sha256: None,
        recipient: String::new(),
        deadline: crate::kernel::UtcInstant::parse("2026-03-13T01:00:00Z").unwrap(),
        least: 1,
        lots: vec![lot(true, vec![bid(&[&a, &c], file(&[&b])), bid(&[&a], file(&[&c]))]), lot(false, vec![bid(&[&c], Vec::new())])],
    };
    assert!(closing.points().is_err());
    let mut respelled = closing.clone();
    respelled.lots[1].bids[0].points[0].truncate(43);
    assert!(respelled.points().is_err(), "the same point without its last letter is no other one");
    closing.keep_shut();
    assert_eq!(closing.points().unwrap(), [[b'a'; 32], [b'b'; 32]], "in order and each once");
    assert_eq!(Closing::parse(&closing.text().unwrap()).unwrap(), closing);
}

/// A stock secret key dealt out to three openers of whom two open.
fn dealt(stock: &age::x25519::Identity) -> (Group, Vec<Share>) {
    use age::secrecy::ExposeSecret;
    use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
    use curve25519_dalek::scalar::{Scalar, clamp_integer};
    let (_, bytes) = bech32::decode(stock.to_string().expose_secret()).unwrap();
    // What X25519 multiplies by, modulo the order of the group in which every stock point lies.
    let secret = Scalar::from_bytes_mod_order(clamp_integer(bytes.try_into().unwrap()));
    let slope = Scalar::random(&mut rand_core::OsRng);
    let shares: Vec<Share> = (1_u16..=3).map(|x| Share::from_bytes(&(secret + slope * Scalar::from(x)).to_bytes()).unwrap()).collect();
    let group = Group {
        key: (ED25519_BASEPOINT_POINT * secret).compress().to_bytes(),
        recipient: stock.to_public().to_string(),
        shares: (1..=3).zip(&shares).map(|(x, share)| (x, share.verifying().compress().to_bytes())).collect(),
    };
    (group, shares)
}

/// What two of the three make of a file.
fn opened_by_two(group: &Group, shares: &[Share], file: &[u8]) -> QuorumIdentity {
    let points: Vec<Point> = points_of(file).into_iter().filter(|point| lift(point).is_some()).collect();
    let given: Vec<Contributed> = [2_u16, 3].map(|n| contribute(group, &shares[usize::from(n) - 1], n, &points)).into();
    QuorumIdentity::combine(&group.key, 2, &points, &given).unwrap()
}

/// Stock age as the oracle: its own secret key, dealt out to openers, has the same recipient and opens the same files.
#[test]
fn a_stock_key_dealt_to_openers_has_its_recipient_and_opens_its_files() {
    for _ in 0..8 {
        let stock = age::x25519::Identity::generate();
        let (group, shares) = dealt(&stock);
        let file = sealed(&group, "the same for both");
        let quorum = opened_by_two(&group, &shares, &file);
        assert_eq!(quorum.recipient(), stock.to_public().to_string());
        assert_eq!(open_with(&quorum, &file, 100), open_with(&stock, &file, 100));
        assert_eq!(open_with(&quorum, &file, 100).as_deref(), Some(b"the same for both".as_slice()));
    }
}

/// The folder of the C2SP age test vectors, which the package `age` brings with its source, where cargo has unpacked it.
fn vectors() -> std::path::PathBuf {
    let lock = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));
    let version = lock.split("name = \"age\"\nversion = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let home = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{}/.cargo", std::env::var("HOME").unwrap()));
    let sources = std::path::Path::new(&home).join("registry/src");
    let registries = std::fs::read_dir(&sources).unwrap_or_else(|e| panic!("{}: {e}", sources.display()));
    let folders = registries.map(|registry| registry.unwrap().path().join(format!("age-{version}/tests/testdata/testkit")));
    folders
        .into_iter()
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| panic!("no age {version} with its vectors under {}", sources.display()))
}

/// The C2SP age test vectors through our identity: every file that stock age opens with a secret key the openers of that key open to the same bytes, and every
/// file that it refuses they refuse.
#[test]
fn age_test_vectors_open_or_are_refused_as_by_stock_age() {
    use sha2::{Digest, Sha256};
    let (mut good, mut bad) = (0, 0);
    for entry in std::fs::read_dir(vectors()).unwrap() {
        let entry = entry.unwrap();
        let vector = std::fs::read(entry.path()).unwrap();
        let end = vector.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let (head, file) = (std::str::from_utf8(&vector[..end]).unwrap(), &vector[end + 2..]);
        let field = |name: &str| head.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect::<Vec<_>>();
        // Passphrases are not for bids; the compressed ones are long streams whose crypto the short ones have too.
        let [identity] = field("identity")[..] else { continue };
        if !field("passphrase").is_empty() || !field("compressed").is_empty() {
            continue;
        }
        let stock: age::x25519::Identity = identity.parse().unwrap();
        let (group, shares) = dealt(&stock);
        let (ours, theirs) = (open_with(&opened_by_two(&group, &shares, file), file, 1 << 20), open_with(&stock, file, 1 << 20));
        assert_eq!(ours, theirs, "{head}");
        // A file of the armored vectors must say so; here both forms are taken.
        match (field("expect")[0], ours) {
            ("success", Some(plaintext)) => {
                assert_eq!(hex::encode(Sha256::digest(&plaintext)), field("payload")[0], "{head}");
                good += 1;
            }
            // The age crate does not look for armor behind blank lines, and says so in its own run of these vectors.
            ("success", None) => assert_eq!(entry.file_name(), "armor_whitespace_outside", "{head}"),
            (_, opened) => bad += u32::from(opened.is_none()),
        }
    }
    assert!(good >= 10 && bad >= 55, "{good} open, {bad} are refused");
}
