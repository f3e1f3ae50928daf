//! Consortia (联合体): the lead invites, every member confirms through its own administrator before the bid is submitted. Who is in two bids of
//! a lot is found at the opening, so that nobody learns of a rival's bid before.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::model::BidDesk;
use super::policy;
use super::rules::{BIDDING_CLOSED, CONSORTIUM_OPEN, MEMBERS_MAX, check_supply};
use crate::db::schema::{bid_members, consortium_members};
use crate::db::{Db, Tx, one_more};
use crate::kernel::error;
use crate::kernel::id::{AccountId, BidId, ConsortiumMemberId, LotId, OrganisationId, TenantId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::notices::outbox::{self, Message};
use crate::parties::organisations;
use crate::people::policy::{Action, Authorized, authorize};
use crate::people::{Actor, Role, Subject};
use crate::procurement::tenders::lots;
use crate::trust::journal::{self, Event};
use crate::words;

crate::text_enum! {
    /// Where an invitation into a consortium stands.
    pub enum MemberState {
        /// Not answered yet.
        Invited = "invited",
        /// The organisation takes part.
        Confirmed = "confirmed",
        /// It does not.
        Declined = "declined",
        /// Taken back by the lead, or left by the member.
        Left = "left",
    }
}

/// An organisation invited into a consortium.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = consortium_members, treat_none_as_default_value = false)]
pub struct MemberRow {
    /// Id.
    pub id: ConsortiumMemberId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Lot.
    pub lot_id: LotId,
    /// Who leads (牵头人) and bids.
    pub lead_id: OrganisationId,
    /// Who is invited.
    pub member_id: OrganisationId,
    /// Where it stands.
    pub state: MemberState,
    /// Who invited.
    pub invited_by: AccountId,
    /// When.
    pub invited_at: UtcInstant,
    /// Who answered, or left.
    pub answered_by: Option<AccountId>,
    /// When.
    pub answered_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
}

/// An invitation together with the organisation that acts on it.
#[derive(Debug, Clone)]
pub struct MemberDesk {
    /// The invitation.
    pub row: MemberRow,
    /// The acting organisation.
    pub acting: OrganisationId,
}

impl Subject for MemberDesk {
    fn tenant(&self) -> TenantId {
        self.row.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.row.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.row.state.as_str())
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.acting)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        let speaks = |organisation| actor.reaches(&[Role::OrgAdmin, Role::OrgMember], None, Some(organisation));
        speaks(self.row.lead_id) || speaks(self.row.member_id)
    }
}

/// The invitations of a lead for a lot.
pub fn led_by(db: &mut Db, lot: LotId, lead: OrganisationId) -> Result<Vec<MemberRow>> {
    Ok(consortium_members::table
        .filter(consortium_members::lot_id.eq(lot).and(consortium_members::lead_id.eq(lead)))
        .order((consortium_members::invited_at, consortium_members::id))
        .load(db)?)
}

/// What an organisation sees of a lot's consortia: those it leads and those it is invited to.
pub fn seen_by(db: &mut Db, lot: LotId, organisation: OrganisationId) -> Result<Vec<MemberRow>> {
    Ok(consortium_members::table
        .filter(
            consortium_members::lot_id
                .eq(lot)
                .and(consortium_members::lead_id.eq(organisation).or(consortium_members::member_id.eq(organisation))),
        )
        .order((consortium_members::invited_at, consortium_members::id))
        .limit(100)
        .load(db)?)
}

/// The confirmed members of a lead, by id.
pub fn confirmed(db: &mut Db, lot: LotId, lead: OrganisationId) -> Result<Vec<OrganisationId>> {
    let mut members: Vec<OrganisationId> =
        led_by(db, lot, lead)?.into_iter().filter(|row| row.state == MemberState::Confirmed).map(|row| row.member_id).collect();
    members.sort_unstable();
    Ok(members)
}

/// The confirmed members of good standing, once nobody's answer is missing.
pub fn settled(db: &mut Db, desk: &BidDesk, day: NaiveDate) -> Result<Vec<OrganisationId>> {
    let (tenant, lot) = (desk.file.lot.tenant_id, desk.file.lot.id);
    let open = led_by(db, lot, desk.organisation)?.iter().filter(|row| row.state == MemberState::Invited).count();
    if open > 0 {
        return Err(CONSORTIUM_OPEN.because(words!("还有 {open} 家未答复", "{open} have not answered")));
    }
    let members = confirmed(db, lot, desk.organisation)?;
    for member in &members {
        check_supply(&organisations::may_supply(db, tenant, *member, day)?)?;
    }
    Ok(members)
}

/// The members that go with a bid.
pub fn of_bid(db: &mut Db, bid: BidId) -> Result<Vec<OrganisationId>> {
    Ok(bid_members::table
        .filter(bid_members::bid_id.eq(bid))
        .order(bid_members::organisation_id)
        .select(bid_members::organisation_id)
        .load(db)?)
}

