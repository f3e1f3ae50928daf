//! Hashes that are stored resist guessing: a price has few likely values and a score has ten thousand, so whoever reads the database tries them all.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use baiyi::db::{Db, Target};
use baiyi::jobs;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use base64::{Engine, alphabet};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::draws::committed;
use crate::evaluation::sheet;
use crate::support::story::{Chain, SECRET_FILE, SECRET_FILENAME, SECRET_PRICE, SECRET_SEALED_TEXT, SECRET_TEXT};
use crate::support::{TestApp, on_both};

type Hash = [u8; 32];

/// What the three bidders ask for.
const PRICES: [i64; 3] = [SECRET_PRICE, 20_000_001, 19_000_000];
/// How far from a price it is guessed.
const AROUND: i64 = 2_000;
/// What the bidder says whose offer is above the ceiling.
const ABOVE_TEXT: &str = "高于最高限价的方案";

fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Nullable<Text>)]
    word: Option<String>,
}

fn words(db: &mut Db, query: &str) -> Vec<String> {
    let rows: Vec<Word> = diesel::sql_query(query).load(db).unwrap();
    rows.into_iter().filter_map(|row| row.word).collect()
}

/// Every row of every table as text, binary columns in hex.
async fn rows(app: &TestApp) -> Vec<String> {
    let sqlite = matches!(app.target, Target::Sqlite(_));
    app.read(move |db| {
        let tables = if sqlite {
            "SELECT name AS word FROM sqlite_master WHERE type = 'table'"
        } else {
            "SELECT table_name::text AS word FROM information_schema.tables WHERE table_schema = 'public'"
        };
        let mut all = Vec::new();
        for table in words(db, tables) {
            let row = if sqlite {
                words(db, &format!("SELECT 'quote(\"' || name || '\")' AS word FROM pragma_table_info('{table}')")).join(" || ' ' || ")
            } else {
                "t::text".to_owned()
            };
            all.extend(words(db, &format!("SELECT {row} AS word FROM \"{table}\" t")));
        }
        all
    })
    .await
}

/// What is stored and may be a hash.
#[derive(Default)]
struct Stored {
    /// Everything of 32 bytes, in binary, in hex or in base64, in whatever column and wherever in its text.
    whole: BTreeSet<Hash>,
    /// Every eight bytes in a row of anything in binary, hex or base64: hashes that were cut or joined.
    pieces: HashSet<Piece>,
}

type Piece = [u8; 8];

impl Stored {
    fn read(texts: &[String]) -> Self {
        let mut stored = Self::default();
        for text in texts {
            for run in text.split(|letter: char| !letter.is_ascii_hexdigit()).filter(|run| run.len() >= 16) {
                // A letter before or after it may be no part of it.
                let odd = run.len() % 2;
                [&run[odd..], &run[..run.len() - odd]].iter().for_each(|run| stored.note(&hex::decode(run).unwrap()));
            }
            for run in text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"+/-_".contains(letter)).filter(|run| run.len() >= 11)
            {
                // Something may stand before it that is no base64, such as `sha256-`.
                for from in 0..4 {
                    let run = &run[from..];
                    let whole = if run.len() % 4 == 1 { &run[..run.len() - 1] } else { run };
                    let decoded = LENIENT.decode(whole).or_else(|_| LENIENT_URL_SAFE.decode(whole));
                    decoded.iter().for_each(|bytes| stored.note(bytes));
                }
            }
        }
        stored
    }

    fn note(&mut self, bytes: &[u8]) {
        self.whole.extend(Hash::try_from(bytes).ok());
        self.pieces.extend(bytes.windows(8).map(|window| Piece::try_from(window).unwrap()));
    }

    fn has(&self, hash: &Hash) -> bool {
        self.pieces.contains(&hash[..8])
    }
}

/// What stands at the end of a cut text is not looked at closely.
const LENIENT: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));
const LENIENT_URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));

