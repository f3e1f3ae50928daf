//! age files as they come in: what is let in is seen by age as it was seen from outside, however it was cut on the way, and a file that age opens is
//! refused for its recipients only.

use std::cell::RefCell;
use std::io::Write;

use age_core::format::{FileKey, Stanza};
use age_core::primitives::hkdf;
use aws_lc_rs::{aead, hmac};
use baiyi::trust::envelope::{Flaw, Outside, normalise};
use baiyi::trust::quorum::points::{POINTS_MAX, lift, points_of};
use baiyi::trust::sealing::{SealTo, file_key, looks_sealed, open_with_file_key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::fixture::SEALING;
use crate::{Seeds, seed, split};

const MAGIC: &[u8] = b"age-encryption.org/v1\n";
/// Longest header that is let in, in bytes.
const HEADER_MAX: usize = 4096;
/// The file key of files that are made here.
const KEY: [u8; 16] = [3; 16];
const PLAIN: &[u8] = b"{\"price_fen\":1}";
/// Longest plaintext that is opened.
const PLAIN_MAX: usize = 1 << 20;

/// Notes the stanzas that age shows.
#[derive(Default)]
struct Seen(RefCell<Vec<(String, Vec<String>)>>);

impl age::Identity for Seen {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        self.0.borrow_mut().push((stanza.tag.clone(), stanza.args.clone()));
        None
    }
}

/// The stanzas of a binary file as age sees them; `None` when age does not read its header.
fn stanzas(file: &[u8]) -> Option<Vec<(String, Vec<String>)>> {
    let seen = Seen::default();
    let one: &dyn age::Identity = &seen;
    drop(age::Decryptor::new(file).ok()?.decrypt(std::iter::once(one)).map(|_| ()));
    Some(seen.0.into_inner())
}

/// Whether these recipients have business in a bid.
fn in_order(stanzas: &[(String, Vec<String>)], recovery: bool) -> bool {
    let share = |args: &[String]| matches!(args, [one] if STANDARD_NO_PAD.decode(one).is_ok_and(|share| share.len() == 32));
    let found = stanzas.iter().filter(|(tag, args)| tag == "X25519" && share(args)).count();
    let grease = stanzas.iter().filter(|(tag, _)| tag.ends_with("-grease")).count();
    found == if recovery { 2 } else { 1 } && found + grease == stanzas.len()
}

/// Judges one input.
pub fn run(data: &[u8]) {
    let Some((letter, rest)) = split(data) else { return };
    match letter {
        b'K' => key(rest),
        b'H' => made(rest),
        letter => {
            file(rest, letter & 1 == 1, 1 + usize::from(letter >> 1));
        }
    }
}

/// A file as it came, or in pieces.
fn file(file: &[u8], recovery: bool, cut: usize) {
    let whole = normalise(file, recovery);
    assert_eq!(in_pieces(file, recovery, cut), whole.clone().ok(), "cut into pieces of {cut} bytes");
    let opened = SEALING.open_bytes(file, PLAIN_MAX);
    if file.starts_with(MAGIC) && opened.is_some() {
        assert!(!matches!(whole, Err(Flaw::NotAge | Flaw::Truncated)), "age opens it: {whole:?}");
    }
    if let Some(key) = file_key(&SEALING, file) {
        assert_eq!(open_with_file_key(key, file, PLAIN_MAX), opened, "the file key opens what its key opens");
    }
    let points = points_of(file);
    assert!(points.len() <= POINTS_MAX && points.iter().all(|point| lift(point).is_some()));
    let Ok(binary) = whole else { return };
    assert!(looks_sealed(file) && binary.starts_with(MAGIC));
    assert_eq!(normalise(&binary, recovery).as_ref(), Ok(&binary), "what was let in is let in again");
    assert_eq!(normalise(&armored(&binary), recovery).as_ref(), Ok(&binary), "with armor or without");
    assert_ne!(normalise(&binary, !recovery), Ok(binary.clone()), "one recipient or two");
    if let Some(stanzas) = stanzas(&binary) {
        assert!(in_order(&stanzas, recovery), "let in with {stanzas:?}");
    }
}

