//! Who may keep the guiding catalogue. Everybody reads what was published.

use crate::people::{Action, Role};

/// Make a draft edition from a table.
pub static IMPORT: Action = Action::new("catalogues.import", &[Role::CatalogueEditor]);
/// Put a draft into use in place of the present edition.
pub static PUBLISH: Action = Action::change("catalogues.publish", &[Role::CatalogueEditor], &["draft"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&IMPORT, &PUBLISH];
