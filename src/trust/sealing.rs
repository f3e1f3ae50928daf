//! Sealing and opening of bids with age (x25519). Payloads are padded, so that their length tells nothing of the price.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;

use age::stream::StreamWriter;
use age::x25519::{Identity, Recipient};
use aws_lc_rs::hmac;
use sha2::{Digest, Sha256};

use super::quorum::QuorumIdentity;
use crate::kernel::{Error, Result};

/// Sealed plaintexts are a multiple of this many bytes.
pub const PADDING_BYTES: usize = 4096;
/// Longest plaintext that is opened, in bytes.
pub const PLAINTEXT_MAX: usize = 256 * 1024;

/// The server's identity for opening and its recipient for sealing.
pub struct SealingKey {
    identity: Identity,
    recipient: Recipient,
}

impl SealingKey {
    /// Reads an age identity file: comment lines and one `AGE-SECRET-KEY-1…`.
    pub fn parse(text: &str) -> Result<Self> {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or("");
        let identity: Identity = line.parse().map_err(|e: &str| Error::internal(format!("the sealing key is not an age identity: {e}")))?;
        Ok(Self { recipient: identity.to_public(), identity })
    }

    /// A fresh key that is not kept (tests).
    pub fn ephemeral() -> Self {
        let identity = Identity::generate();
        Self { recipient: identity.to_public(), identity }
    }

    /// The public recipient, `age1…`, which a bidder seals to.
    pub fn recipient(&self) -> String {
        self.recipient.to_string()
    }

    /// A keyed digest by which equal texts are recognised and which tells nothing without this key: HMAC-SHA256 over purpose and text.
    /// It lives as long as the key; texts digested under another key are not recognised.
    pub fn blind(&self, purpose: &str, text: &str) -> Vec<u8> {
        use age::secrecy::ExposeSecret;
        let secret = self.identity.to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let mut context = hmac::Context::with_key(&key);
        for part in [purpose, "\0", text] {
            context.update(part.as_bytes());
        }
        context.sign().as_ref().to_vec()
    }

    /// Seals to this key.
    pub fn seals(&self) -> SealTo {
        SealTo(self.recipient.clone())
    }

    /// Pads a JSON text with spaces and seals it.
    pub fn seal(&self, json: &str) -> Result<Vec<u8>> {
        self.seals().seal(json)
    }

    /// Opens a sealed text, armored or binary. `None` when it is not sealed to this key, is damaged, too long or not UTF-8.
    pub fn open(&self, ciphertext: &[u8]) -> Option<String> {
        String::from_utf8(self.open_bytes(ciphertext, PLAINTEXT_MAX)?).ok()
    }

    /// Opens sealed bytes, armored or binary. `None` when they are not sealed to this key, are damaged or longer than `max`.
    pub fn open_bytes(&self, ciphertext: &[u8], max: usize) -> Option<Vec<u8>> {
        open_with(&self.identity, ciphertext, max)
    }
}

/// Seals to a recipient whose key is somewhere else: the server's, or openers' together.
#[derive(Clone)]
pub struct SealTo(Recipient);

impl SealTo {
    /// From `age1…`.
    pub fn parse(recipient: &str) -> Result<Self> {
        recipient.parse().map(Self).map_err(|e: &str| Error::internal(format!("{recipient} is not an age recipient: {e}")))
    }

    /// The recipient, `age1…`.
    pub fn recipient(&self) -> String {
        self.0.to_string()
    }

    /// Pads a JSON text with spaces and seals it.
    pub fn seal(&self, json: &str) -> Result<Vec<u8>> {
        age::encrypt(&self.0, pad(json).as_bytes()).map_err(|e| Error::internal(format!("sealing: {e}")))
    }

    /// A writer that seals what is written to it; `finish` it, or what it sealed does not open.
    pub fn sealer<W: Write>(&self, output: W) -> Result<StreamWriter<W>> {
        let fault = |e: &dyn std::fmt::Display| Error::internal(format!("sealing: {e}"));
        let recipient: &dyn age::Recipient = &self.0;
        let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient)).map_err(|e| fault(&e))?;
        encryptor.wrap_output(output).map_err(|e| fault(&e))
    }
}

