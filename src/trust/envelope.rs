//! The outside of an age file: what can be seen of it without its key. Takes armor off as the file streams past, and refuses recipients that have no
//! business in a bid and streams that break off.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::kernel::Error;
use crate::kernel::error::problems;

problems! {
    /// Somebody else could read it too.
    EXTRA_RECIPIENTS = "extra_recipients", 422, "密文的收件人不符", "The ciphertext has other recipients",
        "密文须恰好密封给本项目的公钥；另有本组织恢复密钥的，须声明 recovery_recipient 为 true。口令与其他类型的收件人不接受。",
        "Seal to the tender's recipient alone. Your own recovery key may be a second recipient if you say recovery_recipient: true. Passphrases and other kinds are not taken.";
    /// The stream breaks off.
    TRUNCATED = "truncated_ciphertext", 422, "密文不完整", "The ciphertext is cut off",
        "age 文件在中途结束，请重新密封后完整上传。",
        "The age file ends in the middle of its stream. Seal it again and send all of it.";
}

/// First line of an age file.
const MAGIC: &[u8] = b"age-encryption.org/v1\n";
/// First line of an armored one.
const BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
/// Last line of an armored one.
const END: &[u8] = b"-----END AGE ENCRYPTED FILE-----";
/// Longest header, in bytes: two recipients and some grease take a tenth of it.
const HEADER_MAX: usize = 4096;
/// Bytes of the nonce before the payload.
const NONCE: u64 = 16;
/// Bytes from the beginning of a file in which a header and the nonce behind it end.
pub const HEAD_BYTES: usize = HEADER_MAX.saturating_add(16);
/// Bytes of an authentication tag.
const TAG: u64 = 16;
/// Bytes of a sealed chunk (64 KiB and its tag).
const CHUNK: u64 = 64 * 1024 + TAG;

/// What is wrong with the outside of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It is no age file, or not in its form.
    NotAge,
    /// It ends before its stream does.
    Truncated,
    /// It has another number or other kinds of recipients than it should.
    Recipients,
}

impl Flaw {
    /// The refusal; `not_age` is the caller's word for what is no age file.
    pub fn refusal(self, not_age: impl FnOnce() -> Error) -> Error {
        match self {
            Self::NotAge => not_age(),
            Self::Truncated => TRUNCATED.error(),
            Self::Recipients => EXTRA_RECIPIENTS.error(),
        }
    }
}

/// Looks at an age file from outside while it streams past, and gives it on in its binary form.
#[derive(Debug, Default)]
pub struct Outside {
    recovery: bool,
    armor: Option<Armor>,
    begun: bool,
    head: Vec<u8>,
    header: Option<u64>,
    size: u64,
}

impl Outside {
    /// At the first byte. With `recovery` the file has a second recipient: the bidder's own key.
    pub fn new(recovery: bool) -> Self {
        Self { recovery, ..Self::default() }
    }

    /// Takes the next bytes; gives the binary ones.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<u8>, Flaw> {
        if !self.begun && !chunk.is_empty() {
            self.begun = true;
            self.armor = chunk.starts_with(b"-").then(Armor::default);
        }
        let bytes = match &mut self.armor {
            Some(armor) => armor.push(chunk)?,
            None => chunk.to_vec(),
        };
        self.note(&bytes)?;
        Ok(bytes)
    }

    /// After the last byte; gives the binary ones that were left.
    pub fn end(mut self) -> Result<Vec<u8>, Flaw> {
        let rest = match self.armor.take() {
            Some(armor) => armor.end()?,
            None => Vec::new(),
        };
        self.note(&rest)?;
        let header = self.header.ok_or(Flaw::NotAge)?;
        let sealed = self.size.saturating_sub(header).checked_sub(NONCE).ok_or(Flaw::Truncated)?;
        let last = match sealed.checked_rem(CHUNK) {
            Some(0) if sealed > 0 => CHUNK,
            last => last.unwrap_or(0),
        };
        // Only an empty file has a chunk without content (age specification, "Payload").
        let whole = if sealed > CHUNK { last > TAG } else { last >= TAG };
        if whole { Ok(rest) } else { Err(Flaw::Truncated) }
    }

    fn note(&mut self, bytes: &[u8]) -> Result<(), Flaw> {
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.header.is_some() {
            return Ok(());
        }
        let room = HEADER_MAX.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(bytes.get(..room).unwrap_or_default());
        let known = MAGIC.len().min(self.head.len());
        if self.head.get(..known) != MAGIC.get(..known) {
            return Err(Flaw::NotAge);
        }
        match header_end(&self.head) {
            Some(end) => {
                recipients(self.head.get(..end).unwrap_or_default(), self.recovery)?;
                self.header = u64::try_from(end).ok();
                self.head = Vec::new();
                Ok(())
            }
            None if self.head.len() >= HEADER_MAX => Err(Flaw::NotAge),
            None => Ok(()),
        }
    }
}

