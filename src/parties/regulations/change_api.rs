//! Rule sets, confirmations and calendars over HTTP: what an administrator changes and everybody may follow.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::RuleSetView;
use super::model::{ConfirmationChange, NewConfirmation, RuleConfirmationRow, RuleSetRow};
use super::{configure, import, policy, rules, service, store};
use crate::kernel::id::{AccountId, RuleConfirmationId, RuleSetId};
use crate::kernel::{Result, UtcInstant, error};
use crate::law::{Confidence, Severity};
use crate::people;
use crate::web::limits::IMPORT_BYTES;
use crate::web::table::Imported;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, RawBody, Reply};
use crate::words;

/// Seconds that shared caches may keep these: they change a few times a year.
const CACHE_SECONDS: u32 = 300;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_rule_sets).service(get_rule_set).service(import_rule_set).service(import_calendar);
    config.service(list_confirmations).service(confirm_regulation).service(withdraw_confirmation);
}

/// Page of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OnlyPage {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List rule sets
///
/// Every rule set that was ever in use, the oldest first. What was made under a set keeps it.
#[utoipa::path(tag = "regulations", params(OnlyPage), responses((status = 200, description = "A page of rule sets", body = Page<RuleSetView>)))]
#[get("/rule-sets")]
async fn list_rule_sets(call: Call, params: Params<OnlyPage>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), "rule-sets")?;
        let after = request.after_instant()?.map(|(at, id)| (at, RuleSetId::new(id)));
        let rows = store::list_sets(snapshot, viewer.tenant, after, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), RuleSetView::from);
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}

/// A rule set with what is in it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RuleSetFile {
    /// The set.
    #[serde(flatten)]
    pub set: RuleSetView,
    /// Rules in it.
    #[schema(example = 96)]
    pub rules: usize,
    /// Those of them that block.
    #[schema(example = 31)]
    pub blocking: usize,
    /// Those of them whose reading nobody confirmed.
    #[schema(example = 34)]
    pub unsure: usize,
}

fn file(db: &mut crate::db::Db, row: RuleSetRow) -> Result<RuleSetFile> {
    let rules = store::rules_of(db, row.id)?;
    let blocking = rules.iter().filter(|rule| rules::acts(rule) == super::model::Acts::Blocks).count();
    let unsure = rules.iter().filter(|rule| matches!(rule.confidence, Confidence::Unconfirmed | Confidence::QuotedElsewhere)).count();
    Ok(RuleSetFile { set: row.into(), rules: rules.len(), blocking, unsure })
}

/// Read a rule set
///
/// A rule set with how many rules it has; `GET /regulations?rule_set_id=` lists them.
#[utoipa::path(tag = "regulations", params(("rule_set_id" = RuleSetId, Path, description = "The rule set")),
    responses((status = 200, description = "The rule set", body = RuleSetFile)))]
#[get("/rule-sets/{rule_set_id}")]
async fn get_rule_set(call: Call, id: Id<RuleSetId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = store::find_set(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let version = row.version;
        Ok(Reply::ok(&file(snapshot, row)?)?.tagged(version).public(CACHE_SECONDS))
    })
    .await
}

/// A new rule set as its two tables.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRuleSet {
    /// Name, unique in the district.
    #[schema(min_length = 1, max_length = 32, example = "2026-07")]
    pub name: String,
    /// CSV with the columns `rule_id,topic,statement_zh,legal_basis,article,procedures,severity,confidence,effective_from,effective_to,note`.
    #[schema(
        min_length = 1,
        max_length = 1_000_000,
        example = "rule_id,topic,statement_zh,legal_basis,article,procedures,severity,confidence,effective_from,effective_to,note\nR053,采购-合同,通知书发出之日起签合同,政府采购法,第46条,open_tender,warn,read_in_text,2003-01-01,,\n"
    )]
    pub rules_csv: String,
    /// CSV with the columns `rule_id,figure,number,unit`.
    #[schema(min_length = 1, max_length = 1_000_000, example = "rule_id,figure,number,unit\nR053,sign_within,30,calendar_day\n")]
    pub figures_csv: String,
}

