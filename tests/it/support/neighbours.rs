//! What the neighbouring district has: a row of every kind that a request may name, copied from a living one of the own district. A copy keeps its
//! parents of the own district where those are asked together with the tenant, so that nothing but its tenant makes it foreign. And the bodies that
//! name such rows.

use std::collections::BTreeMap;

use baiyi::db::Facts;
use baiyi::db::schema::{audit_notices, units};
use baiyi::kernel::id::{AccountId, CaseId, UnitId};
use baiyi::people::Role;
use baiyi::trust::journal::{self, Event};
use diesel::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::TestApp;
use super::chain::run_sql;
use super::plans::merged;
use crate::denial::Fixture;
use crate::openapi::Operation;

type Ids = BTreeMap<&'static str, String>;

/// A copy: its name, its table, which row is copied, and what is different in it. `{…}` stands for an id: of the own district in the condition, of
/// the neighbour in the changes; `{new}` is the copy's own. What is `their …` lies wholly in the neighbour, and no answer may show it.
type Copied = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Parents before children.
const COPIES: &[Copied] = &[
    ("unit_id", "units", "id = '{unit_id}'", &[("name_zh", "'南浔镇人民政府'")]),
    ("base_id", "units", "id = '{base_id}'", &[]),
    ("agency_id", "units", "id = '{agency_id}'", &[]),
    ("organisation_id", "organisations", "id = '{organisation_id}'", &[]),
    ("area_id", "areas", "id = '{area_id}'", &[]),
    ("their area", "areas", "id = '{area_id}'", &[("parent_id", "'{area_id}'"), ("code", "'330503999999'")]),
    ("edition_id", "catalogue_editions", "id = '{edition_id}'", &[]),
    // Another item than the one that the fixture has used already.
    ("item_id", "catalogue_items", "edition_id = '{edition_id}' AND level = 4 AND id <> '{item_id}'", &[("edition_id", "'{edition_id}'")]),
    ("their item", "catalogue_items", "edition_id = '{edition_id}' AND level = 3", &[("edition_id", "'{edition_id}'")]),
    ("rule_set_id", "rule_sets", "id = '{rule_set_id}'", &[]),
    ("their rules", "rules", "rule_set_id = '{rule_set_id}'", &[("rule_set_id", "'{rule_set_id}'")]),
    ("tender_id", "tenders", "id = '{tender_id}'", &[("case_id", "'{case_id}'")]),
    ("their tender", "tenders", "id = '{tender_id}'", &[("case_id", "'{new}'"), ("unit_id", "'{unit_id}'")]),
    // Lots are read by their tender and bids by their lot, without the tenant.
    ("lot_id", "lots", "id = '{lot_id}'", &[("tender_id", "'{tender_id}'"), ("case_id", "'{case_id}'")]),
    ("bid_id", "bids", "id = '{bid_id}'", &[("tender_id", "'{tender_id}'"), ("lot_id", "'{lot_id}'"), ("case_id", "'{case_id}'")]),
    ("attachment_id", "bid_attachments", "id = '{attachment_id}'", &[("lot_id", "'{lot_id}'"), ("bid_id", "'{bid_id}'")]),
    (
        "their award",
        "awards",
        "id = '{award_id}'",
        &[
            ("tender_id", "'{tender_id}'"),
            ("lot_id", "'{lot_id}'"),
            ("case_id", "'{case_id}'"),
            ("unit_id", "'{unit_id}'"),
            ("bid_id", "'{bid_id}'"),
            ("organisation_id", "'{organisation_id}'"),
        ],
    ),
    ("declaration_id", "declarations", "id = '{declaration_id}'", &[]),
    ("plan_id", "plans", "id = '{plan_id}'", &[("case_id", "'{new}'"), ("state", "'approved'")]),
    ("budget of the plan", "plan_budgets", "plan_id = '{plan_id}'", &[("plan_id", "'{plan_id}'")]),
    ("their plan", "plans", "id = '{plan_id}'", &[("case_id", "'{new}'"), ("state", "'published'"), ("unit_id", "'{unit_id}'")]),
    ("fund_id", "funds", "id = '{fund_id}'", &[("name_zh", "'南浔专项'")]),
    ("money of the fund", "fund_balances", "fund_id = '{fund_id}'", &[("fund_id", "'{fund_id}'")]),
    ("their fund", "funds", "id = '{fund_id}'", &[("unit_id", "'{unit_id}'")]),
    ("money of their fund", "fund_balances", "fund_id = '{fund_id}'", &[("fund_id", "'{their fund}'")]),
    ("project_id", "projects", "id = '{project_id}'", &[("state", "'selected'")]),
    ("their project", "projects", "id = '{project_id}'", &[("unit_id", "'{unit_id}'"), ("number", "18")]),
    ("indicator_id", "indicators", "id = '{indicator_id}'", &[]),
    ("milestone_id", "milestones", "id = '{milestone_id}'", &[("number", "99")]),
    ("funding_line_id", "funding_lines", "id = '{funding_line_id}'", &[]),
    ("worker_id", "social_workers", "id = '{worker_id}'", &[]),
    ("their worker", "social_workers", "id = '{worker_id}'", &[("organisation_id", "'{organisation_id}'")]),
    ("record_id", "organisation_records", "id = '{record_id}'", &[]),
    ("rating_id", "organisation_records", "id = '{record_id}'", &[("kind", "'rating'"), ("grade", "'3a'")]),
    ("check_id", "organisation_records", "id = '{record_id}'", &[("kind", "'annual_check'"), ("year", "2025"), ("result", "'passed'")]),
    ("call_id", "directory_calls", "id = '{call_id}'", &[("state", "'published'")]),
    (
        "their application",
        "directory_applications",
        "id = '{application_id}'",
        &[("call_id", "'{call_id}'"), ("organisation_id", "'{organisation_id}'"), ("state", "'listed'")],
    ),
    (
        "their contract",
        "contracts",
        "id = '{contract_id}'",
        &[
            ("case_id", "'{case_id}'"),
            ("award_id", "'{their award}'"),
            ("unit_id", "'{unit_id}'"),
            ("organisation_id", "'{organisation_id}'"),
            ("fund_id", "'{their fund}'"),
            ("project_id", "'{their project}'"),
        ],
    ),
    (
        "their payment",
        "payments",
        "id = '{payment_id}'",
        &[
            ("case_id", "'{case_id}'"),
            ("contract_id", "'{their contract}'"),
            ("milestone_id", "'{milestone_id}'"),
            ("fund_id", "'{their fund}'"),
            ("unit_id", "'{unit_id}'"),
            ("organisation_id", "'{organisation_id}'"),
            ("state", "'instructed'"),
        ],
    ),
    ("their batch", "payment_batches", "id = '{batch_id}'", &[("unit_id", "'{unit_id}'")]),
    (
        "their import",
        "external_tenders",
        "id = '{external_tender_id}'",
        &[("case_id", "'{case_id}'"), ("unit_id", "'{unit_id}'"), ("tender_id", "'{tender_id}'"), ("state", "'approved'")],
    ),
    (
        "their framework",
        "frameworks",
        "id = '{framework_id}'",
        &[("case_id", "'{case_id}'"), ("unit_id", "'{unit_id}'"), ("catalogue_item_id", "'{item_id}'"), ("state", "'active'")],
    ),
    (
        "their bond",
        "bonds",
        "id = '{bond_id}'",
        &[
            ("case_id", "'{case_id}'"),
            ("unit_id", "'{unit_id}'"),
            ("tender_id", "'{tender_id}'"),
            ("lot_id", "'{lot_id}'"),
            ("organisation_id", "'{organisation_id}'"),
        ],
    ),
    ("their reading", "readings", "tenant_id = '{tenant_id}'", &[("account_id", "'{account_id}'")]),
];

