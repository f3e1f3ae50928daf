//! The programs of openers, bidders and auditors run as such: keys, ceremony, sealing, opening, and the journal checked offline, against a serving process.

use std::path::{Path, PathBuf};

use baiyi::disclosure::bundle::{Bundle, export, files};
use baiyi::jobs;
use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::UnitId;
use baiyi::people::Role;
use baiyi::procurement::evaluation::sheets::{self, Score};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::chain::{run_sql, run_sql_noted_at};
use crate::support::process::{Ran, Server, program, readable};
use crate::support::story::Chain;
use crate::support::{Backend, Client, TestApp, on_both, run_unchecked};

/// Later than the machine's clock, by which the process takes bids.
const DEADLINE: &str = "2099-12-31T01:00:00Z";
const SCOPES: [&str; 7] = [
    "read",
    "opener_keys.register",
    "opener_ceremonies.send_package",
    "opener_ceremonies.send_shares",
    "opener_ceremonies.sign",
    "tenders.close",
    "tenders.contribute",
];

fn keep(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    // Nobody else may read what opens something.
    let only_the_owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, only_the_owner).unwrap();
    path.display().to_string()
}

/// An opener at a machine of its own.
struct Opener {
    folder: PathBuf,
    account: String,
    print: String,
    server: String,
}

impl Opener {
    fn run(&self, command: &str, more: &[&str]) -> Ran {
        let to_server = ["--server", &self.server, "--token-file", "token"];
        program(&self.folder, &[&["opener", "--folder", "keys", command], &to_server[..], more].concat())
    }
}

/// Three openers of three public bodies make keys, register them, and the lead types their fingerprints.
async fn openers(app: &TestApp, chain: &Chain, server: &Server, lead: &Client) -> Vec<Opener> {
    let mut openers = Vec::new();
    for (name, unit) in [("Kai Jia", "审计局"), ("Kai Yi", "公共资源交易中心"), ("Kai Bing", "司法局")] {
        let made = chain.admin.post("/api/v1/units").json(json!({"name_zh": unit, "kind": "department"})).await.is(201);
        let unit: UnitId = made.text_at("/id").parse().unwrap();
        let person = app.person_of(app.tenant, name, &[Role::Opener], Some(unit), None).await;
        let folder = app.folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        let client = server.sign_in(&person.email).await;
        let asked = json!({"name": "opener", "scopes": SCOPES, "expires_in_days": 30});
        let token = client.post("/api/v1/me/api-tokens").json(asked).await.is(201).text_at("/token");
        keep(&folder, "token", token.as_bytes());
        let said = program(&folder, &["opener", "--folder", "keys", "init"]).ok();
        let print = said.lines().find_map(|line| line.strip_prefix("fingerprint: ")).unwrap().to_owned();
        let again = program(&folder, &["opener", "--folder", "keys", "init"]).ok();
        assert!(again.contains("were there already") && again.contains(&print), "{again}");
        let opener = Opener { folder, account: person.account.to_string(), print, server: server.url() };
        opener.run("register", &[]).ok();
        let listed = lead.get("/api/v1/opener-keys").send().await.is(200).value();
        let key = listed["items"].as_array().unwrap().iter().find(|key| key["account_id"] == opener.account.as_str()).unwrap().clone();
        assert_eq!((key["fingerprint"].as_str(), key["state"].as_str()), (Some(opener.print.as_str()), Some("proposed")));
        let path = format!("/api/v1/opener-keys/{}/confirmation", key["id"].as_str().unwrap());
        lead.post(&path).if_match("\"1\"").json(json!({"fingerprint": opener.print})).await.is(200);
        openers.push(opener);
    }
    openers
}

