//! Files of sealed bids in the object store: only age ciphertext is kept, streamed and bounded, addressed by the ciphertext's own SHA-256.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::rc::Rc;

use actix_web::dev::Payload;
use age::stream::StreamWriter;
use futures_util::StreamExt;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStoreExt, WriteMultipart};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::documents::{ALLOWED, DOCUMENT_TYPE, DocumentStore, SNIFF_BYTES, address, unavailable};
use super::envelope::{HEAD_BYTES, Outside};
use super::padding;
use super::sealing::SealTo;
use crate::kernel::error::{self, problems};
use crate::kernel::{Error, Result};
use crate::web::limits::BID_FILE_BYTES;
use crate::words;

problems! {
    /// Not an age file.
    NOT_AGE = "file_not_sealed", 415, "不是 age 密文", "Not an age file",
        "sealed=true 时须上传 age 加密文件。",
        "With sealed=true the upload must be an age file.";
}

/// Largest plaintext once it is padded: Padmé adds 12 % at most.
pub const PADDED_BYTES: usize = BID_FILE_BYTES.saturating_add(BID_FILE_BYTES.div_ceil(8)).saturating_add(16);

/// Largest ciphertext in its binary form: age adds a header and 16 bytes for every 64 KiB. What is larger could never be opened.
const CIPHERTEXT_BYTES: usize = PADDED_BYTES.saturating_add(PADDED_BYTES.div_ceil(4096)).saturating_add(HEAD_BYTES);

/// Most bytes that are read of one: armor adds a third and line ends.
const ARMORED_BYTES: usize = CIPHERTEXT_BYTES.saturating_add(CIPHERTEXT_BYTES.div_ceil(2));

/// How a file arrives.
pub enum Arrival<'k> {
    /// In clear, to be padded and sealed to this key.
    Plain(&'k SealTo),
    /// As an age file.
    Sealed {
        /// Whether it has a second recipient, the bidder's own key.
        recovery: bool,
    },
}

/// A ciphertext that is safely stored but belongs to nobody yet.
#[derive(Debug, Clone)]
pub struct SealedFile {
    /// SHA-256 of the ciphertext, lower-case hex: also its address.
    pub sha256: String,
    /// Bytes of the ciphertext.
    pub size_bytes: i64,
    /// What the plaintext is, when it was sealed on arrival.
    pub plain: Option<Plain>,
}

/// What a plaintext is. Before the opening it is kept sealed only: the hash of a file that can be guessed tells the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plain {
    /// Name the uploader gave.
    pub filename: String,
    /// Type found in the bytes.
    pub media_type: String,
    /// Bytes.
    pub size_bytes: i64,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
}

/// What sealed bytes pile up in until they are sent on.
#[derive(Clone, Default)]
struct Pile(Rc<RefCell<Vec<u8>>>);

impl Pile {
    fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Pile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Either seals what passes or lets an age file through in its binary form.
enum Way {
    Sealer(StreamWriter<Pile>),
    Outside(Outside),
}

struct Pass {
    pile: Pile,
    way: Way,
    size: usize,
    head: Vec<u8>,
    plain: Sha256,
    max: usize,
}

impl Pass {
    fn new(arrival: &Arrival<'_>) -> Result<Self> {
        let pile = Pile::default();
        let (way, max) = match arrival {
            Arrival::Plain(key) => (Way::Sealer(key.sealer(pile.clone())?), BID_FILE_BYTES),
            Arrival::Sealed { recovery } => (Way::Outside(Outside::new(*recovery)), ARMORED_BYTES),
        };
        Ok(Self { pile, way, size: 0, head: Vec::new(), plain: Sha256::new(), max })
    }

    fn push(&mut self, chunk: &[u8]) -> Result<Vec<u8>> {
        self.size = self.size.saturating_add(chunk.len());
        if self.size > self.max {
            return Err(too_large(self.max));
        }
        match &mut self.way {
            Way::Outside(outside) => outside.push(chunk).map_err(|flaw| flaw.refusal(|| NOT_AGE.error())),
            Way::Sealer(sealer) => {
                let wanted = SNIFF_BYTES.saturating_sub(self.head.len()).min(chunk.len());
                self.head.extend_from_slice(chunk.get(..wanted).unwrap_or_default());
                self.plain.update(chunk);
                sealer.write_all(chunk).map_err(fault)?;
                Ok(self.pile.take())
            }
        }
    }

