//! What a server's memory holds while openers make a key through it and a bidder seals to that key: a process of the program, read byte by byte.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use age::secrecy::ExposeSecret;
use age_core::format::{FileKey, Stanza};
use baiyi::db::Target;
use baiyi::kernel::id::UnitId;
use baiyi::people::Role;
use baiyi::trust::quorum::messages::Board;
use baiyi::trust::quorum::opener::{OpenerKeys, State, Step};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::story::Chain;
use crate::support::{Backend, Client, PASSWORD, Person, TestApp, run_unchecked};

/// Later than any clock that this test meets: the process has the machine's, and takes bids only before the deadline.
const DEADLINE: &str = "2099-12-31T01:00:00Z";
/// What the bidder asks for: digits enough that no other number in a process is the same by chance.
const PRICE: i64 = 7_352_918_460_133;
const TEXT: &str = "sealed-at-home-plan-5208: 每周三次上门助浴";
const FILE: &[u8] = b"%PDF-1.7\nsealed-at-home-estimate-5209";
/// Bytes that are read from a process at a time.
const PIECE: usize = 1 << 20;
/// Pages that nothing was ever written to read as zeros, and an allocator keeps many of them.
const PAGE: [u8; 4096] = [0; 4096];

/// `baiyi serve` on the database and the documents of a test, with keys of its own; ended with the test.
struct Server {
    process: Child,
    client: Client,
    keys: PathBuf,
    log: Arc<Mutex<Vec<u8>>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start(app: &TestApp) -> Self {
        let folder = app.folder.path().join("process");
        std::fs::create_dir_all(&folder).unwrap();
        let Target::Sqlite(database) = &app.target else { panic!("two processes share a file") };
        let variables = [
            ("BAIYI_DATABASE__URL", format!("sqlite:{}", database.display())),
            ("BAIYI_DOCUMENTS__FOLDER", app.folder.path().join("documents").display().to_string()),
            ("BAIYI_HTTP__ADDRESS", "127.0.0.1:0".to_owned()),
            // People sign in with their password alone; a seed would be one more secret in play, and the server must have that one.
            ("BAIYI_LOGIN__SECOND_FACTOR_FOR", "[]".to_owned()),
            // What is logged was in memory, so as much as possible is.
            ("BAIYI_LOG__FILTER", "debug".to_owned()),
            ("BAIYI_LOG__FORMAT", "json".to_owned()),
        ];
        let program = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_baiyi"));
            command.env_clear().envs(variables.clone()).current_dir(&folder).args(arguments);
            command
        };
        let made = program(&["admin", "init-keys"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut process = program(&["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap());
        let (mut told, mut base) = (String::new(), None);
        while base.is_none() {
            let from = told.len();
            assert!(lines.read_line(&mut told).unwrap() > 0, "the server ended: {told}");
            let line: Value = serde_json::from_str(&told[from..]).unwrap_or_default();
            base = (line["fields"]["message"] == "serving").then(|| format!("http://{}", line["fields"]["address"].as_str().unwrap()));
        }
        let log = Arc::new(Mutex::new(told.into_bytes()));
        let kept = log.clone();
        // Whoever does not read a process' log brings it to a halt.
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = lines.read(&mut piece) {
                kept.lock().unwrap().extend_from_slice(&piece[..read]);
            }
        });
        let client = Client::new(reqwest::Client::new(), base.unwrap(), None);
        Self { process, client, keys: folder.join("baiyi-data/keys"), log }
    }

    /// The server's calls as somebody who signs in to it.
    async fn sign_in(&self, email: &str) -> Client {
        let made = self.client.post("/api/v1/sessions").json(json!({"email": email, "password": PASSWORD})).await.is(201);
        self.client.with_token(&made.text_at("/access_token"))
    }

    /// The names of the needles that are in the process' memory or in its log. Read by another thread: connections that rest meanwhile are looked after.
    async fn holds(&self, needles: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
        let (process, log, needles) = (self.process.id(), self.log.lock().unwrap().clone(), needles.clone());
        tokio::task::spawn_blocking(move || {
            let mut places = memory(process);
            assert!(places.iter().map(Vec::len).sum::<usize>() > PIECE, "a server has more memory than this");
            places.push(log);
            found(&places, &needles)
        })
        .await
        .unwrap()
    }
}

/// Everything that a process can write to or that belongs to no file, as far as it was ever written to: stretches of memory without an empty page.
fn memory(process: u32) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(format!("/proc/{process}"));
    let memory = std::fs::File::open(folder.join("mem")).expect("a process may read what it started");
    let mut stretches = vec![Vec::new()];
    for line in std::fs::read_to_string(folder.join("maps")).unwrap().lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (mode, inode, name) = (fields[1].as_bytes(), fields[4], fields.get(5).copied().unwrap_or_default());
        // The kernel's own pages are not for reading through this file.
        if mode[0] != b'r' || (mode[1] != b'w' && inode != "0") || name.starts_with("[v") {
            continue;
        }
        let (from, to) = fields[0].split_once('-').unwrap();
        let [mut at, end] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
        let mut piece = vec![0; PIECE];
        while at < end {
            let asked = PIECE.min(usize::try_from(end - at).unwrap());
            // What was given back since the list was made is gone.
            let Ok(read @ 1..) = memory.read_at(&mut piece[..asked], at) else { break };
            for page in piece[..read].chunks(PAGE.len()) {
                if page == &PAGE[..page.len()] {
                    stretches.push(Vec::new());
                } else {
                    stretches.last_mut().unwrap().extend_from_slice(page);
                }
            }
            at += u64::try_from(read).unwrap();
        }
        stretches.push(Vec::new());
    }
    stretches.retain(|stretch| !stretch.is_empty());
    stretches
}

