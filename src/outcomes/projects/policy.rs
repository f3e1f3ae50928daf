//! Who may move a project, and who may see one that was never selected.

use crate::people::{Action, Role};

/// Put a project forward.
pub static PROPOSE: Action = Action::new("projects.propose", &[Role::Purchaser, Role::PurchaserLead]);
/// Give it a number of the cohort. Never by its proposer.
pub static SELECT: Action = Action::change("projects.select", &[Role::PurchaserLead], &["proposed"]);
/// Name where it happens.
pub static PLACE: Action = Action::change("projects.name_area", &[Role::Purchaser], &["proposed", "selected", "delivering", "verified"]);
/// Revise the target or the method of an indicator.
pub static REVISE: Action = Action::change("projects.revise_indicator", &[Role::PurchaserLead], &["selected", "delivering"]);
/// Count it in the yearly brand.
pub static HONOUR: Action = Action::change("projects.honour", &[Role::PurchaserLead], &["verified"]);
/// Give it up.
pub static DROP: Action = Action::change("projects.drop", &[Role::PurchaserLead], &["proposed", "selected", "delivering", "verified"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&PROPOSE, &SELECT, &PLACE, &REVISE, &HONOUR, &DROP];

/// Who sees a project that was never selected: the unit's people, the administrator, auditors.
pub static READERS: &[Role] =
    &[Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Agent, Role::PlatformAdmin, Role::Auditor];
