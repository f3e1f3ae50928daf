//! Keys that are the same in every process, so that an input that was found is found again. They are in everybody's hands and sign nothing else.

use std::path::Path;
use std::sync::LazyLock;

use baiyi::trust::checkpoint::JournalKey;
use baiyi::trust::held::KeyFile as _;
use baiyi::trust::quorum::opener::OpenerKeys;
use baiyi::trust::receipt::ReceiptKey;
use baiyi::trust::sealing::SealingKey;
use baiyi::trust::witness::WitnessKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Origin of the journal.
pub const ORIGIN: &str = "baiyi/330502";

/// The journal's key, and the one that comes after it.
pub static JOURNAL: LazyLock<JournalKey> = LazyLock::new(|| JournalKey::read(signing(1).path(), ORIGIN).unwrap());
/// The key that the journal's key announces.
pub static NEXT: LazyLock<JournalKey> = LazyLock::new(|| JournalKey::read(signing(2).path(), ORIGIN).unwrap());
/// The key of receipts.
pub static RECEIPTS: LazyLock<ReceiptKey> = LazyLock::new(|| ReceiptKey::read(signing(3).path(), "baiyi/330502/receipts").unwrap());
/// The same key, which signs any text.
pub static RECEIPTS_OF_ANY_TEXT: LazyLock<JournalKey> =
    LazyLock::new(|| JournalKey::read(signing(3).path(), "baiyi/330502/receipts").unwrap());
/// A witness.
pub static WITNESS: LazyLock<WitnessKey> = LazyLock::new(|| WitnessKey::read(signing(4).path(), "witness.example/w1").unwrap());
/// The key that bids are sealed to.
pub static SEALING: LazyLock<SealingKey> = LazyLock::new(|| SealingKey::parse(&identity(5)).unwrap());

/// The keys of the opener at a position, from 1.
pub fn opener(position: u8) -> OpenerKeys {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(signing(10 + position).path(), folder.path().join("signing.pem")).unwrap();
    std::fs::write(folder.path().join("sealing.age"), identity(20 + position)).unwrap();
    OpenerKeys::read(folder.path()).unwrap()
}

/// An age identity made of one byte.
pub fn identity(byte: u8) -> String {
    let prefix = bech32::Hrp::parse("age-secret-key-").unwrap();
    bech32::encode::<bech32::Bech32>(prefix, &[byte; 32]).unwrap().to_uppercase()
}

/// A PKCS #8 file of an Ed25519 key made of one byte.
fn signing(byte: u8) -> tempfile::NamedTempFile {
    let head = hex::decode("302e020100300506032b657004220420").unwrap();
    let body = STANDARD.encode([head, vec![byte; 32]].concat());
    let file = tempfile::NamedTempFile::new().unwrap();
    write(file.path(), &format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"));
    file
}

fn write(file: &Path, text: &str) {
    std::fs::write(file, text).unwrap();
}

/// A note of any text, signed: what somebody who holds the key can make.
pub fn signed(key: &JournalKey, text: &str) -> String {
    let verifier = key.verifier();
    let mut parts = verifier.splitn(3, '+');
    let (name, hash) = (parts.next().unwrap(), hex::decode(parts.next().unwrap()).unwrap());
    let line = STANDARD.encode([hash, key.note_key().sign_text(text)].concat());
    format!("{text}\n— {name} {line}\n")
}
