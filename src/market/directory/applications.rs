//! Use cases of applications: applying, assessing, listing, removal; and whether a purchase is open to an organisation.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::model::{ApplicationFile, ApplicationRow, ApplicationState, CallState, NewApplication};
use super::service::{ALREADY_APPLIED, APPLICATIONS_CLOSED, CRITERIA_NOT_MET};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{CatalogueItemId, DirectoryApplicationId, DirectoryCallId, OrganisationId, TenantId};
use crate::kernel::sql::Doc;
use crate::kernel::{Error, Result, Words};
use crate::market::{catalogues, incubation};
use crate::notices::outbox::{self, Message};
use crate::parties::organisations::records::{self, Grade};
use crate::parties::organisations::{self, OrganisationRow, Supply};
use crate::people::policy::{DUTIES_NOT_SEPARATE, authorize};
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// Whether a purchase from an item that is kept for known organisations is open to this one on a day: it is incubated, or in the directory of the
/// year for the item. Whether it may supply at all is asked elsewhere.
pub fn is_open_to(db: &mut Db, tenant: TenantId, organisation: OrganisationId, item: CatalogueItemId, day: NaiveDate) -> Result<bool> {
    if incubation::is_incubated(db, tenant, organisation)? {
        return Ok(true);
    }
    match catalogues::code_of(db, tenant, item)? {
        Some(code) => store::is_listed(db, tenant, organisation, &code, day),
        None => Ok(false),
    }
}

/// May the actor apply for its own organisation?
pub fn may_apply(db: &mut Db, actor: &Actor, call: DirectoryCallId) -> Result<Authorized<OrganisationRow>> {
    store::find_call(db, actor.tenant, call)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let own = match actor.organisation {
        Some(id) => organisations::find(db, actor.tenant, id)?,
        None => None,
    };
    authorize(actor, &policy::APPLY, own.ok_or_else(|| error::FORBIDDEN.error())?)
}

/// May the actor do this to the application?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: DirectoryApplicationId) -> Result<Authorized<ApplicationFile>> {
    let (application, call) = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, ApplicationFile { application, call })
}

/// May the actor assess? Nobody of the applicant, and nobody of a base that incubates or incubated it.
pub fn may_assess(db: &mut Db, actor: &Actor, id: DirectoryApplicationId) -> Result<Authorized<ApplicationFile>> {
    let granted = may(db, actor, &policy::ASSESS, id)?;
    let applicant = granted.subject().application.organisation_id;
    if actor.organisation == Some(applicant) {
        return Err(DUTIES_NOT_SEPARATE.because(words!("不得评审本组织的申请", "nobody assesses the own organisation")));
    }
    if let Some(unit) = actor.unit
        && incubation::bases_of(db, actor.tenant, applicant)?.contains(&unit)
    {
        return Err(
            DUTIES_NOT_SEPARATE.because(words!("不得评审本基地孵化的组织", "a base does not assess an organisation that it incubates"))
        );
    }
    Ok(granted)
}

