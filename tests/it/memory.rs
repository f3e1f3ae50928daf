//! What a server has while openers make a key through it, bidders seal to that key, and one opener fewer than needed has contributed: a process of the
//! program, its memory read byte by byte and its system calls traced.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret;
use age_core::format::{FileKey, Stanza};
use baiyi::db::Target;
use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::UnitId;
use baiyi::people::Role;
use baiyi::trust::quorum::messages::Board;
use baiyi::trust::quorum::opener::{OpenerKeys, State, Step};
use baiyi::trust::quorum::opening::{Closing, ClosingBoard, Notice};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::montgomery::MontgomeryPoint;
use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::chain::run_sql;
use crate::support::process::{Needles, Server, readable};
use crate::support::story::Chain;
use crate::support::strace::Trace;
use crate::support::{Backend, Client, Person, TestApp, run_unchecked};

/// Later than any clock that this test meets: the process has the machine's, and takes bids only before the deadline.
const DEADLINE: &str = "2099-12-31T01:00:00Z";
/// What the bidders ask for: digits enough that no other number in a process is the same by chance.
const PRICES: [i64; 4] = [735_291_846_013, 735_291_846_177, 816_420_739_511, 903_174_628_299];
/// Who bids; the first twice.
const BIDDERS: [&str; 4] = ["51330502mj9000014p", "51330502mj9000014p", "52330502mj9000022f", "53330500mj9000030a"];
/// What is public from the publication on: the same search finds it.
const TITLE: &str = "月河街道居家养老上门服务";

/// The 32 secret bytes in a PKCS #8 file of version 1, which end it, and the file's text.
fn signing_secret(file: &Path) -> (Vec<u8>, String) {
    let text = std::fs::read_to_string(file).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(&body).unwrap();
    (der[der.len() - 32..].to_vec(), body)
}

/// The secret bytes of an age identity, and its text.
fn age_secret(file: &Path) -> (Vec<u8>, String) {
    let text = std::fs::read_to_string(file).unwrap();
    let line = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap().to_owned();
    (bech32::decode(&line).unwrap().1, line)
}

/// An opener with its own program, and everything secret that the program ever kept.
struct Opener {
    person: Person,
    client: Client,
    keys: OpenerKeys,
    folder: PathBuf,
    state: Option<State>,
    share: Option<Scalar>,
}

/// Three openers of three public bodies, their keys registered and compared through the server.
async fn openers(app: &TestApp, server: &Server, chain: &Chain, lead: &Client, secrets: &mut Needles) -> Vec<Opener> {
    let mut openers = Vec::new();
    for (name, unit) in [("Kai Jia", "审计局"), ("Kai Yi", "公共资源交易中心"), ("Kai Bing", "司法局")] {
        let made = chain.admin.post("/api/v1/units").json(json!({"name_zh": unit, "kind": "department"})).await.is(201);
        let unit: UnitId = made.text_at("/id").parse().unwrap();
        let person = app.person_of(app.tenant, name, &[Role::Opener], Some(unit), None).await;
        let folder = app.folder.path().join(name);
        assert!(OpenerKeys::create(&folder).unwrap());
        let keys = OpenerKeys::read(&folder).unwrap();
        let (seed, body) = signing_secret(&folder.join("signing.pem"));
        secrets.add(&format!("{name}'s signing key"), &seed);
        secrets.add_bytes(&format!("{name}'s signing key as its file has it"), body.as_bytes());
        let (bytes, line) = age_secret(&folder.join("sealing.age"));
        secrets.add(&format!("{name}'s identity"), &bytes);
        secrets.add_bytes(&format!("{name}'s identity as its file has it"), line.as_bytes());
        secrets.add_bytes(&format!("{name}'s identity in small letters"), line.to_lowercase().as_bytes());
        let client = server.sign_in(&person.email).await;
        let body = json!({"signing_key": keys.signing_key(), "recipient": keys.recipient(), "signature": keys.possession(person.account)});
        let made = client.post("/api/v1/opener-keys").json(body).await.is(201);
        let path = format!("{}/confirmation", made.header("location"));
        lead.post(&path).if_match(&made.etag()).json(json!({"fingerprint": keys.fingerprint()})).await.is(200);
        openers.push(Opener { person, client, keys, folder, state: None, share: None });
    }
    openers
}

