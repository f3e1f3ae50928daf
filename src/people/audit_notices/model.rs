//! Rows and commands of audit notices.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::policy;
use crate::db::schema::audit_notices;
use crate::kernel::id::{AccountId, AnyId, AuditNoticeId, TenantId, UnitId};
use crate::kernel::{UtcInstant, Words};
use crate::people::{Action, Actor, Subject};
use crate::words;

crate::text_enum! {
    /// Where a notice stands.
    pub enum AuditNoticeState {
        /// Recorded; it opens on the days that it names.
        Open = "open",
        /// Ended before its last day.
        Ended = "ended",
    }
}

/// A stored notice.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = audit_notices, treat_none_as_default_value = false)]
pub struct AuditNoticeRow {
    /// Id.
    pub id: AuditNoticeId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Document number.
    pub number: String,
    /// What is audited.
    pub subject: String,
    /// To whom it opens.
    pub auditor_id: AccountId,
    /// First year.
    pub from_year: i32,
    /// Last year.
    pub to_year: i32,
    /// First day on which it opens.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_until: NaiveDate,
    /// Who recorded it.
    pub issued_by: AccountId,
    /// When it was ended.
    pub ended_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was recorded.
    pub created_at: UtcInstant,
}

impl AuditNoticeRow {
    /// Where it stands.
    pub const fn standing(&self) -> AuditNoticeState {
        if self.ended_at.is_some() { AuditNoticeState::Ended } else { AuditNoticeState::Open }
    }
}

impl Subject for AuditNoticeRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.standing().as_str())
    }

    fn visible_to(&self, actor: &Actor) -> bool {
        self.auditor_id == actor.account || actor.has_any(policy::READERS)
    }

    fn resource(&self) -> Option<AnyId> {
        Some(self.id.any())
    }

    fn barred(&self, _action: &Action, account: AccountId) -> Option<Words> {
        (account == self.auditor_id).then(|| words!("通知书向您开放，须由他人办理", "the notice opens to you; somebody else must do this"))
    }
}

/// A notice to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditNotice {
    /// Document number.
    pub number: String,
    /// What is audited.
    pub subject: String,
    /// To whom it opens.
    pub auditor: AccountId,
    /// The units; every one when empty.
    pub units: Vec<UnitId>,
    /// First year.
    pub from_year: i32,
    /// Last year.
    pub to_year: i32,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_until: NaiveDate,
}
