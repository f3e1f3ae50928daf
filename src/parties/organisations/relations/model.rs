//! The profile of an organisation, and what relates two of them.

use diesel::prelude::*;

use super::super::model::OrganisationRow;
use crate::db::schema::{organisation_controllers, organisation_profiles};
use crate::kernel::id::{AccountId, OrganisationId, TenantId};
use crate::kernel::{Uscc, UtcInstant, Words};
use crate::people::{Actor, Subject};

crate::text_enum! {
    /// How somebody controls an organisation.
    pub enum ControlKind {
        /// 举办者.
        Founder = "founder",
        /// 控股.
        Shareholder = "shareholder",
        /// 直接管理.
        Manager = "manager",
        /// 业务主管单位: one body supervises many, so that it alone only marks.
        SupervisingBody = "supervising_body",
    }
}

crate::text_enum! {
    /// What two organisations have in common.
    pub enum RelationKind {
        /// The same head, by the identity document.
        SameHead = "same_head",
        /// Heads of the same name, of whom at least one recorded no document.
        SameHeadName = "same_head_name",
        /// One controls the other.
        DirectControl = "direct_control",
        /// Somebody controls both.
        SameController = "same_controller",
        /// The same 业务主管单位.
        SameSupervisingBody = "same_supervising_body",
        /// The same contact person.
        SameContact = "same_contact",
        /// The same telephone.
        SamePhone = "same_phone",
        /// The same address.
        SameAddress = "same_address",
    }
}

/// A stored profile. Of the head's identity number only a keyed digest and the last four characters are kept; neither is ever shown.
#[derive(Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = organisation_profiles, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ProfileRow {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// 法定代表人.
    pub head_name: String,
    /// The name in its comparable form.
    pub head_name_key: String,
    /// Keyed digest of the head's identity number.
    pub head_digest: Option<Vec<u8>>,
    /// Its last four characters, to be compared with the paper.
    pub head_last_four: Option<String>,
    /// Contact person.
    pub contact_name: String,
    /// The name in its comparable form.
    pub contact_name_key: String,
    /// Telephone.
    pub contact_phone: String,
    /// The number in its comparable form.
    pub contact_phone_key: String,
    /// Address.
    pub address: String,
    /// The address in its comparable form.
    pub address_key: String,
    /// Who confirmed it against the papers.
    pub verified_by: Option<AccountId>,
    /// When.
    pub verified_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: UtcInstant,
}

/// A stored controller of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = organisation_controllers, treat_none_as_default_value = false)]
pub struct ControllerRow {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Place in its list, from 1.
    pub position: i32,
    /// Tenant.
    pub tenant_id: TenantId,
    /// How it controls.
    pub kind: ControlKind,
    /// Its name.
    pub name: String,
    /// The name in its comparable form.
    pub name_key: String,
    /// Its credit code, when it has one.
    pub uscc: Option<Uscc>,
}

/// An organisation with its profile, if it has recorded one.
#[derive(Clone)]
pub struct ProfileFile {
    /// The organisation.
    pub organisation: OrganisationRow,
    /// Its profile.
    pub profile: Option<ProfileRow>,
    /// Who controls it.
    pub controllers: Vec<ControllerRow>,
}

impl Subject for ProfileFile {
    fn tenant(&self) -> TenantId {
        self.organisation.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.profile.as_ref().map_or(0, |profile| profile.version))
    }
    fn state(&self) -> Option<&'static str> {
        Some(match &self.profile {
            None => "absent",
            Some(profile) if profile.verified_at.is_some() => "confirmed",
            Some(_) => "recorded",
        })
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation.id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.organisation.visible_to(actor)
    }
}

/// A profile as its organisation gives it.
#[derive(Clone)]
pub struct NewProfile {
    /// 法定代表人.
    pub head_name: String,
    /// Keyed digest and last four characters of the identity number; `None` keeps what is recorded for the same head.
    pub head_identity: Option<(Vec<u8>, String)>,
    /// Contact person.
    pub contact_name: String,
    /// Telephone.
    pub contact_phone: String,
    /// Address.
    pub address: String,
    /// Who controls it.
    pub controllers: Vec<NewController>,
}

/// A controller as the organisation gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewController {
    /// How it controls.
    pub kind: ControlKind,
    /// Its name.
    pub name: String,
    /// Its credit code.
    pub uscc: Option<Uscc>,
}

/// What is compared of an organisation, everything in its comparable form. Empty means not known.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its credit code.
    pub uscc: Uscc,
    /// Its name.
    pub name_key: String,
    /// Its head.
    pub head_name_key: String,
    /// Keyed digest of the head's identity number.
    pub head_digest: Option<Vec<u8>>,
    /// Its contact person.
    pub contact_name_key: String,
    /// Its telephone.
    pub contact_phone_key: String,
    /// Its address.
    pub address_key: String,
    /// Who controls it.
    pub controllers: Vec<ControllerCard>,
}

/// A controller in its comparable form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControllerCard {
    /// How it controls.
    pub kind: ControlKind,
    /// Its name.
    pub name_key: String,
    /// Its credit code.
    pub uscc: Option<Uscc>,
}

/// One thing that two organisations have in common. It names no person, number or address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// What.
    pub kind: RelationKind,
    /// Whether it stops both in one lot (R066); otherwise it marks them (R069).
    pub stops: bool,
    /// The rule it falls under.
    pub rule: &'static str,
    /// What it means.
    pub explanation: Words,
    /// What the organisations can do.
    pub remedy: Words,
}

/// Two organisations with what they have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// One.
    pub a: OrganisationId,
    /// The other.
    pub b: OrganisationId,
    /// What they have in common; never empty.
    pub relations: Vec<Relation>,
}
