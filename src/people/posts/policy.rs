//! Who gives posts and who reads them. A post gives no right to do anything.

use crate::people::{Action, Role};

/// Read the posts of a unit: its own people, and those who oversee the district.
pub static READ: Action = Action::new(
    "posts.read",
    &[
        Role::Purchaser,
        Role::PurchaserLead,
        Role::FinanceOfficer,
        Role::Agent,
        Role::Incubator,
        Role::PlatformAdmin,
        Role::Supervisor,
        Role::Auditor,
    ],
);
/// Give a post: the lead in its own unit, never to itself.
pub static GIVE: Action = Action::new("posts.give", &[Role::PlatformAdmin, Role::PurchaserLead]);
/// End a post.
pub static END: Action = Action::change("posts.end", &[Role::PlatformAdmin, Role::PurchaserLead], &["given"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ, &GIVE, &END];
