//! Assessments of what an incubated organisation can do: scores by dimension. They are never changed; the next one is a row of its own.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::model::IncubationRow;
use super::rules::{self, DimensionScore};
use crate::db::schema::capability_assessments as assessments;
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, CapabilityAssessmentId, IncubationId, TenantId};
use crate::kernel::sql::Doc;
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::Authorized;
use crate::trust::journal::{self, Event};

/// A stored assessment.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = assessments, treat_none_as_default_value = false)]
pub struct AssessmentRow {
    /// Id.
    pub id: CapabilityAssessmentId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The incubation.
    pub incubation_id: IncubationId,
    /// Day.
    pub assessed_on: NaiveDate,
    /// [`DimensionScore`]s.
    pub scores: Doc,
    /// What the scores do not say.
    pub remark: Option<String>,
    /// Who assessed.
    pub assessed_by: AccountId,
    /// When it was entered.
    pub created_at: UtcInstant,
}

impl AssessmentRow {
    /// The scores.
    pub fn scores(&self) -> Vec<DimensionScore> {
        serde_json::from_value(self.scores.0.clone()).unwrap_or_default()
    }
}

/// What is needed to assess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAssessment {
    /// Day.
    pub assessed_on: NaiveDate,
    /// Scores, each dimension once at most.
    pub scores: Vec<DimensionScore>,
    /// What they do not say.
    pub remark: Option<String>,
}

/// The assessments of incubations, oldest first.
pub fn of(db: &mut Db, tenant: TenantId, incubations: &[IncubationId]) -> Result<Vec<AssessmentRow>> {
    Ok(assessments::table
        .filter(assessments::tenant_id.eq(tenant).and(assessments::incubation_id.eq_any(incubations.iter().copied())))
        .order((assessments::created_at, assessments::id))
        .load(db)?)
}

/// Enters an assessment.
pub fn assess(tx: &mut Tx<'_>, granted: &Authorized<IncubationRow>, new: &NewAssessment) -> Result<AssessmentRow> {
    let incubation = granted.subject();
    let started_on = incubation.started_at.map(UtcInstant::date_in_shanghai);
    rules::check_assessment(&new.scores, new.remark.as_deref(), new.assessed_on, started_on, tx.now().date_in_shanghai())?;
    let scores = serde_json::to_value(&new.scores).map_err(|e| Error::internal(format!("scores: {e}")))?;
    let row = AssessmentRow {
        id: tx.new_id(),
        tenant_id: incubation.tenant_id,
        incubation_id: incubation.id,
        assessed_on: new.assessed_on,
        scores: Doc(scores),
        remark: new.remark.as_deref().map(|text| text.trim().to_owned()),
        assessed_by: granted.by(),
        created_at: tx.now(),
    };
    diesel::insert_into(assessments::table).values(&row).execute(&mut **tx)?;
    let content = json!({"incubation_id": row.incubation_id, "assessed_on": row.assessed_on, "scores": row.scores.0, "remark": row.remark});
    let event = Event {
        tenant: row.tenant_id,
        action: "capability_assessment.made",
        kind: "capability_assessment",
        resource: row.id.any(),
        version: 1,
        case: None,
        content,
    };
    journal::record(tx, &event)?;
    Ok(row)
}