/// The names of the needles that are somewhere in these places.
fn found(places: &[Vec<u8>], needles: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    // By their first two bytes, so that the many places where none begins are passed quickly.
    let mut beginning: Vec<Vec<(&String, &Vec<u8>)>> = vec![Vec::new(); 1 << 16];
    for (name, needle) in needles {
        assert!(needle.len() >= 8, "{name} is too short to mean anything");
        beginning[usize::from(u16::from_be_bytes([needle[0], needle[1]]))].push((name, needle));
    }
    let mut found = BTreeSet::new();
    for place in places {
        let mut last = 0_u16;
        for (end, byte) in place.iter().enumerate() {
            last = last << 8 | u16::from(*byte);
            for (name, needle) in &beginning[usize::from(last)] {
                if end > 0 && place[end - 1..].starts_with(needle) {
                    found.insert((*name).clone());
                }
            }
        }
    }
    found.into_iter().collect()
}

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

/// Secrets by what they are.
#[derive(Default)]
struct Secrets(BTreeMap<String, Vec<u8>>);

impl Secrets {
    fn add(&mut self, name: String, bytes: &[u8]) {
        self.0.insert(format!("{name}, in hex"), hex::encode(bytes).into_bytes());
        self.0.insert(format!("{name}, in base64"), STANDARD.encode(bytes).trim_end_matches('=').as_bytes().to_vec());
        self.0.insert(name, bytes.to_vec());
    }

    fn add_text(&mut self, name: String, text: &str) {
        self.0.insert(name, text.as_bytes().to_vec());
    }
}

