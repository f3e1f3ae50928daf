//! The public record of an opening.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::sessions::{self, RemarkKind};
use super::{service, store};
use crate::db::Db;
use crate::kernel::id::{BidId, LotId, OrganisationId, RemarkId, TenderId};
use crate::kernel::{Money, Result, UtcInstant, error};
use crate::parties::organisations;
use crate::people::accounts;
use crate::procurement::bids::signatures::{self, BidSignatureView};
use crate::procurement::bids::{self, BidState, SealedBy, consortium};
use crate::procurement::openers::closings;
use crate::procurement::openers::model::OpenedWith;
use crate::procurement::tenders::{self, LotState, TenderRow};
use crate::trust::keychain::KeyOf;
use crate::trust::{journal, sequencer};

/// The opening record of a tender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpeningView {
    /// Tender.
    pub tender_id: TenderId,
    /// When its bids were opened.
    pub opened_at: UtcInstant,
    /// Who opened.
    #[schema(example = "开标员")]
    pub opened_by_name: String,
    /// Whose keys opened the bids.
    pub opened_with: OpenedWith,
    /// When the openers were given up; null where they were not. They may have come after all.
    pub openers_given_up_at: Option<UtcInstant>,
    /// When the session ended; null while bidders may still remark.
    pub closed_at: Option<UtcInstant>,
    /// What bidders said of the record.
    #[schema(max_items = 1000)]
    pub remarks: Vec<RemarkView>,
    /// The smallest checkpoint of the journal over the entry of this opening: it commits to every bid that came, and never changes. Null while the entry awaits
    /// its place.
    pub checkpoint: Option<RecordCheckpoint>,
    /// Why there is no checkpoint.
    pub checkpoint_pending: Option<CheckpointPending>,
    /// Lots.
    #[schema(max_items = 100)]
    pub lots: Vec<OpenedLotView>,
}

crate::text_enum! {
    /// Why an opening record has no checkpoint yet.
    pub enum CheckpointPending {
        /// The journal integrates its entries every few seconds, or with its cadence; ask again.
        AwaitsIntegration = "awaits_integration",
    }
}

/// The checkpoint of an opening record.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecordCheckpoint {
    /// Leaves of the journal's tree.
    #[schema(example = 1204)]
    pub size: i64,
    /// Its root, base64.
    #[schema(example = "uMbm…=")]
    pub root: String,
    /// The C2SP signed note, byte by byte as it was signed.
    #[schema(example = "baiyi/330502\n1204\nuMbm…=\n\n— baiyi/330502 x09…=\n")]
    pub note: String,
    /// The verifier key (vkey) of the note.
    #[schema(example = "baiyi/330502+c74f20a3+ARpc…")]
    pub verifier_key: String,
}

/// The smallest checkpoint over the entry of an opening.
fn checkpoint(db: &mut Db, tender: &TenderRow, own: &str) -> Result<Option<RecordCheckpoint>> {
    let entry = journal::evidence(db, tender.tenant_id, "tender.opened", tender.id.any())?;
    let Some(index) = entry.and_then(|entry| entry.index).and_then(|index| u64::try_from(index).ok()) else { return Ok(None) };
    let Some(row) = sequencer::covering(db, index)? else { return Ok(None) };
    let (keys, _) = sequencer::chain(db, KeyOf::Journal, own)?;
    let verifier_key = keys.at(u64::try_from(row.size).unwrap_or_default()).to_owned();
    Ok(Some(RecordCheckpoint { size: row.size, root: STANDARD.encode(&row.root), note: row.note, verifier_key }))
}

/// What a bidder said of the record.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RemarkView {
    /// Id.
    pub id: RemarkId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// What it says.
    pub kind: RemarkKind,
    /// The objection.
    #[schema(example = "开启记录中的报价与我方提交的不一致。")]
    pub text: Option<String>,
    /// When.
    pub made_at: UtcInstant,
}

impl From<sessions::RemarkRow> for RemarkView {
    fn from(row: sessions::RemarkRow) -> Self {
        Self { id: row.id, organisation_id: row.organisation_id, kind: row.kind, text: row.text, made_at: row.made_at }
    }
}

