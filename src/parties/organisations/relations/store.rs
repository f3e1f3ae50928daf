//! Profile rows in the database. Every query is scoped by tenant.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::super::model::OrganisationRow;
use super::model::{Card, ControlKind, ControllerRow, ProfileFile, ProfileRow};
use crate::db::schema::{organisation_controllers as controllers, organisation_profiles as profiles, organisations};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{OrganisationId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;

/// Most organisations that one search for relations compares.
pub const CANDIDATES_MAX: i64 = 200;

pub fn file(db: &mut Db, tenant: TenantId, organisation: OrganisationRow) -> Result<ProfileFile> {
    let profile =
        profiles::table.filter(profiles::tenant_id.eq(tenant).and(profiles::organisation_id.eq(organisation.id))).first(db).optional()?;
    let controllers = controllers::table
        .filter(controllers::tenant_id.eq(tenant).and(controllers::organisation_id.eq(organisation.id)))
        .order(controllers::position)
        .load(db)?;
    Ok(ProfileFile { organisation, profile, controllers })
}

/// The organisations of these ids with their profiles.
pub fn files(db: &mut Db, tenant: TenantId, ids: &[OrganisationId]) -> Result<Vec<ProfileFile>> {
    let rows: Vec<OrganisationRow> = organisations::table
        .filter(organisations::tenant_id.eq(tenant).and(organisations::id.eq_any(ids)))
        .order(organisations::id)
        .load(db)?;
    let mut known: Vec<ProfileRow> =
        profiles::table.filter(profiles::tenant_id.eq(tenant).and(profiles::organisation_id.eq_any(ids))).load(db)?;
    let all: Vec<ControllerRow> = controllers::table
        .filter(controllers::tenant_id.eq(tenant).and(controllers::organisation_id.eq_any(ids)))
        .order((controllers::organisation_id, controllers::position))
        .load(db)?;
    let files = rows.into_iter().map(|organisation| {
        let place = known.iter().position(|profile| profile.organisation_id == organisation.id);
        let controllers = all.iter().filter(|one| one.organisation_id == organisation.id).cloned().collect();
        ProfileFile { profile: place.map(|place| known.swap_remove(place)), controllers, organisation }
    });
    Ok(files.collect())
}

/// Organisations that share anything comparable with the card, at most [`CANDIDATES_MAX`] by each index.
pub fn candidates(db: &mut Db, tenant: TenantId, card: &Card, head_name: &str) -> Result<Vec<OrganisationId>> {
    let mut found: BTreeSet<OrganisationId> = BTreeSet::new();
    let texts = [(&card.head_name_key, 0_u8), (&card.contact_name_key, 1), (&card.contact_phone_key, 2), (&card.address_key, 3)];
    for (key, column) in texts.into_iter().filter(|(key, _)| !key.is_empty()) {
        let query = profiles::table.filter(profiles::tenant_id.eq(tenant)).into_boxed::<Backend>();
        let query = match column {
            0 => query.filter(profiles::head_name_key.eq(key)),
            1 => query.filter(profiles::contact_name_key.eq(key)),
            2 => query.filter(profiles::contact_phone_key.eq(key)),
            _ => query.filter(profiles::address_key.eq(key)),
        };
        found.extend(query.select(profiles::organisation_id).limit(CANDIDATES_MAX).load::<OrganisationId>(db)?);
    }
    if let Some(digest) = &card.head_digest {
        let same = profiles::table.filter(profiles::tenant_id.eq(tenant).and(profiles::head_digest.eq(Some(digest))));
        found.extend(same.select(profiles::organisation_id).limit(CANDIDATES_MAX).load::<OrganisationId>(db)?);
    }
    // Organisations without a profile have only the head's name of their registration.
    let named = organisations::table
        .filter(organisations::tenant_id.eq(tenant).and(organisations::legal_representative.eq(head_name)))
        .select(organisations::id)
        .limit(CANDIDATES_MAX);
    found.extend(named.load::<OrganisationId>(db)?);
    found.extend(by_control(db, tenant, card)?);
    found.remove(&card.organisation);
    Ok(found.into_iter().collect())
}

fn by_control(db: &mut Db, tenant: TenantId, card: &Card) -> Result<Vec<OrganisationId>> {
    let codes: Vec<_> = card.controllers.iter().filter_map(|one| one.uscc.clone()).chain([card.uscc.clone()]).map(Some).collect();
    let names: Vec<_> = card.controllers.iter().map(|one| one.name_key.clone()).chain([card.name_key.clone()]).collect();
    let mut found: Vec<OrganisationId> = controllers::table
        .filter(controllers::tenant_id.eq(tenant))
        .filter(controllers::uscc.eq_any(codes).assume_not_null().or(controllers::name_key.eq_any(&names)))
        .select(controllers::organisation_id)
        .distinct()
        .limit(CANDIDATES_MAX)
        .load(db)?;
    let controlling: Vec<_> =
        card.controllers.iter().filter(|one| one.kind != ControlKind::SupervisingBody).filter_map(|one| one.uscc.clone()).collect();
    found.extend(
        organisations::table
            .filter(organisations::tenant_id.eq(tenant).and(organisations::uscc.eq_any(controlling)))
            .select(organisations::id)
            .limit(CANDIDATES_MAX)
            .load::<OrganisationId>(db)?,
    );
    Ok(found)
}

/// Puts a profile in place of the present one.
pub fn replace(tx: &mut Tx<'_>, granted: &Authorized<ProfileFile>, row: &ProfileRow, control: &[ControllerRow]) -> Result<()> {
    let id = granted.subject().organisation.id;
    if granted.subject().profile.is_some() {
        diesel::update(profiles::table.find(id)).set(row).execute(&mut **tx)?;
    } else {
        diesel::insert_into(profiles::table).values(row).execute(&mut **tx)?;
    }
    diesel::delete(controllers::table.filter(controllers::organisation_id.eq(id))).execute(&mut **tx)?;
    for one in control {
        diesel::insert_into(controllers::table).values(one).execute(&mut **tx)?;
    }
    Ok(())
}

/// Gives the organisation the head of its profile: both say the same.
pub fn set_head(tx: &mut Tx<'_>, granted: &Authorized<ProfileFile>, name: &str) -> Result<OrganisationRow> {
    Ok(diesel::update(organisations::table.find(granted.subject().organisation.id))
        .set((organisations::legal_representative.eq(name), organisations::version.eq(one_more(organisations::version))))
        .returning(organisations::all_columns)
        .get_result(&mut **tx)?)
}

pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<ProfileFile>, at: UtcInstant) -> Result<ProfileRow> {
    Ok(diesel::update(profiles::table.find(granted.subject().organisation.id))
        .set((
            profiles::verified_by.eq(granted.person()),
            profiles::verified_at.eq(Some(at)),
            profiles::version.eq(one_more(profiles::version)),
        ))
        .returning(profiles::all_columns)
        .get_result(&mut **tx)?)
}
