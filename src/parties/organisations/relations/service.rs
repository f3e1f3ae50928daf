//! Use cases of profiles and relations. No journal entry and no answer holds a person's telephone, address or identity number.

use serde_json::json;

use super::super::model::OrganisationRow;
use super::super::policy;
use super::super::service::{self as organisations, HEAD_NOT_CONFIRMED};
use super::model::{Card, ControllerCard, ControllerRow, NewProfile, Pair, ProfileFile, ProfileRow};
use super::{rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{OrganisationId, TenantId};
use crate::kernel::{Error, Result};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::words;

/// Most organisations that are compared pair by pair at once.
pub const AMONG_MAX: usize = 200;

fn file(db: &mut Db, tenant: TenantId, id: OrganisationId) -> Result<ProfileFile> {
    let organisation: OrganisationRow = super::super::find(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    store::file(db, tenant, organisation)
}

/// May the actor do this to the profile?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: OrganisationId) -> Result<Authorized<ProfileFile>> {
    let file = file(db, actor.tenant, id)?;
    authorize(actor, action, file)
}

/// What is compared of an organisation.
pub fn card(file: &ProfileFile) -> Card {
    let profile = file.profile.as_ref();
    let text = |of: fn(&ProfileRow) -> &String| profile.map(|profile| of(profile).clone()).unwrap_or_default();
    Card {
        organisation: file.organisation.id,
        uscc: file.organisation.uscc.clone(),
        name_key: rules::comparable(&file.organisation.name_zh),
        head_name_key: rules::comparable(&file.organisation.legal_representative),
        head_digest: profile.and_then(|profile| profile.head_digest.clone()),
        contact_name_key: text(|profile| &profile.contact_name_key),
        contact_phone_key: text(|profile| &profile.contact_phone_key),
        address_key: text(|profile| &profile.address_key),
        controllers: file
            .controllers
            .iter()
            .map(|row| ControllerCard { kind: row.kind, name_key: row.name_key.clone(), uscc: row.uscc.clone() })
            .collect(),
    }
}

/// Every related pair among these organisations: what a lot's bidders are checked with. At most [`AMONG_MAX`] of them.
pub fn relations_among(db: &mut Db, tenant: TenantId, ids: &[OrganisationId]) -> Result<Vec<Pair>> {
    if ids.len() > AMONG_MAX {
        return Err(Error::internal(format!("{} organisations are too many to compare pair by pair", ids.len())));
    }
    let cards: Vec<Card> = store::files(db, tenant, ids)?.iter().map(card).collect();
    let mut pairs = Vec::new();
    for (place, a) in cards.iter().enumerate() {
        for b in cards.iter().skip(place.saturating_add(1)) {
            let relations = rules::between(a, b);
            if !relations.is_empty() {
                pairs.push(Pair { a: a.organisation, b: b.organisation, relations });
            }
        }
    }
    Ok(pairs)
}

/// Everything in the district that is related to this organisation.
pub fn relations_of(db: &mut Db, file: &ProfileFile) -> Result<Vec<(OrganisationRow, Pair)>> {
    let tenant = file.organisation.tenant_id;
    let own = card(file);
    let ids = store::candidates(db, tenant, &own, &file.organisation.legal_representative)?;
    let mut found = Vec::new();
    for other in store::files(db, tenant, &ids)? {
        let relations = rules::between(&own, &card(&other));
        if !relations.is_empty() {
            let pair = Pair { a: own.organisation, b: other.organisation.id, relations };
            found.push((other.organisation, pair));
        }
    }
    Ok(found)
}

/// Records the profile of one's own organisation. What the platform confirmed before must be confirmed again.
pub fn change(tx: &mut Tx<'_>, granted: &Authorized<ProfileFile>, new: &NewProfile) -> Result<ProfileFile> {
    rules::check(new)?;
    let before = granted.subject();
    let organisation = &before.organisation;
    let head_name = new.head_name.trim().to_owned();
    let head_name_key = rules::comparable(&head_name);
    // Another head has another document; the same head keeps the recorded one.
    let kept = before.profile.as_ref().filter(|profile| profile.head_name_key == head_name_key);
    let identity =
        new.head_identity.clone().or_else(|| kept.and_then(|profile| profile.head_digest.clone().zip(profile.head_last_four.clone())));
    let (head_digest, head_last_four) = identity.unzip();
    let row = ProfileRow {
        organisation_id: organisation.id,
        tenant_id: organisation.tenant_id,
        head_name_key,
        head_digest,
        head_last_four,
        contact_name: new.contact_name.trim().to_owned(),
        contact_name_key: rules::comparable(&new.contact_name),
        contact_phone: new.contact_phone.trim().to_owned(),
        contact_phone_key: rules::comparable_phone(&new.contact_phone),
        address: new.address.trim().to_owned(),
        address_key: rules::comparable_address(&new.address),
        verified_by: None,
        verified_at: None,
        version: before.profile.as_ref().map_or(1, |profile| profile.version.saturating_add(1)),
        updated_at: tx.now(),
        head_name,
    };
    let mut controllers = Vec::new();
    for (place, one) in new.controllers.iter().enumerate() {
        controllers.push(ControllerRow {
            organisation_id: organisation.id,
            position: i32::try_from(place.saturating_add(1)).unwrap_or(i32::MAX),
            tenant_id: organisation.tenant_id,
            kind: one.kind,
            name: one.name.trim().to_owned(),
            name_key: rules::comparable(&one.name),
            uscc: one.uscc.clone(),
        });
    }
    store::replace(tx, granted, &row, &controllers)?;
    let head_changed = organisation.legal_representative != row.head_name;
    let after = if head_changed { store::set_head(tx, granted, &row.head_name)? } else { organisation.clone() };
    let control: Vec<_> = controllers.iter().map(|one| json!({"kind": one.kind, "name": one.name, "uscc": one.uscc})).collect();
    let content = json!({
        "profile_version": row.version, "head_changed": head_changed, "head_identity_recorded": row.head_digest.is_some(), "controllers": control,
    });
    organisations::record(tx, "organisation.profile_changed", &after, content)?;
    Ok(ProfileFile { organisation: after, profile: Some(row), controllers })
}

/// Confirms a profile against the papers: the last four characters of the head's identity document must be those recorded.
pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<ProfileFile>, last_four: &str) -> Result<ProfileFile> {
    let file = granted.subject();
    let given = last_four.trim().to_uppercase();
    let recorded = file.profile.as_ref().and_then(|profile| profile.head_last_four.clone());
    match recorded {
        None => return Err(HEAD_NOT_CONFIRMED.because(words!("组织尚未登记负责人证件", "the organisation recorded no document"))),
        Some(recorded) if recorded != given => return Err(HEAD_NOT_CONFIRMED.error()),
        Some(_) => {}
    }
    let profile = store::confirm(tx, granted, tx.now())?;
    organisations::record(tx, "organisation.profile_confirmed", &file.organisation, json!({"profile_version": profile.version}))?;
    Ok(ProfileFile { profile: Some(profile), ..file.clone() })
}

/// The organisation whose relations the actor may read, and whether it is the actor's own: then the others stay unnamed.
pub fn may_read_relations(db: &mut Db, actor: &Actor, id: OrganisationId) -> Result<(ProfileFile, bool)> {
    let file = may(db, actor, &policy::READ_RELATIONS, id)?.into_subject();
    Ok((file, actor.organisation == Some(id)))
}
