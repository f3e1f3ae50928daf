//! The vault: small secrets that the program must read again (the seeds of one-time passwords) are sealed before they reach the database.

use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::keys;
use crate::kernel::{Error, Result};

/// Length of the key, in bytes.
const KEY_BYTES: usize = 32;
/// Length of a nonce of AES-GCM, in bytes.
const NONCE_BYTES: usize = 12;

/// AES-256-GCM under a key file; each secret is bound to whom it belongs, so that rows cannot be exchanged.
pub struct Vault {
    key: RandomizedNonceKey,
}

impl Vault {
    /// Reads the key file: base64 of 32 bytes.
    pub fn read(path: &Path) -> Result<Self> {
        let text = Zeroizing::new(keys::read_secret(path)?);
        let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new).ok().filter(|bytes| bytes.len() == KEY_BYTES);
        Self::new(&bytes.ok_or_else(|| Error::internal(format!("{} does not hold a vault key", path.display())))?)
    }

    /// A fresh key that is not kept (tests).
    pub fn ephemeral() -> Result<Self> {
        Self::new(fresh_key()?.as_slice())
    }

    fn new(key: &[u8]) -> Result<Self> {
        Ok(Self { key: RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| Error::internal("the vault key has a wrong length"))? })
    }

    /// Seals a secret for `owner`: nonce, ciphertext, tag. Draws randomness, so it is called outside transactions.
    pub fn seal(&self, owner: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = secret.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(owner.as_bytes()), &mut sealed)
            .map_err(|_| Error::internal("the vault could not seal"))?;
        Ok([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for `owner`; a fault when it was sealed for somebody else, under another key, or was changed.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let fault = || Error::internal("the vault could not open a secret: another vault key, or a row that was changed");
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(fault)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| fault())?;
        let mut body = Zeroizing::new(body.to_vec());
        let length = self.key.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut body).map_err(|_| fault())?.len();
        body.truncate(length);
        Ok(body)
    }
}

fn fresh_key() -> Result<Zeroizing<[u8; KEY_BYTES]>> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(key.as_mut()).map_err(|e| Error::internal(format!("no randomness: {e}")))?;
    Ok(key)
}

/// Writes a fresh key file unless it exists; says whether it did.
pub fn create_key(path: &Path) -> Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(fresh_key()?.as_slice())));
    keys::write_secret(path, &text)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_owner_only_and_only_unchanged() {
        let vault = Vault::ephemeral().unwrap();
        let sealed = vault.seal("lin", b"twenty random bytes!").unwrap();
        assert_eq!(vault.open("lin", &sealed).unwrap().as_slice(), b"twenty random bytes!");
        assert_ne!(vault.seal("lin", b"twenty random bytes!").unwrap(), sealed, "a nonce is never used again");
        assert!(vault.open("wang", &sealed).is_err());
        assert!(Vault::ephemeral().unwrap().open("lin", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault.open("lin", &changed).is_err(), "byte {at}");
        }
        assert!(vault.open("lin", &sealed[..11]).is_err());
    }
}
