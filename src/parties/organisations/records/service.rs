//! Use cases of the organisation file.

use chrono::NaiveDate;
use serde_json::json;

use super::model::{CertificateKind, CheckResult, Content, Grade, NewRecord, RecordKind, RecordRow, RecordState};
use super::rules::{self, RatingTerm};
use super::{policy, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{OrganisationId, OrganisationRecordId, TenantId};
use crate::kernel::{Error, Result, Words};
use crate::law::Rule;
use crate::notices::outbox::{self, Message};
use crate::parties::organisations::{self, OrganisationRow};
use crate::parties::regulations;
use crate::people::policy::{DUTIES_NOT_SEPARATE, authorize};
use crate::people::{Action, Actor, Authorized, Role};
use crate::trust::documents::{self, DocumentRow, Owner, StoredFile};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The same year has a verified check.
    YEAR_CHECKED = "year_checked", 409, "该年度已有年检记录", "The year has a verified check",
        "同一年度只有一条已核实的年检记录。更正请在 replaces_id 中指明原记录。",
        "A year has one verified check. To correct it, name the former entry in replaces_id.";
    /// No scan yet.
    SCAN_MISSING = "scan_missing", 409, "缺少扫描件", "The scan is missing",
        "证书和评估等级须先上传扫描件，方可核实。",
        "A certificate or rating needs its scan before it is verified.";
}

/// Kind of the owner of a scan.
pub const OWNER_KIND: &str = "organisation_record";
/// What the file is for.
pub const SCAN: &str = "scan";

/// May the actor read the file of this organisation, or enter something into it?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: OrganisationId) -> Result<Authorized<OrganisationRow>> {
    let row = organisations::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// May the actor do this to the entry? Nobody judges the file of the own organisation, and a base confirms certificates only.
pub fn may_on(db: &mut Db, actor: &Actor, action: &'static Action, id: OrganisationRecordId) -> Result<Authorized<RecordRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let granted = authorize(actor, action, row)?;
    let judges = [policy::VERIFY.name, policy::REFUSE.name, policy::REVOKE.name].contains(&action.name);
    if judges && actor.organisation == Some(granted.subject().organisation_id) {
        return Err(DUTIES_NOT_SEPARATE.because(words!("不得核实本组织的档案", "nobody judges the file of the own organisation")));
    }
    let authority = actor.has_any(&[Role::PlatformAdmin, Role::Supervisor]);
    if judges && !authority && granted.subject().kind != RecordKind::Certificate {
        return Err(error::FORBIDDEN.because(words!(
            "评估等级与年检由登记管理一方核实",
            "ratings and annual checks are verified on the side of the registration authority"
        )));
    }
    Ok(granted)
}

/// Enters something. What it replaces gives way at once when nobody had verified it, otherwise only when this entry is verified.
pub fn enter(tx: &mut Tx<'_>, granted: &Authorized<OrganisationRow>, new: &NewRecord) -> Result<RecordRow> {
    let own = granted.subject();
    let term = rating_term(tx, own.tenant_id)?;
    let valid_to = rules::check(new, term.as_ref(), tx.now().date_in_shanghai())?;
    let former = match new.replaces {
        Some(id) => Some(former(tx, own, id, new.what.kind())?),
        None => None,
    };
    if let Content::AnnualCheck(year, _) = new.what
        && let Some(taken) = store::check_of(tx, own.tenant_id, own.id, year)?
        && new.replaces != Some(taken.id)
    {
        return Err(YEAR_CHECKED.because(words!("{year} 年度", "year {year}")));
    }
    if let Some(former) = former.filter(|row| row.state == RecordState::Entered) {
        let replaced = store::replace(tx, granted, former.id)?;
        record(tx, "organisation_record.replaced", &replaced)?;
    }
    let row = RecordRow { valid_to, ..row_of(tx, granted, new) };
    store::insert(tx, granted, &row)?;
    record(tx, "organisation_record.entered", &row)?;
    Ok(row)
}

