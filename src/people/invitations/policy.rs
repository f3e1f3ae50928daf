//! Who may invite; which roles where is for the rules to say.

use crate::people::{Action, Role};

/// Those who bring people in.
const INVITERS: &[Role] = &[Role::PlatformAdmin, Role::PurchaserLead, Role::OrgAdmin];

/// Invite a person.
pub static CREATE: Action = Action::new("account_invitations.create", INVITERS).stepped_up();
/// Take an invitation back.
pub static REVOKE: Action = Action::change("account_invitations.revoke", INVITERS, &["open"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &REVOKE];
