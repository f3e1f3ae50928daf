//! Who enters, verifies and reads the organisation file.

use crate::people::{Action, Role};

/// Read the file: the organisation its own, and those who judge it.
pub static READ: Action = Action::new(
    "organisation_records.read",
    &[
        Role::OrgAdmin,
        Role::OrgMember,
        Role::PlatformAdmin,
        Role::Purchaser,
        Role::PurchaserLead,
        Role::FinanceOfficer,
        Role::Supervisor,
        Role::Incubator,
        Role::ThirdPartyEvaluator,
        Role::CatalogueEditor,
        Role::Auditor,
    ],
);
/// Enter something into one's own file.
pub static ENTER: Action = Action::new("organisation_records.enter", &[Role::OrgAdmin]);
/// Add the scan.
pub static SCAN: Action = Action::new("organisation_records.scan", &[Role::OrgAdmin]).within(&["entered"]);
/// Confirm an entry against the paper: never who entered it. What the registration authority finds, ratings and annual checks, is not for a base to confirm.
pub static VERIFY: Action =
    Action::change("organisation_records.verify", &[Role::PlatformAdmin, Role::Supervisor, Role::Incubator], &["entered"]);
/// Refuse an entry for a reason.
pub static REFUSE: Action =
    Action::change("organisation_records.refuse", &[Role::PlatformAdmin, Role::Supervisor, Role::Incubator], &["entered"]);
/// Note that the issuer took it away.
pub static REVOKE: Action = Action::change("organisation_records.revoke", &[Role::PlatformAdmin, Role::Supervisor], &["verified"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ, &ENTER, &SCAN, &VERIFY, &REFUSE, &REVOKE];