/// Import a rule set
///
/// Puts a new rule set into use in place of the former. Every bad row is reported with its table and line, and so is a rule without the figures
/// that it is judged by; all rows come in or none. What was made under the former set keeps it. At most 2 MiB.
#[utoipa::path(tag = "regulations", request_body = ImportRuleSet, responses((status = 201, description = "In use", body = RuleSetFile)),
    extensions(("x-action" = json!(policy::IMPORT.name)), ("x-problems" = json!(["rule_set_name_taken"]))), security(("bearer" = [])))]
#[post("/rule-sets")]
async fn import_rule_set(call: Call, body: Body<ImportRuleSet, IMPORT_BYTES>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| configure::may_import(actor),
        move |tx, granted| {
            let asked = body.get()?;
            import::import_rules(tx, &granted, &asked.name, asked.rules_csv.as_bytes(), asked.figures_csv.as_bytes())?;
            let row = service::current(tx, granted.subject().0)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/rule-sets/{id}"), &file(tx, row)?)?.tagged(version))
        },
    )
    .await
}

/// Import calendars
///
/// A UTF-8 CSV with the columns `date,kind,name_zh`: days off and make-up working days. A year that comes again is replaced as a whole.
#[utoipa::path(tag = "regulations", request_body(content = String, content_type = "text/csv", description = "The table, at most 2 MiB"),
    responses((status = 200, description = "Imported", body = Imported)),
    extensions(("x-action" = json!(policy::IMPORT.name)), ("x-problems" = json!(["unsupported_media_type"])),
        ("x-body-example" = json!("date,kind,name_zh\n2027-01-01,off,元旦\n"))),
    security(("bearer" = [])))]
#[post("/calendars")]
async fn import_calendar(call: Call, body: RawBody<IMPORT_BYTES>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| configure::may_import(actor),
        move |tx, granted| {
            if body.media_type != "text/csv" {
                return Err(error::UNSUPPORTED_MEDIA_TYPE.because(words!("须为 text/csv", "expected text/csv")));
            }
            Reply::ok(&import::import_calendar(tx, &granted, body.get()?)?)
        },
    )
    .await
}

/// A confirmation of a rule, or its withdrawal.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ConfirmationView {
    /// Id.
    pub id: RuleConfirmationId,
    /// Rule.
    #[schema(example = "R025")]
    pub rule_id: String,
    /// Confirmed or withdrawn.
    pub change: ConfirmationChange,
    /// How sure the reading is from then on.
    pub confidence: Confidence,
    /// How the rule acts from then on.
    pub severity: Severity,
    /// How sure it was before.
    pub former_confidence: Confidence,
    /// How it acted before.
    pub former_severity: Severity,
    /// Where it was read, or why the confirmation was taken back.
    #[schema(example = "财库〔2014〕214号 第10条，财政部官网")]
    pub source: String,
    /// Remarks.
    #[schema(example = "")]
    pub note: String,
    /// The rule set that it made.
    pub rule_set_id: RuleSetId,
    /// The rule set that was in use before.
    pub former_set_id: RuleSetId,
    /// Who did it.
    pub made_by: AccountId,
    /// When.
    pub made_at: UtcInstant,
}

impl From<RuleConfirmationRow> for ConfirmationView {
    fn from(row: RuleConfirmationRow) -> Self {
        Self {
            id: row.id,
            rule_id: row.rule_id,
            change: row.change,
            confidence: row.confidence,
            severity: row.severity,
            former_confidence: row.former_confidence,
            former_severity: row.former_severity,
            source: row.source,
            note: row.note,
            rule_set_id: row.rule_set_id,
            former_set_id: row.former_set_id,
            made_by: row.made_by,
            made_at: row.made_at,
        }
    }
}

/// List the confirmations of a regulation
///
/// Who confirmed the rule with which source, and who took that back, the oldest first.
#[utoipa::path(tag = "regulations", params(("rule_id" = String, Path, description = "The rule", max_length = 8, example = "R025"), OnlyPage),
    responses((status = 200, description = "A page of confirmations", body = Page<ConfirmationView>)), extensions(("x-problems" = json!(["rule_set_missing"]))))]