/// Every row of every table, and the names of stored files.
async fn stored(app: &TestApp) -> Stored {
    let mut texts = rows(app).await;
    let mut folders = vec![app.folder.path().join("documents")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                texts.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    Stored::read(&texts)
}

/// Words in the names of columns that hold hashes, or what hashes are made of.
const HASH_WORDS: [&str; 11] =
    ["hash", "sha256", "digest", "fingerprint", "commitment", "root", "leaf", "nonce", "salt", "checksum", "blind"];

/// Columns that look like hashes and stay empty in the story, with what they hold: nothing that comes from a price, an offer or a score.
const ELSEWHERE: &[(&str, &str)] = &[
    ("account_invitations.token_hash", "a token drawn at random"),
    ("api_tokens.token_hash", "a token drawn at random"),
    ("contract_seals.document_sha256", "a signed contract"),
    ("contracts.org_signed_sha256", "a signed contract"),
    ("contracts.purchaser_signed_sha256", "a signed contract"),
    ("draw_contributions.commitment", "a number drawn at random"),
    ("draw_contributions.nonce", "that number"),
    ("draw_contributions.pool_root", "leaves of members"),
    ("draw_pool.leaf", "a member's id with a salt"),
    ("draw_pool.salt", "drawn at random"),
    ("draws.checkpoint_root", "the journal's root"),
    ("draws.pool_root", "leaves of members"),
    ("journal_paddings.salt", "drawn at random"),
    ("opener_keys.fingerprint", "public keys"),
    ("organisation_profiles.head_digest", "a person's number, under the server's key"),
    ("organisation_records.document_sha256", "a scan of a certificate"),
    ("password_resets.token_hash", "a token drawn at random"),
    ("payment_batches.content", "what a bank is handed of contracts in force"),
    ("payment_batches.sha256", "the same, which stands beside it"),
    ("reconciliations.file_sha256", "the treasury's book"),
    ("recovery_codes.code_hash", "a code drawn at random"),
    ("second_factors.secret", "a seed, sealed"),
    ("signing_keys.fingerprint", "a public key"),
];

/// Columns that look like a hash, by their name or because they are binary, and hold nothing now.
async fn empty_hashes(app: &TestApp) -> BTreeSet<String> {
    let sqlite = matches!(app.target, Target::Sqlite(_));
    app.read(move |db| {
        let columns = if sqlite {
            "SELECT m.name || '.' || c.name || ' ' || lower(c.type) AS word FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
        } else {
            "SELECT (table_name || '.' || column_name || ' ' || data_type)::text AS word FROM information_schema.columns WHERE table_schema = 'public'"
        };
        let mut empty = BTreeSet::new();
        for column in words(db, columns) {
            let (column, kind) = column.split_once(' ').unwrap();
            let (table, name) = column.split_once('.').unwrap();
            let named = HASH_WORDS.iter().any(|word| name.contains(word)) && !name.ends_with("_id") && !name.ends_with("_at");
            if !named && !["blob", "bytea"].contains(&kind) {
                continue;
            }
            if words(db, &format!("SELECT 'x' AS word FROM \"{table}\" WHERE \"{name}\" IS NOT NULL LIMIT 1")).is_empty() {
                empty.insert(column.to_owned());
            }
        }
        empty
    })
    .await
}

/// The ways in which a program may write a number before it hashes it.
fn written(number: i64) -> Vec<Vec<u8>> {
    let texts = [
        number.to_string(),
        format!(r#"{{"amount_fen":{number}}}"#),
        format!(r#"{{"amount_fen":{number},"currency":"CNY"}}"#),
        format!(r#"{{"currency":"CNY","amount_fen":{number}}}"#),
        format!(r#"{{"price_fen":{number}}}"#),
        format!(r#"{{"points_bp":{number}}}"#),
        format!("{}.{:02}", number / 100, number % 100),
    ];
    let binary = [number.to_le_bytes(), number.to_be_bytes()];
    texts.into_iter().map(String::into_bytes).chain(binary.map(Vec::from)).collect()
}

/// What the bidders wrote and sent, exactly.
fn offers() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = PRICES.into_iter().flat_map(written).collect();
    for (price, text) in PRICES.into_iter().zip([SECRET_TEXT, ABOVE_TEXT, SECRET_SEALED_TEXT]) {
        let offer = json!({"price": {"amount_fen": price, "currency": "CNY"}, "text": text});
        let forms = [offer.to_string(), serde_json_canonicalizer::to_string(&offer).unwrap(), json!({"offer": offer}).to_string()];
        all.extend(forms.map(String::into_bytes));
        all.extend([text.to_owned(), format!("{price}{text}"), format!("{price}\n{text}")].map(String::into_bytes));
    }
    all.extend([SECRET_FILE, SECRET_FILENAME].map(|text| text.as_bytes().to_vec()));
    all
}

/// The guesses whose hash is stored: as they are, and the exact ones with anything stored as a salt before or after them.
fn guessed(stored: &Stored) -> BTreeSet<String> {
    let around = PRICES.into_iter().flat_map(|price| price - AROUND..=price + AROUND).chain(0..=10_000).flat_map(written);
    let exact = offers();
    let plain = around.chain(exact.iter().cloned()).filter(|guess| stored.has(&hash(guess)));
    let mut found: BTreeSet<String> = plain.map(|guess| String::from_utf8_lossy(&guess).into_owned()).collect();
    for guess in exact.iter().map(Vec::as_slice) {
        let salted =
            |salt: &Hash| [[salt.as_slice(), guess].concat(), [guess, salt.as_slice()].concat()].iter().any(|text| stored.has(&hash(text)));
        if stored.whole.iter().any(salted) {
            found.insert(format!("salted: {}", String::from_utf8_lossy(guess)));
        }
    }
    found
}

/// The search itself: what would be wrong is found when it is there, in whatever form.
#[test]
fn a_hash_of_a_price_a_score_or_an_offer_would_be_found() {
    let salt = hash(b"a salt that is stored");
    let price = json!({"amount_fen": SECRET_PRICE + AROUND});
    for (wrong, name) in [
        (hash(SECRET_PRICE.to_string().as_bytes()), SECRET_PRICE.to_string()),
        (hash(price.to_string().as_bytes()), price.to_string()),
        (hash(b"8500"), "8500".to_owned()),
        (hash(SECRET_TEXT.as_bytes()), SECRET_TEXT.to_owned()),
        (hash(&[salt.as_slice(), SECRET_PRICE.to_string().as_bytes()].concat()), format!("salted: {SECRET_PRICE}")),
    ] {
        let salted = format!("'{}' 2026", hex::encode(salt));
        for form in [
            format!("x {}, y", hex::encode(wrong)),
            format!("\"h{}\"", hex::encode(&wrong[..12])),
            format!("{}{}{}", hex::encode(salt), hex::encode(wrong), hex::encode(salt)),
            format!("{{\"hash\":\"{}\"}}", STANDARD.encode(wrong)),
            format!("sha256-{}", URL_SAFE_NO_PAD.encode(wrong)),
            STANDARD_NO_PAD.encode([b"ab".as_slice(), &wrong].concat()),
        ] {
            assert_eq!(guessed(&Stored::read(&[salted.clone(), form.clone()])), BTreeSet::from([name.clone()]), "{form}");
        }
        assert_eq!(guessed(&Stored::read(&[salted])), BTreeSet::new());
    }
}

on_both! {
    async fn nobody_guesses_an_offer_before_the_opening_or_a_sheet_before_it_is_handed_in(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        // The loser thinks of the winner's price for a replacement.
        let draft = json!({"price": {"amount_fen": SECRET_PRICE, "currency": "CNY"}, "text": SECRET_TEXT});
        chain.bidders[1].client.call("PUT", &format!("/api/v1/lots/{}/draft-bid", chain.id("lot_id"))).json(draft).await.is(200);
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let before = stored(app).await;
        assert_eq!(guessed(&before), BTreeSet::new());
        // A file that is public has the hash that anybody gives it, so hashes are where they are looked for; so are salts and leaves of the journal.
        assert!(before.whole.contains(&hash(b"%PDF-1.7\nneeds")));
        assert!(before.whole.len() > 100, "{} hashes", before.whole.len());
        assert!(!before.has(&hash(SECRET_FILE.as_bytes())));
        let mut empty = empty_hashes(app).await;
        chain.opening(app).await;
        // What is opened may be known, and the file's hash is in the record for whoever holds the file.
        let opened = stored(app).await;
        assert_eq!(guessed(&opened), BTreeSet::from([SECRET_FILE.to_owned()]));

        // Ping Yi commits to its sheet, and holds sheet and nonce back until Ping Er has committed.
        let (lot, lot_id) = (format!("/api/v1/lots/{}", chain.id("lot_id")), chain.id("lot_id"));
        for evaluator in &chain.evaluators {
            chain.purchaser.client.act(&format!("{lot}/evaluators"), json!({"account_id": evaluator.account})).await.is(201);
        }
        chain.review().await;
        let members = [&chain.evaluators[0], &chain.evaluators[1]];
        let sheets = [sheet(members[0], &lot, 8_500, None).await, sheet(members[1], &lot, 7_000, None).await];
        let nonces = [hash(b"Ping Yi draws this"), hash(b"Ping Er draws this")];
        let promise = |who: usize, nonce: &Hash| committed(lot_id, members[who], &sheets[who], nonce);
        for who in [0, 1] {
            let body = json!({"commitment": promise(who, &nonces[who])});
            members[who].client.post(&format!("{lot}/score-commitments")).json(body).await.is(201);
        }
        // Whoever guesses the whole sheet right still needs the nonce, and nothing that is stored is it.
        let betrayed = async || -> BTreeMap<usize, Hash> {
            let now = stored(app).await;
            let nothing = [[0; 32], [0xff; 32]];
            let of = |who: usize| {
                let given = Hash::try_from(hex::decode(promise(who, &nonces[who])).unwrap()).unwrap();
                assert!(now.whole.contains(&given), "the commitment is stored");
                let fits = |nonce: &&Hash| promise(who, nonce) == hex::encode(given);
                now.whole.iter().chain(&nothing).find(fits).map(|nonce| (who, *nonce))
            };
            [0, 1].into_iter().filter_map(of).collect()
        };
        assert_eq!(guessed(&stored(app).await), BTreeSet::from([SECRET_FILE.to_owned()]));
        assert_eq!(betrayed().await, BTreeMap::new());
        let hand_in = async |who: usize| {
            let body: Value = sheets[who].clone();
            let body = json!({"comment": body["comment"], "scores": body["scores"], "remarks": body["remarks"], "nonce": hex::encode(nonces[who])});
            members[who].client.post(&format!("{lot}/score-sheets")).json(body).await.is(201);
        };
        hand_in(0).await;
        assert_eq!(betrayed().await, BTreeMap::from([(0, nonces[0])]), "a nonce that is stored is found, and the other's is not");
        hand_in(1).await;
        assert_eq!(betrayed().await, BTreeMap::from([(0, nonces[0]), (1, nonces[1])]));
        assert_eq!(guessed(&stored(app).await), BTreeSet::from([SECRET_FILE.to_owned()]));
        // A column that nobody thought of is looked at like any other, if only something is in it.
        let never = empty_hashes(app).await;
        empty.retain(|column| never.contains(column));
        let known: BTreeSet<String> = ELSEWHERE.iter().map(|(column, _)| (*column).to_owned()).collect();
        assert_eq!(empty, known, "columns that look like hashes and hold nothing in this story: fill them here, or say what they hold");
    }
}
