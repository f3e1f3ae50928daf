//! Completeness of a sheet, the price score and the ranking. Pure, integers only.

use std::collections::{BTreeMap, BTreeSet};

use super::model::ScoreRow;
use crate::kernel::error::Fields;
use crate::kernel::id::{BidId, ScoreSheetId};
use crate::kernel::{BasisPoints, Error, Fen, Result};
use crate::procurement::tenders::{CriterionKind, CriterionRow};
use crate::words;

/// Full points, in hundredths.
const FULL: i64 = 10_000;

/// Checks that a sheet scores every valid bid on every quality criterion exactly once.
pub fn check_sheet(scores: &[(BidId, i32, BasisPoints)], bids: &[BidId], criteria: &[CriterionRow]) -> Result<()> {
    let mut missing: BTreeSet<(BidId, i32)> =
        criteria.iter().filter(|c| c.kind == CriterionKind::Quality).flat_map(|c| bids.iter().map(move |bid| (*bid, c.position))).collect();
    let mut fields = Fields::default();
    for (index, (bid, position, _)) in scores.iter().enumerate() {
        fields.require(missing.remove(&(*bid, *position)), &format!("/scores/{index}"), || {
            words!("重复，或不是有效响应的质量因素", "given twice, or not a quality criterion of a valid bid")
        });
    }
    let count = missing.len();
    fields.require(missing.is_empty(), "/scores", || words!("缺少 {count} 项评分", "{count} scores are missing"));
    fields.finish()
}

/// Price points in hundredths: lowest valid price ÷ price × 100, rounded half up to a hundredth (87号令 第55条, R040).
pub fn price_points(lowest: Fen, price: Fen) -> Result<i64> {
    let overflow = || Error::internal("price score overflow");
    let numerator = i128::from(lowest.get()).checked_mul(i128::from(FULL)).ok_or_else(overflow)?;
    half_up(numerator, i128::from(price.get()))
}

/// `numerator / denominator` rounded half up; both not negative.
fn half_up(numerator: i128, denominator: i128) -> Result<i64> {
    let overflow = || Error::internal("score overflow");
    if denominator <= 0 {
        return Err(overflow());
    }
    let doubled = numerator.checked_mul(2).and_then(|n| n.checked_add(denominator)).ok_or_else(overflow)?;
    let rounded = doubled.checked_div(denominator.checked_mul(2).ok_or_else(overflow)?).ok_or_else(overflow)?;
    i64::try_from(rounded).map_err(|_| overflow())
}

/// A valid bid to be ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Bid.
    pub bid: BidId,
    /// Price.
    pub price: Fen,
}

/// A bid with its total and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Bid.
    pub bid: BidId,
    /// Total points in hundredths.
    pub points_bp: i64,
    /// Place, from 1.
    pub place: i32,
}

/// Ranks the offers by price alone, the lowest first; equal prices share the place (negotiation and quotes).
pub fn rank_by_price(offers: &[Offer]) -> Result<Vec<Placed>> {
    let lowest = offers.iter().map(|offer| offer.price).min().unwrap_or(Fen::ZERO);
    let mut totals = offers.iter().map(|offer| Ok((price_points(lowest, offer.price)?, *offer))).collect::<Result<Vec<_>>>()?;
    totals.sort_by_key(|(_, offer)| (offer.price, offer.bid));
    // Prices a few fen apart have the same rounded points: the price itself decides the place.
    Ok(place(&totals))
}

