//! Who may recover accounts: the platform's administrators all, a unit's lead those of the unit, and never one person alone.

use crate::people::{Action, Role};

/// Ask for a recovery.
pub static ASK: Action = Action::new("account_recoveries.ask", &[Role::PlatformAdmin, Role::PurchaserLead]).stepped_up();
/// Confirm a recovery.
pub static CONFIRM: Action =
    Action::change("account_recoveries.confirm", &[Role::PlatformAdmin, Role::PurchaserLead], &["asked"]).stepped_up();
/// Refuse a recovery.
pub static REFUSE: Action = Action::change("account_recoveries.refuse", &[Role::PlatformAdmin, Role::PurchaserLead], &["asked"]);
/// List recoveries.
pub static LIST: Action = Action::new("account_recoveries.list", &[Role::PlatformAdmin, Role::PurchaserLead, Role::Auditor]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&ASK, &CONFIRM, &REFUSE, &LIST];
