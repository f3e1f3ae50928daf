//! Every operation of the API document refuses whom it must: no token, a foreign district, a wrong role. New operations are in the document,
//! so they are tested here without being listed; one whose path names something new fails until [`Fixture`] gives it an id.

use std::collections::{BTreeMap, BTreeSet};

use baiyi::app::ACTIONS;
use baiyi::db::Facts;
use baiyi::db::schema::{account_roles, journal_entries, units};
use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::{TenantId, UnitId};
use baiyi::people::{Action, Role};
use baiyi::trust::journal::{self, Event};
use diesel::prelude::*;
use serde_json::json;

use crate::openapi::{Operation, document, operations};
use crate::support::chain::{run_sql, run_sql_noted};
use crate::support::http::Answer;
use crate::support::story::Chain;
use crate::support::{Client, Person, TestApp, on_both};

const ROLES: &[&str] = &[
    "platform_admin",
    "catalogue_editor",
    "purchaser",
    "purchaser_lead",
    "finance_officer",
    "supervisor",
    "agent",
    "evaluator",
    "opener",
    "incubator",
    "org_admin",
    "org_member",
    "social_worker",
    "third_party_evaluator",
    "auditor",
];

/// A living resource of the district for every path parameter.
pub struct Fixture {
    pub ids: BTreeMap<&'static str, String>,
    /// People who have a part in them.
    pub people: Vec<Client>,
}

impl Fixture {
    pub async fn of(app: &TestApp) -> Self {
        let mut chain = Chain::complete(app).await;
        chain.duties().await;
        crate::support::plans::extend(&mut chain).await;
        crate::support::documents::extend(app, &mut chain).await;
        let area = app.public().get("/api/v1/areas?limit=1").send().await.is(200);
        let me = chain.admin.get("/api/v1/me").send().await.is(200);
        let session = chain.admin.get("/api/v1/sessions").send().await.is(200);
        let money = money_ids(&chain).await;
        let mut ids = chain.ids.clone();
        ids.extend(money);
        ids.extend(asked_and_invited(app, &chain).await);
        ids.insert("area_id", area.text_at("/items/0/id"));
        ids.insert("account_id", me.text_at("/id"));
        ids.insert("session_id", session.text_at("/items/0/id"));
        let sets = app.public().get("/api/v1/rule-sets?limit=1").send().await.is(200);
        ids.insert("rule_id", "R019".to_owned());
        ids.insert("rule_set_id", sets.text_at("/items/0/id"));
        ids.insert("year", "2026".to_owned());
        ids.extend(entry_ids(&chain).await);
        ids.insert("bank_account_id", bank_account(app, &chain).await);
        ids.extend(performance(app, &chain).await);
        ids.extend(social_work(app, &chain).await);
        ids.insert(
            "signing_key_id",
            crate::bids_bind::proposed_key(&chain.bidders[0].client, &chain.bidders[0].id, false).await.1.text_at("/id"),
        );
        ids.extend(file_and_directory(app, &chain).await);
        ids.extend(openers(app, &chain).await);
        ids.insert("draw_id", ended_draw(app, &chain).await);
        let case = chain.auditor.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.is(200);
        ids.insert("entry_id", case.text_at("/history/0/entry_id"));
        ids.insert("tile_level", "0".to_owned());
        ids.insert("tile_path", "000".to_owned());
        Self { ids, people: people_of(app, &chain).await }
    }

    /// A path with every parameter that there is something for.
    pub fn fill(&self, path: &str) -> String {
        self.ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
    }

    /// The operation's path with every parameter filled.
    pub fn path(&self, operation: &Operation) -> String {
        let mut path = operation.path.clone();
        for parameter in operation.path_parameters() {
            let id = self
                .ids
                .get(parameter)
                .unwrap_or_else(|| panic!("{} has no denial cases: Fixture needs an id for {parameter}", operation.name()));
            path = path.replace(&format!("{{{parameter}}}"), id);
        }
        path
    }
}

