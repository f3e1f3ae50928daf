//! How many days an intention must be public before its tender: a number of the district, because the rule set has none.

use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::policy;
use crate::db::schema::plan_settings;
use crate::db::{Db, Tx};
use crate::kernel::error::Fields;
use crate::kernel::id::TenantId;
use crate::kernel::{Result, UtcInstant};
use crate::people::Actor;
use crate::people::policy::{Authorized, Subject, authorize};
use crate::trust::journal::{self, Event};
use crate::web::table::{Imported, Table, Whole};
use crate::words;

/// Most days that can be set.
pub const DAYS_MAX: i32 = 365;

/// A district's settings for plans.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = plan_settings, primary_key(tenant_id), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SettingsRow {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Calendar days that an intention must be public before its tender; `None` means that it is not checked.
    pub intention_days: Option<i32>,
    /// Where the number comes from.
    pub source: Option<String>,
    /// Version; 0 when nothing was set yet.
    pub version: i64,
    /// When it was last set.
    pub updated_at: UtcInstant,
}

impl Subject for SettingsRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

fn find(db: &mut Db, tenant: TenantId) -> Result<Option<SettingsRow>> {
    Ok(plan_settings::table.find(tenant).first(db).optional()?)
}

/// The settings, with nothing in them when nothing was set.
pub fn of(db: &mut Db, tenant: TenantId, now: UtcInstant) -> Result<SettingsRow> {
    let blank = SettingsRow { tenant_id: tenant, intention_days: None, source: None, version: 0, updated_at: now };
    Ok(find(db, tenant)?.unwrap_or(blank))
}

/// The days of the intention with their source; nothing where the district has set none.
pub fn intention_days(db: &mut Db, tenant: TenantId) -> Result<Option<(u32, String)>> {
    let row = find(db, tenant)?;
    Ok(row.and_then(|row| {
        let days = row.intention_days.and_then(|days| u32::try_from(days).ok())?;
        Some((days, row.source.unwrap_or_default()))
    }))
}

/// May the actor set them?
pub fn may_set(tx: &mut Tx<'_>, actor: &Actor) -> Result<Authorized<SettingsRow>> {
    let now = tx.now();
    authorize(actor, &policy::SETTINGS, of(tx, actor.tenant, now)?)
}

/// Sets the days and where the number comes from.
pub fn set(tx: &mut Tx<'_>, granted: &Authorized<SettingsRow>, days: Option<i32>, source: Option<&str>) -> Result<SettingsRow> {
    let before = granted.subject();
    let mut fields = Fields::default();
    fields.require(days.is_none_or(|days| (0..=DAYS_MAX).contains(&days)), "/intention_days", || {
        words!("须为 0 到 {DAYS_MAX}", "must lie between 0 and {DAYS_MAX}")
    });
    fields.require(days.is_none() || source.is_some(), "/source", || words!("须写明依据", "the source must be named"));
    if let Some(source) = source {
        fields.text(source, "/source", 1, 200);
    }
    fields.finish()?;
    let row = SettingsRow {
        intention_days: days,
        source: source.map(|text| text.trim().to_owned()),
        version: before.version.saturating_add(1),
        updated_at: tx.now(),
        ..before.clone()
    };
    if before.version == 0 {
        diesel::insert_into(plan_settings::table).values(&row).execute(&mut **tx)?;
    } else {
        diesel::update(plan_settings::table.find(row.tenant_id)).set(&row).execute(&mut **tx)?;
    }
    let (tenant, resource, version) = (row.tenant_id, row.tenant_id.any(), row.version);
    let content = json!({"intention_days": row.intention_days, "source": row.source});
    journal::record(tx, &Event { tenant, action: "plan_settings.set", kind: "plan_settings", resource, version, case: None, content })?;
    Ok(row)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    intention_days: Whole,
    source: String,
}

/// Sets the number of a table with one row and the columns `intention_days,source`.
pub fn import_csv(tx: &mut Tx<'_>, granted: &Authorized<SettingsRow>, bytes: &[u8]) -> Result<Imported> {
    let mut table = Table::<Line>::read(bytes)?;
    for (line, row) in table.take_rows() {
        let days = i32::try_from(row.intention_days.0).unwrap_or(-1);
        table.check(line, set(tx, granted, Some(days), Some(&row.source)))?;
    }
    table.finish()
}
