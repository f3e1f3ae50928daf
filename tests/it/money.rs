//! Funds and the ledger: who fills a fund, who sees what is in it, and that no fen is spent twice.

use baiyi::db::{Facts, Tx, schema};
use baiyi::kernel::id::{AccountId, CaseId, FundId, HoldId, TenantId, UnitId};
use baiyi::kernel::{Error, Fen};
use baiyi::money::ledger::{self, Cause, Slip};
use baiyi::people::Role;
use diesel::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Person, TestApp, on_both};

/// A unit of a tenant.
pub async fn unit(app: &TestApp, tenant: TenantId, name: &str) -> UnitId {
    let name = name.to_owned();
    app.db
        .write(Facts::internal(app.clock.now()).unwrap(), move |tx| {
            use schema::units;
            let (id, now) = (tx.new_id::<UnitId>(), tx.now());
            diesel::insert_into(units::table)
                .values((
                    units::id.eq(id),
                    units::tenant_id.eq(tenant),
                    units::name_zh.eq(&name),
                    units::kind.eq("subdistrict"),
                    units::area_id.eq(None::<baiyi::kernel::id::AreaId>),
                    units::version.eq(1_i64),
                    units::created_at.eq(now),
                ))
                .execute(&mut **tx)?;
            Ok(id)
        })
        .await
        .unwrap()
}

/// The finance officer of a fresh unit.
pub async fn officer(app: &TestApp) -> (Person, UnitId) {
    let unit = unit(app, app.tenant, "月河街道办事处").await;
    (app.person_of(app.tenant, "Cai Wu", &[Role::FinanceOfficer], Some(unit), None).await, unit)
}

fn fund_of(unit: UnitId) -> Value {
    json!({"unit_id": unit.to_string(), "stream": "fiscal", "year": 2026, "name_zh": "社会工作服务专项", "custodian": "treasury"})
}

fn document(number: &str, fen: i64) -> Value {
    json!({
        "kind": "initial", "document_number": number, "amount": {"amount_fen": fen, "currency": "CNY"},
        "functional_class": "2080208", "economic_class": "30227",
    })
}

/// A fund with that much in it.
pub async fn filled_fund(client: &Client, unit: UnitId, fen: i64) -> FundId {
    let path = client.post("/api/v1/funds").json(fund_of(unit)).await.is(201).header("location");
    client.post(&format!("{path}/appropriations")).json(document("吴财预〔2026〕1号", fen)).await.is(201);
    path.rsplit('/').next().unwrap().parse().unwrap()
}

/// Runs one step of the ledger in a transaction of its own.
pub async fn step<T: Send + 'static>(
    app: &TestApp,
    by: AccountId,
    work: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, &'static str> {
    let facts = Facts::on_behalf_of(app.clock.now(), by).unwrap();
    app.db.write(facts, move |tx| work(tx)).await.map_err(|refused| refused.code())
}

