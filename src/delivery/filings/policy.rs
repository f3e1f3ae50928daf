//! Who publishes and files a contract.

use crate::people::{Action, Role};

/// Record the publication or the filing of a signed contract.
pub static RECORD: Action =
    Action::change("contracts.record_filing", &[Role::Purchaser, Role::PurchaserLead], &["active", "suspended", "completed", "terminated"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&RECORD];
