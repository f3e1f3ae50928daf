//! Edition and item rows, states and filters.

use diesel::prelude::*;

use crate::db::schema::{catalogue_editions, catalogue_items};
use crate::kernel::id::{AccountId, CatalogueItemId, EditionId, TenantId};
use crate::kernel::{CatalogueCode, UtcInstant};
use crate::people::{Actor, Role, Subject, Viewer};

crate::text_enum! {
    /// Where an edition stands.
    pub enum EditionState {
        /// Being made; only its keepers see it.
        Draft = "draft",
        /// In use: purchases start from its items.
        Published = "published",
        /// Replaced by a later one.
        Superseded = "superseded",
    }
}

crate::text_enum! {
    /// Where an item comes from, and so how sure it is.
    pub enum Origin {
        /// The central catalogue of 2020, not compared with the published text.
        Central2020Unconfirmed = "central_2020_unconfirmed",
        /// A proposal for the district, adopted by nobody yet.
        DistrictProposal = "district_proposal",
        /// Confirmed against the published text.
        Confirmed = "confirmed",
    }
}

impl Origin {
    /// What a reader must know of an item that is not confirmed.
    pub const fn notice(self) -> Option<&'static str> {
        match self {
            Self::Central2020Unconfirmed => Some(
                "待核实：依中央2020版目录整理，尚未与正式文本核对 · Awaiting confirmation: after the central catalogue of 2020, not compared with the published text",
            ),
            Self::DistrictProposal => Some(
                "待核实：区级建议条目，尚未经有权机关采纳 · Awaiting confirmation: a proposal of the district, not adopted by the authority competent for it",
            ),
            Self::Confirmed => None,
        }
    }
}

/// A stored edition.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = catalogue_editions, treat_none_as_default_value = false)]
pub struct EditionRow {
    /// Id.
    pub id: EditionId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Name such as `2026`, unique in the tenant.
    pub name: String,
    /// State.
    pub state: EditionState,
    /// When it came into use.
    pub published_at: Option<UtcInstant>,
    /// When another took its place.
    pub superseded_at: Option<UtcInstant>,
    /// Who made it; unknown to the operator at the command line.
    pub created_by: Option<AccountId>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

/// Who sees drafts.
const KEEPERS: &[Role] = &[Role::CatalogueEditor, Role::PlatformAdmin, Role::Auditor];

/// Whether the reader sees drafts.
pub fn sees_drafts(viewer: &Viewer) -> bool {
    viewer.actor.as_ref().is_some_and(|actor| actor.has_any(KEEPERS))
}

impl EditionRow {
    /// Whether the reader may know of it.
    pub fn visible_for(&self, viewer: &Viewer) -> bool {
        self.state != EditionState::Draft || sees_drafts(viewer)
    }
}

impl Subject for EditionRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.state != EditionState::Draft || actor.has_any(KEEPERS)
    }
}

/// A stored item.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = catalogue_items, treat_none_as_default_value = false)]
pub struct ItemRow {
    /// Id.
    pub id: CatalogueItemId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Its edition.
    pub edition_id: EditionId,
    /// Code, unique in the edition.
    pub code: CatalogueCode,
    /// Code of the item above it.
    pub parent_code: Option<CatalogueCode>,
    /// Depth: 1 for a root, 4 at most.
    pub level: i32,
    /// 中文 name.
    pub name_zh: String,
    /// English name; a translation without official standing.
    pub name_en: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// What a list of items asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFilter {
    /// The edition.
    pub edition: EditionId,
    /// Only children of this code.
    pub parent: Option<CatalogueCode>,
    /// Only this depth.
    pub level: Option<i32>,
    /// Only items whose name contains this or whose code begins with it.
    pub text: Option<String>,
}
