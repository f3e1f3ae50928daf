//! A tender whose key three openers hold: made by their own programs, opened by two of them, and what these programs refuse of a server that lies.

use std::collections::BTreeMap;

use baiyi::db::schema::journal_entries;
use baiyi::jobs;
use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::UnitId;
use baiyi::people::Role;
use baiyi::trust::checkpoint::{self, Head, JournalKey};
use baiyi::trust::journal::leaf_hash;
use baiyi::trust::quorum::Fault;
use baiyi::trust::quorum::custody::Custody;
use baiyi::trust::quorum::journal::{Kept, Proof, unwitnessed};
use baiyi::trust::quorum::messages::{Board, Transcript};
use baiyi::trust::quorum::opener::{OpenerKeys, State, Step};
use baiyi::trust::quorum::opening::{ClosingBoard, Contribution, Notice, contribution_text, root_of};
use baiyi::trust::tree::{Edge, consistency, inclusion};
use baiyi::trust::witness::WitnessKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::chain::run_sql;
use crate::support::http::Answer;
use crate::support::story::{Chain, SECRET_FILE, SECRET_FILENAME, SECRET_PRICE, SECRET_SEALED_TEXT, SECRET_TEXT};
use crate::support::{Client, Person, QUORUM_FROM_FEN, TestApp, on_both};

pub const DEADLINE: &str = "2026-03-13T01:00:00Z";
/// What the bidder asks for who seals with `baiyi seal`; above the ceiling.
const SEALED_PRICE: i64 = 20_000_431;
/// The first instant at which bids may be opened.
pub const OPENS: &str = "2026-03-13T01:00:10Z";

pub fn at(text: &str) -> UtcInstant {
    UtcInstant::parse(text).unwrap()
}

/// What the printed notice says.
fn notice(deadline: &str) -> Notice {
    Notice { deadline: at(deadline), least: 1, late: false }
}

/// An opener with its own program.
pub struct Opener {
    pub person: Person,
    pub keys: OpenerKeys,
    pub state: Option<State>,
}

impl Opener {
    pub fn state(&mut self) -> &mut State {
        self.state.as_mut().unwrap()
    }
}

/// An approved tender and three openers of three public bodies with confirmed keys.
pub async fn stage(app: &TestApp) -> (Chain, Vec<Opener>) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.approved_by(app, "consultation").await;
    let mut openers = Vec::new();
    for (name, unit) in [("Kai Jia", "审计局"), ("Kai Yi", "公共资源交易中心"), ("Kai Bing", "司法局")] {
        let made = chain.admin.post("/api/v1/units").json(json!({"name_zh": unit, "kind": "department"})).await.is(201);
        let unit: UnitId = made.text_at("/id").parse().unwrap();
        let person = app.person_of(app.tenant, name, &[Role::Opener], Some(unit), None).await;
        let keys = OpenerKeys::ephemeral().unwrap();
        let made = register(&person, &keys, &keys.possession(person.account)).await.is(201);
        assert_eq!(made.text_at("/fingerprint"), keys.fingerprint());
        confirm(&chain.lead.client, &made, &keys.fingerprint()).await.is(200);
        openers.push(Opener { person, keys, state: None });
    }
    (chain, openers)
}

async fn register(person: &Person, keys: &OpenerKeys, signature: &str) -> Answer {
    let body = json!({"signing_key": keys.signing_key(), "recipient": keys.recipient(), "signature": signature});
    person.client.post("/api/v1/opener-keys").json(body).await
}

async fn confirm(client: &Client, made: &Answer, fingerprint: &str) -> Answer {
    let path = format!("{}/confirmation", made.header("location"));
    client.post(&path).if_match(&made.etag()).json(json!({"fingerprint": fingerprint})).await
}

pub async fn name(chain: &Chain, openers: &[Opener], threshold: usize) -> Answer {
    let accounts: Vec<_> = openers.iter().map(|opener| opener.person.account).collect();
    let path = format!("/api/v1/tenders/{}/opener-ceremonies", chain.id("tender_id"));
    chain.lead.client.post(&path).json(json!({"account_ids": accounts, "threshold": threshold})).await
}

async fn board(app: &TestApp, client: &Client, ceremony: &str, from: u64) -> Board {
    jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
    serde_json::from_value(client.get(&format!("{ceremony}?from={from}")).send().await.is(200).value()).unwrap()
}

async fn send(opener: &Opener, ceremony: &str, step: &Step) -> Option<Answer> {
    let client = &opener.person.client;
    Some(match step {
        Step::SendFirst(first) => client.post(&format!("{ceremony}/package")).json(json!(first)).await,
        Step::SendShares(shares) => client.post(&format!("{ceremony}/shares")).json(json!({"shares": shares})).await,
        Step::SendSignature { transcript, signature } => {
            let body = json!({"transcript_sha256": transcript, "signature": signature});
            client.post(&format!("{ceremony}/signature")).json(body).await
        }
        Step::Wait(_) | Step::Complete => return None,
    })
}

fn peers(openers: &[Opener], but: usize) -> Vec<String> {
    openers.iter().enumerate().filter(|(n, _)| *n != but).map(|(_, opener)| opener.keys.fingerprint()).collect()
}