#[get("/regulations/{rule_id}/confirmations")]
async fn list_confirmations(call: Call, rule: web::Path<String>, params: Params<OnlyPage>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let set = service::current(snapshot, viewer.tenant)?;
        if !store::rule_rows(snapshot, set.id)?.iter().any(|row| row.rule_id == *rule) {
            return Err(error::NOT_FOUND.error());
        }
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("confirmations {rule}"))?;
        let after = request.after.as_ref().and_then(|(key, _)| key.parse().ok()).unwrap_or(0);
        let rows = store::list_confirmations(snapshot, viewer.tenant, &rule, after, request.rows())?;
        let page = request.page(rows, |row| (row.sequence.to_string(), row.id.uuid()), ConfirmationView::from);
        Reply::page(&page, &params.path, &params.raw)
    })
    .await
}

/// A confirmation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRegulation {
    /// Where the rule was read: the document and where it is published.
    #[schema(min_length = 1, max_length = 200, example = "财库〔2014〕214号 第10条，财政部官网")]
    pub source: String,
    /// Remarks.
    #[serde(default)]
    #[schema(max_length = 500, example = "")]
    pub note: String,
    /// How sure the reading is now: `read_in_text` or `confirmed`.
    #[serde(default = "confirmed")]
    pub confidence: Confidence,
    /// How the rule acts from now on; as before when absent.
    #[serde(default)]
    pub severity: Option<Severity>,
}

const fn confirmed() -> Confidence {
    Confidence::Confirmed
}

/// Confirm a regulation
///
/// Says with a source that the rule reads as stored, and may make it block. A new rule set comes into use; what was made under the former keeps that.
#[utoipa::path(tag = "regulations", params(("rule_id" = String, Path, description = "The rule", max_length = 8, example = "R025")),
    request_body = ConfirmRegulation, responses((status = 200, description = "Confirmed", body = ConfirmationView)),
    extensions(("x-action" = json!(policy::CONFIRM.name)), ("x-problems" = json!(["rule_set_missing", "rule_unchanged"]))), security(("bearer" = [])))]
#[post("/regulations/{rule_id}/confirmation")]
async fn confirm_regulation(call: Call, rule: web::Path<String>, body: Body<ConfirmRegulation>) -> Answer {
    let named = rule.clone();
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| configure::may(tx, actor, &policy::CONFIRM, &named),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewConfirmation {
                source: asked.source.clone(),
                note: asked.note.clone(),
                confidence: asked.confidence,
                severity: asked.severity,
            };
            Reply::ok(&ConfirmationView::from(configure::confirm(tx, &granted, &rule, &new)?))
        },
    )
    .await
}

/// Taking a confirmation back.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawConfirmation {
    /// Why it does not stand.
    #[schema(min_length = 1, max_length = 200, example = "所引文件已被修订")]
    pub reason: String,
    /// Remarks.
    #[serde(default)]
    #[schema(max_length = 500, example = "")]
    pub note: String,
}

/// Withdraw a confirmation
///
/// Takes the last confirmation of the rule back: in a new rule set it is as sure and acts as before. What was made under the former keeps that.
#[utoipa::path(tag = "regulations", params(("rule_id" = String, Path, description = "The rule", max_length = 8, example = "R025")),
    request_body = WithdrawConfirmation, responses((status = 200, description = "Withdrawn", body = ConfirmationView)),
    extensions(("x-action" = json!(policy::WITHDRAW.name)), ("x-problems" = json!(["rule_set_missing", "rule_not_confirmed"]))), security(("bearer" = [])))]
#[post("/regulations/{rule_id}/withdrawal")]
async fn withdraw_confirmation(call: Call, rule: web::Path<String>, body: Body<WithdrawConfirmation>) -> Answer {
    let named = rule.clone();
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| configure::may(tx, actor, &policy::WITHDRAW, &named),
        move |tx, granted| {
            let asked = body.get()?;
            Reply::ok(&ConfirmationView::from(configure::withdraw(tx, &granted, &rule, &asked.reason, &asked.note)?))
        },
    )
    .await
}