/// The binary form of a whole file, armored or not.
pub fn normalise(file: &[u8], recovery: bool) -> Result<Vec<u8>, Flaw> {
    let mut outside = Outside::new(recovery);
    let mut binary = outside.push(file)?;
    binary.extend(outside.end()?);
    Ok(binary)
}

/// Bytes up to the end of the header, when all of it is there.
fn header_end(head: &[u8]) -> Option<usize> {
    // The lines of a stanza's body are base64, which has no hyphen, so that this is the line of the authentication code.
    let mac = head.windows(5).position(|window| window == b"\n--- ")?.checked_add(1)?;
    let line = head.get(mac..)?.iter().position(|byte| *byte == b'\n')?;
    mac.checked_add(line)?.checked_add(1)
}

/// Counts the stanzas: one of X25519, or two with a recovery key. Grease, which clients add so that readers stay tolerant, is passed over.
fn recipients(header: &[u8], recovery: bool) -> Result<(), Flaw> {
    let text = std::str::from_utf8(header).map_err(|_| Flaw::NotAge)?;
    let mut found = 0_usize;
    for line in text.lines().skip(1) {
        let Some(words) = line.strip_prefix("-> ") else { continue };
        let mut words = words.split(' ');
        match words.next() {
            Some("X25519") => {
                let share = words.next().and_then(|share| STANDARD_NO_PAD.decode(share).ok()).filter(|share| share.len() == 32);
                if share.is_none() || words.next().is_some() {
                    return Err(Flaw::NotAge);
                }
                found = found.saturating_add(1);
            }
            Some(kind) if kind.ends_with("-grease") => {}
            _ => return Err(Flaw::Recipients),
        }
    }
    if found == if recovery { 2 } else { 1 } { Ok(()) } else { Err(Flaw::Recipients) }
}

/// Takes ASCII armor off line by line, in the strict form of the age specification.
#[derive(Debug, Default)]
struct Armor {
    line: Vec<u8>,
    begun: bool,
    short: bool,
    ended: bool,
}