/// Every opener's program looks at the board in turn until all are content.
pub async fn make_the_key(app: &TestApp, openers: &mut [Opener], ceremony: &str) {
    for n in 0..openers.len() {
        let peers = peers(openers, n);
        let shown = board(app, &openers[n].person.client, ceremony, 0).await;
        openers[n].state = Some(State::join(&openers[n].keys, &shown, &peers).unwrap());
    }
    for _ in 0..10 {
        let mut content = 0;
        for opener in openers.iter_mut() {
            let client = opener.person.client.clone();
            let from = opener.state().journal.size();
            let shown = board(app, &client, ceremony, from).await;
            let state = opener.state.as_mut().unwrap();
            // What the program keeps survives a restart.
            *state = serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap();
            let step = state.advance(&opener.keys, &shown).unwrap();
            state.see_journal(shown.journal.as_ref().unwrap()).unwrap();
            content += usize::from(matches!(step, Step::Complete) && state.journalled);
            if let Some(answer) = send(opener, ceremony, &step).await {
                answer.is(200);
            }
        }
        if content == openers.len() {
            return;
        }
    }
    panic!("the ceremony does not end");
}

/// A published tender with its key made by three openers; the path of the ceremony.
async fn published(app: &TestApp) -> (Chain, Vec<Opener>, String) {
    let (chain, mut openers) = stage(app).await;
    let ceremony = name(&chain, &openers, 2).await.is(201).header("location");
    make_the_key(app, &mut openers, &ceremony).await;
    chain.published(DEADLINE).await;
    for opener in &mut openers {
        opener.state().see_deadline(at(DEADLINE));
    }
    (chain, openers, ceremony)
}

pub fn tender(chain: &Chain) -> String {
    format!("/api/v1/tenders/{}", chain.id("tender_id"))
}

pub async fn close(app: &TestApp, chain: &Chain, opener: &Opener) -> Answer {
    app.clock.advance_to(at(OPENS));
    let answer = opener.person.client.post(&format!("{}/closing", tender(chain))).send().await;
    jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
    answer
}

async fn closing(chain: &Chain, opener: &Opener) -> ClosingBoard {
    let from = opener.state.as_ref().unwrap().journal.size();
    let answer = opener.person.client.get(&format!("{}/closing?from={from}", tender(chain))).send().await;
    serde_json::from_value(answer.is(200).value()).unwrap()
}

pub async fn contribution(chain: &Chain, opener: &mut Opener) -> Contribution {
    let shown = closing(chain, opener).await;
    let state = opener.state.as_mut().unwrap();
    let checked = state.check_closing(&shown, at(OPENS), notice(DEADLINE)).unwrap();
    state.contribute(&opener.keys, &checked).unwrap()
}

pub async fn contribute(chain: &Chain, opener: &Opener, sent: &Contribution) -> Answer {
    opener.person.client.post(&format!("{}/contributions", tender(chain))).json(json!(sent)).await
}

pub async fn open(chain: &Chain) -> Answer {
    chain.opener.act(&format!("{}/opening", tender(chain)), json!({})).await
}

/// The closing in a journal of other entries that ends with the closing's: signed, consistent with a tree of `seen` leaves of its own, and including the entry.
fn another_history(shown: &ClosingBoard, seen: u64, key: &JournalKey) -> ClosingBoard {
    let mut entry = shown.journal.clone().unwrap().entry.unwrap();
    let (mut edge, mut nodes) = (Edge::default(), BTreeMap::new());
    let leaf = leaf_hash(&STANDARD.decode(&entry.salt).unwrap(), &entry.text);
    let others = (0..seen).map(|n| leaf_hash(&n.to_be_bytes(), "another entry"));
    for leaf in others.chain([leaf]) {
        nodes.extend(edge.append(leaf).into_iter().map(|(level, position, hash)| ((level, position), hash)));
    }
    let mut nodes = |level, position| Ok(nodes[&(level, position)]);
    let encoded = |hashes: Vec<[u8; 32]>| hashes.into_iter().map(|hash| STANDARD.encode(hash)).collect();
    (entry.index, entry.hashes) = (seen, encoded(inclusion(&mut nodes, seen, seen + 1).unwrap()));
    let consistency = encoded(consistency(&mut nodes, seen, seen + 1).unwrap());
    let note = key.sign(&Head { size: seen + 1, root: edge.root() });
    let journal = Proof { note, verifier_key: key.verifier(), from: seen, consistency, entry: Some(entry), ..Proof::default() };
    ClosingBoard { journal: Some(journal), ..shown.clone() }
}

fn refusal<T>(result: Result<T, Fault>) -> String {
    result.err().map(|fault| fault.to_string()).expect("the program refuses")
}

