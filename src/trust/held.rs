//! A key that a serving process signs with and takes from its file again once the journal has announced another.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::keychain::KeyChain;
use crate::kernel::{Error, Result};

/// A key that lies in a file of its own.
pub trait KeyFile: Sized {
    /// Reads the file; the name is the one that its verifier key carries.
    fn read(path: &Path, name: &str) -> Result<Self>;
    /// The verifier key (vkey).
    fn verifier(&self) -> String;
}

/// The key that counts at present, and where the next one will be found.
pub struct Held<K> {
    file: PathBuf,
    name: String,
    now: RwLock<Arc<K>>,
}

impl<K: KeyFile> Held<K> {
    /// Reads the key of a file.
    pub fn read(file: &Path, name: &str) -> Result<Self> {
        Ok(Self { file: file.to_owned(), name: name.to_owned(), now: RwLock::new(Arc::new(K::read(file, name)?)) })
    }

    /// The key at hand.
    pub fn get(&self) -> Arc<K> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the key that was announced last, from its file or from the one that is about to replace it. An error when the process holds a key that was
    /// replaced and finds no other: what it signs counts no more.
    pub fn follow(&self, chain: &KeyChain) -> Result<()> {
        if !chain.replaced(&self.get().verifier()) {
            return Ok(());
        }
        // The next one may take the file's place between two looks.
        for file in [self.file.clone(), beside(&self.file, "next"), self.file.clone()] {
            if file.exists()
                && let key = K::read(&file, &self.name)?
                && key.verifier() == chain.last()
            {
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                return Ok(());
            }
        }
        Err(Error::internal(format!("{} was replaced, and its successor is not in {}: put it there", self.name, self.file.display())))
    }
}

/// `journal.pem` becomes `journal.next.pem`.
pub fn beside(file: &Path, word: &str) -> PathBuf {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let extension = file.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    file.with_file_name(format!("{stem}.{word}{extension}"))
}
