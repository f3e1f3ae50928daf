//! The auditor's bundle: a whole chain agrees with its journal, what is changed behind the API is named, and a second verifier in Python agrees.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use baiyi::db::image;
use baiyi::disclosure::bundle::{Balance, Bundle, Resource, check, export, resources};
use baiyi::jobs;
use baiyi::trust::kinds;
use baiyi::trust::rows::Rows;

use crate::support::chain::{awarded, run_sql};
use crate::support::story::Chain;
use crate::support::{Backend, TestApp, on_both, run_unchecked};

async fn exported(app: &TestApp) -> Bundle {
    app.read(|snapshot| export::read(snapshot).unwrap()).await
}

on_both! {
    async fn a_whole_chain_agrees_with_its_journal(app: &TestApp) {
        Chain::complete(app).await;
        while jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap() > 0 {}
        let bundle = exported(app).await;
        assert_eq!(check::faults(&bundle, &app.journal.verifier(), &[]), [""; 0]);
        for kind in ["tender", "bid", "award", "contract", "payment", "organisation"] {
            assert!(bundle.resources.iter().any(|row| row.kind == kind), "no {kind} was compared");
        }
        assert!(!bundle.legs.is_empty() && !bundle.balances.is_empty() && !bundle.checkpoints.is_empty());
        second_verifier(&bundle, &app.journal.verifier());
    }
}

on_both! {
    async fn milestones_that_nothing_happened_to_are_known_by_their_contract_and_one_slipped_in_is_not(app: &TestApp) {
        let case = awarded(app).await;
        case.active(app).await;
        while jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap() > 0 {}
        let mut bundle = exported(app).await;
        let verifier = app.journal.verifier();
        // What stands before the contract was put there without the journal.
        let told = |bundle: &Bundle| -> Vec<String> {
            check::faults(bundle, &verifier, &[]).into_iter().filter(|fault| fault.starts_with("milestone ")).collect()
        };
        assert!(bundle.resources.iter().any(|row| row.kind == "milestone" && row.version() == 1), "no milestone was planned");
        assert_eq!(told(&bundle), [""; 0]);
        let stranger = "0192f0c1-7a10-7000-8000-000000000001";
        bundle.resources.push(Resource { kind: "milestone".to_owned(), id: stranger.to_owned(), rows: Rows::default() });
        assert_eq!(told(&bundle), [format!("milestone {stranger}: the journal does not know of it")]);
    }
}

/// What is found after one statement behind the API; the statement after it undoes it.
async fn told_after(app: &TestApp, change: &str, undo: &str) -> Vec<String> {
    run_sql(app, vec![change.to_owned()]).await;
    let told = check::faults(&exported(app).await, &app.journal.verifier(), &[]);
    run_sql(app, vec![undo.to_owned()]).await;
    told
}

