//! An awarded case, made with raw rows: a unit and an organisation with their people, a filled fund, a reservation and an award.

use baiyi::db::Facts;
use baiyi::delivery::agreements::{self, NewContract, NewMilestone, Source};
use baiyi::kernel::Fen;
use baiyi::kernel::id::{AccountId, AnyId, AwardId, CaseId, FundId, HoldId, OrganisationId, TenantId, UnitId};
use baiyi::money::funding::{self, NewLine, Owner};
use baiyi::money::funds::Purpose;
use baiyi::money::ledger::{self, Cause};
use baiyi::people::Role;
use baiyi::trust::journal::{self, Event};
use diesel::prelude::*;
use uuid::Uuid;

use super::{Person, TestApp};
use crate::money::{filled_fund, unit};

/// What the district appropriates, what the tender reserves, what the award costs, in fen.
pub const APPROPRIATED: i64 = 2_000_000;
pub const RESERVED: i64 = 1_000_000;
pub const PRICE: i64 = 900_000;
/// The two milestones that add up to the price.
pub const PARTS: [i64; 2] = [400_000, 500_000];

/// The purchasing unit with its people.
pub struct Purchasing {
    pub unit: UnitId,
    pub purchaser: Person,
    pub lead: Person,
    pub finance: Person,
    pub second_finance: Person,
}

/// A supplier with its people.
pub struct Supplier {
    pub organisation: OrganisationId,
    pub admin: Person,
    pub member: Person,
}

/// An awarded case.
pub struct Awarded {
    pub buyer: Purchasing,
    pub supplier: Supplier,
    pub auditor: Person,
    pub case: CaseId,
    pub fund: FundId,
    pub reservation: HoldId,
    pub source: Source,
    pub award: AwardId,
}

/// Runs statements that mean the same on both databases.
pub async fn run_sql(app: &TestApp, statements: Vec<String>) {
    app.db
        .write(Facts::internal(app.clock.now()).unwrap(), move |tx| {
            for statement in &statements {
                diesel::sql_query(statement.as_str()).execute(&mut **tx)?;
            }
            Ok(())
        })
        .await
        .unwrap();
}

/// The same for a change of one resource, which the journal is told of as of any other.
pub async fn run_sql_noted(app: &TestApp, statement: String, kind: &'static str, resource: uuid::Uuid) {
    run_sql_noted_at(app, statement, kind, resource, 1).await;
}

/// The same of a resource that stands at this version.
pub async fn run_sql_noted_at(app: &TestApp, statement: String, kind: &'static str, resource: uuid::Uuid, version: i64) {
    let tenant = app.tenant;
    app.db
        .write(Facts::internal(app.clock.now()).unwrap(), move |tx| {
            diesel::sql_query(statement.as_str()).execute(&mut **tx)?;
            let (action, resource, content) = ("test.changed", resource.into(), serde_json::json!({}));
            journal::record(tx, &Event { tenant, action, kind, resource, version, case: None, content }).map(drop)
        })
        .await
        .unwrap();
}

/// Gives an account one more role, whether it fits the others or not.
pub async fn give_role(app: &TestApp, account: AccountId, role: &str) {
    let statement = format!("INSERT INTO account_roles (account_id, role) VALUES ('{account}', '{role}')");
    run_sql_noted(app, statement, "account", account.uuid()).await;
}

/// A unit with a purchaser, a lead and two finance officers; `tag` keeps the names apart.
pub async fn purchasing(app: &TestApp, tag: &str) -> Purchasing {
    let unit = unit(app, app.tenant, &format!("{tag}街道办事处")).await;
    let person = async |name: &str, role| app.person_of(app.tenant, &format!("{name} {tag}"), &[role], Some(unit), None).await;
    Purchasing {
        unit,
        purchaser: person("Lin Jingban", Role::Purchaser).await,
        lead: person("Zhou Zhuren", Role::PurchaserLead).await,
        finance: person("Cai Wu", Role::FinanceOfficer).await,
        second_finance: person("Qian Kuaiji", Role::FinanceOfficer).await,
    }
}

