//! Steps of the demo from the draft of a tender to the opening of its bids.

use super::drive::{Made, Scene, missing, need};
use super::plan::Step;
use crate::kernel::id::FundId;
use crate::kernel::{BasisPoints, Error, Money, Result};
use crate::people::actor;
use crate::procurement::bids::service::Received;
use crate::procurement::bids::{self, SealedBy, offer::PlainOffer};
use crate::procurement::opening;
use crate::procurement::plans::model::Mode;
use crate::procurement::tenders::model::{NewCriterion, NewLot, NewTender};
use crate::procurement::tenders::{self, CriterionKind, Procedure, Publication};

/// Drafts the tender.
pub async fn draft(scene: &Scene<'_>, made: &mut Made, fund: FundId) -> Result<()> {
    let (subject, case) = (scene.subject(), scene.case);
    let share =
        |name: &str, kind, bp| NewCriterion { name: name.to_owned(), kind, weight: BasisPoints::new(bp).unwrap_or(BasisPoints::WHOLE) };
    let criteria = match case.direct {
        true => Vec::new(),
        false => vec![share("服务方案", CriterionKind::Quality, 8_000), share("报价", CriterionKind::Price, 2_000)],
    };
    let named = scene.supplier(0)?.id;
    let new = NewTender {
        catalogue_item: scene.item()?,
        fund: Some(fund),
        title: format!("{subject}服务（{}年第{}号）", case.year, case.number.saturating_add(1)),
        description: format!("为辖区居民提供{subject}服务，按月报送台账，接受街道与居民评议。"),
        mode: Mode::ContractingOut,
        procedure: match (case.direct, case.lonely) {
            (true, _) => Procedure::Direct,
            (_, true) => Procedure::OpenTender,
            _ => Procedure::Consultation,
        },
        solicitation: None,
        procedure_reason: case.direct.then(|| "金额较小，经集体研究直接委托。".to_owned()),
        named_organisation: case.direct.then_some(named),
        plain_offers: true,
        lots: vec![NewLot { title: subject.to_owned(), ceiling: case.ceiling, funding: Vec::new(), criteria }],
    };
    let file = scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = tenders::service::may_create(actor)?;
            tenders::service::create(tx, &granted, &new)
        })
        .await?;
    made.tender = Some(file.tender.id);
    made.lot = file.lots.first().map(|lot| lot.id);
    Ok(())
}

/// Takes the tender a step further.
pub async fn tender(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    use tenders::{policy, service};
    let (id, buyer) = (need(made.tender, "a tender")?, scene.buyer);
    let by = if matches!(step, Step::Approve | Step::SendBack) { scene.cast.finance } else { buyer.purchaser };
    let publication = Publication { bid_deadline: (!scene.case.direct).then_some(scene.case.deadline), publicity_until: None };
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

/// A bid: sealed with the server's key before the transaction, as a plain offer is.
pub async fn bid(scene: &Scene<'_>, made: &Made, place: usize) -> Result<()> {
    let (lot, account, at) = (need(made.lot, "a lot")?, scene.supplier(place)?.account, scene.at);
    let price = *scene.case.prices.get(place).ok_or_else(|| missing("a price"))?;
    let bound = scene
        .stage
        .db
        .read(move |snapshot| {
            let actor = actor::of_account(snapshot, account)?;
            let granted = bids::service::may(snapshot, &actor, &bids::policy::SUBMIT, lot)?;
            bids::service::bound(snapshot, granted.subject())
        })
        .await?;
    let offer = PlainOffer {
        price: Money::from(price),
        text: format!("配备持证社工与志愿者，按需求书提供{}服务。", scene.subject()),
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

/// Opens the bids: decrypted before the transaction that records them.
pub async fn open(scene: &Scene<'_>, made: &Made) -> Result<()> {
    use crate::procurement::openers::model::OpenedWith;
    use opening::service;
    let (id, opener) = (need(made.tender, "a tender")?, scene.cast.opener);
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