fn columns_changed_behind_the_api(backend: Backend) {
    run_unchecked(backend, |app| {
        Box::pin(async move {
            Chain::complete(app).await;
            while jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap() > 0 {}
            let bundle = exported(app).await;
            assert_eq!(check::faults(&bundle, &app.journal.verifier(), &[]), [""; 0]);
            let texts = [
                ("contract", "contracts", "title"),
                ("tender", "tenders", "description"),
                ("payment", "payments", "invoice_number"),
                ("organisation", "organisations", "uscc"),
                ("account", "accounts", "name"),
            ];
            for (kind, table, column) in texts {
                let id = &bundle.resources.iter().find(|row| row.kind == kind).unwrap().id;
                let of = format!("WHERE CAST(id AS TEXT) = '{id}'");
                let change = format!("UPDATE {table} SET {column} = {column} || '改' {of}");
                let undo = format!("UPDATE {table} SET {column} = substr({column}, 1, length({column}) - 1) {of}");
                let told = told_after(app, &change, &undo).await;
                assert!(told.len() == 1 && told[0].starts_with(&format!("{kind} {id}: {column} not as the journal recorded")), "{told:?}");
            }
            let numbers = [
                ("contract", "contracts", "price_fen"),
                ("lot", "lots", "ceiling_fen"),
                ("milestone", "milestones", "amount_fen"),
                ("award", "awards", "price_fen"),
                ("payment", "payments", "amount_fen"),
            ];
            for (kind, table, column) in numbers {
                let row = bundle.resources.iter().find(|row| row.kind == kind && row.version() > 1).unwrap();
                let of = format!("WHERE CAST(id AS TEXT) = '{}'", row.id);
                let move_by = |by: &str| format!("UPDATE {table} SET {column} = {column} {by} {of}");
                let told = told_after(app, &move_by("+ 1"), &move_by("- 1")).await;
                assert!(told.iter().any(|fault| fault.starts_with(&format!("{kind} {}: {column} not as", row.id))), "{told:?}");
            }
            // Rows of other tables that belong to a resource: changed, slipped in.
            let told =
                told_after(app, "UPDATE opened_bids SET price_fen = price_fen - 1", "UPDATE opened_bids SET price_fen = price_fen + 1")
                    .await;
            assert!(
                told.len() > 1 && told.iter().all(|fault| fault.starts_with("bid ") && fault.contains(": opened_bids[] not as")),
                "{told:?}"
            );
            let account = &bundle.resources.iter().find(|row| row.kind == "account").unwrap().id;
            let give = format!("INSERT INTO account_roles (account_id, role) VALUES ('{account}', 'commission')");
            let told = told_after(
                app,
                &give,
                &format!("DELETE FROM account_roles WHERE CAST(account_id AS TEXT) = '{account}' AND role = 'commission'"),
            )
            .await;
            assert!(told.len() == 1 && told[0].starts_with(&format!("account {account}: account_roles[] not as")), "{told:?}");
            assert_eq!(check::faults(&exported(app).await, &app.journal.verifier(), &[]), [""; 0], "everything was undone");
            every_column_counts(&bundle);
        })
    });
}

/// Whatever column of whatever resource is changed, the resource and the column are named.
fn every_column_counts(bundle: &Bundle) {
    let (mut kinds, mut columns) = (BTreeSet::new(), 0);
    let told_by = bundle.journal.iter().filter(|entry| entry.text.as_ref().is_some_and(|text| text.contains("\"row\":{")));
    let told: BTreeSet<&str> = told_by.map(|entry| entry.resource_id.as_str()).collect();
    for (at, resource) in bundle.resources.iter().enumerate().filter(|(_, row)| told.contains(row.id.as_str())) {
        if !kinds.insert(resource.kind.clone()) {
            continue;
        }
        let forge = |change: &dyn Fn(&mut Rows)| {
            let mut forged = Bundle { resources: vec![resource.clone()], journal: bundle.journal.clone(), ..Bundle::default() };
            change(&mut forged.resources[0].rows);
            resources::faults(&forged).into_iter().find(|fault| fault.starts_with(&format!("{} {}: ", resource.kind, resource.id)))
        };
        assert_eq!(forge(&|_| ()), None, "{} {at}", resource.kind);
        for column in resource.rows.columns.keys() {
            let told = forge(&|rows| drop(rows.columns.insert(column.clone(), "forged".into()))).unwrap_or_default();
            assert!(told.contains(column.as_str()), "{}.{column}: {told}", resource.kind);
            columns += 1;
        }
        for table in resource.rows.parts.keys() {
            type Change = fn(&mut Vec<image::Image>);
            let changes: [(&str, Change); 3] = [
                ("changed", |rows| drop(rows[0].insert("forged".to_owned(), 1.into()))),
                ("slipped in", |rows| rows.push(rows[0].clone())),
                ("taken out", Vec::clear),
            ];
            for (what, change) in changes {
                let told = forge(&|rows| change(rows.parts.get_mut(table).unwrap())).unwrap_or_default();
                assert!(told.contains(&format!("{table}[] not as")), "{}, {table}, {what}: {told}", resource.kind);
            }
        }
    }
    assert!(kinds.len() > 15 && columns > 200, "{kinds:?} have {columns} columns");
}

on_both! {
    async fn every_table_is_held_against_the_journal_or_named_as_not(app: &TestApp) {
        let tables: BTreeSet<String> = app.read(|snapshot| image::tables(snapshot).unwrap()).await.into_iter().collect();
        let of_kinds: BTreeSet<String> = kinds::KINDS.iter().flat_map(|kind| kind.tables().map(|table| table.table.to_owned())).collect();
        let other: BTreeSet<String> = kinds::ELSEWHERE.iter().chain(kinds::NOT_HELD).map(|(table, _)| (*table).to_owned()).collect();
        assert_eq!(of_kinds.intersection(&other).collect::<Vec<_>>(), [""; 0], "held and not held");
        assert_eq!(of_kinds.union(&other).cloned().collect::<BTreeSet<_>>(), tables);
        let kinds: BTreeSet<&str> = kinds::KINDS.iter().map(|kind| kind.kind).collect();
        assert_eq!(kinds.len(), kinds::KINDS.len(), "a kind is there once");
    }
}