/// Everybody runs `baiyi opener join` until each program says that it is done; gives the recipient that all of them name.
fn make_the_key(openers: &[Opener], tender: &str, ceremony: &str, journal_key: &str) -> String {
    let prints: Vec<&str> = openers.iter().map(|opener| opener.print.as_str()).collect();
    let join_as_told = |opener: &Opener, tender: &str, threshold: &str, peers: &[&str]| {
        let peers = peers.iter().flat_map(|peer| ["--peer", *peer]);
        let told = vec!["--ceremony", ceremony, "--tender", tender, "--threshold", threshold, "--journal-key", journal_key, "--once"];
        opener.run("join", &[told, peers.collect()].concat())
    };
    let join = |opener: &Opener, peers: &[&str]| join_as_told(opener, tender, "2", peers);
    assert!(join_as_told(&openers[0], tender, "3", &prints[1..]).refused().contains("2 openers of this ceremony are enough, not 3"));
    assert!(join_as_told(&openers[0], ceremony, "2", &prints[1..]).refused().contains("the ceremony is for the tender"));
    let refused = join(&openers[0], &prints[1..2]).refused();
    assert!(refused.contains("compare these fingerprints") && refused.contains(prints[2]), "{refused}");
    let mut recipients = vec![None; openers.len()];
    for _ in 0..1000 {
        for (opener, recipient) in openers.iter().zip(&mut recipients).filter(|(_, recipient)| recipient.is_none()) {
            let peers: Vec<&str> = prints.iter().copied().filter(|print| *print != opener.print).collect();
            let said = join(opener, &peers).ok();
            *recipient = said.lines().find_map(|line| line.strip_prefix("complete: bids are sealed to ")).map(str::to_owned);
        }
        if let [Some(first), others @ ..] = recipients.as_slice()
            && others.iter().all(|other| other.as_ref() == Some(first))
        {
            return first.clone();
        }
    }
    panic!("the ceremony does not end: {recipients:?}");
}

/// A bidder seals an offer with a file on its own machine, sends it, and keeps the receipt. Gives its file.
async fn bid(folder: &Path, client: &Client, chain: &Chain, price: i64, recipient: &str, prints: &[String]) -> String {
    std::fs::create_dir(folder).unwrap();
    let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
    let prepared = client.get(&format!("{lot}/sealing")).send().await.is(200);
    keep(folder, "preparation.json", &prepared.bytes);
    let custody = client.get(&format!("/api/v1/tenders/{}/custody", chain.id("tender_id"))).send().await.is(200);
    keep(folder, "custody.json", &custody.bytes);
    keep(folder, "offer.json", json!({"price": {"amount_fen": price, "currency": "CNY"}, "text": "方案"}).to_string().as_bytes());
    keep(folder, "plan.pdf", b"%PDF-1.7\nplan");
    let seal = |to: &str, recipient: &str, prints: &[String]| {
        let given = ["seal", "--preparation", "preparation.json", "--offer", "offer.json", "--attachment", "plan.pdf", "--to", to];
        let openers = prints.iter().flat_map(|print| ["--opener", print.as_str()]);
        let arguments = [given.to_vec(), vec!["--recipient", recipient, "--custody", "custody.json"], openers.collect()].concat();
        program(folder, &arguments)
    };
    let mine = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    assert!(seal("wrong", mine, prints).refused().contains("nothing is sealed"));
    assert!(seal("wrong", recipient, &prints[..2]).refused().contains("compare each with the notice"));
    let unasked = ["seal", "--preparation", "preparation.json", "--offer", "offer.json", "--to", "wrong"];
    assert!(program(folder, &unasked).refused().contains("--unconfirmed"));
    assert!(!folder.join("wrong").exists(), "before anything is written");
    seal("sealed", recipient, prints).ok();
    let read = |name: &str| std::fs::read(folder.join("sealed").join(name)).unwrap();
    let upload = client.post(&format!("{lot}/bid-attachments?sealed=true")).body("application/octet-stream", read("attachment-1.age"));
    let mut request: Value = serde_json::from_slice(&read("request.json")).unwrap();
    request["attachment_ids"] = json!([upload.send().await.is(201).text_at("/id")]);
    assert_eq!(STANDARD.decode(request["ciphertext"].as_str().unwrap()).unwrap(), read("offer.age"));
    client.post(&format!("{lot}/bids?wait=11")).json(request.clone()).await.refused(422, "invalid");
    // The answer waits for the server's next round.
    let made = client.post(&format!("{lot}/bids")).key("once").json(request.clone()).await.is(201);
    assert_eq!(made.text_at("/receipt/state"), "final");
    let again = client.post(&format!("{lot}/bids")).key("once").json(request).await.is(201);
    assert_eq!(again.value(), made.value(), "a repeat is told the same");
    keep(folder, "receipt.note", made.text_at("/receipt/note").as_bytes())
}

