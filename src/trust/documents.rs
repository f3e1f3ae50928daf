//! Documents: streamed, content-addressed by SHA-256, sniffed, bounded, kept in an object store. Rows name their owner as an opaque (kind, id).

use std::sync::Arc;

use actix_web::dev::Payload;
use diesel::prelude::*;
use futures_util::StreamExt;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::schema::documents;
use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::{AccountId, AnyId, CaseId, DocumentId, TenantId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::web::limits::UPLOAD_BYTES;
use crate::words;

problems! {
    /// Sniffed type is not allowed.
    DOCUMENT_TYPE = "document_type_not_allowed", 415, "不允许的文件类型", "File type not allowed",
        "允许 PDF、PNG、JPEG、DOCX、XLSX；类型按文件内容判断，不看扩展名。",
        "PDF, PNG, JPEG, DOCX and XLSX are allowed; the type is read from the content, not the name.";
}

/// What may be uploaded.
pub(super) const ALLOWED: &[&str] = &[
    "application/pdf",
    "image/png",
    "image/jpeg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
];
/// Bytes looked at to find the type.
pub(super) const SNIFF_BYTES: usize = 8192;
/// Parts of an upload, of 5 MiB each, that may be on their way to the store at once: with the one that is filled, all the memory it takes.
const PARTS_ON_THEIR_WAY: usize = 2;

/// The object store behind the documents.
#[derive(Clone)]
pub struct DocumentStore {
    pub(super) store: Arc<dyn ObjectStore>,
}

/// Bytes that are safely stored but belong to nobody yet.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// SHA-256 of the bytes, lower-case hex: also their address.
    pub sha256: String,
    /// How many bytes.
    pub size_bytes: i64,
    /// Type found in the bytes.
    pub media_type: &'static str,
}

impl DocumentStore {
    /// Opens `file:///folder` or `s3://bucket/prefix`; credentials of S3 come from the environment.
    pub fn open(url: &str) -> Result<Self> {
        let fault = |e: &dyn std::fmt::Display| Error::internal(format!("documents: cannot open the object store: {e}"));
        let url = url::Url::parse(url).map_err(|e| fault(&e))?;
        if url.scheme() == "file" {
            let folder = url.to_file_path().map_err(|()| fault(&"file: needs an absolute path"))?;
            std::fs::create_dir_all(&folder).map_err(|e| fault(&e))?;
            let local = object_store::local::LocalFileSystem::new_with_prefix(&folder).map_err(|e| fault(&e))?;
            return Ok(Self { store: Arc::new(local) });
        }
        let (store, prefix) = object_store::parse_url_opts(&url, std::env::vars()).map_err(|e| fault(&e))?;
        Ok(Self { store: Arc::new(object_store::prefix::PrefixStore::new(store, prefix)) })
    }

    /// Streams an upload into the store; refuses what is too large, empty or of a type that is not allowed.
    pub async fn receive(&self, mut payload: Payload) -> Result<StoredFile> {
        let staging = ObjectPath::from(format!("staging/{}", Uuid::now_v7()));
        let upload = self.store.put_multipart(&staging).await.map_err(unavailable)?;
        let mut writer = WriteMultipart::new(upload);
        let mut hash = Sha256::new();
        let mut head = Vec::new();
        let mut size: usize = 0;
        while let Some(chunk) = payload.next().await {
            let Ok(chunk) = chunk else {
                return Self::abandon(writer, error::MALFORMED.because(words!("上传中断", "the upload broke off"))).await;
            };
            size = size.saturating_add(chunk.len());
            if size > UPLOAD_BYTES {
                return Self::abandon(
                    writer,
                    error::TOO_LARGE.because(words!("上限为 {UPLOAD_BYTES} 字节", "the limit is {UPLOAD_BYTES} bytes")),
                )
                .await;
            }
            let wanted = SNIFF_BYTES.saturating_sub(head.len()).min(chunk.len());
            head.extend_from_slice(chunk.get(..wanted).unwrap_or_default());
            hash.update(&chunk);
            Self::pass_on(&mut writer, &chunk).await?;
        }
        let Some(media_type) = infer::get(&head).map(|kind| kind.mime_type()).filter(|kind| ALLOWED.contains(kind)) else {
            return Self::abandon(writer, DOCUMENT_TYPE.error()).await;
        };
        writer.finish().await.map_err(unavailable)?;
        let sha256 = hex::encode(hash.finalize());
        self.store.rename(&staging, &address(&sha256)).await.map_err(unavailable)?;
        Ok(StoredFile { sha256, size_bytes: i64::try_from(size).unwrap_or(i64::MAX), media_type })
    }

    /// Keeps bytes that the program made itself; refuses what is of a type that is not allowed.
    pub async fn keep(&self, bytes: Vec<u8>) -> Result<StoredFile> {
        let media_type = infer::get(&bytes).map(|kind| kind.mime_type()).filter(|kind| ALLOWED.contains(kind));
        let media_type = media_type.ok_or_else(|| DOCUMENT_TYPE.error())?;
        let (sha256, size) = (hex::encode(Sha256::digest(&bytes)), bytes.len());
        self.store.put(&address(&sha256), bytes.into()).await.map_err(unavailable)?;
        Ok(StoredFile { sha256, size_bytes: i64::try_from(size).unwrap_or(i64::MAX), media_type })
    }

