//! What the file shows, gathered from the slices that keep it.

use chrono::NaiveDate;
use serde::Serialize;

use crate::db::Db;
use crate::kernel::id::{AnyId, DeclarationId, DirectoryApplicationId, IncubationId, OrganisationId, StandingId, TenantId, UnitId};
use crate::kernel::{CatalogueCode, Result, Uscc, UtcInstant, Words};
use crate::market::directory::model::EntryFilter;
use crate::market::directory::{self, ApplicationState};
use crate::market::incubation::model::{IncubationState, Sight};
use crate::market::incubation::store as incubations;
use crate::parties::declarations::model::{DeclarationFilter, DeclarationKind};
use crate::parties::declarations::{rules as declaring, store as declarations};
use crate::parties::organisations::bank_accounts;
use crate::parties::organisations::records::model::RecordRow;
use crate::parties::organisations::records::{Grade, RecordState, RecordView, rules, service, store as records};
use crate::parties::organisations::standings::model::StandingKind;
use crate::parties::organisations::standings::{rules as standing_rules, store as standings};
use crate::parties::organisations::{OrganisationKind, OrganisationRow, OrganisationState};
use crate::words;

/// Most rows of each part.
const PART_MAX: i64 = 200;

/// A text in both languages.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BothLanguages {
    /// 中文.
    #[schema(example = "2025 年度未年检")]
    pub zh: String,
    /// English.
    #[schema(example = "year 2025 is not checked")]
    pub en: String,
}

impl From<Words> for BothLanguages {
    fn from(words: Words) -> Self {
        Self { zh: words.zh.into_owned(), en: words.en.into_owned() }
    }
}

/// What stands against the organisation today.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FileStanding {
    /// Id.
    pub id: StandingId,
    /// Kind.
    pub kind: StandingKind,
    /// Why.
    #[schema(example = "未按规定报送年报")]
    pub reason: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; null when open.
    pub valid_to: Option<NaiveDate>,
}

/// A declaration.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FileDeclaration {
    /// Id, which a bid names to reuse it.
    pub id: DeclarationId,
    /// Kind.
    pub kind: DeclarationKind,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; null when open.
    pub valid_to: Option<NaiveDate>,
    /// Days to the last day, negative when it is over.
    #[schema(example = 300)]
    pub days_left: Option<i64>,
    /// Whether a bid of today may reuse it.
    pub valid: bool,
}

/// An incubation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FileIncubation {
    /// Id.
    pub id: IncubationId,
    /// The base.
    pub base_unit_id: UnitId,
    /// State.
    pub state: IncubationState,
    /// When it began.
    pub started_at: Option<UtcInstant>,
    /// When it ended.
    pub ended_at: Option<UtcInstant>,
}

/// A place in the directory of capable organisations.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FileListing {
    /// The application.
    pub application_id: DirectoryApplicationId,
    /// Name of the edition.
    #[schema(example = "2026")]
    pub edition: String,
    /// Its year.
    #[schema(example = 2026)]
    pub year: i32,
    /// Code of the catalogue item.
    pub item_code: CatalogueCode,
    /// State.
    pub state: ApplicationState,
    /// Whether it is in force today.
    pub in_force: bool,
}

/// Something that is over or ends soon.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FileWarning {
    /// Id of the entry or declaration.
    pub id: AnyId,
    /// What it is.
    pub title: BothLanguages,
    /// Its last day.
    pub valid_to: Option<NaiveDate>,
    /// Days to the last day, negative when it is over.
    #[schema(example = 12)]
    pub days_left: i64,
}

/// The file of an organisation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OrganisationFile {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// 统一社会信用代码.
    pub uscc: Uscc,
    /// 中文 name.
    #[schema(example = "吴兴区邻里互助协会")]
    pub name_zh: String,
    /// Kind.
    pub kind: OrganisationKind,
    /// State.
    pub state: OrganisationState,
    /// What stands against it today.
    #[schema(max_items = 100)]
    pub standings: Vec<FileStanding>,
    /// The rating that counts today; null without one or when it has expired.
    pub rating: Option<Grade>,
    /// What stands against a new rating (R091).
    #[schema(max_items = 5)]
    pub rating_obstacles: Vec<BothLanguages>,
    /// Certificates, ratings and annual checks, newest first, without those that were replaced or refused.
    #[schema(max_items = 500)]
    pub records: Vec<RecordView>,
    /// Declarations that were not withdrawn, oldest first.
    #[schema(max_items = 200)]
    pub declarations: Vec<FileDeclaration>,
    /// Incubations, oldest first.
    #[schema(max_items = 200)]
    pub incubations: Vec<FileIncubation>,
    /// Places in the directory, oldest first.
    #[schema(max_items = 200)]
    pub listings: Vec<FileListing>,
    /// Whether a bank account is confirmed, so that it can be paid.
    pub can_be_paid: bool,
    /// What is over or ends within thirty days, the soonest first.
    #[schema(max_items = 500)]
    pub warnings: Vec<FileWarning>,
}