on_both! {
    async fn two_of_three_openers_open_and_a_corrupted_contribution_names_its_sender(app: &TestApp) {
        let (mut chain, mut openers, ceremony) = published(app).await;
        let custody = app.public().get(&format!("{}/custody", tender(&chain))).send().await.is(200).value();
        let recipient = custody["recipient"].as_str().unwrap().to_owned();
        assert_eq!((custody["custody"].as_str(), openers[0].state().recipient()), (Some("quorum"), Some(recipient.as_str())));
        let bound = chain.bidders[0].client.get(&format!("/api/v1/lots/{}/sealing", chain.id("lot_id"))).send().await.is(200);
        assert_eq!(bound.text_at("/recipient"), recipient);
        assert_ne!(recipient, app.sealing.recipient());
        // Plain with a file, plain above the ceiling, and sealed by stock age; the second is replaced by what `baiyi seal` made.
        chain.bids().await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        crate::bids_bind::by_baiyi_seal(&chain.bidders[1].client, &lot, SEALED_PRICE, None, None).await;
        let needles = [SECRET_TEXT, SECRET_SEALED_TEXT, SECRET_FILE, SECRET_FILENAME].map(str::to_owned);
        let needles = [needles.to_vec(), vec![SECRET_PRICE.to_string(), SEALED_PRICE.to_string()]].concat();
        assert_eq!(app.search_everything_stored(&needles).await, Vec::<String>::new());
        let key = app.sealing.clone();
        let opened_by_the_server = app.read(move |db| {
            use baiyi::db::schema::bids;
            let all: Vec<Vec<u8>> = bids::table.select(bids::ciphertext).load(db).unwrap();
            assert_eq!(all.len(), 4);
            all.iter().filter(|ciphertext| key.open(ciphertext).is_some()).count()
        });
        assert_eq!(opened_by_the_server.await, 0, "the server's key opens none of them");
        // While bids come in, the journal's growth is not shown; too early, nothing is closed, and before the closing nothing is contributed.
        assert!(board(app, &openers[0].person.client, &ceremony, 0).await.journal.is_none());
        openers[0].person.client.post(&format!("{}/closing", tender(&chain))).send().await.refused(409, "opening_too_early");
        let early = Contribution { root: "0".repeat(64), partials: String::new(), signature: "AA==".to_owned() };
        contribute(&chain, &openers[0], &early).await.refused(409, "not_closed");
        app.clock.advance_to(at(OPENS));
        open(&chain).await.refused(409, "not_closed");
        let closed = close(app, &chain, &openers[1]).await.is(200);
        assert_eq!(close(app, &chain, &openers[0]).await.is(200).text_at("/root"), closed.text_at("/root"), "one closing");
        // The set is public before anything is opened: each bidder finds its own ciphertext in it.
        let shown = app.public().get(&format!("{}/closing", tender(&chain))).send().await.is(200).value();
        let set: Value = serde_json::from_str(shown["text"].as_str().unwrap()).unwrap();
        let bid = &chain.bidders[0].client.get(&format!("/api/v1/bids/{}", chain.id("bid_id"))).send().await.is(200).value();
        assert!(set["lots"][0]["bids"].as_array().unwrap().iter().any(|one| one["bid_id"] == bid["id"] && one["sha256"] == bid["ciphertext_sha256"]), "{set}");

        let first = contribution(&chain, &mut openers[0]).await;
        contribute(&chain, &openers[1], &first).await.refused(422, "ceremony_refused");
        contribute(&chain, &openers[0], &first).await.is(200);
        contribute(&chain, &openers[0], &first).await.refused(409, "already_sent");
        let alone = open(&chain).await.refused(409, "contributions_missing").text_at("/detail");
        assert!(alone.contains("1") && alone.contains("Kai Yi") && alone.contains("Kai Bing"), "{alone}");

        // The second opener's machine sends a damaged product under its own signature.
        let second = contribution(&chain, &mut openers[1]).await;
        let mut partials = STANDARD.decode(&second.partials).unwrap();
        partials[40] ^= 1;
        let signature = openers[1].keys.sign(&contribution_text(&second.root, 2, &partials));
        let bent = Contribution { partials: STANDARD.encode(&partials), signature, ..second.clone() };
        let kept = contribute(&chain, &openers[1], &bent).await.is(200);
        assert_eq!((kept.text_at("/state").as_str(), kept.text_at("/name").as_str()), ("wrong", "Kai Yi"));
        let refused = open(&chain).await.refused(409, "contributions_missing").text_at("/detail");
        assert!(refused.split(['；', ';']).any(|part| part.contains("有误") || part.contains("wrong")) && refused.contains("Kai Yi"), "{refused}");
        let entries: Vec<Option<String>> = app.read(|db| journal_entries::table
            .filter(journal_entries::action.eq("opening.contribution_wrong")).select(journal_entries::content).load(db).unwrap()).await;
        assert!(entries.len() == 1 && entries[0].as_ref().unwrap().contains("Kai Yi"), "{entries:?}");
        assert_eq!(contribute(&chain, &openers[1], &second).await.is(200).text_at("/state"), "accepted");

        // The third stays away.
        let record = open(&chain).await.is(200).value();
        let mut states: Vec<String> = record["lots"][0]["bids"].as_array().unwrap().iter().map(|bid| format!("{} {}", bid["state"].as_str().unwrap(), bid["invalid_because"])).collect();
        states.sort();
        assert_eq!(states, ["invalid \"over_ceiling\"", "valid null", "valid null"]);
        let file = format!("/api/v1/bids/{}/attachments/{}", chain.id("bid_id"), chain.id("attachment_id"));
        let read = chain.purchaser.client.get(&file).send().await.is(200);
        assert_eq!((read.text.as_str(), read.header("content-disposition").contains("9917")), (SECRET_FILE, true));
        let public = app.public().get(&format!("{}/closing", tender(&chain))).send().await.is(200).value();
        assert_eq!((root_of(public["text"].as_str().unwrap()), &public["journal"]), (public["root"].as_str().unwrap().to_owned(), &Value::Null));
        chain.award().await;
    }

    async fn a_tender_is_published_only_with_a_transcript_that_every_opener_signed(app: &TestApp) {
        let (chain, mut openers) = stage(app).await;
        let publish = async || chain.purchaser.client.act(&format!("{}/publication", tender(&chain)), json!({"bid_deadline": DEADLINE})).await;
        // Who may be an opener.
        assert_eq!(name(&chain, &openers[..2], 2).await.refused(422, "invalid").bad_fields(), ["/account_ids", "/threshold"]);
        assert_eq!(name(&chain, &openers, 3).await.refused(422, "invalid").bad_fields(), ["/threshold"]);
        let unknown = json!({"account_ids": [openers[0].person.account, openers[0].person.account, chain.lead.account], "threshold": 2});
        let named = chain.lead.client.post(&format!("{}/opener-ceremonies", tender(&chain))).json(unknown).await.refused(422, "invalid");
        assert_eq!(named.bad_fields(), ["/account_ids/1", "/account_ids/1", "/account_ids/2"]);
        let made = name(&chain, &openers, 2).await.is(201);
        name(&chain, &openers, 2).await.refused(409, "ceremony_exists");
        publish().await.refused(409, "ceremony_incomplete");
        let ceremony = made.header("location");
        let stranger = app.person("Lu Ren", &[Role::Opener]).await;
        stranger.client.post(&format!("{ceremony}/package")).json(json!({"package": "AA==", "signature": "AA=="})).await.refused(403, "forbidden");
        openers[0].person.client.post(&format!("{ceremony}/package")).json(json!({"package": "AA==", "signature": "AA=="})).await.refused(422, "ceremony_refused");
        openers[0].person.client.post(&format!("{ceremony}/signature")).json(json!({"transcript_sha256": "0".repeat(64), "signature": "AA=="})).await.refused(409, "wrong_state");
        // One is given up, another made; nothing of the first fits the second.
        make_the_key(app, &mut openers, &ceremony).await;
        let old = openers[0].state().recipient().unwrap().to_owned();
        chain.lead.client.post(&format!("{ceremony}/abandonment")).json(json!({"reason": "一名开标员调离"})).await.is(200);
        let again = name(&chain, &openers, 2).await.is(201).header("location");
        let shown = board(app, &openers[0].person.client, &again, 0).await;
        let first = &mut openers[0];
        let refused = refusal(first.state.as_mut().unwrap().advance(&first.keys, &shown));
        assert!(refused.contains("another ceremony"), "{refused}");
        make_the_key(app, &mut openers, &again).await;
        assert_ne!(openers[0].state().recipient().unwrap(), old);
        publish().await.is(200);
        chain.lead.client.post(&format!("{again}/abandonment")).json(json!({"reason": "为时已晚的更换"})).await.refused(409, "wrong_state");
        // Whoever trusts nobody checks the transcript with what is public.
        let custody = app.public().get(&format!("{}/custody", tender(&chain))).send().await.is(200).value();
        let transcript: Transcript = serde_json::from_str(custody["transcript"].as_str().unwrap()).unwrap();
        let statement = baiyi::trust::quorum::messages::Statement::clone(&openers[0].state().statement);
        assert_eq!(transcript.ceremony, statement.hash().unwrap());
        for seat in custody["openers"].as_array().unwrap() {
            let text = format!("baiyi-opener-transcript-1\n{}\n{}\n", transcript.hash().unwrap(), seat["position"]);
            let key = hex::decode(seat["signing_key"].as_str().unwrap()).unwrap();
            let signature = STANDARD.decode(seat["transcript_signature"].as_str().unwrap()).unwrap();
            aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, key).verify(text.as_bytes(), &signature).unwrap();
        }
    }

    async fn keys_count_when_another_person_compared_the_fingerprint(app: &TestApp) {
        let (chain, openers) = stage(app).await;
        let (person, keys) = (&openers[0].person, OpenerKeys::ephemeral().unwrap());
        assert_eq!(register(person, &keys, &keys.possession(openers[1].person.account)).await.refused(422, "invalid").bad_fields(), ["/signature"]);
        let made = register(person, &keys, &keys.possession(person.account)).await.is(201);
        register(person, &keys, &keys.possession(person.account)).await.refused(409, "opener_key_taken");
        confirm(&person.client, &made, &keys.fingerprint()).await.refused(403, "duties_not_separate");
        assert_eq!(confirm(&chain.lead.client, &made, &openers[0].keys.fingerprint()).await.refused(422, "invalid").bad_fields(), ["/fingerprint"]);
        confirm(&openers[1].person.client, &made, &keys.fingerprint()).await.is(200);
        let listed = chain.auditor.get("/api/v1/opener-keys").send().await.is(200).value();
        let of = |state: &str| listed["items"].as_array().unwrap().iter().filter(|key| key["state"] == state).count();
        assert_eq!((of("confirmed"), of("revoked")), (3, 1), "the key before is replaced");
    }

    async fn the_value_may_ask_for_openers(app: &TestApp) {
        let (chain, _) = stage(app).await;
        let lot = chain.id("lot_id").to_owned();
        let publish = async || chain.purchaser.client.act(&format!("{}/publication", tender(&chain)), json!({"bid_deadline": DEADLINE})).await;
        run_sql(app, vec![format!("UPDATE lots SET ceiling_fen = {QUORUM_FROM_FEN} WHERE id = '{lot}'")]).await;
        publish().await.refused(409, "openers_required");
        run_sql(app, vec![format!("UPDATE lots SET ceiling_fen = {} WHERE id = '{lot}'", QUORUM_FROM_FEN - 1)]).await;
        let answer = publish().await;
        assert!(answer.status == 200 || answer.text_at("/code") != "openers_required", "a fen less is the server's: {}", answer.text);
        run_sql(app, vec![format!("UPDATE lots SET ceiling_fen = 20000000 WHERE id = '{lot}'")]).await;
    }

    async fn a_server_that_lies_in_the_ceremony_is_refused_by_the_openers_programs(app: &TestApp) {
        let (chain, mut openers) = stage(app).await;
        let ceremony = name(&chain, &openers, 2).await.is(201).header("location");
        let shown = board(app, &openers[0].person.client, &ceremony, 0).await;
        // It shows the key of its own in place of an opener's.
        let forger = OpenerKeys::ephemeral().unwrap();
        let mut swapped = shown.clone();
        (swapped.openers[2].member.signing_key, swapped.openers[2].member.recipient) = (forger.signing_key(), forger.recipient());
        let refused = refusal(State::join(&openers[0].keys, &swapped, &peers(&openers, 0)));
        assert!(refused.contains("compare these fingerprints") && refused.contains(&forger.fingerprint()), "{refused}");
        let mut own = shown.clone();
        own.openers[0].member.recipient = forger.recipient();
        assert!(refusal(State::join(&openers[0].keys, &own, &peers(&openers, 0))).contains("another recipient for this program"));
        let mut alone = shown.clone();
        alone.threshold = 1;
        assert!(refusal(State::join(&openers[0].keys, &alone, &peers(&openers, 0))).contains("threshold"));
        // The third opener colludes: it makes two first packages, and the server shows one to each of the others.
        let mut states: Vec<State> = (0..3).map(|n| State::join(&openers[n].keys, &shown, &peers(&openers, n)).unwrap()).collect();
        let mut other = states[2].clone();
        let first = |state: &mut State, keys: &OpenerKeys| match state.advance(keys, &shown).unwrap() {
            Step::SendFirst(first) => first,
            step => panic!("{step:?}"),
        };
        let packages: Vec<_> = (0..3).map(|n| first(&mut states[n], &openers[n].keys)).collect();
        let second = first(&mut other, &openers[2].keys);
        let with = |third: &baiyi::trust::quorum::messages::FirstPackage| {
            let mut board = shown.clone();
            for (seat, package) in board.openers.iter_mut().zip([&packages[0], &packages[1], third]) {
                seat.round1 = Some(package.clone());
            }
            board
        };
        let shares = |state: &mut State, keys: &OpenerKeys, board: &Board| match state.advance(keys, board).unwrap() {
            Step::SendShares(shares) => shares,
            step => panic!("{step:?}"),
        };
        let (to_first, to_second) = (with(&packages[2]), with(&second));
        let dealt = [shares(&mut states[0], &openers[0].keys, &to_first), shares(&mut states[1], &openers[1].keys, &to_second), shares(&mut states[2], &openers[2].keys, &to_first)];
        let mut relayed = to_first.clone();
        relayed.shares = dealt.concat();
        let refused = refusal(states[0].advance(&openers[0].keys, &relayed));
        assert!(refused.contains("opener 2 is not signed by it over the same first packages"), "{refused}");
        // It changes its mind about what it showed, or shows a package that nobody signed, or one of another ceremony.
        assert!(refusal(states[0].clone().advance(&openers[0].keys, &to_second)).contains("other first packages than before"));
        let mut forged = to_first.clone();
        forged.openers[1].round1.as_mut().unwrap().package = packages[2].package.clone();
        assert!(refusal(states[0].clone().advance(&openers[0].keys, &forged)).contains("not signed by it for this ceremony"));
        let mut replay = shown.clone();
        replay.id = uuid::Uuid::now_v7().to_string().parse().unwrap();
        let mut elsewhere = State::join(&openers[0].keys, &replay, &peers(&openers, 0)).unwrap();
        let mine = match elsewhere.advance(&openers[0].keys, &replay).unwrap() { Step::SendFirst(first) => first, step => panic!("{step:?}") };
        for (seat, package) in replay.openers.iter_mut().zip([&mine, &packages[1], &packages[2]]) {
            seat.round1 = Some(package.clone());
        }
        assert!(refusal(elsewhere.advance(&openers[0].keys, &replay)).contains("not signed by it for this ceremony"));
        // Another ceremony's statement under the same id.
        let mut renamed = to_first.clone();
        renamed.threshold = 3;
        assert!(refusal(states[0].clone().advance(&openers[0].keys, &renamed)).contains("another ceremony than before"));
        // A signature of another transcript names the opener who gave it.
        make_the_key(app, &mut openers, &ceremony).await;
        // The journal holds another entry, none, or a forged one: the ceremony is not over for this program.
        let shown = board(app, &openers[0].person.client, &ceremony, 0).await.journal.unwrap();
        let fresh = |change: &dyn Fn(&mut Proof)| {
            let (mut state, mut proof) = (openers[0].state.clone().unwrap(), shown.clone());
            (state.journal, state.journalled) = (Kept::default(), false);
            change(&mut proof);
            state.see_journal(&proof).map(|()| state.journalled)
        };
        assert_eq!((fresh(&|_| {}), fresh(&|proof| proof.entry = None)), (Ok(true), Ok(false)));
        assert!(refusal(fresh(&|proof| proof.entry.as_mut().unwrap().text = "{}".to_owned())).contains("not in the journal"));
        let mut elsewhere = openers[0].state.clone().unwrap();
        (elsewhere.journal, elsewhere.statement.ceremony_id) = (Kept::default(), uuid::Uuid::now_v7().to_string().parse().unwrap());
        assert!(refusal(elsewhere.see_journal(&shown)).contains("another transcript"));
        let mut complete = board(app, &openers[0].person.client, &ceremony, 0).await;
        complete.openers[1].transcript_signature = Some(openers[1].keys.sign("baiyi-opener-transcript-1\nanother\n2\n"));
        let honest = &mut openers[0];
        assert!(refusal(honest.state.as_mut().unwrap().advance(&honest.keys, &complete)).starts_with("opener 2 "));
    }

    async fn a_server_that_lies_at_the_opening_is_refused_by_the_openers_programs(app: &TestApp) {
        app.meddle();
        let (mut chain, mut openers, _) = published(app).await;
        chain.bids().await;
        close(app, &chain, &openers[0]).await.is(200);
        let shown = closing(&chain, &openers[0]).await;
        let keys = OpenerKeys::ephemeral().unwrap();
        let state = openers[0].state();
        let kept = state.clone();
        let tell_of = |board: &ClosingBoard, now: &str, announced: &str| refusal(kept.clone().check_closing(board, at(now), notice(announced)));
        let tell = |board: &ClosingBoard| tell_of(board, OPENS, DEADLINE);
        let rewritten = |change: &dyn Fn(&mut Value)| {
            let mut value: Value = serde_json::from_str(&shown.text).unwrap();
            change(&mut value);
            let text = serde_json_canonicalizer::to_string(&value).unwrap();
            ClosingBoard { root: root_of(&text), text, journal: shown.journal.clone() }
        };
        // It asks early: by the program's own clock, whatever the server's says.
        assert!(tell_of(&shown, "2026-03-13T01:00:09Z", DEADLINE).contains("by this machine's clock"));
        let sooner = rewritten(&|closing| closing["deadline"] = json!("2026-03-05T01:00:00Z"));
        assert!(tell_of(&sooner, "2026-03-06T01:00:00Z", DEADLINE).contains("not the one that was published"));
        assert!(tell_of(&shown, OPENS, "2026-03-14T01:00:00Z").contains("not the one that was published"));
        // Asked by a program that saw no deadline before, with one that is long over: the notice tells another.
        let mut unseeing = kept.clone();
        unseeing.deadline = None;
        let refused = refusal(unseeing.check_closing(&sooner, at("2026-03-06T01:00:00Z"), notice(DEADLINE)));
        assert!(refused.contains("not the one that was published"), "{refused}");
        // It had bidders seal to a key of its own.
        let swapped = rewritten(&|closing| closing["recipient"] = json!(keys.recipient()));
        assert!(tell(&swapped).contains("another recipient"));
        // It opens a lot with too few bids, or a bid of one that stays shut under the name of another.
        let few = rewritten(&|closing| closing["least"] = json!(4));
        assert!(tell(&few).contains("too few bids"));
        let asks_for_more = Notice { least: 3, ..notice(DEADLINE) };
        let refused = refusal(kept.clone().check_closing(&shown, at(OPENS), asks_for_more));
        assert!(refused.contains("lots with 1 bids, and the notice asks for 3"), "{refused}");
        let twice = rewritten(&|closing| {
            let mut shut = closing["lots"][0].clone();
            shut["opens"] = json!(false);
            closing["lots"].as_array_mut().unwrap().push(shut);
        });
        assert!(tell(&twice).contains("stays shut"));
        // One bid stands in for several, or a point is worked on under another bid's name.
        let thrice = rewritten(&|closing| {
            let bids = closing["lots"][0]["bids"].as_array_mut().unwrap();
            bids.push(bids[0].clone());
        });
        assert!(tell(&thrice).contains("is listed twice"));
        let borrowed = rewritten(&|closing| {
            let point = closing["lots"][0]["bids"][0]["points"][0].clone();
            closing["lots"][0]["bids"][1]["points"].as_array_mut().unwrap().push(point);
        });
        assert!(tell(&borrowed).contains("a point stands under two bids"));
        let many = rewritten(&|closing| closing["lots"][0]["bids"][0]["points"] = json!([1, 2, 3].map(|n| STANDARD.encode([n; 32]))));
        assert!(tell(&many).contains("has 3 points"));
        // What is signed is the canonical text.
        let text = format!("{} ", shown.text);
        assert!(tell(&ClosingBoard { root: root_of(&text), text, journal: shown.journal.clone() }).contains("canonical"));
        // It inserts a bid after the closing: the root that the journal names is another.
        let inserted = rewritten(&|closing| {
            let mut bid = closing["lots"][0]["bids"][0].clone();
            (bid["bid_id"], bid["sha256"]) = (json!(uuid::Uuid::now_v7()), json!("00".repeat(32)));
            (bid["points"], bid["files"]) = (json!([]), json!([]));
            closing["lots"][0]["bids"].as_array_mut().unwrap().push(bid);
        });
        assert!(tell(&inserted).contains("does not name this closing"));
        let mut wrong_root = shown.clone();
        wrong_root.root = inserted.root.clone();
        assert!(tell(&wrong_root).contains("not that of the closing"));
        // It shows a journal that forgot what this opener saw, is signed by another key, or lacks the entry.
        let entry = |change: &dyn Fn(&mut Proof)| {
            let mut board = shown.clone();
            change(board.journal.as_mut().unwrap());
            board
        };
        assert!(tell(&entry(&|proof| proof.consistency.clear())).contains("forked"));
        assert!(tell(&entry(&|proof| proof.entry.as_mut().unwrap().index -= 1)).contains("not in the journal"));
        assert!(tell(&entry(&|proof| proof.entry = None)).contains("not in the journal yet"));
        let other = JournalKey::ephemeral("baiyi/330502").unwrap();
        assert!(tell(&entry(&|proof| proof.verifier_key = other.verifier())).contains("another key than before"));
        // It shows this opener another history, signed with the same key and true in itself: a program that saw nothing before cannot tell, this one can, and a
        // witness of the first history did not cosign the second.
        let witness = WitnessKey::ephemeral("witness.example/w1").unwrap();
        let cosigned = {
            let note = &shown.journal.as_ref().unwrap().note;
            let (text, _) = checkpoint::parts(note).unwrap();
            format!("{note}{}", witness.cosign(text, 1_800_000_000))
        };
        let forked = another_history(&shown, kept.journal.size(), &app.journal);
        assert!(tell(&forked).contains("the journal forked"));
        let mut newcomer = kept.clone();
        newcomer.journal = Kept::default();
        newcomer.check_closing(&forked, at(OPENS), notice(DEADLINE)).unwrap();
        let witnesses = [witness.verifier()];
        assert_eq!(unwitnessed(&cosigned, &witnesses), [""; 0]);
        assert_eq!(unwitnessed(&forked.journal.as_ref().unwrap().note, &witnesses), [&witnesses[0]]);
        assert_ne!(kept.journal, Kept::default());
        // Two closings: whoever contributed to one contributes to no other.
        contribution(&chain, &mut openers[0]).await;
        let state = openers[0].state();
        let refused = refusal(state.check_closing(&inserted, at(OPENS), notice(DEADLINE)));
        assert!(refused.contains("the server shows two"), "{refused}");
    }

    async fn a_closing_that_waits_is_opened_only_by_who_was_told_why(app: &TestApp) {
        let (chain, openers, _) = published(app).await;
        app.clock.advance_to(at("2026-03-13T02:00:11Z"));
        close(app, &chain, &openers[0]).await.is(200);
        let shown = closing(&chain, &openers[0]).await;
        let state = openers[0].state.clone().unwrap();
        let checked = |late| state.clone().check_closing(&shown, at("2026-03-13T02:01:00Z"), Notice { late, ..notice(DEADLINE) });
        let refused = refusal(checked(false));
        assert!(refused.contains("the closing came at 2026-03-13T02:00:11Z") && refused.contains("--late"), "{refused}");
        checked(true).unwrap();
    }

    async fn one_unit_that_could_open_alone_is_no_ceremony(app: &TestApp) {
        let (chain, openers) = stage(app).await;
        let ceremony = name(&chain, &openers, 2).await.is(201).header("location");
        let shown = board(app, &openers[0].person.client, &ceremony, 0).await;
        State::join(&openers[0].keys, &shown, &peers(&openers, 0)).unwrap();
        let mut statement = shown.statement().clone();
        statement.members[1].unit_id = statement.members[2].unit_id;
        assert!(statement.check_units().unwrap_err().to_string().contains("has enough openers to open alone"));
    }

    async fn a_bidder_seals_to_what_the_openers_made_and_to_nothing_else(app: &TestApp) {
        let (chain, openers, _) = published(app).await;
        let shown = app.public().get(&format!("{}/custody", tender(&chain))).send().await.is(200);
        let custody: Custody = serde_json::from_slice(&shown.bytes).unwrap();
        let (of, recipient) = (chain.id("tender_id").parse().unwrap(), openers[0].state.as_ref().unwrap().recipient().unwrap().to_owned());
        let told: Vec<String> = openers.iter().map(|opener| opener.keys.fingerprint()).collect();
        custody.check(of, &recipient, &told).unwrap();
        // The server tells one bidder a recipient of its own, other openers, another tender's, or what nobody signed.
        assert!(refusal(custody.check(of, &app.sealing.recipient(), &told)).contains("the openers made"));
        let stranger = OpenerKeys::ephemeral().unwrap();
        let others = [told[0].clone(), told[1].clone(), stranger.fingerprint()];
        assert!(refusal(custody.check(of, &recipient, &others)).contains(&told[2]));
        assert!(refusal(custody.check(of, &recipient, &told[..2])).contains(&told[2]));
        let other = uuid::Uuid::now_v7().to_string().parse().unwrap();
        assert!(refusal(custody.check(other, &recipient, &told)).contains("another tender"));
        let changed = |change: &dyn Fn(&mut Value)| {
            let mut value = shown.value();
            change(&mut value);
            serde_json::from_value::<Custody>(value).unwrap()
        };
        let transcript = shown.text_at("/transcript");
        let swapped = changed(&|value| value["transcript"] = json!(transcript.replace(&recipient, &app.sealing.recipient())));
        assert!(refusal(swapped.check(of, &app.sealing.recipient(), &told)).contains("did not sign this transcript"));
        let unsigned = changed(&|value| value["openers"][1]["transcript_signature"] = Value::Null);
        assert!(refusal(unsigned.check(of, &recipient, &told)).starts_with("opener 2 "));
        let statement = shown.text_at("/statement");
        let renamed = changed(&|value| value["statement"] = json!(statement.replace("\"threshold\":2", "\"threshold\":1")));
        assert!(refusal(renamed.check(of, &recipient, &told)).contains("another tender or ceremony"));
        let server = changed(&|value| (value["statement"], value["transcript"]) = (Value::Null, Value::Null));
        assert!(refusal(server.check(of, &recipient, &told)).contains("the server does"));
    }

    async fn the_runner_closes_a_tender_when_its_deadline_is_over(app: &TestApp) {
        let (mut chain, mut openers, _) = published(app).await;
        chain.bids().await;
        let close = async || jobs::close_tenders(&app.db, &app.clock, &app.closing()).await.unwrap();
        app.clock.advance_to(at("2026-03-13T01:00:09Z"));
        assert_eq!(close().await, 0);
        app.clock.advance_to(at(OPENS));
        assert_eq!((close().await, close().await), (1, 0));
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        for n in [0, 2] {
            let sent = contribution(&chain, &mut openers[n]).await;
            assert_eq!(contribute(&chain, &openers[n], &sent).await.is(200).text_at("/state"), "accepted");
        }
        open(&chain).await.is(200);
    }

    async fn a_lot_with_too_few_bids_stays_shut_and_nobody_contributes(app: &TestApp) {
        let (chain, openers, _) = published(app).await;
        app.clock.advance_to(at(OPENS));
        openers[0].person.client.post(&format!("{}/closing", tender(&chain))).send().await.is(200);
        let record = open(&chain).await.is(200).value();
        assert_eq!((&record["lots"][0]["state"], &record["lots"][0]["bids"]), (&json!("failed_unopened"), &json!([])));
    }

    async fn bids_that_the_closing_does_not_name_do_not_open(app: &TestApp) {
        let (mut chain, mut openers, _) = published(app).await;
        chain.bids().await;
        close(app, &chain, &openers[0]).await.is(200);
        for n in [0, 2] {
            let sent = contribution(&chain, &mut openers[n]).await;
            assert_eq!(contribute(&chain, &openers[n], &sent).await.is(200).text_at("/state"), "accepted");
        }
        // Somebody with the database puts a copy of a bid in, sealed to the right key and in time by its own account.
        let (bid, copy) = (chain.id("bid_id").to_owned(), uuid::Uuid::now_v7());
        let columns = "tenant_id, tender_id, lot_id, case_id, organisation_id, state, invalid_because, sealed_by, recipient, ciphertext, ciphertext_sha256, submitted_by, received_at, version";
        run_sql(app, vec![format!("INSERT INTO bids (id, sequence, {columns}) SELECT '{copy}', 9, {columns} FROM bids WHERE id = '{bid}'")]).await;
        let refused = open(&chain).await.refused(409, "closing_differs").text_at("/detail");
        assert!(refused.contains(&copy.to_string()), "{refused}");
        run_sql(app, vec![format!("DELETE FROM bids WHERE id = '{copy}'")]).await;
        // Or changes a stored contribution: its sender is named, and the others are not enough.
        app.meddle();
        run_sql(app, vec!["UPDATE opening_contributions SET partials = 'AAAA' WHERE position = 3".to_owned()]).await;
        let refused = open(&chain).await.refused(409, "contributions_missing").text_at("/detail");
        assert!(refused.contains("Kai Bing"), "{refused}");
        let sent = contribution(&chain, &mut openers[1]).await;
        contribute(&chain, &openers[1], &sent).await.is(200);
        open(&chain).await.is(200);
    }
}
