//! Files of 200 MiB: sealed as they stream into a serving process, opened as they stream through it, sent out as they are opened. Its memory does not grow.

use std::io::Write;

use baiyi::kernel::UtcInstant;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::chain::run_sql;
use crate::support::http::Answer;
use crate::support::process::{Server, readable};
use crate::support::story::Chain;
use crate::support::{Backend, TestApp, run_unchecked};

/// Later than the machine's clock, by which the process takes bids.
const DEADLINE: &str = "2099-12-31T01:00:00Z";
/// The largest file that is taken.
const SIZE: usize = 200 * 1024 * 1024;
/// Less than half of a file, and more than streams need: an upload keeps three parts of 5 MiB, code is loaded when it first runs, and the allocator keeps a
/// while what was freed.
const ROOM: u64 = 96 * 1024 * 1024;

/// A file of the largest size, of which no two pieces are the same and whose end is not its padding's.
fn largest() -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut number = 1_u64;
    while file.len() < SIZE {
        file.extend(number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes().repeat(512));
        number += 1;
    }
    file.truncate(SIZE - 4096);
    file.resize(SIZE, 0);
    file
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn sealed(recipient: &str, bytes: &[u8]) -> Vec<u8> {
    let recipient: age::x25519::Recipient = recipient.parse().unwrap();
    let mut file = Vec::with_capacity(bytes.len() + bytes.len() / 1024);
    let one: &dyn age::Recipient = &recipient;
    let mut writer = age::Encryptor::with_recipients(std::iter::once(one)).unwrap().wrap_output(&mut file).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap();
    file
}

async fn story(app: &TestApp) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.tender_by(app, "consultation", DEADLINE).await;
    let server = Server::start_untraced(app);
    let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
    let [first, second, third] =
        ["51330502mj9000014p", "52330502mj9000022f", "53330500mj9000030a"].map(|one| format!("{one}@orgs.example"));
    let (first, second, third) = (server.sign_in(&first).await, server.sign_in(&second).await, server.sign_in(&third).await);
    let bid = |price: i64, files: Value| json!({"offer": {"price": {"amount_fen": price, "currency": "CNY"}, "text": "方案"}, "attachment_ids": files});
    // Everything once with a small file, so that what is loaded and cached is there.
    let small = third.post(&format!("{lot}/bid-attachments")).body("application/pdf", b"%PDF-1.7\nsmall".to_vec()).send().await.is(201);
    third.post(&format!("{lot}/bids")).json(bid(15_000_000, json!([small.text_at("/id")]))).await.is(201);
    let before = server.peak();
    let grown = |what: &str| {
        let now = server.peak();
        let more = now.saturating_sub(before);
        assert!(more < ROOM, "{what}: {} MiB more than before", more / 1024 / 1024);
    };

    let file = largest();
    let plain = first.post(&format!("{lot}/bid-attachments")).body("application/pdf", file.clone()).send().await.is(201);
    grown("a plain file came in");
    let one_more = [&file[..], b"!"].concat();
    first.post(&format!("{lot}/bid-attachments")).body("application/pdf", one_more).send().await.refused(413, "too_large");
    let prepared = second.get(&format!("{lot}/sealing")).send().await.is(200).value();
    let recipient = prepared["recipient"].as_str().unwrap();
    let home = sealed(recipient, &file);
    let upload = second.post(&format!("{lot}/bid-attachments?sealed=true")).body("application/octet-stream", home.clone());
    let own = upload.send().await.is(201);
    assert_eq!(own.text_at("/ciphertext_sha256"), sha256(&home));
    drop(home);
    grown("a sealed file came in");
    let by_server = first.post(&format!("{lot}/bids")).json(bid(15_200_000, json!([plain.text_at("/id")]))).await.is(201);
    let mut payload = json!({"nonce": "ab".repeat(32), "price_fen": 15_100_000, "offer": "方案", "attachments": [sha256(&file)]});
    for field in ["format", "tender_id", "lot_id", "amendment", "organisation_id", "sequence", "consortium"] {
        payload[field] = prepared[field].clone();
    }
    let offer = STANDARD.encode(sealed(recipient, payload.to_string().as_bytes()));
    let sent = json!({"ciphertext": offer, "attachment_ids": [own.text_at("/id")]});
    let at_home = second.post(&format!("{lot}/bids")).json(sent).await.is(201);

    let past = UtcInstant::machine_now().plus_seconds(-60).to_string()[..19].replace('T', " ");
    run_sql(app, vec![format!("UPDATE tenders SET bid_deadline = '{past}' WHERE id = '{}'", chain.id("tender_id"))]).await;
    let opener = server.sign_in("kai.biao@people.example").await;
    opener.act(&format!("/api/v1/tenders/{}/opening", chain.id("tender_id")), json!({})).await.is(200);
    grown("the files were opened");
    let purchaser = server.sign_in(&chain.purchaser.email).await;
    let of = |bid: &Answer| format!("/api/v1/bids/{}/attachments", bid.text_at("/id"));
    for (bid, kept) in [(&by_server, &plain), (&at_home, &own)] {
        let path = of(bid);
        let listed = purchaser.get(&path).send().await.is(200).value();
        let opened = &listed["items"][0]["opened"];
        assert_eq!((opened["sha256"].as_str(), opened["size_bytes"].as_u64()), (Some(sha256(&file).as_str()), u64::try_from(SIZE).ok()));
        let read = purchaser.get(&format!("{path}/{}", kept.text_at("/id"))).bytes().await.unwrap();
        assert!(read == file, "what is read is what was sent");
    }
    grown("the files were read");

    // The store holds other bytes under the address of the second: the answer breaks off before its end.
    let address = own.text_at("/ciphertext_sha256");
    let stored = app.folder.path().join("documents/sha256").join(&address[..2]).join(&address);
    let kept = std::fs::read(&stored).unwrap();
    std::fs::write(&stored, [&kept[..kept.len() / 2], &kept[kept.len() / 2 + 1..], b"x"].concat()).unwrap();
    assert!(
        purchaser.get(&format!("{}/{}", of(&at_home), own.text_at("/id"))).bytes().await.is_err(),
        "a damaged file is not read as whole"
    );
}

#[test]
fn a_file_of_200_mib_streams_through_on_sqlite() {
    if readable() {
        run_unchecked(Backend::Sqlite, |app| Box::pin(story(app)));
    }
}

#[test]
fn a_file_of_200_mib_streams_through_on_postgres() {
    if readable() {
        run_unchecked(Backend::Postgres, |app| Box::pin(story(app)));
    }
}
