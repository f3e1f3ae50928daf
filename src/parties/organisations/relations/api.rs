//! Profiles and relations over HTTP. The head's identity number comes in and never goes out.

use actix_web::{get, post, put, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::{policy, rules as organisation_rules};
use super::model::{ControlKind, NewController, NewProfile, ProfileFile, RelationKind};
use super::{rules, service};
use crate::kernel::id::OrganisationId;
use crate::kernel::{Error, Result, Uscc, UtcInstant, error};
use crate::people;
use crate::trust::sealing::SealingKey;
use crate::web::{Answer, Body, Call, Id, Page, Reply};
use crate::words;

/// What the digest of an identity number is for; another purpose has other digests.
const PURPOSE: &str = "organisation head";

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_profile).service(put_profile).service(confirm_profile).service(list_relations);
}

/// Who controls an organisation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ControllerView {
    /// How.
    pub kind: ControlKind,
    /// Its name.
    #[schema(example = "湖州市示例集团有限公司")]
    pub name: String,
    /// Its credit code.
    pub uscc: Option<Uscc>,
}

/// The profile by which related parties are found. Telephone and address are the organisation's, never public.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProfileView {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// 法定代表人.
    #[schema(example = "沈示例")]
    pub head_name: String,
    /// Whether the head's identity document is recorded; the number itself is not kept.
    #[schema(example = true)]
    pub head_identity_recorded: bool,
    /// Contact person; null before the first profile.
    #[schema(example = "钱联系")]
    pub contact_name: Option<String>,
    /// Telephone.
    #[schema(example = "0572-2021234")]
    pub contact_phone: Option<String>,
    /// Address.
    #[schema(example = "湖州市吴兴区月河街道示例路 1 号")]
    pub address: Option<String>,
    /// Who controls it.
    #[schema(max_items = 20)]
    pub controllers: Vec<ControllerView>,
    /// When the platform confirmed it against the papers.
    pub confirmed_at: Option<UtcInstant>,
    /// Version of the profile, 0 before the first; also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

fn reply(file: ProfileFile) -> Result<Reply> {
    let profile = file.profile;
    let version = profile.as_ref().map_or(0, |profile| profile.version);
    let recorded = profile.as_ref().is_some_and(|profile| profile.head_digest.is_some());
    let confirmed_at = profile.as_ref().and_then(|profile| profile.verified_at);
    let (contact_name, contact_phone, address) =
        profile.map_or((None, None, None), |row| (Some(row.contact_name), Some(row.contact_phone), Some(row.address)));
    let view = ProfileView {
        organisation_id: file.organisation.id,
        head_name: file.organisation.legal_representative,
        head_identity_recorded: recorded,
        contact_name,
        contact_phone,
        address,
        controllers: file.controllers.into_iter().map(|row| ControllerView { kind: row.kind, name: row.name, uscc: row.uscc }).collect(),
        confirmed_at,
        version,
    };
    Ok(Reply::ok(&view)?.tagged(version))
}

/// Read the profile of an organisation
///
/// For the organisation's administrators, the platform's administrator, the supervisor and auditors.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "The profile", body = ProfileView)),
    extensions(("x-action" = json!(policy::READ_PROFILE.name))), security(("bearer" = [])))]
#[get("/organisations/{organisation_id}/profile")]
async fn get_profile(call: Call, id: Id<OrganisationId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let granted = service::may(snapshot, viewer.person()?, &policy::READ_PROFILE, id.0)?;
        Ok(reply(granted.into_subject())?.logged(people::readings::PERSONAL_DATA))
    })
    .await
}

/// A controller.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutController {
    /// How it controls.
    pub kind: ControlKind,
    /// Its name.
    #[schema(min_length = 2, max_length = 100, example = "湖州市示例集团有限公司")]
    pub name: String,
    /// Its credit code, when it has one.
    #[serde(default)]
    #[schema(min_length = 18, max_length = 18, pattern = "^[0-9A-HJ-NPQRTUWXY]{18}$", example = "53330500MJ9000030A")]
    pub uscc: Option<String>,
}

