//! Who declares for an organisation, and who reads its file.

use crate::people::{Action, Role};

/// Who reads the file of an organisation: its people, and those who judge its bids.
const READERS: &[Role] = &[
    Role::OrgAdmin,
    Role::OrgMember,
    Role::PlatformAdmin,
    Role::Purchaser,
    Role::PurchaserLead,
    Role::FinanceOfficer,
    Role::Supervisor,
    Role::Auditor,
];

/// Read the file of an organisation.
pub static READ: Action = Action::new("declarations.read", READERS);
/// Declare.
pub static DECLARE: Action = Action::new("declarations.declare", &[Role::OrgAdmin]);
/// Withdraw a declaration.
pub static WITHDRAW: Action = Action::change("declarations.withdraw", &[Role::OrgAdmin], &["declared"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ, &DECLARE, &WITHDRAW];
