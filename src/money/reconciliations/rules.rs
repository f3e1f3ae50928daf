//! Decisions of a reconciliation: reading the file and comparing two books. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::model::{Difference, DifferenceKind, Direction};
use crate::kernel::error::problems;
use crate::kernel::fen::MAX_FEN;
use crate::kernel::{Error, Fen, Result};
use crate::words;

problems! {
    /// The reconciliation has no such difference.
    NO_SUCH_DIFFERENCE = "no_such_difference", 422, "没有该项差异", "There is no such difference",
        "请用读取对账结果时得到的参考号。",
        "Name a reference that the reconciliation lists.";
}

/// Most lines of a file.
pub const LINES_MAX: usize = 20_000;

/// A book: what left (or, negative, came back) by bank reference.
pub type Book = BTreeMap<String, Fen>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    date: NaiveDate,
    reference: String,
    direction: Direction,
    amount_fen: i64,
}

/// Reads the treasury's file of one month, `date,reference,direction,amount_fen`. A bad line is named.
pub fn read(csv: &[u8], from: NaiveDate, until: NaiveDate) -> Result<Book> {
    let mut book = Book::new();
    for (number, line) in (2..).zip(csv::Reader::from_reader(csv).deserialize::<Line>()) {
        let bad = |zh: &str, en: &str| Error::field(format!("/line/{number}"), words!("{zh}", "{en}"));
        let line = line.map_err(|fault| bad(&fault.to_string(), &fault.to_string()))?;
        if number > LINES_MAX {
            return Err(bad("行数超限", "the file has too many lines"));
        }
        if !(from <= line.date && line.date < until) {
            return Err(bad("日期不在该月", "the date is not of that month"));
        }
        let reference = line.reference.trim().to_ascii_uppercase();
        let plain = reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !plain || !(4..=64).contains(&reference.len()) || !(1..=MAX_FEN).contains(&line.amount_fen) {
            return Err(bad("参考号或金额无效", "the reference or the amount is not valid"));
        }
        let amount = Fen::new(line.amount_fen);
        let signed = if line.direction == Direction::In { amount.negated()? } else { amount };
        let sum = book.get(&reference).copied().unwrap_or_default().plus(signed)?;
        book.insert(reference, sum);
    }
    Ok(book)
}

/// The references on which the books differ, in their order, and on how many they agree.
pub fn compare(treasury: &Book, ledger: &Book) -> (Vec<Difference>, usize) {
    let mut found = Vec::new();
    let mut matched: usize = 0;
    let only_here = ledger.keys().filter(|reference| !treasury.contains_key(*reference));
    let mut references: Vec<&String> = treasury.keys().chain(only_here).collect();
    references.sort_unstable();
    for reference in references {
        let (there, here) = (treasury.get(reference).copied(), ledger.get(reference).copied());
        let kind = match (there, here) {
            (Some(there), Some(here)) if there == here => {
                matched = matched.saturating_add(1);
                continue;
            }
            (Some(_), Some(_)) => DifferenceKind::AmountDiffers,
            (Some(_), None) => DifferenceKind::MissingHere,
            (None, _) => DifferenceKind::MissingThere,
        };
        found.push(Difference { kind, reference: reference.clone(), treasury: there, ledger: here, explanation: None });
    }
    (found, matched)
}

/// First day of a month `YYYY-MM` and of the one after it.
pub fn month(text: &str) -> Result<(NaiveDate, NaiveDate)> {
    let first: Option<NaiveDate> = if text.len() == 7 { format!("{text}-01").parse().ok() } else { None };
    first
        .and_then(|first| Some((first, first.checked_add_months(chrono::Months::new(1))?)))
        .ok_or_else(|| Error::field("?month", words!("须为 YYYY-MM", "must be YYYY-MM")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "date,reference,direction,amount_fen\n";

    fn july(lines: &str) -> Result<Book> {
        let (from, until) = month("2026-07").unwrap();
        read(format!("{HEADER}{lines}").as_bytes(), from, until)
    }

    #[test]
    fn the_two_books_are_compared_by_reference() {
        let treasury =
            july("2026-07-01,hz-0001,out,500\n2026-07-31,HZ-0002,out,70\n2026-07-05,HZ-0003,out,9\n2026-07-06,HZ-0003,in,4\n").unwrap();
        let ledger = Book::from([("HZ-0001".into(), Fen::new(500)), ("HZ-0003".into(), Fen::new(9)), ("HZ-0004".into(), Fen::new(1))]);
        let (found, matched) = compare(&treasury, &ledger);
        let told: Vec<_> = found.iter().map(|one| (one.reference.as_str(), one.kind)).collect();
        assert_eq!(
            told,
            [
                ("HZ-0002", DifferenceKind::MissingHere),
                ("HZ-0003", DifferenceKind::AmountDiffers),
                ("HZ-0004", DifferenceKind::MissingThere)
            ]
        );
        assert_eq!((matched, found[1].treasury), (1, Some(Fen::new(5))));
    }

    #[test]
    fn a_bad_line_is_named() {
        for bad in [
            "2026-08-01,HZ-0001,out,5\n",
            "2026-06-30,HZ-0001,out,5\n",
            "2026-07-01,HZ,out,5\n",
            "2026-07-01,HZ-0001,out,0\n",
            "2026-07-01,HZ-0001,up,5\n",
            "x\n",
        ] {
            assert!(july(bad).unwrap_err().to_string().contains("/line/2"), "{bad}");
        }
        assert!(july("").unwrap().is_empty());
        for bad in ["2026-13", "2026-7", "juli", ""] {
            assert!(month(bad).is_err(), "{bad}");
        }
    }
}
