//! The ledger's invariants can fail: rows forged past every constraint are found, each by the invariant that it breaks.

use std::collections::BTreeSet;

use baiyi::db::{Db, Target};
use baiyi::kernel::Fen;
use baiyi::kernel::id::FundId;
use baiyi::money::ledger::{self, INVARIANTS, check_invariants};
use baiyi::people::Role;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::json;

use crate::money::{case, cause, filled_fund, officer, slip, step};
use crate::support::{Backend, TestApp, run_unchecked};

/// Drops what would refuse a forged row; the database is this test's own.
const NO_CONSTRAINTS: &str = "DO $$ DECLARE r record; BEGIN FOR r IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint \
    WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace \
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.owner, r.conname); END LOOP; END $$";

/// A connection of the forger's own, which no constraint stops.
fn forger(target: &Target) -> Db {
    let mut db = match target {
        Target::Sqlite(path) => Db::Sqlite(SqliteConnection::establish(&path.to_string_lossy()).unwrap()),
        Target::Postgres(url) => Db::Postgres(PgConnection::establish(url).unwrap()),
    };
    let unbound = match &db {
        Db::Sqlite(_) => "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON",
        Db::Postgres(_) => NO_CONSTRAINTS,
    };
    db.batch_execute(unbound).unwrap();
    db
}

