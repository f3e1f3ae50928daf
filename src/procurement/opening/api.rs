//! The opening over HTTP, and its public record.

use std::sync::Arc;

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::sessions::RemarkKind;
use super::{closing, closing_api, files, policy, rules, service, sessions, sessions_api, store};
use crate::db::Db;
use crate::kernel::id::{BidId, LotId, OrganisationId, RemarkId, TenderId};
use crate::kernel::{Error, Money, Result, UtcInstant, error};
use crate::parties::organisations;
use crate::people::{self, accounts};
use crate::procurement::bids::signatures::{self, BidSignatureView};
use crate::procurement::bids::{self, BidState, SealedBy, consortium, reveals};
use crate::procurement::openers::closings;
use crate::procurement::tenders::{self, LotState, TenderRow};
use crate::trust::documents::DocumentStore;
use crate::trust::sealing::{BidKey, SealingKey};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(open_tender).service(get_opening);
    config.configure(sessions_api::routes).configure(closing_api::routes);
}

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
    /// When the session ended; null while bidders may still remark.
    pub closed_at: Option<UtcInstant>,
    /// What bidders said of the record.
    #[schema(max_items = 1000)]
    pub remarks: Vec<RemarkView>,
    /// Lots.
    #[schema(max_items = 100)]
    pub lots: Vec<OpenedLotView>,
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

pub(super) fn view(db: &mut Db, tender: &TenderRow) -> Result<OpeningView> {
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
    Ok(OpeningView {
        tender_id: tender.id,
        opened_at,
        opened_by_name: opener.map(|account| account.name).unwrap_or_default(),
        closed_at: session.and_then(|session| session.closed_at),
        remarks: sessions::remarks(db, tender.id)?.into_iter().map(RemarkView::from).collect(),
        lots: views,
    })
}

/// What the opener says.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reasons": []}))]
pub struct OpenTender {
    /// Why lots go on although few bids came, where the procedure asks for a reason.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub reasons: Vec<ReasonForFew>,
}

/// Why a lot goes on although few bids came.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonForFew {
    /// Lot.
    pub lot_id: LotId,
    /// The reason; it is published.
    #[schema(min_length = 5, max_length = 1000, example = "仅一家机构具备助浴资质，需求已公告两次。")]
    pub reason: String,
}

/// Open the bids
///
/// No sooner than ten seconds after the deadline, by whom the procedure names. A lot with fewer bids than its procedure needs fails unopened;
/// otherwise every bid and its files are decrypted, checked for their binding and the price, held against each other and against the
/// bidder's standing on the day, and recorded. Where openers hold the key, the bids must be those of the closing and enough openers must have
/// contributed.
#[utoipa::path(tag = "opening", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = OpenTender,
    responses((status = 200, description = "The record", body = OpeningView)),
    extensions(("x-action" = json!(policy::OPEN.name)),
        ("x-problems" = json!(["opening_too_early", "already_opened", "bids_changed", "sealing_key_changed", "reason_for_few_bids_missing",
            "not_closed", "contributions_missing", "reveals_missing", "closing_differs"]))),
    security(("bearer" = [])))]
#[post("/tenders/{tender_id}/opening")]
async fn open_tender(
    call: Call,
    id: Id<TenderId>,
    key: web::Data<SealingKey>,
    store: web::Data<DocumentStore>,
    body: Body<OpenTender>,
) -> Answer {
    let tender = id.0;
    let (reading, now) = (call.clone(), call.desk.clock.now());
    let prepared = call
        .desk
        .db
        .read(move |snapshot| {
            let actor = people::actor::identify(snapshot, &reading)?;
            let granted = service::may_open(snapshot, &actor, &policy::OPEN, tender)?;
            let row = granted.subject();
            // Before its time nothing is even read; the command below refuses in its turn.
            if service::check_time(row, now).is_err() {
                return Ok(None);
            }
            let opening = match closings::gathered(snapshot, row.id)? {
                None => None,
                Some(gathered) => Some(reveals::opening(snapshot, row.id, gathered, Some(now))?),
            };
            Ok(Some((service::sealed_lots(snapshot, row)?, service::min_suppliers(snapshot, row)?, opening)))
        })
        .await?;
    let key: Arc<SealingKey> = key.into_inner();
    let judged = match prepared {
        None => service::Judged::new(),
        Some((sealed, least, opening)) => {
            let lost = |e: tokio::task::JoinError| Error::internal(format!("decryption: {e}"));
            let opens = match opening {
                None => BidKey::Server(key.clone()),
                Some(opening) => {
                    closing::require_same(&opening.closing()?, &sealed)?;
                    tokio::task::spawn_blocking(move || opening.key()).await.map_err(lost)??
                }
            };
            service::check_key(&sealed, &opens)?;
            let found = files::examine(&service::to_open(&sealed, least), &store, &opens, &key).await?;
            tokio::task::spawn_blocking(move || service::decrypt(&sealed, least, &found, &opens)).await.map_err(lost)?
        }
    };
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_open(tx, actor, &policy::OPEN, tender),
        move |tx, granted| {
            let mut reasons = service::Reasons::new();
            for (index, one) in body.get()?.reasons.iter().enumerate() {
                rules::check_reason(&one.reason, index)?;
                reasons.insert(one.lot_id, one.reason.clone());
            }
            let row = service::open(tx, &granted, &judged, &reasons)?;
            let version = row.version;
            Ok(Reply::ok(&view(tx, &row)?)?.tagged(version))
        },
    )
    .await
}

/// Read the opening record
///
/// Public once the bids are opened: bidders, prices, validity, who opened, what bidders said of it.
#[utoipa::path(tag = "opening", params(("tender_id" = TenderId, Path, description = "The tender")), responses((status = 200, description = "The record", body = OpeningView)))]
#[get("/tenders/{tender_id}/opening")]
async fn get_opening(call: Call, id: Id<TenderId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let tender = tenders::store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        // While the session lasts, remarks come in.
        let shown = view(snapshot, &tender)?;
        let seconds = if shown.closed_at.is_some() { 60 } else { 5 };
        Ok(Reply::ok(&shown)?.public(seconds))
    })
    .await
}
