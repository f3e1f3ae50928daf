//! Bonds as the API shows them.

use chrono::NaiveDate;
use serde::Serialize;

use super::model::{BondKind, BondRow, BondState, EntryKind, EntryRow, ReturnGround};
use super::rules;
use crate::kernel::id::{BondId, ContractId, LotId, OrganisationId};
use crate::kernel::{Fen, Money, Result, UtcInstant};
use crate::procurement::documents::BondForm;

/// An entry of a bond's book.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BondEntryView {
    /// Place in the book.
    #[schema(example = 1)]
    pub position: i32,
    /// What happened.
    pub kind: EntryKind,
    /// How much.
    pub amount: Money,
    /// Bank slip or letter.
    #[schema(example = "回单 20260305-18")]
    pub reference: String,
    /// Why it is forfeited.
    #[schema(example = "中标后无正当理由拒签合同。")]
    pub reason: Option<String>,
    /// When.
    pub entered_at: UtcInstant,
}

/// A bond.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BondView {
    /// Id.
    pub id: BondId,
    /// What it secures.
    pub kind: BondKind,
    /// Lot.
    pub lot_id: Option<LotId>,
    /// Contract of a performance bond.
    pub contract_id: Option<ContractId>,
    /// Who gives it.
    pub organisation_id: OrganisationId,
    /// How.
    pub form: BondForm,
    /// Number of the letter, policy or transfer.
    #[schema(example = "保函 2026-0317")]
    pub reference: String,
    /// How much is asked.
    pub demanded: Money,
    /// Received less returned and forfeited.
    pub held: Money,
    /// Where it stands.
    pub state: BondState,
    /// Why it was refused.
    #[schema(example = "保函有效期不足。")]
    pub state_reason: Option<String>,
    /// From which event on it must go back.
    pub return_ground: Option<ReturnGround>,
    /// Last day to give it back (R049).
    pub return_due_on: Option<NaiveDate>,
    /// Whether that day has passed while money is held.
    #[schema(example = false)]
    pub overdue: bool,
    /// The book, oldest first.
    #[schema(max_items = 1000)]
    pub entries: Vec<BondEntryView>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

/// A bond with its book on a day.
pub fn bond_view(row: BondRow, entries: Vec<EntryRow>, today: NaiveDate) -> Result<BondView> {
    let held = rules::held(&entries)?;
    let entry = |entry: EntryRow| BondEntryView {
        position: entry.position,
        kind: entry.kind,
        amount: entry.amount_fen.into(),
        reference: entry.reference,
        reason: entry.reason,
        entered_at: entry.entered_at,
    };
    Ok(BondView {
        id: row.id,
        kind: row.kind,
        lot_id: row.lot_id,
        contract_id: row.contract_id,
        organisation_id: row.organisation_id,
        form: row.form,
        reference: row.reference,
        demanded: row.demanded_fen.into(),
        held: held.into(),
        state: row.state,
        state_reason: row.state_reason,
        return_ground: row.return_ground,
        return_due_on: row.return_due_on,
        overdue: held > Fen::ZERO && row.return_due_on.is_some_and(|due| today > due),
        entries: entries.into_iter().map(entry).collect(),
        version: row.version,
    })
}