pub fn cause(kind: &'static str, number: u128) -> Cause<'static> {
    Cause { kind, id: Uuid::from_u128(number).into() }
}

/// A slip of the bank without a reference.
pub fn slip(cause: Cause<'static>) -> Slip<'static> {
    Slip { cause, reference: None }
}

pub fn case(number: u128) -> CaseId {
    Uuid::from_u128(number).into()
}

fn balance(fund: &Value, account: &str) -> i64 {
    fund["balances"][account]["amount_fen"].as_i64().unwrap()
}

on_both! {
    async fn a_fund_is_made_and_filled_and_everybody_sees_its_balance(app: &TestApp) {
        let (cai, unit) = officer(app).await;
        let made = cai.client.post("/api/v1/funds").json(fund_of(unit)).await.is(201);
        assert_eq!(made.etag(), "\"1\"");
        let path = made.header("location");
        let public = app.public();
        assert_eq!(public.get(&path).send().await.is(200).value(), made.value());
        let filled = cai.client.post(&format!("{path}/appropriations")).json(document("吴财预〔2026〕1号", 12_345_600)).await.is(201);
        assert_eq!(filled.text_at("/amount/amount_fen"), "12345600");
        app.clock.advance_to(app.clock.now().plus_seconds(60));
        let mut more = document("吴财预〔2026〕9号", 400);
        more["kind"] = json!("supplementary");
        cai.client.post(&format!("{path}/appropriations")).json(more).await.is(201);
        let seen = public.get(&path).header("if-none-match", "\"1\"").send().await.is(200);
        assert_eq!(seen.etag(), "\"3\"", "every posting is a new version of the fund");
        for (account, fen) in [("authority", 12_346_000), ("free", 12_346_000), ("reserved", 0), ("committed", 0), ("payable", 0), ("advanced", 0), ("paid", 0), ("returned", 0)] {
            assert_eq!(balance(&seen.value(), account), fen, "{account}");
        }
        let documents = cai.client.get(&format!("{path}/appropriations?limit=1")).send().await.is(200);
        assert_eq!(documents.value()["items"][0], filled.value());
        let second = cai.client.get(&format!("{path}/appropriations?limit=1&after={}", documents.text_at("/next"))).send().await.is(200);
        assert_eq!((second.text_at("/items/0/kind").as_str(), second.value()["next"].clone()), ("supplementary", Value::Null));
        cai.client.post("/api/v1/funds").json(fund_of(unit)).await.refused(409, "fund_exists");
    }

    async fn funds_are_listed_by_unit_stream_and_year(app: &TestApp) {
        let (cai, unit_id) = officer(app).await;
        let other = unit(app, app.tenant, "龙泉街道办事处").await;
        let long = app.person_of(app.tenant, "Long Quan", &[Role::FinanceOfficer], Some(other), None).await;
        for (client, unit, stream, year) in [
            (&cai.client, unit_id, "fiscal", 2026), (&cai.client, unit_id, "lottery", 2026), (&cai.client, unit_id, "fiscal", 2027),
            (&long.client, other, "special_fund", 2026), (&long.client, other, "social", 2026),
        ] {
            let mut new = fund_of(unit);
            (new["stream"], new["year"]) = (json!(stream), json!(year));
            client.post("/api/v1/funds").json(new).await.is(201);
        }
        let public = app.public();
        for (filter, count) in [
            (String::new(), 5), (format!("unit_id={unit_id}"), 3), ("stream=fiscal".into(), 2), ("year=2026".into(), 4),
            (format!("unit_id={unit_id}&stream=fiscal&year=2027"), 1), (format!("unit_id={other}&stream=fiscal"), 0),
        ] {
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let page = public.get(&format!("/api/v1/funds?{filter}&limit=2{after}")).send().await.is(200).value();
                seen.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].to_string()));
                match page["next"].as_str() {
                    Some(cursor) => after = format!("&after={cursor}"),
                    None => break,
                }
            }
            let found = seen.len();
            seen.sort();
            seen.dedup();
            assert_eq!((found, seen.len()), (count, count), "{filter}");
        }
        public.get("/api/v1/funds").header("baiyi-district", "330503").send().await.is(200);
        for bad in ["stream=gold", "year=x", "unit_id=1", "limit=0", "colour=red"] {
            public.get(&format!("/api/v1/funds?{bad}")).send().await.refused(422, "invalid");
        }
    }

    async fn only_the_units_own_finance_officer_fills_its_fund_and_strangers_do_not_see_its_books(app: &TestApp) {
        let (cai, unit_id) = officer(app).await;
        let elsewhere = unit(app, app.tenant, "龙泉街道办事处").await;
        let fund = filled_fund(&cai.client, unit_id, 1_000).await;
        let path = format!("/api/v1/funds/{fund}");
        let neighbour = app.person_of(app.tenant, "Long Quan", &[Role::FinanceOfficer], Some(elsewhere), None).await.client;
        let lead = app.person_of(app.tenant, "Zhu Ren", &[Role::PurchaserLead], Some(unit_id), None).await.client;
        let purchaser = app.person_of(app.tenant, "Jing Ban", &[Role::Purchaser], Some(unit_id), None).await.client;
        let auditor = app.person("Shen Ji", &[Role::Auditor]).await.client;
        let abroad = unit(app, app.other_tenant().await, "双林镇人民政府").await;
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::FinanceOfficer, Role::Auditor], Some(abroad), None).await.client;
        assert_eq!(foreign.post("/api/v1/funds").json(fund_of(unit_id)).await.refused(422, "invalid").bad_fields(), ["/unit_id"], "no unit of theirs");
        for (client, status, code) in [
            (&app.public(), 401, "unauthenticated"), (&foreign, 404, "not_found"), (&neighbour, 403, "forbidden"),
            (&lead, 403, "forbidden"), (&auditor, 403, "forbidden"),
        ] {
            client.post(&format!("{path}/appropriations")).json(document("2", 5)).await.refused(status, code);
        }
        for (client, status, code) in [(&app.public(), 401, "unauthenticated"), (&neighbour, 403, "forbidden"), (&lead, 403, "forbidden")] {
            client.post("/api/v1/funds").json(fund_of(unit_id)).await.refused(status, code);
        }
        app.public().post("/api/v1/funds").body("application/json", "{").send().await.refused(401, "unauthenticated");
        lead.post("/api/v1/funds").body("application/json", "{").send().await.refused(403, "forbidden");
        cai.client.post("/api/v1/funds").body("application/json", "{").send().await.refused(400, "malformed");
        for books in ["postings", "appropriations"] {
            let books = format!("{path}/{books}");
            app.public().get(&books).send().await.refused(401, "unauthenticated");
            foreign.get(&books).send().await.refused(404, "not_found");
            for stranger in [&neighbour, &purchaser] {
                stranger.get(&books).send().await.refused(403, "forbidden");
            }
            for reader in [&cai.client, &lead, &auditor] {
                assert_eq!(reader.get(&books).send().await.is(200).value()["items"].as_array().unwrap().len(), 1);
            }
        }
        foreign.get(&path).send().await.refused(404, "not_found");
        app.public().get(&path).header("baiyi-district", "330503").send().await.refused(404, "not_found");
        // An officer of the finance bureau reaches every unit.
        let bureau = unit(app, app.tenant, "区财政局").await;
        app.db.write(Facts::internal(app.clock.now()).unwrap(), move |tx| {
            use schema::units;
            diesel::update(units::table.find(bureau)).set(units::kind.eq("finance_bureau")).execute(&mut **tx)?;
            Ok(())
        }).await.unwrap();
        let treasurer = app.person_of(app.tenant, "Cai Zheng", &[Role::FinanceOfficer], Some(bureau), None).await.client;
        treasurer.post(&format!("{path}/appropriations")).json(document("2", 5)).await.is(201);
    }

    async fn a_document_is_entered_once_and_a_repeated_request_has_one_posting(app: &TestApp) {
        let (cai, unit) = officer(app).await;
        let path = cai.client.post("/api/v1/funds").json(fund_of(unit)).await.is(201).header("location");
        let enter = || cai.client.post(&format!("{path}/appropriations")).key("k1").json(document("吴财预〔2026〕1号", 700));
        let answers = futures_util::future::join_all((0..8).map(|_| enter())).await;
        let ids: std::collections::BTreeSet<_> = answers.into_iter().map(|answer| answer.is(201).text_at("/id")).collect();
        assert_eq!(ids.len(), 1);
        let postings = cai.client.get(&format!("{path}/postings")).send().await.is(200).value();
        assert_eq!(postings["items"].as_array().unwrap().len(), 1);
        assert_eq!(postings["items"][0]["cause_id"], json!(ids.first().unwrap()));
        assert_eq!(postings["items"][0]["legs"], json!([
            {"account": "authority", "amount_fen": -700, "currency": "CNY"}, {"account": "free", "amount_fen": 700, "currency": "CNY"},
        ]));
        cai.client.post(&format!("{path}/appropriations")).key("k1").json(document("吴财预〔2026〕2号", 700)).await.refused(422, "idempotency_key_reused");
        cai.client.post(&format!("{path}/appropriations")).json(document(" 吴财预〔2026〕1号 ", 9)).await.refused(409, "document_number_taken");
        assert_eq!(balance(&app.public().get(&path).send().await.value(), "free"), 700);
    }

    async fn bad_documents_are_refused_with_the_field_or_the_rule(app: &TestApp) {
        let (cai, unit) = officer(app).await;
        let path = cai.client.post("/api/v1/funds").json(fund_of(unit)).await.is(201).header("location");
        let mut lottery = fund_of(unit);
        lottery["stream"] = json!("lottery");
        let lottery = cai.client.post("/api/v1/funds").json(lottery).await.is(201).header("location");
        let with = |field: &str, value: Value| {
            let mut body = document("1", 5);
            body[field] = value;
            body
        };
        let money = |fen: i64| json!({"amount_fen": fen, "currency": "CNY"});
        for (body, pointer) in [
            (with("amount", money(0)), "/amount"), (with("amount", money(-1)), "/amount"), (with("amount", json!(5)), "/amount"),
            (with("document_number", json!(" ")), "/document_number"), (with("kind", json!("gift")), "/kind"),
            (with("functional_class", json!("20802x8")), "/functional_class"), (with("economic_class", json!("1")), "/economic_class"),
            (with("colour", json!("red")), "/colour"),
        ] {
            let refused = cai.client.post(&format!("{path}/appropriations")).json(body).await.refused(422, "invalid");
            assert_eq!(refused.bad_fields(), [pointer], "{}", refused.text);
        }
        for (fund, class) in [(&path, "2296002"), (&lottery, "2080208")] {
            let refused = cai.client.post(&format!("{fund}/appropriations")).json(with("functional_class", json!(class))).await.refused(422, "stream_rule_broken");
            assert_eq!(refused.text_at("/rule"), "R082", "{}", refused.text);
        }
        cai.client.post(&format!("{lottery}/appropriations")).json(with("functional_class", json!("2296002"))).await.is(201);
        cai.client.post(&format!("{lottery}/appropriations")).json(document("2", 1_000_000_000_000)).await.refused(422, "stream_rule_broken");
        let mut rest = with("functional_class", json!("2296002"));
        (rest["document_number"], rest["amount"]) = (json!("2"), money(999_999_999_996));
        cai.client.post(&format!("{lottery}/appropriations")).json(rest).await.refused(422, "fund_limit");
        let mut fund = fund_of(unit);
        fund["unit_id"] = json!("0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f");
        assert_eq!(cai.client.post("/api/v1/funds").json(fund).await.refused(422, "invalid").bad_fields(), ["/unit_id"]);
    }

    async fn a_class_must_be_on_the_districts_list_once_there_is_one(app: &TestApp) {
        let (cai, unit) = officer(app).await;
        let path = cai.client.post("/api/v1/funds").json(fund_of(unit)).await.is(201).header("location");
        let tenant = app.tenant;
        app.db.write(Facts::internal(app.clock.now()).unwrap(), move |tx| {
            use schema::budget_subjects as subjects;
            for (code, kind) in [("2080208", "func"), ("30227", "econ"), ("50502", "econ")] {
                diesel::insert_into(subjects::table)
                    .values((subjects::tenant_id.eq(tenant), subjects::code.eq(code), subjects::name_zh.eq("科目"), subjects::kind.eq(kind), subjects::confidence.eq("confirmed"), subjects::note.eq("")))
                    .execute(&mut **tx)?;
            }
            Ok(())
        }).await.unwrap();
        let mut wrong = document("1", 5);
        (wrong["functional_class"], wrong["economic_class"]) = (json!("50502"), json!("2080208"));
        let refused = cai.client.post(&format!("{path}/appropriations")).json(wrong).await.refused(422, "invalid");
        assert_eq!(refused.bad_fields(), ["/functional_class", "/economic_class"], "a code of the other kind does not serve");
        cai.client.post(&format!("{path}/appropriations")).json(document("1", 5)).await.is(201);
    }

    async fn money_goes_from_free_to_paid_and_never_a_fen_beyond(app: &TestApp) {
        let (cai, unit) = officer(app).await;
        let (by, tenant) = (cai.account, app.tenant);
        let fund = filled_fund(&cai.client, unit, 1_000).await;
        let reserve = move |fen, number| move |tx: &mut Tx<'_>| ledger::reserve(tx, by, tenant, fund, case(1), Fen::new(fen), cause("tender", number));
        assert_eq!(step(app, by, reserve(1_001, 1)).await, Err("insufficient_funds"));
        let reservation = step(app, by, reserve(600, 1)).await.unwrap();
        assert_eq!(step(app, by, reserve(1, 1)).await, Err("already_posted"), "one open reservation per cause");
        assert_eq!(step(app, by, reserve(401, 2)).await, Err("insufficient_funds"));
        let commit = move |fen, number| move |tx: &mut Tx<'_>| ledger::commit(tx, by, tenant, reservation, Fen::new(fen), cause("contract", number));
        assert_eq!(step(app, by, commit(601, 1)).await, Err("hold_exceeded"));
        assert_eq!(step(app, by, commit(0, 1)).await, Err("invalid"));
        let commitment = step(app, by, commit(500, 1)).await.unwrap();
        assert_eq!(step(app, by, commit(50, 1)).await, Err("already_posted"));
        let release = move |hold: HoldId| move |tx: &mut Tx<'_>| ledger::release(tx, by, tenant, hold, cause("tender", 1));
        assert_eq!(step(app, by, release(reservation)).await, Ok(Fen::new(100)));
        assert_eq!(step(app, by, release(reservation)).await, Ok(Fen::ZERO));
        assert_eq!(step(app, by, commit(1, 2)).await, Err("hold_exceeded"), "what was released is gone");
        let accept = move |fen, number| move |tx: &mut Tx<'_>| ledger::accept(tx, by, tenant, commitment, Fen::new(fen), cause("milestone", number));
        let pay = move |fen, number| move |tx: &mut Tx<'_>| ledger::pay(tx, by, tenant, commitment, Fen::new(fen), slip(cause("payment", number)));
        assert_eq!(step(app, by, pay(1, 1)).await, Err("hold_exceeded"), "nothing was accepted");
        step(app, by, accept(300, 1)).await.unwrap();
        assert_eq!(step(app, by, accept(10, 1)).await, Err("already_posted"));
        assert_eq!(step(app, by, accept(201, 2)).await, Err("hold_exceeded"));
        step(app, by, pay(250, 1)).await.unwrap();
        assert_eq!(step(app, by, pay(51, 2)).await, Err("hold_exceeded"));
        step(app, by, pay(50, 2)).await.unwrap();
        assert_eq!(step(app, by, release(commitment)).await, Ok(Fen::new(200)));
        let (other, stranger) = (app.other_tenant().await, move |tx: &mut Tx<'_>| ledger::hold(tx, tenant, commitment));
        assert_eq!(step(app, by, stranger).await.unwrap().unwrap().remaining().unwrap(), Fen::ZERO);
        assert_eq!(step(app, by, move |tx| ledger::release(tx, by, other, commitment, cause("contract", 1))).await, Err("not_found"));
        assert_eq!(step(app, by, move |tx| ledger::reserve(tx, by, other, fund, case(2), Fen::new(1), cause("tender", 9))).await, Err("not_found"));
        let seen = app.public().get(&format!("/api/v1/funds/{fund}")).send().await.value();
        let balances = ["authority", "free", "reserved", "committed", "payable", "advanced", "paid", "returned"].map(|account| balance(&seen, account));
        assert_eq!(balances, [1_000, 700, 0, 0, 0, 0, 300, 0]);
        let entries = app.read(move |db| baiyi::trust::journal::of_case(db, tenant, case(1), 100).unwrap()).await;
        assert_eq!(entries.iter().filter(|entry| entry.action == "ledger.posted").count(), 7);
        let kinds: Vec<_> = cai.client.get(&format!("/api/v1/funds/{fund}/postings?limit=100")).send().await.value()["items"]
            .as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap().to_owned()).collect();
        assert_eq!(kinds.iter().filter(|kind| *kind == "release").count(), 2);
        assert_eq!(kinds.len(), 8);
    }

    async fn of_sixteen_who_reserve_at_once_only_those_there_is_room_for_succeed(app: &TestApp) {
        let (cai, unit) = officer(app).await;
        let (by, tenant) = (cai.account, app.tenant);
        let fund = filled_fund(&cai.client, unit, 599).await;
        let attempts = (0..16).map(|number| {
            step(app, by, move |tx| ledger::reserve(tx, by, tenant, fund, case(number), Fen::new(100), cause("tender", number)))
        });
        let outcomes = futures_util::future::join_all(attempts).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 5);
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err("insufficient_funds"))), "{outcomes:?}");
        let balances = app.read(move |db| ledger::balances(db, fund).unwrap()).await;
        assert_eq!((balances.free, balances.reserved), (Fen::new(99), Fen::new(500)));
    }

    async fn the_auditor_checks_the_ledger(app: &TestApp) {
        let (cai, unit) = officer(app).await;
        filled_fund(&cai.client, unit, 1_000).await;
        let auditor = app.person("Shen Ji", &[Role::Auditor]).await.client;
        let found = auditor.get("/api/v1/ledger/integrity").send().await.is(200).value();
        assert_eq!(found["holds"], true);
        let names: Vec<_> = found["invariants"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(names, ledger::INVARIANTS.iter().map(|invariant| invariant.name).collect::<Vec<_>>());
        assert!(found["invariants"].as_array().unwrap().iter().all(|row| row["holds"] == true && row["violations"] == json!([])));
        app.public().get("/api/v1/ledger/integrity").send().await.refused(401, "unauthenticated");
        let purchaser = app.person_of(app.tenant, "Jing Ban", &[Role::Purchaser], Some(unit), None).await.client;
        purchaser.get("/api/v1/ledger/integrity").send().await.refused(403, "forbidden");
    }
}
