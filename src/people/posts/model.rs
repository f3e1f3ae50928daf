//! Rows of posts and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::unit_posts;
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, PostId, TenantId, UnitId};
use crate::people::{Actor, Role, Subject};

/// Who reads the posts of every unit.
const OVERSEERS: &[Role] = &[Role::PlatformAdmin, Role::Supervisor, Role::Auditor];

/// A post that a person holds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = unit_posts, treat_none_as_default_value = false)]
pub struct PostRow {
    /// Id.
    pub id: PostId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The unit.
    pub unit_id: UnitId,
    /// The person.
    pub account_id: AccountId,
    /// 职务.
    pub title: String,
    /// Whether it is held for somebody else (代理、主持工作).
    pub acting: bool,
    /// First day.
    pub held_from: NaiveDate,
    /// Last day; open when absent.
    pub held_to: Option<NaiveDate>,
    /// Why it was ended.
    pub end_reason: Option<String>,
    /// Who gave it.
    pub made_by: AccountId,
    /// Who ended it.
    pub ended_by: Option<AccountId>,
    /// Version.
    pub version: i64,
    /// When it was given.
    pub created_at: UtcInstant,
}

/// Whether the actor may know what people are in the unit.
fn sees(actor: &Actor, unit: UnitId) -> bool {
    actor.unit == Some(unit) || actor.has_any(OVERSEERS)
}

impl Subject for PostRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(if self.ended_by.is_some() { "ended" } else { "given" })
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        sees(actor, self.unit_id)
    }
}

/// The posts of a unit, as the subject of readings and appointments. Units themselves are public.
#[derive(Debug, Clone, Copy)]
pub struct Desk {
    /// Tenant.
    pub tenant: TenantId,
    /// The unit.
    pub unit: UnitId,
}

impl Subject for Desk {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit)
    }
}

/// What is needed to give a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPost {
    /// The person.
    pub account: AccountId,
    /// 职务.
    pub title: String,
    /// Whether it is held for somebody else.
    pub acting: bool,
    /// First day.
    pub held_from: NaiveDate,
    /// Last day.
    pub held_to: Option<NaiveDate>,
}
