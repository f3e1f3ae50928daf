//! Writes the ciphertexts of opened bids beside a bundle, each under the name of its hash.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use futures_util::TryStreamExt;

use crate::db::Database;
use crate::disclosure::bundle::ciphertexts;
use crate::kernel::{Error, Result};
use crate::trust::documents::DocumentStore;

/// Folder of the ciphertexts within the bundle's.
const FOLDER: &str = "ciphertexts";

/// Writes them; returns how many. A file that the store has not any more is named in the end, and the others are written.
pub async fn write(db: &Database, documents: &DocumentStore, bundle: &Path) -> Result<usize> {
    let folder = bundle.join(FOLDER);
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .map_err(|e| Error::internal(format!("cannot make {}: {e}", folder.display())))?;
    let (mut after, mut written, mut lost) = (None, 0_usize, Vec::new());
    loop {
        let page = db.read(move |snapshot| ciphertexts::bids_after(snapshot, after)).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let ids: Vec<_> = page.iter().map(|bid| bid.id).collect();
        for bid in page {
            let Some(mut file) = create(&folder, &bid.sha256)? else { continue };
            file.write_all(&bid.ciphertext).map_err(|e| cannot(&folder, &e))?;
            written = written.saturating_add(1);
        }
        for sha256 in db.read(move |snapshot| ciphertexts::files_of(snapshot, &ids)).await? {
            let Ok(mut stream) = documents.read(&sha256).await else {
                lost.push(sha256);
                continue;
            };
            let Some(mut file) = create(&folder, &sha256)? else { continue };
            while let Some(piece) = stream.try_next().await.map_err(|e| Error::internal(format!("the file {sha256} breaks off: {e}")))? {
                file.write_all(&piece).map_err(|e| cannot(&folder, &e))?;
            }
            written = written.saturating_add(1);
        }
    }
    if lost.is_empty() { Ok(written) } else { Err(Error::internal(format!("the document store has not: {}", lost.join(", ")))) }
}

fn cannot(folder: &Path, fault: &std::io::Error) -> Error {
    Error::internal(format!("cannot write into {}: {fault}", folder.display()))
}

/// A new file that its owner alone reads; `None` where the same ciphertext is there already, because a bidder attached one sealed file twice.
fn create(folder: &Path, sha256: &str) -> Result<Option<std::fs::File>> {
    let path = folder.join(format!("{sha256}.age"));
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(fault) if fault.kind() == std::io::ErrorKind::AlreadyExists => Ok(None),
        Err(fault) => Err(cannot(folder, &fault)),
    }
}
