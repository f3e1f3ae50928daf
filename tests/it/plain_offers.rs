//! What stays of an offer that comes in clear once it is sealed: in a process of the program, in what it logs and writes, and in the database.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::process::{Needles, Server, readable};
use crate::support::story::Chain;
use crate::support::{Backend, TestApp, run_unchecked};

/// Later than the machine's clock, by which the process takes bids.
const DEADLINE: &str = "2099-12-31T01:00:00Z";
const PRICE: i64 = 621_840_739_571;
const DRAFT_PRICE: i64 = 731_952_840_617;
const SUBMITTED_PRICE: i64 = 953_174_062_839;
const REFUSED_PRICE: i64 = 842_063_951_728;
/// Longer than what a server reads at once.
const LINES: usize = 400;

/// A text that cannot be there by chance, of many different lines.
fn text(of: &str, lines: usize) -> String {
    (0..lines).map(|line| format!("plain-{of}-line-{line:03}-上门助浴; ")).collect()
}

/// What every line of such a text begins with, and a price in digits.
fn needles(of: &str, price: Option<i64>) -> Needles {
    let mut needles = Needles::default();
    needles.add_text(&format!("the {of}"), &format!("plain-{of}-line-"));
    if let Some(price) = price {
        needles.add_text(&format!("the price of the {of}"), &price.to_string());
    }
    needles
}

fn offer(price: i64, text: &str) -> Value {
    json!({"price": {"amount_fen": price, "currency": "CNY"}, "text": text})
}

/// Until it is told, the connection keeps what was read from it; so whoever brings an offer in clear gets a new one.
#[track_caller]
fn hung_up(answer: Answer) -> Answer {
    assert_eq!(answer.header("connection"), "close", "{answer:?}");
    answer
}

/// Waits until nothing is left: the process has to notice that its connections are closed.
async fn gone(server: &Server, needles: &Needles, what: &str) {
    let began = Instant::now();
    loop {
        let held = server.holds(needles).await;
        if held.is_empty() {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{what}: {held:?}");
        // What a server does next may need the place.
        server.client.get("/healthz").send().await.is(200);
    }
}

async fn story(app: &TestApp) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.tender_by(app, "consultation", DEADLINE).await;
    let server = Server::start(app);
    let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
    let first = server.sign_in("51330502mj9000014p@orgs.example").await;
    let second = server.sign_in("52330502mj9000022f@orgs.example").await;

    // A form that is not right is told to its sender alone.
    let wrong = json!({"offer": {"price": {"amount_fen": REFUSED_PRICE.to_string(), "currency": "CNY"}, "text": text("refused", 3)}});
    hung_up(first.post(&format!("{lot}/bids")).json(wrong).await.refused(422, "invalid"));
    // A draft, read again and replaced; a file; the offer with it, under a key for repeats, and once more.
    let path = format!("{lot}/draft-bid");
    let drafted = hung_up(first.call("PUT", &path).json(offer(DRAFT_PRICE, &text("draft", 5))).await.is(200));
    let read = hung_up(first.get(&path).send().await.is(200));
    assert!(read.text.contains("plain-draft-line-004"), "{}", read.text);
    hung_up(first.call("PUT", &path).if_match(&drafted.etag()).json(offer(DRAFT_PRICE, &text("draft", 6))).await.is(200));
    let file = format!("%PDF-1.7\n{}", text("file", 20_000));
    let upload = first.post(&format!("{lot}/bid-attachments")).header("baiyi-filename", "plain-filename-7731.pdf");
    let kept = hung_up(upload.body("application/pdf", file.clone()).send().await.is(201));
    let odd = first.post(&format!("{lot}/bid-attachments")).body("application/pdf", text("oddity", 500));
    hung_up(odd.send().await.refused(415, "document_type_not_allowed"));
    let sent = json!({"offer": offer(PRICE, &text("offer", LINES)), "attachment_ids": [kept.text_at("/id")]});
    let made = hung_up(first.post(&format!("{lot}/bids")).key("offer-1").json(sent.clone()).await.is(201));
    let again = hung_up(first.post(&format!("{lot}/bids")).key("offer-1").json(sent).await.is(201));
    assert_eq!(made.text_at("/id"), again.text_at("/id"));
    hung_up(second.post(&format!("{lot}/bids")).json(json!({"offer": offer(PRICE, &text("short", 1))})).await.is(201));
    // Another's draft becomes an offer: the server opens it, and seals it again.
    hung_up(second.call("PUT", &path).json(offer(SUBMITTED_PRICE, &text("submitted", 4))).await.is(200));
    second.act(&format!("{path}/submission"), json!({})).await.is(201);

    let mut names = Needles::default();
    names.add_text("the name of the file", "plain-filename-7731.pdf");
    let sets = [
        ("offer", needles("offer", Some(PRICE))),
        ("short", needles("short", None)),
        ("refused", needles("refused", Some(REFUSED_PRICE))),
        ("draft", needles("draft", Some(DRAFT_PRICE))),
        ("submitted", needles("submitted", Some(SUBMITTED_PRICE))),
        ("file", needles("file", None)),
        ("oddity", needles("oddity", None)),
        ("name", names),
    ];
    for (what, needles) in &sets {
        gone(&server, needles, what).await;
    }
    let texts: Vec<String> =
        ["offer", "short", "refused", "draft", "submitted", "file", "oddity", "filename"].map(|of| format!("plain-{of}-")).into();
    let everything = [texts, [PRICE, DRAFT_PRICE, SUBMITTED_PRICE, REFUSED_PRICE].iter().map(i64::to_string).collect()].concat();
    assert_eq!(app.search_everything_stored(&everything).await, [""; 0]);

    let Some(trace) = server.trace() else { return };
    // What comes by the network is sent by the bidders, and of it nobody is told anything but who asks for a draft or sent what is no offer.
    let split = |ways: BTreeMap<String, Vec<u8>>| ways.into_iter().partition::<Vec<_>, _>(|(way, _)| server.serves(way));
    let ((told, kept), (sent, read)) = (split(trace.out), split(trace.inward));
    let found = |needles: &Needles, ways: &[(String, Vec<u8>)]| needles.found(ways.iter().map(|(_, bytes)| bytes));
    for (what, needles) in &sets {
        assert_eq!(found(needles, &kept), [""; 0], "{what}: written to a file, the log or the database");
        assert_eq!(found(needles, &read), [""; 0], "{what}: read from there");
        assert!(!found(needles, &sent).is_empty(), "{what}: the same search finds it on its way in");
        let told = found(needles, &told);
        assert!(told.is_empty() || ["draft", "submitted", "refused"].contains(what), "{what}: {told:?}");
    }
}

#[test]
fn nothing_of_a_plain_offer_stays_with_the_server_on_sqlite() {
    if readable() {
        run_unchecked(Backend::Sqlite, |app| Box::pin(story(app)));
    }
}

#[test]
fn nothing_of_a_plain_offer_stays_with_the_server_on_postgres() {
    if readable() {
        run_unchecked(Backend::Postgres, |app| Box::pin(story(app)));
    }
}
