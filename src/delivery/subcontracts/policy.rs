//! Who proposes a subcontractor and who consents (Government Procurement Law, article 48).

use crate::people::{Action, Role};

/// Name a subcontractor.
pub static PROPOSE: Action = Action::new("subcontracts.propose", &[Role::OrgAdmin]).within(&["active"]);
/// Consent to it.
pub static CONSENT: Action = Action::change("subcontracts.consent", &[Role::PurchaserLead], &["proposed"]);
/// Refuse it.
pub static REFUSE: Action = Action::change("subcontracts.refuse", &[Role::PurchaserLead], &["proposed"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&PROPOSE, &CONSENT, &REFUSE];
