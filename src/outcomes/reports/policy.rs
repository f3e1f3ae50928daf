//! Who reports an outcome, who verifies it, who reads it before that.

use crate::people::{Action, Role};

/// Submit the report of a period: people of the organisation that delivers the project.
pub static SUBMIT: Action = Action::new("outcome_reports.submit", &[Role::OrgAdmin, Role::OrgMember]).within(&["delivering", "verified"]);
/// Submit a returned report again.
pub static RESUBMIT: Action = Action::change("outcome_reports.resubmit", &[Role::OrgAdmin, Role::OrgMember], &["returned"]);
/// Add an evidence file.
pub static ATTACH: Action = Action::new("outcome_reports.attach", &[Role::OrgAdmin, Role::OrgMember]).within(&["submitted", "returned"]);
/// Verify: never the reporter, nobody of the payee.
pub static VERIFY: Action = Action::change("outcome_reports.verify", &[Role::ThirdPartyEvaluator], &["submitted"]);
/// Send back with a reason.
pub static RETURN: Action = Action::change("outcome_reports.return", &[Role::ThirdPartyEvaluator], &["submitted"]);

/// Take a verified report over for the unit.
pub static ACCEPT: Action = Action::change("outcome_reports.accept", &[Role::PurchaserLead], &["verified"]);
/// Ask for an exception that opens a locked period.
pub static REOPEN: Action = Action::change("outcome_reports.ask_reopening", &[Role::PurchaserLead], &["verified", "accepted"]);
/// Agree to the exception: never who asked.
pub static AGREE: Action = Action::change("outcome_reports.agree_reopening", &[Role::ThirdPartyEvaluator], &["verified", "accepted"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&SUBMIT, &RESUBMIT, &ATTACH, &VERIFY, &RETURN, &ACCEPT, &REOPEN, &AGREE];

/// Who reads a report that is not verified yet, and the evidence of any: payee, unit, verifiers, auditors.
pub static READERS: &[Role] = &[
    Role::OrgAdmin,
    Role::OrgMember,
    Role::Purchaser,
    Role::PurchaserLead,
    Role::FinanceOfficer,
    Role::ThirdPartyEvaluator,
    Role::Auditor,
];
