//! The example district of the demo, made by the same services as users drive.

use chrono::{Datelike as _, Months};

use super::demo::stage::Stage;
use crate::app::reference;
use crate::kernel::id::{AccountId, OrganisationId, TenantId, UnitId};
use crate::kernel::{Error, Fen, Result, Uscc};
use crate::market::incubation;
use crate::money::funds::model::{AppropriationKind, NewAppropriation, NewFund};
use crate::money::funds::{self, Custodian, Stream};
use crate::parties::organisations::model::Registration;
use crate::parties::organisations::{self, OrganisationKind};
use crate::parties::units::model::NewUnit;
use crate::parties::units::{self, UnitKind};
use crate::people::accounts::{self, NewAccount};
use crate::people::audit_notices::model::NewAuditNotice;
use crate::people::audit_notices::{self, rules};
use crate::people::policy::{District, authorize_operator};
use crate::people::scope::YEARS;
use crate::people::{Actor, Role, password};

/// The one password of the demo's accounts. It is made nowhere else.
pub const PASSWORD: &str = "demo-only-wuxing-2026";
/// The subdistrict that buys.
pub const SUBDISTRICT: &str = "月河街道办事处";
pub const BUREAU: &str = "吴兴区财政局";
pub const BASE: &str = "吴兴区社会组织孵化基地";
const AUDIT: &str = "吴兴区审计局";
const COMMISSION: &str = "吴兴区委社会工作部";

const UNITS: &[(&str, UnitKind)] = &[
    (SUBDISTRICT, UnitKind::Subdistrict),
    (BUREAU, UnitKind::FinanceBureau),
    (BASE, UnitKind::IncubationBase),
    (AUDIT, UnitKind::AuditOffice),
    (COMMISSION, UnitKind::SocialWorkCommission),
];

/// A person of the demo.
pub struct Person {
    login: &'static str,
    name: &'static str,
    /// What the person does.
    pub role: Role,
    unit: Option<&'static str>,
    of_first_organisation: bool,
}

impl Person {
    /// Login name.
    pub fn email(&self) -> String {
        format!("{}@demo.example", self.login)
    }
}

const fn person(login: &'static str, name: &'static str, role: Role, unit: Option<&'static str>) -> Person {
    Person { login, name, role, unit, of_first_organisation: false }
}

const fn colleague(login: &'static str, name: &'static str, role: Role) -> Person {
    Person { login, name, role, unit: None, of_first_organisation: true }
}

/// One person of every role, and a second where duties must be separate.
pub static PEOPLE: &[Person] = &[
    person("admin", "管立", Role::PlatformAdmin, None),
    person("catalogue", "穆录", Role::CatalogueEditor, None),
    person("purchaser", "林经办", Role::Purchaser, Some(SUBDISTRICT)),
    person("lead", "沈主任", Role::PurchaserLead, Some(SUBDISTRICT)),
    person("agent", "戴理", Role::Agent, Some(SUBDISTRICT)),
    person("finance", "钱财政", Role::FinanceOfficer, Some(BUREAU)),
    person("finance2", "周复核", Role::FinanceOfficer, Some(BUREAU)),
    person("supervisor", "简督", Role::Supervisor, Some(BUREAU)),
    person("evaluator", "平一", Role::Evaluator, None),
    person("evaluator2", "平二", Role::Evaluator, None),
    person("opener", "凯标", Role::Opener, None),
    person("incubator", "傅孵", Role::Incubator, Some(BASE)),
    person("third-party", "狄三方", Role::ThirdPartyEvaluator, None),
    person("auditor", "沈纪", Role::Auditor, Some(AUDIT)),
    colleague("member", "夏员", Role::OrgMember),
    colleague("social-worker", "佘工", Role::SocialWorker),
];

/// An organisation of the demo. The codes are made up; their check characters are right.
pub struct Organisation {
    /// Social credit code.
    pub uscc: &'static str,
    login: &'static str,
    /// 中文 name.
    pub name_zh: &'static str,
    kind: OrganisationKind,
}

impl Organisation {
    /// Login name of its administrator.
    pub fn email(&self) -> String {
        format!("{}@demo.example", self.login)
    }
}

