//! Consortia over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::consortium::{self, MemberRow, MemberState};
use super::{policy, service};
use crate::kernel::id::{ConsortiumMemberId, LotId, OrganisationId};
use crate::kernel::{UtcInstant, error};
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Page, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(invite_member).service(list_members).service(get_member).service(answer_invitation).service(leave_consortium);
}

/// An invitation into a consortium.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MemberView {
    /// Id.
    pub id: ConsortiumMemberId,
    /// Lot.
    pub lot_id: LotId,
    /// Who leads and bids.
    pub lead_id: OrganisationId,
    /// Who is invited.
    pub member_id: OrganisationId,
    /// Where it stands.
    pub state: MemberState,
    /// When it was invited.
    pub invited_at: UtcInstant,
    /// When it was answered or left.
    pub answered_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

impl From<MemberRow> for MemberView {
    fn from(row: MemberRow) -> Self {
        Self {
            id: row.id,
            lot_id: row.lot_id,
            lead_id: row.lead_id,
            member_id: row.member_id,
            state: row.state,
            invited_at: row.invited_at,
            answered_at: row.answered_at,
            version: row.version,
        }
    }
}

/// Whom to invite.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteMember {
    /// A verified organisation.
    pub organisation_id: OrganisationId,
}

/// Invite an organisation into my consortium
///
/// The invited organisation confirms or declines through its own administrator. A bid is taken only when nobody's answer is missing.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot")), request_body = InviteMember,
    responses((status = 201, description = "Invited", body = MemberView)),
    extensions(("x-action" = json!(policy::INVITE.name)), ("x-problems" = json!(["bidding_closed", "bidder_not_eligible", "conflict"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/consortium-members")]
async fn invite_member(call: Call, id: Id<LotId>, body: Body<InviteMember>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::INVITE, id.0),
        move |tx, granted| {
            let row = consortium::invite(tx, &granted, body.get()?.organisation_id)?;
            let version = row.version;
            Ok(Reply::created(format!("/api/v1/consortium-members/{}", row.id), &MemberView::from(row))?.tagged(version))
        },
    )
    .await
}

/// List my organisation's consortia for a lot
///
/// Those it leads and those it is invited to, at most 100 in one page.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "Invitations", body = Page<MemberView>)),
    extensions(("x-action" = json!(policy::PREPARE.name))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/consortium-members")]
async fn list_members(call: Call, id: Id<LotId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let granted = service::may(snapshot, viewer.person()?, &policy::PREPARE, id.0)?;
        let rows = consortium::seen_by(snapshot, id.0, granted.subject().organisation)?;
        Reply::ok(&Page { items: rows.into_iter().map(MemberView::from).collect(), next: None })
    })
    .await
}

/// Read an invitation into a consortium
///
/// For the lead and the invited organisation only.
#[utoipa::path(tag = "bids", params(("member_id" = ConsortiumMemberId, Path, description = "The invitation")),
    responses((status = 200, description = "The invitation", body = MemberView)), extensions(("x-action" = json!(policy::PREPARE.name))), security(("bearer" = [])))]
#[get("/consortium-members/{member_id}")]
async fn get_member(call: Call, id: Id<ConsortiumMemberId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = consortium::find(snapshot, actor.tenant, id.0)?;
        let desk = consortium::MemberDesk { acting: row.member_id, row };
        if !desk.visible_to(actor) {
            return Err(error::NOT_FOUND.error());
        }
        let version = desk.row.version;
        Ok(Reply::ok(&MemberView::from(desk.row))?.tagged(version))
    })
    .await
}

/// An answer to an invitation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerInvitation {
    /// Whether the organisation takes part.
    #[schema(example = true)]
    pub takes_part: bool,
}

/// Answer an invitation into a consortium
///
/// Before the deadline, by the invited organisation's administrator.
#[utoipa::path(tag = "bids", params(("member_id" = ConsortiumMemberId, Path, description = "The invitation")), request_body = AnswerInvitation,
    responses((status = 200, description = "Answered", body = MemberView)),
    extensions(("x-action" = json!(policy::ANSWER.name)), ("x-problems" = json!(["bidding_closed"]))), security(("bearer" = [])))]
#[post("/consortium-members/{member_id}/answer")]
async fn answer_invitation(call: Call, id: Id<ConsortiumMemberId>, body: Body<AnswerInvitation>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| consortium::may(tx, actor, &policy::ANSWER, id.0),
        move |tx, granted| {
            let row = consortium::answer(tx, &granted, body.get()?.takes_part)?;
            let version = row.version;
            Ok(Reply::ok(&MemberView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Leave a consortium, or take an invitation back
///
/// Before the deadline. A bid already sealed with the member stays as it is until its bidder replaces or withdraws it.
#[utoipa::path(tag = "bids", params(("member_id" = ConsortiumMemberId, Path, description = "The invitation")),
    responses((status = 200, description = "Left", body = MemberView)),
    extensions(("x-action" = json!(policy::LEAVE.name)), ("x-problems" = json!(["bidding_closed"]))), security(("bearer" = [])))]
#[post("/consortium-members/{member_id}/leaving")]
async fn leave_consortium(call: Call, id: Id<ConsortiumMemberId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| consortium::may(tx, actor, &policy::LEAVE, id.0),
        |tx, granted| {
            let row = consortium::leave(tx, &granted)?;
            let version = row.version;
            Ok(Reply::ok(&MemberView::from(row))?.tagged(version))
        },
    )
    .await
}
