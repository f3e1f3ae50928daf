//! The bundle that an auditor takes away: the whole journal, its checkpoints, and what of the business tables can be held against it.

mod bid_signatures;
pub mod check;
pub mod ciphertexts;
pub mod draws;
pub mod export;
pub mod files;
pub mod money;
pub mod protocol;
pub mod receipts;
pub mod resources;
pub mod scores;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::trust::journal::Entry;
use crate::trust::rows::Rows;

/// Everything of one snapshot.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// Entries by id, with text and salt unless erased.
    pub journal: Vec<Entry>,
    /// Signed tree heads, smallest first.
    pub checkpoints: Vec<Checkpoint>,
    /// Leaves of the tree that stand for no entry, by index.
    pub paddings: Vec<Padding>,
    /// Rows that the journal tells of.
    pub resources: Vec<Resource>,
    /// Every posting.
    pub postings: Vec<Posting>,
    /// Every hold.
    pub holds: Vec<Hold>,
    /// Legs of every posting.
    pub legs: Vec<Leg>,
    /// Balance of every account of every fund.
    pub balances: Vec<Balance>,
}

/// A signed tree head.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Leaves.
    pub size: i64,
    /// Root, base64.
    pub root: String,
    /// The signed note, byte by byte.
    pub note: String,
}

/// A leaf that stands for no entry: it fills a batch up to its fixed size.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Padding {
    /// Index in the tree.
    pub index: i64,
    /// The salt that opens the leaf, base64.
    pub salt: String,
}

/// A resource whose rows are held against the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Kind, as the journal names it.
    pub kind: String,
    /// Id.
    pub id: String,
    /// Its rows as they stand.
    pub rows: Rows,
}

impl Resource {
    /// The version of its row; rows without one are at their first.
    pub fn version(&self) -> i64 {
        self.rows.columns.get("version").and_then(Value::as_i64).unwrap_or(1)
    }

    /// The state of its row.
    pub fn state(&self) -> Option<&str> {
        self.rows.columns.get("state").and_then(Value::as_str)
    }
}

/// A posting of the ledger.
#[derive(Debug, Clone, Serialize, Deserialize, diesel::QueryableByName)]
#[serde(deny_unknown_fields)]
pub struct Posting {
    /// Id.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub id: String,
    /// The fund.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub fund_id: String,
    /// Kind, such as `payment`.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub kind: String,
    /// What caused it.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub cause_id: String,
    /// The kind of what caused it.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub cause_kind: String,
    /// The hold that it uses.
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    pub hold_id: Option<String>,
}

/// A reservation or commitment.
#[derive(Debug, Clone, Serialize, Deserialize, diesel::QueryableByName)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Id.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub id: String,
    /// The fund.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub fund_id: String,
    /// `reservation` or `commitment`.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub kind: String,
    /// Amount in fen.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub amount_fen: i64,
    /// What of it was used.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub used_fen: i64,
    /// What of it was released.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub released_fen: i64,
}

/// One leg of a posting.
#[derive(Debug, Clone, Serialize, Deserialize, diesel::QueryableByName)]
#[serde(deny_unknown_fields)]
pub struct Leg {
    /// The posting.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub posting_id: String,
    /// The fund.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub fund_id: String,
    /// The account of the fund.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub account: String,
    /// Signed amount in fen.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub amount_fen: i64,
}

/// A stored balance.
#[derive(Debug, Clone, Serialize, Deserialize, diesel::QueryableByName)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// The fund.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub fund_id: String,
    /// The account of the fund.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub account: String,
    /// Balance in fen.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub balance_fen: i64,
}
