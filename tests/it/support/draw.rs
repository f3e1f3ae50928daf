//! Draws by commit and reveal, as people of two units make them.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::story::Chain;
use super::{Client, TestApp};

/// What a unit commits to, computed here from docs/trust.md.
pub fn commitment(draw: &str, unit: &str, nonce: &[u8; 32]) -> String {
    let id = |text: &str| Uuid::parse_str(text).unwrap().into_bytes();
    let parts: [&[u8]; 4] = [b"baiyi/draw/commit/v1\n", &id(draw), &id(unit), nonce];
    hex::encode(Sha256::digest(parts.concat()))
}

/// A unit that takes part in a draw, with the number that it keeps to itself until the freeze.
pub struct Contributor<'c> {
    pub client: &'c Client,
    pub unit: &'c str,
    pub nonce: [u8; 32],
}

impl Contributor<'_> {
    pub async fn commit(&self, draw: &str) -> super::http::Answer {
        let path = format!("/api/v1/draws/{draw}/commitments");
        self.client.post(&path).json(json!({"commitment": commitment(draw, self.unit, &self.nonce)})).await
    }

    /// To the pool that the server shows.
    pub async fn reveal(&self, draw: &str) -> super::http::Answer {
        let shown = self.client.get(&format!("/api/v1/draws/{draw}")).send().await.is(200).value();
        self.reveal_to(draw, shown["pool_root"].as_str().unwrap_or(&"00".repeat(32))).await
    }

    pub async fn reveal_to(&self, draw: &str, pool_root: &str) -> super::http::Answer {
        let path = format!("/api/v1/draws/{draw}");
        let etag = self.client.get(&path).send().await.is(200).etag();
        let body = json!({"nonce": hex::encode(self.nonce), "pool_root": pool_root});
        self.client.post(&format!("{path}/reveals")).if_match(&etag).json(body).await
    }
}

/// The purchaser's unit and the finance bureau.
pub fn two_units(chain: &Chain) -> [Contributor<'_>; 2] {
    [
        Contributor { client: &chain.purchaser.client, unit: chain.id("unit_id"), nonce: [7; 32] },
        Contributor { client: &chain.finance.client, unit: chain.id("bureau_id"), nonce: [9; 32] },
    ]
}

/// Opens a draw of a lot, gives its id.
pub async fn open(chain: &Chain, lot: &str, asked: Value) -> String {
    chain.purchaser.client.act(&format!("{lot}/draws"), asked).await.is(201).text_at("/id")
}

/// A whole draw, without a hitch; gives its record.
pub async fn drawn(app: &TestApp, chain: &Chain, lot: &str, asked: Value) -> Value {
    let draw = open(chain, lot, asked).await;
    let path = format!("/api/v1/draws/{draw}");
    for unit in &two_units(chain) {
        unit.commit(&draw).await.is(201);
    }
    chain.purchaser.client.act(&format!("{path}/freeze"), json!({})).await.is(200);
    assert_eq!(app.walk_the_tree().await, [""; 0]);
    for unit in &two_units(chain) {
        unit.reveal(&draw).await.is(201);
    }
    chain.purchaser.client.get(&path).send().await.is(200).value()
}

/// The experts of a panel, drawn.
pub async fn experts(app: &TestApp, chain: &Chain, lot: &str, panel: Value) -> Value {
    drawn(app, chain, lot, json!({"purpose": "panel", "panel": panel})).await
}