/// Ids of the sound ledger that the forgeries start from.
struct Sound {
    fund: FundId,
    script: Vec<(&'static str, String)>,
}

/// A fund of 1 000 with a reservation of 400, of which a contract took 300, of which 200 were accepted and 100 paid.
async fn sound_ledger(app: &TestApp) -> Sound {
    let (cai, unit) = officer(app).await;
    let (by, tenant) = (cai.account, app.tenant);
    let fund = filled_fund(&cai.client, unit, 1_000).await;
    let reservation =
        step(app, by, move |tx| ledger::reserve(tx, by, tenant, fund, case(1), Fen::new(400), cause("tender", 1))).await.unwrap();
    let commitment =
        step(app, by, move |tx| ledger::commit(tx, by, tenant, reservation, Fen::new(300), cause("contract", 2))).await.unwrap();
    step(app, by, move |tx| ledger::accept(tx, by, tenant, commitment, Fen::new(200), cause("milestone", 3))).await.unwrap();
    let payment = step(app, by, move |tx| ledger::pay(tx, by, tenant, commitment, Fen::new(100), slip(cause("payment", 4)))).await.unwrap();
    let id = |number: u128| uuid::Uuid::from_u128(number);
    let script = vec![
        (
            "contract",
            format!(
                "INSERT INTO contracts (id, tenant_id, case_id, award_id, unit_id, organisation_id, fund_id, reservation_id, commitment_id, \
             title, price_fen, starts_on, ends_on, state, drafted_by, version, created_at) VALUES ('{0}', '{tenant}', '{1}', '{2}', '{unit}', \
             '{2}', '{fund}', '{reservation}', '{commitment}', '合同', 300, '2026-03-01', '2026-12-31', 'active', '{by}', 1, '2026-03-02 01:00:00')",
                id(2),
                id(1),
                id(9),
            ),
        ),
        (
            "payment",
            format!(
                "INSERT INTO payments (id, tenant_id, case_id, contract_id, milestone_id, fund_id, unit_id, organisation_id, amount_fen, \
             invoice_number, state, claimed_by, version, created_at) VALUES ('{0}', '{tenant}', '{1}', '{2}', '{3}', '{fund}', '{unit}', \
             '{4}', 100, '1', 'paid', '{by}', 1, '2026-03-02 01:00:00')",
                id(4),
                id(1),
                id(2),
                id(3),
                id(9),
            ),
        ),
        (
            "line",
            format!(
                "INSERT INTO funding_lines (id, tenant_id, case_id, owner_kind, owner_id, position, fund_id, stream, year, amount_fen, state, hold_id, \
             purpose_code, version, created_at) VALUES ('{0}', '{tenant}', '{1}', 'contract', '{2}', 1, '{fund}', 'fiscal', 2026, 300, 'committed', \
             '{commitment}', 'A0402', 1, '2026-03-02 01:00:00')",
                id(5),
                id(1),
                id(2),
            ),
        ),
        (
            "leg",
            format!("INSERT INTO payment_legs (payment_id, line_id, amount_fen, refunded_fen) VALUES ('{}', '{}', 100, 0)", id(4), id(5)),
        ),
        ("reservation_id", reservation.to_string()),
        ("commitment_id", commitment.to_string()),
        ("posting_id", payment.to_string()),
        ("tenant_id", tenant.to_string()),
        ("account_id", by.to_string()),
    ];
    Sound { fund, script }
}

/// Each forgery with the invariants that must find it, and no other.
fn forgeries(sound: &Sound) -> Vec<(String, Vec<&'static str>)> {
    let of = |name: &str| sound.script.iter().find(|(key, _)| *key == name).unwrap().1.clone();
    let (fund, tenant, by) = (sound.fund, of("tenant_id"), of("account_id"));
    let (reservation, commitment, payment) = (of("reservation_id"), of("commitment_id"), of("posting_id"));
    let fresh = uuid::Uuid::from_u128(77);
    let posting = |kind: &str, cause: &str, hold: &str| {
        format!(
            "INSERT INTO postings (id, tenant_id, fund_id, kind, at, case_id, cause_kind, cause_id, hold_id, made_by) \
             VALUES ('{fresh}', '{tenant}', '{fund}', '{kind}', '2026-03-02 01:00:00', '{0}', {cause}, {hold}, '{by}')",
            uuid::Uuid::from_u128(1)
        )
    };
    let leg = |account: &str, fen: i64| {
        format!("INSERT INTO posting_legs (posting_id, account, fund_id, amount_fen) VALUES ('{fresh}', '{account}', '{fund}', {fen})")
    };
    let add = |account: &str, fen: i64| {
        format!("UPDATE fund_balances SET balance_fen = balance_fen + {fen} WHERE fund_id = '{fund}' AND account = '{account}'")
    };
    let another_line = |state: &str, hold: &str, fen: i64| {
        format!(
            "INSERT INTO funding_lines (id, tenant_id, case_id, owner_kind, owner_id, position, fund_id, stream, year, amount_fen, state, hold_id, \
             version, created_at) SELECT '{}', tenant_id, case_id, 'lot', tenant_id, 2, fund_id, stream, year, {fen}, '{state}', '{hold}', 1, \
             created_at FROM funding_lines",
            uuid::Uuid::from_u128(78)
        )
    };
    let document = |kind: &str, fen: i64| {
        format!(
            "INSERT INTO appropriations (id, tenant_id, fund_id, kind, document_number, amount_fen, functional_class, economic_class, created_by, \
             created_at) VALUES ('{fresh}', '{tenant}', '{fund}', '{kind}', '伪', {fen}, '2080208', '30227', '{by}', '2026-03-02 01:00:00')"
        )
    };
    let reduction = |fen: i64, settled: i64| {
        format!(
            "INSERT INTO reductions (appropriation_id, tenant_id, fund_id, document_number, amount_fen, settled_fen, created_at) \
             VALUES ('{fresh}', '{tenant}', '{fund}', '伪', {fen}, {settled}, '2026-03-02 01:00:00')"
        )
    };
    let any = format!("'forged', '{fresh}'");
    let paid_cause = format!("'payment', '{}'", uuid::Uuid::from_u128(4));
    let cases: Vec<(Vec<String>, Vec<&str>)> = vec![
        // A posting without legs; with one leg; with legs that do not add up, though the balances follow.
        (vec![posting("appropriation", &any, "NULL")], vec!["postings_balance"]),
        (
            vec![posting("appropriation", &any, "NULL"), leg("free", 7), add("free", 7)],
            vec!["postings_balance", "authority_is_accounted_for"],
        ),
        (
            vec![posting("appropriation", &any, "NULL"), leg("free", 7), leg("authority", -6), add("free", 7), add("authority", -6)],
            vec!["postings_balance", "authority_is_accounted_for"],
        ),
        // An overdraft that balances.
        (
            vec![posting("release", &any, "NULL"), leg("free", -601), leg("returned", 601), add("free", -601), add("returned", 601)],
            vec!["no_account_overdrawn"],
        ),
        (
            vec![
                posting("release", &any, "NULL"),
                leg("free", -1_200),
                leg("authority", 1_200),
                add("free", -1_200),
                add("authority", 1_200),
            ],
            vec!["no_account_overdrawn", "authority_is_accounted_for"],
        ),
        // A balance changed without a posting; two of them, so that the equation still holds; a missing account.
        (vec![add("free", 1)], vec!["authority_is_accounted_for", "replay_gives_the_balances"]),
        (vec![add("free", -1), add("paid", 1)], vec!["replay_gives_the_balances"]),
        (vec![format!("DELETE FROM fund_balances WHERE fund_id = '{fund}' AND account = 'advanced'")], vec!["replay_gives_the_balances"]),
        // A document without its posting; a document with another amount.
        (vec!["UPDATE appropriations SET amount_fen = 999".to_owned()], vec!["authority_is_accounted_for"]),
        (
            vec![format!("UPDATE postings SET cause_kind = 'nothing' WHERE fund_id = '{fund}' AND kind = 'appropriation'")],
            vec!["authority_is_accounted_for"],
        ),
        // A hold beyond itself; a hold whose history was changed; money set aside for no hold.
        (vec![format!("UPDATE holds SET amount_fen = 299 WHERE id = '{reservation}'")], vec!["holds_within_themselves"]),
        (
            vec![format!("UPDATE holds SET used_fen = used_fen - 50, released_fen = released_fen + 50 WHERE id = '{reservation}'")],
            vec!["holds_within_themselves"],
        ),
        (
            vec![posting("reservation", &any, "NULL"), leg("free", -5), leg("reserved", 5), add("free", -5), add("reserved", 5)],
            vec!["holds_within_themselves"],
        ),
        // A contract whose price is not what its lines add up to; an active one without lines; a line that is future and holds money; a
        // line whose hold is a reservation, is of another amount, another case, or serves two lines; a lot's line that keeps less.
        (vec!["UPDATE contracts SET price_fen = 301".to_owned()], vec!["contracts_within_commitments"]),
        (vec!["UPDATE funding_lines SET owner_id = tenant_id".to_owned()], vec!["contracts_within_commitments"]),
        (vec!["UPDATE funding_lines SET state = 'future'".to_owned()], vec!["contracts_within_commitments"]),
        (vec![format!("UPDATE funding_lines SET hold_id = '{reservation}'")], vec!["contracts_within_commitments"]),
        (vec!["UPDATE funding_lines SET hold_id = NULL".to_owned()], vec!["contracts_within_commitments"]),
        (
            vec!["UPDATE funding_lines SET amount_fen = 299".to_owned(), "UPDATE contracts SET price_fen = 299".to_owned()],
            vec!["contracts_within_commitments"],
        ),
        (vec!["UPDATE funding_lines SET case_id = tenant_id".to_owned()], vec!["contracts_within_commitments"]),
        (vec![another_line("committed", &commitment, 300)], vec!["contracts_within_commitments"]),
        (vec![another_line("reserved", &reservation, 99)], vec!["contracts_within_commitments"]),
        // Legs that are not the payment's amount; legs on a line that did not pay; a refund that the ledger does not know.
        (vec!["UPDATE payment_legs SET amount_fen = 99".to_owned()], vec!["contracts_within_commitments"]),
        (vec!["UPDATE payment_legs SET refunded_fen = 1".to_owned()], vec!["contracts_within_commitments"]),
        (
            vec![another_line("reserved", &reservation, 100), format!("UPDATE payment_legs SET line_id = '{}'", uuid::Uuid::from_u128(78))],
            vec!["contracts_within_commitments"],
        ),
        // A reduction that is pending while money is free; one without its row; one that took more than was posted; money of no document.
        (vec![document("reduction", 10), reduction(10, 0)], vec!["authority_is_accounted_for"]),
        (vec![document("reduction", 10)], vec!["authority_is_accounted_for"]),
        (vec![document("recall", 10), reduction(10, 10)], vec!["authority_is_accounted_for"]),
        (
            vec![posting("appropriation", &any, "NULL"), leg("free", 7), leg("authority", -7), add("free", 7), add("authority", -7)],
            vec!["authority_is_accounted_for"],
        ),
        (vec![document("transfer", 10)], vec!["authority_is_accounted_for"]),
        // A line of another stream or year than its fund; one for a catalogue item or an area that its fund excludes.
        (vec!["UPDATE funding_lines SET stream = 'social'".to_owned()], vec!["streams_keep_their_rules"]),
        (vec!["UPDATE funding_lines SET year = 2027".to_owned()], vec!["streams_keep_their_rules"]),
        (
            vec![format!("INSERT INTO fund_limits (fund_id, kind, value) VALUES ('{fund}', 'catalogue', 'B')")],
            vec!["streams_keep_their_rules"],
        ),
        (vec![format!("INSERT INTO fund_limits (fund_id, kind, value) VALUES ('{fund}', 'area', 'x')")], vec!["streams_keep_their_rules"]),
        // An advance beyond what is committed, and one cleared below nothing.
        (
            vec![
                posting("clearing", &any, &format!("'{commitment}'")),
                leg("advanced", -5),
                leg("payable", 5),
                add("advanced", -5),
                add("payable", 5),
            ],
            vec!["no_account_overdrawn", "contracts_within_commitments"],
        ),
        // A payment that the ledger does not know; one that it knows with another amount; more paid than accepted.
        (vec!["UPDATE payments SET state = 'instructed'".to_owned()], vec!["contracts_within_commitments"]),
        (vec!["UPDATE payments SET amount_fen = 99".to_owned()], vec!["contracts_within_commitments"]),
        (
            vec![
                posting("payment", &any, &format!("'{commitment}'")),
                leg("free", -150),
                leg("paid", 150),
                add("free", -150),
                add("paid", 150),
                "UPDATE payments SET amount_fen = 250".to_owned(),
                "UPDATE payment_legs SET amount_fen = 250".to_owned(),
            ],
            vec!["contracts_within_commitments"],
        ),
        // Fiscal money under a lottery class; lottery money under a fiscal one.
        (vec!["UPDATE appropriations SET functional_class = '2296002'".to_owned()], vec!["streams_keep_their_rules"]),
        (vec!["UPDATE funds SET stream = 'lottery'".to_owned()], vec!["streams_keep_their_rules"]),
        // The same payment posted twice; two open reservations of one tender.
        (
            vec![
                posting("payment", &paid_cause, &format!("'{commitment}'")),
                leg("payable", -100),
                leg("paid", 100),
                add("payable", -100),
                add("paid", 100),
                "UPDATE payments SET amount_fen = 200".to_owned(),
                "UPDATE payment_legs SET amount_fen = 200".to_owned(),
            ],
            vec!["one_posting_per_cause"],
        ),
        (
            vec![
                format!(
                    "INSERT INTO holds (id, tenant_id, fund_id, case_id, kind, cause_kind, cause_id, amount_fen, used_fen, released_fen, created_at) \
                     SELECT '{fresh}', tenant_id, fund_id, case_id, kind, cause_kind, cause_id, 5, 0, 0, created_at FROM holds WHERE id = '{reservation}'"
                ),
                posting("reservation", &any, &format!("'{fresh}'")),
                leg("free", -5),
                leg("reserved", 5),
                add("free", -5),
                add("reserved", 5),
            ],
            vec!["one_posting_per_cause"],
        ),
        // Legs in a fund that is not the posting's.
        (
            vec![format!("UPDATE posting_legs SET fund_id = '{fresh}' WHERE posting_id = '{payment}'")],
            vec!["postings_balance", "replay_gives_the_balances"],
        ),
    ];
    cases.into_iter().map(|(statements, names)| (statements.join("; "), names)).collect()
}

fn broken(db: &mut Db) -> BTreeSet<&'static str> {
    check_invariants(db).unwrap().into_iter().map(|violation| violation.invariant).collect()
}