#[test]
fn a_column_changed_behind_the_api_is_named_on_sqlite() {
    columns_changed_behind_the_api(Backend::Sqlite);
}

#[test]
fn a_column_changed_behind_the_api_is_named_on_postgres() {
    if crate::support::postgres::fresh_database().is_some() {
        columns_changed_behind_the_api(Backend::Postgres);
    }
}

fn changed_behind_the_api(backend: Backend) {
    run_unchecked(backend, |app| {
        Box::pin(async move {
            Chain::complete(app).await;
            while jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap() > 0 {}
            let before = exported(app).await;
            let row = before.resources.iter().find(|row| row.kind == "contract").unwrap();
            run_sql(
                app,
                vec![
                    format!("UPDATE contracts SET version = version + 1 WHERE CAST(id AS TEXT) = '{}'", row.id),
                    "UPDATE fund_balances SET balance_fen = balance_fen + 1 WHERE account = 'paid'".to_owned(),
                ],
            )
            .await;
            let verifier = app.journal.verifier();
            let told = check::faults(&exported(app).await, &verifier, &[]);
            assert!(told[0].starts_with(&format!("contract {}: version", row.id)), "{told:?}");
            assert!(told[1].contains(", paid: balance"), "{told:?}");
            // Rows taken out, states set behind the API, money moved: each on a bundle of its own, so that each is told for itself.
            let one = |change: &dyn Fn(&mut Bundle)| {
                let mut bundle = before.clone();
                change(&mut bundle);
                check::faults(&bundle, &verifier, &[]).join("; ")
            };
            assert_eq!(one(&|_| ()), "");
            for kind in ["tender", "bid", "award", "payment", "organisation", "lot", "funding_line", "unit"] {
                let told = one(&|bundle| {
                    let at = bundle
                        .resources
                        .iter()
                        .rposition(|row| row.kind == kind && row.version() > 1)
                        .or_else(|| bundle.resources.iter().position(|row| row.kind == kind));
                    bundle.resources.remove(at.unwrap());
                });
                assert!(told.contains(kind) && told.contains("and its table has not"), "{kind}: {told}");
            }
            for kind in
                ["tender", "bid", "award", "contract", "payment", "project", "outcome_report", "organisation", "incubation", "funding_line"]
            {
                let told = one(&|bundle| {
                    let row = bundle.resources.iter_mut().find(|row| row.kind == kind && row.version() > 1).unwrap();
                    row.rows.columns.insert("state".to_owned(), "forged".into());
                });
                assert!(told.contains("state forged in its table, "), "{kind}: {told}");
                let told = one(&|bundle| {
                    let row = bundle.resources.iter_mut().find(|row| row.kind == kind && row.version() > 1).unwrap();
                    row.rows.columns.remove("state");
                });
                assert!(told.contains("state none in its table, "), "{kind}: {told}");
            }
            let told = one(&|bundle| drop(bundle.postings.pop()));
            assert!(told.contains("and the ledger has not"), "{told}");
            let told = one(&|bundle| bundle.postings[0].id = "0192f0c1-7a10-7000-8000-000000000001".to_owned());
            assert!(told.contains("the journal does not know of it") && told.contains("fewer than two legs"), "{told}");
            let told = one(&|bundle| bundle.holds[0].used_fen += 1);
            assert!(told.contains("is not what was posted"), "{told}");
            let told = one(&|bundle| bundle.holds[0].amount_fen = 0);
            assert!(told.contains("beyond its amount"), "{told}");
            let told = one(&|bundle| {
                let again = bundle.postings[0].clone();
                bundle.postings.push(again);
            });
            assert!(told.contains("its cause was posted before"), "{told}");
            let told = one(&|bundle| bundle.balances.retain(|balance| balance.account != "returned"));
            assert!(told.contains("7 accounts, and not 8"), "{told}");
            let told = one(&|bundle| {
                let empty = bundle.balances.iter().filter(|balance| balance.balance_fen == 0).cloned().collect::<Vec<_>>();
                let of_one = |balance: &&Balance| balance.fund_id == empty[0].fund_id && balance.account != empty[0].account;
                let other = empty.iter().find(of_one).unwrap().account.clone();
                bundle
                    .balances
                    .iter_mut()
                    .find(|balance| balance.fund_id == empty[0].fund_id && balance.account == other)
                    .unwrap()
                    .account = empty[0].account.clone();
            });
            assert!(told.contains(": a second balance") && told.contains("7 accounts"), "{told}");
            let cut = Bundle {
                resources: Vec::new(),
                journal: before.journal.iter().filter(|entry| entry.index != Some(9)).cloned().collect(),
                ..before.clone()
            };
            assert!(check::faults(&cut, &verifier, &[])[0].contains("index 9 is missing"));
            let mut forged = before;
            forged.journal[3].text = forged.journal[3].text.take().map(|text| text.replace("\"action\":\"", "\"action\":\"x"));
            assert!(check::faults(&forged, &verifier, &[])[0].contains("does not match: leaf_hash"));
        })
    });
}