async fn board(opener: &Opener, ceremony: &str) -> Board {
    serde_json::from_value(opener.client.get(ceremony).send().await.is(200).value()).unwrap()
}

/// What the program of an opener keeps is secret as a whole; these parts open something.
fn note(opener: &mut Opener, secrets: &mut Needles) {
    let kept = serde_json::to_value(opener.state.as_ref().unwrap()).unwrap();
    let position = kept["position"].as_u64().unwrap();
    for part in ["first_secret", "second_secret"] {
        if let Some(text) = kept[part].as_str() {
            secrets.add(&format!("the {part} of opener {position}"), &STANDARD.decode(text).unwrap());
        }
    }
    if let Some(text) = kept["share"].as_str() {
        let bytes: [u8; 32] = hex::decode(text).unwrap().try_into().unwrap();
        secrets.add(&format!("the share of opener {position}"), &bytes);
        opener.share = Option::from(Scalar::from_canonical_bytes(bytes));
    }
}

/// Every opener's program looks at the server's board in turn until all are content. Gives the path of the ceremony.
async fn make_the_key(chain: &Chain, lead: &Client, openers: &mut [Opener], secrets: &mut Needles) -> String {
    let accounts: Vec<_> = openers.iter().map(|opener| opener.person.account).collect();
    let path = format!("/api/v1/tenders/{}/opener-ceremonies", chain.id("tender_id"));
    let ceremony = lead.post(&path).json(json!({"account_ids": accounts, "threshold": 2})).await.is(201).header("location");
    let prints: Vec<String> = openers.iter().map(|opener| opener.keys.fingerprint()).collect();
    for opener in openers.iter_mut() {
        let peers: Vec<String> = prints.iter().filter(|print| **print != opener.keys.fingerprint()).cloned().collect();
        opener.state = Some(State::join(&opener.keys, &board(opener, &ceremony).await, &peers).unwrap());
    }
    for _ in 0..10 {
        let mut content = 0;
        for opener in openers.iter_mut() {
            let shown = board(opener, &ceremony).await;
            let step = opener.state.as_mut().unwrap().advance(&opener.keys, &shown).unwrap();
            note(opener, secrets);
            let (verb, body) = match step {
                Step::SendFirst(first) => ("package", json!(first)),
                Step::SendShares(shares) => ("shares", json!({"shares": shares})),
                Step::SendSignature { transcript, signature } => {
                    ("signature", json!({"transcript_sha256": transcript, "signature": signature}))
                }
                Step::Wait(_) => continue,
                Step::Complete => {
                    content += 1;
                    continue;
                }
            };
            opener.client.post(&format!("{ceremony}/{verb}")).json(body).await.is(200);
        }
        if content == openers.len() {
            return ceremony;
        }
    }
    panic!("the ceremony does not end");
}