/// What the neighbour's account may do besides evaluating: whatever an account is named for.
const MORE_ROLES: &[&str] = &["purchaser", "purchaser_lead", "opener", "auditor", "agent"];

/// The kind of the id in a field or query parameter: the name of the copy and of the own row. By the path where the name alone does not tell.
fn kind_of(path: &str, field: &str) -> Option<&'static str> {
    let kind = match field {
        "parent_id" if path.starts_with("/api/v1/units/") => "unit_id",
        "replaces_id" if path.ends_with("/ratings") => "rating_id",
        "replaces_id" if path.ends_with("/annual-checks") => "check_id",
        "unit_id" | "unit_ids" | "payer_unit_id" => "unit_id",
        "base_unit_id" => "base_id",
        "agent_unit_id" => "agency_id",
        "organisation_id" | "organisation_ids" | "named_organisation_id" | "subcontractor_id" | "prepared_by" => "organisation_id",
        "account_id" | "account_ids" | "reserve_account_ids" | "from_account_id" | "to_account_id" | "replacement_account_id" => {
            "account_id"
        }
        // Both journals know their account.
        "representatives" | "resource_id" => "account_id",
        "auditor_id" => "auditor_id",
        "area_id" | "area_ids" | "parent_id" => "area_id",
        "edition_id" => "edition_id",
        "catalogue_item_id" => "item_id",
        "rule_set_id" => "rule_set_id",
        "case_id" => "case_id",
        "source_tender_id" => "tender_id",
        "lot_id" => "lot_id",
        "bid_id" => "bid_id",
        "attachment_ids" => "attachment_id",
        "declaration_id" => "declaration_id",
        "plan_id" => "plan_id",
        "fund_id" | "to_fund_id" => "fund_id",
        "line_id" => "funding_line_id",
        "project_id" => "project_id",
        "indicator_id" => "indicator_id",
        "milestone_id" => "milestone_id",
        "worker_id" | "worker_ids" => "worker_id",
        "evidence" | "replaces_id" => "record_id",
        "call_id" => "call_id",
        "contract_id" => "their contract",
        _ => return None,
    };
    Some(kind)
}