fn in_pieces(file: &[u8], recovery: bool, cut: usize) -> Option<Vec<u8>> {
    let (mut outside, mut binary) = (Outside::new(recovery), Vec::new());
    for piece in file.chunks(cut) {
        binary.extend(outside.push(piece).ok()?);
    }
    binary.extend(outside.end().ok()?);
    Some(binary)
}

fn armored(binary: &[u8]) -> Vec<u8> {
    let mut writer = age::armor::ArmoredWriter::wrap_output(Vec::new(), age::armor::Format::AsciiArmor).unwrap();
    writer.write_all(binary).unwrap();
    writer.finish().unwrap()
}

/// A file of these stanzas, its authentication code and payload in order: what a bidder's own program can make.
fn of_stanzas(stanzas: &[u8]) -> Vec<u8> {
    let mut file = [MAGIC, stanzas, b"---"].concat();
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &hkdf(&[], b"header", &KEY)), &file);
    file.extend(format!(" {}\n", STANDARD_NO_PAD.encode(mac)).bytes());
    let nonce = [9; 16];
    let key = aead::UnboundKey::new(&aead::CHACHA20_POLY1305, &hkdf(&nonce, b"payload", &KEY)).unwrap();
    let mut chunk = PLAIN.to_vec();
    // The first chunk is the last one.
    let counter = aead::Nonce::assume_unique_for_key([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    aead::LessSafeKey::new(key).seal_in_place_append_tag(counter, aead::Aad::empty(), &mut chunk).unwrap();
    [file, nonce.to_vec(), chunk].concat()
}

/// A file whose header is whatever it is and in order otherwise: what age opens is let in if its recipients are those of a bid, and only then.
fn made(header: &[u8]) {
    let made = of_stanzas(header);
    file(&made, false, 64);
    let Some(plain) = open_with_file_key(KEY, &made, PLAIN_MAX) else { return };
    assert_eq!(plain, PLAIN);
    let stanzas = stanzas(&made).expect("age opened it");
    let short = made.len() - 16 - PLAIN.len() - 16 <= HEADER_MAX;
    for recovery in [false, true] {
        assert_eq!(normalise(&made, recovery).is_ok(), short && in_order(&stanzas, recovery), "{stanzas:?}");
    }
}

/// A recipient.
fn key(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    if let Ok(key) = SealTo::parse(text) {
        assert!(key.recipient().eq_ignore_ascii_case(text), "read into it: {text:?}");
    }
}

/// Files that are in order, files that are not, and headers.
pub fn seeds() -> Seeds {
    let recipient: age::x25519::Recipient = SEALING.recipient().parse().unwrap();
    let second = age::x25519::Identity::generate().to_public();
    let sealed = |to: &[&age::x25519::Recipient], plain: &[u8]| {
        let to = to.iter().map(|one| *one as &dyn age::Recipient);
        let mut writer = age::Encryptor::with_recipients(to).unwrap().wrap_output(Vec::new()).unwrap();
        writer.write_all(plain).unwrap();
        writer.finish().unwrap()
    };
    let one = sealed(&[&recipient], PLAIN);
    let two = sealed(&[&recipient, &second], PLAIN);
    let point = STANDARD_NO_PAD.encode([&[9][..], &[0; 31]].concat());
    let stanza = format!("-> X25519 {point}\n{}\n", STANDARD_NO_PAD.encode([5; 32]));
    vec![
        seed("one", b'2', &one),
        seed("two", b'3', &two),
        seed("empty", b'0', sealed(&[&recipient], b"")),
        seed("armored", b'8', armored(&one)),
        seed("armored_two", b'9', armored(&two)),
        seed("cut", b'Z', &one[..one.len() - 1]),
        seed("header", b'H', &stanza),
        seed("header_grease", b'H', format!("{stanza}-> a-grease b c\nAAAA\n")),
        seed("header_two", b'H', format!("{stanza}{stanza}")),
        seed("header_ssh", b'H', format!("{stanza}-> ssh-ed25519 AAAA {point}\nAAAA\n")),
        seed("header_long_body", b'H', format!("-> X25519 {point}\n{}\n\n", "A".repeat(64))),
        seed("recipient", b'K', SEALING.recipient()),
    ]
}