/// What the openers dealt each other, and the secret that any two of them would find together, which this gives.
async fn hidden(openers: &[Opener], ceremony: &str, secrets: &mut Needles) -> Scalar {
    let shown = board(&openers[0], ceremony).await;
    assert_eq!(shown.shares.len(), 6);
    for share in &shown.shares {
        let receiver = &openers[usize::from(share.to) - 1];
        let identity: age::x25519::Identity = age_secret(&receiver.folder.join("sealing.age")).1.parse().unwrap();
        let inside = age::decrypt(&identity, &STANDARD.decode(&share.ciphertext).unwrap()).unwrap();
        let inside: Value = serde_json::from_slice(&inside).unwrap();
        let package = STANDARD.decode(inside["package"].as_str().unwrap()).unwrap();
        let name = format!("what opener {} dealt opener {}", share.from, share.to);
        // A package is a header and the scalar.
        secrets.add(&format!("{name}, the number alone"), &package[package.len() - 32..]);
        secrets.add(&name, &package);
    }
    let at_zero = |one: usize, other: usize| {
        let [x, y] = [one, other].map(|n| Scalar::from(u64::try_from(n + 1).unwrap()));
        let [of_x, of_y] = [one, other].map(|n| openers[n].share.unwrap());
        of_x * y * (y - x).invert() + of_y * x * (x - y).invert()
    };
    let secret = at_zero(0, 1);
    assert_eq!(secret, at_zero(1, 2), "any two find the same");
    let key = &openers[0].state.as_ref().unwrap().transcript.as_ref().unwrap().group_key;
    assert_eq!(&hex::encode((ED25519_BASEPOINT_POINT * secret).compress().to_bytes()), key, "and it is what bids are sealed to");
    secrets.add("the secret of the group", secret.as_bytes());
    secret
}

/// A recipient that notes the keys of the files that are sealed to it.
struct Noting {
    recipient: age::x25519::Recipient,
    seen: RefCell<Vec<Vec<u8>>>,
}

impl age::Recipient for Noting {
    fn wrap_file_key(&self, key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), age::EncryptError> {
        self.seen.borrow_mut().push(key.expose_secret().to_vec());
        age::Recipient::wrap_file_key(&self.recipient, key)
    }
}

impl Noting {
    fn seal(&self, bytes: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut writer =
            age::Encryptor::with_recipients(std::iter::once(self as &dyn age::Recipient)).unwrap().wrap_output(&mut file).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap();
        file
    }
}

/// What only the bidders have: whatever opens their bids, and what the opening makes public.
#[derive(Default)]
struct Offers {
    keys: Needles,
    texts: Needles,
}

/// A bidder seals a file and a bid on its own machine; gives the hashes of the two ciphertexts.
async fn bid(client: &Client, lot: &str, recipient: &str, number: usize, offers: &mut Offers) -> [String; 2] {
    let (price, text) = (PRICES[number], format!("sealed-at-home-plan-{number}-5208: 每周三次上门助浴, plan {number}"));
    let plain = format!("%PDF-1.7\nsealed-at-home-estimate-{number}-5209");
    let prepared = client.get(&format!("{lot}/sealing")).send().await.is(200).value();
    assert_eq!(prepared["recipient"], recipient, "to the openers and not to the server");
    let noting = Noting { recipient: recipient.parse().unwrap(), seen: RefCell::default() };
    let file = noting.seal(plain.as_bytes());
    let kept =
        client.post(&format!("{lot}/bid-attachments?sealed=true")).body("application/octet-stream", file.clone()).send().await.is(201);
    let nonce: [u8; 32] = Sha256::digest(format!("drawn by bidder {number}")).into();
    let file_hash: [u8; 32] = Sha256::digest(&plain).into();
    let mut payload = json!({"nonce": hex::encode(nonce), "price_fen": price, "offer": text, "attachments": [hex::encode(file_hash)]});
    for field in ["format", "tender_id", "lot_id", "amendment", "organisation_id", "sequence", "consortium"] {
        payload[field] = prepared[field].clone();
    }
    let payload = payload.to_string();
    let ciphertext = noting.seal(payload.as_bytes());
    let body = json!({"ciphertext": STANDARD.encode(&ciphertext), "attachment_ids": [kept.text_at("/id")]});
    client.post(&format!("{lot}/bids")).json(body).await.is(201);
    let Offers { keys, texts } = offers;
    keys.add_bytes(&format!("bid {number}"), payload.as_bytes());
    keys.add(&format!("the file of bid {number}"), plain.as_bytes());
    texts.add_text(&format!("the text of bid {number}"), &text);
    texts.add_text(&format!("the price of bid {number}"), &price.to_string());
    texts.add_bytes(&format!("the price of bid {number} as a number"), &price.to_le_bytes());
    texts.add_bytes(&format!("the price of bid {number} as a number sent to a database"), &price.to_be_bytes());
    keys.add(&format!("the nonce of bid {number}"), &nonce);
    keys.add(&format!("the hash of the file of bid {number}"), &file_hash);
    for (name, key) in ["file", "bid"].iter().zip(noting.seen.take()) {
        assert_eq!(key.len(), 16);
        keys.add(&format!("the key of the {name} of bid {number}"), &key);
    }
    [&file, &ciphertext].map(|sealed| hex::encode(Sha256::digest(sealed)))
}

