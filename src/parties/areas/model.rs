//! Area rows, kinds and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::areas;
use crate::kernel::id::{AreaId, TenantId};
use crate::kernel::{AreaCode, UtcInstant};
use crate::people::Subject;

crate::text_enum! {
    /// What kind of division an area is.
    pub enum AreaKind {
        /// 区.
        District = "district",
        /// 街道.
        Subdistrict = "subdistrict",
        /// 镇.
        Town = "town",
        /// 乡.
        Township = "township",
        /// 社区 or 村.
        Community = "community",
        /// 网格.
        Grid = "grid",
    }
}

/// A stored area.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = areas, treat_none_as_default_value = false)]
pub struct AreaRow {
    /// Id.
    pub id: AreaId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Division code, unique in the tenant.
    pub code: AreaCode,
    /// 中文 name.
    pub name_zh: String,
    /// Name in Latin letters.
    pub name_en: String,
    /// Kind.
    pub kind: AreaKind,
    /// The area it lies in.
    pub parent_id: Option<AreaId>,
    /// First day it exists; unknown when absent.
    pub valid_from: Option<NaiveDate>,
    /// Last day it exists; open when absent.
    pub valid_to: Option<NaiveDate>,
    /// The body that runs it for the district (委托管理).
    pub entrusted_to: Option<String>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
    /// When it was last changed.
    pub updated_at: UtcInstant,
}

impl Subject for AreaRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// What is needed to make an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArea {
    /// Division code.
    pub code: AreaCode,
    /// 中文 name.
    pub name_zh: String,
    /// Name in Latin letters.
    pub name_en: String,
    /// Kind.
    pub kind: AreaKind,
    /// Code of the area it lies in.
    pub parent_code: Option<AreaCode>,
    /// First day.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
    /// The body that runs it for the district.
    pub entrusted_to: Option<String>,
}

/// A change of an area; the outer `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AreaChange {
    /// 中文 name.
    pub name_zh: Option<String>,
    /// Name in Latin letters.
    pub name_en: Option<String>,
    /// Last day.
    pub valid_to: Option<Option<NaiveDate>>,
    /// The body that runs it for the district.
    pub entrusted_to: Option<Option<String>>,
}

/// What a list asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaFilter {
    /// Only children of this area.
    pub parent: Option<AreaId>,
    /// Only this kind.
    pub kind: Option<AreaKind>,
    /// Only areas that exist on this day.
    pub on: Option<NaiveDate>,
    /// Order.
    pub sort: AreaSort,
}

crate::text_enum! {
    /// Orders of the area list.
    pub enum AreaSort {
        /// By division code.
        Code = "code",
        /// By Latin name.
        NameEn = "name_en",
    }
}
