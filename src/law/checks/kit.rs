//! What checks are made of: facts that must be there, bounds, shares, duties with their last day.

use chrono::NaiveDate;

use super::{Case, Halt, Judgement, Outcome};
use crate::kernel::{BasisPoints, Fen};
use crate::law::clock;

/// A fact that must be there.
pub fn need<T: Clone>(fact: &Option<T>) -> Result<T, Halt> {
    fact.clone().ok_or(Halt::Waiting)
}

/// The rule does not touch this case.
pub const fn not_applicable() -> Judgement {
    Ok(Outcome::NotApplicable)
}

/// A plain judgement.
pub fn holds(met: bool, found: impl Into<String>, required: impl Into<String>) -> Judgement {
    Ok(Outcome::Judged { met, found: found.into(), required: required.into(), by: None })
}

/// Something that must be so. `required` is in both languages.
pub fn yes(fact: Option<bool>, required: &str) -> Judgement {
    let is = need(&fact)?;
    holds(is, if is { "是 · yes" } else { "否 · no" }, required)
}

/// Something that must not be so. `forbidden` is in both languages.
pub fn no(fact: Option<bool>, forbidden: &str) -> Judgement {
    let is = need(&fact)?;
    holds(!is, if is { "是 · yes" } else { "否 · no" }, format!("不得 · must not: {forbidden}"))
}

/// A number that must not be below another.
pub fn at_least(found: i64, least: i64, unit: &str) -> Judgement {
    holds(found >= least, format!("{found} {unit}"), format!("≥ {least} {unit}"))
}

/// A number that must lie in a range, both ends included.
pub fn between(found: i64, least: i64, most: i64, unit: &str) -> Judgement {
    holds((least..=most).contains(&found), format!("{found} {unit}"), format!("{least}–{most} {unit}"))
}

/// An amount that must not be above another.
pub fn amount_at_most(found: Fen, most: Fen) -> Judgement {
    holds(found <= most, format!("{found} 元"), format!("≤ {most} 元"))
}

/// An amount that must not be below another.
pub fn amount_at_least(found: Fen, least: Fen) -> Judgement {
    holds(found >= least, format!("{found} 元"), format!("≥ {least} 元"))
}

/// `part × 10000` and `whole × share`: how a part stands to a share of a whole, without rounding.
pub fn cross(part: Fen, whole: Fen, share_bp: i64) -> (i128, i128) {
    let scale = i128::from(BasisPoints::WHOLE.get());
    (i128::from(part.get()).saturating_mul(scale), i128::from(whole.get()).saturating_mul(i128::from(share_bp)))
}

/// A part that must not be above a share of a whole.
pub fn share_at_most(part: Fen, whole: Fen, share_bp: i64) -> Judgement {
    let (part_scaled, bound) = cross(part, whole, share_bp);
    holds(part_scaled <= bound, format!("{part} 元"), format!("≤ {share_bp} bp × {whole} 元"))
}

/// A part that must not be below a share of a whole.
pub fn share_at_least(part: Fen, whole: Fen, share_bp: i64) -> Judgement {
    let (part_scaled, bound) = cross(part, whole, share_bp);
    holds(part_scaled >= bound, format!("{part} 元"), format!("≥ {share_bp} bp × {whole} 元"))
}

/// Words of a closed set, or that none was found.
pub fn listed<T: std::fmt::Display>(found: &[T]) -> String {
    if found.is_empty() { "无 · none".to_owned() } else { found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ") }
}

/// Several parts of one rule: broken when one is, met when all that apply are; until then it waits, for the first duty that is not due if there is one.
pub fn every(parts: impl IntoIterator<Item = Judgement>) -> Judgement {
    let (mut met, mut pending, mut waiting) = (Vec::new(), None, false);
    for part in parts {
        match part {
            Err(Halt::Waiting) => waiting = true,
            Err(flaw) => return Err(flaw),
            Ok(Outcome::NotApplicable) => {}
            Ok(broken @ Outcome::Judged { met: false, .. }) => return Ok(broken),
            Ok(Outcome::Judged { found, required, by, .. }) => met.push((found, required, by)),
            Ok(later @ Outcome::NotYet { .. }) => pending = pending.or(Some(later)),
        }
    }
    if let Some(later) = pending {
        return Ok(later);
    }
    if waiting {
        return Err(Halt::Waiting);
    }
    if met.is_empty() {
        return not_applicable();
    }
    let by = met.iter().filter_map(|(_, _, by)| *by).max();
    let join = |pick: fn(&(String, String, Option<NaiveDate>)) -> &str| met.iter().map(pick).collect::<Vec<_>>().join("; ");
    Ok(Outcome::Judged { met: true, found: join(|part| &part.0), required: join(|part| &part.1), by })
}

impl Case<'_> {
    /// A number of the rule.
    pub fn figure(&self, name: &str) -> Result<i64, Halt> {
        Ok(clock::figure(self.rule, name)?.number)
    }

    /// A number of the rule that is an amount.
    pub fn amount(&self, name: &str) -> Result<Fen, Halt> {
        Ok(Fen::new(self.figure(name)?))
    }

    /// The last day of the rule's period from `start`.
    pub fn due(&self, name: &str, start: NaiveDate) -> Result<NaiveDate, Halt> {
        Ok(clock::due(self.rule, name, start, self.calendar)?)
    }

    fn period(&self, name: &str) -> Result<String, Halt> {
        let figure = clock::figure(self.rule, name)?;
        Ok(format!("{} {}", figure.number, figure.unit))
    }

    /// A least period: `end` must not lie before the last day of the period from `start`.
    pub fn lasts(&self, start: NaiveDate, end: NaiveDate, name: &str) -> Judgement {
        let earliest = self.due(name, start)?;
        holds(end >= earliest, end.to_string(), format!("≥ {earliest} ({})", self.period(name)?))
    }

    /// A duty with a last day: kept when done by then, not yet while it is not over, broken after it.
    pub fn duty(&self, start: Option<NaiveDate>, done: Option<NaiveDate>, name: &str) -> Judgement {
        let due = self.due(name, need(&start)?)?;
        self.duty_by(due, done, self.period(name)?)
    }

    /// A duty whose last day is known.
    pub fn duty_by(&self, due: NaiveDate, done: Option<NaiveDate>, period: String) -> Judgement {
        let required = format!("≤ {due} ({period})");
        match done {
            Some(day) => Ok(Outcome::Judged { met: day <= due, found: day.to_string(), required, by: Some(due) }),
            None if self.today <= due => Ok(Outcome::NotYet { by: Some(due), required: Some(required) }),
            None => {
                let found = format!("至 {0} 未办 · not done by {0}", self.today);
                Ok(Outcome::Judged { met: false, found, required, by: Some(due) })
            }
        }
    }

    /// A right with a last day: used in time or not; unused, it may still be used or has lapsed.
    pub fn right(&self, start: Option<NaiveDate>, used: Option<NaiveDate>, name: &str) -> Judgement {
        match (self.duty(start, used, name)?, used) {
            (Outcome::Judged { .. }, None) => not_applicable(),
            (outcome, _) => Ok(outcome),
        }
    }
}