fn row_of(tx: &mut Tx<'_>, granted: &Authorized<OrganisationRow>, new: &NewRecord) -> RecordRow {
    let (certificate_kind, grade, year, result): (Option<CertificateKind>, Option<Grade>, Option<i32>, Option<CheckResult>) = match new.what
    {
        Content::Certificate(kind) => (Some(kind), None, None, None),
        Content::Rating(grade) => (None, Some(grade), None, None),
        Content::AnnualCheck(year, result) => (None, None, Some(year), Some(result)),
    };
    RecordRow {
        id: tx.new_id(),
        tenant_id: granted.subject().tenant_id,
        organisation_id: granted.subject().id,
        kind: new.what.kind(),
        certificate_kind,
        number: new.number.as_deref().map(|text| text.trim().to_owned()),
        issuer: new.issuer.trim().to_owned(),
        grade,
        year,
        result,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        replaces_id: new.replaces,
        document_id: None,
        document_sha256: None,
        state: RecordState::Entered,
        entered_by: granted.by(),
        decided_by: None,
        decided_at: None,
        decide_reason: None,
        warned_at: None,
        version: 1,
        created_at: tx.now(),
    }
}

/// The entry that gives way: of the same organisation and kind, and still entered or verified.
fn former(tx: &mut Tx<'_>, own: &OrganisationRow, id: OrganisationRecordId, kind: RecordKind) -> Result<RecordRow> {
    let found = store::find(tx, own.tenant_id, id)?.filter(|row| row.organisation_id == own.id && row.kind == kind);
    found.filter(|row| matches!(row.state, RecordState::Entered | RecordState::Verified)).ok_or_else(|| {
        Error::field("/replaces_id", words!("没有这样一条可替换的同类记录", "there is no such entry of the same kind to be replaced"))
    })
}

/// Adds the scan.
pub fn attach(tx: &mut Tx<'_>, granted: &Authorized<RecordRow>, filename: &str, file: &StoredFile) -> Result<DocumentRow> {
    let row = granted.subject();
    let owner = Owner { tenant: row.tenant_id, kind: OWNER_KIND, id: row.id.any(), case: None };
    let document = documents::attach(tx, owner, SCAN, filename, file, granted.by())?;
    let row = store::set_scan(tx, granted, &document)?;
    record(tx, "organisation_record.scanned", &row)?;
    Ok(document)
}

/// Verifies: from now on it counts, and what it replaces no longer does.
pub fn verify(tx: &mut Tx<'_>, granted: &Authorized<RecordRow>) -> Result<RecordRow> {
    let before = granted.subject();
    if rules::needs_scan(before.kind) && before.document_id.is_none() {
        return Err(SCAN_MISSING.error());
    }
    if let Some(id) = before.replaces_id
        && let Some(former) = store::find(tx, before.tenant_id, id)?.filter(|row| row.state == RecordState::Verified)
    {
        let replaced = store::replace(tx, granted, former.id)?;
        record(tx, "organisation_record.replaced", &replaced)?;
    }
    if let Some(year) = before.year
        && store::check_of(tx, before.tenant_id, before.organisation_id, year)?.is_some()
    {
        return Err(YEAR_CHECKED.because(words!("{year} 年度", "year {year}")));
    }
    decided(tx, granted, RecordState::Verified, None)
}

/// Refuses, or notes that the issuer took it away, for a reason.
pub fn reject(tx: &mut Tx<'_>, granted: &Authorized<RecordRow>, state: RecordState, reason: &str) -> Result<RecordRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, rules::REASON_MAX);
    fields.finish()?;
    decided(tx, granted, state, Some(reason.trim()))
}

fn decided(tx: &mut Tx<'_>, granted: &Authorized<RecordRow>, state: RecordState, reason: Option<&str>) -> Result<RecordRow> {
    let row = store::decide(tx, granted, state, reason)?;
    let organisation = organisations::find(tx, row.tenant_id, row.organisation_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let (zh, en, action) = match state {
        RecordState::Verified => ("已核实", "is verified", "organisation_record.verified"),
        RecordState::Revoked => ("已被撤销", "is revoked", "organisation_record.revoked"),
        _ => ("未获核实", "was not confirmed", "organisation_record.refused"),
    };
    let why = reason.map_or_else(|| words!("", ""), |reason| words!("理由：{reason}", "Reason: {reason}"));
    let name = title(&row);
    let body = format!("贵组织档案中的“{0}”{zh}。{2}\n\nThe entry “{1}” of your file {en}. {3}\n", name.zh, name.en, why.zh, why.en);
    let subject = "百益：组织档案 · Baiyi: your file".to_owned();
    outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &organisation.contact_email, subject, body })?;
    record(tx, action, &row)?;
    Ok(row)
}

