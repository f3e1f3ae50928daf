//! Reports: what an auditor answers from the API alone, and that a downloaded table says the same to the fen.

use std::io::Cursor;

use baiyi::people::Role;
use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};

use crate::support::story::{Chain, WINNING_PRICE};
use crate::support::{Client, TestApp, on_both};

/// The cells of a downloaded workbook, row by row.
async fn workbook(client: &Client, path: &str) -> Vec<Vec<Data>> {
    let answer = client.get(path).send().await.is(200);
    assert!(answer.header("content-disposition").contains(".xlsx"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

fn yuan(money: &Value) -> Data {
    Data::Float(format!("{}", money["amount_fen"].as_i64().unwrap()).parse::<f64>().unwrap() / 100.0)
}

on_both! {
    async fn an_auditor_says_what_was_bought_from_whom_with_which_money_and_what_came_of_it(app: &TestApp) {
        let chain = Chain::complete(app).await;
        let auditor = &chain.auditor;
        let register = auditor.get(&format!("/api/v1/reports/contracts?year=2026&unit_id={}", chain.id("unit_id"))).send().await.is(200).value();
        let row = &register["rows"][0];
        assert_eq!((register["rows"].as_array().unwrap().len(), &row["organisation_name"]), (1, &Value::from("吴兴区夕阳红社会工作服务中心")));
        assert_eq!((&row["price"]["amount_fen"], &row["paid"]["amount_fen"]), (&Value::from(WINNING_PRICE), &Value::from(WINNING_PRICE)));
        assert_eq!((&row["streams"], &row["project_name"]), (&json!(["fiscal"]), &Value::from("夕阳不孤单")));
        // The case leads on, and the project's board says what came of it.
        auditor.get(&format!("/api/v1/cases/{}", row["case_id"].as_str().unwrap())).send().await.is(200);
        let board = auditor.get("/api/v1/reports/hundred-projects?year=2026").send().await.is(200).value();
        assert_eq!((&board["verified"], &board["rows"][0]["number"]), (&Value::from(1), &Value::from(17)));
        // What counts are distinct verified projects and distinct workers whose certificate somebody saw.
        let (payee, project) = (&chain.bidders[0].client, format!("/api/v1/projects/{}", chain.id("project_id")));
        let enter = async |name: &str, number: &str| {
            let worker = json!({"name": name, "certificate": {"level": "social_worker", "number": number, "issued_on": "2024-09-01"}});
            payee.post("/api/v1/social-workers").json(worker).await.is(201).text_at("/id")
        };
        let (seen, entered) = (enter("夏员", "20230933058").await, enter("陆员", "20230933059").await);
        let fact = json!({"fact": "certificate", "holds": true});
        chain.admin.act(&format!("/api/v1/social-workers/{seen}/verification"), fact).await.is(200);
        payee.act(&format!("{project}/workers"), json!({"worker_ids": [seen, entered]})).await.is(204);
        for worker in [&seen, &entered] {
            let held = json!({"worker_id": worker, "held_on": "2026-03-01", "minutes": 90, "place": "月河社区", "kind": "visit", "persons": 12, "note": "上门照料。"});
            let session = payee.post(&format!("{project}/service-sessions")).json(held).await.is(201).header("location");
            chain.purchaser.client.act(&format!("{session}/confirmation"), json!({})).await.is(200);
        }
        let counted = auditor.get("/api/v1/reports/hundred-projects?year=2026").send().await.is(200).value();
        assert_eq!((&board["certified_workers"], &counted["certified_workers"]), (&Value::from(0), &Value::from(1)));
        let measured = &board["rows"][0]["indicators"][0];
        assert_eq!((&measured["target"], &measured["actual"]), (&Value::from(3000), &Value::from(3120)));
        assert_eq!(auditor.get("/api/v1/reports/contracts?year=2027").send().await.is(200).value()["rows"], json!([]));
        // The figures of the fund are its postings'.
        let funding = auditor.get("/api/v1/reports/funding?year=2026").send().await.is(200).value();
        let figures = &funding["rows"][0]["figures"];
        let of = |name: &str| figures[name]["amount_fen"].as_i64().unwrap();
        assert_eq!((of("authority"), of("paid"), of("free")), (50_000_000, WINNING_PRICE, 50_000_000 - WINNING_PRICE));
        assert_eq!(figures["execution_bp"], 3_530);
        assert_eq!(&funding["total"], figures);
        let postings = auditor.get(&format!("/api/v1/funds/{}/postings?limit=100", funding["rows"][0]["fund_id"].as_str().unwrap())).send().await.is(200).value();
        let legs = postings["items"].as_array().unwrap().iter().flat_map(|posting| posting["legs"].as_array().unwrap());
        let paid: i64 = legs.filter(|leg| leg["account"] == "paid").map(|leg| leg["amount_fen"].as_i64().or(leg["amount"]["amount_fen"].as_i64()).unwrap()).sum();
        assert_eq!(paid, WINNING_PRICE);
    }

    async fn a_downloaded_table_says_what_the_api_says(app: &TestApp) {
        let chain = Chain::complete(app).await;
        let auditor = &chain.auditor;
        let funding = auditor.get("/api/v1/reports/funding?year=2026").send().await.is(200).value();
        let sheet = workbook(auditor, "/api/v1/reports/funding/file?format=xlsx&year=2026").await;
        assert_eq!(sheet.len(), 1 + funding["rows"].as_array().unwrap().len() + 1);
        for (line, figures) in [(1, &funding["rows"][0]["figures"]), (sheet.len() - 1, &funding["total"])] {
            let names = ["authority", "reserved", "committed", "payable", "advanced", "paid", "returned", "free"];
            for (column, name) in (4..).zip(names) {
                assert_eq!(sheet[line][column], yuan(&figures[name]), "{name} in line {line}");
            }
        }
        let csv = auditor.get("/api/v1/reports/contracts/file?format=csv&year=2026").send().await.is(200);
        assert!(csv.text.starts_with('\u{feff}') && csv.text.contains("176543.21") && csv.header("content-disposition").contains("contracts-2026.csv"));
        let register = auditor.get("/api/v1/reports/contracts?year=2026").send().await.is(200).value();
        let sheet = workbook(auditor, "/api/v1/reports/contracts/file?format=xlsx&year=2026").await;
        let contracts = register["rows"].as_array().unwrap();
        assert_eq!(sheet.len(), 1 + contracts.len() + 1);
        for (line, said) in sheet[1..].iter().zip(contracts.iter().chain([&register])) {
            assert_eq!((&line[7], &line[8]), (&yuan(&said["price"]), &yuan(&said["paid"])), "{line:?}");
        }
        let sum = |name: &str| contracts.iter().map(|row| row[name]["amount_fen"].as_i64().unwrap()).sum::<i64>();
        assert_eq!((json!(sum("price")), json!(sum("paid"))), (register["price"]["amount_fen"].clone(), register["paid"]["amount_fen"].clone()));
        // What was paid of a contract is what its case's postings say.
        let postings = auditor.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.is(200).value()["postings"].clone();
        let legs = postings.as_array().unwrap().iter().flat_map(|posting| posting["legs"].as_array().unwrap());
        let paid: i64 = legs.filter(|leg| leg["account"] == "paid").map(|leg| leg["amount_fen"].as_i64().unwrap()).sum();
        assert_eq!(json!(paid), contracts[0]["paid"]["amount_fen"]);
        let projects = auditor.get("/api/v1/reports/hundred-projects").send().await.is(200).value();
        let board = workbook(auditor, "/api/v1/reports/hundred-projects/file?format=xlsx").await;
        let indicators = projects["rows"].as_array().unwrap().iter().flat_map(|row| row["indicators"].as_array().unwrap());
        let said: Vec<_> = indicators.map(|one| ["baseline", "target", "actual"].map(|name| one[name].as_i64())).collect();
        let shown = |cell: &Data, number: Option<i64>| *cell == number.map_or(Data::Empty, |number| Data::Float(number.to_string().parse().unwrap()));
        assert_eq!(board.len(), 1 + said.len());
        for (line, numbers) in board[1..].iter().zip(&said) {
            assert!((9..).zip(numbers).all(|(column, number)| shown(&line[column], *number)), "{line:?} {numbers:?}");
        }
        assert_eq!(said[0], [Some(0), Some(3_000), Some(3_120)]);
        assert_eq!((&projects["rows"][0]["contracts"], &projects["rows"][0]["agreed"]), (&json!(1), &contracts[0]["price"]));
        // Bad questions and strangers.
        assert_eq!(auditor.get("/api/v1/reports/funding?year=1999").send().await.refused(422, "invalid").bad_fields(), ["year"]);
        auditor.get("/api/v1/reports/funding/file?format=pdf").send().await.refused(422, "invalid");
        chain.bidders[0].client.get("/api/v1/reports/contracts").send().await.refused(403, "forbidden");
        app.public().get("/api/v1/reports/funding/file?format=csv").send().await.refused(401, "unauthenticated");
        // A lead sees its own unit only.
        let other = chain.admin.post("/api/v1/units").json(json!({"name_zh": "爱山街道办事处", "kind": "subdistrict"})).await.is(201).text_at("/id");
        let lead = app.person_of(app.tenant, "Bie Danwei", &[Role::PurchaserLead], Some(other.parse().unwrap()), None).await.client;
        assert_eq!(lead.get("/api/v1/reports/funding").send().await.is(200).value()["rows"], json!([]));
    }
}
