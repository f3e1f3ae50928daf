//! The board of a base: who is there, since when, how much mentoring it confirmed, and what the last assessment found.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::mentoring::{self, SessionState};
use super::model::{IncubationRow, IncubationState};
use super::{assessments, places, rules, store};
use crate::db::Db;
use crate::db::schema::{incubations, organisations};
use crate::kernel::id::{IncubationId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};

/// Most organisations on a board.
const ROWS_MAX: i64 = 1_000;

/// An organisation on the board.
#[derive(Debug, Clone)]
pub struct Seat {
    /// Its incubation.
    pub incubation: IncubationRow,
    /// Its name.
    pub name_zh: String,
    /// Sessions, whatever the organisation says of them.
    pub sessions: usize,
    /// Confirmed sessions.
    pub confirmed_sessions: usize,
    /// Minutes of the confirmed ones.
    pub confirmed_minutes: i64,
    /// Day of the last assessment and its mean in hundredths of a point.
    pub last_assessment: Option<(NaiveDate, i64)>,
}

impl Seat {
    /// Since when it is where it is.
    pub fn since(&self) -> UtcInstant {
        let row = &self.incubation;
        row.ended_at.or(row.started_at).or(row.admitted_at).unwrap_or(row.created_at)
    }
}

/// A base at a glance.
#[derive(Debug, Clone)]
pub struct Board {
    /// Its places; `None` when nobody has counted them.
    pub places: Option<i32>,
    /// How many are taken.
    pub taken: i64,
    /// Who is there, oldest first.
    pub seats: Vec<Seat>,
}

/// The board of a base, of those who applied, are there, or (`past`) were there.
pub fn of(db: &mut Db, tenant: TenantId, base: UnitId, past: bool) -> Result<Board> {
    let mut states = vec![IncubationState::Applied, IncubationState::Admitted, IncubationState::Incubating];
    if past {
        states.extend([IncubationState::Graduated, IncubationState::Exited]);
    }
    let rows: Vec<(IncubationRow, String)> = incubations::table
        .inner_join(organisations::table.on(organisations::id.eq(incubations::organisation_id)))
        .filter(incubations::tenant_id.eq(tenant).and(incubations::base_unit_id.eq(base)))
        .filter(incubations::state.eq_any(states))
        .order((incubations::created_at, incubations::id))
        .limit(ROWS_MAX)
        .select((incubations::all_columns, organisations::name_zh))
        .load(db)?;
    let ids: Vec<IncubationId> = rows.iter().map(|(row, _)| row.id).collect();
    let sessions = mentoring::tally(db, tenant, &ids)?;
    let assessed = assessments::of(db, tenant, &ids)?;
    let seats = rows.into_iter().map(|(incubation, name_zh)| {
        let own = sessions.iter().filter(|(of, ..)| *of == incubation.id);
        let confirmed: Vec<i64> =
            own.clone().filter(|(_, state, _)| *state == SessionState::Confirmed).map(|(.., minutes)| i64::from(*minutes)).collect();
        let last = assessed.iter().filter(|one| one.incubation_id == incubation.id).max_by_key(|one| (one.assessed_on, one.created_at));
        Seat {
            sessions: own.count(),
            confirmed_sessions: confirmed.len(),
            confirmed_minutes: confirmed.into_iter().fold(0, i64::saturating_add),
            last_assessment: last.map(|one| (one.assessed_on, rules::mean_hundredths(&one.scores()))),
            incubation,
            name_zh,
        }
    });
    let seats = seats.collect();
    Ok(Board { places: places::of(db, tenant, base)?, taken: store::taken(db, tenant, base)?, seats })
}