async fn every_forgery_is_found_by_name(app: &TestApp) {
    let sound = sound_ledger(app).await;
    let mut db = forger(&app.target);
    for (_, statement) in sound.script.iter().filter(|(_, text)| text.starts_with("INSERT")) {
        db.batch_execute(statement).unwrap();
    }
    assert_eq!(broken(&mut db), BTreeSet::new(), "the ledger is sound before anything is forged");
    let mut shown = BTreeSet::new();
    for (statements, names) in forgeries(&sound) {
        db.batch_execute("BEGIN").unwrap();
        db.batch_execute(&statements).unwrap();
        let found = broken(&mut db);
        db.batch_execute("ROLLBACK").unwrap();
        assert_eq!(found, names.iter().copied().collect(), "{statements}");
        shown.extend(names);
    }
    assert_eq!(shown, INVARIANTS.iter().map(|invariant| invariant.name).collect(), "every invariant was seen to fail");
    // Over HTTP, and only to the district concerned.
    db.batch_execute("UPDATE contracts SET price_fen = 301").unwrap();
    let auditor = app.person("Shen Ji", &[Role::Auditor]).await.client;
    let told = auditor.get("/api/v1/ledger/integrity").send().await.is(200).value();
    let row = told["invariants"].as_array().unwrap().iter().find(|row| row["name"] == "contracts_within_commitments").unwrap().clone();
    assert_eq!((&told["holds"], &row["holds"]), (&json!(false), &json!(false)));
    assert_eq!(row["violations"], json!([uuid::Uuid::from_u128(2).to_string()]));
    let neighbour = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::Auditor], None, None).await.client;
    assert_eq!(neighbour.get("/api/v1/ledger/integrity").send().await.is(200).value()["holds"], true);
}

#[test]
fn sqlite() {
    run_unchecked(Backend::Sqlite, |app| Box::pin(every_forgery_is_found_by_name(app)));
}

#[test]
fn postgres() {
    run_unchecked(Backend::Postgres, |app| Box::pin(every_forgery_is_found_by_name(app)));
}
