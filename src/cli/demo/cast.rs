//! Who lives in the district: twelve subdistricts with their people, forty organisations, and how each stands.

use chrono::NaiveDate;

use super::plan::{CLEAR, ORGANISATIONS, SUBDISTRICTS};
use super::stage::Stage;
use crate::cli::district::{self, Founded};
use crate::kernel::id::{AccountId, CatalogueItemId, OrganisationId, UnitId};
use crate::kernel::{CatalogueCode, Error, Result, Uscc};
use crate::market::catalogues;
use crate::market::catalogues::model::ItemFilter;
use crate::market::incubation;
use crate::market::incubation::assessments::NewAssessment;
use crate::market::incubation::model::IncubationState;
use crate::market::incubation::rules::{Dimension, DimensionScore};
use crate::parties::organisations::model::Registration;
use crate::parties::organisations::standings::model::{NewStanding, StandingKind};
use crate::parties::organisations::{self, OrganisationKind, bank_accounts, standings};
use crate::parties::units::model::NewUnit;
use crate::parties::units::{self, UnitKind};
use crate::people::Role;
use crate::people::accounts::{self, NewAccount};
use crate::people::policy::{District, authorize_operator};
use crate::procurement::experts;
use crate::procurement::experts::model::NewExpert;

/// Subdistricts after the first, which the small district has.
const OTHERS: [&str; SUBDISTRICTS - 1] = ["朝阳", "爱山", "飞英", "龙泉", "凤凰", "康山", "仁皇山", "滨湖", "龙溪", "杨家埠", "环渚"];
const NAMES: [&str; 10] = ["春晖", "同心", "银龄", "晨曦", "益家", "阳光", "和美", "暖阳", "青禾", "守望"];
const FIELDS: [&str; 4] = ["社会工作服务中心", "公益发展促进会", "社区服务中心", "志愿者协会"];

/// What the experts of the pool know, and the cases buy.
pub const FIELD: &str = "A04";
/// Experts of the pool.
const EXPERTS: usize = 7;
/// The last organisation.
const LAST: usize = ORGANISATIONS - 1;

/// A buying unit.
#[derive(Debug, Clone, Copy)]
pub struct Buyer {
    pub unit: UnitId,
    pub purchaser: AccountId,
    pub lead: AccountId,
}

/// A supplier.
#[derive(Debug, Clone, Copy)]
pub struct Supplier {
    pub id: OrganisationId,
    pub account: AccountId,
}

/// Everybody who takes part.
pub struct Cast {
    pub buyers: Vec<Buyer>,
    pub suppliers: Vec<Supplier>,
    pub items: Vec<CatalogueItemId>,
    pub finance: AccountId,
    pub second_finance: AccountId,
    pub opener: AccountId,
    pub evaluators: [AccountId; 2],
    /// The finance bureau.
    pub bureau: UnitId,
    pub third_party: AccountId,
    pub supervisor: AccountId,
    pub admin: AccountId,
}

/// Makes what the small district does not have.
pub async fn assemble(stage: &Stage, founded: &Founded, hash: &str) -> Result<Cast> {
    let account = async |login: &str| district::account(stage, stage.tenant, format!("{login}@demo.example")).await;
    let unit = district::unit_of(&founded.units, district::SUBDISTRICT)?;
    let mut buyers = vec![Buyer { unit, purchaser: account("purchaser").await?, lead: account("lead").await? }];
    for (number, name) in (2_usize..).zip(OTHERS) {
        buyers.push(buyer(stage, number, name, hash).await?);
    }
    let mut suppliers = Vec::new();
    for known in district::ORGANISATIONS {
        let account = district::account(stage, stage.tenant, known.email()).await?;
        let (tenant, uscc) = (stage.tenant, Uscc::parse(known.uscc).map_err(|e| Error::internal(e.to_string()))?);
        let found = stage.db.read(move |snapshot| organisations::store::by_uscc(snapshot, tenant, &uscc)).await?;
        let id = found.ok_or_else(|| Error::internal("a founder is missing"))?.id;
        suppliers.push(Supplier { id, account });
    }
    let base = district::unit_of(&founded.units, district::BASE)?;
    let incubator = account("incubator").await?;
    for number in suppliers.len()..ORGANISATIONS {
        let supplier = supplier(stage, number, hash).await?;
        // The last one has only just registered.
        if number < LAST {
            verify(stage, supplier, founded.admin).await?;
        }
        match number {
            ..CLEAR => incubate(stage, number, supplier, base, incubator).await?,
            CLEAR..LAST => mark(stage, number, supplier, founded.admin).await?,
            _ => {}
        }
        suppliers.push(supplier);
    }
    for number in 1..=EXPERTS {
        expert(stage, number, founded.admin, hash).await?;
    }
    let finance = account("finance").await?;
    for (number, supplier) in suppliers.iter().enumerate().take(LAST) {
        bank_account(stage, number, supplier, finance).await?;
    }
    Ok(Cast {
        buyers,
        suppliers,
        items: items(stage).await?,
        finance,
        second_finance: account("finance2").await?,
        opener: account("opener").await?,
        evaluators: [account("evaluator").await?, account("evaluator2").await?],
        bureau: district::unit_of(&founded.units, district::BUREAU)?,
        third_party: account("third-party").await?,
        supervisor: account("supervisor").await?,
        admin: founded.admin,
    })
}