/// Keeps the members that go with a bid.
pub fn bind<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, bid: BidId, members: &[OrganisationId]) -> Result<()> {
    for member in members {
        diesel::insert_into(bid_members::table)
            .values((bid_members::bid_id.eq(bid), bid_members::organisation_id.eq(*member)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Invites an organisation into the consortium that the bidder leads. One that declined or left may be asked again.
pub fn invite(tx: &mut Tx<'_>, granted: &Authorized<BidDesk>, member: OrganisationId) -> Result<MemberRow> {
    let desk = granted.subject();
    let tender = &desk.file.tender;
    if !tender.takes_bids(tx.now()) {
        return Err(BIDDING_CLOSED.error());
    }
    let unknown = || Error::field("/organisation_id", words!("不是可邀请的组织", "not an organisation that can be invited"));
    let organisation = organisations::find(tx, tender.tenant_id, member)?.ok_or_else(unknown)?;
    if member == desk.organisation {
        return Err(unknown());
    }
    let today = tx.now().date_in_shanghai();
    check_supply(&organisations::may_supply(tx, tender.tenant_id, member, today)?)?;
    let known = led_by(tx, desk.file.lot.id, desk.organisation)?;
    if known.iter().filter(|row| matches!(row.state, MemberState::Invited | MemberState::Confirmed)).count() >= MEMBERS_MAX {
        return Err(Error::field("/organisation_id", words!("成员最多 {MEMBERS_MAX} 家", "at most {MEMBERS_MAX} members")));
    }
    let earlier = known.into_iter().find(|row| row.member_id == member);
    let row = match earlier {
        Some(row) if matches!(row.state, MemberState::Invited | MemberState::Confirmed) => {
            return Err(error::CONFLICT.because(words!("已邀请该组织", "the organisation is invited already")));
        }
        Some(row) => set_state(tx, &row, MemberState::Invited, None)?,
        None => {
            let row = MemberRow {
                id: tx.new_id(),
                tenant_id: tender.tenant_id,
                lot_id: desk.file.lot.id,
                lead_id: desk.organisation,
                member_id: member,
                state: MemberState::Invited,
                invited_by: granted.by(),
                invited_at: tx.now(),
                answered_by: None,
                answered_at: None,
                version: 1,
            };
            diesel::insert_into(consortium_members::table).values(&row).execute(&mut **tx)?;
            row
        }
    };
    record(tx, "consortium.invited", &row)?;
    let body = format!(
        "有组织邀请贵组织参加「{0}」的联合体，请在响应截止前登录平台确认或谢绝。\nYou are invited into a consortium for “{0}”. Confirm or decline on the platform before bids close.\n",
        desk.file.lot.title
    );
    let subject = format!("联合体邀请 Consortium: {}", desk.file.lot.title);
    outbox::enqueue(tx, Message { tenant: tender.tenant_id, recipient: &organisation.contact_email, subject, body })?;
    Ok(row)
}

/// An invitation of the tenant, or 404.
pub fn find(db: &mut Db, tenant: TenantId, id: ConsortiumMemberId) -> Result<MemberRow> {
    consortium_members::table
        .filter(consortium_members::tenant_id.eq(tenant).and(consortium_members::id.eq(id)))
        .first(db)
        .optional()?
        .ok_or_else(|| error::NOT_FOUND.error())
}

/// May the actor do this with the invitation? Answering is the member's, leaving either's.
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ConsortiumMemberId) -> Result<Authorized<MemberDesk>> {
    let row = find(db, actor.tenant, id)?;
    let leads = actor.organisation == Some(row.lead_id) && action.name == policy::LEAVE.name;
    let acting = if leads { row.lead_id } else { row.member_id };
    authorize(actor, action, MemberDesk { row, acting })
}

/// The invited organisation confirms or declines.
pub fn answer(tx: &mut Tx<'_>, granted: &Authorized<MemberDesk>, takes_part: bool) -> Result<MemberRow> {
    let state = if takes_part { MemberState::Confirmed } else { MemberState::Declined };
    move_on(tx, granted, state, if takes_part { "consortium.confirmed" } else { "consortium.declined" })
}

/// The lead takes the invitation back, or the member leaves. A bid that is sealed with the member in it stays as it is until it is replaced.
pub fn leave(tx: &mut Tx<'_>, granted: &Authorized<MemberDesk>) -> Result<MemberRow> {
    move_on(tx, granted, MemberState::Left, "consortium.left")
}

fn move_on(tx: &mut Tx<'_>, granted: &Authorized<MemberDesk>, state: MemberState, action: &str) -> Result<MemberRow> {
    let row = &granted.subject().row;
    let file = lots::load(tx, row.tenant_id, row.lot_id)?;
    if !file.tender.takes_bids(tx.now()) {
        return Err(BIDDING_CLOSED.error());
    }
    let row = set_state(tx, row, state, Some(granted.by()))?;
    record(tx, action, &row)?;
    Ok(row)
}

fn set_state(tx: &mut Tx<'_>, row: &MemberRow, state: MemberState, by: Option<AccountId>) -> Result<MemberRow> {
    let at = by.map(|_| tx.now());
    Ok(diesel::update(consortium_members::table.find(row.id))
        .set((
            consortium_members::state.eq(state),
            consortium_members::answered_by.eq(by),
            consortium_members::answered_at.eq(at),
            consortium_members::version.eq(one_more(consortium_members::version)),
        ))
        .returning(consortium_members::all_columns)
        .get_result(&mut **tx)?)
}

/// The entry names no case: until the opening nobody else may learn who bids with whom.
fn record(tx: &mut Tx<'_>, action: &str, row: &MemberRow) -> Result<()> {
    let content = json!({"lead_id": row.lead_id, "member_id": row.member_id, "lot_id": row.lot_id});
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: "consortium_member",
            resource: row.id.any(),
            version: row.version,
            case: None,
            content,
        },
    )?;
    Ok(())
}