/// Gathers the file as it stands on a day.
pub fn of(db: &mut Db, organisation: OrganisationRow, today: NaiveDate) -> Result<OrganisationFile> {
    let (tenant, id) = (organisation.tenant_id, organisation.id);
    let rows = records::of_organisation(db, tenant, id)?;
    let declared = declared(db, &organisation, today)?;
    let warnings = warnings(&rows, &declared, today);
    let standings = standings::of_organisation(db, tenant, id)?.into_iter().filter(|row| standing_rules::in_force(row, today));
    let standings = standings.map(|row| FileStanding {
        id: row.id,
        kind: row.kind,
        reason: row.reason,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    });
    let incubated = incubations::list(db, tenant, Sight::Own(Some(id), None), None, None, PART_MAX)?.into_iter();
    let incubations = incubated.map(|row| FileIncubation {
        id: row.id,
        base_unit_id: row.base_unit_id,
        state: row.state,
        started_at: row.started_at,
        ended_at: row.ended_at,
    });
    Ok(OrganisationFile {
        organisation_id: id,
        uscc: organisation.uscc,
        name_zh: organisation.name_zh,
        kind: organisation.kind,
        state: organisation.state,
        standings: standings.collect(),
        rating: rules::rating_on(&rows, today),
        rating_obstacles: service::obstacles(db, tenant, &rows, today)?.into_iter().map(BothLanguages::from).collect(),
        incubations: incubations.collect(),
        listings: listings(db, &EntryFilter { organisation: Some(id), ..EntryFilter::default() }, tenant, today)?,
        can_be_paid: !bank_accounts::confirmed_of(db, tenant, &[id])?.is_empty(),
        declarations: declared,
        warnings,
        records: rows
            .into_iter()
            .filter(|row| !matches!(row.state, RecordState::Replaced | RecordState::Refused))
            .map(|row| RecordView::on(row, today))
            .collect(),
    })
}

fn declared(db: &mut Db, organisation: &OrganisationRow, today: NaiveDate) -> Result<Vec<FileDeclaration>> {
    let filter = DeclarationFilter { kind: None, valid_on: None, expires_by: None };
    let rows = declarations::list(db, organisation.tenant_id, organisation.id, &filter, None, PART_MAX)?;
    let kept = rows.into_iter().filter(|row| row.withdrawn_at.is_none());
    Ok(kept
        .map(|row| FileDeclaration {
            days_left: declaring::expires_in_days(&row, today),
            valid: declaring::holds_on(&row, today),
            id: row.id,
            kind: row.kind,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
        .collect())
}

fn listings(db: &mut Db, filter: &EntryFilter, tenant: TenantId, today: NaiveDate) -> Result<Vec<FileListing>> {
    let rows = directory::store::entries(db, tenant, filter, None, PART_MAX)?;
    Ok(rows
        .into_iter()
        .map(|(row, call, _)| FileListing {
            in_force: row.state == ApplicationState::Listed && directory::rules::in_force(&call, today),
            application_id: row.id,
            edition: call.edition,
            year: call.year,
            item_code: row.item_code,
            state: row.state,
        })
        .collect())
}

/// What is over or ends soon: verified entries and declarations that were not withdrawn.
fn warnings(rows: &[RecordRow], declared: &[FileDeclaration], today: NaiveDate) -> Vec<FileWarning> {
    let soon = i64::try_from(rules::WARNING_DAYS).unwrap_or(i64::MAX);
    let verified = rows.iter().filter(|row| row.state == RecordState::Verified);
    let of_records = verified.filter_map(|row| {
        let days_left = rules::days_left(row, today).filter(|left| *left <= soon)?;
        Some(FileWarning { id: row.id.any(), title: service::title(row).into(), valid_to: row.valid_to, days_left })
    });
    let of_declarations = declared.iter().filter_map(|one| {
        let days_left = one.days_left.filter(|left| *left <= soon)?;
        let kind = one.kind;
        let title = words!("声明 {kind}", "declaration {kind}");
        Some(FileWarning { id: one.id.any(), title: title.into(), valid_to: one.valid_to, days_left })
    });
    let mut found: Vec<FileWarning> = of_records.chain(of_declarations).collect();
    found.sort_by_key(|one| one.days_left);
    found
}
