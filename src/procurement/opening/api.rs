//! The opening over HTTP, and its public record.

use std::sync::Arc;

use actix_web::{get, post, web};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{policy, service, store};
use crate::db::Db;
use crate::kernel::id::{BidId, LotId, OrganisationId, TenderId};
use crate::kernel::{Error, Money, Result, UtcInstant, error};
use crate::parties::organisations;
use crate::people;
use crate::procurement::bids::{self, BidState, SealedBy};
use crate::procurement::tenders::{self, LotState, TenderRow};
use crate::trust::sealing::SealingKey;
use crate::web::{Answer, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(open_tender).service(get_opening);
}

/// The opening record of a tender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpeningView {
    /// Tender.
    pub tender_id: TenderId,
    /// When its bids were opened.
    pub opened_at: UtcInstant,
    /// Lots.
    #[schema(max_items = 100)]
    pub lots: Vec<OpenedLotView>,
}

/// A lot of an opening record.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpenedLotView {
    /// Lot.
    pub lot_id: LotId,
    /// Where it stands.
    pub state: LotState,
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
    /// SHA-256 of the ciphertext, as on the receipt.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub ciphertext_sha256: String,
}

fn view(db: &mut Db, tender: &TenderRow) -> Result<OpeningView> {
    let opened_at = tender.opened_at.ok_or_else(|| error::NOT_FOUND.error())?;
    let lots = tenders::store::lots_of(db, tender.id)?;
    let opened = store::of_lots(db, &service::lot_ids(&lots))?;
    let shown = [BidState::Valid, BidState::Invalid, BidState::Ranked, BidState::Won, BidState::Lost];
    let mut views = Vec::new();
    for lot in lots {
        let mut rows = Vec::new();
        for bid in bids::store::of_lot(db, lot.id, &shown)? {
            let organisation = organisations::find(db, tender.tenant_id, bid.organisation_id)?;
            rows.push(OpenedBidView {
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
        views.push(OpenedLotView { lot_id: lot.id, state: lot.state, bids: rows });
    }
    Ok(OpeningView { tender_id: tender.id, opened_at, lots: views })
}

/// Open the bids
///
/// No sooner than ten seconds after the deadline. A lot with fewer bids than its procedure needs fails unopened; otherwise every bid is
/// decrypted, checked for its binding and its price, and recorded.
#[utoipa::path(tag = "opening", params(("tender_id" = TenderId, Path, description = "The tender")), responses((status = 200, description = "The record", body = OpeningView)),
    extensions(("x-action" = json!(policy::OPEN.name)), ("x-problems" = json!(["opening_too_early", "already_opened", "bids_changed", "sealing_key_changed"]))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/opening")]
async fn open_tender(call: Call, id: Id<TenderId>, key: web::Data<SealingKey>) -> Answer {
    let tender = id.0;
    let (reading, now) = (call.clone(), call.desk.clock.now());
    let prepared = call
        .desk
        .db
        .read(move |snapshot| {
            let actor = people::actor::identify(snapshot, &reading)?;
            let granted = service::may_open(snapshot, &actor, tender)?;
            let row = granted.subject();
            // Before its time nothing is even read; the command below refuses in its turn.
            if service::check_time(row, now).is_err() {
                return Ok(None);
            }
            Ok(Some((service::sealed_lots(snapshot, row)?, service::min_suppliers(snapshot, row)?)))
        })
        .await?;
    let key: Arc<SealingKey> = key.into_inner();
    let judged = match prepared {
        None => service::Judged::new(),
        Some((sealed, least)) => {
            service::check_key(&sealed, &key)?;
            tokio::task::spawn_blocking(move || service::decrypt(&sealed, least, &key))
                .await
                .map_err(|e| Error::internal(format!("decryption: {e}")))?
        }
    };
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_open(tx, actor, tender),
        move |tx, granted| {
            let row = service::open(tx, &granted, &judged)?;
            let version = row.version;
            Ok(Reply::ok(&view(tx, &row)?)?.tagged(version))
        },
    )
    .await
}

/// Read the opening record
///
/// Public once the bids are opened: bidders, prices, validity.
#[utoipa::path(tag = "opening", params(("tender_id" = TenderId, Path, description = "The tender")), responses((status = 200, description = "The record", body = OpeningView)))]
#[get("/tenders/{tender_id}/opening")]
async fn get_opening(call: Call, id: Id<TenderId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let tender = tenders::store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        Ok(Reply::ok(&view(snapshot, &tender)?)?.public(60))
    })
    .await
}
