//! The settings of plans over HTTP.

use actix_web::{get, put};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::policy;
use super::settings::{self, SettingsRow};
use crate::kernel::{Result, UtcInstant};
use crate::people;
use crate::web::{Answer, Body, Call, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_plan_settings).service(set_plan_settings);
}

/// The district's settings for plans.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlanSettingsView {
    /// Calendar days that an intention must be public before its tender; null means that it is not checked.
    #[schema(example = 30)]
    pub intention_days: Option<i32>,
    /// Where the number comes from.
    #[schema(example = "财库〔2020〕10号（待核实）")]
    pub source: Option<String>,
    /// When it was last set.
    pub updated_at: UtcInstant,
    /// Version, also in the ETag; 0 before anything was set.
    #[schema(example = 1)]
    pub version: i64,
}

fn shown(row: SettingsRow) -> Result<Reply> {
    let version = row.version;
    let view = PlanSettingsView { intention_days: row.intention_days, source: row.source, updated_at: row.updated_at, version };
    Ok(Reply::ok(&view)?.tagged(version))
}

/// Read the settings of plans
///
/// How long an intention must be public before its tender. Everybody may read it.
#[utoipa::path(tag = "plans", responses((status = 200, description = "The settings", body = PlanSettingsView)))]
#[get("/plan-settings")]
async fn get_plan_settings(call: Call) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| Ok(shown(settings::of(snapshot, viewer.tenant, now)?)?.public(60))).await
}

/// New settings.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPlanSettings {
    /// Calendar days that an intention must be public before its tender; null stops the check.
    #[schema(minimum = 0, maximum = 365, example = 30)]
    pub intention_days: Option<i32>,
    /// Where the number comes from; needed with a number.
    #[schema(min_length = 1, max_length = 200, example = "浙财采监〔2020〕10号")]
    pub source: Option<String>,
}

/// Set the settings of plans
///
/// The platform's administrator sets how long an intention must be public. It only ever warns, because the number is no rule of the rule set.
#[utoipa::path(tag = "plans", request_body = SetPlanSettings, responses((status = 200, description = "Set", body = PlanSettingsView)),
    extensions(("x-action" = json!(policy::SETTINGS.name))), security(("bearer" = [])))]
#[put("/plan-settings")]
async fn set_plan_settings(call: Call, body: Body<SetPlanSettings>) -> Answer {
    people::command(call, body.fingerprint, settings::may_set, move |tx, granted| {
        let asked = body.get()?;
        shown(settings::set(tx, &granted, asked.intention_days, asked.source.as_deref())?)
    })
    .await
}
