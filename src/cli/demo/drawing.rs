//! Steps of the demo that seat the panel of an open tender: its experts are drawn by two units.

use sha2::{Digest, Sha256};

use super::cast::FIELD;
use super::drive::{Made, Scene, missing, need};
use crate::kernel::id::{AccountId, DrawId, LotId, UnitId};
use crate::kernel::{BasisPoints, CatalogueCode, Error, Result};
use crate::procurement::draws::{self, Method, NewDraw, Purpose, rules};
use crate::procurement::evaluation::model::MemberState;
use crate::procurement::evaluation::panel::{self, PanelOrder};
use crate::procurement::evaluation::{self, lots_draws, report};
use crate::procurement::tenders::lots;

/// Experts of a panel; the lead sits for the purchaser.
const EXPERTS: usize = 4;

/// A number that only one unit knows until it reveals it.
fn nonce(scene: &Scene<'_>, unit: UnitId) -> rules::Hash {
    Sha256::digest(format!("the demo's number of {unit} in case {}", scene.case.number)).into()
}

fn order(scene: &Scene<'_>) -> Result<PanelOrder> {
    Ok(PanelOrder {
        experts: EXPERTS,
        field: CatalogueCode::parse(FIELD).map_err(Error::internal)?,
        representatives: vec![scene.buyer.lead],
        outlier_share: BasisPoints::new(4_000).unwrap_or(BasisPoints::WHOLE),
    })
}

/// The purchaser's unit and the finance bureau commit, the pool is frozen, both reveal, and the panel is called in the order drawn.
pub async fn draw(scene: &Scene<'_>, made: &Made) -> Result<()> {
    let (lot, stage, purchaser) = (need(made.lot, "a lot")?, scene.stage, scene.buyer.purchaser);
    let wanted = order(scene)?;
    let opened = wanted.clone();
    let draw = stage
        .act(purchaser, move |tx, actor| {
            let granted = lots::may(tx, actor, &draws::policy::OPEN, lot)?;
            let new = NewDraw {
                purpose: Purpose::Panel,
                place: None,
                method: Method::TwoUnits,
                because: None,
                reveal_hours: 24,
                experts: 0,
                field: None,
                representatives: Vec::new(),
            };
            lots_draws::open_panel(tx, &granted, &opened, new).map(|row| row.id)
        })
        .await?;
    let units = [(purchaser, scene.buyer.unit), (scene.cast.finance, scene.cast.bureau)];
    for (account, unit) in units {
        commit(scene, (draw, unit), account).await?;
    }
    // The journal orders entries by their instants: commitments, the freeze and the reveals have one each.
    stage.at(scene.at.plus_seconds(1));
    let pool_root = stage
        .act(purchaser, move |tx, actor| {
            let granted = draws::service::may(tx, actor, &draws::policy::FREEZE, draw)?;
            lots_draws::freeze(tx, &granted).map(|row| row.pool_root.unwrap_or_default())
        })
        .await?;
    for ((account, unit), second) in units.into_iter().zip(2..) {
        stage.at(scene.at.plus_seconds(second));
        let shown = draws::service::Reveal { nonce: hex::encode(nonce(scene, unit)), pool_root: pool_root.clone() };
        stage
            .act(account, move |tx, actor| {
                let granted = draws::service::may(tx, actor, &draws::policy::REVEAL, draw)?;
                draws::service::reveal(tx, &granted, &shown).map(drop)
            })
            .await?;
    }
    stage
        .act(purchaser, move |tx, actor| {
            let granted = lots::may(tx, actor, &evaluation::policy::FORM_PANEL, lot)?;
            panel::form(tx, &granted, &wanted).map(drop)
        })
        .await?;
    let chair = member(scene, lot, 0).await?;
    stage
        .act(purchaser, move |tx, actor| {
            let granted = panel::may_name_chair(tx, actor, lot)?;
            panel::name_chair(tx, &granted, chair)
        })
        .await
}

async fn commit(scene: &Scene<'_>, (draw, unit): (DrawId, UnitId), account: AccountId) -> Result<()> {
    let commitment = hex::encode(rules::commitment(draw, unit, &nonce(scene, unit)));
    scene
        .stage
        .act(account, move |tx, actor| {
            let granted = draws::service::may(tx, actor, &draws::policy::COMMIT, draw)?;
            draws::service::commit(tx, &granted, &commitment).map(drop)
        })
        .await
}

/// Every member signs the evaluation report.
pub async fn sign(scene: &Scene<'_>, made: &Made) -> Result<()> {
    let lot = need(made.lot, "a lot")?;
    for place in 0..=EXPERTS {
        let account = member(scene, lot, place).await?;
        scene
            .stage
            .act(account, move |tx, actor| {
                let now = tx.now();
                let granted = evaluation::service::may_as_member(tx, actor, &evaluation::policy::SIGN, lot, now)?;
                report::sign(tx, &granted, true, None)
            })
            .await?;
    }
    Ok(())
}

/// Who sits at a place of the panel, the experts first.
pub async fn member(scene: &Scene<'_>, lot: LotId, place: usize) -> Result<AccountId> {
    let lead = scene.buyer.lead;
    scene
        .stage
        .db
        .read(move |snapshot| {
            let sitting = evaluation::store::members(snapshot, lot)?.into_iter().filter(|row| row.state == MemberState::Sitting);
            let mut accounts: Vec<AccountId> = sitting.map(|row| row.account_id).collect();
            accounts.sort_by_key(|account| *account == lead);
            accounts.get(place).copied().ok_or_else(|| missing("a member of the panel"))
        })
        .await
}
