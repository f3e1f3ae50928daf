//! Who may lodge, receive, return, forfeit and read bonds.

use crate::people::{Action, Role};

/// Everybody who may ever read one; `BondFile::visible_to` says which.
pub const READERS: &[Role] = &[
    Role::OrgAdmin,
    Role::OrgMember,
    Role::FinanceOfficer,
    Role::Purchaser,
    Role::PurchaserLead,
    Role::Agent,
    Role::Supervisor,
    Role::Auditor,
    Role::PlatformAdmin,
];
/// Lodge a bid bond.
pub static LODGE: Action = Action::new("bonds.lodge", &[Role::OrgAdmin]);
/// Lodge a performance bond.
pub static LODGE_PERFORMANCE: Action =
    Action::new("bonds.lodge_performance", &[Role::OrgAdmin]).within(&["drafted", "finance_approved", "active"]);
/// List bonds.
pub static LIST: Action = Action::new("bonds.list", READERS);
/// Receive a bond.
pub static RECEIVE: Action = Action::change("bonds.receive", &[Role::FinanceOfficer], &["lodged"]);
/// Refuse a bond.
pub static REFUSE: Action = Action::change("bonds.refuse", &[Role::FinanceOfficer], &["lodged"]);
/// Say from when on it must go back.
pub static START_CLOCK: Action = Action::change("bonds.start_clock", &[Role::FinanceOfficer], &["held"]);
/// Give money back.
pub static RETURN: Action = Action::change("bonds.return", &[Role::FinanceOfficer], &["held"]);
/// Keep money.
pub static FORFEIT: Action = Action::change("bonds.forfeit", &[Role::FinanceOfficer], &["held"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&LODGE, &LODGE_PERFORMANCE, &LIST, &RECEIVE, &REFUSE, &START_CLOCK, &RETURN, &FORFEIT];
