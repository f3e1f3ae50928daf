//! Writes the archive into a file that nobody else sees, one document after the other, so that it never lies in memory.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write};

use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::dictionary;
use super::read::Evidence;
use crate::kernel::{Error, Result};
use crate::trust::documents::DocumentStore;

/// What each file is.
const README: &str = "\
案卷证据包 / Evidence of a case

case.json        案卷数据，字段见 dictionary.csv / the case's data; its fields are in dictionary.csv
entries.jsonl    存证条目：原文与盐 / journal entries with text and salt
proofs.jsonl     包含证明，指向 checkpoint.txt 的根 / inclusion proofs to the root in checkpoint.txt
checkpoint.txt   签名检查点 / signed checkpoint (C2SP)
documents/       文件，以 SHA-256 命名 / documents by SHA-256
SHA256SUMS       其余各文件的哈希：sha256sum -c SHA256SUMS / hashes of every other file

叶 leaf = SHA-256(0x00 || salt || text)；节点 node = SHA-256(0x01 || left || right) (RFC 6962)
";

/// A document's stored bytes are other ones than when it came.
fn differs(sha256: &str) -> Error {
    Error::internal(format!("the stored document {sha256} has another hash"))
}

/// The archive of this evidence, at its beginning. Runs off the request's worker, inside the runtime that reads documents.
pub fn write(evidence: &Evidence, store: &DocumentStore) -> Result<File> {
    let told = |e: std::io::Error| Error::internal(format!("the evidence's file: {e}"));
    let mut archive = Archive { zip: ZipWriter::new(tempfile::tempfile().map_err(told)?), sums: String::new() };
    let json = |e: serde_json::Error| Error::internal(format!("the evidence's data: {e}"));
    archive.add("README.txt", README.as_bytes())?;
    archive.add("case.json", &serde_json::to_vec_pretty(&evidence.file).map_err(json)?)?;
    archive.add("dictionary.csv", &dictionary::csv()?)?;
    archive.add("entries.jsonl", &lines(&evidence.entries)?)?;
    archive.add("proofs.jsonl", &lines(&evidence.proofs)?)?;
    if let Some(note) = &evidence.checkpoint {
        archive.add("checkpoint.txt", note.as_bytes())?;
    }
    let mut hashes: Vec<&str> = evidence.documents.iter().map(|row| row.sha256.as_str()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    for sha256 in hashes {
        archive.document(store, sha256)?;
    }
    archive.finish()
}

fn lines<T: serde::Serialize>(rows: &[T]) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut text, row).map_err(|e| Error::internal(format!("the evidence's data: {e}")))?;
        text.push(b'\n');
    }
    Ok(text)
}

fn broken(e: &dyn std::fmt::Display) -> Error {
    Error::internal(format!("the evidence's archive: {e}"))
}

struct Archive {
    zip: ZipWriter<File>,
    sums: String,
}

impl Archive {
    fn begin(&mut self, name: &str, method: CompressionMethod) -> Result<()> {
        let options = SimpleFileOptions::default().compression_method(method).large_file(true);
        self.zip.start_file(name, options).map_err(|e| broken(&e))
    }

    fn listed(&mut self, name: &str, sha256: &str) {
        self.sums.push_str(&format!("{sha256}  {name}\n"));
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.begin(name, CompressionMethod::Deflated)?;
        self.zip.write_all(bytes).map_err(|e| broken(&e))?;
        self.listed(name, &hex::encode(Sha256::digest(bytes)));
        Ok(())
    }

    /// A document as it is stored; its hash is taken again while it is copied.
    fn document(&mut self, store: &DocumentStore, sha256: &str) -> Result<()> {
        let name = format!("documents/{sha256}");
        self.begin(&name, CompressionMethod::Stored)?;
        let mut hash = Sha256::new();
        let runtime = Handle::current();
        let mut chunks = runtime.block_on(store.read(sha256))?;
        while let Some(chunk) = runtime.block_on(chunks.next()) {
            let chunk = chunk.map_err(|e| broken(&e))?;
            hash.update(&chunk);
            self.zip.write_all(&chunk).map_err(|e| broken(&e))?;
        }
        if hex::encode(hash.finalize()) != sha256 {
            return Err(differs(sha256));
        }
        self.listed(&name, sha256);
        Ok(())
    }

    fn finish(mut self) -> Result<File> {
        let sums = std::mem::take(&mut self.sums);
        self.begin("SHA256SUMS", CompressionMethod::Deflated)?;
        self.zip.write_all(sums.as_bytes()).map_err(|e| broken(&e))?;
        let mut file = self.zip.finish().map_err(|e| broken(&e))?;
        file.seek(SeekFrom::Start(0)).map_err(|e| broken(&e))?;
        Ok(file)
    }
}