/// Three openers of three public bodies, their keys registered and compared through the server.
async fn openers(app: &TestApp, server: &Server, chain: &Chain, secrets: &mut Secrets) -> Vec<Opener> {
    let lead = server.sign_in(&chain.lead.email).await;
    let mut openers = Vec::new();
    for (name, unit) in [("Kai Jia", "审计局"), ("Kai Yi", "公共资源交易中心"), ("Kai Bing", "司法局")] {
        let made = chain.admin.post("/api/v1/units").json(json!({"name_zh": unit, "kind": "department"})).await.is(201);
        let unit: UnitId = made.text_at("/id").parse().unwrap();
        let person = app.person_of(app.tenant, name, &[Role::Opener], Some(unit), None).await;
        let folder = app.folder.path().join(name);
        assert!(OpenerKeys::create(&folder).unwrap());
        let keys = OpenerKeys::read(&folder).unwrap();
        let (seed, body) = signing_secret(&folder.join("signing.pem"));
        secrets.add(format!("{name}'s signing key"), &seed);
        secrets.add_text(format!("{name}'s signing key as its file has it"), &body);
        let (bytes, line) = age_secret(&folder.join("sealing.age"));
        secrets.add(format!("{name}'s identity"), &bytes);
        secrets.add_text(format!("{name}'s identity as its file has it"), &line);
        secrets.add_text(format!("{name}'s identity in small letters"), &line.to_lowercase());
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
fn note(opener: &mut Opener, secrets: &mut Secrets) {
    let kept = serde_json::to_value(opener.state.as_ref().unwrap()).unwrap();
    let position = kept["position"].as_u64().unwrap();
    for part in ["first_secret", "second_secret"] {
        if let Some(text) = kept[part].as_str() {
            secrets.add(format!("the {part} of opener {position}"), &STANDARD.decode(text).unwrap());
        }
    }
    if let Some(text) = kept["share"].as_str() {
        let bytes: [u8; 32] = hex::decode(text).unwrap().try_into().unwrap();
        secrets.add(format!("the share of opener {position}"), &bytes);
        opener.share = Option::from(Scalar::from_canonical_bytes(bytes));
    }
}

/// Every opener's program looks at the server's board in turn until all are content. Gives the path of the ceremony.
async fn make_the_key(server: &Server, chain: &Chain, openers: &mut [Opener], secrets: &mut Secrets) -> String {
    let accounts: Vec<_> = openers.iter().map(|opener| opener.person.account).collect();
    let path = format!("/api/v1/tenders/{}/opener-ceremonies", chain.id("tender_id"));
    let lead = server.sign_in(&chain.lead.email).await;
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

/// What the openers dealt each other, and the secret that any two of them would find together.
async fn hidden(openers: &[Opener], ceremony: &str, secrets: &mut Secrets) {
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
        secrets.add(format!("{name}, the number alone"), &package[package.len() - 32..]);
        secrets.add(name, &package);
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
    secrets.add("the secret of the group".to_owned(), secret.as_bytes());
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

/// A bidder seals a file and a bid on its own machine; gives the hashes of the two ciphertexts.
async fn bid(client: &Client, lot: &str, recipient: &str, secrets: &mut Secrets) -> [String; 2] {
    let prepared = client.get(&format!("{lot}/sealing")).send().await.is(200).value();
    assert_eq!(prepared["recipient"], recipient, "to the openers and not to the server");
    let noting = Noting { recipient: recipient.parse().unwrap(), seen: RefCell::default() };
    let file = noting.seal(FILE);
    let kept =
        client.post(&format!("{lot}/bid-attachments?sealed=true")).body("application/octet-stream", file.clone()).send().await.is(201);
    let nonce: [u8; 32] = Sha256::digest(&file).into();
    let mut payload =
        json!({"nonce": hex::encode(nonce), "price_fen": PRICE, "offer": TEXT, "attachments": [hex::encode(Sha256::digest(FILE))]});
    for field in ["format", "tender_id", "lot_id", "amendment", "organisation_id", "sequence", "consortium"] {
        payload[field] = prepared[field].clone();
    }
    let payload = payload.to_string();
    let ciphertext = noting.seal(payload.as_bytes());
    let body = json!({"ciphertext": STANDARD.encode(&ciphertext), "attachment_ids": [kept.text_at("/id")]});
    client.post(&format!("{lot}/bids")).json(body).await.is(201);
    secrets.add_text("the bid".to_owned(), &payload);
    secrets.add_text("the bid's text".to_owned(), TEXT);
    secrets.add_text("the beginning of the bid's text".to_owned(), &TEXT[..24]);
    secrets.add_text("the price in digits".to_owned(), &PRICE.to_string());
    secrets.0.insert("the price as a number".to_owned(), PRICE.to_le_bytes().to_vec());
    secrets.0.insert("the file".to_owned(), FILE.to_vec());
    secrets.add("the file's hash".to_owned(), Sha256::digest(FILE).as_slice());
    for (name, key) in ["the key of the file", "the key of the bid"].iter().zip(noting.seen.take()) {
        assert_eq!(key.len(), 16);
        secrets.add((*name).to_owned(), &key);
    }
    [&file, &ciphertext].map(|sealed| hex::encode(Sha256::digest(sealed)))
}

async fn story(app: &TestApp) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.approved_by(app, "consultation").await;
    let server = Server::start(app);
    let mut secrets = Secrets::default();
    let mut openers = openers(app, &server, &chain, &mut secrets).await;
    let ceremony = make_the_key(&server, &chain, &mut openers, &mut secrets).await;
    hidden(&openers, &ceremony, &mut secrets).await;
    assert_eq!(server.holds(&secrets.0).await, [""; 0], "after the ceremony");

    chain.published(DEADLINE).await;
    let recipient = openers[0].state.as_ref().unwrap().recipient().unwrap().to_owned();
    let bidder = server.sign_in("51330502mj9000014p@orgs.example").await;
    let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
    let [file, ciphertext] = bid(&bidder, &lot, &recipient, &mut secrets).await;
    assert_eq!(server.holds(&secrets.0).await, [""; 0], "after the bid");

    // The same search finds what this server must have: secrets of the same kinds that are its own, and what the others sent it to keep.
    let mut had = Secrets::default();
    had.0.insert("the server's own signing key".to_owned(), signing_secret(&server.keys.join("token.pem")).0);
    had.0.insert("the server's own identity".to_owned(), age_secret(&server.keys.join("sealing.age")).0);
    had.add_text("the openers' recipient".to_owned(), &recipient);
    had.add_text("the hash of the sealed file".to_owned(), &file);
    had.add_text("the hash of the sealed bid".to_owned(), &ciphertext);
    assert_eq!(server.holds(&had.0).await, had.0.keys().cloned().collect::<Vec<_>>());
}

/// On SQLite alone: what is read is the server's own memory, and with SQLite that includes the database's.
#[test]
fn a_server_never_has_what_opens_a_bid_of_a_quorum() {
    if !Path::new("/proc/self/mem").exists() {
        eprintln!("there is no /proc here, so the memory of a server cannot be read");
        return;
    }
    run_unchecked(Backend::Sqlite, |app| Box::pin(story(app)));
}
