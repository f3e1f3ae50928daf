//! Who may open, close the session and remark on the record.

use crate::people::{Action, Role};

/// Open the bids of a tender. The procedure says which of these roles does.
pub static OPEN: Action =
    Action::change("tenders.open", &[Role::Opener, Role::PurchaserLead, Role::Purchaser], &["published"]).stepped_up();
/// Close the session of the opening. It needs no version: the record is not versioned.
pub static CLOSE: Action =
    Action::new("tenders.close_opening", &[Role::Opener, Role::PurchaserLead, Role::Purchaser]).within(&["published"]);
/// Confirm the record or object to it, for a bidder. It needs no version: several bidders speak at the same time.
pub static REMARK: Action = Action::new("tenders.remark_opening", &[Role::OrgAdmin, Role::OrgMember]).within(&["published"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&OPEN, &CLOSE, &REMARK];
