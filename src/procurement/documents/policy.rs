//! Who may do what with the documents, and from which state.

use crate::people::{Action, Role};
use crate::procurement::tenders::model::INSIDERS;

const BUYERS: &[Role] = &[Role::Purchaser, Role::PurchaserLead, Role::Agent];
const SUPPLIERS: &[Role] = &[Role::OrgAdmin, Role::OrgMember];

/// Write the terms of a tender or lot.
pub static WRITE_TERMS: Action = Action::change("documents.write_terms", &[Role::Purchaser, Role::Agent], &["draft", "returned"]);
/// Read what the lint found.
pub static READ_LINT: Action = Action::new("documents.read_lint", INSIDERS);
/// Hold a finding of the lint for wrong.
pub static OVERRULE: Action = Action::change("documents.overrule", &[Role::FinanceOfficer], &["draft", "returned"]);
/// Extend the list of forbidden words.
pub static IMPORT_WORDS: Action = Action::new("documents.import_words", &[Role::PlatformAdmin]);
/// Ask a question.
pub static ASK: Action = Action::new("documents.ask", SUPPLIERS).within(&["published"]);
/// Answer it.
pub static ANSWER: Action = Action::change("documents.answer", BUYERS, &["open"]);
/// Set a site visit.
pub static SET_VISIT: Action = Action::new("documents.set_visit", BUYERS).within(&["published"]);
/// Register for it.
pub static REGISTER: Action = Action::new("documents.register", SUPPLIERS).within(&["published"]);
/// Obtain the documents.
pub static OBTAIN: Action = Action::new("documents.obtain", SUPPLIERS).within(&["published"]);
/// Read who obtained them: one's own, or all after the opening.
pub static READ_RECEIPTS: Action = Action::new(
    "documents.read_receipts",
    &[
        Role::OrgAdmin,
        Role::OrgMember,
        Role::Purchaser,
        Role::PurchaserLead,
        Role::FinanceOfficer,
        Role::Agent,
        Role::Supervisor,
        Role::Auditor,
        Role::PlatformAdmin,
    ],
);
/// Clarify or amend what is published.
pub static AMEND: Action = Action::change("documents.amend", BUYERS, &["published"]);
/// Approve an amendment that changes a ceiling.
pub static APPROVE_AMENDMENT: Action = Action::change("documents.approve_amendment", &[Role::FinanceOfficer], &["proposed"]).stepped_up();
/// Refuse it.
pub static REFUSE_AMENDMENT: Action = Action::change("documents.refuse_amendment", &[Role::FinanceOfficer], &["proposed"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[
    &WRITE_TERMS,
    &READ_LINT,
    &OVERRULE,
    &IMPORT_WORDS,
    &ASK,
    &ANSWER,
    &SET_VISIT,
    &REGISTER,
    &OBTAIN,
    &READ_RECEIPTS,
    &AMEND,
    &APPROVE_AMENDMENT,
    &REFUSE_AMENDMENT,
];
