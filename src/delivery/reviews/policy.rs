//! Who reviews and who replies.

use crate::people::{Action, Role};

/// Review the supplier at the end of a contract: never who drafted it.
pub static REVIEW: Action =
    Action::change("contracts.review", &[Role::PurchaserLead, Role::ThirdPartyEvaluator], &["completed", "terminated"]);
/// Reply to a review.
pub static REPLY: Action = Action::change("performance_reviews.reply", &[Role::OrgAdmin], &[]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&REVIEW, &REPLY];