/// Passes the deadline, for this tender: the process has the machine's clock. Gives what openers find at the closing.
async fn closed(app: &TestApp, chain: &Chain, opener: &mut Opener) -> Closing {
    let now = UtcInstant::machine_now();
    let deadline = format!("{}Z", &now.plus_seconds(-60).to_string()[..19]);
    let past = deadline[..19].replace('T', " ");
    run_sql(app, vec![format!("UPDATE tenders SET bid_deadline = '{past}' WHERE id = '{}'", chain.id("tender_id"))]).await;
    let path = format!("/api/v1/tenders/{}/closing", chain.id("tender_id"));
    opener.client.post(&path).send().await.is(200);
    let state = opener.state.as_mut().unwrap();
    // The process' own sequencer takes its time.
    for _ in 0..100_000 {
        let shown: ClosingBoard = serde_json::from_value(opener.client.get(&path).send().await.is(200).value()).unwrap();
        match state.check_closing(&shown, now, Notice { deadline: UtcInstant::parse(&deadline).unwrap(), least: 1, late: false }) {
            Ok(closing) => return closing,
            Err(fault) => assert!(fault.to_string().contains("journal"), "{fault}"),
        }
    }
    panic!("the journal does not integrate the closing");
}

/// One opener's contribution through the server.
async fn contribute(chain: &Chain, opener: &mut Opener, closing: &Closing) {
    let sent = opener.state.as_mut().unwrap().contribute(&opener.keys, closing).unwrap();
    opener.client.post(&format!("/api/v1/tenders/{}/contributions", chain.id("tender_id"))).json(json!(sent)).await.is(200);
}

/// What the process wrote is where it is expected, and nothing else.
fn kept_its_places(app: &TestApp, trace: &Trace) {
    let folder = app.folder.path().canonicalize().unwrap();
    let under = |name: &str| folder.join(name).display().to_string();
    let (documents, mail) = (under("documents/"), under("process/baiyi-data/mail"));
    let database = match &app.target {
        Target::Sqlite(file) => Some(file.canonicalize().unwrap().display().to_string()),
        Target::Postgres(_) => None,
    };
    let of_database = |path: &str| {
        let rest = database.as_deref().and_then(|database| path.strip_prefix(database));
        rest.is_some_and(|rest| ["", "-wal", "-shm", "-journal"].contains(&rest))
    };
    let expected = |path: &String| of_database(path) || path.starts_with(&documents) || path.starts_with(&mail) || path == "/dev/null";
    let strange: Vec<_> = trace.written.iter().chain(&trace.mapped).filter(|path| !expected(path)).collect();
    assert_eq!(strange, [""; 0], "files in places that nobody expects");
    assert!(trace.written.iter().any(|path| path.starts_with(&documents)), "the files of the bids were written");
}