async fn story(app: &TestApp) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.approved_by(app, "consultation").await;
    let server = Server::start_untraced(app);
    let lead = server.sign_in(&chain.lead.email).await;
    let openers = openers(app, &chain, &server, &lead).await;
    let accounts: Vec<&str> = openers.iter().map(|opener| opener.account.as_str()).collect();
    let path = format!("/api/v1/tenders/{}/opener-ceremonies", chain.id("tender_id"));
    let ceremony = lead.post(&path).json(json!({"account_ids": accounts, "threshold": 2})).await.is(201).text_at("/id");
    let keys = server.sign_in("shen.ji@people.example").await.get("/api/v1/journal/keys?of=journal").send().await.is(200).value();
    let journal_key = keys["items"][0]["verifier_key"].as_str().unwrap().to_owned();
    let recipient = make_the_key(&openers, chain.id("tender_id"), &ceremony, &journal_key);

    chain.published(DEADLINE).await;
    // The one who does not open: the others would not believe the deadline that this story brings forward.
    for opener in &openers[1..2] {
        assert!(opener.run("check", &["--ceremony", &ceremony]).ok().contains(&recipient));
    }
    let prints: Vec<String> = openers.iter().map(|opener| opener.print.clone()).collect();
    let mut receipts = Vec::new();
    for (bidder, price) in [("51330502mj9000014p", 15_000_000), ("52330502mj9000022f", 15_100_000), ("53330500mj9000030a", 15_200_000)] {
        let client = server.sign_in(&format!("{bidder}@orgs.example")).await;
        receipts.push(bid(&app.folder.path().join(bidder), &client, &chain, price, &recipient, &prints).await);
    }

    // The deadline comes sooner than in a story of weeks: in a second from now.
    let deadline = format!("{}Z", &UtcInstant::machine_now().plus_seconds(1).to_string()[..19]);
    let tender = chain.id("tender_id").to_owned();
    let version: i64 = server.client.get(&format!("/api/v1/tenders/{tender}")).send().await.is(200).text_at("/version").parse().unwrap();
    let sooner = format!("UPDATE tenders SET bid_deadline = '{}' WHERE id = '{tender}'", deadline[..19].replace('T', " "));
    run_sql_noted_at(app, sooner, "tender", tender.parse().unwrap(), version).await;
    let open = |opener: &Opener, deadline: &str| opener.run("open", &["--ceremony", &ceremony, "--deadline", deadline, "--least", "1"]);
    // Too early, until the grace is over; with another deadline than the notice's, never.
    let mut refusals = 0;
    let said = loop {
        let ran = open(&openers[0], &deadline);
        if ran.worked {
            break ran.out;
        }
        refusals += 1;
        let refused = ran.refused();
        assert!(refused.contains("opening_too_early") || refused.contains("not the one that was published"), "{refused}");
        assert!(refusals < 5000, "{refused}");
    };
    assert!(refusals > 0 && said.contains("accepted"), "{said}");
    assert!(open(&openers[2], DEADLINE).refused().contains("not the one that was published"));
    assert!(open(&openers[2], &deadline).ok().contains("accepted"));
    let opened = server.sign_in("kai.biao@people.example").await.act(&format!("/api/v1/tenders/{tender}/opening"), json!({})).await.is(200);
    assert!(opened.text.contains("15200000"), "{}", opened.text);

    // The auditor takes the journal away and checks it alone.
    let here = app.folder.path();
    let bundle = |name: &str| here.join(name).display().to_string();
    let verify = |from: &str| {
        let shown = receipts.iter().flat_map(|receipt| ["--receipt", receipt.as_str()]);
        program(here, &[vec!["audit", "verify", "--from", from, "--key", &journal_key], shown.collect()].concat())
    };
    // What was done last waits for the server's next round.
    let mut exports = 0;
    loop {
        let to = bundle(&format!("bundle-{exports}"));
        server.run(&["audit", "export", "--to", &to]).ok();
        let ran = verify(&to);
        if ran.worked {
            assert!(ran.out.contains("agree") && ran.out.contains("3 receipts agree"), "{ran:?}");
            break;
        }
        exports += 1;
        assert!(exports < 100, "{ran:?}");
    }
    let whole = bundle(&format!("bundle-{exports}"));
    by_a_second_program(&server, here, &tender, &journal_key, &receipts);
    assert!(server.run(&["audit", "export", "--to", &whole]).refused().contains("cannot make"), "nothing is overwritten");
    // Somebody changes a letter in the folder, and a row behind the server's back.
    let journal = Path::new(&whole).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replacen("tender.closed", "tender.cloned", 1)).unwrap();
    assert!(verify(&whole).refused().contains("findings"));
    std::fs::write(&journal, text).unwrap();
    verify(&whole).ok();
    run_sql(app, vec!["UPDATE bids SET received_at = '2026-03-01 00:00:00' WHERE sequence = 1".to_owned()]).await;
    let changed = bundle("changed");
    server.run(&["audit", "export", "--to", &changed]).ok();
    assert!(verify(&changed).refused().contains("received_at"));
}

