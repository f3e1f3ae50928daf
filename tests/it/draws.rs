//! Draws that neither the purchaser nor the server can steer, score sheets that were committed to, and records that anybody recomputes.

use std::path::Path;
use std::process::Command;

use baiyi::disclosure::bundle::{draws, export};
use baiyi::kernel::UtcInstant;
use baiyi::people::Role;
use baiyi::procurement::draws::record::{self, DrawRecord};
use baiyi::procurement::evaluation::ranking_record::{self, RankingRecord};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::evaluation::{Opened, opened, sheet, six};
use crate::support::chain::run_sql;
use crate::support::draw::{Contributor, drawn, experts, open, two_units};
use crate::support::process::{Ran, program};
use crate::support::{Person, TestApp, on_both};

fn hours_later(app: &TestApp, hours: i64) -> UtcInstant {
    app.clock.now().plus_seconds(hours * 3_600)
}

fn recomputed(record: &Value) -> Result<(), String> {
    record::recompute(&serde_json::from_value::<DrawRecord>(record.clone()).unwrap(), None)
}

/// What a reader who shares no code with Baiyi says to a record; nothing where this machine has no Python.
fn by_python(record: &Value) -> Option<(bool, String)> {
    let python = crate::audit::python()?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record.json");
    std::fs::write(&file, record.to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify_draw.py");
    let run = Command::new(python).arg(script).arg(&file).output().unwrap();
    Some((run.status.success(), String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned()))
}

fn of_panel(story: &Opened) -> Value {
    json!({"experts": 4, "field": story.field, "representatives": [story.chain.lead.account]})
}

/// The hash that an evaluator computes on its own machine, from docs/trust.md.
pub fn committed(lot: &str, evaluator: &Person, sheet: &Value, nonce: &[u8; 32]) -> String {
    let hash = |parts: &[&[u8]]| -> [u8; 32] { Sha256::digest(parts.concat()).into() };
    let mut scores: Vec<Value> = sheet["scores"].as_array().unwrap().clone();
    scores.sort_by_key(|one| (one["bid_id"].as_str().unwrap().to_owned(), one["position"].as_i64()));
    let mut remarks: Vec<Value> = sheet["remarks"].as_array().unwrap().clone();
    remarks.sort_by_key(|one| one["bid_id"].as_str().unwrap().to_owned());
    // Keys stand in their order already, so that this is RFC 8785.
    let one =
        |score: &Value| format!(r#"{{"bid_id":{},"points_bp":{},"position":{}}}"#, score["bid_id"], score["points_bp"], score["position"]);
    let list: Vec<String> = scores.iter().map(one).collect();
    let points = format!(r#"{{"lot_id":"{lot}","scores":[{}]}}"#, list.join(","));
    let word = |remark: &Value| format!(r#"{{"bid_id":{},"text":{}}}"#, remark["bid_id"], remark["text"]);
    let list: Vec<String> = remarks.iter().map(word).collect();
    let words = format!(r#"{{"comment":{},"evaluator_id":"{}","remarks":[{}]}}"#, sheet["comment"], evaluator.account, list.join(","));
    let points = hash(&[b"baiyi/sheet/scores/v1\n", &hash(&[b"baiyi/sheet/scores-key/v1\n", nonce]), points.as_bytes()]);
    let words = hash(&[b"baiyi/sheet/words/v1\n", &hash(&[b"baiyi/sheet/words-key/v1\n", nonce]), words.as_bytes()]);
    hex::encode(hash(&[b"baiyi/sheet/v1\n", &points, &words]))
}

/// The auditor's program over a record, on a machine without a server.
fn by_program(folder: &Path, what: &str, record: &Value) -> Ran {
    let file = folder.join(format!("{what}.json"));
    std::fs::write(&file, record.to_string()).unwrap();
    program(folder, &["audit", what, file.to_str().unwrap()])
}

on_both! {
    async fn a_frozen_draw_stands_as_its_entry_says(app: &TestApp) {
        // Every story ends with a comparison of rows and journal: this one while the draw waits for its reveals.
        let story = opened(app, "open_tender", [18_000_000, 17_000_000, 19_000_000]).await;
        six(app, &story).await;
        let draw = open(&story.chain, &story.lot, json!({"purpose": "panel", "panel": of_panel(&story)})).await;
        for unit in two_units(&story.chain) {
            unit.commit(&draw).await.is(201);
        }
        let frozen = story.chain.purchaser.client.act(&format!("/api/v1/draws/{draw}/freeze"), json!({})).await.is(200);
        assert_eq!(frozen.text_at("/state"), "frozen");
    }

    async fn two_units_draw_experts_and_anybody_recomputes_it(app: &TestApp) {
        let story = opened(app, "open_tender", [18_000_000, 17_000_000, 19_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        six(app, &story).await;
        let buyer = &chain.purchaser.client;
        let asked = json!({"purpose": "panel", "panel": of_panel(&story)});
        buyer.act(&format!("{lot}/draws"), json!({"purpose": "panel", "panel": of_panel(&story), "place": 1})).await.refused(422, "invalid");
        buyer.act(&format!("{lot}/draws"), json!({"purpose": "tie", "place": 1})).await.refused(409, "wrong_state");
        let draw = open(chain, lot, asked.clone()).await;
        let path = format!("/api/v1/draws/{draw}");
        buyer.act(&format!("{lot}/draws"), asked.clone()).await.refused(409, "draw_runs");
        let [first, second] = two_units(chain);
        // A unit below the purchaser's is the purchaser's own; a unit commits once, and nobody freezes before both have.
        let office = chain.admin.post("/api/v1/units").json(json!({"name_zh": "月河街道社会事务科", "kind": "department"})).await.is(201);
        let above = json!({"parent_id": chain.id("unit_id")});
        chain.admin.call("PUT", &format!("{}/parent", office.header("location"))).if_match(&office.etag()).json(above).await.is(200);
        let clerk = app.person_of(app.tenant, "Ke Yuan", &[Role::Supervisor], Some(office.text_at("/id").parse().unwrap()), None).await;
        first.commit(&draw).await.is(201);
        first.commit(&draw).await.refused(409, "conflict");
        let below = Contributor { client: &clerk.client, unit: &office.text_at("/id"), nonce: [3; 32] };
        below.commit(&draw).await.refused(409, "draw_unit_unfit");
        chain.auditor.post(&format!("{path}/commitments")).json(json!({"commitment": "00"})).await.refused(409, "draw_unit_unfit");
        chain.opener.post(&format!("{path}/commitments")).json(json!({"commitment": "00"})).await.refused(404, "not_found");
        buyer.act(&format!("{path}/freeze"), json!({})).await.refused(409, "wrong_state");
        // The second unit draws its number with the program, on a machine of its own.
        let machine = app.folder.path().join("the second unit");
        std::fs::create_dir(&machine).unwrap();
        let number = |command: &str, to: &[&str]| {
            let own: &[&str] = &["draw", command, "--draw", &draw, "--unit", second.unit, "--number", "number"];
            let ran = program(&machine, &[own, to].concat());
            ran.worked.then(|| serde_json::from_str::<Value>(&ran.out).unwrap())
        };
        let zero = "00".repeat(32);
        let kept: &[&str] = &["--proof", "freeze.json", "--journal", "journal.json"];
        assert_eq!(number("reveal", kept), None, "there is no number yet");
        second.client.post(&format!("{path}/commitments")).json(number("commit", &[]).unwrap()).await.is(201);
        assert_eq!(number("commit", &[]), None, "a number is never overwritten");
        assert_eq!(number("reveal", &[]), None, "a number is revealed to a pool");
        let shown = async |from: u64| second.client.get(&format!("{path}/freeze?from={from}")).send().await.is(200).value();
        let to = |freeze: &Value| {
            std::fs::write(machine.join("freeze.json"), freeze.to_string()).unwrap();
            number("reveal", kept)
        };
        assert_eq!(to(&shown(0).await), None, "which is not frozen");
        below.commit(&draw).await.refused(409, "wrong_state");
        first.reveal(&draw).await.refused(409, "wrong_state");
        let frozen = buyer.act(&format!("{path}/freeze"), json!({})).await.is(200);
        assert_eq!(frozen.text_at("/state"), "frozen");
        // Who is in the pool is no secret to the office; who will be drawn is one to everybody.
        let held = buyer.get(&path).send().await.is(200).value();
        assert_eq!((held["pool"].as_array().unwrap().len(), &held["seed"], held["named"].as_array().unwrap().len()), (6, &Value::Null, 0));
        // Nobody reveals to a freeze that no checkpoint shows, nor to another pool than the frozen one.
        let root = frozen.text_at("/pool_root");
        assert_eq!(to(&shown(0).await), None, "which no checkpoint shows");
        assert_eq!(first.reveal(&draw).await.refused(409, "journal_behind").header("retry-after"), "5");
        assert_eq!(app.walk_the_tree().await, [""; 0]);
        first.reveal_to(&draw, &zero).await.refused(409, "draw_pool_other");
        assert_eq!(first.reveal_to(&draw, "00").await.refused(422, "invalid").bad_fields(), ["/pool_root"]);
        // The program believes what the journal proves, and keeps what it saw of it.
        let proof = shown(0).await;
        let mut other = proof.clone();
        other["journal"]["entry"]["text"] = json!(proof["journal"]["entry"]["text"].as_str().unwrap().replace(&root, &zero));
        assert_eq!(to(&other), None, "an entry that is not in the tree");
        let mut other = proof.clone();
        other["journal"]["note"] = json!(proof["journal"]["note"].as_str().unwrap().replacen("\n\n", "\nx\n\n", 1));
        assert_eq!(to(&other), None, "a checkpoint that nobody signed");
        assert!(!machine.join("journal.json").exists(), "what is refused is not kept");
        let revealed = to(&proof).unwrap();
        assert_eq!(revealed["pool_root"], json!(root));
        assert_eq!(to(&proof), None, "a journal that does not grow out of the one kept");
        // The purchaser's unit reveals first and the other last; each opens what it committed to.
        second.client.post(&format!("{path}/reveals")).json(revealed).await.refused(409, "draw_turn");
        Contributor { nonce: [8; 32], ..two_units(chain)[0] }.reveal(&draw).await.refused(422, "commitment_not_opened");
        first.reveal(&draw).await.is(201);
        first.reveal(&draw).await.refused(409, "conflict");
        let size = baiyi::trust::checkpoint::open(proof["journal"]["note"].as_str().unwrap(), &app.journal.verifier()).unwrap().size;
        assert_eq!(app.walk_the_tree().await, [""; 0]);
        let to_pool = to(&shown(size).await).unwrap();
        let drawn = second.client.post(&format!("{path}/reveals")).json(to_pool).await.is(201);
        assert_eq!(drawn.text_at("/state"), "drawn");
        buyer.act(&format!("{lot}/draws"), asked).await.refused(409, "draw_binds");
        let record = buyer.get(&path).send().await.is(200).value();
        assert_eq!(recomputed(&record), Ok(()));
        if let Some((fine, words)) = by_python(&record) {
            assert!(fine && words.contains("6 in the pool, 6 named"), "{words}");
        }
        assert!(by_program(&machine, "draw", &record).ok().contains("6 in the pool"));
        let mut forged = record.clone();
        forged["named"][0]["member_id"] = record["named"][1]["member_id"].clone();
        assert!(by_program(&machine, "draw", &forged).refused().contains("turn 1"));
        assert!(recomputed(&forged).unwrap_err().contains("turn 1"));
        if let Some((fine, words)) = by_python(&forged) {
            assert!(!fine && words.contains("turn 1"), "{words}");
        }
        let mut forged = record.clone();
        forged["contributions"][1]["pool_root"] = json!(zero);
        assert!(by_program(&machine, "draw", &forged).refused().contains(&format!("revealed to the pool {zero}")));
        if let Some((fine, words)) = by_python(&forged) {
            assert!(!fine && words.contains("revealed to another pool"), "{words}");
        }
        // What the journal says of the draw agrees with its rows, also with a checkpoint after the last reveal; rows that others wrote do not.
        assert_eq!(app.walk_the_tree().await, [""; 0]);
        let bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;
        assert_eq!(draws::faults(&bundle), [""; 0]);
        let freeze = bundle.journal.iter().find(|entry| entry.action == "draw.frozen").unwrap().index;
        let mut backdated = bundle.clone();
        backdated.journal.iter_mut().filter(|entry| entry.action == "draw.revealed").for_each(|entry| entry.index = freeze.map(|at| at - 1));
        let told = draws::faults(&backdated);
        assert_eq!(told, [format!("the draw {draw}: unit {} revealed before the pool was frozen", first.unit)]);
        // The pool changed behind the API: no panel is formed from it.
        app.public().get(&path).send().await.refused(404, "not_found");
        app.meddle();
        run_sql(app, vec![format!("UPDATE draw_pool SET member_id = '{}' WHERE draw_id = '{draw}' AND turn = 1", chain.lead.account)]).await;
        buyer.act(&format!("{lot}/panel"), of_panel(&story)).await.refused(409, "draw_pool_changed");
    }

    async fn silence_is_named_and_buys_no_second_try(app: &TestApp) {
        let story = opened(app, "open_tender", [18_000_000, 17_000_000, 19_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        six(app, &story).await;
        let buyer = &chain.purchaser.client;
        let asked = json!({"purpose": "panel", "panel": of_panel(&story), "reveal_hours": 2});
        let draw = open(chain, lot, asked.clone()).await;
        let path = format!("/api/v1/draws/{draw}");
        let [first, second] = two_units(chain);
        first.commit(&draw).await.is(201);
        second.commit(&draw).await.is(201);
        buyer.act(&format!("{path}/freeze"), json!({})).await.is(200);
        assert_eq!(app.walk_the_tree().await, [""; 0]);
        first.reveal(&draw).await.is(201);
        app.clock.advance_to(hours_later(app, 2));
        buyer.act(&format!("{path}/ending"), json!({})).await.refused(409, "wrong_state");
        app.clock.advance_to(app.clock.now().plus_seconds(1));
        second.reveal(&draw).await.refused(409, "reveal_late");
        let ended = buyer.act(&format!("{path}/ending"), json!({})).await.is(200);
        assert_eq!((ended.text_at("/state").as_str(), ended.text_at("/silent_unit").as_str()), ("failed", chain.id("bureau_id")));
        // An unwelcome result is not walked around, and who kept silent has no second number.
        buyer.act(&format!("{lot}/evaluators"), json!({"account_id": chain.evaluators[0].account})).await.refused(409, "draw_binds");
        buyer.act(&format!("{lot}/panel"), of_panel(&story)).await.refused(409, "draw_due");
        let again = open(chain, lot, asked).await;
        second.commit(&again).await.refused(409, "draw_unit_unfit");
        let audit = chain.admin.post("/api/v1/units").json(json!({"name_zh": "区审计局", "kind": "department"})).await.is(201).text_at("/id");
        let third = app.person_of(app.tenant, "Shen Ju", &[Role::Supervisor], Some(audit.parse().unwrap()), None).await;
        let third = Contributor { client: &third.client, unit: &audit, nonce: [5; 32] };
        first.commit(&again).await.is(201);
        third.commit(&again).await.is(201);
        buyer.act(&format!("/api/v1/draws/{again}/freeze"), json!({})).await.is(200);
        assert_eq!(app.walk_the_tree().await, [""; 0]);
        first.reveal(&again).await.is(201);
        third.reveal(&again).await.is(201);
        // Shown afterwards, the late number is kept as late and draws nothing.
        second.reveal(&draw).await.is(201);
        let late = buyer.get(&path).send().await.is(200).value();
        let contributions = late["contributions"].as_array().unwrap();
        assert_eq!((contributions.iter().filter(|one| one["late"] == true).count(), &late["seed"]), (1, &Value::Null));
        assert_eq!(recomputed(&late), Ok(()));
        assert_eq!(app.walk_the_tree().await, [""; 0]);
        assert_eq!(draws::faults(&app.read(|snapshot| export::read(snapshot).unwrap()).await), [""; 0]);
        let list = buyer.get(&format!("{lot}/draws")).send().await.is(200).value();
        let states: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
        assert_eq!(states, [&json!("failed"), &json!("drawn")]);
        buyer.act(&format!("{lot}/panel"), of_panel(&story)).await.is(201);
    }

    async fn the_journal_stands_in_for_a_unit_with_a_reason(app: &TestApp) {
        let story = opened(app, "open_tender", [18_000_000, 17_000_000, 19_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        six(app, &story).await;
        let buyer = &chain.purchaser.client;
        let asked = |because: Value| json!({"purpose": "panel", "method": "journal", "because": because, "panel": of_panel(&story)});
        buyer.act(&format!("{lot}/draws"), asked(Value::Null)).await.refused(422, "invalid");
        let draw = open(chain, lot, asked(json!("财政局当日系统停机，无法揭示。"))).await;
        let path = format!("/api/v1/draws/{draw}");
        let [unit, _] = two_units(chain);
        unit.commit(&draw).await.is(201);
        buyer.act(&format!("{path}/freeze"), json!({})).await.is(200);
        // No checkpoint over the freeze is signed yet, so that nobody knows the other number.
        let waits = unit.reveal(&draw).await.refused(409, "journal_behind");
        assert_eq!(waits.header("retry-after"), "5");
        assert_eq!(app.walk_the_tree().await, [""; 0]);
        unit.reveal(&draw).await.is(201);
        let record = buyer.get(&path).send().await.is(200).value();
        assert_eq!(record["checkpoint"]["root"].as_str().map(str::len), Some(64));
        assert_eq!(recomputed(&record), Ok(()));
        assert_eq!(app.walk_the_tree().await, [""; 0]);
        let mut bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;
        assert_eq!(draws::faults(&bundle), [""; 0]);
        // The operator may not take a checkpoint that pleases it: it is the first over the freeze.
        let freeze = bundle.journal.iter().find(|entry| entry.action == "draw.frozen").unwrap().index;
        bundle.checkpoints.retain(|head| Some(head.size) != record["checkpoint"]["size"].as_i64());
        assert!(bundle.checkpoints.iter().any(|head| Some(head.size) > freeze));
        let told = draws::faults(&bundle);
        assert_eq!(told, [format!("the draw {draw}: the checkpoint that stands in for a unit is not the first over the freeze")]);
        if let Some((fine, words)) = by_python(&record) {
            assert!(fine, "{words}");
        }
    }

    async fn bids_that_share_the_first_place_are_drawn(app: &TestApp) {
        let story = opened(app, "consultation", [18_000_000, 18_000_000, 18_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        let (buyer, [one, two]) = (&chain.purchaser.client, [&chain.evaluators[0], &chain.evaluators[1]]);
        buyer.act(&format!("{lot}/reviewers"), json!({"account_ids": [one.account, two.account]})).await.is(201);
        chain.review_by(&one.client).await;
        for member in [one, two] {
            member.client.post(&format!("{lot}/score-sheets")).json(sheet(member, lot, 8_000, None).await).await.is(201);
        }
        buyer.act(&format!("{lot}/ranking"), json!({})).await.is(200);
        buyer.act(&format!("{lot}/draws"), json!({"purpose": "tie", "place": 2})).await.refused(422, "invalid");
        let award = |body: Value| buyer.act_owned(format!("{lot}/award"), body);
        award(json!({})).await.refused(409, "first_place_tied");
        let by_hand = |bid: &Value| json!({"bid_id": bid, "drawing": "2026-03-25 10:00 现场抽签，抽中一号球。"});
        let running = open(chain, lot, json!({"purpose": "tie", "place": 1})).await;
        award(by_hand(&json!(chain.id("lot_id")))).await.refused(409, "draw_runs");
        buyer.act(&format!("/api/v1/draws/{running}/ending"), json!({})).await.is(200);
        let record = drawn(app, chain, lot, json!({"purpose": "tie", "place": 1})).await;
        assert_eq!(recomputed(&record), Ok(()));
        assert_eq!(award(by_hand(&record["named"][1]["member_id"])).await.refused(422, "invalid").bad_fields(), ["/drawing"]);
        let made = award(json!({})).await.is(201).value();
        assert_eq!(made["bid_id"], record["named"][0]["member_id"]);
        let ranked = buyer.get(&format!("{lot}/ranking-record")).send().await.is(200).value();
        let order: Vec<&Value> = record["named"].as_array().unwrap().iter().map(|one| &one["member_id"]).collect();
        assert_eq!(json!(order), ranked["ties"][0]["order"]);
        // After the award everybody reads the record, with those by name whose turn came.
        let other = app.person_of(app.tenant, "Ling Dao", &[Role::PurchaserLead], Some(chain.id("unit_id").parse().unwrap()), None).await;
        other.client.act(&format!("/api/v1/awards/{}/confirmation", made["id"].as_str().unwrap()), json!({})).await.is(200);
        let public = app.public().get(&format!("/api/v1/draws/{}", record["draw_id"].as_str().unwrap())).send().await.is(200).value();
        assert_eq!((public["named"].as_array().unwrap().len(), &public["named"][0]["outcome"]), (1, &json!("proposed")));
        assert_eq!(recomputed(&public), Ok(()));
        if let Some((fine, words)) = by_python(&public) {
            assert!(fine, "{words}");
        }
    }

    async fn sheets_are_committed_to_before_any_is_shown(app: &TestApp) {
        let story = opened(app, "consultation", [18_000_000, 17_000_000, 19_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        let (buyer, [one, two]) = (&chain.purchaser.client, [&chain.evaluators[0], &chain.evaluators[1]]);
        buyer.act(&format!("{lot}/reviewers"), json!({"account_ids": [one.account, two.account]})).await.is(201);
        chain.review_by(&one.client).await;
        let commitments = format!("{lot}/score-commitments");
        let given = [sheet(one, lot, 8_000, None).await, sheet(two, lot, 7_000, Some((&chain.bidders[2].id, 9_500))).await];
        let nonces = [[0x51; 32], [0x52; 32]];
        let hash = |who: usize, nonce: &[u8; 32]| committed(chain.id("lot_id"), [one, two][who], &given[who], nonce);
        let hand_in = |who: usize, sheet: &Value, nonce: Option<[u8; 32]>| {
            let mut body = sheet.clone();
            body["nonce"] = json!(nonce.map(hex::encode));
            let call = [one, two][who].client.post(&format!("{lot}/score-sheets"));
            async move { call.json(body).await }
        };
        one.client.post(&commitments).json(json!({"commitment": "XY"})).await.refused(422, "invalid");
        buyer.post(&commitments).json(json!({"commitment": hash(0, &nonces[0])})).await.refused(403, "forbidden");
        // One may still think again while the other has not committed; nothing is handed in before both have.
        one.client.post(&commitments).json(json!({"commitment": "ab".repeat(32)})).await.is(201);
        one.client.post(&commitments).json(json!({"commitment": hash(0, &nonces[0])})).await.is(201);
        hand_in(0, &given[0], Some(nonces[0])).await.refused(409, "score_commitments_missing");
        let both = two.client.post(&commitments).json(json!({"commitment": hash(1, &nonces[1])})).await.is(201).value();
        assert_eq!(both["open_for_sheets"], true);
        one.client.post(&commitments).json(json!({"commitment": hash(0, &[1; 32])})).await.refused(409, "wrong_state");
        // Having seen nothing of the other's, each hands in what it committed to and nothing else.
        hand_in(0, &given[0], None).await.refused(422, "invalid");
        hand_in(0, &given[0], Some(nonces[1])).await.refused(422, "score_sheet_not_committed");
        let mut better = given[0].clone();
        better["scores"][0]["points_bp"] = json!(8_001);
        hand_in(0, &better, Some(nonces[0])).await.refused(422, "score_sheet_not_committed");
        for (who, filled) in given.iter().enumerate() {
            hand_in(who, filled, Some(nonces[who])).await.is(201);
        }
        // A score changed behind the API is not ranked, and the evaluator is named.
        let touch = |by: i64| format!("UPDATE scores SET points_bp = points_bp + {by} WHERE position = 1 AND points_bp BETWEEN 9000 AND 9900");
        run_sql(app, vec![touch(100)]).await;
        let refused = buyer.act(&format!("{lot}/ranking"), json!({})).await.refused(409, "score_sheet_changed");
        assert!(refused.text.contains("Ping Er"), "{}", refused.text);
        run_sql(app, vec![touch(-100)]).await;
        app.public().get(&format!("{lot}/ranking-record")).send().await.refused(404, "not_found");
        buyer.act(&format!("{lot}/ranking"), json!({})).await.is(200);
        let record = buyer.get(&format!("{lot}/ranking-record")).send().await.is(200).value();
        let recompute = |record: &Value| ranking_record::recompute(&serde_json::from_value::<RankingRecord>(record.clone()).unwrap());
        assert_eq!(recompute(&record), Ok(()));
        if let Some((fine, words)) = by_python(&record) {
            assert!(fine, "{words}");
        }
        // The record gives the points away and neither the words nor whose they are.
        let text = record.to_string();
        assert!(!text.contains("总体意见") && !text.contains(&one.account.to_string()), "{text}");
        let places = |record: &Value| record["ranking"].as_array().unwrap().len();
        assert_eq!(places(&record), 3);
        assert!(by_program(app.folder.path(), "ranking", &record).ok().contains("the ranking follows"));
        let mut forged = record.clone();
        forged["sheets"][1]["scores"][0]["points_bp"] = json!(1);
        assert!(recompute(&forged).unwrap_err().starts_with("sheet 2: its points do not open the commitment"));
        let mut forged = record.clone();
        forged["ranking"][0]["place"] = json!(2);
        assert!(recompute(&forged).unwrap_err().contains("place 2 were written, 1 follow"));
        assert!(by_program(app.folder.path(), "ranking", &forged).refused().contains("place 2 were written, 1 follow"));
        if let Some((fine, words)) = by_python(&forged) {
            assert!(!fine, "{words}");
        }
    }

    async fn a_panel_is_formed_as_it_was_drawn(app: &TestApp) {
        let story = opened(app, "open_tender", [18_000_000, 17_000_000, 19_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        let pool = six(app, &story).await;
        let record = experts(app, chain, lot, of_panel(&story)).await;
        // Between draw and panel the first is suspended: it is passed over, and the record says so.
        let first = record["named"][0]["member_id"].as_str().unwrap();
        assert!(pool.iter().any(|(_, id)| id == first));
        chain.admin.act(&format!("/api/v1/experts/{first}/suspension"), json!({"reason": "年度考核未通过"})).await.is(200);
        let mut other = of_panel(&story);
        other["experts"] = json!(6);
        chain.purchaser.client.act(&format!("{lot}/panel"), other).await.refused(422, "invalid");
        chain.purchaser.client.act(&format!("{lot}/panel"), of_panel(&story)).await.is(201);
        let path = format!("/api/v1/draws/{}", record["draw_id"].as_str().unwrap());
        let after = chain.purchaser.client.get(&path).send().await.is(200).value();
        let outcomes: Vec<&Value> = after["named"].as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
        assert_eq!(json!(outcomes), json!(["passed_over", "seated", "seated", "seated", "seated", null]));
        let causes: Vec<&Value> = after["named"].as_array().unwrap().iter().map(|one| &one["passed_because"]).collect();
        assert_eq!(json!(causes), json!(["suspended", null, null, null, null, null]));
        assert_eq!(recomputed(&after), Ok(()));
        assert!(by_program(app.folder.path(), "draw", &after).ok().contains("passed over: 1 suspended"));
        if let Some((fine, words)) = by_python(&after) {
            assert!(fine, "{words}");
        }
        let mut silent = after.clone();
        silent["named"][0]["passed_because"] = Value::Null;
        assert!(recomputed(&silent).unwrap_err().contains("was passed over without a cause"));
        if let Some((fine, words)) = by_python(&silent) {
            assert!(!fine && words.contains("turn 1: cause"), "{words}");
        }
        let noted = app.read(|snapshot| export::read(snapshot).unwrap()).await;
        let noted = noted.journal.iter().filter_map(|entry| entry.text.as_deref()).filter(|text| text.contains("\"because\":\"suspended\""));
        assert_eq!(noted.count(), 1, "the journal has the cause too");
    }
}