/// What opens the bids of a tender.
#[derive(Clone)]
pub enum BidKey {
    /// The server's key.
    Server(Arc<SealingKey>),
    /// What enough openers contributed.
    Quorum(Arc<QuorumIdentity>),
    /// What bidders revealed themselves.
    Revealed(Arc<RevealedKeys>),
}

/// Bytes of an age file key.
pub const FILE_KEY_BYTES: usize = 16;

/// File keys that bidders revealed, by the SHA-256 of the ciphertext that each opens, lower-case hex.
pub struct RevealedKeys {
    /// The recipient that the bids were sealed to.
    pub recipient: String,
    /// The keys.
    pub keys: BTreeMap<String, [u8; FILE_KEY_BYTES]>,
}

/// Opens one file by its file key; the header's MAC says whether it is that file's.
struct OneFile([u8; FILE_KEY_BYTES]);

impl age::Identity for OneFile {
    fn unwrap_stanza(&self, _: &age_core::format::Stanza) -> Option<Result<age_core::format::FileKey, age::DecryptError>> {
        Some(Ok(age_core::format::FileKey::init_with_mut(|key| key.copy_from_slice(&self.0))))
    }
}

/// Opens a file by its file key. `None` when it is another file's, the file is damaged or longer than `max` bytes.
pub fn open_with_file_key(key: [u8; FILE_KEY_BYTES], ciphertext: &[u8], max: usize) -> Option<Vec<u8>> {
    open_with(&OneFile(key), ciphertext, max)
}

/// Tells the file key of whatever it unwraps.
struct Telling<'i>(&'i Identity, std::sync::Mutex<Option<[u8; FILE_KEY_BYTES]>>);

impl age::Identity for Telling<'_> {
    fn unwrap_stanza(&self, stanza: &age_core::format::Stanza) -> Option<Result<age_core::format::FileKey, age::DecryptError>> {
        use age::secrecy::ExposeSecret;
        let unwrapped = self.0.unwrap_stanza(stanza);
        if let (Some(Ok(key)), Ok(mut told)) = (&unwrapped, self.1.lock()) {
            *told = Some(*key.expose_secret());
        }
        unwrapped
    }
}

/// The file key of an age file that is sealed to this identity file's key, for whoever reveals it. `None` when it is not sealed to it.
pub fn file_key(identity: &SealingKey, ciphertext: &[u8]) -> Option<[u8; FILE_KEY_BYTES]> {
    let telling = Telling(&identity.identity, std::sync::Mutex::new(None));
    let one: &dyn age::Identity = &telling;
    let armored = age::armor::ArmoredReader::new(ciphertext);
    age::Decryptor::new(armored).ok()?.decrypt(std::iter::once(one)).ok()?;
    telling.1.into_inner().ok()?
}

/// Something that opens what is sealed to a recipient.
pub trait Opens {
    /// The recipient that it opens for.
    fn recipient(&self) -> String;

    /// Opens sealed bytes, armored or binary. `None` when they are not sealed to this key, are damaged or longer than `max`.
    fn open_bytes(&self, ciphertext: &[u8], max: usize) -> Option<Vec<u8>>;

    /// Opens a sealed text. `None` when it is not sealed to this key, is damaged, too long or not UTF-8.
    fn open(&self, ciphertext: &[u8]) -> Option<String> {
        String::from_utf8(self.open_bytes(ciphertext, PLAINTEXT_MAX)?).ok()
    }
}

impl Opens for SealingKey {
    fn recipient(&self) -> String {
        Self::recipient(self)
    }
    fn open_bytes(&self, ciphertext: &[u8], max: usize) -> Option<Vec<u8>> {
        Self::open_bytes(self, ciphertext, max)
    }
}

impl Opens for RevealedKeys {
    fn recipient(&self) -> String {
        self.recipient.clone()
    }
    fn open_bytes(&self, ciphertext: &[u8], max: usize) -> Option<Vec<u8>> {
        let key = self.keys.get(&hex::encode(Sha256::digest(ciphertext)))?;
        open_with_file_key(*key, ciphertext, max)
    }
}

/// What opens one file of a tender.
pub struct OfFile<'k> {
    key: &'k BidKey,
    sha256: &'k str,
}

