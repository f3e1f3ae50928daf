//! The papers of a tender: minutes, procurement documents, annexes. What is meant for bidders is public with the tender, the rest stays inside.

use serde_json::json;

use super::model::{INSIDERS, TenderRow};
use super::service;
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::people::{Authorized, Viewer};
use crate::trust::documents::{self, DocumentRow, Owner, StoredFile};

/// Kind of the owner of a tender's documents.
pub const OWNER_KIND: &str = "tender";

crate::text_enum! {
    /// What a tender's document is for.
    pub enum TenderPaper {
        /// 会议纪要: the collective decision.
        Minutes = "minutes",
        /// 采购文件: what bidders read.
        ProcurementDocument = "procurement_document",
        /// 采购需求调查.
        MarketStudy = "market_study",
        /// 单一来源论证.
        SingleSourceArgument = "single_source_argument",
        /// Something that belongs to the procurement documents.
        Annex = "annex",
    }
}

impl TenderPaper {
    /// Purposes that everybody reads once the tender is public.
    pub const PUBLIC: &'static [Self] = &[Self::ProcurementDocument, Self::SingleSourceArgument, Self::Annex];
}

/// The newest minutes of the tender.
pub fn minutes_of(db: &mut Db, tender: &TenderRow) -> Result<Option<DocumentRow>> {
    let rows = documents::of_owner(db, tender.tenant_id, tender.id.any())?;
    Ok(rows.into_iter().rev().find(|row| row.owner_kind == OWNER_KIND && row.purpose == TenderPaper::Minutes.as_str()))
}

/// Whether the viewer may read this document of a tender that it may see.
pub fn readable(tender: &TenderRow, document: &DocumentRow, viewer: &Viewer) -> bool {
    let inside = viewer.actor.as_ref().is_some_and(|actor| actor.sees(INSIDERS, tender));
    let public = TenderPaper::PUBLIC.iter().any(|purpose| purpose.as_str() == document.purpose);
    inside || (public && tender.published_at.is_some())
}

/// Adds a document that is stored already.
pub fn attach(
    tx: &mut Tx<'_>,
    granted: &Authorized<TenderRow>,
    purpose: TenderPaper,
    filename: &str,
    file: &StoredFile,
) -> Result<DocumentRow> {
    let tender = granted.subject();
    let owner = Owner { tenant: tender.tenant_id, kind: OWNER_KIND, id: tender.id.any(), case: Some(tender.case_id) };
    let row = documents::attach(tx, owner, purpose.as_str(), filename, file, granted.by())?;
    let content = json!({"document_id": row.id, "purpose": purpose, "sha256": row.sha256, "size_bytes": row.size_bytes});
    service::record(tx, "tender.document_added", tender, content)?;
    Ok(row)
}
