//! Who records a notice of the audit office and who ends it: never its auditor.

use crate::people::{Action, Role};

/// Record a notice.
pub static ISSUE: Action = Action::new("audit_notices.issue", &[Role::PlatformAdmin]).stepped_up();
/// End it before its last day.
pub static END: Action = Action::change("audit_notices.end", &[Role::PlatformAdmin], &["open"]).stepped_up();

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&ISSUE, &END];

/// Who reads notices; an auditor sees its own.
pub static READERS: &[Role] = &[Role::PlatformAdmin, Role::Supervisor];
