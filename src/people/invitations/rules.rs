//! Who may offer which roles where, pure.

use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::people::role::Reach;
use crate::people::{Actor, Role};
use crate::words;

use super::model::NewInvitation;

/// What a unit's lead may offer in its unit: the roles that prepare. Who decides and who pays is for the platform's administrator to say.
const BY_A_LEAD: &[Role] = &[Role::Purchaser, Role::Agent];

/// Checks that the inviter may offer these roles there: an administrator any, an organisation's administrator those of its organisation, a unit's lead
/// [`BY_A_LEAD`] in its unit.
pub fn check(actor: &Actor, new: &NewInvitation) -> Result<()> {
    if actor.has_any(&[Role::PlatformAdmin]) {
        return Ok(());
    }
    let in_organisation = actor.own.contains(&Role::OrgAdmin)
        && actor.organisation.is_some()
        && new.organisation_id == actor.organisation
        && new.roles.iter().all(|role| role.reach() == Reach::Organisation);
    let in_unit = actor.own.contains(&Role::PurchaserLead)
        && actor.unit.is_some()
        && new.unit_id == actor.unit
        && new.roles.iter().all(|role| BY_A_LEAD.contains(role));
    let mut fields = Fields::default();
    fields.require(in_organisation || in_unit, "/roles", || {
        words!("您不能在该单位或组织授予这些角色", "these roles are not yours to offer there")
    });
    fields.finish()
}
