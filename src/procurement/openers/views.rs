//! Keys, ceremonies, custody and closings as the API shows them.

use serde::Serialize;

use super::ceremonies::relayed;
use super::model::{
    CeremonyFile, CeremonyState, ClosingRow, ContributionRow, ContributionState, MemberRow, OpenerKeyRow, OpenerKeyState, narrow,
};
use super::store;
use crate::db::Db;
use crate::kernel::id::{AccountId, CeremonyId, JournalEntryId, OpenerKeyId, TenderId, UnitId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::trust::quorum::journal::Proof;
use crate::trust::quorum::messages::{FirstPackage, SealedShare};

/// An opener's key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpenerKeyView {
    /// Id.
    pub id: OpenerKeyId,
    /// Whose.
    pub account_id: AccountId,
    /// Ed25519 public key, hex.
    #[schema(example = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")]
    pub signing_key: String,
    /// age recipient.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
    pub recipient: String,
    /// What people compare by another way than this server.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015")]
    pub fingerprint: String,
    /// State.
    pub state: OpenerKeyState,
    /// Who confirmed or revoked it.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was registered.
    pub created_at: UtcInstant,
}

impl From<OpenerKeyRow> for OpenerKeyView {
    fn from(row: OpenerKeyRow) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            signing_key: row.signing_key,
            recipient: row.recipient,
            fingerprint: row.fingerprint,
            state: row.state,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// An opener in a ceremony.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CeremonySeatView {
    /// Position, from 1.
    #[schema(example = 1)]
    pub position: u16,
    /// Account.
    pub account_id: AccountId,
    /// The public body it belongs to.
    pub unit_id: UnitId,
    /// Name.
    #[schema(example = "开标员甲")]
    pub name: String,
    /// Ed25519 public key, hex.
    #[schema(example = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")]
    pub signing_key: String,
    /// age recipient.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
    pub recipient: String,
    /// What people compare by another way than this server.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015")]
    pub fingerprint: String,
    /// Its first package.
    pub round1: Option<FirstPackage>,
    /// Its signature of the transcript, base64.
    #[schema(example = "x09…==")]
    pub transcript_signature: Option<String>,
    /// Whether it is called only when others stay away.
    pub reserve: bool,
}

fn seat(row: &MemberRow) -> Result<CeremonySeatView> {
    let named = row.named()?;
    let round1 = row.package.clone().zip(row.package_signature.clone()).map(|(package, signature)| FirstPackage { package, signature });
    Ok(CeremonySeatView {
        reserve: row.reserve,
        fingerprint: named.fingerprint(),
        position: named.position,
        account_id: named.account_id,
        unit_id: named.unit_id,
        name: named.name,
        signing_key: named.signing_key,
        recipient: named.recipient,
        round1,
        transcript_signature: row.transcript_signature.clone(),
    })
}

/// A ceremony: what the server relays between openers' programs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CeremonyView {
    /// Id.
    pub id: CeremonyId,
    /// Tender.
    pub tender_id: TenderId,
    /// State.
    pub state: CeremonyState,
    /// Openers needed to open.
    #[schema(example = 2)]
    pub threshold: u16,
    /// Openers by position.
    #[schema(max_items = 15)]
    pub openers: Vec<CeremonySeatView>,
    /// Sealed shares by sender and receiver.
    #[schema(max_items = 210)]
    pub shares: Vec<SealedShare>,
    /// The recipient that came of it; null until everybody signed.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
    pub recipient: Option<String>,
    /// Why it was given up.
    #[schema(example = "一名开标员调离")]
    pub abandoned_because: Option<String>,
    /// The journal; null while bids come in, because its growth would tell of them.
    pub journal: Option<Proof>,
    /// Version.
    #[schema(example = 4)]
    pub version: i64,
}

/// A ceremony with its sealed shares.
pub fn ceremony(db: &mut Db, file: &CeremonyFile, journal: Option<Proof>) -> Result<CeremonyView> {
    Ok(CeremonyView {
        id: file.row.id,
        tender_id: file.row.tender_id,
        state: file.row.state,
        threshold: file.threshold()?,
        openers: file.members.iter().map(seat).collect::<Result<_>>()?,
        shares: store::shares(db, file.row.id)?.into_iter().map(relayed).collect::<Result<_>>()?,
        recipient: file.row.recipient.clone(),
        abandoned_because: file.row.abandoned_because.clone(),
        journal,
        version: file.row.version,
    })
}

crate::text_enum! {
    /// Who holds the key that opens the bids of a tender.
    pub enum CustodyKind {
        /// The server.
        Server = "server",
        /// Openers together.
        Quorum = "quorum",
    }
}