/// The whole profile. It has no `Debug`, so that the identity number reaches no log.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutProfile {
    /// 法定代表人.
    #[schema(min_length = 1, max_length = 64, example = "沈示例")]
    pub head_name: String,
    /// The head's identity number. Only a keyed digest and the last four characters are kept; absent keeps what is recorded for the same head.
    #[serde(default)]
    #[schema(min_length = 6, max_length = 30, example = "11010519491231002X")]
    pub head_identity_number: Option<String>,
    /// Contact person.
    #[schema(min_length = 1, max_length = 64, example = "钱联系")]
    pub contact_name: String,
    /// Telephone.
    #[schema(min_length = 5, max_length = 30, example = "0572-2021234")]
    pub contact_phone: String,
    /// Address.
    #[schema(min_length = 4, max_length = 200, example = "湖州市吴兴区月河街道示例路 1 号")]
    pub address: String,
    /// Who controls it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub controllers: Vec<PutController>,
}

impl PutProfile {
    fn profile(&self, key: &SealingKey) -> Result<NewProfile> {
        let head_identity = self.head_identity_number.as_deref().map(|number| identity(key, number)).transpose()?;
        let mut controllers = Vec::new();
        for (place, one) in self.controllers.iter().enumerate() {
            let uscc = one.uscc.as_deref().map(organisation_rules::credit_code).transpose().map_err(|_| {
                Error::field(format!("/controllers/{place}/uscc"), words!("不是统一社会信用代码", "not a unified social credit code"))
            })?;
            controllers.push(NewController { kind: one.kind, name: one.name.clone(), uscc });
        }
        Ok(NewProfile {
            head_name: self.head_name.clone(),
            head_identity,
            contact_name: self.contact_name.clone(),
            contact_phone: self.contact_phone.clone(),
            address: self.address.clone(),
            controllers,
        })
    }

    /// What makes two requests the same: the keyed digest stands for the number, because a stored plain hash of it could be guessed.
    fn fingerprint(&self, key: &SealingKey) -> [u8; 32] {
        let mut hash = Sha256::new();
        let number = self.head_identity_number.as_deref().map(|number| key.blind("fingerprint", number)).unwrap_or_default();
        let controllers = serde_json::to_vec(&self.controllers).unwrap_or_default();
        let texts = [&self.head_name, &self.contact_name, &self.contact_phone, &self.address].map(|text| text.as_bytes());
        for part in texts.into_iter().chain([number.as_slice(), controllers.as_slice()]) {
            hash.update(part);
            hash.update([0]);
        }
        hash.finalize().into()
    }
}

/// Keyed digest and last four characters of an identity number.
fn identity(key: &SealingKey, number: &str) -> Result<(Vec<u8>, String)> {
    let number = rules::identity_number(number).ok_or_else(|| {
        Error::field("/head_identity_number", words!("证件号码或其校验位有误", "the number or its check character is wrong"))
    })?;
    let skipped = number.len().saturating_sub(4);
    let last_four = number.chars().skip(skipped).collect();
    Ok((key.blind(PURPOSE, &number), last_four))
}

/// Record the profile of an organisation
///
/// Head, contact and who controls it: what related parties are found by (R066, R069). What the platform confirmed before must be confirmed again.
/// The head's name here is the one shown of the organisation.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "One's own organisation")), request_body = PutProfile,
    responses((status = 200, description = "Recorded", body = ProfileView)),
    extensions(("x-action" = json!(policy::CHANGE_PROFILE.name))), security(("bearer" = [])))]
#[put("/organisations/{organisation_id}/profile")]
async fn put_profile(call: Call, id: Id<OrganisationId>, body: Body<PutProfile>, key: web::Data<SealingKey>) -> Answer {
    let fingerprint = body.get().map_or([0; 32], |asked| asked.fingerprint(&key));
    people::command(
        call,
        fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CHANGE_PROFILE, id.0),
        move |tx, granted| reply(service::change(tx, &granted, &body.get()?.profile(&key)?)?),
    )
    .await
}

