//! What every slice that owns documents shares: how one is shown, named, fingerprinted and downloaded.

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, Charset, ContentDisposition, DispositionParam, DispositionType, ETAG, ExtendedValue, HeaderName, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::documents::{DocumentRow, DocumentStore, StoredFile};
use crate::kernel::error::Fields;
use crate::kernel::id::DocumentId;
use crate::kernel::{Result, UtcInstant};
use crate::words;

/// Longest file name, in characters.
pub const FILENAME_MAX: usize = 200;

/// A stored document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DocumentView {
    /// Id.
    pub id: DocumentId,
    /// What it is for.
    #[schema(example = "stamped_contract")]
    pub purpose: String,
    /// Name the uploader gave.
    #[schema(example = "盖章合同.pdf")]
    pub filename: String,
    /// Type found in the bytes.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// Bytes.
    #[schema(example = 48_213)]
    pub size_bytes: i64,
    /// SHA-256 of the bytes, lower-case hex.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
    /// When it was uploaded.
    pub created_at: UtcInstant,
}

impl From<DocumentRow> for DocumentView {
    fn from(row: DocumentRow) -> Self {
        Self {
            id: row.id,
            purpose: row.purpose,
            filename: row.filename,
            media_type: row.media_type,
            size_bytes: row.size_bytes,
            sha256: row.sha256,
            created_at: row.created_at,
        }
    }
}

/// Checks the name of an upload: 1 to 200 characters, no folder, no control character.
pub fn check_filename(name: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(name, "?filename", 1, FILENAME_MAX);
    let plain = !name.contains(['/', '\\', '\n', '\t']) && name.trim_matches('.') == name;
    fields.require(plain, "?filename", || words!("须为单纯的文件名", "must be a plain file name"));
    fields.finish()
}

/// What an idempotency key of an upload is bound to: the bytes, the name and the purpose.
pub fn fingerprint(file: &StoredFile, filename: &str, purpose: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [file.sha256.as_str(), filename, purpose] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().into()
}

/// The stored bytes as a download: never shown in the page, never sniffed, never kept by a shared cache.
pub async fn download(store: &DocumentStore, row: &DocumentRow) -> Result<HttpResponse> {
    let chunks = store.read(&row.sha256).await?;
    let name = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value: row.filename.clone().into_bytes() };
    let disposition =
        ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![DispositionParam::FilenameExt(name)] };
    Ok(HttpResponse::Ok()
        .insert_header(disposition)
        .insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("private, no-store")))
        .insert_header((HeaderName::from_static("vary"), HeaderValue::from_static("Authorization")))
        .insert_header((ETAG, format!("\"h{}\"", row.sha256)))
        .content_type(row.media_type.as_str())
        .streaming(chunks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_folder_or_a_control_character_is_refused() {
        for bad in ["", " ", "../etc/passwd", "a\\b.pdf", "a\nb", ".", "..", &"x".repeat(FILENAME_MAX + 1)] {
            assert!(check_filename(bad).is_err(), "{bad:?}");
        }
        for good in ["盖章合同.pdf", "report 2026 (final).xlsx"] {
            assert!(check_filename(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn the_fingerprint_tells_the_parts_apart() {
        let file = |sha: &str| StoredFile { sha256: sha.to_owned(), size_bytes: 1, media_type: "application/pdf" };
        assert_ne!(fingerprint(&file("a"), "bc", "d"), fingerprint(&file("ab"), "c", "d"));
        assert_ne!(fingerprint(&file("a"), "b", "cd"), fingerprint(&file("a"), "bc", "d"));
    }
}
