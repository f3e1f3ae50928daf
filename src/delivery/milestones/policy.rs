//! Who delivers, who signs and concludes an acceptance, who refuses. Everybody who sees the contract sees its milestones.

use crate::people::{Action, Role};

/// Say that a milestone is delivered.
pub static DELIVER: Action = Action::change("milestones.deliver", &[Role::OrgAdmin, Role::OrgMember], &["planned", "rejected"]);
/// Sign the acceptance with a score and an opinion.
pub static SIGN: Action =
    Action::change("milestones.sign_acceptance", &[Role::Purchaser, Role::PurchaserLead, Role::ThirdPartyEvaluator], &["delivered"]);
/// Conclude the acceptance: never its deliverer.
pub static ACCEPT: Action = Action::change("milestones.accept", &[Role::Purchaser], &["delivered"]);
/// Refuse it with a reason.
pub static REJECT: Action = Action::change("milestones.reject", &[Role::Purchaser], &["delivered"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&DELIVER, &SIGN, &ACCEPT, &REJECT];