impl BidKey {
    /// For the file whose ciphertext has this SHA-256, lower-case hex: a revealed key opens one file only.
    pub fn of_file<'k>(&'k self, sha256: &'k str) -> OfFile<'k> {
        OfFile { key: self, sha256 }
    }
}

impl age::Identity for OfFile<'_> {
    fn unwrap_stanza(&self, stanza: &age_core::format::Stanza) -> Option<Result<age_core::format::FileKey, age::DecryptError>> {
        match self.key {
            BidKey::Server(key) => key.identity.unwrap_stanza(stanza),
            BidKey::Quorum(identity) => identity.unwrap_stanza(stanza),
            BidKey::Revealed(revealed) => OneFile(*revealed.keys.get(self.sha256)?).unwrap_stanza(stanza),
        }
    }
}

impl Opens for BidKey {
    fn recipient(&self) -> String {
        match self {
            Self::Server(key) => key.recipient(),
            Self::Quorum(identity) => identity.recipient().to_owned(),
            Self::Revealed(revealed) => revealed.recipient.clone(),
        }
    }
    fn open_bytes(&self, ciphertext: &[u8], max: usize) -> Option<Vec<u8>> {
        match self {
            Self::Server(key) => key.open_bytes(ciphertext, max),
            Self::Quorum(identity) => open_with(identity.as_ref(), ciphertext, max),
            Self::Revealed(revealed) => revealed.open_bytes(ciphertext, max),
        }
    }
}

/// Opens an age file, armored or binary, with an identity. `None` when it is not sealed to it, is damaged or longer than `max` bytes.
pub fn open_with(identity: &dyn age::Identity, ciphertext: &[u8], max: usize) -> Option<Vec<u8>> {
    let armored = age::armor::ArmoredReader::new(ciphertext);
    let reader = age::Decryptor::new(armored).ok()?.decrypt(std::iter::once(identity)).ok()?;
    let mut plaintext = Vec::new();
    let bound = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(bound).read_to_end(&mut plaintext).ok()?;
    (plaintext.len() <= max).then_some(plaintext)
}

/// Appends spaces, which JSON ignores, up to a multiple of [`PADDING_BYTES`].
pub fn pad(json: &str) -> String {
    let target = json.len().div_ceil(PADDING_BYTES).max(1).saturating_mul(PADDING_BYTES);
    format!("{json}{}", " ".repeat(target.saturating_sub(json.len())))
}

/// Whether the bytes begin like an age file, so that a mistaken upload is told at once.
pub fn looks_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"age-encryption.org/v1\n") || bytes.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_key_and_with_no_other() {
        let key = SealingKey::ephemeral();
        let sealed = key.seal(r#"{"price":1}"#).unwrap();
        assert!(looks_sealed(&sealed));
        assert_eq!(key.open(&sealed).unwrap().trim_end(), r#"{"price":1}"#);
        assert_eq!(SealingKey::ephemeral().open(&sealed), None);
        let mut damaged = sealed.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(key.open(&damaged), None);
    }

    #[test]
    fn the_length_of_a_sealed_bid_does_not_tell_the_price() {
        // age adds a random stanza of varying length to the header; what it encrypts has one length for every price.
        let length = |price: &str| pad(&format!(r#"{{"price":{price}}}"#)).len();
        assert_eq!((length("1"), length("99999999999")), (PADDING_BYTES, PADDING_BYTES));
        assert_eq!(pad(&"x".repeat(PADDING_BYTES + 1)).len(), 2 * PADDING_BYTES);
    }

    #[test]
    fn a_stock_age_identity_file_is_read_and_an_armored_file_opened() {
        let identity = Identity::generate();
        let file = {
            use age::secrecy::ExposeSecret;
            format!("# created: today\n# public key: {}\n{}\n", identity.to_public(), identity.to_string().expose_secret())
        };
        let key = SealingKey::parse(&file).unwrap();
        let armored = age::encrypt_and_armor(&identity.to_public(), b"{}").unwrap();
        assert_eq!(key.open(armored.as_bytes()).as_deref(), Some("{}"));
        assert!(SealingKey::parse("nonsense").is_err());
    }
}