/// A lot of an opening record.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpenedLotView {
    /// Lot.
    pub lot_id: LotId,
    /// Where it stands.
    pub state: LotState,
    /// Why it goes on although few bids came.
    #[schema(example = "仅一家机构具备助浴资质，需求已公告两次。")]
    pub reason_for_few: Option<String>,
    /// Bids; empty when too few came, because then nothing is opened.
    #[schema(max_items = 1000)]
    pub bids: Vec<OpenedBidView>,
}

/// A bid of an opening record.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpenedBidView {
    /// Bid.
    pub bid_id: BidId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// Its name.
    #[schema(example = "吴兴区夕阳红社会工作服务中心")]
    pub organisation_name_zh: String,
    /// The other members of its consortium.
    #[schema(max_items = 10)]
    pub members: Vec<OrganisationId>,
    /// Where it stands.
    pub state: BidState,
    /// Why it is invalid.
    #[schema(example = "over_ceiling")]
    pub invalid_because: Option<String>,
    /// Price; null when the bid could not be read.
    pub price: Option<Money>,
    /// Who sealed it.
    pub sealed_by: SealedBy,
    /// When it came.
    pub received_at: UtcInstant,
    /// Whether its organisation signed it.
    #[schema(example = true)]
    pub signed: bool,
    /// The signature with all that checks it; null of an unsigned bid.
    pub signature: Option<BidSignatureView>,
    /// SHA-256 of the ciphertext, as on the receipt.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub ciphertext_sha256: String,
}

/// The record of a tender whose bids are opened; `own` is the verifier key of the journal that the process holds.
pub fn view(db: &mut Db, tender: &TenderRow, own: &str) -> Result<OpeningView> {
    let opened_at = tender.opened_at.ok_or_else(|| error::NOT_FOUND.error())?;
    let lots = tenders::store::lots_of(db, tender.id)?;
    let opened = store::of_lots(db, &service::lot_ids(&lots))?;
    let session = sessions::of_tender(db, tender.id)?;
    let reasons = sessions::reasons(db, tender.id)?;
    let mut views = Vec::new();
    for lot in lots {
        let mut rows = Vec::new();
        for bid in bids::store::of_lot(db, lot.id, BidState::OPENED)? {
            let organisation = organisations::find(db, tender.tenant_id, bid.organisation_id)?;
            let signature = signatures::of_bid(db, bid.id)?;
            rows.push(OpenedBidView {
                signed: signature.is_some(),
                signature,
                members: consortium::of_bid(db, bid.id)?,
                price: opened.iter().find(|row| row.bid_id == bid.id).map(|row| row.price_fen.into()),
                bid_id: bid.id,
                organisation_id: bid.organisation_id,
                organisation_name_zh: organisation.map(|o| o.name_zh).unwrap_or_default(),
                state: bid.state,
                invalid_because: bid.invalid_because,
                sealed_by: bid.sealed_by,
                received_at: bid.received_at,
                ciphertext_sha256: bid.ciphertext_sha256,
            });
        }
        let reason_for_few = reasons.iter().find(|(of, _)| *of == lot.id).map(|(_, reason)| reason.clone());
        views.push(OpenedLotView { lot_id: lot.id, state: lot.state, reason_for_few, bids: rows });
    }
    let opener = match &session {
        Some(session) => accounts::store::find(db, tender.tenant_id, session.opened_by)?,
        None => None,
    };
    let checkpoint = checkpoint(db, tender, own)?;
    Ok(OpeningView {
        tender_id: tender.id,
        opened_at,
        opened_by_name: opener.map(|account| account.name).unwrap_or_default(),
        opened_with: closings::opened_with(db, tender.id)?,
        openers_given_up_at: closings::given_up_at(db, tender.id)?,
        closed_at: session.and_then(|session| session.closed_at),
        remarks: sessions::remarks(db, tender.id)?.into_iter().map(RemarkView::from).collect(),
        checkpoint_pending: checkpoint.is_none().then_some(CheckpointPending::AwaitsIntegration),
        checkpoint,
        lots: views,
    })
}