/// What people call an entry.
pub fn title(row: &RecordRow) -> Words {
    match (row.kind, row.grade, row.year) {
        (RecordKind::Rating, Some(grade), _) => {
            let grade = grade.as_str().to_uppercase();
            words!("{grade} 评估等级", "rating {grade}")
        }
        (RecordKind::AnnualCheck, _, Some(year)) => words!("{year} 年度年检", "annual check of {year}"),
        _ => {
            let (kind, number) = (row.certificate_kind.map_or("certificate", CertificateKind::as_str), row.number.as_deref().unwrap_or(""));
            words!("证书 {kind} {number}", "certificate {kind} {number}")
        }
    }
}

/// The rating that an organisation has on a day.
pub fn rating_on(db: &mut Db, tenant: TenantId, organisation: OrganisationId, day: NaiveDate) -> Result<Option<Grade>> {
    Ok(rules::rating_on(&store::of_organisation(db, tenant, organisation)?, day))
}

/// Those of the named entries of an organisation that count on a day: what others take as evidence.
pub fn counted(
    db: &mut Db,
    tenant: TenantId,
    organisation: OrganisationId,
    ids: &[OrganisationRecordId],
    day: NaiveDate,
) -> Result<Vec<RecordRow>> {
    Ok(store::named(db, tenant, organisation, ids)?.into_iter().filter(|row| rules::counts_on(row, day)).collect())
}

/// How long a rating lasts by the rule set in use; `None` when none is loaded or it does not say.
pub fn rating_term(db: &mut Db, tenant: TenantId) -> Result<Option<RatingTerm>> {
    Ok(rule(db, tenant, rules::RATING_RULE)?.as_ref().and_then(RatingTerm::of))
}

/// What stands against a rating on a day (R091); empty when the rule set does not say.
pub fn obstacles(db: &mut Db, tenant: TenantId, rows: &[RecordRow], day: NaiveDate) -> Result<Vec<Words>> {
    let limit = rule(db, tenant, rules::RATED_RULE)?.as_ref().and_then(rules::basic_years);
    Ok(limit.map(|limit| rules::obstacles(rows, day, limit)).unwrap_or_default())
}

fn rule(db: &mut Db, tenant: TenantId, id: &str) -> Result<Option<Rule>> {
    let Some(set) = regulations::current_rule_set(db, tenant)? else { return Ok(None) };
    Ok(regulations::rules_of(db, set)?.into_iter().find(|rule| rule.id == id))
}

/// Writes a mail for each verified entry that expires within [`rules::WARNING_DAYS`] days, once each. Returns how many.
pub fn warn_expiring(tx: &mut Tx<'_>, rows: i64) -> Result<usize> {
    let today = tx.now().date_in_shanghai();
    let mut warned = 0_usize;
    for row in store::to_be_warned(tx, today, rules::warn_up_to(today), rows)? {
        store::mark_warned(tx, row.id)?;
        let Some(organisation) = organisations::find(tx, row.tenant_id, row.organisation_id)? else { continue };
        let (title, name) = (title(&row), &organisation.name_zh);
        let last = row.valid_to.map(|day| day.to_string()).unwrap_or_default();
        let body = format!(
            "{name}：\n\n贵组织档案中的“{0}”将于 {last} 到期，过期后不再计入。请及时录入新的一份。\n\n\
             {name}: “{1}” of your file expires on {last} and counts no longer after that day. Enter the next one in time.\n",
            title.zh, title.en
        );
        let subject = "百益：档案即将到期 · Baiyi: an entry of your file expires".to_owned();
        outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &organisation.contact_email, subject, body })?;
        warned = warned.saturating_add(1);
    }
    Ok(warned)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &RecordRow) -> Result<()> {
    let content = json!({
        "organisation_id": row.organisation_id, "kind": row.kind, "certificate_kind": row.certificate_kind, "number": row.number,
        "issuer": row.issuer, "grade": row.grade, "year": row.year, "result": row.result, "valid_from": row.valid_from, "valid_to": row.valid_to,
        "replaces_id": row.replaces_id, "document_sha256": row.document_sha256, "state": row.state, "decide_reason": row.decide_reason,
    });
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: OWNER_KIND, resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