/// Applies for an item, with evidence from the own file.
pub fn apply(
    tx: &mut Tx<'_>,
    granted: &Authorized<OrganisationRow>,
    call: DirectoryCallId,
    new: &NewApplication,
) -> Result<ApplicationRow> {
    let own = granted.subject();
    let call = store::find_call(tx, own.tenant_id, call)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let today = tx.now().date_in_shanghai();
    if !rules::takes_applications(&call, today) {
        let (from, to) = (call.opens_on, call.closes_on);
        return Err(APPLICATIONS_CLOSED.because(words!("申请期 {from} 至 {to}", "applications are taken from {from} to {to}")));
    }
    rules::check_application(new)?;
    let item = catalogues::published_item(tx, own.tenant_id, new.item)?;
    let known = records::store::named(tx, own.tenant_id, own.id, &new.evidence)?.len() == new.evidence.len();
    let mut fields = Fields::default();
    fields.require(item.is_some(), "/catalogue_item_id", || {
        words!("现行目录中没有这一项", "the edition of the catalogue in use has no such item")
    });
    fields.require(known, "/evidence", || words!("只能引用本组织档案中的记录", "must be entries of the organisation's own file"));
    fields.finish()?;
    let item = item.ok_or_else(|| error::NOT_FOUND.error())?;
    if store::applied(tx, call.id, own.id, &item.code)? {
        return Err(ALREADY_APPLIED.because(words!("目录项 {0}", "item {0}", item.code)));
    }
    let evidence = serde_json::to_value(&new.evidence).map_err(|e| Error::internal(format!("evidence: {e}")))?;
    let row = ApplicationRow {
        id: tx.new_id(),
        tenant_id: own.tenant_id,
        call_id: call.id,
        organisation_id: own.id,
        item_code: item.code,
        item_name: item.name_zh,
        statement: new.statement.trim().to_owned(),
        evidence: Doc(evidence),
        state: ApplicationState::Applied,
        applied_by: granted.by(),
        assessed_by: None,
        assessed_at: None,
        assessment: None,
        counted_grade: None,
        removed_by: None,
        removed_at: None,
        removal_reason: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    record(tx, "directory_application.applied", &row, json!({"statement": row.statement, "evidence": row.evidence.0}))?;
    Ok(row)
}

/// Takes it back.
pub fn withdraw(tx: &mut Tx<'_>, granted: &Authorized<ApplicationFile>) -> Result<ApplicationRow> {
    let row = store::set_state(tx, granted, granted.subject().application.id, ApplicationState::Withdrawn)?;
    record(tx, "directory_application.withdrawn", &row, json!({}))?;
    Ok(row)
}

/// Accepts or rejects for a reason. Only what is verified and in force on the day counts.
pub fn assess(tx: &mut Tx<'_>, granted: &Authorized<ApplicationFile>, accepts: bool, reason: &str) -> Result<ApplicationRow> {
    let ApplicationFile { application, call } = granted.subject();
    if call.state != CallState::Called {
        let state = call.state;
        return Err(error::WRONG_STATE.because(words!("征集现状为 {state}", "the call is {state}")));
    }
    check_reason(reason)?;
    let day = tx.now().date_in_shanghai();
    let grade = records::rating_on(tx, application.tenant_id, application.organisation_id, day)?;
    if accepts {
        require_criteria(tx, granted.subject(), grade, day)?;
    }
    let state = if accepts { ApplicationState::Accepted } else { ApplicationState::Rejected };
    let row = store::assess(tx, granted, application.id, state, reason.trim(), grade)?;
    record(tx, "directory_application.assessed", &row, json!({"assessment": row.assessment, "counted_grade": row.counted_grade}))?;
    if !accepts {
        tell(tx, &row, &words!("未入选", "was not accepted"))?;
    }
    Ok(row)
}

fn require_criteria(db: &mut Db, file: &ApplicationFile, grade: Option<Grade>, day: NaiveDate) -> Result<()> {
    let ApplicationFile { application, call } = file;
    let (tenant, organisation, evidence) = (application.tenant_id, application.organisation_id, application.evidence());
    if let Supply::Stopped(note) = organisations::may_supply(db, tenant, organisation, day)? {
        return Err(CRITERIA_NOT_MET.because(note.explanation.clone()));
    }
    if !rules::meets_grade(call.min_grade, grade) {
        let asked = call.min_grade.map(|grade| grade.as_str().to_uppercase()).unwrap_or_default();
        let has = grade.map(|grade| grade.as_str().to_uppercase()).unwrap_or_else(|| "—".to_owned());
        return Err(CRITERIA_NOT_MET.because(words!("须为 {asked} 以上，现有效等级：{has}", "it asks for {asked}; in force is: {has}")));
    }
    let counted = records::counted(db, tenant, organisation, &evidence, day)?.len();
    let named = evidence.len();
    if counted < named {
        return Err(CRITERIA_NOT_MET.because(words!(
            "{named} 项证明中只有 {counted} 项已核实且在有效期内",
            "only {counted} of {named} pieces of evidence are verified and in force"
        )));
    }
    Ok(())
}

/// Puts an accepted application into the edition that is being published.
pub(super) fn list<T>(tx: &mut Tx<'_>, granted: &Authorized<T>, accepted: &ApplicationRow) -> Result<()> {
    let row = store::set_state(tx, granted, accepted.id, ApplicationState::Listed)?;
    record(tx, "directory_application.listed", &row, json!({}))?;
    tell(tx, &row, &words!("已列入目录", "is in the directory"))
}

/// Takes it out for a reason: after an objection during the publicity, or later.
pub fn remove(tx: &mut Tx<'_>, granted: &Authorized<ApplicationFile>, reason: &str) -> Result<ApplicationRow> {
    check_reason(reason)?;
    let row = store::remove(tx, granted, granted.subject().application.id, reason.trim())?;
    record(tx, "directory_application.removed", &row, json!({"reason": row.removal_reason}))?;
    tell(tx, &row, &words!("已移出目录", "was taken out of the directory"))?;
    Ok(row)
}

fn check_reason(reason: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, rules::REASON_MAX);
    fields.finish()
}

fn tell(tx: &mut Tx<'_>, row: &ApplicationRow, what: &Words) -> Result<()> {
    let organisation = organisations::find(tx, row.tenant_id, row.organisation_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let why = row.removal_reason.as_deref().or(row.assessment.as_deref()).unwrap_or_default();
    let (code, name) = (&row.item_code, &row.item_name);
    let body = format!(
        "贵组织对目录项 {code}“{name}”的申请{zh}。理由：{why}\n\nThe application for item {code} ({name}) {en}. Reason: {why}\n",
        zh = what.zh,
        en = what.en
    );
    let subject = "百益：承接能力目录 · Baiyi: directory of capable organisations".to_owned();
    outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &organisation.contact_email, subject, body })
}

fn record(tx: &mut Tx<'_>, action: &str, row: &ApplicationRow, mut content: Value) -> Result<()> {
    if let Some(object) = content.as_object_mut() {
        object.insert("call_id".to_owned(), json!(row.call_id));
        object.insert("organisation_id".to_owned(), json!(row.organisation_id));
        object.insert("item_code".to_owned(), json!(row.item_code));
        object.insert("state".to_owned(), json!(row.state));
    }
    let (tenant, resource, version) = (row.tenant_id, row.id.any(), row.version);
    journal::record(tx, &Event { tenant, action, kind: "directory_application", resource, version, case: None, content })?;
    Ok(())
}