/// Ranks the offers: the mean of the sheets on quality, the formula on price, weighted and rounded to a hundredth; more points first, on equal
/// points the lower price first, on equal price the same place (87号令 第57条, R041).
pub fn rank(offers: &[Offer], criteria: &[CriterionRow], scores: &[ScoreRow]) -> Result<Vec<Placed>> {
    let overflow = || Error::internal("score overflow");
    let sheets: BTreeSet<ScoreSheetId> = scores.iter().map(|score| score.sheet_id).collect();
    let sheets = i128::try_from(sheets.len()).map_err(|_| overflow())?;
    let weights: BTreeMap<i32, i128> = criteria.iter().map(|c| (c.position, i128::from(c.weight_bp.get()))).collect();
    let price_weight: i128 = criteria.iter().filter(|c| c.kind == CriterionKind::Price).map(|c| i128::from(c.weight_bp.get())).sum();
    let lowest = offers.iter().map(|offer| offer.price).min().unwrap_or(Fen::ZERO);
    let mut totals = Vec::with_capacity(offers.len());
    for offer in offers {
        let mut quality: i128 = 0;
        for score in scores.iter().filter(|score| score.bid_id == offer.bid) {
            let weight = weights.get(&score.position).copied().unwrap_or(0);
            let part = weight.checked_mul(i128::from(score.points_bp.get())).ok_or_else(overflow)?;
            quality = quality.checked_add(part).ok_or_else(overflow)?;
        }
        // One fraction for everything, so that there is one rounding: (Σ quality + sheets × price) ÷ (sheets × 10 000).
        let price = price_weight
            .checked_mul(i128::from(price_points(lowest, offer.price)?))
            .and_then(|p| p.checked_mul(sheets))
            .ok_or_else(overflow)?;
        let numerator = quality.checked_add(price).ok_or_else(overflow)?;
        let denominator = sheets.checked_mul(i128::from(BasisPoints::WHOLE.get())).ok_or_else(overflow)?;
        totals.push((half_up(numerator, denominator)?, *offer));
    }
    totals.sort_by_key(|(points, offer)| (std::cmp::Reverse(*points), offer.price, offer.bid));
    Ok(place(&totals))
}

