//! Where a payee is paid: proposed by one, confirmed by another, and then in the file that finance hands to the bank.

use std::io::Cursor;

use baiyi::db::schema::{journal_entries, outbox};
use baiyi::people::Role;
use calamine::{Data, Reader, Xlsx};
use diesel::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::delivery::{accepted, approved, claimed};
use crate::support::chain::{PRICE, act, awarded, payee_account, supplier};
use crate::support::http::Answer;
use crate::support::{Person, TestApp, on_both};

const NUMBER: &str = "8100001234567890123";

async fn propose(person: &Person, organisation: &str, holder: &str, number: &str) -> Answer {
    let body = json!({"holder": holder, "bank": "湖州银行月河支行", "number": number});
    person.client.post(&format!("/api/v1/organisations/{organisation}/bank-accounts")).json(body).await
}

async fn decide(person: &Person, made: &Answer, how: &str) -> Answer {
    person.client.post(&format!("{}/{how}", made.header("location"))).if_match(&made.etag()).send().await
}

async fn name_of(app: &TestApp, organisation: &str) -> String {
    app.public().get(&format!("/api/v1/organisations/{organisation}")).send().await.is(200).text_at("/name_zh")
}

async fn rows(person: &Person, unit: &str) -> Vec<Vec<Data>> {
    let answer = person.client.get(&format!("/api/v1/payment-instructions/file?format=xlsx&unit_id={unit}")).send().await.is(200);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).unwrap();
    book.worksheet_range_at(0).unwrap().unwrap().rows().map(<[Data]>::to_vec).collect()
}

