//! Who keeps the funds of a unit, and who reads their books. Balances are public.

use crate::people::{Action, Role};

/// Make a fund.
pub static CREATE: Action = Action::new("funds.create", &[Role::FinanceOfficer]);
/// Enter an appropriation.
pub static APPROPRIATE: Action = Action::new("funds.appropriate", &[Role::FinanceOfficer]).stepped_up();
/// Read appropriations and postings.
pub static READ_BOOKS: Action = Action::new("funds.read_books", &[Role::FinanceOfficer, Role::Auditor, Role::PurchaserLead]);

/// Change a fund's payer, ceiling, purpose and restrictions.
pub static CHANGE_TERMS: Action = Action::new("funds.change_terms", &[Role::FinanceOfficer]);
/// Load what each stream may never pay.
pub static IMPORT: Action = Action::new("funds.import_exclusions", &[Role::PlatformAdmin]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &APPROPRIATE, &READ_BOOKS, &CHANGE_TERMS, &IMPORT];