/// Who holds the key of a tender, with what proves it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CustodyView {
    /// Tender.
    pub tender_id: TenderId,
    /// Who.
    pub custody: CustodyKind,
    /// The recipient that bids are sealed to.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
    pub recipient: String,
    /// Openers needed to open; null when the server holds the key.
    #[schema(example = 2)]
    pub threshold: Option<u16>,
    /// Fewest bids of a lot that is opened.
    #[schema(example = 3)]
    pub least_bids: usize,
    /// Openers with their fingerprints and signatures.
    #[schema(max_items = 15)]
    pub openers: Vec<CeremonySeatView>,
    /// Canonical JSON of what the ceremony is about; the transcript names its SHA-256.
    #[schema(example = "{\"ceremony_id\":…}")]
    pub statement: Option<String>,
    /// Canonical JSON of the transcript that every opener signed.
    #[schema(example = "{\"ceremony\":…}")]
    pub transcript: Option<String>,
}

/// Who holds the key of a tender.
pub fn custody(tender: TenderId, least_bids: usize, file: Option<&CeremonyFile>, of_server: String) -> Result<CustodyView> {
    let complete =
        file.and_then(|file| file.row.recipient.clone().zip(file.row.transcript.clone()).map(|(recipient, text)| (file, recipient, text)));
    let Some((file, recipient, transcript)) = complete else {
        let (custody, recipient) = (CustodyKind::Server, of_server);
        return Ok(CustodyView {
            tender_id: tender,
            custody,
            recipient,
            threshold: None,
            least_bids,
            openers: Vec::new(),
            statement: None,
            transcript: None,
        });
    };
    let statement = serde_json_canonicalizer::to_string(&file.statement()?).map_err(|e| Error::internal(format!("statement: {e}")))?;
    Ok(CustodyView {
        tender_id: tender,
        custody: CustodyKind::Quorum,
        recipient,
        threshold: Some(file.threshold()?),
        least_bids,
        openers: file.members.iter().map(seat).collect::<Result<_>>()?,
        statement: Some(statement),
        transcript: Some(transcript),
    })
}

/// The closing of a tender: the exact set of bids.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ClosingView {
    /// Tender.
    pub tender_id: TenderId,
    /// Root: SHA-256 over format and text, hex.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub root: String,
    /// Canonical JSON of the closing.
    #[schema(example = "{\"ceremony_id\":…}")]
    pub text: String,
    /// The journal's entry that names the root.
    pub entry_id: JournalEntryId,
    /// When it was published.
    pub closed_at: UtcInstant,
    /// Openers needed to open; null where the server holds the key.
    #[schema(example = 2)]
    pub threshold: Option<u16>,
    /// When the reserves were called, because too few contributed in time.
    pub reserves_called_at: Option<UtcInstant>,
    /// When the openers were given up; from then bidders reveal.
    pub lost_at: Option<UtcInstant>,
    /// Why.
    #[schema(example = "两名开标员的密钥已遗失，后备开标员亦无法到场。")]
    pub lost_because: Option<String>,
    /// Who contributed.
    #[schema(max_items = 15)]
    pub contributions: Vec<ContributionView>,
    /// The journal with the entry; null for the public and before there is a checkpoint.
    pub journal: Option<Proof>,
}

/// What an opener contributed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ContributionView {
    /// Position of the opener.
    #[schema(example = 1)]
    pub position: u16,
    /// Its name.
    #[schema(example = "开标员甲")]
    pub name: String,
    /// Whether it is used.
    pub state: ContributionState,
    /// Why not.
    #[schema(example = "opener 2 sent something wrong: the proof for point 0 does not hold")]
    pub wrong_because: Option<String>,
    /// When it came.
    pub contributed_at: UtcInstant,
}

/// A contribution with its opener's name.
pub fn contribution(file: &CeremonyFile, row: ContributionRow) -> Result<ContributionView> {
    let name = file.members.iter().find(|member| member.position == row.position).map(|member| member.name.clone()).unwrap_or_default();
    let position = narrow(row.position)?;
    Ok(ContributionView { position, name, state: row.state, wrong_because: row.wrong_because, contributed_at: row.contributed_at })
}

/// A closing with who contributed to it.
pub fn closing(db: &mut Db, row: ClosingRow, journal: Option<Proof>) -> Result<ClosingView> {
    let file = store::alive(db, row.tender_id)?;
    let contributions = match &file {
        None => Vec::new(),
        Some(file) => store::contributions(db, row.tender_id)?.into_iter().map(|one| contribution(file, one)).collect::<Result<_>>()?,
    };
    Ok(ClosingView {
        tender_id: row.tender_id,
        root: row.root,
        text: row.content,
        entry_id: row.entry_id,
        closed_at: row.closed_at,
        threshold: file.map(|file| file.threshold()).transpose()?,
        reserves_called_at: row.reserves_called_at,
        lost_at: row.lost_at,
        lost_because: row.lost_because,
        contributions,
        journal,
    })
}
