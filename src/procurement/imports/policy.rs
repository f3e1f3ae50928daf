//! Who imports purchases run elsewhere and who takes them over.

use crate::people::{Action, Role};

/// Import a purchase.
pub static CREATE: Action = Action::new("external_tenders.create", &[Role::Purchaser, Role::Agent]);
/// Import a table of purchases.
pub static IMPORT: Action = Action::new("external_tenders.import", &[Role::Purchaser, Role::Agent]);
/// Take it over: money is set aside, the awards are confirmed.
pub static APPROVE: Action = Action::change("external_tenders.approve", &[Role::FinanceOfficer], &["imported"]).stepped_up();
/// Do not take it over.
pub static REFUSE: Action = Action::change("external_tenders.refuse", &[Role::FinanceOfficer], &["imported"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &IMPORT, &APPROVE, &REFUSE];
