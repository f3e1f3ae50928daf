//! Keyset pages. A cursor is versioned and bound to the filter and sort it was made under.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::kernel::{Error, Result};
use crate::words;

/// Largest page.
pub const LIMIT_MAX: i64 = 100;
/// Page size when the caller names none.
pub const LIMIT_DEFAULT: i64 = 20;
const CURSOR_VERSION: u8 = 1;

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The rows, at most `limit`.
    #[schema(max_items = 100)]
    pub items: Vec<T>,
    /// Cursor of the next page; null on the last.
    #[schema(example = json!(null))]
    pub next: Option<String>,
}

/// Where a page starts and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Rows asked for.
    pub limit: i64,
    /// Sort key and id of the last row of the page before.
    pub after: Option<(String, Uuid)>,
    binding: String,
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    v: u8,
    b: String,
    k: String,
    i: Uuid,
}

impl PageRequest {
    /// Reads `limit` and `after`; `binding` is the filter and sort in a canonical form.
    pub fn parse(limit: Option<i64>, after: Option<&str>, binding: &str) -> Result<Self> {
        let limit = limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Error::field("?limit", words!("须为 1 到 {LIMIT_MAX}", "must lie between 1 and {LIMIT_MAX}")));
        }
        let binding = hex::encode(Sha256::digest(binding.as_bytes()).get(..8).unwrap_or(&[]));
        let after = after.map(|text| Self::read(text, &binding)).transpose()?;
        Ok(Self { limit, after, binding })
    }

    fn read(text: &str, binding: &str) -> Result<(String, Uuid)> {
        let refused = || {
            Error::field(
                "?after",
                words!(
                    "游标无效，或与当前筛选、排序不符；请从第一页重新开始",
                    "the cursor is invalid or belongs to another filter or sort; start from the first page"
                ),
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
        let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| refused())?;
        if cursor.v != CURSOR_VERSION || cursor.b != binding {
            return Err(refused());
        }
        Ok((cursor.k, cursor.i))
    }

    /// How many rows a store must load: one more than the page, to know whether another follows.
    pub const fn rows(&self) -> i64 {
        self.limit.saturating_add(1)
    }

    /// Cuts the loaded rows to the page and makes the cursor from the last row kept.
    pub fn page<R, T>(&self, mut rows: Vec<R>, key: impl Fn(&R) -> (String, Uuid), view: impl Fn(R) -> T) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more {
            rows.last().map(|row| {
                let (k, i) = key(row);
                let cursor = Cursor { v: CURSOR_VERSION, b: self.binding.clone(), k, i };
                URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
            })
        } else {
            None
        };
        Page { items: rows.into_iter().map(view).collect(), next }
    }

    /// The sort key before this page as an instant.
    pub fn after_instant(&self) -> Result<Option<(crate::kernel::UtcInstant, Uuid)>> {
        self.after
            .as_ref()
            .map(|(key, id)| {
                crate::kernel::UtcInstant::parse(key)
                    .map(|at| (at, *id))
                    .map_err(|_| Error::field("?after", words!("游标无效", "the cursor is invalid")))
            })
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_serves_only_the_filter_and_sort_it_was_made_under() {
        let first = PageRequest::parse(Some(2), None, "sort=code").unwrap();
        let page = first.page(vec!["a", "b", "c"], |row| ((*row).to_owned(), Uuid::nil()), |row| row);
        assert_eq!(page.items, ["a", "b"]);
        let cursor = page.next.unwrap();
        assert_eq!(PageRequest::parse(None, Some(&cursor), "sort=code").unwrap().after.unwrap().0, "b");
        assert_eq!(PageRequest::parse(None, Some(&cursor), "sort=name").unwrap_err().code(), "invalid");
        assert_eq!(PageRequest::parse(None, Some("zzz"), "sort=code").unwrap_err().code(), "invalid");
        for limit in [0, -1, 101] {
            assert!(PageRequest::parse(Some(limit), None, "").is_err());
        }
    }
}