    /// Adds to an upload, no faster than the store takes it. Copied: a chunk may be a small part of a large buffer, which would be kept with it.
    pub(super) async fn pass_on(writer: &mut WriteMultipart, bytes: &[u8]) -> Result<()> {
        writer.wait_for_capacity(PARTS_ON_THEIR_WAY).await.map_err(unavailable)?;
        writer.write(bytes);
        Ok(())
    }

    pub(super) async fn abandon<T>(writer: WriteMultipart, refusal: Error) -> Result<T> {
        writer.abort().await.map_err(unavailable)?;
        Err(refusal)
    }

    /// The stored bytes as a stream of chunks.
    pub async fn read(
        &self,
        sha256: &str,
    ) -> Result<futures_util::stream::BoxStream<'static, std::result::Result<actix_web::web::Bytes, object_store::Error>>> {
        Ok(self.store.get(&address(sha256)).await.map_err(unavailable)?.into_stream())
    }

    /// Writes, reads back and deletes a probe.
    pub async fn probe(&self) -> Result<()> {
        let path = ObjectPath::from(format!("staging/probe-{}", Uuid::now_v7()));
        self.store.put(&path, "probe".into()).await.map_err(unavailable)?;
        self.store.delete(&path).await.map_err(unavailable)
    }
}

pub(super) fn address(sha256: &str) -> ObjectPath {
    ObjectPath::from(format!("sha256/{}/{sha256}", sha256.get(..2).unwrap_or("00")))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err hands over")]
pub(super) fn unavailable(fault: object_store::Error) -> Error {
    tracing::error!(%fault, "object store");
    error::UNAVAILABLE.error().retry_after(5)
}

/// A stored document's row.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = documents, treat_none_as_default_value = false)]
pub struct DocumentRow {
    /// Id.
    pub id: DocumentId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Kind of the owner, such as `contract`.
    pub owner_kind: String,
    /// The owner.
    pub owner_id: AnyId,
    /// The case.
    pub case_id: Option<CaseId>,
    /// What it is for, such as `stamped_contract`.
    pub purpose: String,
    /// Name the uploader gave.
    pub filename: String,
    /// Type found in the bytes.
    pub media_type: String,
    /// Bytes.
    pub size_bytes: i64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// Who uploaded it.
    pub uploaded_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

/// Whom a stored file is attached to.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// Tenant.
    pub tenant: TenantId,
    /// Kind of the owner.
    pub kind: &'a str,
    /// The owner.
    pub id: AnyId,
    /// The case.
    pub case: Option<CaseId>,
}

/// Attaches a stored file to its owner.
pub fn attach(tx: &mut Tx<'_>, owner: Owner<'_>, purpose: &str, filename: &str, file: &StoredFile, by: AccountId) -> Result<DocumentRow> {
    let row = DocumentRow {
        id: tx.new_id(),
        tenant_id: owner.tenant,
        owner_kind: owner.kind.to_owned(),
        owner_id: owner.id,
        case_id: owner.case,
        purpose: purpose.to_owned(),
        filename: filename.to_owned(),
        media_type: file.media_type.to_owned(),
        size_bytes: file.size_bytes,
        sha256: file.sha256.clone(),
        uploaded_by: by,
        created_at: tx.now(),
    };
    diesel::insert_into(documents::table).values(&row).execute(&mut **tx)?;
    Ok(row)
}

/// A document of a tenant.
pub fn find(db: &mut Db, tenant: TenantId, id: DocumentId) -> Result<DocumentRow> {
    documents::table
        .filter(documents::tenant_id.eq(tenant).and(documents::id.eq(id)))
        .first(db)
        .optional()?
        .ok_or_else(|| error::NOT_FOUND.error())
}

/// The documents of a case, oldest first, at most `limit`.
pub fn of_case(db: &mut Db, tenant: TenantId, case: CaseId, limit: i64) -> Result<Vec<DocumentRow>> {
    Ok(documents::table
        .filter(documents::tenant_id.eq(tenant).and(documents::case_id.eq(Some(case))))
        .order((documents::created_at, documents::id))
        .limit(limit)
        .load(db)?)
}

/// The newest document of an owner for a purpose.
pub fn newest_of_owner(db: &mut Db, tenant: TenantId, owner: AnyId, purpose: &str) -> Result<Option<DocumentRow>> {
    Ok(documents::table
        .filter(documents::tenant_id.eq(tenant).and(documents::owner_id.eq(owner)).and(documents::purpose.eq(purpose)))
        .order((documents::created_at.desc(), documents::id.desc()))
        .first(db)
        .optional()?)
}

/// The documents of an owner, oldest first, at most 100.
pub fn of_owner(db: &mut Db, tenant: TenantId, owner: AnyId) -> Result<Vec<DocumentRow>> {
    Ok(documents::table
        .filter(documents::tenant_id.eq(tenant).and(documents::owner_id.eq(owner)))
        .order((documents::created_at, documents::id))
        .limit(100)
        .load(db)?)
}
