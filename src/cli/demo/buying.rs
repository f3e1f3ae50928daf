//! Steps of the demo from the draft of a tender to the opening of its bids.

use super::drive::{Made, Scene, missing, need};
use super::planning::procedure;
use super::scans;
use super::ways::{Route, Step};
use crate::kernel::id::{LotId, TenderId};
use crate::kernel::{BasisPoints, Error, Fen, Money, Result};
use crate::money::funding::model::NewLine;
use crate::people::actor;
use crate::procurement::bids::service::Received;
use crate::procurement::bids::{self, BidState, SealedBy, offer::PlainOffer};
use crate::procurement::opening;
use crate::procurement::plans::model::Mode;
use crate::procurement::sourcing::service::{self as sourcing, FromPlan};
use crate::procurement::tenders::model::{NewCriterion, NewLot, NewTender};
use crate::procurement::tenders::papers::{self, TenderPaper};
use crate::procurement::tenders::{self, CriterionKind, Publication, Solicitation};
use crate::trust::documents::DocumentStore;

/// Drafts the tender: out of its plan where there is one, in a case of its own otherwise.
pub async fn draft(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let (case, direct) = (scene.case, scene.case.route == Route::Direct);
    let share =
        |name: &str, kind, bp| NewCriterion { name: name.to_owned(), kind, weight: BasisPoints::new(bp).unwrap_or(BasisPoints::WHOLE) };
    let criteria = match case.route {
        Route::Direct | Route::Quotes => Vec::new(),
        Route::OpenTender => vec![
            share("服务方案", CriterionKind::Quality, 6_000),
            share("团队与业绩", CriterionKind::Quality, 2_500),
            share("报价", CriterionKind::Price, 1_500),
        ],
        _ => vec![share("服务方案", CriterionKind::Quality, 8_000), share("报价", CriterionKind::Price, 2_000)],
    };
    let lines =
        case.shares().into_iter().map(|(stream, amount)| Ok(NewLine { fund: Some(scene.fund(stream)?), stream, year: case.year, amount }));
    let lot = NewLot { title: scene.subject().to_owned(), ceiling: case.ceiling, funding: lines.collect::<Result<_>>()?, criteria };
    let new = NewTender {
        catalogue_item: scene.item()?,
        fund: None,
        title: scene.title(),
        description: scene.need(),
        mode: Mode::ContractingOut,
        procedure: procedure(case.route),
        solicitation: (case.route == Route::Quotes).then_some(Solicitation::Public),
        procedure_reason: direct.then(|| "金额较小，经集体研究直接委托。".to_owned()),
        named_organisation: if direct { Some(scene.supplier(0)?.id) } else { None },
        plain_offers: true,
        lots: vec![lot],
    };
    let plan = made.plan;
    let file = scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| match plan {
            None => {
                let granted = tenders::service::may_create(actor)?;
                tenders::service::create(tx, &granted, &new)
            }
            Some(plan) => {
                let granted = sourcing::may_tender(tx, actor, plan)?;
                sourcing::tender(tx, granted, &out_of_plan(&new)).map(|(file, _)| file)
            }
        })
        .await?;
    made.tender = Some(file.tender.id);
    made.lot = file.lots.first().map(|lot| lot.id);
    Ok(())
}

/// What is said of a tender whose title, need and procedure are the plan's.
fn out_of_plan(new: &NewTender) -> FromPlan {
    FromPlan {
        fund: None,
        item: None,
        title: None,
        description: None,
        procedure: None,
        solicitation: new.solicitation,
        procedure_reason: new.procedure_reason.clone(),
        named_organisation: new.named_organisation,
        plain_offers: new.plain_offers,
        lots: new.lots.clone(),
        criteria: Vec::new(),
    }
}

/// Takes the tender a step further.
pub async fn tender(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    use tenders::{policy, service};
    let (id, buyer) = (need(made.tender, "a tender")?, scene.buyer);
    let by = if matches!(step, Step::Approve | Step::SendBack) { scene.cast.finance } else { buyer.purchaser };
    if step == Step::Submit && scene.case.route == Route::Selection {
        minutes(scene, id).await?;
    }
    let publication = Publication { bid_deadline: scene.case.route.competes().then_some(scene.case.deadline), publicity_until: None };
    scene
        .stage
        .act(by, move |tx, actor| match step {
            Step::Submit => {
                let granted = service::may(tx, actor, &policy::SUBMIT, id)?;
                service::submit(tx, &granted).map(drop)
            }
            Step::SendBack => {
                let granted = service::may(tx, actor, &policy::RETURN, id)?;
                service::send_back(tx, &granted, "请补充服务人数的测算依据").map(drop)
            }
            Step::Approve => {
                let granted = service::may(tx, actor, &policy::APPROVE, id)?;
                service::approve(tx, &granted).map(drop)
            }
            Step::Cancel => {
                let granted = service::may(tx, actor, &policy::CANCEL, id)?;
                service::cancel(tx, &granted, "需求并入区级项目统一实施").map(drop)
            }
            _ => {
                let granted = service::may(tx, actor, &policy::PUBLISH, id)?;
                service::publish(tx, &granted, &publication).map(drop)
            }
        })
        .await
}