fn place(sorted: &[(i64, Offer)]) -> Vec<Placed> {
    let mut placed: Vec<Placed> = Vec::with_capacity(sorted.len());
    let mut previous: Option<(i64, Fen, i32)> = None;
    for (position, (points, offer)) in (1_i32..).zip(sorted) {
        let place = match previous {
            Some((p, price, place)) if p == *points && price == offer.price => place,
            _ => position,
        };
        previous = Some((*points, offer.price, place));
        placed.push(Placed { bid: offer.bid, points_bp: *points, place });
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::LotId;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn bid(n: u128) -> BidId {
        BidId::new(Uuid::from_u128(n))
    }

    fn criteria(quality: i32) -> Vec<CriterionRow> {
        let row = |position, kind, weight| CriterionRow {
            lot_id: LotId::new(Uuid::nil()),
            position,
            name: "因素".into(),
            kind,
            weight_bp: BasisPoints::new(weight).unwrap(),
        };
        vec![row(1, CriterionKind::Quality, quality), row(2, CriterionKind::Price, 10_000 - quality)]
    }

    fn score(sheet: u128, b: u128, points: i32) -> ScoreRow {
        ScoreRow {
            sheet_id: ScoreSheetId::new(Uuid::from_u128(sheet)),
            bid_id: bid(b),
            position: 1,
            points_bp: BasisPoints::new(points).unwrap(),
        }
    }

    #[test]
    fn the_example_of_the_price_formula() {
        assert_eq!(price_points(Fen::new(80), Fen::new(100)).unwrap(), 8000);
        assert_eq!(price_points(Fen::new(100), Fen::new(100)).unwrap(), FULL);
        assert_eq!(price_points(Fen::new(1), Fen::new(3)).unwrap(), 3333);
        assert_eq!(price_points(Fen::new(2), Fen::new(3)).unwrap(), 6667);
        assert!(price_points(Fen::new(1), Fen::ZERO).is_err());
    }

    #[test]
    fn two_evaluators_are_averaged_and_the_price_weighs_as_published() {
        let offers = [Offer { bid: bid(1), price: Fen::new(100) }, Offer { bid: bid(2), price: Fen::new(80) }];
        let scores = [score(1, 1, 9000), score(2, 1, 8000), score(1, 2, 7000), score(2, 2, 7001)];
        // Bid 1: 0.8 × 85 + 0.2 × 80 = 84.00; bid 2: 0.8 × 70.005 + 0.2 × 100 = 76.004 → 76.00.
        let placed = rank(&offers, &criteria(8000), &scores).unwrap();
        assert_eq!(placed, [Placed { bid: bid(1), points_bp: 8400, place: 1 }, Placed { bid: bid(2), points_bp: 7600, place: 2 }]);
    }

    #[test]
    fn equal_points_go_to_the_lower_price_and_equal_prices_share_the_place() {
        // With the price weighing nothing, equal quality is a tie in points.
        let offers = [
            Offer { bid: bid(1), price: Fen::new(90) },
            Offer { bid: bid(2), price: Fen::new(80) },
            Offer { bid: bid(3), price: Fen::new(90) },
        ];
        let scores = [score(1, 1, 5000), score(1, 2, 5000), score(1, 3, 5000)];
        let places: Vec<_> = rank(&offers, &criteria(10_000), &scores).unwrap().iter().map(|p| (p.bid, p.place)).collect();
        assert_eq!(places, [(bid(2), 1), (bid(1), 2), (bid(3), 2)]);
    }

    #[test]
    fn the_lowest_price_alone_ranks_even_where_the_rounded_points_are_equal() {
        let offer = |n, price| Offer { bid: bid(n), price: Fen::new(price) };
        let placed = rank_by_price(&[offer(1, 1_000_000), offer(2, 999_999), offer(3, 1_000_000), offer(4, 2_000_000)]).unwrap();
        let places: Vec<_> = placed.iter().map(|p| (p.bid, p.place, p.points_bp)).collect();
        assert_eq!(places, [(bid(2), 1, 10_000), (bid(1), 2, 10_000), (bid(3), 2, 10_000), (bid(4), 4, 5_000)]);
    }

    #[test]
    fn a_sheet_must_be_whole_and_score_nothing_else() {
        let full = BasisPoints::WHOLE;
        let check = |scores: &[(BidId, i32, BasisPoints)]| check_sheet(scores, &[bid(1), bid(2)], &criteria(8000));
        assert!(check(&[(bid(1), 1, full), (bid(2), 1, full)]).is_ok());
        assert!(check(&[(bid(1), 1, full)]).unwrap_err().to_string().contains("1 scores are missing"));
        assert!(check(&[(bid(1), 1, full), (bid(1), 1, full), (bid(2), 1, full)]).is_err());
        assert!(check(&[(bid(1), 1, full), (bid(2), 1, full), (bid(1), 2, full)]).is_err(), "the price is not scored by hand");
    }

    proptest! {
        #[test]
        fn a_ranking_is_a_permutation_and_monotone_in_price_and_points(
            quality in 0..=10_000_i32,
            offers in prop::collection::vec((1_i64..=1_000_000_000_000, 0..=10_000_i32), 1..8),
        ) {
            let list: Vec<Offer> = offers.iter().enumerate().map(|(i, (price, _))| Offer { bid: bid(i as u128), price: Fen::new(*price) }).collect();
            let scores: Vec<ScoreRow> = offers.iter().enumerate().map(|(i, (_, points))| score(1, i as u128, *points)).collect();
            let placed = rank(&list, &criteria(quality), &scores).unwrap();
            prop_assert_eq!(placed.len(), list.len());
            prop_assert!(placed.iter().all(|p| (0..=FULL).contains(&p.points_bp)));
            prop_assert!(placed.windows(2).all(|w| w[0].points_bp >= w[1].points_bp && w[0].place <= w[1].place));
            let mut ranked: Vec<_> = placed.iter().map(|p| p.bid).collect();
            ranked.sort_unstable();
            prop_assert_eq!(ranked, list.iter().map(|offer| offer.bid).collect::<Vec<_>>(), "a permutation");
            let place = |i: usize| placed.iter().find(|p| p.bid == bid(i as u128)).unwrap().place;
            for i in 0..offers.len() {
                for j in 0..offers.len() {
                    // Not dearer and not worse is never behind.
                    if offers[i].1 >= offers[j].1 && offers[i].0 <= offers[j].0 {
                        prop_assert!(place(i) <= place(j));
                    }
                }
            }
        }
    }
}
