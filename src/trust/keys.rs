//! Key files: the Ed25519 keys that sign access tokens and checkpoints, and the age identity that opens sealed bids. Readable by their owner only.

use std::io::Write;
use std::path::Path;

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::held::KeyFile;
use super::notes::{self, NoteKey};
use crate::kernel::{Error, Result};

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// An Ed25519 key that signs tokens.
pub struct TokenKey {
    /// PKCS #8 in DER.
    pub pkcs8: Vec<u8>,
    /// Its public half.
    pub public: TokenPublic,
    verifier: String,
}

/// The public half of a key that signs tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPublic {
    /// Public key, base64url.
    pub x: String,
    /// Key id: the start of the public key's SHA-256.
    pub kid: String,
}

impl TokenPublic {
    fn new(public: &[u8]) -> Self {
        Self { x: URL_SAFE_NO_PAD.encode(public), kid: hex::encode(Sha256::digest(public).get(..8).unwrap_or_default()) }
    }

    /// The key that a verifier key names; `None` when it is none.
    pub fn of_verifier(verifier: &str) -> Option<Self> {
        notes::public_of(verifier).map(|public| Self::new(&public))
    }
}

impl TokenKey {
    fn from_pkcs8(pkcs8: Vec<u8>, name: &str) -> Result<Self> {
        let key = NoteKey::from_pkcs8(&pkcs8, name)?;
        Ok(Self { public: TokenPublic::new(key.public()), verifier: key.verifier(), pkcs8 })
    }
}

impl KeyFile for TokenKey {
    fn read(path: &Path, name: &str) -> Result<Self> {
        Self::from_pkcs8(read_ed25519(path)?, name).map_err(|_| Error::internal(format!("{} does not hold an Ed25519 key", path.display())))
    }

    fn verifier(&self) -> String {
        self.verifier.clone()
    }
}

/// The DER of a PKCS #8 PEM file.
pub(super) fn read_ed25519(path: &Path) -> Result<Vec<u8>> {
    let pem = read_secret(path)?;
    let body = pem
        .trim()
        .strip_prefix(PEM_BEGIN)
        .and_then(|rest| rest.strip_suffix(PEM_END))
        .ok_or_else(|| Error::internal(format!("{} is not a PKCS #8 PEM file", path.display())))?;
    STANDARD
        .decode(body.split_whitespace().collect::<String>())
        .map_err(|_| Error::internal(format!("{} is not valid base64", path.display())))
}

pub(super) fn generate_pkcs8() -> Result<Vec<u8>> {
    let random = aws_lc_rs::rand::SystemRandom::new();
    // Version 1 has no public key beside the private one; it is what `openssl pkey` reads. Both versions are read here.
    let document = Ed25519KeyPair::generate_pkcs8v1(&random).map_err(|e| Error::internal(format!("cannot make a key: {e}")))?;
    Ok(document.as_ref().to_vec())
}

/// Writes a fresh Ed25519 key, of tokens, of receipts or of the journal, unless the file exists; says whether it did.
pub fn create_signing_key(path: &Path) -> Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let body = STANDARD.encode(generate_pkcs8()?);
    write_secret(path, &format!("{PEM_BEGIN}\n{body}\n{PEM_END}\n"))?;
    Ok(true)
}

/// Writes a fresh age identity unless the file exists; says whether it did.
pub fn create_sealing_key(path: &Path) -> Result<bool> {
    use age::secrecy::ExposeSecret;
    if path.exists() {
        return Ok(false);
    }
    let identity = age::x25519::Identity::generate();
    write_secret(path, &format!("# public key: {}\n{}\n", identity.to_public(), identity.to_string().expose_secret()))?;
    Ok(true)
}

/// Writes 32 random bytes in hex unless the file exists; says whether it did.
pub fn create_number(path: &Path) -> Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let mut number = zeroize::Zeroizing::new([0_u8; 32]);
    getrandom::fill(number.as_mut()).map_err(|e| Error::internal(format!("no randomness: {e}")))?;
    write_secret(path, &zeroize::Zeroizing::new(format!("{}\n", hex::encode(*number))))?;
    Ok(true)
}

/// Reads a key file.
pub fn read_secret(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| {
        Error::internal(format!("cannot read the key file {}: {e}; `baiyi admin init-keys` makes missing keys", path.display()))
    })
}

/// Creates a file that only its owner can read; never overwrites.
pub(super) fn write_secret(path: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let fault = |e: std::io::Error| Error::internal(format!("cannot write {}: {e}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fault)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(fault)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_keys_are_of_version_1_and_both_versions_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new.pem");
        assert!(create_signing_key(&new).unwrap());
        assert!(!create_signing_key(&new).unwrap(), "never overwritten");
        // RFC 8410: version 0, the algorithm, the seed, and nothing after it.
        let der = read_ed25519(&new).unwrap();
        assert_eq!((der.len(), hex::encode(&der[..16])), (48, "302e020100300506032b657004220420".to_owned()));
        let random = aws_lc_rs::rand::SystemRandom::new();
        let second = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let old = folder.path().join("old.pem");
        write_secret(&old, &format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", STANDARD.encode(second.as_ref()))).unwrap();
        assert_eq!(hex::encode(&read_ed25519(&old).unwrap()[..5]), "3051020101", "version 2");
        for file in [&new, &old] {
            assert_eq!(TokenKey::read(file, "x/tokens").unwrap().public.kid.len(), 16);
        }
    }
}
