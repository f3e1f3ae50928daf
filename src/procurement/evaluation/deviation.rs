//! Which sheets depart from the others: the points of a sheet for a bid against the mean of the other sheets. Pure, integers only.

use std::collections::BTreeMap;

use super::model::ScoreRow;
use crate::kernel::id::{BidId, ScoreSheetId};
use crate::kernel::{BasisPoints, Error, Result};
use crate::procurement::tenders::{CriterionKind, CriterionRow};

/// A sheet whose points for a bid depart from the others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlier {
    /// Sheet.
    pub sheet: ScoreSheetId,
    /// Bid.
    pub bid: BidId,
    /// Its quality points in hundredths.
    pub own_bp: i64,
    /// The mean of the others in hundredths.
    pub others_bp: i64,
}

/// Quality points of every sheet for every bid, weighted, as sums over one common denominator: the quality weights together.
fn sums(criteria: &[CriterionRow], scores: &[ScoreRow]) -> Result<BTreeMap<BidId, Vec<(ScoreSheetId, i64)>>> {
    let mut sums: BTreeMap<(BidId, ScoreSheetId), i64> = BTreeMap::new();
    for score in scores {
        let weight = criteria.iter().find(|c| c.position == score.position && c.kind == CriterionKind::Quality);
        let part = weight.map_or(0, |c| i64::from(c.weight_bp.get())).saturating_mul(i64::from(score.points_bp.get()));
        let sum = sums.entry((score.bid_id, score.sheet_id)).or_default();
        *sum = sum.checked_add(part).ok_or_else(|| Error::internal("score overflow"))?;
    }
    let mut by_bid: BTreeMap<BidId, Vec<(ScoreSheetId, i64)>> = BTreeMap::new();
    for ((bid, sheet), sum) in sums {
        by_bid.entry(bid).or_default().push((sheet, sum));
    }
    Ok(by_bid)
}

/// The quality points of each sheet for each bid in hundredths.
pub fn totals(criteria: &[CriterionRow], scores: &[ScoreRow]) -> Result<Vec<(ScoreSheetId, BidId, i64)>> {
    let weight = quality_weight(criteria);
    let sums = sums(criteria, scores)?;
    Ok(sums.into_iter().flat_map(|(bid, list)| list.into_iter().map(move |(sheet, sum)| (sheet, bid, divide(sum, weight)))).collect())
}

/// The sheets that depart from the mean of the others by more than `share` of it. With fewer than three sheets nobody can say which departs.
pub fn outliers(criteria: &[CriterionRow], scores: &[ScoreRow], share: BasisPoints) -> Result<Vec<Outlier>> {
    let weight = quality_weight(criteria);
    let mut found = Vec::new();
    for (bid, list) in sums(criteria, scores)? {
        let others = i64::try_from(list.len()).unwrap_or(i64::MAX).saturating_sub(1);
        if others < 2 {
            continue;
        }
        let total: i64 = list.iter().map(|(_, sum)| *sum).sum();
        for (sheet, own) in list {
            let rest = total.saturating_sub(own);
            // |own − rest ÷ others| > share × rest ÷ others, over whole numbers.
            let distance = i128::from(own).saturating_mul(i128::from(others)).saturating_sub(i128::from(rest)).abs();
            let allowed = i128::from(rest).saturating_mul(i128::from(share.get()));
            if distance.saturating_mul(i128::from(BasisPoints::WHOLE.get())) > allowed {
                found.push(Outlier { sheet, bid, own_bp: divide(own, weight), others_bp: divide(rest, weight.saturating_mul(others)) });
            }
        }
    }
    Ok(found)
}

fn quality_weight(criteria: &[CriterionRow]) -> i64 {
    criteria.iter().filter(|c| c.kind == CriterionKind::Quality).map(|c| i64::from(c.weight_bp.get())).sum()
}

/// Half up; nothing over nothing is nothing.
fn divide(sum: i64, by: i64) -> i64 {
    let doubled = sum.saturating_mul(2).saturating_add(by);
    doubled.checked_div(by.saturating_mul(2)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::LotId;
    use uuid::Uuid;

    fn criteria() -> Vec<CriterionRow> {
        [(1, CriterionKind::Quality, 5000), (2, CriterionKind::Quality, 3000), (3, CriterionKind::Price, 2000)]
            .map(|(position, kind, weight)| CriterionRow {
                lot_id: LotId::new(Uuid::nil()),
                position,
                name: "因素".into(),
                kind,
                weight_bp: BasisPoints::new(weight).unwrap(),
            })
            .to_vec()
    }

    fn sheets(points: &[i32]) -> Vec<ScoreRow> {
        (1_u128..)
            .zip(points)
            .flat_map(|(sheet, points)| {
                [1, 2].map(|position| ScoreRow {
                    sheet_id: ScoreSheetId::new(Uuid::from_u128(sheet)),
                    bid_id: BidId::new(Uuid::nil()),
                    position,
                    points_bp: BasisPoints::new(*points).unwrap(),
                })
            })
            .collect()
    }

    fn found(points: &[i32]) -> Vec<(u128, i64, i64)> {
        let share = BasisPoints::new(2000).unwrap();
        let list = outliers(&criteria(), &sheets(points), share).unwrap();
        list.iter().map(|one| (one.sheet.uuid().as_u128(), one.own_bp, one.others_bp)).collect()
    }

    #[test]
    fn exactly_the_share_is_no_outlier_and_a_hundredth_more_is() {
        assert_eq!(found(&[8000, 8000, 6400]), []);
        assert_eq!(found(&[8000, 8000, 6399]), [(3, 6399, 8000)]);
        assert_eq!(found(&[8000, 8000, 9600]), []);
        assert_eq!(found(&[8000, 8000, 9601]), [(3, 9601, 8000)]);
    }

    #[test]
    fn beside_nothing_any_points_depart_and_two_sheets_say_nothing() {
        assert_eq!(found(&[0, 0, 0]), []);
        // The mean of the others is 0.005 for the first two, shown as 0.01.
        assert_eq!(found(&[0, 0, 1]), [(1, 0, 1), (2, 0, 1), (3, 1, 0)]);
        assert_eq!(found(&[1000, 9000]), []);
    }

    #[test]
    fn totals_are_weighted_over_quality_alone() {
        let mut scores = sheets(&[9000]);
        scores[1].points_bp = BasisPoints::new(5000).unwrap();
        // (5000 × 90 + 3000 × 50) ÷ 8000 = 75.00.
        assert_eq!(totals(&criteria(), &scores).unwrap()[0].2, 7500);
    }
}
