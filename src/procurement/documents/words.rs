//! The documented list of words that give a forbidden criterion away: the one that comes with the service and what a district adds. Pure.

use serde::Deserialize;

use super::lint::Fault;
use crate::kernel::{Error, Result};

/// The list that comes with the service.
const STANDARD: &str = include_str!("../../../data/forbidden-criteria.csv");
/// Most characters that a `*` stands for.
const GAP: usize = 8;
/// What a `*` does not reach across.
const STOPS: &[char] = &['，', '。', '；', '、', ',', '.', ';', '\n'];

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Pattern {
    /// Words as they stand in a criterion; `*` stands for up to eight characters of one clause.
    #[serde(rename = "pattern")]
    pub text: String,
    /// What they ask for.
    #[serde(rename = "kind")]
    pub fault: Fault,
    /// The rule that forbids it.
    pub rule: String,
    /// Statute and article where they are others than the rule's.
    pub article: Option<String>,
    /// A criterion that it finds.
    pub example: String,
    /// A criterion that looks alike and is lawful.
    pub counter_example: String,
}

impl Pattern {
    /// The words of the text that fit; `None` when none do.
    pub fn find(&self, text: &str) -> Option<String> {
        let text = text.to_lowercase();
        let pattern = self.text.to_lowercase();
        let parts: Vec<&str> = pattern.split('*').filter(|part| !part.is_empty()).collect();
        let (first, rest) = parts.split_first()?;
        text.match_indices(first).find_map(|(at, _)| {
            let tail = text.get(at..)?.strip_prefix(first)?;
            let left = follows(tail, rest)?;
            let end = text.len().checked_sub(left.len())?;
            text.get(at..end).map(str::to_owned)
        })
    }
}

/// What is left of `text` once the parts followed, each within the gap.
fn follows<'t>(text: &'t str, parts: &[&str]) -> Option<&'t str> {
    let Some((part, rest)) = parts.split_first() else { return Some(text) };
    let mut tail = text;
    for _ in 0..=GAP {
        if let Some(left) = tail.strip_prefix(part).and_then(|after| follows(after, rest)) {
            return Some(left);
        }
        let mut characters = tail.chars();
        if characters.next().is_none_or(|c| STOPS.contains(&c)) {
            return None;
        }
        tail = characters.as_str();
    }
    None
}

/// The list that comes with the service.
pub fn standard() -> Result<Vec<Pattern>> {
    csv::Reader::from_reader(STANDARD.as_bytes())
        .deserialize()
        .collect::<std::result::Result<_, _>>()
        .map_err(|fault| Error::internal(format!("data/forbidden-criteria.csv: {fault}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let (rule, example, counter_example) = ("R042".into(), "例".into(), "反例".into());
        Pattern { text: text.into(), fault: Fault::Tax, rule, article: None, example, counter_example }
    }

    #[test]
    fn a_star_reaches_eight_characters_inside_one_clause() {
        let tax = pattern("纳税*万元");
        assert_eq!(tax.find("年度纳税额不低于二十万元的").as_deref(), Some("纳税额不低于二十万元"));
        assert_eq!(tax.find("纳税一二三四五六七八万元").as_deref(), Some("纳税一二三四五六七八万元"));
        assert_eq!(tax.find("纳税一二三四五六七八九万元"), None);
        assert_eq!(tax.find("依法纳税，预算二十万元"), None);
        assert_eq!(pattern("Registered Capital").find("a registered capital of").as_deref(), Some("registered capital"));
    }
}
