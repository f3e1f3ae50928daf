//! Who approves, signs and links a contract, and who reads one before it is active.

use crate::people::{Action, Role};

/// Finance approval (会签): never by the drafter.
pub static APPROVE: Action = Action::change("contracts.approve", &[Role::FinanceOfficer], &["drafted"]).stepped_up();
/// A signature: an administrator of the organisation for it, a lead of the unit for it; never the finance approver.
pub static SIGN: Action = Action::change("contracts.sign", &[Role::OrgAdmin, Role::PurchaserLead], &["finance_approved"]).stepped_up();
/// Agree the payment term, before finance approves the contract.
pub static TERM: Action = Action::change("contracts.set_payment_term", &[Role::Purchaser], &["drafted"]);
/// Suspend a contract in force.
pub static SUSPEND: Action = Action::change("contracts.suspend", &[Role::PurchaserLead], &["active"]);
/// Resume it.
pub static RESUME: Action = Action::change("contracts.resume", &[Role::PurchaserLead], &["suspended"]);
/// Feed a hundred project.
pub static LINK: Action = Action::change("contracts.link_project", &[Role::Purchaser], &["active"]);
/// Add a document.
pub static ATTACH: Action = Action::new("contracts.attach", &[Role::OrgAdmin, Role::Purchaser, Role::PurchaserLead]).within(&[
    "drafted",
    "finance_approved",
    "active",
    "suspended",
]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&APPROVE, &SIGN, &TERM, &SUSPEND, &RESUME, &LINK, &ATTACH];

/// Who reads a contract that is not active yet, and the documents of any: its parties, its finance, auditors.
pub static READERS: &[Role] = &[Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::OrgAdmin, Role::OrgMember, Role::Auditor];