/// A credit code of its own for a tag, with the check characters that make it one.
fn code_of(tag: &str) -> String {
    let number = tag.bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 100_000_000);
    let signs = || "0123456789ABCDEFGHJKLMNPQRTUWXY".chars();
    let codes = signs().flat_map(|first| signs().map(move |second| format!("52330502{number:08}{first}{second}")));
    codes.into_iter().find(|code| baiyi::kernel::Uscc::parse(code).is_ok()).unwrap()
}

/// A verified organisation with an administrator and a member.
pub async fn supplier(app: &TestApp, tag: &str) -> Supplier {
    let (id, code) = (Uuid::now_v7(), code_of(tag));
    let (tenant, name, mail) = (app.tenant, format!("{tag}社会工作服务中心"), format!("{}@orgs.example", tag.to_lowercase()));
    run_sql(
        app,
        vec![format!(
            "INSERT INTO organisations (id, tenant_id, uscc, name_zh, kind, legal_representative, contact_email, state, version, created_at) \
             VALUES ('{id}', '{tenant}', '{code}', '{name}', 'social_service_institution', '沈理事', '{mail}', 'verified', 1, '2026-01-05 00:00:00')"
        )],
    )
    .await;
    let organisation = OrganisationId::new(id);
    let person = async |name: &str, role| app.person_of(tenant, &format!("{name} {tag}"), &[role], None, Some(organisation)).await;
    Supplier { organisation, admin: person("Shen Lishi", Role::OrgAdmin).await, member: person("Ma Shegong", Role::OrgMember).await }
}

/// The whole chain up to the award.
pub async fn awarded(app: &TestApp) -> Awarded {
    let (buyer, supplier) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await);
    let auditor = app.person("Shen Ji", &[Role::Auditor]).await;
    let fund = filled_fund(&buyer.finance.client, buyer.unit, APPROPRIATED).await;
    let case = CaseId::new(Uuid::now_v7());
    let (reservation, award) = award(app, &buyer, &supplier, fund, case).await;
    Awarded { buyer, supplier, auditor, case, fund, reservation, source: Source::Reservation(reservation), award }
}

/// The same for a lot that is funded by these lines.
pub async fn funded(app: &TestApp, buyer: Purchasing, supplier: Supplier, lines: Vec<NewLine>) -> Awarded {
    let auditor = app.person(&format!("Shen Ji {}", Uuid::now_v7()), &[Role::Auditor]).await;
    let (tenant, by, unit, id) = (app.tenant, buyer.finance.account, buyer.unit, Uuid::now_v7());
    let (case, lot) = (CaseId::new(id), AnyId::from(id));
    let held = app
        .db
        .write(Facts::on_behalf_of(app.clock.now(), by).unwrap(), move |tx| {
            let cause = Cause { kind: "lot", id: lot };
            let owner = Owner { tenant, unit, case, cause };
            funding::plan(tx, &owner, &lines)?;
            let purpose = Purpose { catalogue_code: "A0402".to_owned(), area: None, on: tx.now().date_in_shanghai() };
            funding::reserve(tx, by, &owner, &purpose)?;
            Ok(funding::lines(tx, tenant, cause)?.into_iter().find_map(|line| line.fund_id.zip(line.hold_id)).unwrap())
        })
        .await
        .unwrap();
    let ((fund, reservation), award) = (held, Uuid::now_v7());
    run_sql(app, upper_rows(tenant, &buyer, &supplier, case, award)).await;
    Awarded { buyer, supplier, auditor, case, fund, reservation, source: Source::Lines("lot", lot), award: AwardId::new(award) }
}

/// A reservation and an award on it.
pub async fn award(app: &TestApp, buyer: &Purchasing, supplier: &Supplier, fund: FundId, case: CaseId) -> (HoldId, AwardId) {
    let (tenant, by) = (app.tenant, buyer.finance.account);
    let reservation = app
        .db
        .write(Facts::on_behalf_of(app.clock.now(), by).unwrap(), move |tx| {
            let cause = Cause { kind: "tender", id: case.uuid().into() };
            ledger::reserve(tx, by, tenant, fund, case, Fen::new(RESERVED), cause)
        })
        .await
        .unwrap();
    let award = Uuid::now_v7();
    run_sql(app, upper_rows(tenant, buyer, supplier, case, award)).await;
    (reservation, AwardId::new(award))
}