async fn story(app: &TestApp) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.approved_by(app, "consultation").await;
    let server = Server::start(app);
    let lead = server.sign_in(&chain.lead.email).await;
    let mut secrets = Needles::default();
    let mut openers = openers(app, &server, &chain, &lead, &mut secrets).await;
    let ceremony = make_the_key(&chain, &lead, &mut openers, &mut secrets).await;
    let secret = hidden(&openers, &ceremony, &mut secrets).await;
    assert_eq!(server.holds(&secrets).await, [""; 0], "after the ceremony");

    chain.published(DEADLINE).await;
    // The prices have more digits than such services cost.
    run_sql(app, vec![format!("UPDATE lots SET ceiling_fen = 999999999999 WHERE id = '{}'", chain.id("lot_id"))]).await;
    let recipient = openers[0].state.as_ref().unwrap().recipient().unwrap().to_owned();
    let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
    let (mut offers, mut hashes) = (Offers::default(), Vec::new());
    for (number, bidder) in BIDDERS.iter().enumerate() {
        let bidder = server.sign_in(&format!("{bidder}@orgs.example")).await;
        hashes.extend(bid(&bidder, &lot, &recipient, number, &mut offers).await);
    }
    let sealed = offers.keys.and(&offers.texts);
    assert_eq!(server.holds(&secrets.and(&sealed)).await, [""; 0], "after the bids");

    // One of two that are needed.
    let closing = closed(app, &chain, &mut openers[1]).await;
    contribute(&chain, &mut openers[1], &closing).await;
    let points = closing.points().unwrap();
    assert_eq!(points.len(), 6, "three bids with a file each; a bid that was replaced is not opened");
    for (number, point) in points.iter().enumerate() {
        secrets.add(&format!("what would open stanza {number}"), (MontgomeryPoint(*point) * secret).as_bytes());
    }
    assert_eq!(server.holds(&secrets.and(&sealed)).await, [""; 0], "after one contribution");
    if let Some(trace) = server.trace() {
        assert_eq!(secrets.and(&sealed).found(trace.all()), [""; 0], "what passed between the server and the system until then");
    }

    // The same search finds what this server must have: secrets of the same kinds that are its own, and what the others sent it to keep.
    let mut had = Needles::default();
    let keys = server.folder.join("baiyi-data/keys");
    had.add_bytes("the server's own signing key", &signing_secret(&keys.join("token.pem")).0);
    had.add_bytes("the server's own identity", &age_secret(&keys.join("sealing.age")).0);
    had.add_bytes("the openers' recipient", recipient.as_bytes());
    assert_eq!(server.holds(&had).await, had.names());
    if let Some(trace) = server.trace() {
        let mut passed = Needles::default();
        passed.add_bytes("the tender's title", TITLE.as_bytes());
        passed.add_bytes("the server's own signing key as its file has it", &signing_secret(&keys.join("token.pem")).1.as_bytes()[..40]);
        passed.add_bytes("the openers' recipient", recipient.as_bytes());
        for (number, hash) in hashes.iter().enumerate() {
            passed.add_bytes(&format!("hash {number} of what was sealed"), hash.as_bytes());
        }
        assert_eq!(passed.found(trace.all()), passed.names());
        kept_its_places(app, &trace);
    }

    // With the other, the server may open, and then it has what it had not before.
    contribute(&chain, &mut openers[0], &closing).await;
    let kai_biao = server.sign_in("kai.biao@people.example").await;
    let opened = kai_biao.act(&format!("/api/v1/tenders/{}/opening", chain.id("tender_id")), json!({})).await.is(200);
    assert!(opened.text.contains(&PRICES[1].to_string()), "{}", opened.text);
    if let Some(trace) = server.trace() {
        let texts = offers.texts.found(trace.all());
        for found in ["the text of bid 1", "the price of bid 2", "the text of bid 3"] {
            assert!(texts.iter().any(|name| name == found), "{texts:?}");
        }
        assert!(!texts.iter().any(|name| name.contains("bid 0")), "what was replaced is never opened: {texts:?}");
        assert_eq!(secrets.found(trace.out.values()).iter().find(|name| !name.starts_with("what would open")), None);
    }
}

#[test]
fn a_server_never_has_what_opens_a_bid_of_a_quorum_on_sqlite() {
    if readable() {
        run_unchecked(Backend::Sqlite, |app| Box::pin(story(app)));
    }
}

/// The server's own process again, and everything that it sends to the database.
#[test]
fn a_server_never_has_what_opens_a_bid_of_a_quorum_on_postgres() {
    if readable() {
        run_unchecked(Backend::Postgres, |app| Box::pin(story(app)));
    }
}
