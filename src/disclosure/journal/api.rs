//! Checkpoints, keys and proofs over HTTP.

use std::sync::Arc;

use actix_web::{get, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{NOT_SEQUENCED, admitted, policy};
use crate::db::Db;
use crate::kernel::error::{self, Error};
use crate::kernel::id::JournalEntryId;
use crate::kernel::{Result, UtcInstant};
use crate::people::tokens::Mint;
use crate::people::{self, Viewer};
use crate::trust::cadence::Rhythm;
use crate::trust::checkpoint::JournalKey;
use crate::trust::cosignatures;
use crate::trust::held::Held;
use crate::trust::keychain::KeyOf;
use crate::trust::receipt::ReceiptKey;
use crate::trust::sequencer::{self, CheckpointRow};
use crate::trust::tree::Hash;
use crate::web::{Answer, Call, Id, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_checkpoint).service(list_journal_keys).service(get_inclusion).service(get_consistency);
}

/// A signed tree head.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CheckpointView {
    /// Leaves.
    #[schema(example = 1204)]
    pub size: i64,
    /// The C2SP signed note, byte by byte as it was signed, followed by the lines of the witnesses that cosigned it.
    #[schema(example = "baiyi/330502\n1204\nuMbm…=\n\n— baiyi/330502 x09…=\n")]
    pub note: String,
    /// The verifier key (vkey) of the note: the journal's key of this size.
    #[schema(example = "baiyi/330502+c74f20a3+ARpc…")]
    pub verifier_key: String,
    /// When.
    pub made_at: UtcInstant,
}

impl CheckpointView {
    fn new(db: &mut Db, row: CheckpointRow, own: &str) -> Result<Self> {
        let keys = sequencer::keys(db, own)?;
        let note = cosignatures::presented(db, &row)?;
        Ok(Self { size: row.size, note, verifier_key: keys.at(size_of(&row)?).to_owned(), made_at: row.made_at })
    }
}

/// A signing key of the house.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct JournalKeyView {
    /// The verifier key (vkey).
    #[schema(example = "baiyi/330502+c74f20a3+ARpc…")]
    pub verifier_key: String,
    /// Index of the entry that announces it, from whose checkpoint on it signs; null for the first key, while the entry waits, and to whom the journal is not
    /// open.
    #[schema(example = 1204)]
    pub announced_at: Option<i64>,
    /// Of tokens: until when those of the key before it count.
    pub until: Option<UtcInstant>,
    /// Signature of the key before it over the statement of docs/trust.md, base64; null for the first key.
    #[schema(example = "q83v…=")]
    pub signed_by_old: Option<String>,
    /// Its own signature over the same statement, base64; null for the first key.
    #[schema(example = "mF2a…=")]
    pub signed_by_new: Option<String>,
}

/// The keys of one chain, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct JournalKeys {
    /// The keys.
    #[schema(max_items = 10_000)]
    pub items: Vec<JournalKeyView>,
}

/// Which chain.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichKeys {
    /// What the keys sign; checkpoints of the journal when absent.
    #[serde(default)]
    #[param(inline, example = "receipts")]
    of: Option<KeyOf>,
}

/// That an entry is in the tree.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InclusionView {
    /// The entry.
    pub entry_id: JournalEntryId,
    /// Its index.
    #[schema(example = 17)]
    pub index: u64,
    /// Its leaf hash, base64.
    #[schema(example = "uMbm…=")]
    pub leaf_hash: String,
    /// The proof from the leaf up, base64 (RFC 6962, section 2.1.1).
    #[schema(max_items = 64, example = json!(["uMbm…="]))]
    pub hashes: Vec<String>,
    /// The checkpoint that it leads to.
    pub checkpoint: CheckpointView,
}

/// That a later tree begins with an earlier one.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ConsistencyView {
    /// Size of the earlier tree.
    #[schema(example = 1000)]
    pub from: u64,
    /// The proof, base64 (RFC 6962, section 2.1.2).
    #[schema(max_items = 128, example = json!(["uMbm…="]))]
    pub hashes: Vec<String>,
    /// The checkpoint that it leads to.
    pub checkpoint: CheckpointView,
}

fn encoded(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash)).collect()
}

/// The latest checkpoint, for those who may read it.
fn latest(db: &mut Db, viewer: &Viewer, rhythm: Rhythm) -> Result<CheckpointRow> {
    admitted(viewer, rhythm)?;
    sequencer::latest(db)?.ok_or_else(|| NOT_SEQUENCED.error())
}

fn size_of(row: &CheckpointRow) -> Result<u64> {
    u64::try_from(row.size).map_err(|_| Error::internal("a checkpoint of a negative size"))
}

/// Read the latest checkpoint
///
/// Size and root of the journal's Merkle tree as a C2SP signed note, with the key that verifies it and the cosignatures of witnesses. Keep it: a later one
/// must be consistent. Where the journal has a cadence, it needs no account.
#[utoipa::path(tag = "journal", responses((status = 200, description = "The checkpoint", body = CheckpointView)),
    extensions(("x-action" = json!(policy::READ.name)), ("x-problems" = json!(["not_sequenced"]))), security(("bearer" = [])))]
