//! Decisions on reviews. Pure.

use super::model::{NewReview, ReviewRow};
use crate::kernel::Result;
use crate::kernel::error::{Fields, problems};
use crate::words;

problems! {
    /// It was reviewed before.
    REVIEWED_ALREADY = "reviewed_already", 409, "已作绩效评价", "Reviewed already",
        "一份合同作一次绩效评价。",
        "A contract is reviewed once.";
    /// It was replied to before.
    REPLIED_ALREADY = "replied_already", 409, "已作答复", "Replied already",
        "对一次评价答复一次。",
        "A review is replied to once.";
}

/// Longest comment or reply, in characters.
pub const COMMENT_MAX: usize = 2_000;

/// Checks a review: three scores of 0 to 100, and words.
pub fn check(new: &NewReview) -> Result<()> {
    let mut fields = Fields::default();
    for (points, at) in [(new.quality, "/quality"), (new.timeliness, "/timeliness"), (new.satisfaction, "/satisfaction")] {
        fields.require((0..=100).contains(&points), at, || words!("须为 0 到 100", "must be 0 to 100"));
    }
    fields.text(&new.comment, "/comment", 1, COMMENT_MAX);
    fields.finish()
}

/// Checks a reply.
pub fn check_reply(reply: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(reply, "/reply", 1, COMMENT_MAX);
    fields.finish()
}

/// The mean of all scores of these reviews in hundredths of a point, rounded down; none of none. The three scores weigh alike.
pub fn mean(reviews: &[ReviewRow]) -> Option<i64> {
    let sum: i64 =
        reviews.iter().map(|review| [review.quality, review.timeliness, review.satisfaction].map(i64::from).iter().sum::<i64>()).sum();
    let count = i64::try_from(reviews.len()).ok()?.checked_mul(3)?;
    sum.checked_mul(100)?.checked_div(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_lies_between_0_and_100_and_words_are_needed() {
        let new = |quality, comment: &str| NewReview { quality, timeliness: 0, satisfaction: 100, comment: comment.into() };
        assert!(check(&new(100, "按期完成")).is_ok());
        assert!(check(&new(101, "按期完成")).is_err() && check(&new(-1, "按期完成")).is_err() && check(&new(90, " ")).is_err());
        assert_eq!(mean(&[]), None);
    }
}