/// An expert of the pool, who can sign in.
async fn expert(stage: &Stage, number: usize, admin: AccountId, hash: &str) -> Result<()> {
    let (tenant, hash) = (stage.tenant, hash.to_owned());
    let name = format!("专家{number}");
    let known = name.clone();
    let account = stage
        .step(None, move |tx, _| {
            let new = NewAccount {
                email: format!("expert-{number}@demo.example"),
                name: known.clone(),
                password_hash: hash.clone(),
                roles: vec![Role::Evaluator],
                unit_id: None,
                organisation_id: None,
            };
            accounts::service::create(tx, tenant, &new).map(|row| row.id)
        })
        .await?;
    let fields = vec![CatalogueCode::parse(FIELD).map_err(Error::internal)?];
    stage
        .act(admin, move |tx, actor| {
            let granted = experts::service::may_create(actor)?;
            let new = NewExpert { name: name.clone(), account: Some(account), fields: fields.clone(), ties: Vec::new() };
            experts::service::create(tx, &granted, &new).map(drop)
        })
        .await
}

/// Each organisation names the account that it is paid into, and finance confirms it.
async fn bank_account(stage: &Stage, number: usize, supplier: &Supplier, finance: AccountId) -> Result<()> {
    const BANKS: [&str; 3] = ["湖州银行吴兴支行", "中国农业银行湖州吴兴支行", "浙江农信湖州吴兴农商银行"];
    let (of, bank) = (supplier.id, BANKS.iter().cycle().nth(number).copied().unwrap_or(""));
    let digits = format!("33050200{:08}", number.saturating_mul(7919).saturating_add(1_204));
    let id = stage
        .act(supplier.account, move |tx, actor| {
            let granted = bank_accounts::service::may(tx, actor, of, &bank_accounts::policy::PROPOSE)?;
            let holder = granted.subject().name_zh.clone();
            bank_accounts::service::propose(tx, &granted, &holder, bank, &digits).map(|row| row.id)
        })
        .await?;
    stage
        .act(finance, move |tx, actor| {
            let granted = bank_accounts::service::may_decide(tx, actor, id, &bank_accounts::policy::CONFIRM)?;
            bank_accounts::service::confirm(tx, &granted).map(drop)
        })
        .await
}

async fn buyer(stage: &Stage, number: usize, name: &str, hash: &str) -> Result<Buyer> {
    let (tenant, hash, name) = (stage.tenant, hash.to_owned(), format!("{name}街道办事处"));
    stage
        .step(None, move |tx, _| {
            let granted = authorize_operator(&units::policy::CREATE, District(tenant));
            let new = NewUnit { name_zh: name.clone(), kind: UnitKind::Subdistrict, area_id: None };
            let unit = units::service::create(tx, &granted, &new)?.id;
            let mut person = |login: &str, title: &str, role| {
                let new = NewAccount {
                    email: format!("{login}-{number}@demo.example"),
                    name: format!("{name}{title}"),
                    password_hash: hash.clone(),
                    roles: vec![role],
                    unit_id: Some(unit),
                    organisation_id: None,
                };
                accounts::service::create(tx, tenant, &new).map(|row| row.id)
            };
            let purchaser = person("purchaser", "经办", Role::Purchaser)?;
            Ok(Buyer { unit, purchaser, lead: person("lead", "主任", Role::PurchaserLead)? })
        })
        .await
}

/// A code of this number whose check characters are right.
fn code(number: usize) -> Result<Uscc> {
    let characters = || ('0'..='9').chain('A'..='Z');
    let body = number.saturating_add(9_100);
    let found = characters()
        .flat_map(|inner| characters().map(move |outer| format!("52330502MJ9{body:05}{inner}{outer}")))
        .find_map(|text| Uscc::parse(&text).ok());
    found.ok_or_else(|| Error::internal(format!("no credit code for {number}")))
}

async fn supplier(stage: &Stage, number: usize, hash: &str) -> Result<Supplier> {
    let tenant = stage.tenant;
    let name = NAMES.iter().cycle().nth(number).unwrap_or(&"");
    let field = FIELDS.iter().cycle().nth(number.checked_div(NAMES.len()).unwrap_or(0)).unwrap_or(&"");
    let email = format!("org-{number}@demo.example");
    let kinds = [OrganisationKind::SocialServiceInstitution, OrganisationKind::SocialWorkInstitution, OrganisationKind::SocialOrganisation];
    let new = Registration {
        uscc: code(number)?,
        name_zh: format!("吴兴区{name}{field}"),
        kind: kinds.iter().cycle().nth(number).copied().unwrap_or(OrganisationKind::SocialServiceInstitution),
        legal_representative: format!("沈{name}"),
        contact_email: email.clone(),
        account_email: email.clone(),
        account_name: format!("{name}管理员"),
        password_hash: hash.to_owned(),
    };
    let id = stage.step(None, move |tx, _| organisations::service::register(tx, tenant, &new).map(|row| row.id)).await?;
    Ok(Supplier { id, account: district::account(stage, tenant, email).await? })
}