/// What else is sent to an operation than the example of the document, as a change of it: ids that the example leaves out, and bodies with which
/// nothing is wrong but the id.
const MORE: &[(&str, &str)] = &[
    ("POST /api/v1/account-invitations", r#"{"roles": ["purchaser"], "organisation_id": null}"#),
    ("POST /api/v1/account-invitations", r#"{"roles": ["org_admin"], "unit_id": null}"#),
    ("POST /api/v1/accounts", r#"{"roles": ["purchaser"], "organisation_id": null}"#),
    ("POST /api/v1/accounts", r#"{"roles": ["org_admin"], "unit_id": null}"#),
    (
        "POST /api/v1/delegations",
        r#"{"roles": ["purchaser_lead"], "from_account_id": null, "valid_from": "2026-12-05", "valid_to": "2026-12-06"}"#,
    ),
    ("POST /api/v1/experts", r#"{"ties": []}"#),
    ("POST /api/v1/experts", r#"{"account_id": null, "ties": [{"kind": "employment", "name": "示例中心", "organisation_id": "?"}]}"#),
    ("POST /api/v1/experts", r#"{"account_id": null, "ties": [{"kind": "employment", "name": "示例单位", "unit_id": "?"}]}"#),
    ("POST /api/v1/experts/{expert_id}/ties", r#"{"organisation_id": null}"#),
    ("POST /api/v1/experts/{expert_id}/ties", r#"{"unit_id": null}"#),
    ("POST /api/v1/external-tenders", r#"{"plan_id": null}"#),
    ("POST /api/v1/frameworks", r#"{"source_tender_id": null}"#),
    ("POST /api/v1/frameworks", r#"{"reference": null, "reference_url": null}"#),
    (
        "POST /api/v1/funds/{fund_id}/appropriations",
        r#"{"kind": "transfer", "functional_class": "2081006", "amount": {"amount_fen": 1, "currency": "CNY"}}"#,
    ),
    ("POST /api/v1/lots/{lot_id}/award", r#"{"bid_id": "?"}"#),
    (
        "POST /api/v1/lots/{lot_id}/bids",
        r#"{"attachment_ids": ["?"], "offer": {"declarations": [{"kind": "no_major_violation", "text": "无", "declaration_id": "?"}]}}"#,
    ),
    (
        "PUT /api/v1/lots/{lot_id}/draft-bid",
        r#"{"attachment_ids": ["?"], "declarations": [{"kind": "no_major_violation", "text": "无", "declaration_id": "?"}]}"#,
    ),
    ("POST /api/v1/mandates", r#"{"account_id": null}"#),
    ("POST /api/v1/tenders", r#"{"fund_id": null, "named_organisation_id": null}"#),
    (
        "POST /api/v1/tenders",
        r#"{"procedure": "single_source", "solicitation": "single", "lots": [{"title": "上门服务", "ceiling": {"amount_fen": 100, "currency": "CNY"}}]}"#,
    ),
    ("POST /api/v1/tenders/{tender_id}/opening", r#"{"reasons": [{"lot_id": "?", "reason": "仅一家机构具备助浴资质。"}]}"#),
    ("POST /api/v1/units", r#"{"name_zh": "南街社区服务站"}"#),
];

/// The bodies that an operation is sent, before their ids are filled.
pub fn bodies(operation: &Operation) -> Vec<Value> {
    let example = &operation.value["requestBody"]["content"]["application/json"]["example"];
    let more = MORE.iter().filter(|(name, _)| *name == operation.name());
    let changed = more.map(|(_, change)| merged(example.clone(), serde_json::from_str(change).unwrap()));
    std::iter::once(example.clone()).chain(changed).collect()
}

/// The columns of a table by the schema.
fn columns(table: &str) -> Vec<&'static str> {
    const SCHEMA: &str = include_str!("../../../src/db/schema.rs");
    let head = format!("\n    {table} (");
    let found = SCHEMA.split_once(&head).and_then(|(_, rest)| rest.split_once("{\n")?.1.split_once("\n    }"));
    let (body, _) = found.unwrap_or_else(|| panic!("the schema has no table {table}"));
    body.lines().filter_map(|line| Some(line.trim().split_once(" -> ")?.0)).collect()
}

fn filled(text: &str, ids: &Ids) -> String {
    let text = ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id));
    assert!(!text.contains('{'), "no id for {text}");
    text
}

/// The rows of the neighbour beside those of the own district.
pub struct Neighbours {
    own: Ids,
    theirs: Ids,
    /// Table and condition of every copy.
    made: Vec<(&'static str, String)>,
}

impl Neighbours {
    /// Copies what the fixture has, behind the API.
    pub async fn of(app: &TestApp, fixture: &Fixture) -> Self {
        let mut own = fixture.ids.clone();
        own.insert("tenant_id", app.tenant.to_string());
        own.extend(unnamed_rows(app).await);
        let case = CaseId::new(Uuid::now_v7());
        let account = somebody(app, &own["unit_id"], case).await.to_string();
        let tenant = app.other_tenant().await.to_string();
        let theirs = [("tenant_id", tenant), ("case_id", case.to_string()), ("auditor_id", account.clone()), ("account_id", account)];
        let mut neighbours = Self { own, theirs: Ids::from(theirs), made: Vec::new() };
        for copied in COPIES {
            neighbours.copy(app, copied).await;
        }
        neighbours
    }

    async fn copy(&mut self, app: &TestApp, &(name, table, which, changes): &Copied) {
        let (columns, new) = (columns(table), Uuid::now_v7().to_string());
        let (has_id, which) = (columns.contains(&"id"), filled(which, &self.own));
        self.theirs.insert("new", new.clone());
        let mut changed: Vec<(&str, String)> = changes.iter().map(|(column, value)| (*column, filled(value, &self.theirs))).collect();
        let rows = if has_id {
            changed.insert(0, ("id", format!("'{new}'")));
            self.theirs.insert(name, new);
            format!("id = (SELECT id FROM {table} WHERE {which} ORDER BY id LIMIT 1)")
        } else {
            which
        };
        assert!(changed.iter().all(|(column, _)| columns.contains(column)), "{table} has no such column: {changed:?}");
        // The first change tells the copy from what it was copied from.
        self.made.push((table, format!("{} = {}", changed[0].0, changed[0].1)));
        changed.push(("tenant_id", format!("'{}'", self.theirs["tenant_id"])));
        let value = |column: &str| changed.iter().find(|(changed, _)| *changed == column).map(|(_, value)| value.clone());
        let names: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
        let values: Vec<String> = columns.iter().zip(&names).map(|(column, name)| value(column).unwrap_or_else(|| name.clone())).collect();
        let statement = format!("INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {rows}", names.join(", "), values.join(", "));
        let told = statement.clone();
        let copied = app
            .db
            .write(Facts::internal(app.clock.now()).unwrap(), move |tx| Ok(diesel::sql_query(statement.as_str()).execute(&mut **tx)?))
            .await
            .unwrap_or_else(|fault| panic!("{told}: {fault:?}"));
        assert!(copied > 0, "nothing to copy: {told}");
    }

    /// What the neighbour has of the kind that a field or parameter of an operation names.
    pub fn foreign(&self, path: &str, field: &str) -> Option<&str> {
        self.theirs.get(kind_of(path, field)?).map(String::as_str)
    }

    /// What the own district has of it.
    pub fn own(&self, path: &str, field: &str) -> Option<&str> {
        self.own.get(kind_of(path, field)?).map(String::as_str)
    }

    /// Whether an answer shows something that is the neighbour's alone.
    pub fn shown_in(&self, text: &str) -> bool {
        self.theirs.iter().any(|(name, id)| name.starts_with("their ") && text.contains(id.as_str()))
    }

    /// Takes the copies away: no posting stands behind their money.
    pub async fn leave(self, app: &TestApp) {
        let gone = self.made.iter().rev().map(|(table, which)| format!("DELETE FROM {table} WHERE {which}"));
        run_sql(app, gone.collect()).await;
    }
}

/// Rows of the own district that the fixture gives no name: an agency, and an account with the auditor's role.
async fn unnamed_rows(app: &TestApp) -> [(&'static str, String); 2] {
    let tenant = app.tenant;
    let (agency, auditor) = app
        .read(move |db| {
            let agencies = units::table.filter(units::tenant_id.eq(tenant).and(units::kind.eq("agency")));
            let agency = agencies.select(units::id).first::<UnitId>(db).unwrap();
            let notices = audit_notices::table.filter(audit_notices::tenant_id.eq(tenant));
            (agency, notices.select(audit_notices::auditor_id).first::<AccountId>(db).unwrap())
        })
        .await;
    [("agency_id", agency.to_string()), ("auditor_id", auditor.to_string())]
}

/// An account of the neighbour with every role that an account is named for, in a unit of the own district. The neighbour's journal knows it, in a
/// case.
async fn somebody(app: &TestApp, unit: &str, case: CaseId) -> AccountId {
    let tenant = app.other_tenant().await;
    let account = app.person_of(tenant, "Wai Ren", &[Role::Evaluator], None, None).await.account;
    let role = |role: &&str| format!("INSERT INTO account_roles (account_id, role) VALUES ('{account}', '{role}')");
    let mut statements: Vec<String> = MORE_ROLES.iter().map(role).collect();
    statements.push(format!("UPDATE accounts SET unit_id = '{unit}' WHERE id = '{account}'"));
    app.db
        .write(Facts::internal(app.clock.now()).unwrap(), move |tx| {
            for statement in &statements {
                diesel::sql_query(statement.as_str()).execute(&mut **tx)?;
            }
            let (action, resource, content) = ("test.changed", account.any(), json!({}));
            journal::record(tx, &Event { tenant, action, kind: "account", resource, version: 1, case: Some(case), content }).map(drop)
        })
        .await
        .unwrap();
    account
}