/// The minutes of the collective decision that a selection needs.
async fn minutes(scene: &Scene<'_>, id: TenderId) -> Result<()> {
    let file = scans::scan(scene, &format!("Minutes of the collective decision, case {}", scene.case.number)).await?;
    scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = tenders::service::may(tx, actor, &tenders::policy::ATTACH, id)?;
            papers::attach(tx, &granted, TenderPaper::Minutes, "主任办公会议纪要.pdf", &file).map(drop)
        })
        .await
}

/// What the bidder at a place asks for: as planned, a hundredth less in another bid, or more than the highest price.
fn price(scene: &Scene<'_>, step: Step, place: usize) -> Result<Fen> {
    let planned = scene.case.prices.get(place).ok_or_else(|| missing("a price"))?;
    Ok(match step {
        Step::Overbid(_) => Fen::new(scene.case.ceiling.get().saturating_add(100_000)),
        Step::Replace(_) => Fen::new(planned.get().checked_div(10_000).unwrap_or(0).saturating_mul(9_900)),
        _ => *planned,
    })
}

/// A bid: sealed with the server's key before the transaction, as a plain offer is.
pub async fn bid(scene: &Scene<'_>, made: &Made, step: Step, place: usize) -> Result<()> {
    let (lot, account, at) = (need(made.lot, "a lot")?, scene.supplier(place)?.account, scene.at);
    let bound = scene
        .stage
        .db
        .read(move |snapshot| {
            let actor = actor::of_account(snapshot, account)?;
            let granted = bids::service::may(snapshot, &actor, &bids::policy::SUBMIT, lot)?;
            bids::service::bound(snapshot, granted.subject())
        })
        .await?;
    let staff =
        scene.pick(&["配备持证社工两名", "配备持证社工三名与康复师一名", "配备项目主管一名、助老员六名", "配备心理咨询师一名与志愿者队伍"]);
    let offer = PlainOffer {
        price: Money::from(price(scene, step, place)?),
        text: format!("{staff}，按需求书提供{}服务，每月回访并公示台账。", scene.subject()),
        subcontracting: None,
        declarations: Vec::new(),
    };
    let received = Received {
        sealed_by: SealedBy::Server,
        recipient: scene.key.recipient(),
        sequence: bound.sequence,
        ciphertext: offer.seal(&bound, Vec::new(), &scene.key.seals())?,
        attachments: Vec::new(),
        members: bound.members,
        signature: None,
        recovery: false,
        at,
    };
    scene
        .stage
        .act(account, move |tx, actor| {
            let granted = bids::service::may(tx, actor, &bids::policy::SUBMIT, lot)?;
            bids::service::submit(tx, &granted, &received).map(drop)
        })
        .await
}

/// The bidder at a place takes its bid back.
pub async fn withdraw(scene: &Scene<'_>, made: &Made, place: usize) -> Result<()> {
    let (lot, bidder): (LotId, _) = (need(made.lot, "a lot")?, scene.supplier(place)?);
    scene
        .stage
        .act(bidder.account, move |tx, actor| {
            let own = bids::store::of_bidder(tx, lot, bidder.id)?;
            let standing = own.into_iter().find(|bid| bid.state == BidState::Sealed).ok_or_else(|| missing("a bid"))?;
            let granted = bids::service::may_withdraw(tx, actor, standing.id)?;
            bids::service::withdraw(tx, &granted, None).map(drop)
        })
        .await
}

/// The server closes the tender, as the runner does.
async fn close(scene: &Scene<'_>, id: TenderId, documents: &DocumentStore) -> Result<()> {
    use opening::closing;
    let (at, tenant, of_server) = (scene.at, scene.stage.tenant, scene.key.recipient());
    let drafted = scene
        .stage
        .db
        .read(move |snapshot| {
            let tender = tenders::store::find(snapshot, tenant, id)?.ok_or_else(|| missing("a tender"))?;
            let draft = closing::draft(snapshot, &tender, at, &of_server)?.ok_or_else(|| missing("a closing"))?;
            Ok((tender, draft))
        })
        .await?;
    let (tender, draft) = drafted;
    let gathered = closing::gather(draft, documents).await?;
    scene.stage.step(None, move |tx, _| closing::publish_due(tx, &tender, &gathered).map(drop)).await
}

/// Opens the bids: decrypted before the transaction that records them.
pub async fn open(scene: &Scene<'_>, made: &Made) -> Result<()> {
    use crate::procurement::openers::model::OpenedWith;
    use opening::service;
    let (id, opener) = (need(made.tender, "a tender")?, scene.cast.opener);
    close(scene, id, need(scene.stage.documents.as_ref(), "a place for documents")?).await?;
    let (sealed, least) = scene
        .stage
        .db
        .read(move |snapshot| {
            let actor = actor::of_account(snapshot, opener)?;
            let granted = service::may_open(snapshot, &actor, &opening::policy::OPEN, id)?;
            let tender = granted.subject();
            Ok((service::sealed_lots(snapshot, tender)?, tenders::service::least_bids(snapshot, tender)?))
        })
        .await?;
    service::check_key(&sealed, scene.key)?;
    let judged = service::decrypt(&sealed, least, &opening::files::Found::new(), scene.key, None);
    if judged.is_empty() && sealed.is_empty() {
        return Err(Error::internal("nothing to open"));
    }
    scene
        .stage
        .act(opener, move |tx, actor| {
            let granted = service::may_open(tx, actor, &opening::policy::OPEN, id)?;
            service::open(tx, &granted, &judged, OpenedWith::Server, &service::Reasons::new()).map(drop)
        })
        .await
}
