//! The bundle that an auditor takes away: the whole journal, its checkpoints, and what of the business tables can be held against it.

pub mod check;
pub mod export;
pub mod receipts;

use serde::{Deserialize, Serialize};

use crate::trust::journal::Entry;

/// Everything of one snapshot.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// Entries by id, with text and salt unless erased.
    pub journal: Vec<Entry>,
    /// Signed tree heads, smallest first.
    pub checkpoints: Vec<Checkpoint>,
    /// Rows whose version the journal repeats.
    pub resources: Vec<Resource>,
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

/// What is compared of a business row.
#[derive(Debug, Clone, Serialize, Deserialize, diesel::QueryableByName)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Kind, as the journal names it.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub kind: String,
    /// Id.
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub id: String,
    /// Version.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub version: i64,
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