/// Three organisations, so that a consultation has its bidders.
pub static ORGANISATIONS: &[Organisation] = &[
    Organisation {
        uscc: "52330502MJ9000022F",
        login: "sunset",
        name_zh: "吴兴区夕阳红社会工作服务中心",
        kind: OrganisationKind::SocialServiceInstitution,
    },
    Organisation {
        uscc: "51330502MJ9000014P",
        login: "neighbours",
        name_zh: "吴兴区邻里互助协会",
        kind: OrganisationKind::SocialOrganisation,
    },
    Organisation {
        uscc: "53330500MJ9000030A", login: "foundation", name_zh: "湖州市示例公益基金会", kind: OrganisationKind::Foundation
    },
];

/// What the first district is made of.
pub struct Founded {
    /// Units by name.
    pub units: Vec<(&'static str, UnitId)>,
    /// The administrator.
    pub admin: AccountId,
}

/// Makes reference data, units, people and organisations.
pub async fn found(stage: &Stage, hash: &str) -> Result<Founded> {
    let tenant = stage.tenant;
    for (table, rows) in stage.step(None, move |tx, _| reference::import_reference_data(tx, tenant)).await? {
        println!("  {rows:>4} rows of {table}");
    }
    let units = make_units(stage, tenant).await?;
    let admin = make_people(stage, tenant, &units, hash, None).await?;
    let first = make_organisations(stage, tenant, hash, admin).await?;
    make_people(stage, tenant, &units, hash, Some(first)).await?;
    incubate(stage, tenant, &units).await?;
    open_to_auditors(stage, tenant).await?;
    Ok(Founded { units, admin })
}

/// The small district: one buying unit, three organisations and a fund.
pub async fn build(stage: &Stage) -> Result<()> {
    let hash = password::hash(PASSWORD.to_owned()).await?;
    let founded = found(stage, &hash).await?;
    println!("  {:>4} units", founded.units.len());
    println!("  {:>4} people, {} organisations", PEOPLE.len(), ORGANISATIONS.len());
    endow(stage, stage.tenant, &founded.units).await?;
    println!("     1 fund with 500 000 yuan");
    Ok(())
}

async fn make_units(stage: &Stage, tenant: TenantId) -> Result<Vec<(&'static str, UnitId)>> {
    stage
        .step(None, move |tx, _| {
            UNITS
                .iter()
                .map(|(name, kind)| {
                    let granted = authorize_operator(&units::policy::CREATE, District(tenant));
                    let row = units::service::create(tx, &granted, &NewUnit { name_zh: (*name).to_owned(), kind: *kind, area_id: None })?;
                    Ok((*name, row.id))
                })
                .collect()
        })
        .await
}

/// Makes the people of public bodies, or, given an organisation, its colleagues; returns the first account made.
async fn make_people(
    stage: &Stage,
    tenant: TenantId,
    units: &[(&'static str, UnitId)],
    hash: &str,
    organisation: Option<OrganisationId>,
) -> Result<AccountId> {
    let (units, hash) = (units.to_vec(), hash.to_owned());
    stage
        .step(None, move |tx, _| {
            let mut first = None;
            for person in PEOPLE.iter().filter(|person| person.of_first_organisation == organisation.is_some()) {
                let new = NewAccount {
                    email: person.email(),
                    name: person.name.to_owned(),
                    password_hash: hash.clone(),
                    roles: vec![person.role],
                    unit_id: person.unit.and_then(|name| units.iter().find(|(known, _)| *known == name)).map(|(_, id)| *id),
                    organisation_id: organisation,
                };
                let row = accounts::service::create(tx, tenant, &new)?;
                first.get_or_insert(row.id);
            }
            first.ok_or_else(|| Error::internal("the demo has no people"))
        })
        .await
}

/// The audit office's notice: every unit and year, for three years from the day.
async fn open_to_auditors(stage: &Stage, tenant: TenantId) -> Result<()> {
    stage
        .step(None, move |tx, _| {
            let today = tx.now().date_in_shanghai();
            for person in PEOPLE.iter().filter(|person| person.role == Role::Auditor) {
                let auditor =
                    accounts::by_email(tx, tenant, &person.email())?.ok_or_else(|| Error::internal("the demo has no auditor"))?.id;
                let granted = authorize_operator(&audit_notices::policy::ISSUE, District(tenant));
                let new = NewAuditNotice {
                    number: format!("吴审通〔{}〕1号", today.year()),
                    subject: "政府购买服务专项审计".to_owned(),
                    auditor,
                    units: Vec::new(),
                    from_year: *YEARS.start(),
                    to_year: *YEARS.end(),
                    valid_from: today,
                    valid_until: today.checked_add_months(Months::new(rules::VALID_MONTHS)).unwrap_or(today),
                };
                audit_notices::service::issue(tx, &granted, &new)?;
            }
            Ok(())
        })
        .await
}

async fn make_organisations(stage: &Stage, tenant: TenantId, hash: &str, admin: AccountId) -> Result<OrganisationId> {
    let mut first = None;
    for organisation in ORGANISATIONS {
        let uscc = Uscc::parse(organisation.uscc).map_err(|e| Error::internal(e.to_string()))?;
        let new = Registration {
            uscc,
            name_zh: organisation.name_zh.to_owned(),
            kind: organisation.kind,
            legal_representative: "沈示例".to_owned(),
            contact_email: organisation.email(),
            account_email: organisation.email(),
            account_name: "组织管理员".to_owned(),
            password_hash: hash.to_owned(),
        };
        let id = stage.step(None, move |tx, _| organisations::service::register(tx, tenant, &new).map(|row| row.id)).await?;
        stage
            .step(Some(admin), move |tx, acting| {
                let granted = organisations::service::may_verify(tx, present(acting)?, id)?;
                organisations::service::verify(tx, &granted).map(drop)
            })
            .await?;
        first.get_or_insert(id);
    }
    first.ok_or_else(|| Error::internal("the demo has no organisations"))
}

fn present(acting: Option<&Actor>) -> Result<&Actor> {
    acting.ok_or_else(|| Error::internal("this step needs a person"))
}

pub async fn account(stage: &Stage, tenant: TenantId, email: String) -> Result<AccountId> {
    stage
        .db
        .read(move |snapshot| {
            accounts::service::by_email(snapshot, tenant, &email)?
                .map(|row| row.id)
                .ok_or_else(|| Error::internal(format!("{email} is missing")))
        })
        .await
}

pub fn unit_of(units: &[(&'static str, UnitId)], name: &str) -> Result<UnitId> {
    units.iter().find(|(known, _)| *known == name).map(|(_, id)| *id).ok_or_else(|| Error::internal(format!("{name} is missing")))
}

/// The first organisation applies, is admitted and incubating.
async fn incubate(stage: &Stage, tenant: TenantId, units: &[(&'static str, UnitId)]) -> Result<()> {
    let Some(first) = ORGANISATIONS.first() else { return Ok(()) };
    let applicant = account(stage, tenant, first.email()).await?;
    let incubator = account(stage, tenant, "incubator@demo.example".to_owned()).await?;
    let base = unit_of(units, BASE)?;
    let id = stage
        .step(Some(applicant), move |tx, acting| {
            let granted = incubation::service::may_apply(tx, present(acting)?)?;
            let own = granted.subject().id;
            incubation::service::apply(tx, &granted, own, base).map(|row| row.id)
        })
        .await?;
    stage
        .step(Some(incubator), move |tx, acting| {
            let granted = incubation::service::may(tx, present(acting)?, &incubation::policy::ADMIT, id)?;
            incubation::service::admit(tx, &granted, "场地与导师与其服务方向相符").map(drop)
        })
        .await?;
    stage
        .step(Some(incubator), move |tx, acting| {
            let granted = incubation::service::may(tx, present(acting)?, &incubation::policy::START, id)?;
            incubation::service::start(tx, &granted).map(drop)
        })
        .await
}

/// The subdistrict's fiscal fund of 2026 gets its first appropriation.
async fn endow(stage: &Stage, tenant: TenantId, units: &[(&'static str, UnitId)]) -> Result<()> {
    let finance = account(stage, tenant, "finance@demo.example".to_owned()).await?;
    let unit = unit_of(units, SUBDISTRICT)?;
    let fund = stage
        .step(Some(finance), move |tx, acting| {
            let granted = funds::service::may_create(tx, present(acting)?, Some(unit))?;
            let new =
                NewFund { stream: Stream::Fiscal, year: 2026, name_zh: "购买服务专项".to_owned(), custodian: Custodian::Treasury };
            funds::service::create(tx, &granted, &new).map(|row| row.id)
        })
        .await?;
    stage
        .step(Some(finance), move |tx, acting| {
            let granted = funds::service::may(tx, present(acting)?, &funds::policy::APPROPRIATE, fund)?;
            let new = NewAppropriation {
                kind: AppropriationKind::Initial,
                document_number: "吴财预〔2026〕1号".to_owned(),
                amount: Fen::new(50_000_000),
                functional_class: "2081006".to_owned(),
                economic_class: "30227".to_owned(),
                project_code: None,
                nature: None,
                to: None,
            };
            funds::service::appropriate(tx, &granted, &new).map(drop)
        })
        .await
}
