//! Decisions on mentoring and assessments. Pure.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::words;

/// Most places of a base.
pub const PLACES_MAX: i32 = 1000;
/// Shortest session, in minutes.
pub const MINUTES_MIN: i32 = 10;
/// Longest session, in minutes.
pub const MINUTES_MAX: i32 = 600;
/// Longest topic, in characters.
pub const TOPIC_MAX: usize = 200;
/// Longest name of a mentor, in characters.
pub const MENTOR_MAX: usize = 64;
/// Longest remark, in characters.
pub const REMARK_MAX: usize = 1000;
/// Best score of a dimension.
pub const SCORE_MAX: i32 = 100;

crate::text_enum! {
    /// What an assessment looks at.
    pub enum Dimension {
        /// 内部治理.
        Governance = "governance",
        /// 财务管理.
        Finance = "finance",
        /// 专业服务能力.
        Service = "service",
        /// 团队.
        Team = "team",
        /// 资源与可持续.
        Resources = "resources",
    }
}

/// The score of a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DimensionScore {
    /// The dimension.
    pub dimension: Dimension,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100, example = 80)]
    pub score: i32,
}

/// What is needed to record a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Day.
    pub held_on: NaiveDate,
    /// Minutes.
    pub minutes: i32,
    /// What it was about.
    pub topic: String,
    /// Who mentored.
    pub mentor: String,
}

/// Checks a session of an organisation that was admitted on a day.
pub fn check_session(new: &NewSession, admitted_on: Option<NaiveDate>, today: NaiveDate) -> Result<()> {
    let mut fields = Fields::default();
    let fits = new.held_on <= today && admitted_on.is_none_or(|from| from <= new.held_on);
    fields.require(fits, "/held_on", || words!("须在录取之后、今天以前", "must lie between the admission and today"));
    fields.require((MINUTES_MIN..=MINUTES_MAX).contains(&new.minutes), "/minutes", || {
        words!("须为 {MINUTES_MIN} 到 {MINUTES_MAX}", "must lie between {MINUTES_MIN} and {MINUTES_MAX}")
    });
    fields.text(&new.topic, "/topic", 2, TOPIC_MAX);
    fields.text(&new.mentor, "/mentor", 1, MENTOR_MAX);
    fields.finish()
}

/// Checks an assessment: every dimension once at most, each score in its range.
pub fn check_assessment(
    scores: &[DimensionScore],
    remark: Option<&str>,
    on: NaiveDate,
    started_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<()> {
    let mut fields = Fields::default();
    let fits = on <= today && started_on.is_none_or(|from| from <= on);
    fields.require(fits, "/assessed_on", || words!("须在孵化开始之后、今天以前", "must lie between the start and today"));
    fields.require(!scores.is_empty() && scores.len() <= Dimension::ALL.len(), "/scores", || {
        words!("须有 1 到 {0} 个维度", "must have 1 to {0} dimensions", Dimension::ALL.len())
    });
    let distinct: BTreeSet<Dimension> = scores.iter().map(|one| one.dimension).collect();
    fields.require(distinct.len() == scores.len(), "/scores", || words!("每个维度只评一次", "each dimension is scored once"));
    for (place, one) in scores.iter().enumerate() {
        fields.require((0..=SCORE_MAX).contains(&one.score), &format!("/scores/{place}/score"), || {
            words!("须为 0 到 {SCORE_MAX}", "must lie between 0 and {SCORE_MAX}")
        });
    }
    if let Some(remark) = remark {
        fields.text(remark, "/remark", 2, REMARK_MAX);
    }
    fields.finish()
}

/// The mean of the scores in hundredths of a point, rounded down; 0 without any.
pub fn mean_hundredths(scores: &[DimensionScore]) -> i64 {
    let sum: i64 = scores.iter().map(|one| i64::from(one.score)).fold(0, i64::saturating_add);
    let count = i64::try_from(scores.len()).unwrap_or(i64::MAX);
    sum.saturating_mul(100).checked_div(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn score(dimension: Dimension, score: i32) -> DimensionScore {
        DimensionScore { dimension, score }
    }

    #[test]
    fn a_session_lies_between_admission_and_today() {
        let new = |on, minutes| NewSession { held_on: day(on), minutes, topic: "财务制度".into(), mentor: "周导师".into() };
        let check = |on, minutes| check_session(&new(on, minutes), Some(day("2026-03-02")), day("2026-03-09"));
        for (on, minutes, good) in [
            ("2026-03-02", 10, true),
            ("2026-03-09", 600, true),
            ("2026-03-01", 60, false),
            ("2026-03-10", 60, false),
            ("2026-03-05", 9, false),
            ("2026-03-05", 601, false),
        ] {
            assert_eq!(check(on, minutes).is_ok(), good, "{on} {minutes}");
        }
    }

    #[test]
    fn an_assessment_scores_each_dimension_once_and_in_range() {
        let check = |scores: &[DimensionScore]| check_assessment(scores, None, day("2026-03-09"), None, day("2026-03-09"));
        assert!(check(&[score(Dimension::Team, 0), score(Dimension::Finance, 100)]).is_ok());
        assert!(check(&[]).is_err());
        assert!(check(&[score(Dimension::Team, 80), score(Dimension::Team, 81)]).unwrap_err().to_string().contains("/scores"));
        assert!(check(&[score(Dimension::Team, 101)]).unwrap_err().to_string().contains("/scores/0/score"));
        assert!(check(&[score(Dimension::Team, -1)]).is_err());
        let late = check_assessment(&[score(Dimension::Team, 1)], None, day("2026-03-01"), Some(day("2026-03-02")), day("2026-03-09"));
        assert!(late.unwrap_err().to_string().contains("/assessed_on"));
    }

    proptest! {
        #[test]
        fn the_mean_lies_between_the_lowest_and_the_highest_score(points in prop::collection::vec(0..=SCORE_MAX, 1..=5)) {
            let scores: Vec<DimensionScore> = points.iter().map(|one| score(Dimension::Team, *one)).collect();
            let mean = mean_hundredths(&scores);
            let (low, high) = (points.iter().min().unwrap(), points.iter().max().unwrap());
            prop_assert!(i64::from(*low) * 100 <= mean && mean <= i64::from(*high) * 100);
        }
    }
}