    /// The last sealed bytes, and what the plaintext was when it was sealed here.
    fn end(self, filename: &str) -> Result<(Vec<u8>, Option<Plain>)> {
        let mut sealer = match self.way {
            Way::Outside(outside) => return outside.end().map(|rest| (rest, None)).map_err(|flaw| flaw.refusal(|| NOT_AGE.error())),
            Way::Sealer(sealer) => sealer,
        };
        let media_type = media_type_of(&self.head).ok_or_else(|| DOCUMENT_TYPE.error())?;
        let size = u64::try_from(self.size).unwrap_or(u64::MAX);
        let (zeros, trailer) = padding::tail(size);
        std::io::copy(&mut std::io::repeat(0).take(zeros), &mut sealer).map_err(fault)?;
        sealer.write_all(&trailer).and_then(|()| sealer.finish().map(drop)).map_err(fault)?;
        let plain = Plain {
            filename: filename.to_owned(),
            media_type: media_type.to_owned(),
            size_bytes: i64::try_from(self.size).unwrap_or(i64::MAX),
            sha256: hex::encode(self.plain.finalize()),
        };
        Ok((self.pile.take(), Some(plain)))
    }
}

fn too_large(limit: usize) -> Error {
    error::TOO_LARGE.because(words!("上限为 {limit} 字节", "the limit is {limit} bytes"))
}

fn fault(e: std::io::Error) -> Error {
    Error::internal(format!("sealing a file: {e}"))
}

/// The type that the bytes begin like, when it is one that may be uploaded.
pub fn media_type_of(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.get(..SNIFF_BYTES.min(bytes.len())).unwrap_or_default();
    infer::get(head).map(|kind| kind.mime_type()).filter(|kind| ALLOWED.contains(kind))
}

impl DocumentStore {
    /// Streams an upload into the store as ciphertext. A plain file is padded and sealed chunk by chunk, so that its plaintext touches no
    /// disk; an age file is kept in its binary form.
    pub async fn receive_sealed(&self, mut payload: Payload, arrival: Arrival<'_>, filename: &str) -> Result<SealedFile> {
        let mut pass = Pass::new(&arrival)?;
        let staging = ObjectPath::from(format!("staging/{}", Uuid::now_v7()));
        let mut writer = WriteMultipart::new(self.store.put_multipart(&staging).await.map_err(unavailable)?);
        let (mut hash, mut size) = (Sha256::new(), 0_usize);
        while let Some(chunk) = payload.next().await {
            let pushed = match chunk {
                Ok(chunk) => pass.push(&chunk),
                Err(_) => Err(error::MALFORMED.because(words!("上传中断", "the upload broke off"))),
            };
            match pushed {
                Ok(bytes) if size.saturating_add(bytes.len()) > CIPHERTEXT_BYTES => {
                    return Self::abandon(writer, too_large(CIPHERTEXT_BYTES)).await;
                }
                Ok(bytes) => {
                    hash.update(&bytes);
                    size = size.saturating_add(bytes.len());
                    Self::pass_on(&mut writer, &bytes).await?;
                }
                Err(refusal) => return Self::abandon(writer, refusal).await,
            }
        }
        let (last, plain) = match pass.end(filename) {
            Ok(ended) => ended,
            Err(refusal) => return Self::abandon(writer, refusal).await,
        };
        hash.update(&last);
        size = size.saturating_add(last.len());
        Self::pass_on(&mut writer, &last).await?;
        writer.finish().await.map_err(unavailable)?;
        let sha256 = hex::encode(hash.finalize());
        self.store.rename(&staging, &address(&sha256)).await.map_err(unavailable)?;
        Ok(SealedFile { sha256, size_bytes: i64::try_from(size).unwrap_or(i64::MAX), plain })
    }
}