/// The rows of the storeys above that a contract refers to.
fn upper_rows(tenant: TenantId, buyer: &Purchasing, supplier: &Supplier, case: CaseId, award: Uuid) -> Vec<String> {
    let [edition, item, rules, tender, lot, bid] = std::array::from_fn(|_| Uuid::now_v7());
    let (unit, organisation) = (buyer.unit, supplier.organisation);
    let (purchaser, lead, admin) = (buyer.purchaser.account, buyer.lead.account, supplier.admin.account);
    let at = "2026-03-01 01:00:00";
    vec![
        format!(
            "INSERT INTO catalogue_editions (id, tenant_id, name, state, version, created_at) VALUES ('{edition}', '{tenant}', '{edition}', 'published', 1, '{at}')"
        ),
        format!(
            "INSERT INTO catalogue_items (id, tenant_id, edition_id, code, level, name_zh, name_en, origin) VALUES ('{item}', '{tenant}', '{edition}', 'A0101', 3, '居家养老', 'Home care', 'confirmed')"
        ),
        format!(
            "INSERT INTO rule_sets (id, tenant_id, name, state, version, created_at) VALUES ('{rules}', '{tenant}', '{rules}', 'published', 1, '{at}')"
        ),
        format!(
            "INSERT INTO tenders (id, tenant_id, case_id, unit_id, catalogue_item_id, rule_set_id, title, description, mode, procedure, plain_offers, state, drafted_by, version, created_at) \
             VALUES ('{tender}', '{tenant}', '{case}', '{unit}', '{item}', '{rules}', '居家养老服务', '…', 'contracting_out', 'consultation', TRUE, 'published', '{purchaser}', 1, '{at}')"
        ),
        format!(
            "INSERT INTO lots (id, tenant_id, tender_id, case_id, number, title, ceiling_fen, state, version) VALUES ('{lot}', '{tenant}', '{tender}', '{case}', 1, '第一包', {RESERVED}, 'awarded', 1)"
        ),
        format!(
            "INSERT INTO bids (id, tenant_id, tender_id, lot_id, case_id, organisation_id, sequence, state, sealed_by, recipient, ciphertext, ciphertext_sha256, submitted_by, received_at, version) \
             VALUES ('{bid}', '{tenant}', '{tender}', '{lot}', '{case}', '{organisation}', 1, 'won', 'client', 'age1none', '', 'none', '{admin}', '{at}', 1)"
        ),
        format!(
            "INSERT INTO awards (id, tenant_id, tender_id, lot_id, case_id, unit_id, bid_id, organisation_id, price_fen, state, proposed_by, confirmed_by, version, created_at) \
             VALUES ('{award}', '{tenant}', '{tender}', '{lot}', '{case}', '{unit}', '{bid}', '{organisation}', {PRICE}, 'confirmed', '{purchaser}', '{lead}', 1, '{at}')"
        ),
    ]
}

impl Awarded {
    /// The draft that procurement hands to delivery.
    pub fn draft(&self, app: &TestApp) -> NewContract {
        let day = |text: &str| text.parse().unwrap();
        let part = |title: &str, on: &str, fen| NewMilestone {
            title: title.to_owned(),
            due_on: day(on),
            amount: Fen::new(fen),
            deliverables: Vec::new(),
        };
        NewContract {
            tenant: app.tenant,
            case: self.case,
            award: self.award,
            unit: self.buyer.unit,
            organisation: self.supplier.organisation,
            source: self.source.clone(),
            title: "月河街道居家养老服务合同".to_owned(),
            price: Fen::new(PRICE),
            starts_on: day("2026-04-01"),
            ends_on: day("2026-12-31"),
            milestones: vec![part("上半年服务", "2026-06-30", PARTS[0]), part("下半年服务", "2026-12-31", PARTS[1])],
        }
    }

    /// Drafts the contract as the purchaser and adds the stamped scan; gives its path.
    pub async fn drafted(&self, app: &TestApp) -> String {
        let path = self.bare(app).await;
        scanned(&self.supplier.admin.client, &path).await;
        path
    }