/// The verifier in Python opens every bid again with what openers contributed, and finds the price that a row does not say any more.
fn by_a_second_program(server: &Server, here: &Path, tender: &str, journal_key: &str, receipts: &[String]) {
    let Some(python) = crate::audit::python() else { return };
    let to = here.join("with-ciphertexts");
    let said = server.run(&["audit", "export", "--ciphertexts", "--to", &to.display().to_string()]).ok();
    assert!(said.contains("6 ciphertexts of opened bids and their files"), "{said}");
    let kept = std::fs::read_dir(to.join("ciphertexts")).unwrap().map(|entry| entry.unwrap().path().display().to_string());
    let (ciphertexts, script): (Vec<String>, _) = (kept.collect(), concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify_case.py"));
    let verify = || {
        let mut command = std::process::Command::new(&python);
        command
            .arg(script)
            .arg(&to)
            .arg(tender)
            .args(["--key", journal_key, "--ciphertext"])
            .args(&ciphertexts)
            .arg("--receipt")
            .args(receipts);
        let run = command.output().unwrap();
        (run.status.success(), String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned())
    };
    let (fine, words) = verify();
    assert!(fine && words.contains("the tender holds: 3 bids, 2 contributions"), "{words}");
    let resources = to.join("resources.jsonl");
    let text = std::fs::read_to_string(&resources).unwrap();
    std::fs::write(&resources, text.replace("15100000", "15099999")).unwrap();
    let (fine, words) = verify();
    assert!(!fine && words.contains("its payload says 15100000 fen, and its row 15099999"), "{words}");
}

#[test]
fn openers_bidders_and_auditors_run_their_programs_on_sqlite() {
    if readable() {
        run_unchecked(Backend::Sqlite, |app| Box::pin(story(app)));
    }
}

#[test]
fn openers_bidders_and_auditors_run_their_programs_on_postgres() {
    if readable() {
        run_unchecked(Backend::Postgres, |app| Box::pin(story(app)));
    }
}

/// A bundle in a folder, as `baiyi audit export` writes it.
fn taken_away(folder: &Path, bundle: &Bundle) {
    fn lines<T: Serialize>(folder: &Path, name: &str, rows: &[T]) {
        let lines: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
        keep(folder, name, lines.join("\n").as_bytes());
    }
    std::fs::create_dir_all(folder).unwrap();
    lines(folder, files::JOURNAL, &bundle.journal);
    lines(folder, files::CHECKPOINTS, &bundle.checkpoints);
    lines(folder, files::PADDINGS, &bundle.paddings);
    lines(folder, files::RESOURCES, &bundle.resources);
    lines(folder, files::POSTINGS, &bundle.postings);
    lines(folder, files::HOLDS, &bundle.holds);
    lines(folder, files::LEGS, &bundle.legs);
    lines(folder, files::BALANCES, &bundle.balances);
}

/// The sheet of a record whose commitment came about so.
fn sheet_brought<'r>(record: &'r mut Value, how: &str) -> &'r mut Value {
    record["sheets"].as_array_mut().unwrap().iter_mut().find(|sheet| sheet["brought"] == how).unwrap()
}

/// Other points that weigh as much together, so that the ranking stays: the weights of the two criteria are 5 to 3.
fn other_points(one: &Value) -> Value {
    json!(one["points_bp"].as_i64().unwrap() + if one["position"] == 1 { 30 } else { -50 })
}

/// What a server that drew a nonce can do with it: other points, and another commitment that they open.
fn commit_anew(record: &mut Value, how: &str) {
    let lot = record["lot_id"].as_str().unwrap().parse().unwrap();
    let sheet = sheet_brought(record, how);
    for one in sheet["scores"].as_array_mut().unwrap() {
        one["points_bp"] = other_points(one);
    }
    let number = |value: &Value| i32::try_from(value.as_i64().unwrap()).unwrap();
    let score = |one: &Value| (one["bid_id"].as_str().unwrap().parse().unwrap(), number(&one["position"]), number(&one["points_bp"]));
    let scores: Vec<Score> = sheet["scores"].as_array().unwrap().iter().map(score).collect();
    let hash = |name: &str| -> sheets::Hash { hex::decode(sheet[name].as_str().unwrap()).unwrap().try_into().unwrap() };
    let scores = sheets::scores_hash(&hash("scores_key"), lot, &scores).unwrap();
    let commitment = hex::encode(sheets::commitment(&scores, &hash("words_hash")));
    sheet["commitment"] = json!(commitment);
}

