//! Opening of files in the object store, piece by piece: ciphertext streams in, plaintext streams out, neither is ever whole in memory.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::web::Bytes;
use age::stream::StreamReader;
use futures_util::io::{AsyncBufRead, AsyncReadExt};
use futures_util::stream::{Stream, StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::documents::{DocumentStore, SNIFF_BYTES, address, unavailable};
use super::padding::{self, Run};
use super::sealed_files::{PADDED_BYTES, media_type_of};
use super::sealing::BidKey;
use crate::kernel::Result;

/// Bytes of plaintext that are asked for at a time: a chunk of age.
const PIECE: usize = 64 * 1024;
/// Zeros that are hashed at a time.
const ZEROS: [u8; 4096] = [0; 4096];

/// What has come from the store of one ciphertext.
#[derive(Default)]
struct Passed {
    hash: Sha256,
    fault: Option<object_store::Error>,
}

impl Passed {
    /// Refused when the store failed, whatever was made of that since.
    fn check(&mut self) -> Result<()> {
        self.fault.take().map_or(Ok(()), |fault| Err(unavailable(fault)))
    }

    /// Whether what came is what its address says.
    fn is(&self, sha256: &str) -> bool {
        hex::encode(self.hash.clone().finalize()) == sha256
    }
}

/// Shared by the stream and whoever reads it.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Passed>>);

impl Noted {
    fn lock(&self) -> MutexGuard<'_, Passed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stored ciphertext, hashed as it is read.
struct Stored {
    bytes: Pin<Box<dyn AsyncBufRead + Send>>,
    passed: Noted,
}

/// A sealed file that is being opened.
pub struct Unsealed {
    reader: StreamReader<Pin<Box<dyn AsyncBufRead + Send>>>,
    passed: Noted,
    sha256: String,
    size: usize,
}

/// What comes next of an opened file.
pub enum Next {
    /// More of the plaintext, padding and all.
    Piece(Zeroizing<Vec<u8>>),
    /// All of it came, and the ciphertext is the one asked for.
    End,
    /// The ciphertext is another, damaged, or its plaintext larger than any that is taken.
    Damaged,
}

impl Unsealed {
    /// The next piece. Refused when the store fails.
    pub async fn next(&mut self) -> Result<Next> {
        let mut piece = Zeroizing::new(vec![0; PIECE]);
        let read = self.reader.read(&mut piece).await;
        let mut passed = self.passed.lock();
        passed.check()?;
        let Ok(read) = read else { return Ok(Next::Damaged) };
        piece.truncate(read);
        self.size = self.size.saturating_add(read);
        Ok(match read {
            _ if self.size > PADDED_BYTES => Next::Damaged,
            0 if passed.is(&self.sha256) => Next::End,
            0 => Next::Damaged,
            _ => Next::Piece(piece),
        })
    }
}

/// A file that was opened before, on its way to a reader.
struct Sending {
    opened: Unsealed,
    /// Bytes of content that are still to come: what follows them is padding.
    left: u64,
    hash: Sha256,
    sha256: String,
    /// The piece that goes out when the next one has come: the last goes when everything is known to be right.
    held: Option<Bytes>,
    ended: bool,
}

impl Sending {
    async fn next(&mut self) -> Option<std::io::Result<Bytes>> {
        while !self.ended {
            let next = match self.opened.next().await {
                Ok(Next::Piece(piece)) => {
                    let wanted = piece.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
                    let content = piece.get(..wanted).unwrap_or_default();
                    self.left = self.left.saturating_sub(u64::try_from(wanted).unwrap_or(u64::MAX));
                    self.hash.update(content);
                    if content.is_empty() {
                        continue;
                    }
                    self.held.replace(Bytes::copy_from_slice(content))
                }
                Ok(Next::End) if self.left == 0 && hex::encode(self.hash.clone().finalize()) == self.sha256 => {
                    self.ended = true;
                    self.held.take()
                }
                Ok(Next::End | Next::Damaged) | Err(_) => {
                    self.ended = true;
                    tracing::error!(sha256 = %self.opened.sha256, "an opened file is damaged, or the object store failed");
                    return Some(Err(std::io::Error::other("the file is damaged")));
                }
            };
            if let Some(piece) = next {
                return Some(Ok(piece));
            }
        }
        None
    }
}

impl Unsealed {
    /// The content of a file that was found to have this size and hash when it was opened. Breaks off before its end when it is another now.
    pub fn content(self, size_bytes: u64, sha256: &str) -> impl Stream<Item = std::io::Result<Bytes>> + use<> {
        let sending = Sending { opened: self, left: size_bytes, hash: Sha256::new(), sha256: sha256.to_owned(), held: None, ended: false };
        futures_util::stream::unfold(sending, async |mut sending| sending.next().await.map(|next| (next, sending)))
    }
}

/// What an opened file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Type found in the bytes, when it is one that may be uploaded.
    pub media_type: Option<&'static str>,
    /// Bytes, without padding.
    pub size_bytes: u64,
    /// SHA-256 of them, lower-case hex.
    pub sha256: String,
}

impl DocumentStore {
    /// Streams a ciphertext from the store. `None` when the store has lost it.
    async fn stored(&self, sha256: &str) -> Result<Option<Stored>> {
        let found = match self.store.get(&address(sha256)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            other => other.map_err(unavailable)?,
        };
        let passed = Noted::default();
        let noted = passed.clone();
        let bytes = found.into_stream().map(move |chunk: object_store::Result<Bytes>| match chunk {
            Ok(chunk) => {
                noted.lock().hash.update(&chunk);
                Ok(chunk)
            }
            Err(fault) => {
                noted.lock().fault = Some(fault);
                Err(std::io::Error::other("the object store failed"))
            }
        });
        Ok(Some(Stored { bytes: Box::pin(bytes.into_async_read()), passed }))
    }

    /// The first bytes of a stored ciphertext, all of which is read and hashed. `None` when the store has lost it or holds other bytes under its address.
    pub async fn head_of(&self, sha256: &str, length: usize) -> Result<Option<Vec<u8>>> {
        let Some(mut stored) = self.stored(sha256).await? else { return Ok(None) };
        let (mut head, mut piece) = (Vec::new(), vec![0; PIECE]);
        while let Ok(read @ 1..) = stored.bytes.read(&mut piece).await {
            let wanted = length.saturating_sub(head.len()).min(read);
            head.extend_from_slice(piece.get(..wanted).unwrap_or_default());
        }
        let mut passed = stored.passed.lock();
        passed.check()?;
        Ok(passed.is(sha256).then_some(head))
    }

    /// Begins to open a stored ciphertext. `None` when the store has lost it, or it is not sealed to this key.
    pub async fn unseal(&self, sha256: &str, opens: &BidKey) -> Result<Option<Unsealed>> {
        let Some(Stored { bytes, passed }) = self.stored(sha256).await? else { return Ok(None) };
        let decryptor = age::Decryptor::new_async_buffered(bytes).await;
        passed.lock().check()?;
        let identity = opens.of_file(sha256);
        let one: &dyn age::Identity = &identity;
        let reader = decryptor.and_then(|decryptor| decryptor.decrypt_async(std::iter::once(one)));
        Ok(reader.ok().map(|reader| Unsealed { reader, passed, sha256: sha256.to_owned(), size: 0 }))
    }

    /// Opens a stored ciphertext to its end and says what is in it, without the padding. `None` when the store has lost it, it is not sealed to this key,
    /// is damaged, or another than the one asked for.
    pub async fn content_of(&self, sha256: &str, opens: &BidKey) -> Result<Option<Content>> {
        let Some(mut opened) = self.unseal(sha256, opens).await? else { return Ok(None) };
        let (mut padded, mut hash, mut head) = (padding::Content::default(), Sha256::new(), Vec::new());
        let mut note = |run: Run<'_>| {
            let room = SNIFF_BYTES.saturating_sub(head.len());
            match run {
                Run::Zeros(count) => {
                    head.resize(head.len().saturating_add(room.min(usize::try_from(count).unwrap_or(usize::MAX))), 0);
                    let mut left = usize::try_from(count).unwrap_or(usize::MAX);
                    while left > 0 {
                        let now = left.min(ZEROS.len());
                        hash.update(ZEROS.get(..now).unwrap_or_default());
                        left = left.saturating_sub(now);
                    }
                }
                Run::Bytes(bytes) => {
                    head.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
                    hash.update(bytes);
                }
            }
        };
        let size_bytes = loop {
            match opened.next().await? {
                Next::Piece(piece) => padded.push(&piece, &mut note),
                Next::End => break padded.end(&mut note),
                Next::Damaged => return Ok(None),
            }
        };
        Ok(Some(Content { media_type: media_type_of(&head), size_bytes, sha256: hex::encode(hash.finalize()) }))
    }
}
