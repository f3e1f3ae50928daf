//! Tables for people: CSV with a byte-order mark, and XLSX. A cell that a spreadsheet would take for a formula is neutralised.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::kernel::{Error, Fen, Result};

crate::text_enum! {
    /// The form of a file.
    pub enum SheetFormat {
        /// Comma-separated values in UTF-8 with a byte-order mark, as spreadsheets of this country open them.
        Csv = "csv",
        /// Office Open XML workbook.
        Xlsx = "xlsx",
    }
}

impl SheetFormat {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Money, shown in yuan with two decimals.
    Yuan(Fen),
    /// A whole number.
    Number(i64),
    /// Nothing.
    Nothing,
}

impl Cell {
    /// The text, or nothing.
    pub fn maybe(text: Option<String>) -> Self {
        text.map_or(Self::Nothing, Self::Text)
    }
}

/// A table with its heads.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Name of the worksheet, at most 31 characters.
    pub name: String,
    /// Heads of the columns.
    pub heads: &'static [&'static str],
    /// Rows, each as long as the heads.
    pub rows: Vec<Vec<Cell>>,
}

fn broken(fault: impl std::fmt::Display) -> Error {
    Error::internal(format!("cannot write a table: {fault}"))
}

/// Puts an apostrophe before what would begin a formula, so that no spreadsheet computes what somebody else wrote.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

impl Sheet {
    /// The file in a form.
    pub fn bytes(&self, format: SheetFormat) -> Result<Vec<u8>> {
        match format {
            SheetFormat::Csv => self.csv(),
            SheetFormat::Xlsx => self.xlsx().map_err(broken),
        }
    }

    fn csv(&self) -> Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        writer.write_record(self.heads).map_err(broken)?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => plain(text),
                Cell::Yuan(fen) => fen.to_string(),
                Cell::Number(number) => number.to_string(),
                Cell::Nothing => String::new(),
            });
            writer.write_record(cells).map_err(broken)?;
        }
        writer.into_inner().map_err(broken)
    }

    fn xlsx(&self) -> std::result::Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(&self.name)?.set_freeze_panes(1, 0)?;
        let (head, yuan) = (Format::new().set_bold(), Format::new().set_num_format("#,##0.00"));
        for (column, text) in (0_u16..).zip(self.heads) {
            sheet.write_string_with_format(0, column, *text, &head)?;
        }
        for (place, row) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(row) {
                match cell {
                    Cell::Text(text) => sheet.write_string(place, column, text)?,
                    // Two decimals of at most ten billion are exact enough in a double to be shown to the fen.
                    Cell::Yuan(fen) => sheet.write_number_with_format(place, column, number(&fen.to_string())?, &yuan)?,
                    Cell::Number(count) => sheet.write_number(place, column, number(&count.to_string())?)?,
                    Cell::Nothing => sheet,
                };
            }
        }
        sheet.autofit();
        book.save_to_buffer()
    }
}

fn number(text: &str) -> std::result::Result<f64, XlsxError> {
    text.parse().map_err(|_| XlsxError::ParameterError(format!("{text} is no number")))
}

/// The file as an attachment that no cache keeps.
pub fn attachment(bytes: Vec<u8>, format: SheetFormat, name: &str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, format.media_type()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{format}\"")))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .body(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let cells = |text: &str, fen| vec![Cell::Text(text.to_owned()), Cell::Yuan(Fen::new(fen)), Cell::Number(3), Cell::Nothing];
        Sheet {
            name: "资金".into(),
            heads: &["名称", "金额", "份", "备注"],
            rows: vec![cells("=1+1", 1), cells("月河, 街道", 12_345_678_901)],
        }
    }

    #[test]
    fn a_csv_begins_with_its_mark_keeps_every_fen_and_computes_nothing() {
        let text = String::from_utf8(sheet().bytes(SheetFormat::Csv).unwrap()).unwrap();
        assert_eq!(text, "\u{feff}名称,金额,份,备注\n'=1+1,0.01,3,\n\"月河, 街道\",123456789.01,3,\n");
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            assert_eq!(plain(&format!("{start}x")), format!("'{start}x"));
        }
        assert_eq!(plain("a=b"), "a=b");
    }

    #[test]
    fn a_workbook_is_a_zip_archive() {
        assert!(sheet().bytes(SheetFormat::Xlsx).unwrap().starts_with(b"PK\x03\x04"));
    }
}