#[get("/journal/checkpoint")]
async fn get_checkpoint(call: Call, key: web::Data<JournalKey>, rhythm: web::Data<Rhythm>) -> Answer {
    let key = Arc::clone(&key);
    people::query(call, move |snapshot, viewer| {
        let head = latest(snapshot, viewer, **rhythm)?;
        Reply::ok(&CheckpointView::new(snapshot, head, &key.verifier())?)
    })
    .await
}

/// List the signing keys
///
/// Of checkpoints, of receipts or of access tokens. Each key but the first is announced by an entry of the journal that the key before it signed. The receipts'
/// keys are for everybody, the others need no account where the journal has a cadence.
#[utoipa::path(tag = "journal", params(WhichKeys), responses((status = 200, description = "The keys", body = JournalKeys)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/journal/keys")]
async fn list_journal_keys(
    call: Call,
    params: Params<WhichKeys>,
    key: web::Data<JournalKey>,
    receipts: web::Data<Held<ReceiptKey>>,
    mint: web::Data<Mint>,
    rhythm: web::Data<Rhythm>,
) -> Answer {
    let held = move |of: KeyOf| match of {
        KeyOf::Journal => key.verifier(),
        KeyOf::Receipts => receipts.get().verifier(),
        KeyOf::Tokens => mint.verifier(),
    };
    let asked = params.get().map(|asked| asked.of.unwrap_or(KeyOf::Journal));
    people::query(call, move |snapshot, viewer| {
        let told = admitted(viewer, **rhythm);
        // Bidders find the keys of their receipts; where they are announced would tell how the journal grows.
        let indexed = told.is_ok();
        if !matches!(asked, Ok(KeyOf::Receipts)) {
            told?;
        }
        let of = asked?;
        let rotations = sequencer::rotations(snapshot, of)?;
        let first = rotations.first().map_or_else(|| held(of), |rotation| rotation.from.clone());
        let mut items =
            vec![JournalKeyView { verifier_key: first, announced_at: None, until: None, signed_by_old: None, signed_by_new: None }];
        items.extend(rotations.into_iter().map(|rotation| JournalKeyView {
            verifier_key: rotation.to,
            announced_at: rotation.index.filter(|_| indexed),
            until: rotation.until,
            signed_by_old: Some(rotation.signed_by_old),
            signed_by_new: Some(rotation.signed_by_new),
        }));
        Reply::ok(&JournalKeys { items })
    })
    .await
}

/// Prove that an entry is in the journal
///
/// The entry's leaf, its index, and the path to the root of the latest checkpoint. The ids are those of the case file.
#[utoipa::path(tag = "journal", params(("entry_id" = JournalEntryId, Path, description = "The entry")),
    responses((status = 200, description = "The proof", body = InclusionView)),
    extensions(("x-action" = json!(policy::READ.name)), ("x-problems" = json!(["not_sequenced"]))), security(("bearer" = [])))]
#[get("/journal/entries/{entry_id}/proof")]
async fn get_inclusion(call: Call, id: Id<JournalEntryId>, key: web::Data<JournalKey>) -> Answer {
    let key = Arc::clone(&key);
    people::query(call, move |snapshot, viewer| {
        let tenant = viewer.person()?.tenant;
        let (leaf, index) = sequencer::place_of(snapshot, tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let head = latest(snapshot, viewer, Rhythm(None))?;
        let index = index.ok_or_else(|| NOT_SEQUENCED.error())?;
        let hashes = encoded(&sequencer::inclusion(snapshot, index, size_of(&head)?)?);
        let checkpoint = CheckpointView::new(snapshot, head, &key.verifier())?;
        Reply::ok(&InclusionView { entry_id: id.0, index, leaf_hash: STANDARD.encode(leaf), hashes, checkpoint })
    })
    .await
}

/// Which earlier tree.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Earlier {
    /// Size of the tree of a checkpoint that you kept.
    #[param(minimum = 0, maximum = 9_000_000_000_000_000_i64, example = 1000)]
    from: u64,
}

/// Prove that the journal only grew
///
/// The path that shows that the latest tree begins with the tree of an earlier checkpoint. Where the journal has a cadence, it needs no account.
#[utoipa::path(tag = "journal", params(Earlier), responses((status = 200, description = "The proof", body = ConsistencyView)),
    extensions(("x-action" = json!(policy::READ.name)), ("x-problems" = json!(["not_sequenced"]))), security(("bearer" = [])))]
#[get("/journal/consistency")]
async fn get_consistency(call: Call, params: Params<Earlier>, key: web::Data<JournalKey>, rhythm: web::Data<Rhythm>) -> Answer {
    let key = Arc::clone(&key);
    people::query(call, move |snapshot, viewer| {
        let head = latest(snapshot, viewer, **rhythm)?;
        let (from, size) = (params.get()?.from, size_of(&head)?);
        if from > size {
            return Err(Error::field("from", words!("日志现有 {size} 条", "the journal has {size} entries")));
        }
        let hashes = encoded(&sequencer::consistency(snapshot, from, size)?);
        Reply::ok(&ConsistencyView { from, hashes, checkpoint: CheckpointView::new(snapshot, head, &key.verifier())? })
    })
    .await
}