#[test]
fn a_row_or_balance_changed_behind_the_api_is_named_on_sqlite() {
    changed_behind_the_api(Backend::Sqlite);
}

#[test]
fn a_row_or_balance_changed_behind_the_api_is_named_on_postgres() {
    if crate::support::postgres::fresh_database().is_some() {
        changed_behind_the_api(Backend::Postgres);
    }
}

fn keep<T: serde::Serialize>(file: &Path, rows: &[T]) {
    let lines: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
    std::fs::write(file, lines.join("\n")).unwrap();
}

/// The interpreter of the verifier in Python, which shares no code with this program: where Python and its package are installed, and always where
/// `BAIYI_TEST_PYTHON` names one.
pub fn python() -> Option<String> {
    let named = std::env::var("BAIYI_TEST_PYTHON");
    let python = named.clone().unwrap_or_else(|_| "python3".to_owned());
    let tried = Command::new(&python).args(["-c", "import cryptography"]).output();
    let there = tried.is_ok_and(|tried| tried.status.success());
    assert!(there || named.is_err(), "{python} has no package cryptography");
    there.then_some(python)
}

/// Whether that verifier finds the bundle in order, and its words.
pub fn checked_by_python(python: &str, bundle: &Bundle, verifier: &str) -> (bool, String) {
    by_python(python, "verify_journal.py", bundle, verifier, &[])
}

/// Whether one of the scripts finds the bundle in order, and its words.
pub fn by_python(python: &str, script: &str, bundle: &Bundle, verifier: &str, more: &[&str]) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("verifier.txt"), verifier).unwrap();
    keep(&folder.path().join("checkpoints.jsonl"), &bundle.checkpoints);
    keep(&folder.path().join("paddings.jsonl"), &bundle.paddings);
    keep(&folder.path().join("journal.jsonl"), &bundle.journal);
    keep(&folder.path().join("resources.jsonl"), &bundle.resources);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(script);
    let run = Command::new(python).arg(script).arg(folder.path()).args(more).output().unwrap();
    (run.status.success(), String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned())
}

fn second_verifier(bundle: &Bundle, verifier: &str) {
    let Some(python) = python() else { return };
    let (fine, words) = checked_by_python(&python, bundle, verifier);
    assert!(fine && words.contains("agree with every checkpoint, ") && !words.contains(", 0 rows"), "{words}");
    let mut forged = bundle.clone();
    let entry = forged.journal.iter_mut().find(|entry| entry.index == Some(5)).unwrap();
    entry.text = entry.text.take().map(|text| text.replace("\"action\":\"", "\"action\":\"x"));
    let (fine, words) = checked_by_python(&python, &forged, verifier);
    assert!(!fine && words.contains("at index 5"), "{words}");
    let mut forged = bundle.clone();
    let contract = forged.resources.iter_mut().find(|row| row.kind == "contract").unwrap();
    contract.rows.columns.insert("title".to_owned(), "另一个".into());
    let (fine, words) = checked_by_python(&python, &forged, verifier);
    assert!(!fine && words.contains(": title not as the journal recorded"), "{words}");
}