on_both! {
    async fn an_account_counts_only_after_a_second_person_confirmed_it(app: &TestApp) {
        let case = awarded(app).await;
        let organisation = case.supplier.organisation.to_string();
        let name = name_of(app, &organisation).await;
        let admin = &case.supplier.admin;
        let refused = propose(admin, &organisation, "法定代表人私人账户", NUMBER).await.refused(422, "invalid");
        assert_eq!(refused.bad_fields(), ["/holder"]);
        assert_eq!(propose(admin, &organisation, &name, "12 34").await.refused(422, "invalid").bad_fields(), ["/number"]);
        let rival = supplier(app, "Qingmiao").await;
        propose(&rival.admin, &organisation, &name, NUMBER).await.refused(403, "forbidden");

        let made = propose(admin, &organisation, &name, "8100 0012 3456 7890 123").await.is(201);
        assert_eq!((made.text_at("/number").as_str(), made.text_at("/state").as_str()), (NUMBER, "proposed"));
        propose(admin, &organisation, &name, "9100001234567890123").await.refused(409, "bank_account_proposed");
        decide(admin, &made, "confirmation").await.refused(403, "duties_not_separate");
        decide(&rival.admin, &made, "confirmation").await.refused(404, "not_found");
        decide(&case.buyer.finance, &made, "confirmation").await.is(200);

        // A newer one takes its place; a refused one does not.
        let second = propose(admin, &organisation, &name, "9100001234567890123").await.is(201);
        decide(&case.buyer.finance, &second, "refusal").await.is(200);
        let third = propose(admin, &organisation, &name, "7100001234567890123").await.is(201);
        decide(&case.buyer.second_finance, &third, "confirmation").await.is(200);
        let path = format!("/api/v1/organisations/{organisation}/bank-accounts");
        let listed = admin.client.get(&path).send().await.is(200).value();
        let mut states: Vec<(Value, Value)> =
            listed["items"].as_array().unwrap().iter().map(|row| (row["number"].clone(), row["state"].clone())).collect();
        states.sort_by_key(|(number, _)| number.to_string());
        let expected = [("7100001234567890123", "confirmed"), (NUMBER, "replaced"), ("9100001234567890123", "refused")];
        assert_eq!(states, expected.map(|(number, state)| (json!(number), json!(state))));
        rival.member.client.get(&path).send().await.refused(403, "forbidden");

        // Mail and journal show the last four digits only.
        let texts: Vec<String> = app
            .read(|db| {
                let mut texts: Vec<String> = outbox::table.select(outbox::body).load(db).unwrap();
                let entries: Vec<Option<String>> = journal_entries::table.select(journal_entries::content).load(db).unwrap();
                texts.extend(entries.into_iter().flatten());
                texts
            })
            .await;
        assert!(texts.iter().any(|text| text.contains("***0123")), "nobody was told");
        assert!(texts.iter().all(|text| !text.contains(NUMBER)), "a whole number is written down");
    }

    async fn the_worklist_sums_confirmed_accounts_and_names_the_others(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.drafted(app).await;
        case.signs(&contract).await;
        let first = accepted(app, &case, &contract, 1).await;
        let payment = claimed(&case, &first, "26332000000000000001").await;
        approved(&case, &payment).await;
        let unit = case.buyer.unit.to_string();
        let amount = case.buyer.finance.client.get(&payment).send().await.is(200).value()["amount"]["amount_fen"].as_i64().unwrap();
        let yuan = Data::Float(format!("{amount}").parse::<f64>().unwrap() / 100.0);

        let before = rows(&case.buyer.finance, &unit).await;
        assert_eq!((before.len(), &before[1][5], &before[1][6]), (3, &Data::Empty, &yuan));
        assert!(before[1][9].to_string().contains("没有已确认的账户"), "{before:?}");
        assert_eq!(before[2][6], Data::Float(0.0), "what cannot be paid is not in the sum");

        let organisation = case.supplier.organisation.to_string();
        let made = propose(&case.supplier.admin, &organisation, &name_of(app, &organisation).await, NUMBER).await.is(201);
        decide(&case.buyer.finance, &made, "confirmation").await.is(200);
        let after = rows(&case.buyer.finance, &unit).await;
        assert_eq!((&after[1][5], &after[1][9], &after[2][6]), (&Data::String(NUMBER.to_owned()), &Data::Empty, &yuan), "digits are text");

        let other = crate::money::unit(app, app.tenant, "飞英街道办事处").await;
        let stranger = app.person_of(app.tenant, "Wai Ren", &[Role::FinanceOfficer], Some(other), None).await;
        let path = format!("/api/v1/payment-instructions/file?format=csv&unit_id={unit}");
        stranger.client.get(&path).send().await.refused(403, "forbidden");
        case.supplier.admin.client.get(&path).send().await.refused(403, "forbidden");
    }

    async fn a_batch_is_kept_byte_for_byte_and_takes_an_instruction_once(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let (finance, unit) = (&case.buyer.finance, case.buyer.unit.to_string());
        let make = || finance.client.post("/api/v1/payment-batches").json(json!({"unit_id": unit, "format": "xlsx"}));
        make().await.refused(409, "nothing_to_send");
        let mut payments = Vec::new();
        for (number, invoice) in [(1, "26332000000000000001"), (2, "26332000000000000002")] {
            let path = accepted(app, &case, &contract, number).await;
            let payment = claimed(&case, &path, invoice).await;
            approved(&case, &payment).await;
            payments.push(payment);
        }
        make().await.refused(409, "nothing_to_send");
        for payment in &payments {
            act(finance, payment, "instruction", None).await;
        }
        let made = make().await.is(201);
        let batch = made.value();
        assert_eq!((&batch["number"], &batch["amount"]["amount_fen"], batch["payments"].as_array().unwrap().len()), (&json!(1), &json!(PRICE), 2));
        assert_eq!(batch["created_by"], json!(finance.account));
        // The same bytes as often as somebody asks, and they are those that were journalled.
        let path = made.header("location");
        let file = finance.client.get(&format!("{path}/file")).send().await.is(200).bytes;
        app.clock.advance_to(app.clock.now().plus_seconds(3_600));
        let again = case.auditor.client.get(&format!("{path}/file")).send().await.is(200).bytes;
        assert_eq!((hex::encode(Sha256::digest(&file)), &file), (batch["sha256"].as_str().unwrap().to_owned(), &again));
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.clone())).unwrap();
        let sheet: Vec<Vec<Data>> = book.worksheet_range_at(0).unwrap().unwrap().rows().map(<[Data]>::to_vec).collect();
        assert_eq!((sheet.len(), &sheet[1][5], &sheet[2][5]), (4, &Data::String(NUMBER.to_owned()), &Data::String(NUMBER.to_owned())));
        make().await.refused(409, "nothing_to_send");
        // What bounces and is corrected is an instruction of its own.
        let bounced = json!({"reason": "户名不符", "bank_reference": "TP20260703-0001"});
        act(finance, &payments[0], "bounce", Some(bounced.clone())).await;
        make().await.refused(409, "nothing_to_send");
        act(finance, &payments[0], "correction", Some(json!({"reason": "户名核对无误。", "account_checked": true}))).await;
        let second = make().await.is(201).value();
        assert_eq!((&second["number"], &second["payments"][0]["instruction"], second["payments"].as_array().unwrap().len()), (&json!(2), &json!(2), 1));
        // An account that was replaced after the instruction stops the batch.
        act(finance, &payments[0], "bounce", Some(bounced.clone())).await;
        act(finance, &payments[0], "correction", Some(json!({"reason": "户名核对无误。", "account_checked": true}))).await;
        let organisation = case.supplier.organisation.to_string();
        payee_account(&case.supplier.admin.client, &case.buyer.second_finance.client, &organisation, "7100001234567890456").await;
        make().await.refused(409, "payee_account_replaced");
        act(finance, &payments[0], "bounce", Some(bounced)).await;
        act(finance, &payments[0], "correction", Some(json!({"reason": "收款人已更换账户。"}))).await;
        let third = make().await.is(201).value();
        assert_ne!(third["payments"][0]["bank_account_id"], batch["payments"][0]["bank_account_id"]);
        assert_eq!(finance.client.get(&format!("{path}/file")).send().await.is(200).bytes, file, "an old batch stays as it was");
        let listed = finance.client.get(&format!("/api/v1/payment-batches?unit_id={unit}")).send().await.is(200).value();
        let numbers: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|row| &row["number"]).collect();
        assert_eq!(numbers.len(), 3);
        assert_eq!(finance.client.get(&path).send().await.is(200).value(), batch);
        // Other units' officers know nothing of it, payees read no batches.
        let other = crate::money::unit(app, app.tenant, "飞英街道办事处").await;
        let stranger = app.person_of(app.tenant, "Wai Ren", &[Role::FinanceOfficer], Some(other), None).await;
        stranger.client.get(&path).send().await.refused(404, "not_found");
        stranger.client.get(&format!("{path}/file")).send().await.refused(404, "not_found");
        assert_eq!(stranger.client.get("/api/v1/payment-batches").send().await.is(200).value()["items"], json!([]));
        stranger.client.post("/api/v1/payment-batches").json(json!({"unit_id": unit, "format": "xlsx"})).await.refused(403, "forbidden");
        case.supplier.admin.client.get("/api/v1/payment-batches").send().await.refused(403, "forbidden");
        case.auditor.client.post("/api/v1/payment-batches").json(json!({"unit_id": unit, "format": "csv"})).await.refused(403, "forbidden");
    }
}
