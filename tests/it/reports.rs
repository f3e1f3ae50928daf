//! Reports: what an auditor answers from the API alone, and that a downloaded table says the same to the fen.

use std::io::Cursor;

use baiyi::people::Role;
use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};

use crate::delivery::{accepted, claimed, paid};
use crate::outcomes::{delivering, name, reported, three_parties, verifier};
use crate::support::chain::{PARTS, act, awarded, purchasing, supplier};
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

/// The cell of a row under a head.
fn under<'a>(sheet: &'a [Vec<Data>], line: usize, head: &str) -> &'a Data {
    let column = sheet[0].iter().position(|cell| *cell == words(head)).unwrap_or_else(|| panic!("no {head} in {:?}", sheet[0]));
    &sheet[line][column]
}

fn words(text: &str) -> Data {
    Data::String(text.to_owned())
}

fn number(number: &Value) -> Data {
    number.as_i64().map_or(Data::Empty, |number| Data::Float(number.to_string().parse().unwrap()))
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
        assert_eq!(board.len(), 1 + said.len() + 1);
        for (line, numbers) in (1..).zip(&said) {
            let shown = ["基线 Baseline", "目标 Target", "实际 Actual"].map(|head| under(&board, line, head).clone());
            assert_eq!(shown, numbers.map(|one| number(&json!(one))), "{line}");
        }
        // A project with its totals: contracts, what they agree on, whether it counts; the last row has those of the board.
        let project = &projects["rows"][0];
        assert_eq!(under(&board, 1, "案号 Case"), &words(chain.id("case_id")));
        for (line, said, counts) in [(1, project, &json!(1)), (board.len() - 1, &projects, &projects["verified"])] {
            assert_eq!(under(&board, line, "合同数 Contracts"), &number(&said["contracts"]), "{line}");
            assert_eq!(under(&board, line, "合同价款 Agreed"), &yuan(&said["agreed"]), "{line}");
            assert_eq!(under(&board, line, "已核验项目 Verified"), &number(counts), "{line}");
        }
        assert_eq!((&projects["contracts"], &projects["agreed"]), (&json!(1), &project["agreed"]));
        assert_eq!(under(&board, board.len() - 1, "年度 Cohort"), &words("合计 Total"));
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

    async fn a_board_says_ratios_places_and_totals_and_no_unseen_registration_takes_a_certificate_away(app: &TestApp) {
        let (buyer, org, judge) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await, verifier(app).await);
        let auditor = app.person("Shen Ji", &[Role::Auditor]).await.client;
        let project = delivering(app, &buyer, &org).await;
        let first = three_parties(app, &buyer, &org, &project).await;
        reported(&org, &judge, &project, "2026", &[812, 9_307]).await;
        // The second worker's registration is said to have ended the day before the session; nobody has seen it.
        let base = app.person("Guan Li", &[Role::PlatformAdmin]).await;
        let second = json!({"name": "陆员", "certificate": {"level": "social_worker", "number": "20230933059", "issued_on": "2024-09-01"},
            "registration": {"authority": "湖州市民政局", "until": "2026-02-28"}});
        let second = org.admin.client.post("/api/v1/social-workers").json(second).await.is(201).header("location");
        name(&org, &project, &[&first, &second]).await.is(204);
        for worker in [&first, &second] {
            act(&base, worker, "verification", Some(json!({"fact": "certificate", "holds": true}))).await;
            let held = json!({"worker_id": worker.rsplit('/').next(), "held_on": "2026-03-01", "minutes": 90, "place": "月河社区", "kind": "visit",
                "persons": 12, "note": "上门照料。"});
            let session = org.member.client.post(&format!("{project}/service-sessions")).json(held).await.is(201).header("location");
            act(&buyer.purchaser, &session, "confirmation", None).await;
        }
        let board = async || auditor.get("/api/v1/reports/hundred-projects?year=2026").send().await.is(200).value();
        let seen = board().await;
        assert_eq!((&seen["certified_workers"], &seen["verified"]), (&json!(2), &json!(1)));
        let row = &seen["rows"][0];
        assert_eq!((&row["area_name"], &row["story"]), (&json!("月河社区"), &json!("每周两次上门陪伴独居老人。")));
        assert_eq!([&row["indicators"][0]["kind"], &row["indicators"][1]["kind"]], [&json!("count"), &json!("ratio")]);
        assert_eq!(row["indicators"][1]["actual"], json!(9_307));
        let path = "/api/v1/reports/hundred-projects/file";
        let sheet = workbook(&auditor, &format!("{path}?format=xlsx&year=2026")).await;
        assert_eq!(sheet.len(), 1 + 2 + 1);
        for (head, count, ratio) in [("基线 Baseline", 120, "80%"), ("目标 Target", 800, "95%"), ("实际 Actual", 812, "93.07%")] {
            assert_eq!((under(&sheet, 1, head), under(&sheet, 2, head)), (&number(&json!(count)), &words(ratio)), "{head}");
        }
        for line in [1, 2] {
            assert_eq!(under(&sheet, line, "地点 Place"), &words("月河社区"));
            assert_eq!(under(&sheet, line, "故事 Story"), &words("每周两次上门陪伴独居老人。"));
        }
        // What adds up is said once for a project of two indicators.
        let counts = [1, 2, 3].map(|line| under(&sheet, line, "已核验项目 Verified").clone());
        assert_eq!(counts, [number(&json!(1)), Data::Empty, number(&json!(1))]);
        assert_eq!(under(&sheet, 3, "持证社工 Certified workers"), &number(&json!(2)));
        let csv = auditor.get(&format!("{path}?format=csv&year=2026")).send().await.is(200);
        assert!(csv.text.contains("80%,95%,93.07%,2026"), "{}", csv.text);
        // Once the registration is seen, it counts as ended.
        act(&base, &second, "verification", Some(json!({"fact": "registration", "holds": true}))).await;
        assert_eq!(board().await["certified_workers"], json!(1));
    }

    async fn a_payment_of_a_case_is_found_among_the_postings_by_its_cause(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        for (part, invoice) in [(1, "26332000000000000001"), (2, "26332000000000000002")] {
            let milestone = accepted(app, &case, &contract, part).await;
            let payment = claimed(&case, &milestone, invoice).await;
            paid(&case, &payment, &format!("20260701-00000{part}")).await;
        }
        let file = case.auditor.client.get(&format!("/api/v1/cases/{}", case.case)).send().await.is(200).value();
        let payments = file["contracts"][0]["payments"].as_array().unwrap();
        let mut found = Vec::new();
        for payment in payments {
            let of = |kind: &str, id: &Value| {
                let all = file["postings"].as_array().unwrap().iter().filter(|one| one["cause_kind"] == kind && one["cause_id"] == *id);
                all.map(|one| one["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            assert_eq!(of("payment", &payment["id"]), ["payment"]);
            assert_eq!(of("milestone", &payment["milestone_id"]), ["acceptance"]);
            let posting = file["postings"].as_array().unwrap().iter().find(|one| one["cause_id"] == payment["id"]).unwrap();
            let leg = posting["legs"].as_array().unwrap().iter().find(|leg| leg["account"] == "paid").unwrap();
            assert_eq!(leg["amount_fen"], payment["amount"]["amount_fen"]);
            found.push(leg["amount_fen"].as_i64().unwrap());
        }
        found.sort_unstable();
        assert_eq!(found, PARTS);
    }
}
