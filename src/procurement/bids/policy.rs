//! Who may bid, read its own bids and take one back.

use crate::people::{Action, Role};

/// Send a bid for a lot. It needs no version: hidden children never bump a visible one.
pub static SUBMIT: Action = Action::new("bids.submit", &[Role::OrgAdmin]);
/// Learn what a sealed payload must bind.
pub static PREPARE: Action = Action::new("bids.prepare", &[Role::OrgAdmin, Role::OrgMember]);
/// List one's own bids.
pub static LIST: Action = Action::new("bids.list", &[Role::OrgAdmin, Role::OrgMember]);
/// Take a bid back.
pub static WITHDRAW: Action = Action::change("bids.withdraw", &[Role::OrgAdmin], &["sealed"]);

/// Reveal a bid whose openers were given up. It needs no version: the bid itself does not change.
pub static REVEAL: Action = Action::new("bids.reveal", &[Role::OrgAdmin]).within(&["sealed"]);

/// Send a file for a bid. It needs no version: hidden children never bump a visible one.
pub static ATTACH: Action = Action::new("bids.attach", &[Role::OrgAdmin, Role::OrgMember]);
/// Delete a file that no bid holds.
pub static REMOVE_ATTACHMENT: Action = Action::change("bids.remove_attachment", &[Role::OrgAdmin, Role::OrgMember], &["held"]);
/// Read the files of opened bids. Evaluators only where they are appointed.
pub static READ_ATTACHMENTS: Action = Action::new(
    "bids.read_attachments",
    &[Role::OrgAdmin, Role::OrgMember, Role::Purchaser, Role::PurchaserLead, Role::Agent, Role::Evaluator, Role::Supervisor, Role::Auditor],
);
/// Keep, read and drop a draft, which only its organisation knows of.
pub static KEEP_DRAFT: Action = Action::change("bids.keep_draft", &[Role::OrgAdmin, Role::OrgMember], &[]);
/// Read a draft.
pub static READ_DRAFT: Action = Action::new("bids.read_draft", &[Role::OrgAdmin, Role::OrgMember]);
/// Send the draft as the bid.
pub static SUBMIT_DRAFT: Action = Action::change("bids.submit_draft", &[Role::OrgAdmin], &[]);
/// Invite an organisation into the consortium that one leads.
pub static INVITE: Action = Action::new("bids.invite_member", &[Role::OrgAdmin]);
/// Answer an invitation into a consortium.
pub static ANSWER: Action = Action::change("bids.answer_invitation", &[Role::OrgAdmin], &["invited"]);
/// Take an invitation back, or leave a consortium.
pub static LEAVE: Action = Action::change("bids.leave_consortium", &[Role::OrgAdmin], &["invited", "confirmed"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[
    &SUBMIT,
    &PREPARE,
    &LIST,
    &WITHDRAW,
    &REVEAL,
    &ATTACH,
    &REMOVE_ATTACHMENT,
    &READ_ATTACHMENTS,
    &KEEP_DRAFT,
    &READ_DRAFT,
    &SUBMIT_DRAFT,
    &INVITE,
    &ANSWER,
    &LEAVE,
];