impl Armor {
    fn push(&mut self, chunk: &[u8]) -> Result<Vec<u8>, Flaw> {
        let mut binary = Vec::new();
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.len() > 128 {
                return Err(Flaw::NotAge);
            }
            if self.line.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.take(line.trim_ascii_end(), &mut binary)?;
            }
        }
        Ok(binary)
    }

    fn end(mut self) -> Result<Vec<u8>, Flaw> {
        let mut binary = Vec::new();
        let line = std::mem::take(&mut self.line);
        let last = line.trim_ascii_end();
        if self.begun && !self.ended && last != END {
            return Err(Flaw::Truncated);
        }
        self.take(last, &mut binary)?;
        if self.ended { Ok(binary) } else { Err(Flaw::NotAge) }
    }

    fn take(&mut self, line: &[u8], binary: &mut Vec<u8>) -> Result<(), Flaw> {
        if !self.begun {
            self.begun = line == BEGIN;
            return if self.begun { Ok(()) } else { Err(Flaw::NotAge) };
        }
        if self.ended {
            return if line.is_empty() { Ok(()) } else { Err(Flaw::NotAge) };
        }
        if line == END {
            self.ended = true;
            return Ok(());
        }
        let decoded = STANDARD.decode(line).ok().filter(|decoded| !decoded.is_empty() && decoded.len() <= 48 && !self.short);
        let decoded = decoded.ok_or(Flaw::NotAge)?;
        self.short = decoded.len() < 48;
        binary.extend(decoded);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use age::x25519::Identity;
    use proptest::prelude::*;

    fn sealed_to(count: usize, plaintext: &[u8]) -> Vec<u8> {
        let keys: Vec<age::x25519::Recipient> = (0..count).map(|_| Identity::generate().to_public()).collect();
        let recipients = keys.iter().map(|key| key as &dyn age::Recipient);
        let mut sealed = Vec::new();
        let mut writer = age::Encryptor::with_recipients(recipients).unwrap().wrap_output(&mut sealed).unwrap();
        std::io::Write::write_all(&mut writer, plaintext).unwrap();
        writer.finish().unwrap();
        sealed
    }

    fn armored(binary: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        let mut writer = age::armor::ArmoredWriter::wrap_output(&mut text, age::armor::Format::AsciiArmor).unwrap();
        std::io::Write::write_all(&mut writer, binary).unwrap();
        writer.finish().unwrap();
        text
    }

    #[test]
    fn one_recipient_or_an_announced_second_and_nothing_else() {
        // age adds grease of a random kind each time, so that this is tried often.
        for _ in 0..50 {
            assert!(normalise(&sealed_to(1, b"{}"), false).is_ok());
        }
        assert_eq!(normalise(&sealed_to(2, b"{}"), false), Err(Flaw::Recipients));
        assert!(normalise(&sealed_to(2, b"{}"), true).is_ok());
        assert_eq!(normalise(&sealed_to(1, b"{}"), true), Err(Flaw::Recipients));
        assert_eq!(normalise(&sealed_to(3, b"{}"), true), Err(Flaw::Recipients));
        let mut locked = Vec::new();
        let phrase = age::secrecy::SecretString::from("quiet river".to_owned());
        let mut recipient = age::scrypt::Recipient::new(phrase);
        recipient.set_work_factor(2);
        let one: &dyn age::Recipient = &recipient;
        let mut writer = age::Encryptor::with_recipients(std::iter::once(one)).unwrap().wrap_output(&mut locked).unwrap();
        std::io::Write::write_all(&mut writer, b"{}").unwrap();
        writer.finish().unwrap();
        assert_eq!(normalise(&locked, false), Err(Flaw::Recipients));
    }

    #[test]
    fn what_is_no_age_file_is_told_and_so_is_one_that_breaks_off() {
        for wrong in [&b""[..], b"%PDF-1.7", b"age-encryption.org/v2\n-> X25519 a\n", b"-----BEGIN PGP MESSAGE-----\n"] {
            assert_eq!(normalise(wrong, false), Err(Flaw::NotAge), "{wrong:?}");
        }
        assert_eq!(normalise(&[MAGIC, &vec![b'a'; 2 * HEADER_MAX]].concat(), false), Err(Flaw::NotAge));
        let sealed = sealed_to(1, &[7; 70_000]);
        let header = header_end(&sealed).unwrap();
        for kept in [header, header + 16, header + 31, sealed.len() - (70_000 - 65_536) - 1, header + 16 + 65_552 + 16] {
            assert_eq!(normalise(&sealed[..kept], false), Err(Flaw::Truncated), "{kept} of {}", sealed.len());
        }
        let text = armored(&sealed);
        assert_eq!(normalise(&text[..text.len() - 40], false), Err(Flaw::Truncated));
        assert_eq!(normalise(&[&text[..], b"tail\n"].concat(), false), Err(Flaw::NotAge));
        assert!(normalise(&sealed_to(1, b""), false).is_ok(), "an empty file is whole");
        assert!(normalise(&sealed_to(1, &[7; 65_536]), false).is_ok(), "a full chunk is whole");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn armor_comes_off_to_the_same_bytes_however_it_is_cut(size in 0_usize..200_000, cut in 1_usize..9_000, crlf: bool) {
            let sealed = sealed_to(1, &vec![1; size]);
            let mut text = armored(&sealed);
            if crlf {
                text = String::from_utf8(text).unwrap().replace('\n', "\r\n").into_bytes();
            }
            for file in [&sealed, &text] {
                let mut outside = Outside::new(false);
                let mut binary: Vec<u8> = file.chunks(cut).flat_map(|chunk| outside.push(chunk).unwrap()).collect();
                binary.extend(outside.end().unwrap());
                prop_assert_eq!(&binary, &sealed);
            }
        }

        #[test]
        fn no_bytes_make_it_fall(bytes: Vec<u8>, recovery: bool) {
            let _ = normalise(&bytes, recovery);
            let _ = normalise(&[MAGIC, b"-> ", &bytes].concat(), recovery);
            let _ = normalise(&[BEGIN, b"\n", &bytes].concat(), recovery);
        }
    }
}