async fn verify(stage: &Stage, supplier: Supplier, admin: AccountId) -> Result<()> {
    stage
        .act(admin, move |tx, actor| {
            let granted = organisations::service::may_verify(tx, actor, supplier.id)?;
            organisations::service::verify(tx, &granted).map(drop)
        })
        .await
}

/// Two of three organisations come to the base: some only just, some left, and every second of the others has graduated.
async fn incubate(stage: &Stage, number: usize, supplier: Supplier, base: UnitId, incubator: AccountId) -> Result<()> {
    if number.checked_rem(3) == Some(0) {
        return Ok(());
    }
    let id = stage
        .act(supplier.account, move |tx, actor| {
            let granted = incubation::service::may_apply(tx, actor)?;
            incubation::service::apply(tx, &granted, supplier.id, base).map(|row| row.id)
        })
        .await?;
    let reached = match (number.checked_rem(13), number.checked_rem(2)) {
        (Some(0), _) => return Ok(()),
        (Some(1), _) => IncubationState::Admitted,
        (Some(2), _) => IncubationState::Exited,
        (_, Some(0)) => IncubationState::Graduated,
        _ => IncubationState::Incubating,
    };
    stage
        .act(incubator, move |tx, actor| {
            let granted = incubation::service::may(tx, actor, &incubation::policy::ADMIT, id)?;
            incubation::service::admit(tx, &granted, "场地与导师与其服务方向相符")?;
            if reached == IncubationState::Admitted {
                return Ok(());
            }
            let granted = incubation::service::may(tx, actor, &incubation::policy::START, id)?;
            incubation::service::start(tx, &granted)?;
            if reached == IncubationState::Exited {
                let granted = incubation::service::may(tx, actor, &incubation::policy::EXIT, id)?;
                incubation::service::exit(tx, &granted, "连续三个月未参加辅导")?;
            }
            if reached == IncubationState::Graduated {
                let granted = incubation::service::may(tx, actor, &incubation::policy::ASSESS, id)?;
                incubation::assessments::assess(tx, &granted, &assessment(tx.now().date_in_shanghai(), number))?;
                let granted = incubation::service::may(tx, actor, &incubation::policy::GRADUATE, id)?;
                incubation::service::graduate(tx, &granted)?;
            }
            Ok(())
        })
        .await
}

/// What a base found before it let an organisation go.
fn assessment(on: NaiveDate, number: usize) -> NewAssessment {
    let base = i32::try_from(number.checked_rem(20).unwrap_or(0)).unwrap_or(0);
    let scores = Dimension::ALL.iter().zip(0_i32..).map(|(dimension, place)| DimensionScore {
        dimension: *dimension,
        score: base.saturating_add(place.saturating_mul(3)).saturating_add(65),
    });
    NewAssessment { assessed_on: on, scores: scores.collect(), remark: None }
}

/// The last organisations are suspended, abnormal or blacklisted.
async fn mark(stage: &Stage, number: usize, supplier: Supplier, admin: AccountId) -> Result<()> {
    let (kind, reason) = match number.checked_rem(3) {
        Some(0) => (StandingKind::Suspended, "合同款项去向正在核查"),
        Some(1) => (StandingKind::Abnormal, "连续两年未报送年度工作报告"),
        _ => (StandingKind::Blacklisted, "被列入严重违法失信名单"),
    };
    stage
        .act(admin, move |tx, actor| {
            let granted = standings::service::may_impose(tx, actor, supplier.id)?;
            let source = format!("示例公告第{number}号");
            let new = NewStanding { kind, reason: reason.to_owned(), source, valid_from: None, valid_to: None, known_on: None };
            standings::service::impose(tx, &granted, &new).map(drop)
        })
        .await
}

/// Items of social security, which every stream may pay for.
async fn items(stage: &Stage) -> Result<Vec<CatalogueItemId>> {
    let tenant = stage.tenant;
    stage
        .db
        .read(move |snapshot| {
            let edition = catalogues::store::published(snapshot, tenant)?.ok_or_else(|| Error::internal("no catalogue is published"))?;
            let filter = ItemFilter { edition: edition.id, parent: None, level: Some(3), text: Some(FIELD.to_owned()) };
            Ok(catalogues::store::list_items(snapshot, tenant, &filter, None, 50)?.into_iter().map(|item| item.id).collect())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_organisation_has_a_credit_code_of_its_own() {
        let codes: std::collections::BTreeSet<String> = (0..ORGANISATIONS).map(|n| code(n).unwrap().as_str().to_owned()).collect();
        assert_eq!(codes.len(), ORGANISATIONS);
    }
}
