//! The programs of openers, bidders and auditors run as such: keys, ceremony, sealing, opening, and the journal checked offline, against a serving process.

use std::path::{Path, PathBuf};

use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::UnitId;
use baiyi::people::Role;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::chain::{run_sql, run_sql_noted_at};
use crate::support::process::{Ran, Server, program, readable};
use crate::support::story::Chain;
use crate::support::{Backend, Client, TestApp, run_unchecked};

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
fn make_the_key(openers: &[Opener], ceremony: &str, journal_key: &str) -> String {
    let prints: Vec<&str> = openers.iter().map(|opener| opener.print.as_str()).collect();
    let join = |opener: &Opener, peers: &[&str]| {
        let peers = peers.iter().flat_map(|peer| ["--peer", *peer]);
        let more = [vec!["--ceremony", ceremony, "--journal-key", journal_key, "--once"], peers.collect()].concat();
        opener.run("join", &more)
    };
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
    let recipient = make_the_key(&openers, &ceremony, &journal_key);

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
