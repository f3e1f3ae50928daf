//! Who proposes and who confirms. In an organisation with one person, finance confirms against the bank's paper.

use crate::people::{Action, Role};

/// Read the accounts of an organisation.
pub static READ: Action = Action::new("bank_accounts.read", &[Role::OrgAdmin, Role::FinanceOfficer, Role::Auditor]);
/// Propose an account.
pub static PROPOSE: Action = Action::new("bank_accounts.propose", &[Role::OrgAdmin]).stepped_up();
/// Confirm it: never who proposed it.
pub static CONFIRM: Action = Action::change("bank_accounts.confirm", &[Role::OrgAdmin, Role::FinanceOfficer], &["proposed"]).stepped_up();
/// Refuse it.
pub static REFUSE: Action = Action::change("bank_accounts.refuse", &[Role::OrgAdmin, Role::FinanceOfficer], &["proposed"]).stepped_up();

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ, &PROPOSE, &CONFIRM, &REFUSE];
