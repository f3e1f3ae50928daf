//! CSV tables that are imported all or nothing, with every bad row named by its line.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::kernel::error::{self, FieldError};
use crate::kernel::{Error, Result};
use crate::words;

/// Most bad rows that are listed; the rest is counted.
const REPORTED_MAX: usize = 100;

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Imported {
    /// Rows stored.
    #[schema(example = 20)]
    pub rows: usize,
}

/// A table being imported: good rows with their lines, and what was wrong with the others.
pub struct Table<R> {
    rows: Vec<(u64, R)>,
    bad: Vec<FieldError>,
    total: usize,
}

impl<R: DeserializeOwned> Table<R> {
    /// Reads a UTF-8 CSV with a header row (a byte-order mark is allowed). Rows that do not parse are noted.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let headers =
            reader.headers().map_err(|e| error::MALFORMED.because(words!("不是 UTF-8 的 CSV：{e}", "not a UTF-8 CSV: {e}")))?.clone();
        let mut table = Self { rows: Vec::new(), bad: Vec::new(), total: 0 };
        for record in reader.records() {
            table.total = table.total.saturating_add(1);
            match record {
                Err(fault) => table.note(fault.position().map_or(0, csv::Position::line), "", &fault.to_string()),
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    match parse_row(&headers, &record) {
                        Ok(row) => table.rows.push((line, row)),
                        Err((column, reason)) => table.note(line, &column, &reason),
                    }
                }
            }
        }
        if table.total == 0 {
            return Err(Error::field("line 2", words!("表中没有数据行", "the table has no rows")));
        }
        Ok(table)
    }
}

/// Reads a row as an object of texts, so that a failure names its column; an empty cell is null.
fn parse_row<R: DeserializeOwned>(headers: &csv::StringRecord, record: &csv::StringRecord) -> Result<R, (String, String)> {
    let cell = |text: &str| if text.is_empty() { Value::Null } else { Value::String(text.to_owned()) };
    let object: serde_json::Map<String, Value> = headers.iter().zip(record).map(|(name, text)| (name.to_owned(), cell(text))).collect();
    serde_path_to_error::deserialize(Value::Object(object))
        .map_err(|fault| (fault.path().to_string().replace('.', ""), fault.into_inner().to_string()))
}

/// A whole number in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole(pub i64);

impl<'de> serde::Deserialize<'de> for Whole {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| serde::de::Error::custom("not a whole number"))
    }
}

impl<R> Table<R> {
    fn note(&mut self, line: u64, column: &str, reason: &str) {
        let place = if column.is_empty() { format!("line {line}") } else { format!("line {line}, {column}") };
        self.bad.push(FieldError { pointer: place, detail: words!("{reason}", "{reason}") });
    }

    /// The rows that parsed, with their lines.
    pub fn take_rows(&mut self) -> Vec<(u64, R)> {
        std::mem::take(&mut self.rows)
    }

    /// Notes a refusal of the row on `line`; faults that are not about the row end the import.
    pub fn check<T>(&mut self, line: u64, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(Error::Refused(refusal)) => {
                if refusal.fields.is_empty() {
                    let zh = refusal.detail.as_ref().map_or("", |d| &d.zh);
                    let en = refusal.detail.as_ref().map_or("", |d| &d.en);
                    let (title_zh, title_en) = (refusal.problem.title_zh, refusal.problem.title_en);
                    self.bad.push(FieldError { pointer: format!("line {line}"), detail: words!("{title_zh}：{zh}", "{title_en}: {en}") });
                }
                for field in refusal.fields {
                    let column = field.pointer.trim_start_matches('/');
                    self.bad.push(FieldError { pointer: format!("line {line}, {column}"), detail: field.detail });
                }
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// Ends the import: the number of rows, or every bad row (and then nothing is kept, because the transaction rolls back).
    pub fn finish(mut self) -> Result<Imported> {
        if self.bad.is_empty() {
            return Ok(Imported { rows: self.total });
        }
        let more = self.bad.len().saturating_sub(REPORTED_MAX);
        if more > 0 {
            self.bad.truncate(REPORTED_MAX);
            self.bad.push(FieldError { pointer: String::new(), detail: words!("另有 {more} 处错误", "and {more} more") });
        }
        Err(Error::fields(self.bad))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Line {
        #[expect(dead_code, reason = "only its parsing is tested")]
        number: Whole,
    }

    #[test]
    fn every_bad_row_is_named_by_line_and_column() {
        let mut table = Table::<Line>::read("number\n1\nx\n3\n4,5\n".as_bytes()).unwrap();
        assert_eq!(table.take_rows().len(), 2);
        let text = table.finish().unwrap_err().to_string();
        assert!(text.contains("line 3, number") && text.contains("line 5"), "{text}");
    }

    #[test]
    fn an_empty_table_and_a_wrong_encoding_are_refused() {
        assert_eq!(Table::<Line>::read(b"number\n").err().map(|e| e.code()), Some("invalid"));
        assert_eq!(Table::<Line>::read(b"\xff\xfe\n1\n").err().map(|e| e.code()), Some("malformed"));
    }
}