    /// Drafts the contract without any paper.
    pub async fn bare(&self, app: &TestApp) -> String {
        let (by, new) = (self.buyer.purchaser.account, self.draft(app));
        let id = app
            .db
            .write(Facts::on_behalf_of(app.clock.now(), by).unwrap(), move |tx| agreements::draft(tx, by, &new).map(|(row, _)| row.id))
            .await
            .unwrap();
        format!("/api/v1/contracts/{id}")
    }

    /// The contract, approved and signed by both, and the payee's account, confirmed; gives the contract's path.
    pub async fn active(&self, app: &TestApp) -> String {
        let path = self.drafted(app).await;
        self.signs(&path).await;
        self.account().await;
        path
    }

    /// Finance approves the contract and both parties sign it.
    pub async fn signs(&self, path: &str) {
        act(&self.buyer.finance, path, "approval", None).await;
        act(&self.supplier.admin, path, "signatures", Some(serde_json::json!({"party": "organisation"}))).await;
        act(&self.buyer.lead, path, "signatures", Some(serde_json::json!({"party": "purchaser"}))).await;
    }

    /// The payee's account, proposed by the payee and confirmed by finance, unless it has one.
    pub async fn account(&self) {
        payee_account(&self.supplier.admin.client, &self.buyer.finance.client, &self.supplier.organisation.to_string(), ACCOUNT).await;
    }
}

/// Number of the account that payees of the stories have.
pub const ACCOUNT: &str = "8100001234567890123";

/// Uploads the scan of the stamped contract.
pub async fn scanned(client: &super::Client, contract: &str) {
    let path = format!("{contract}/documents?filename=stamped.pdf&purpose=stamped_contract");
    client.post(&path).body("application/pdf", b"%PDF-1.7\nstamped by both".to_vec()).send().await.is(201);
}

/// One person proposes an account of an organisation, another confirms it; nothing happens when it is the confirmed one already.
pub async fn payee_account(proposer: &super::Client, confirmer: &super::Client, organisation: &str, number: &str) {
    let path = format!("/api/v1/organisations/{organisation}");
    let known = confirmer.get(&format!("{path}/bank-accounts")).send().await.is(200).value();
    if known["items"].as_array().unwrap().iter().any(|one| one["state"] == "confirmed" && one["number"] == number) {
        return;
    }
    let holder = proposer.get(&path).send().await.is(200).text_at("/name_zh");
    let body = serde_json::json!({"holder": holder, "bank": "湖州银行月河支行", "number": number});
    let made = proposer.post(&format!("{path}/bank-accounts")).json(body).await.is(201);
    confirmer.post(&format!("{}/confirmation", made.header("location"))).if_match(&made.etag()).send().await.is(200);
}

/// Reads a resource, then takes a step on it with the version read; expects 200.
pub async fn act(person: &Person, path: &str, verb: &str, body: Option<serde_json::Value>) -> super::http::Answer {
    let etag = person.client.get(path).send().await.is(200).etag();
    let call = person.client.post(&format!("{path}/{verb}")).if_match(&etag);
    match body {
        Some(body) => call.json(body).await.is(200),
        None => call.send().await.is(200),
    }
}

/// A second person signs what was delivered, before the purchaser concludes the acceptance.
pub async fn seconded(client: &super::Client, milestone: &str) {
    let etag = client.get(milestone).send().await.is(200).etag();
    let body = serde_json::json!({"score": null, "opinion": "抽查二十户，记录与台账一致。"});
    client.post(&format!("{milestone}/acceptance-signatures")).if_match(&etag).json(body).await.is(201);
}

/// What the invoice of a payment says when everything is right.
pub async fn invoice_of(client: &super::Client, payment: &str) -> serde_json::Value {
    let claim = client.get(payment).send().await.is(200).value();
    let payee = client.get(&format!("/api/v1/organisations/{}", claim["organisation_id"].as_str().unwrap())).send().await.is(200).value();
    serde_json::json!({"invoice_code": claim["invoice_code"], "invoice_number": claim["invoice_number"], "seller_uscc": payee["uscc"], "amount": claim["amount"]})
}

/// A finance officer holds the invoice against the claim.
pub async fn check_invoice(person: &Person, payment: &str) {
    let seen = invoice_of(&person.client, payment).await;
    act(person, payment, "invoice-check", Some(seen)).await;
}