on_both! {
    async fn evaluators_commit_by_the_program_and_auditors_hold_a_ranking_against_the_journal(app: &TestApp) {
        let story = crate::evaluation::opened(app, "consultation", [18_000_000, 17_000_000, 19_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        let (buyer, [one, two]) = (&chain.purchaser.client, [&chain.evaluators[0], &chain.evaluators[1]]);
        // Within one instant nothing puts entries in an order.
        let later = || app.clock.advance_to(app.clock.now().plus_seconds(60));
        buyer.act(&format!("{lot}/reviewers"), json!({"account_ids": [one.account, two.account]})).await.is(201);
        chain.review_by(&one.client).await;
        later();
        // The first draws its nonce at home and commits to its sheet.
        let machine = app.folder.path().join("an evaluator");
        std::fs::create_dir(&machine).unwrap();
        let sheet = crate::evaluation::sheet(one, lot, 8_000, None).await;
        keep(&machine, "sheet.json", sheet.to_string().as_bytes());
        let account = one.account.to_string();
        let score = |command: &str, sheet: &str, nonce: &str| {
            program(&machine, &["score", command, "--lot", chain.id("lot_id"), "--evaluator", &account, "--sheet", sheet, "--nonce", nonce])
        };
        assert!(score("reveal", "sheet.json", "nonce").refused().contains("nonce"), "there is none yet");
        let commitment: Value = serde_json::from_str(&score("commit", "sheet.json", "nonce").ok()).unwrap();
        assert!(score("commit", "sheet.json", "nonce").refused().contains("a nonce is never overwritten"));
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(machine.join("nonce")).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let text = std::fs::read_to_string(machine.join("nonce")).unwrap();
        let nonce: [u8; 32] = hex::decode(text.trim()).unwrap().try_into().unwrap();
        assert_eq!(commitment["commitment"], crate::draws::committed(chain.id("lot_id"), one, &sheet, &nonce).as_str(), "as docs/trust.md has it");
        keep(&machine, "half.json", br#"{"comment": "", "scores": 1}"#);
        score("commit", "half.json", "another").refused();
        assert!(!machine.join("another").exists(), "no nonce is drawn for what is no sheet");
        one.client.post(&format!("{lot}/score-commitments")).json(commitment.clone()).await.is(201);
        later();
        // The second leaves it to the server.
        let plain = crate::evaluation::sheet(two, lot, 7_000, None).await;
        two.client.post(&format!("{lot}/score-sheets")).json(plain).await.is(201);
        later();
        let mut better = sheet.clone();
        better["scores"][0]["points_bp"] = json!(8_001);
        keep(&machine, "better.json", better.to_string().as_bytes());
        let hand_in = async |sheet: &str| {
            let body: Value = serde_json::from_str(&score("reveal", sheet, "nonce").ok()).unwrap();
            one.client.post(&format!("{lot}/score-sheets")).json(body).await
        };
        hand_in("better.json").await.refused(422, "score_sheet_not_committed");
        hand_in("sheet.json").await.is(201);
        later();
        buyer.act(&format!("{lot}/ranking"), json!({})).await.is(200);
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let record = buyer.get(&format!("{lot}/ranking-record")).send().await.is(200).value();
        let bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;

        // What the auditor's program says to a record, with a bundle or without.
        let alone = |record: &Value| {
            keep(&machine, "record.json", record.to_string().as_bytes());
            program(&machine, &["audit", "ranking", "record.json"])
        };
        let against = |record: &Value, change: &dyn Fn(&mut Bundle)| {
            let mut changed = bundle.clone();
            change(&mut changed);
            taken_away(&machine.join("bundle"), &changed);
            keep(&machine, "record.json", record.to_string().as_bytes());
            program(&machine, &["audit", "ranking", "record.json", "--from", "bundle"])
        };
        let said = alone(&record).ok();
        let counted = "1 committed to ahead, 0 with a nonce that the evaluator brought with the sheet, 1 with a nonce that the server drew\n0 without";
        assert!(said.contains(counted) && said.trim_end().ends_with("not checked: the journal (--from)"), "{said}");
        let said = against(&record, &|_| ()).ok();
        assert!(said.contains(counted) && said.contains("the sheets are those that the journal ranked, the prices those that were opened"), "{said}");
        // The server knows its nonce, and from the record the keys of every sheet: points and commitments that agree with each other are easily made.
        for how in ["server", "ahead"] {
            let mut forged = record.clone();
            commit_anew(&mut forged, how);
            alone(&forged).ok();
            let refused = against(&forged, &|_| ()).refused();
            assert!(refused.contains("0 sheets were handed in with its commitment") && refused.contains("and the record has 0 of it"), "{refused}");
        }
        // Points that are said to have been amended, and were not.
        let mut amended = record.clone();
        let sheet = sheet_brought(&mut amended, "ahead");
        let changes = sheet["scores"].as_array().unwrap().iter().map(|one| {
            json!({"bid_id": one["bid_id"], "position": one["position"], "before_bp": one["points_bp"], "after_bp": other_points(one)})
        });
        sheet["amendments"] = changes.collect();
        alone(&amended).ok();
        assert!(against(&amended, &|_| ()).refused().contains("its points are not those that the journal ranked"));
        // A commitment that is kept back, one that was not given ahead, one that was and is not told.
        let mut silent = record.clone();
        sheet_brought(&mut silent, "ahead")["commitment"] = Value::Null;
        alone(&silent).ok();
        assert!(against(&silent, &|_| ()).refused().contains("and the record has 0 of it"));
        let mut lent = record.clone();
        sheet_brought(&mut lent, "server")["brought"] = json!("ahead");
        let refused = against(&lent, &|_| ()).refused();
        assert!(refused.contains("brought ahead by the record, server by the journal") && refused.contains("had not committed to it before it came"), "{refused}");
        let mut unsaid = record.clone();
        sheet_brought(&mut unsaid, "ahead")["brought"] = json!("server");
        assert!(against(&unsaid, &|_| ()).refused().contains("had committed ahead, and the record does not say so"));
        // The journal: no commitment, one that came after its sheet, a text that is not its leaf's, a place to come.
        let entry = |bundle: &mut Bundle, action: &str, change: &dyn Fn(&mut baiyi::trust::journal::Entry)| {
            change(bundle.journal.iter_mut().find(|entry| entry.action == action).unwrap());
        };
        let none = against(&record, &|bundle| bundle.journal.retain(|entry| entry.action != "lot.score_committed")).refused();
        assert!(none.contains("had not committed to it before it came"), "{none}");
        let last = bundle.journal.iter().find(|entry| entry.action == "lot.ranked").unwrap().index.unwrap();
        let after = against(&record, &|bundle| entry(bundle, "lot.score_committed", &|entry| entry.index = Some(last + 1))).refused();
        assert!(after.contains("had not committed to it before it came"), "{after}");
        let bent = |entry: &mut baiyi::trust::journal::Entry| entry.text = entry.text.as_ref().map(|text| text.replace("ahead", "afoot"));
        assert!(against(&record, &|bundle| entry(bundle, "lot.score_committed", &bent)).refused().contains("does not match: leaf_hash"));
        let waiting = against(&record, &|bundle| entry(bundle, "lot.scored", &|entry| entry.index = None)).refused();
        assert!(waiting.contains("waits for its place in the journal"), "{waiting}");
        // Prices: another one when it was opened, a bid that the record leaves out, a folder without bids.
        let bid = record["offers"][0]["bid_id"].as_str().unwrap();
        let dearer = against(&record, &|bundle| {
            let row = bundle.resources.iter_mut().find(|one| one.id == bid).unwrap();
            row.rows.parts.get_mut("opened_bids").unwrap()[0]["price_fen"] = json!(1);
        });
        assert!(dearer.refused().contains(&format!("bid {bid}: {} fen in the record, 1 when it was opened", record["offers"][0]["price_fen"])));
        let more = against(&record, &|bundle| {
            let mut copy = bundle.resources.iter().find(|one| one.id == bid).unwrap().clone();
            copy.id = uuid::Uuid::now_v7().to_string();
            bundle.resources.push(copy);
        });
        assert!(more.refused().contains("is ranked and not in the record"));
        let without = against(&record, &|bundle| bundle.resources.retain(|one| one.kind != "bid")).ok();
        assert!(without.contains("not checked: the prices"), "{without}");
    }
}