/// Those of the chain, and somebody of every place in it with every role, whether they fit together or not.
async fn people_of(app: &TestApp, chain: &Chain) -> Vec<Client> {
    let persons = [&chain.purchaser, &chain.lead, &chain.finance, &chain.second_finance, &chain.evaluators[0], &chain.evaluators[1]];
    let mut people: Vec<Client> = persons.map(|person| person.client.clone()).to_vec();
    people.extend([&chain.admin, &chain.opener, &chain.incubator, &chain.third_party, &chain.auditor].map(Client::clone));
    people.extend(chain.bidders.iter().map(|bidder| bidder.client.clone()));
    for (unit, bidder) in [("bureau_id", 0), ("unit_id", 0), ("unit_id", 1), ("base_id", 2)] {
        let person = person_with(app, app.tenant, &format!("Quan Neng {unit} {bidder}"), ROLES.to_vec()).await;
        let (account, unit, organisation) = (person.account, chain.id(unit), &chain.bidders[bidder].id);
        let place = format!("UPDATE accounts SET unit_id = '{unit}', organisation_id = '{organisation}' WHERE id = '{account}'");
        run_sql_noted(app, place, "account", account.uuid()).await;
        people.push(person.client);
    }
    people
}

/// A token of a machine, an invitation of a person, and a recovery of an account.
async fn entry_ids(chain: &Chain) -> [(&'static str, String); 4] {
    let admin = &chain.admin;
    let token = json!({"name": "mirror", "scopes": ["read"], "expires_in_days": 30});
    let token = admin.post("/api/v1/me/api-tokens").json(token).await.is(201).text_at("/kept/id");
    let invitation = json!({"email": "wang@people.example", "roles": ["auditor"]});
    let invitation = admin.post("/api/v1/account-invitations").json(invitation).await.is(201).text_at("/id");
    let owner = &chain.finance;
    let offered = owner.client.post("/api/v1/me/second-factor").json(json!({"password": crate::support::PASSWORD})).await.is(201);
    let secret = totp_rs::Secret::try_from_base32(offered.text_at("/secret")).unwrap();
    let code = totp_rs::Builder::new().with_secret(secret).build().unwrap().generate_current().to_string();
    owner.client.post("/api/v1/me/second-factor/confirmation").json(json!({"code": code})).await.is(201);
    let recovery = json!({"reason": "手机遗失，已当面核对工作证"});
    let recovery = admin.post(&format!("/api/v1/accounts/{}/recoveries", owner.account)).json(recovery).await.is(201).text_at("/id");
    let notice = admin.get("/api/v1/audit-notices").send().await.is(200).text_at("/items/0/id");
    [("api_token_id", token), ("account_invitation_id", invitation), ("recovery_id", recovery), ("audit_notice_id", notice)]
}

/// A proposed bank account of the first bidder.
async fn bank_account(app: &TestApp, chain: &Chain) -> String {
    let path = format!("/api/v1/organisations/{}", chain.bidders[0].id);
    let name = app.public().get(&path).send().await.is(200).text_at("/name_zh");
    let account = json!({"holder": name, "bank": "湖州银行月河支行", "number": "810000123456"});
    chain.bidders[0].client.post(&format!("{path}/bank-accounts")).json(account).await.is(201).text_at("/id")
}

/// A review of a supplier, and a subcontract of its contract that waits for the unit: the contract is over, so the row is put there.
async fn performance(app: &TestApp, chain: &Chain) -> [(&'static str, String); 2] {
    let contract = format!("/api/v1/contracts/{}", chain.id("contract_id"));
    let review = json!({"quality": 90, "timeliness": 90, "satisfaction": 90, "comment": "按期"});
    let review = chain.lead.client.act(&format!("{contract}/performance-review"), review).await.is(201).text_at("/id");
    let (id, helper, admin) = (uuid::Uuid::now_v7(), &chain.bidders[1].id, chain.lead.account);
    let row = format!(
        "INSERT INTO subcontracts (id, tenant_id, contract_id, case_id, unit_id, organisation_id, subcontractor_id, scope, amount_fen, state, proposed_by, \
         version, created_at) SELECT '{id}', tenant_id, id, case_id, unit_id, organisation_id, '{helper}', '设备运输', 1, 'proposed', '{admin}', 1, created_at \
         FROM contracts WHERE id = '{}'",
        chain.id("contract_id")
    );
    crate::support::chain::run_sql(app, vec![row]).await;
    [("subcontract_id", id.to_string()), ("performance_review_id", review)]
}

/// A worker of the first bidder, and a session that waits for the unit.
async fn social_work(app: &TestApp, chain: &Chain) -> [(&'static str, String); 2] {
    let payee = &chain.bidders[0];
    let worker = payee.client.post("/api/v1/social-workers").json(json!({"name": "夏员"})).await.is(201).text_at("/id");
    let project = format!("/api/v1/projects/{}", chain.id("project_id"));
    payee.client.act(&format!("{project}/workers"), json!({"worker_ids": [worker]})).await.is(204);
    let day = app.clock.now().date_in_shanghai();
    let held = json!({"worker_id": worker, "held_on": day, "minutes": 60, "place": "社区", "kind": "visit", "persons": 1, "note": "上门"});
    let session = payee.client.post(&format!("{project}/service-sessions")).json(held).await.is(201).text_at("/id");
    [("worker_id", worker), ("service_session_id", session)]
}

/// An entry of the first bidder's file, a call for the directory with its application, a mentoring session, and a post in the unit.
async fn file_and_directory(app: &TestApp, chain: &Chain) -> Vec<(&'static str, String)> {
    let (bidder, today) = (&chain.bidders[0], app.clock.now().date_in_shanghai().to_string());
    let entry = json!({"certificate_kind": "other", "number": "1", "issuer": "区民政局", "valid_from": today});
    let entry = bidder.client.post(&format!("/api/v1/organisations/{}/certificates", bidder.id)).json(entry).await.is(201).text_at("/id");
    let scan = bidder.client.post(&format!("/api/v1/organisation-records/{entry}/scan?filename=a.pdf"));
    scan.body("application/octet-stream", b"%PDF-1.7\nscan".to_vec()).send().await.is(201);
    let editor = app.person("Mu Lu", &[Role::CatalogueEditor]).await.client;
    let call =
        json!({"edition": "denial", "year": 2026, "criteria": "有专职社工", "opens_on": today, "closes_on": today, "publicity_days": 7});
    let call = editor.post("/api/v1/directory-calls").json(call).await.is(201).text_at("/id");
    let application = json!({"catalogue_item_id": chain.id("item_id"), "statement": "有专职社工", "evidence": [entry]});
    let application =
        bidder.client.post(&format!("/api/v1/directory-calls/{call}/applications")).json(application).await.is(201).text_at("/id");
    let session = json!({"held_on": today, "minutes": 60, "topic": "财务制度", "mentor": "周导师"});
    let session =
        chain.incubator.post(&format!("/api/v1/incubations/{}/mentoring-sessions", chain.id("incubation_id"))).json(session).await;
    let post = json!({"account_id": chain.purchaser.account, "title": "科员", "held_from": today});
    let post = chain.lead.client.post(&format!("/api/v1/units/{}/posts", chain.id("unit_id"))).json(post).await.is(201).text_at("/id");
    vec![
        ("record_id", entry),
        ("call_id", call),
        ("application_id", application),
        ("mentoring_session_id", session.is(201).text_at("/id")),
        ("post_id", post),
    ]
}

/// An opener's key and a ceremony, which the chain does without: the server holds its key.
async fn openers(app: &TestApp, chain: &Chain) -> [(&'static str, String); 2] {
    let (tenant, account, at) = (app.tenant, chain.purchaser.account, "2026-03-13 01:00:00");
    let (key, ceremony) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    let (tender, case, unit) = (chain.id("tender_id"), chain.id("case_id"), chain.id("unit_id"));
    let rows = vec![
        format!(
            "INSERT INTO opener_keys (id, tenant_id, account_id, signing_key, recipient, fingerprint, state, version, created_at) \
             VALUES ('{key}', '{tenant}', '{account}', '00', 'age1', '00', 'proposed', 1, '{at}')"
        ),
        format!(
            "INSERT INTO opener_ceremonies (id, tenant_id, tender_id, case_id, unit_id, threshold, state, named_by, abandoned_because, version, created_at) \
             VALUES ('{ceremony}', '{tenant}', '{tender}', '{case}', '{unit}', 2, 'abandoned', '{account}', '更换开标员', 1, '{at}')"
        ),
    ];
    run_sql(app, rows).await;
    [("opener_key_id", key.to_string()), ("ceremony_id", ceremony.to_string())]
}

/// A draw that ended without a result, which the chain does without.
async fn ended_draw(app: &TestApp, chain: &Chain) -> String {
    let (tenant, account, at, draw) = (app.tenant, chain.purchaser.account, "2026-03-13 01:00:00", uuid::Uuid::now_v7());
    let (lot, case, unit) = (chain.id("lot_id"), chain.id("case_id"), chain.id("unit_id"));
    let row = format!(
        "INSERT INTO draws (id, tenant_id, lot_id, case_id, unit_id, purpose, method, experts, representatives, reveal_hours, state, opened_by, opened_at, \
         ended_at, version) VALUES ('{draw}', '{tenant}', '{lot}', '{case}', '{unit}', 'panel', 'two_units', 4, '', 24, 'failed', '{account}', '{at}', '{at}', 1)"
    );
    run_sql(app, vec![row]).await;
    draw.to_string()
}

/// One of everything that a finance office keeps beside funds and payments.
async fn money_ids(chain: &Chain) -> Vec<(&'static str, String)> {
    let (client, unit) = (&chain.finance.client, chain.id("unit_id"));
    let line = client.get(&format!("/api/v1/contracts/{}", chain.id("contract_id"))).send().await.is(200).text_at("/funding/0/id");
    let other = json!({"unit_id": unit, "stream": "fiscal", "year": 2026, "name_zh": "另一专项", "custodian": "treasury"});
    let other = client.post("/api/v1/funds").json(other).await.is(201).text_at("/id");
    let proposal = json!({"to_fund_id": other, "reason": "调整资金来源"});
    let proposal = client.post(&format!("/api/v1/funding-lines/{line}/resourcings")).json(proposal).await.is(201).text_at("/id");
    let run = json!({"unit_id": unit, "year": 2026, "document_number": "结1号"});
    let run = client.post("/api/v1/year-ends").json(run).await.is(201).text_at("/id");
    let pledge = json!({"unit_id": unit, "donor_zh": "示例基金会", "purpose": "配套", "amount": {"amount_fen": 5, "currency": "CNY"}});
    let pledge = client.post("/api/v1/pledges").json(pledge).await.is(201).text_at("/id");
    let file = client.post(&format!("/api/v1/reconciliations?unit_id={unit}&month=2026-07"));
    let file = file.body("text/csv", "date,reference,direction,amount_fen\n").send().await.is(201).text_at("/id");
    vec![("funding_line_id", line), ("resourcing_id", proposal), ("year_end_id", run), ("pledge_id", pledge), ("reconciliation_id", file)]
}

/// A request to explain a low price and an invitation into a consortium, which the chain does without.
async fn asked_and_invited(app: &TestApp, chain: &Chain) -> [(&'static str, String); 2] {
    let (tenant, account, at) = (app.tenant, chain.purchaser.account, "2026-03-13 01:00:00");
    let (notice, member) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    let (tender, lot, bid, case) = (chain.id("tender_id"), chain.id("lot_id"), chain.id("bid_id"), chain.id("case_id"));
    let (lead, other) = (&chain.bidders[0].id, &chain.bidders[1].id);
    let rows = vec![
        format!(
            "INSERT INTO low_price_notices (id, tenant_id, tender_id, lot_id, bid_id, case_id, organisation_id, price_fen, triggers, state, question, asked_by, asked_at, ends_at, version) \
             VALUES ('{notice}', '{tenant}', '{tender}', '{lot}', '{bid}', '{case}', '{lead}', 1, '', 'asked', '请说明', '{account}', '{at}', '{at}', 1)"
        ),
        format!(
            "INSERT INTO consortium_members (id, tenant_id, lot_id, lead_id, member_id, state, invited_by, invited_at, version) \
             VALUES ('{member}', '{tenant}', '{lot}', '{lead}', '{other}', 'invited', '{account}', '{at}', 1)"
        ),
    ];
    run_sql(app, rows).await;
    [("notice_id", notice.to_string()), ("member_id", member.to_string())]
}

async fn attempt(client: &Client, operation: &Operation, fixture: &Fixture) -> Answer {
    let call = client.call(&operation.method.to_uppercase(), &fixture.path(operation));
    let media_types = operation.value["requestBody"]["content"].as_object();
    match media_types.and_then(|content| content.keys().next()) {
        // Refusals come before the body is looked at, so an empty one will do.
        Some(json) if json == "application/json" => call.json(json!({})).await,
        Some(other) => call.body(other, "").send().await,
        None => call.send().await,
    }
}

#[derive(Insertable)]
#[diesel(table_name = units, treat_none_as_default_value = false)]
struct NewUnit {
    id: UnitId,
    tenant_id: TenantId,
    name_zh: &'static str,
    kind: &'static str,
    version: i64,
    created_at: UtcInstant,
}

/// Somebody of the finance bureau, whose unit roles reach every unit, with exactly these roles, fitting together or not.
async fn person_with(app: &TestApp, tenant: TenantId, name: &str, roles: Vec<&'static str>) -> Person {
    let facts = || Facts::internal(app.clock.now()).unwrap();
    let unit = app
        .db
        .write(facts(), move |tx| {
            let known = units::table
                .filter(units::tenant_id.eq(tenant).and(units::kind.eq("finance_bureau")))
                .select(units::id)
                .first(&mut **tx)
                .optional()?;
            if let Some(id) = known {
                return Ok(id);
            }
            let row =
                NewUnit {
                    id: tx.new_id(), tenant_id: tenant, name_zh: "财政局", kind: "finance_bureau", version: 1, created_at: tx.now()
                };
            diesel::insert_into(units::table).values(&row).execute(&mut **tx)?;
            Ok(row.id)
        })
        .await
        .unwrap();
    let person = app.person_of(tenant, name, &[Role::Auditor], Some(unit), None).await;
    let account = person.account;
    app.db
        .write(facts(), move |tx| {
            diesel::delete(account_roles::table.filter(account_roles::account_id.eq(account))).execute(&mut **tx)?;
            for role in &roles {
                let row = (account_roles::account_id.eq(account), account_roles::role.eq(*role));
                diesel::insert_into(account_roles::table).values(row).execute(&mut **tx)?;
            }
            let (action, kind, resource, content) = ("test.changed", "account", account.any(), json!({}));
            journal::record(tx, &Event { tenant, action, kind, resource, version: 1, case: None, content }).map(drop)
        })
        .await
        .unwrap();
    person
}

/// One person per set of roles: whoever holds every role but those of the operation.
#[derive(Default)]
struct Outsiders(BTreeMap<Vec<String>, Person>);

impl Outsiders {
    async fn of(&mut self, app: &TestApp, operation: &Operation) -> Client {
        let allowed: Vec<String> = operation.roles().into_iter().map(str::to_owned).collect();
        if !self.0.contains_key(&allowed) {
            let others: Vec<_> = ROLES.iter().copied().filter(|role| !allowed.iter().any(|one| one == role)).collect();
            assert_eq!(others.len() + allowed.len(), ROLES.len(), "{}: an unknown role among {allowed:?}", operation.name());
            let person = person_with(app, app.tenant, &format!("Outsider {}", self.0.len()), others).await;
            self.0.insert(allowed.clone(), person);
        }
        self.0[&allowed].client.clone()
    }
}

/// Actions that need a fresh proof of identity whatever else changes: approvals, payments, bank details, awards, and who may do what.
const GRAVE: &[&str] = &[
    "account_invitations.create",
    "account_recoveries.ask",
    "account_recoveries.confirm",
    "accounts.change",
    "accounts.create",
    "api_tokens.create",
    "audit_notices.issue",
    "awards.confirm",
    "bank_accounts.confirm",
    "bank_accounts.propose",
    "bank_accounts.refuse",
    "complaints.decide",
    "contract_changes.approve",
    "contracts.approve",
    "contracts.sign",
    "documents.approve_amendment",
    "duty_exceptions.record",
    "external_tenders.approve",
    "funds.appropriate",
    "lots.propose_award",
    "lots.propose_direct_award",
    "mandates.grant",
    "payments.accept",
    "payments.approve",
    "payments.bounce",
    "payments.check_invoice",
    "payments.correct",
    "payments.instruct",
    "payments.receipt",
    "payments.refund",
    "plans.approve",
    "regulations.confirm",
    "resourcings.approve",
    "signing_keys.confirm",
    "signing_keys.propose",
    "standings.impose",
    "tenders.approve",
    "tenders.open",
    "year_ends.confirm",
    "year_ends.execute",
];

fn actions() -> impl Iterator<Item = &'static Action> {
    ACTIONS.iter().flat_map(|table| table.iter().copied())
}

#[test]
fn approvals_payments_bank_details_and_awards_need_a_fresh_proof() {
    for name in GRAVE {
        assert!(actions().any(|action| action.name == *name && action.stepped_up), "{name} is no action or needs no fresh proof");
    }
    let approvals: Vec<_> =
        actions().filter(|action| action.name.ends_with(".approve") && !action.stepped_up).map(|action| action.name).collect();
    assert_eq!(approvals, [""; 0], "approvals that need no fresh proof");
}

/// Operations whose answers show people, or bids that are not public, and what the log calls it. One that shows such things belongs here.
const LOGGED: &[(&str, &str)] = &[
    ("/account-invitations", "personal_data"),
    ("/account-recoveries", "personal_data"),
    ("/account-recoveries/{recovery_id}", "personal_data"),
    ("/accounts", "personal_data"),
    ("/accounts/{account_id}", "personal_data"),
    ("/contracts/{contract_id}/documents/{document_id}", "personal_data"),
    ("/experts", "personal_data"),
    ("/experts/{expert_id}", "personal_data"),
    ("/lots/{lot_id}/panel", "personal_data"),
    ("/organisation-records/{record_id}/scan", "personal_data"),
    ("/organisations/{organisation_id}/bank-accounts", "personal_data"),
    ("/organisations/{organisation_id}/profile", "personal_data"),
    ("/payment-instructions/file?format=csv&unit_id={unit_id}", "personal_data"),
    ("/projects/{project_id}/linkage", "personal_data"),
    ("/projects/{project_id}/service-sessions", "personal_data"),
    ("/readings", "personal_data"),
    ("/service-sessions/{service_session_id}", "personal_data"),
    ("/social-workers", "personal_data"),
    ("/social-workers/{worker_id}", "personal_data"),
    ("/social-workers/{worker_id}/growth-card", "personal_data"),
    ("/units/{unit_id}/posts", "personal_data"),
    ("/bids/{bid_id}/attachments", "bid_content"),
    ("/bids/{bid_id}/attachments/{attachment_id}", "bid_content"),
    ("/cases/{case_id}", "bid_content"),
    ("/cases/{case_id}/evidence", "bid_content"),
    ("/cases/{case_id}/paper?paper=opening_record", "bid_content"),
    ("/lots/{lot_id}/evaluation-report", "bid_content"),
    ("/lots/{lot_id}/offers", "bid_content"),
    ("/lots/{lot_id}/review", "bid_content"),
    ("/lots/{lot_id}/score-sheets", "bid_content"),
    ("/low-price-notices/{notice_id}", "bid_content"),
    ("/low-price-notices/{notice_id}/documents", "bid_content"),
];

/// Why the readings of an operation were logged.
async fn readings_of(app: &TestApp, of: &str) -> Vec<String> {
    let of = of.to_owned();
    app.read(move |db| {
        use baiyi::db::schema::readings::dsl::{operation, readings, why};
        readings.filter(operation.eq(of)).select(why).load(db).unwrap()
    })
    .await
}

pub async fn journal_length(app: &TestApp) -> i64 {
    app.read(|db| journal_entries::table.count().get_result(db).unwrap()).await
}

on_both! {
    async fn every_operation_refuses_whom_it_must(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        let public = app.public();
        let forged = Client::new(reqwest::Client::new(), app.base.clone(), Some("eyJhbGciOiJub25lIn0.e30.".to_owned()));
        let foreigner = person_with(app, app.other_tenant().await, "Wai Qu", ROLES.to_vec()).await.client;
        let (mut outsiders, mut faults, mut cases) = (Outsiders::default(), Vec::new(), 0);
        let document = document();
        let operations = operations(&document);
        for operation in &operations {
            // Everybody whom the cases below need signs in before the journal is measured.
            outsiders.of(app, operation).await;
        }
        let before = journal_length(app).await;
        for operation in &operations {
            let mut expect = |answer: &Answer, who: &str, statuses: &[u16]| {
                cases += 1;
                if !statuses.contains(&answer.status) {
                    faults.push(format!("{} by {who}: {} in place of {statuses:?}: {}", operation.name(), answer.status, answer.text));
                }
            };
            let names_something = !operation.path_parameters().is_empty();
            if operation.secured() {
                expect(&attempt(&public, operation, &fixture).await, "nobody", &[401]);
                expect(&attempt(&forged, operation, &fixture).await, "a forged token", &[401]);
            }
            if names_something {
                expect(&attempt(&foreigner, operation, &fixture).await, "a foreign district", &[404]);
            }
            let changes_what_is_somebodys = operation.method != "get" && names_something && operation.secured();
            if !operation.roles().is_empty() || changes_what_is_somebodys {
                let outsider = outsiders.of(app, operation).await;
                let statuses: &[u16] = if names_something { &[403, 404] } else { &[403] };
                expect(&attempt(&outsider, operation, &fixture).await, "every other role", statuses);
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        assert!(cases > 20);
        assert_eq!(journal_length(app).await, before, "a refusal changes nothing");
    }

    async fn every_grave_step_refuses_whoever_proved_itself_long_ago(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        run_sql(app, vec!["UPDATE sessions SET proved_at = '2026-01-01 00:00:00'".to_owned()]).await;
        let grave: BTreeSet<&str> = actions().filter(|action| action.stepped_up).map(|action| action.name).collect();
        let document = document();
        let (mut faults, mut tried, before) = (Vec::new(), 0, journal_length(app).await);
        for operation in operations(&document).iter().filter(|one| one.value["x-action"].as_str().is_some_and(|name| grave.contains(name))) {
            tried += 1;
            let mut answers = Vec::new();
            for person in fixture.people.iter().rev() {
                let answer = attempt(person, operation, &fixture).await;
                let done = answer.status == 401 && answer.text_at("/code") == "step_up_required";
                answers.push(answer);
                if done {
                    break;
                }
            }
            let told: Vec<String> = answers.iter().map(|answer| format!("{} {}", answer.status, answer.text)).collect();
            if answers.iter().any(|answer| answer.status < 300) || answers.last().is_none_or(|answer| answer.status != 401) {
                faults.push(format!("{}: {}", operation.name(), told.join("\n    ")));
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        assert!(tried >= GRAVE.len(), "only {tried} operations were tried");
        assert_eq!(journal_length(app).await, before, "a refusal changes nothing");
    }

    async fn whoever_reads_of_people_or_of_bids_leaves_one_line_in_the_log(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        let mut faults = Vec::new();
        for (path, why) in LOGGED {
            let place = fixture.fill(&format!("/api/v1{path}"));
            let operation = format!("GET {}", place.split('?').next().unwrap());
            let (mut seen, mut told) = (false, Vec::new());
            for person in fixture.people.iter().rev() {
                let before = readings_of(app, &operation).await;
                let answer = person.get(&place).send().await;
                let after = readings_of(app, &operation).await;
                let added = after.get(before.len()..).unwrap_or_default();
                if answer.status == 200 {
                    seen = true;
                    if added.len() != 1 || after.iter().filter(|one| *one == why).count() != before.iter().filter(|one| *one == why).count() + 1 {
                        faults.push(format!("{operation}: the log got {added:?} in place of {why}"));
                    }
                    break;
                }
                if !added.is_empty() {
                    faults.push(format!("{operation}: a refusal was logged"));
                }
                told.push(format!("{} {}", answer.status, answer.text));
            }
            if !seen {
                faults.push(format!("{operation}: nobody read it: {}", told.join("\n    ")));
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        // What everybody may read leaves none.
        let before = readings_of(app, "GET /api/v1/areas").await.len();
        app.public().get("/api/v1/areas").send().await.is(200);
        assert_eq!(readings_of(app, "GET /api/v1/areas").await.len(), before);
    }

    async fn the_refusals_above_are_those_of_living_resources(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        let keeper = app.person("Guan Er", &[Role::PlatformAdmin]).await.client;
        keeper.get(&format!("/api/v1/areas/{}", fixture.ids["area_id"])).send().await.is(200);
        keeper.get(&format!("/api/v1/accounts/{}", fixture.ids["account_id"])).send().await.is(200);
    }
}

#[test]
#[should_panic(expected = "PUT /api/v1/moons/{moon_id} has no denial cases")]
fn an_operation_whose_path_names_something_new_has_no_denial_cases_and_fails() {
    let operation = Operation { method: "put".to_owned(), path: "/api/v1/moons/{moon_id}".to_owned(), value: json!({}) };
    Fixture { ids: BTreeMap::new(), people: Vec::new() }.path(&operation);
}
