//! Mentoring sessions: recorded by the base, confirmed or disputed by the organisation. Only confirmed ones count.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::model::{IncubationRow, IncubationState};
use super::rules::{self, NewSession};
use super::{policy, store};
use crate::db::schema::mentoring_sessions as sessions;
use crate::db::{Db, Tx, one_more};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{AccountId, IncubationId, MentoringSessionId, OrganisationId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::policy::authorize;
use crate::people::{Actor, Authorized, Subject};
use crate::trust::journal::{self, Event};

crate::text_enum! {
    /// What the organisation says of a session.
    pub enum SessionState {
        /// Nothing yet.
        Recorded = "recorded",
        /// It took place as it was recorded.
        Confirmed = "confirmed",
        /// It did not, with the reason.
        Disputed = "disputed",
    }
}

/// A mentoring session.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// Id.
    pub id: MentoringSessionId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The incubation.
    pub incubation_id: IncubationId,
    /// Day.
    pub held_on: NaiveDate,
    /// Minutes.
    pub minutes: i32,
    /// What it was about.
    pub topic: String,
    /// Who mentored.
    pub mentor: String,
    /// What the organisation says of it.
    pub state: SessionState,
    /// Who recorded it.
    pub recorded_by: AccountId,
    /// Who answered for the organisation.
    pub answered_by: Option<AccountId>,
    /// When.
    pub answered_at: Option<UtcInstant>,
    /// Why it is disputed.
    pub answer_note: Option<String>,
    /// Version.
    pub version: i64,
    /// When it was recorded.
    pub created_at: UtcInstant,
}

/// A session with its incubation.
#[derive(Debug, Clone)]
pub struct SessionFile {
    /// The session.
    pub session: SessionRow,
    /// The incubation.
    pub incubation: IncubationRow,
}

impl Subject for SessionFile {
    fn tenant(&self) -> TenantId {
        self.session.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.session.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.session.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.incubation.base_unit_id)
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.incubation.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.incubation.visible_to(actor)
    }
}

/// May the actor answer for the organisation?
pub fn may_answer(db: &mut Db, actor: &Actor, id: MentoringSessionId) -> Result<Authorized<SessionFile>> {
    let found = sessions::table.filter(sessions::tenant_id.eq(actor.tenant).and(sessions::id.eq(id))).first(db).optional()?;
    let session: SessionRow = found.ok_or_else(|| error::NOT_FOUND.error())?;
    let incubation = store::find(db, actor.tenant, session.incubation_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::ANSWER_SESSION, SessionFile { session, incubation })
}

/// Incubation, state and minutes of every session of these incubations: all that a board adds up.
pub fn tally(db: &mut Db, tenant: TenantId, incubations: &[IncubationId]) -> Result<Vec<(IncubationId, SessionState, i32)>> {
    Ok(sessions::table
        .filter(sessions::tenant_id.eq(tenant).and(sessions::incubation_id.eq_any(incubations.iter().copied())))
        .select((sessions::incubation_id, sessions::state, sessions::minutes))
        .load(db)?)
}

/// Sessions of an incubation after the cursor, oldest first.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    incubation: IncubationId,
    after: Option<(UtcInstant, MentoringSessionId)>,
    rows: i64,
) -> Result<Vec<SessionRow>> {
    let mut query = sessions::table
        .filter(sessions::tenant_id.eq(tenant).and(sessions::incubation_id.eq(incubation)))
        .into_boxed::<crate::db::Backend>();
    if let Some((at, id)) = after {
        query = query.filter(sessions::created_at.gt(at).or(sessions::created_at.eq(at).and(sessions::id.gt(id))));
    }
    Ok(query.order((sessions::created_at, sessions::id)).limit(rows).load(db)?)
}

/// Records a session.
pub fn record(tx: &mut Tx<'_>, granted: &Authorized<IncubationRow>, new: &NewSession) -> Result<SessionRow> {
    let incubation = granted.subject();
    debug_assert!(matches!(incubation.state, IncubationState::Admitted | IncubationState::Incubating));
    let admitted_on = incubation.admitted_at.map(UtcInstant::date_in_shanghai);
    rules::check_session(new, admitted_on, tx.now().date_in_shanghai())?;
    let row = SessionRow {
        id: tx.new_id(),
        tenant_id: incubation.tenant_id,
        incubation_id: incubation.id,
        held_on: new.held_on,
        minutes: new.minutes,
        topic: new.topic.trim().to_owned(),
        mentor: new.mentor.trim().to_owned(),
        state: SessionState::Recorded,
        recorded_by: granted.by(),
        answered_by: None,
        answered_at: None,
        answer_note: None,
        version: 1,
        created_at: tx.now(),
    };
    diesel::insert_into(sessions::table).values(&row).execute(&mut **tx)?;
    journalled(tx, "mentoring_session.recorded", &row)?;
    Ok(row)
}

/// Confirms, or disputes with a reason.
pub fn answer(tx: &mut Tx<'_>, granted: &Authorized<SessionFile>, dispute: Option<&str>) -> Result<SessionRow> {
    if let Some(reason) = dispute {
        let mut fields = Fields::default();
        fields.text(reason, "/reason", 2, rules::REMARK_MAX);
        fields.finish()?;
    }
    let now = tx.now();
    let (state, action) = match dispute {
        None => (SessionState::Confirmed, "mentoring_session.confirmed"),
        Some(_) => (SessionState::Disputed, "mentoring_session.disputed"),
    };
    let row = diesel::update(sessions::table.find(granted.subject().session.id))
        .set((
            sessions::state.eq(state),
            sessions::answered_by.eq(granted.person()),
            sessions::answered_at.eq(Some(now)),
            sessions::answer_note.eq(dispute.map(str::trim)),
            sessions::version.eq(one_more(sessions::version)),
        ))
        .returning(sessions::all_columns)
        .get_result(&mut **tx)?;
    journalled(tx, action, &row)?;
    Ok(row)
}

fn journalled(tx: &mut Tx<'_>, action: &str, row: &SessionRow) -> Result<()> {
    let content = json!({
        "incubation_id": row.incubation_id, "held_on": row.held_on, "minutes": row.minutes, "topic": row.topic, "mentor": row.mentor, "state": row.state,
        "answer_note": row.answer_note,
    });
    let (tenant, resource, version) = (row.tenant_id, row.id.any(), row.version);
    journal::record(tx, &Event { tenant, action, kind: "mentoring_session", resource, version, case: None, content })?;
    Ok(())
}
