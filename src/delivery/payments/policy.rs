//! Who claims, checks, accepts, approves and pays. Payments are read by the payee, the unit, finance and auditors only.

use crate::people::{Action, Role};

/// Claim the amount of an accepted milestone.
pub static CLAIM: Action = Action::new("payments.claim", &[Role::OrgAdmin]).within(&["accepted"]);
/// Check the invoice.
pub static CHECK: Action = Action::change("payments.check_invoice", &[Role::FinanceOfficer], &["claimed"]).stepped_up();
/// Accept for the unit.
pub static ACCEPT: Action = Action::change("payments.accept", &[Role::PurchaserLead], &["invoice_checked"]).stepped_up();
/// Approve for finance: neither who checked the invoice nor who approved the contract.
pub static APPROVE: Action = Action::change("payments.approve", &[Role::FinanceOfficer], &["accepted"]).stepped_up();
/// Tell the bank.
pub static INSTRUCT: Action = Action::change("payments.instruct", &[Role::FinanceOfficer], &["approved"]).stepped_up();
/// Enter the bank's receipt.
pub static RECEIPT: Action = Action::change("payments.receipt", &[Role::FinanceOfficer], &["instructed"]).stepped_up();
/// Send back with a reason, before the bank is told.
pub static RETURN: Action = Action::change(
    "payments.return",
    &[Role::FinanceOfficer, Role::PurchaserLead],
    &["claimed", "invoice_checked", "accepted", "approved"],
);

/// Claim money before acceptance (预付款).
pub static ADVANCE: Action = Action::new("payments.claim_advance", &[Role::OrgAdmin]).within(&["planned", "rejected", "delivered"]);
/// Enter that the bank could not pay (退票).
pub static BOUNCE: Action = Action::change("payments.bounce", &[Role::FinanceOfficer], &["instructed", "paid"]).stepped_up();
/// Tell the bank again after the payee's account was corrected.
pub static CORRECT: Action = Action::change("payments.correct", &[Role::FinanceOfficer], &["bounced"]).stepped_up();
/// Enter that the payee gave money back.
pub static REFUND: Action = Action::change("payments.refund", &[Role::FinanceOfficer], &["paid"]).stepped_up();
/// Take the file of what the bank is to pay.
pub static INSTRUCTIONS: Action = Action::new("payments.read_instructions", &[Role::FinanceOfficer]);

/// Write what was instructed into a file for the bank.
pub static BATCH: Action = Action::new("payments.make_batch", &[Role::FinanceOfficer]).stepped_up();
/// Read such files.
pub static BATCHES: Action = Action::new("payments.read_batches", &[Role::FinanceOfficer, Role::Auditor]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[
    &CLAIM,
    &CHECK,
    &ACCEPT,
    &APPROVE,
    &INSTRUCT,
    &RECEIPT,
    &RETURN,
    &ADVANCE,
    &BOUNCE,
    &CORRECT,
    &REFUND,
    &INSTRUCTIONS,
    &BATCH,
    &BATCHES,
];

/// Who reads payments.
pub static READERS: &[Role] = &[Role::OrgAdmin, Role::OrgMember, Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Auditor];