/// What confirms a profile.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmProfile {
    /// The last four characters of the head's identity document, read from the paper.
    #[schema(min_length = 4, max_length = 4, example = "002X")]
    pub head_identity_last_four: String,
}

/// Confirm the profile of an organisation
///
/// The platform compared the papers. The last four characters of the head's document must be those that were recorded.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")), request_body = ConfirmProfile,
    responses((status = 200, description = "Confirmed", body = ProfileView)),
    extensions(("x-action" = json!(policy::CONFIRM_PROFILE.name)), ("x-problems" = json!(["head_not_confirmed"]))), security(("bearer" = [])))]
#[post("/organisations/{organisation_id}/profile/confirmation")]
async fn confirm_profile(call: Call, id: Id<OrganisationId>, body: Body<ConfirmProfile>, key: web::Data<SealingKey>) -> Answer {
    // Four characters are guessed in no time from a plain hash of them.
    let fingerprint = body.get().map_or([0; 32], |asked| Sha256::digest(key.blind("fingerprint", &asked.head_identity_last_four)).into());
    people::command(
        call,
        fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CONFIRM_PROFILE, id.0),
        move |tx, granted| reply(service::confirm(tx, &granted, &body.get()?.head_identity_last_four)?),
    )
    .await
}

/// Something that two organisations have in common.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RelationView {
    /// The other organisation; null for the organisation itself, which learns nobody else's data.
    pub organisation_id: Option<OrganisationId>,
    /// Its name, shown likewise.
    #[schema(example = "吴兴区邻里互助协会")]
    pub name_zh: Option<String>,
    /// What they have in common.
    pub kind: RelationKind,
    /// Whether it stops both in one lot; otherwise it marks them.
    #[schema(example = true)]
    pub stops: bool,
    /// The rule it falls under.
    #[schema(example = "R066")]
    pub rule: String,
    /// What it means, 中文.
    #[schema(example = "单位负责人为同一人")]
    pub explanation_zh: String,
    /// What it means, English.
    #[schema(example = "they have the same head")]
    pub explanation_en: String,
    /// What can be done, 中文.
    #[schema(example = "同一包只能由其中一方参加")]
    pub remedy_zh: String,
    /// What can be done, English.
    #[schema(example = "only one of them takes part in a lot")]
    pub remedy_en: String,
}

/// List the relations of an organisation
///
/// With whom it shares head, control, contact, telephone or address (R066 stops, R069 marks), at most the first 100. The organisation's own
/// administrators see what is found, and not with whom. No personal data is shown.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "The relations", body = Page<RelationView>)),
    extensions(("x-action" = json!(policy::READ_RELATIONS.name))), security(("bearer" = [])))]
#[get("/organisations/{organisation_id}/relations")]
async fn list_relations(call: Call, id: Id<OrganisationId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person().map_err(|_| error::UNAUTHENTICATED.error())?;
        let (file, own) = service::may_read_relations(snapshot, actor, id.0)?;
        let found = service::relations_of(snapshot, &file)?;
        let views = found.into_iter().flat_map(|(other, pair)| {
            pair.relations.into_iter().map(move |relation| RelationView {
                organisation_id: (!own).then_some(other.id),
                name_zh: (!own).then(|| other.name_zh.clone()),
                kind: relation.kind,
                stops: relation.stops,
                rule: relation.rule.to_owned(),
                explanation_zh: relation.explanation.zh.into_owned(),
                explanation_en: relation.explanation.en.into_owned(),
                remedy_zh: relation.remedy.zh.into_owned(),
                remedy_en: relation.remedy.en.into_owned(),
            })
        });
        Reply::ok(&Page { items: views.take(100).collect(), next: None })
    })
    .await
}
