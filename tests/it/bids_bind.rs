//! Bids that bind: signatures of organisations, ciphertexts that are refused or end as not bound, receipts, and what `baiyi seal` makes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use baiyi::cli::seal;
use baiyi::disclosure::bundle::{Bundle, export, receipts};
use baiyi::jobs;
use baiyi::kernel::id::OrganisationId;
use baiyi::parties::organisations::signing_keys::Possession;
use baiyi::people::Role;
use baiyi::trust::receipt::{self, ReceiptKey};
use baiyi::trust::signing::{self, LocalKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::http::Answer;
use crate::support::story::Chain;
use crate::support::{Client, Person, TestApp, on_both};

const DEADLINE: &str = "2026-03-13T01:00:00Z";
pub const FILE: &[u8] = b"%PDF-1.7\nsealed-at-home-6620";

pub async fn published(app: &TestApp) -> (Chain, String) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.tender_by(app, "consultation", DEADLINE).await;
    let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
    (chain, lot)
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub fn plain(fen: i64) -> Value {
    json!({"offer": {"price": {"amount_fen": fen, "currency": "CNY"}, "text": "方案"}})
}

/// A fresh key that its organisation registered; nobody has confirmed it yet.
pub async fn proposed_key(client: &Client, organisation: &str, demanded: bool) -> (LocalKey, Answer) {
    let key = LocalKey::ephemeral().unwrap();
    let made = register(client, organisation, &key, organisation, demanded).await.is(201);
    (key, made)
}

async fn register(client: &Client, organisation: &str, key: &LocalKey, proof_for: &str, demanded: bool) -> Answer {
    let public = key.public();
    let statement = signing::canonical(&Possession::of(proof_for.parse().unwrap(), &public)).unwrap();
    let body = json!({"public_key": public, "proof": key.sign(&statement), "demanded": demanded});
    client.post(&format!("/api/v1/organisations/{organisation}/signing-keys")).json(body).await
}

async fn confirm(person: &Client, made: &Answer) -> Answer {
    person.post(&format!("{}/confirmation", made.header("location"))).if_match(&made.etag()).send().await
}

/// A second person of an organisation.
async fn second(app: &TestApp, organisation: &str, name: &str, role: Role) -> Person {
    let organisation: OrganisationId = organisation.parse().unwrap();
    app.person_of(app.tenant, name, &[role], None, Some(organisation)).await
}

/// A key that counts.
async fn confirmed_key(app: &TestApp, client: &Client, organisation: &str, demanded: bool) -> LocalKey {
    let other = second(app, organisation, &format!("Er {}", &organisation[24..]), Role::OrgMember).await;
    let (key, made) = proposed_key(client, organisation, demanded).await;
    confirm(&other.client, &made).await.is(200);
    key
}

pub async fn preparation(client: &Client, lot: &str) -> Value {
    client.get(&format!("{lot}/sealing")).send().await.is(200).value()
}

/// The payload of an offer bound to what was prepared.
pub fn payload(prepared: &Value, price: i64) -> Value {
    let mut payload = json!({"nonce": "5f".repeat(32), "price_fen": price, "offer": "自行密封", "attachments": []});
    for field in ["format", "tender_id", "lot_id", "amendment", "organisation_id", "sequence", "consortium"] {
        payload[field] = prepared[field].clone();
    }
    payload
}

/// What stock age makes of it, in binary.
fn sealed(prepared: &Value, payload: &Value) -> Vec<u8> {
    let recipient: age::x25519::Recipient = prepared["recipient"].as_str().unwrap().parse().unwrap();
    age::encrypt(&recipient, payload.to_string().as_bytes()).unwrap()
}

/// The same for several recipients.
fn sealed_to(prepared: &Value, others: &[age::x25519::Recipient], payload: &Value) -> Vec<u8> {
    let recipient: age::x25519::Recipient = prepared["recipient"].as_str().unwrap().parse().unwrap();
    let all = std::iter::once(&recipient).chain(others).map(|one| one as &dyn age::Recipient);
    let mut file = Vec::new();
    let mut writer = age::Encryptor::with_recipients(all).unwrap().wrap_output(&mut file).unwrap();
    writer.write_all(payload.to_string().as_bytes()).unwrap();
    writer.finish().unwrap();
    file
}

fn armored(binary: &[u8]) -> String {
    let mut text = Vec::new();
    let mut writer = age::armor::ArmoredWriter::wrap_output(&mut text, age::armor::Format::AsciiArmor).unwrap();
    writer.write_all(binary).unwrap();
    writer.finish().unwrap();
    String::from_utf8(text).unwrap()
}

async fn submit(client: &Client, lot: &str, file: &[u8], signature: Option<String>) -> Answer {
    let mut body = json!({"ciphertext": STANDARD.encode(file)});
    if let Some(signature) = signature {
        body["signature"] = json!(signature);
    }
    client.post(&format!("{lot}/bids")).json(body).await
}

/// What a signature over a submission is made over.
fn statement(prepared: &Value, file: &[u8]) -> Value {
    let mut statement = json!({"format": "baiyi-bid-signature-1", "ciphertext_sha256": hash(file)});
    for field in ["tender_id", "lot_id", "amendment", "organisation_id", "sequence", "previous_sha256"] {
        statement[field] = prepared[field].clone();
    }
    statement
}

fn sign(key: &LocalKey, statement: &Value) -> String {
    key.sign(&signing::canonical(statement).unwrap())
}

fn with(value: &Value, field: &str, new: impl Into<Value>) -> Value {
    let mut value = value.clone();
    value[field] = new.into();
    value
}

async fn record(app: &TestApp, chain: &Chain) -> Vec<Value> {
    let record = app.public().get(&format!("/api/v1/tenders/{}/opening", chain.id("tender_id"))).send().await.is(200).value();
    let bids = record["lots"][0]["bids"].as_array().unwrap().clone();
    let of = |id: &str| bids.iter().find(|bid| bid["organisation_id"] == id).cloned();
    chain.bidders.iter().filter_map(|bidder| of(&bidder.id)).collect()
}

fn kept(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A key file of an organisation that `baiyi seal keygen` made, registered and confirmed by a second person.
pub async fn key_in(app: &TestApp, folder: &Path, client: &Client, organisation: &str) -> PathBuf {
    let key_file = folder.join("signing.pem");
    let request: Value = serde_json::from_str(&seal::keygen(&key_file, organisation.parse().unwrap()).unwrap()).unwrap();
    assert!(seal::keygen(&key_file, organisation.parse().unwrap()).is_err(), "a key is never overwritten");
    let made = client.post(&format!("/api/v1/organisations/{organisation}/signing-keys")).json(request).await.is(201);
    let member = second(app, organisation, "Er Wang", Role::OrgMember).await;
    confirm(&member.client, &made).await.is(200);
    key_file
}

/// Seals with `baiyi seal` and sends what it made, as its summary says.
pub async fn by_baiyi_seal(client: &Client, lot: &str, price: i64, key: Option<PathBuf>, recovery: Option<String>) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    sealed_in(folder.path(), client, lot, price, key, recovery).await
}

/// The same in a folder that the bidder keeps.
pub async fn sealed_in(folder: &Path, client: &Client, lot: &str, price: i64, key: Option<PathBuf>, recovery: Option<String>) -> Answer {
    let prepared = client.get(&format!("{lot}/sealing")).send().await.is(200);
    let asked = seal::Sealing {
        preparation: kept(folder, "preparation.json", &prepared.bytes),
        offer: kept(folder, "offer.json", plain(price)["offer"].to_string().as_bytes()),
        attachments: vec![kept(folder, "plan.pdf", FILE)],
        to: folder.join("sealed"),
        key,
        recovery,
        recipient: None,
        custody: None,
        openers: Vec::new(),
        unconfirmed: true,
    };
    let summary: Value = serde_json::from_str(&seal::seal(&asked).unwrap()).unwrap();
    assert!(seal::seal(&asked).is_err(), "nothing is overwritten");
    let read = |name: &str| std::fs::read(asked.to.join(name)).unwrap();
    let mut request: Value = serde_json::from_slice(&read("request.json")).unwrap();
    assert_eq!(STANDARD.decode(request["ciphertext"].as_str().unwrap()).unwrap(), read("offer.age"));
    assert_eq!(summary["ciphertext_sha256"], hash(&read("offer.age")));
    let attachment = read("attachment-1.age");
    assert_eq!(summary["attachments"][0]["ciphertext_sha256"], hash(&attachment));
    let recovery = if asked.recovery.is_some() { "&recovery_recipient=true" } else { "" };
    let upload = client
        .post(&format!("{lot}/bid-attachments?sealed=true{recovery}"))
        .body("application/octet-stream", attachment)
        .send()
        .await
        .is(201);
    assert_eq!(upload.text_at("/ciphertext_sha256"), summary["attachments"][0]["ciphertext_sha256"]);
    request["attachment_ids"] = json!([upload.text_at("/id")]);
    let made = client.post(&format!("{lot}/bids")).json(request).await.is(201);
    assert_eq!(made.text_at("/ciphertext_sha256"), summary["ciphertext_sha256"]);
    made
}

on_both! {
    async fn bids_sealed_by_age_by_baiyi_seal_and_plain_are_opened_and_marked(app: &TestApp) {
        let (mut chain, lot) = published(app).await;
        let [first, second_, third] = [0, 1, 2].map(|n| chain.bidders[n].client.clone());
        let folder = tempfile::tempdir().unwrap();
        let key_file = key_in(app, folder.path(), &first, &chain.bidders[0].id).await;
        let own = age::x25519::Identity::generate().to_public().to_string();
        let its = by_baiyi_seal(&first, &lot, 15_000_000, Some(key_file), Some(own)).await;
        let prepared = preparation(&second_, &lot).await;
        let stock = sealed(&prepared, &payload(&prepared, 16_000_000));
        let stock_bid = second_.post(&format!("{lot}/bids")).json(json!({"ciphertext": armored(&stock)})).await.is(201);
        // Whatever its form on the way, what is stored and named is the binary file.
        assert_eq!(stock_bid.text_at("/ciphertext_sha256"), hash(&stock));
        third.post(&format!("{lot}/bids")).json(plain(17_000_000)).await.is(201);
        chain.opening(app).await;
        let bids = record(app, &chain).await;
        let told: Vec<Value> = bids.iter().map(|bid| json!([bid["state"], bid["price"]["amount_fen"], bid["sealed_by"], bid["signed"]])).collect();
        assert_eq!(told, [json!(["valid", 15_000_000, "bidder", true]), json!(["valid", 16_000_000, "bidder", false]), json!(["valid", 17_000_000, "server", false])]);
        // Anybody checks the signature with the record alone.
        let signature = &bids[0]["signature"];
        let at = |field: &str| signature[field].as_str().unwrap();
        assert!(signing::verify(at("public_key"), at("statement"), at("signature")));
        assert_eq!(signing::fingerprint(at("public_key")).unwrap(), at("key_fingerprint"));
        assert!(at("statement").contains(bids[0]["ciphertext_sha256"].as_str().unwrap()));
        assert_eq!((&bids[1]["signature"], &bids[2]["signature"]), (&Value::Null, &Value::Null));
        let files = format!("/api/v1/bids/{}/attachments", its.text_at("/id"));
        let listed = chain.purchaser.client.get(&files).send().await.is(200).value();
        assert_eq!(listed["items"][0]["opened"]["sha256"], hash(FILE), "the padding is taken off");
        let path = format!("{files}/{}", listed["items"][0]["id"].as_str().unwrap());
        assert_eq!(chain.purchaser.client.get(&path).send().await.is(200).bytes, FILE);
    }

    async fn a_key_counts_after_a_second_person_confirmed_it_and_until_it_is_revoked(app: &TestApp) {
        let (chain, _) = published(app).await;
        let (bidder, rival) = (&chain.bidders[0], &chain.bidders[1]);
        let keys = format!("/api/v1/organisations/{}/signing-keys", bidder.id);
        let key = LocalKey::ephemeral().unwrap();
        assert_eq!(register(&bidder.client, &bidder.id, &key, &rival.id, false).await.refused(422, "invalid").bad_fields(), ["/proof"]);
        let short = json!({"public_key": "AAAA", "proof": "AAAA"});
        assert_eq!(bidder.client.post(&keys).json(short).await.refused(422, "invalid").bad_fields(), ["/public_key"]);
        register(&rival.client, &bidder.id, &key, &bidder.id, false).await.refused(403, "forbidden");
        let made = register(&bidder.client, &bidder.id, &key, &bidder.id, false).await.is(201);
        let fingerprint = signing::fingerprint(&key.public()).unwrap();
        assert_eq!((made.text_at("/fingerprint"), made.text_at("/state").as_str()), (fingerprint.clone(), "proposed"));
        // The only person of the organisation is not its legal representative by name.
        confirm(&bidder.client, &made).await.refused(403, "duties_not_separate");
        confirm(&rival.client, &made).await.refused(404, "not_found");
        let other = second(app, &bidder.id, "Er Wang", Role::OrgMember).await;
        register(&other.client, &bidder.id, &LocalKey::ephemeral().unwrap(), &bidder.id, false).await.refused(403, "forbidden");
        let confirmed = confirm(&other.client, &made).await.is(200);
        assert_eq!(confirmed.text_at("/state"), "confirmed");
        confirm(&other.client, &made).await.refused(412, "stale");
        let path = made.header("location");
        let revoked = bidder.client.post(&format!("{path}/revocation")).if_match(&confirmed.etag()).send().await.is(200);
        assert_eq!(revoked.text_at("/state"), "revoked");
        register(&bidder.client, &bidder.id, &key, &bidder.id, false).await.refused(409, "signing_key_known");
        let listed = other.client.get(&keys).send().await.is(200).value();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        rival.client.get(&keys).send().await.refused(403, "forbidden");
        let told = app.read(|db| {
            use diesel::prelude::*;
            use baiyi::db::schema::{journal_entries, outbox};
            let entries: Vec<(String, Option<String>)> = journal_entries::table.filter(journal_entries::resource_kind.eq("signing_key"))
                .order(journal_entries::resource_version).select((journal_entries::action, journal_entries::content)).load(db).unwrap();
            let mail: Vec<String> = outbox::table.filter(outbox::subject.eq("签名密钥 Signing key")).select(outbox::body).load(db).unwrap();
            (entries, mail)
        }).await;
        let actions: Vec<&str> = told.0.iter().map(|(action, _)| action.as_str()).collect();
        assert_eq!(actions, ["signing_key.proposed", "signing_key.confirmed", "signing_key.revoked"]);
        assert!(told.0.iter().all(|(_, text)| text.as_ref().unwrap().contains(&fingerprint)));
        assert!(told.1.len() == 3 && told.1.iter().all(|body| body.contains(&fingerprint)));
    }

    async fn the_legal_representative_who_is_alone_confirms_alone(app: &TestApp) {
        let (chain, _) = published(app).await;
        let login = "yiren@orgs.example";
        let made = app.public().post("/api/v1/organisations").json(json!({"uscc": "52330502MJ90000497", "name_zh": "吴兴区一人工作室", "kind": "social_service_institution",
            "legal_representative": "沈一人", "contact_email": login, "account": {"email": login, "name": "沈一人", "password": crate::support::PASSWORD}})).await;
        let made = made.is(201);
        chain.admin.post(&format!("{}/verification", made.header("location"))).if_match(&made.etag()).send().await.is(200);
        app.confirm(login).await;
        let signed_in = app.public().post("/api/v1/sessions").json(json!({"email": login, "password": crate::support::PASSWORD})).await.is(201);
        let client = app.public().with_token(&signed_in.text_at("/access_token"));
        let id = made.text_at("/id");
        let (_, proposed) = proposed_key(&client, &id, false).await;
        assert_eq!(confirm(&client, &proposed).await.is(200).text_at("/state"), "confirmed");
        // With a second person the representative is bound like everybody.
        second(app, &id, "Er Ren", Role::OrgAdmin).await;
        let (_, proposed) = proposed_key(&client, &id, false).await;
        confirm(&client, &proposed).await.refused(403, "duties_not_separate");
    }

    async fn a_signature_counts_for_its_own_bid_only(app: &TestApp) {
        let (chain, lot) = published(app).await;
        let (bidder, rival) = (chain.bidders[0].clone(), chain.bidders[1].clone());
        let key = confirmed_key(app, &bidder.client, &bidder.id, false).await;
        let rivals = confirmed_key(app, &rival.client, &rival.id, false).await;
        let prepared = preparation(&bidder.client, &lot).await;
        assert_eq!(prepared["previous_sha256"], Value::Null);
        let file = sealed(&prepared, &payload(&prepared, 15_000_000));
        let own = statement(&prepared, &file);
        let other = "0192f0c1-7a10-7000-8000-000000000001";
        for wrong in [
            with(&own, "lot_id", other), with(&own, "tender_id", other), with(&own, "organisation_id", rival.id.as_str()), with(&own, "amendment", 1),
            with(&own, "sequence", 2), with(&own, "previous_sha256", hash(b"x")), with(&own, "ciphertext_sha256", hash(b"x")),
            with(&own, "format", "baiyi-withdrawal-signature-1"),
        ] {
            submit(&bidder.client, &lot, &file, Some(sign(&key, &wrong))).await.refused(422, "bid_signature_wrong");
        }
        submit(&bidder.client, &lot, &file, Some(sign(&rivals, &own))).await.refused(422, "bid_signature_wrong");
        submit(&bidder.client, &lot, &file, Some("AAAA".repeat(22))).await.refused(422, "bid_signature_wrong");
        let (unconfirmed, proposed) = proposed_key(&bidder.client, &bidder.id, false).await;
        submit(&bidder.client, &lot, &file, Some(sign(&unconfirmed, &own))).await.refused(422, "bid_signature_wrong");
        let first = submit(&bidder.client, &lot, &file, Some(sign(&key, &own))).await.is(201);
        // The next one continues the row: its statement names this one, and the signature of this one is of no use.
        let prepared = preparation(&bidder.client, &lot).await;
        assert_eq!((prepared["sequence"].clone(), prepared["previous_sha256"].clone()), (json!(2), json!(hash(&file))));
        let second_file = sealed(&prepared, &payload(&prepared, 14_000_000));
        submit(&bidder.client, &lot, &second_file, Some(sign(&key, &own))).await.refused(422, "bid_signature_wrong");
        let next = statement(&prepared, &second_file);
        let replaced = submit(&bidder.client, &lot, &second_file, Some(sign(&key, &next))).await.is(201);
        assert_eq!(bidder.client.get(&first.header("location")).send().await.text_at("/state"), "replaced");
        // Withdrawn by a statement of its own.
        let path = replaced.header("location");
        let withdrawal = with(&next, "format", "baiyi-withdrawal-signature-1");
        bidder.client.act(&format!("{path}/withdrawal"), json!({"signature": sign(&key, &next)})).await.refused(422, "bid_signature_wrong");
        bidder.client.act(&format!("{path}/withdrawal"), json!({"signature": sign(&key, &withdrawal)})).await.is(200);
        // A revoked key signs no more.
        let path = proposed.header("location");
        bidder.client.post(&format!("{path}/revocation")).if_match(&proposed.etag()).send().await.is(200);
        let keys = bidder.client.get(&format!("/api/v1/organisations/{}/signing-keys", bidder.id)).send().await.is(200).value();
        let row = keys["items"].as_array().unwrap().iter().find(|row| row["state"] == "confirmed").unwrap().clone();
        let path = format!("/api/v1/signing-keys/{}/revocation", row["id"].as_str().unwrap());
        bidder.client.post(&path).if_match(&format!("\"{}\"", row["version"])).send().await.is(200);
        let prepared = preparation(&bidder.client, &lot).await;
        let third_file = sealed(&prepared, &payload(&prepared, 13_000_000));
        submit(&bidder.client, &lot, &third_file, Some(sign(&key, &statement(&prepared, &third_file)))).await.refused(422, "bid_signature_wrong");
        submit(&bidder.client, &lot, &third_file, None).await.is(201);
    }

    async fn an_organisation_that_asks_for_signatures_takes_no_step_without(app: &TestApp) {
        let (chain, lot) = published(app).await;
        let bidder = chain.bidders[0].clone();
        bidder.client.post(&format!("{lot}/bids")).json(plain(15_000_000)).await.is(201);
        let key = confirmed_key(app, &bidder.client, &bidder.id, true).await;
        bidder.client.post(&format!("{lot}/bids")).json(plain(15_000_000)).await.refused(422, "bid_signature_missing");
        let prepared = preparation(&bidder.client, &lot).await;
        let file = sealed(&prepared, &payload(&prepared, 15_000_000));
        submit(&bidder.client, &lot, &file, None).await.refused(422, "bid_signature_missing");
        let own = statement(&prepared, &file);
        let made = submit(&bidder.client, &lot, &file, Some(sign(&key, &own))).await.is(201);
        let path = format!("{}/withdrawal", made.header("location"));
        bidder.client.act(&path, json!({})).await.refused(422, "bid_signature_missing");
        bidder.client.act(&path, json!({"signature": sign(&key, &with(&own, "format", "baiyi-withdrawal-signature-1"))})).await.is(200);
    }

    async fn what_is_copied_cut_or_sealed_to_others_is_refused(app: &TestApp) {
        let (chain, lot) = published(app).await;
        let [first, rival] = [0, 1].map(|n| chain.bidders[n].client.clone());
        let prepared = preparation(&first, &lot).await;
        let content = payload(&prepared, 15_000_000);
        let file = sealed(&prepared, &content);
        // Within the header of any file: the shortest, of one recipient, ends after 181 bytes.
        submit(&first, &lot, &file[..120], None).await.refused(422, "not_an_age_file");
        submit(&first, &lot, b"%PDF-1.7", None).await.refused(422, "not_an_age_file");
        first.post(&format!("{lot}/bids")).json(json!({"ciphertext": "not base64!"})).await.refused(422, "not_an_age_file");
        let text = armored(&file);
        first.post(&format!("{lot}/bids")).json(json!({"ciphertext": &text[..text.len() - 60]})).await.refused(422, "truncated_ciphertext");
        let header = file.windows(5).position(|w| w == b"\n--- ").unwrap();
        let end = header + 1 + file[header + 1..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
        submit(&first, &lot, &file[..end + 20], None).await.refused(422, "truncated_ciphertext");
        let long = sealed(&prepared, &with(&content, "offer", "长".repeat(22_000)));
        let header = long.windows(5).position(|w| w == b"\n--- ").unwrap();
        let body = header + 1 + long[header + 1..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
        submit(&first, &lot, &long[..body + 16 + 65_552 + 16], None).await.refused(422, "truncated_ciphertext");
        let stranger = age::x25519::Identity::generate();
        let two = sealed_to(&prepared, &[stranger.to_public()], &content);
        submit(&first, &lot, &two, None).await.refused(422, "extra_recipients");
        let three = sealed_to(&prepared, &[stranger.to_public(), age::x25519::Identity::generate().to_public()], &content);
        let announced = |file: &[u8]| json!({"ciphertext": STANDARD.encode(file), "recovery_recipient": true});
        first.post(&format!("{lot}/bids")).json(announced(&three)).await.refused(422, "extra_recipients");
        first.post(&format!("{lot}/bids")).json(announced(&file)).await.refused(422, "extra_recipients");
        first.post(&format!("{lot}/bids")).json(announced(&two)).await.is(201);
        // Once taken, a ciphertext is taken from nobody again, in whatever form.
        for copier in [&rival, &first] {
            copier.post(&format!("{lot}/bids")).json(announced(&two)).await.refused(409, "duplicate_ciphertext");
            copier.post(&format!("{lot}/bids")).json(json!({"ciphertext": armored(&two), "recovery_recipient": true})).await.refused(409, "duplicate_ciphertext");
        }
        // Files are looked at alike.
        let send = async |client: &Client, query: &str, bytes: Vec<u8>| client.post(&format!("{lot}/bid-attachments?sealed=true{query}")).body("application/octet-stream", bytes).send().await;
        send(&first, "", two.clone()).await.refused(422, "extra_recipients");
        send(&first, "", file[..end + 20].to_vec()).await.refused(422, "truncated_ciphertext");
        let kept = send(&first, "", armored(&file).into_bytes()).await.is(201);
        assert_eq!((kept.text_at("/ciphertext_sha256"), kept.text_at("/ciphertext_bytes")), (hash(&file), file.len().to_string()));
        send(&rival, "", file.clone()).await.refused(409, "duplicate_ciphertext");
        send(&first, "&recovery_recipient=true", two).await.is(201);
    }

    async fn what_was_sealed_for_another_place_is_not_bound(app: &TestApp) {
        let (mut chain, lot) = published(app).await;
        let mut prepared = Vec::new();
        for bidder in &chain.bidders {
            prepared.push(preparation(&bidder.client, &lot).await);
        }
        // The first sends what the second had sealed for itself and lost; the second what it sealed for another lot, the third for another amendment.
        let stolen = payload(&prepared[1], 15_000_000);
        let elsewhere = with(&payload(&prepared[1], 15_000_000), "lot_id", "0192f0c1-7a10-7000-8000-000000000001");
        let later = with(&payload(&prepared[2], 15_000_000), "amendment", 1);
        for (bidder, content) in chain.bidders.iter().zip([stolen, elsewhere, later]) {
            submit(&bidder.client, &lot, &sealed(&prepared[0], &content), None).await.is(201);
        }
        chain.opening(app).await;
        let found: Vec<Value> = record(app, &chain).await.iter().map(|bid| json!([bid["state"], bid["invalid_because"], bid["price"]])).collect();
        assert_eq!(found, vec![json!(["invalid", "not_bound", null]); 3]);
    }

    async fn a_nonce_that_is_short_and_a_stream_that_was_cut_are_found_at_the_opening(app: &TestApp) {
        let (mut chain, lot) = published(app).await;
        let [first, second_, third] = [0, 1, 2].map(|n| chain.bidders[n].client.clone());
        let prepared = preparation(&first, &lot).await;
        submit(&first, &lot, &sealed(&prepared, &with(&payload(&prepared, 1), "nonce", "5f".repeat(16))), None).await.is(201);
        let prepared = preparation(&second_, &lot).await;
        let file = sealed(&prepared, &payload(&prepared, 1));
        // A few bytes short: from outside it has the shape of a file.
        submit(&second_, &lot, &file[..file.len() - 3], None).await.is(201);
        third.post(&format!("{lot}/bids")).json(plain(17_000_000)).await.is(201);
        chain.opening(app).await;
        let found: Vec<Value> = record(app, &chain).await.iter().map(|bid| bid["invalid_because"].clone()).collect();
        assert_eq!(found, [json!("not_bound"), json!("unreadable"), Value::Null]);
    }
}

pub async fn sequence(app: &TestApp) {
    while jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap() > 0 {}
}

pub async fn receipt_of(client: &Client, bid: &Answer) -> Answer {
    client.get(&format!("{}/receipt", bid.header("location"))).send().await.is(200)
}

on_both! {
    async fn a_receipt_is_provisional_then_final_and_then_never_changes(app: &TestApp) {
        let (chain, lot) = published(app).await;
        let [first, rival] = [0, 1].map(|n| chain.bidders[n].client.clone());
        let prepared = preparation(&first, &lot).await;
        assert_eq!(prepared["receipt_verifier_key"], app.receipts.verifier());
        let file = sealed(&prepared, &payload(&prepared, 15_000_000));
        let body = json!({"ciphertext": STANDARD.encode(&file)});
        let bid = first.post(&format!("{lot}/bids")).key("once").json(body.clone()).await.is(201);
        assert_eq!(bid.text_at("/receipt/state"), "provisional");
        let again = first.post(&format!("{lot}/bids")).key("once").json(body).await.is(201);
        assert_eq!(again.text_at("/receipt/note"), bid.text_at("/receipt/note"), "a repeat has the same receipt");
        let note = bid.text_at("/receipt/note");
        let provisional = receipt::open(&note, &app.receipts.verifier()).unwrap();
        assert_eq!((&provisional.bid, &provisional.sha256, &provisional.place), (&bid.text_at("/id"), &hash(&file), &None));
        assert!(provisional.text.contains(&hash(&file)) && provisional.text.contains("bid.sealed"));
        assert_eq!(receipt_of(&first, &bid).await.text_at("/note"), note);
        let path = format!("{}/receipt", bid.header("location"));
        for curious in [&rival, &chain.purchaser.client, &chain.admin, &chain.auditor, &chain.opener] {
            curious.get(&path).send().await.refused(404, "not_found");
        }
        first.get(&format!("{path}?wait=11")).send().await.refused(422, "invalid");
        // Somebody else's server integrates while the bidder waits.
        let asked = first.get(&format!("{path}?wait=10"));
        let mut answer = std::pin::pin!(asked.send());
        let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut answer).await;
        assert!(early.is_err(), "nothing is answered before its entry has a place");
        sequence(app).await;
        let waited = answer.await.is(200);
        assert_eq!(waited.text_at("/state"), "final");
        let last = receipt::open(&waited.text_at("/note"), &app.receipts.verifier()).unwrap();
        let place = last.place.clone().unwrap();
        let head = baiyi::trust::checkpoint::open(&place.checkpoint, &app.journal.verifier()).unwrap();
        assert!(baiyi::trust::tree::verify_inclusion(&last.leaf(), place.index, head.size, &place.path, &head.root));
        assert_eq!((last.leaf(), &last.entry), (provisional.leaf(), &provisional.entry));
        // The journal grows, the bid is replaced: the receipt stays as it was given.
        rival.post(&format!("{lot}/bids")).json(plain(16_000_000)).await.is(201);
        first.post(&format!("{lot}/bids")).json(plain(14_000_000)).await.is(201);
        sequence(app).await;
        assert_eq!(receipt_of(&first, &bid).await.text_at("/note"), waited.text_at("/note"));
        by_standard_tools(app, &waited.text_at("/note"));
    }

    async fn a_receipt_that_the_journal_contradicts_is_named(app: &TestApp) {
        let (mut chain, lot) = published(app).await;
        let first = chain.bidders[0].client.clone();
        let bid = first.post(&format!("{lot}/bids")).json(plain(15_000_000)).await.is(201);
        for bidder in &chain.bidders[1..] {
            bidder.client.post(&format!("{lot}/bids")).json(plain(16_000_000)).await.is(201);
        }
        let early = bid.text_at("/receipt/note");
        sequence(app).await;
        let note = receipt_of(&first, &bid).await.text_at("/note");
        chain.opening(app).await;
        sequence(app).await;
        let bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;
        let (verifier, journal) = (app.receipts.verifier(), app.journal.verifier());
        let told = |bundle: &Bundle, note: &str| receipts::faults(bundle, note, &verifier, &journal);
        assert_eq!((told(&bundle, &note), told(&bundle, &early)), (vec![], vec![]));
        let kept = receipts::checkpoints(&bundle, &[early.clone(), note.clone()], &verifier);
        assert_eq!(kept.len(), 1);
        assert_eq!(baiyi::disclosure::bundle::check::faults(&bundle, &journal, &kept), [""; 0]);
        let said = receipt::open(&note, &verifier).unwrap();
        let about = |text: &str| format!("the receipt of bid {}: {text}", said.bid);
        // Forged by somebody without the key.
        let stranger = ReceiptKey::ephemeral("baiyi/330502/receipts").unwrap();
        assert_eq!(told(&bundle, &stranger.sign(&said)), ["a receipt is not signed with the key of receipts"]);
        assert_eq!(told(&bundle, &note.replace(&said.sha256, &hash(b"x"))), ["a receipt is not signed with the key of receipts"]);
        // The server dropped the entry.
        let dropped = Bundle { journal: bundle.journal.iter().filter(|entry| entry.id != said.entry).cloned().collect(), ..bundle.clone() };
        for note in [&note, &early] {
            assert_eq!(told(&dropped, note), [about(&format!("the journal has no entry {}", said.entry))]);
        }
        // The server wrote another hash into its journal, with a leaf that fits.
        let mut changed = bundle.clone();
        let entry = changed.journal.iter_mut().find(|entry| entry.id == said.entry).unwrap();
        let text = entry.text.take().unwrap().replace(&said.sha256, &hash(b"x"));
        let leaf = baiyi::trust::journal::leaf_hash(&STANDARD.decode(entry.salt.as_ref().unwrap()).unwrap(), &text);
        (entry.leaf_hash, entry.text) = (STANDARD.encode(leaf), Some(text));
        let faults = told(&changed, &note);
        assert!(faults[0].ends_with("in the journal has another leaf") && faults[1].contains(&hash(b"x")), "{faults:?}");
        // It stands elsewhere, or nowhere.
        let index = said.place.as_ref().unwrap().index;
        let mut moved = bundle.clone();
        moved.journal.iter_mut().find(|entry| entry.id == said.entry).unwrap().index = Some(2);
        assert_eq!(told(&moved, &note), [about(&format!("the entry {} stands at index 2 in the journal, at {index} in the receipt", said.entry))]);
        assert_eq!(told(&moved, &early), [""; 0], "a provisional receipt names no place");
        moved.journal.iter_mut().find(|entry| entry.id == said.entry).unwrap().index = None;
        assert!(told(&moved, &note)[0].contains("has no index"));
        // The server itself signs a receipt that does not hold together.
        let lying = receipt::Receipt { sha256: hash(b"y"), ..said.clone() };
        assert!(told(&bundle, &app.receipts.sign(&lying))[0].contains("its entry names the hash"));
        // It signed another lot, or an earlier instant, than entry and row have.
        let elsewhere = receipt::Receipt { lot: said.bid.clone(), ..said.clone() };
        let lies = told(&bundle, &app.receipts.sign(&elsewhere));
        assert!(lies[0].contains("its entry names the lot") && lies[1].contains("stands in the lot"), "{lies:?}");
        let earlier = receipt::Receipt { received: "2026-01-01T00:00:00Z".to_owned(), ..said.clone() };
        let lies = told(&bundle, &app.receipts.sign(&earlier));
        assert!(lies[0].contains("its entry names the instant") && lies[1].contains("was received at"), "{lies:?}");
        let mut shifted = said.clone();
        shifted.place.as_mut().unwrap().path.pop();
        assert!(told(&bundle, &app.receipts.sign(&shifted))[0].contains("does not lead to its checkpoint"));
        let other = baiyi::trust::checkpoint::JournalKey::ephemeral("baiyi/330502").unwrap();
        assert!(receipts::faults(&bundle, &note, &verifier, &other.verifier())[0].contains("not signed with the journal's key"));
    }
}

/// The recipe of `docs/trust.md`, word for word, where Python and its package are installed.
fn by_standard_tools(app: &TestApp, note: &str) {
    let guide = include_str!("../../docs/trust.md");
    let recipe = guide.split("```python\n# receipt.py").nth(1).expect("the guide has the recipe").split("```").next().unwrap();
    let named = std::env::var("BAIYI_TEST_PYTHON");
    let python = named.clone().unwrap_or_else(|_| "python3".to_owned());
    if !Command::new(&python).args(["-c", "import cryptography"]).output().is_ok_and(|tried| tried.status.success()) {
        assert!(named.is_err(), "{python} has no package cryptography");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = kept(folder.path(), "receipt.py", format!("# receipt.py{recipe}").as_bytes());
    let run = |note: &str| {
        let file = kept(folder.path(), "receipt.txt", note.as_bytes());
        Command::new(&python).arg(&script).arg(&file).args([app.receipts.verifier(), app.journal.verifier()]).output().unwrap()
    };
    let fine = run(note);
    assert!(fine.status.success(), "{}", String::from_utf8_lossy(&fine.stderr));
    for (from, to) in [("\nsha256 ", "\nsha256 0"), ("\nindex ", "\nindex 1"), ("\npath ", "\npath A"), ("bid.sealed", "bid.sealee")] {
        assert!(!run(&note.replacen(from, to, 1)).status.success(), "{from} was changed and nothing was said");
    }
    // What the server signs and is still false.
    let said = receipt::open(note, &app.receipts.verifier()).unwrap();
    let mut shifted = said.clone();
    shifted.place.as_mut().unwrap().index += 1;
    let elsewhere = receipt::Receipt { lot: said.bid.clone(), ..said.clone() };
    let earlier = receipt::Receipt { received: "2026-01-01T00:00:00Z".to_owned(), ..said.clone() };
    let other = receipt::Receipt { sha256: hash(b"y"), ..said.clone() };
    for lie in [other, elsewhere, earlier, receipt::Receipt { salt: vec![0; 32], ..said }, shifted] {
        assert!(!run(&app.receipts.sign(&lie)).status.success(), "{lie:?}");
    }
}
