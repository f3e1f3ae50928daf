//! Blocks as a DOCX file: A4, 宋体 for text and 黑体 for headings, with page numbers. The fonts are named, not embedded: every office program has
//! them or puts another Chinese font in their place.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, BreakType, Docx, Footer, LineSpacing, LineSpacingType, NumPages, PageMargin, PageNum, Paragraph, Run as DocxRun,
    RunFonts, Table, TableCell, TableRow, WidthType,
};

use super::markup::{Block, Line};
use crate::kernel::{Error, Result};

/// Width and height of A4 in twentieths of a point.
const A4: (u32, u32) = (11_906, 16_838);
/// Half-points of the text: 小四 (12 pt).
const TEXT_SIZE: usize = 24;
/// Width of the text in twentieths of a point.
const TEXT_WIDTH: usize = 8_600;

fn fonts(east_asia: &str) -> RunFonts {
    RunFonts::new().ascii("Times New Roman").hi_ansi("Times New Roman").east_asia(east_asia)
}

fn runs(line: &Line, size: usize, font: &str, bold: bool) -> Vec<DocxRun> {
    line.iter()
        .map(|one| {
            let run = DocxRun::new().add_text(one.text.as_str()).size(size).fonts(fonts(font));
            let run = if bold || one.bold { run.bold() } else { run };
            if one.italic { run.italic() } else { run }
        })
        .collect()
}

fn paragraph(line: &Line, size: usize, font: &str, bold: bool) -> Paragraph {
    runs(line, size, font, bold).into_iter().fold(Paragraph::new(), Paragraph::add_run)
}

fn table(rows: &[Vec<Line>]) -> Table {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(1).max(1);
    let width = TEXT_WIDTH.checked_div(columns).unwrap_or(TEXT_WIDTH);
    let rows = rows.iter().enumerate().map(|(place, cells)| {
        let cells = cells.iter().map(|line| {
            TableCell::new().width(width, WidthType::Dxa).add_paragraph(paragraph(line, TEXT_SIZE.saturating_sub(3), "SimSun", place == 0))
        });
        TableRow::new(cells.collect()).cant_split()
    });
    Table::new(rows.collect()).set_grid(vec![width; columns])
}

/// The paragraph that must follow a table, so low that it begins no page of its own behind a table that fills the last one.
fn hairline() -> Paragraph {
    Paragraph::new().size(2).line_spacing(LineSpacing::new().line_rule(LineSpacingType::Exact).line(20))
}

/// Writes the file.
pub fn write(blocks: &[Block]) -> Result<Vec<u8>> {
    let margin = PageMargin { top: 1_440, left: 1_588, bottom: 1_440, right: 1_588, header: 851, footer: 992, gutter: 0 };
    let numbers = Paragraph::new()
        .align(AlignmentType::Center)
        .add_page_num(PageNum::new())
        .add_run(DocxRun::new().add_text(" / "))
        .add_num_pages(NumPages::new());
    let mut file = Docx::new()
        .page_size(A4.0, A4.1)
        .page_margin(margin)
        .default_fonts(fonts("SimSun"))
        .default_size(TEXT_SIZE)
        .footer(Footer::new().add_paragraph(numbers));
    for (block, ends) in blocks.iter().zip((1..).map(|count| count == blocks.len())) {
        file = match block {
            Block::Heading(1, line) => file.add_paragraph(paragraph(line, 36, "SimHei", true).align(AlignmentType::Center)),
            Block::Heading(_, line) => file.add_paragraph(paragraph(line, 28, "SimHei", true)),
            Block::Paragraph(line) => file.add_paragraph(paragraph(line, TEXT_SIZE, "SimSun", false)),
            Block::Item(number, line) => {
                let mark = number.map_or_else(|| "· ".to_owned(), |number| format!("{number}. "));
                let first = DocxRun::new().add_text(mark).size(TEXT_SIZE).fonts(fonts("SimSun"));
                let item = runs(line, TEXT_SIZE, "SimSun", false).into_iter().fold(Paragraph::new().add_run(first), Paragraph::add_run);
                file.add_paragraph(item.indent(Some(420), None, None, None))
            }
            Block::Table(rows) => file.add_table(table(rows)).add_paragraph(if ends { hairline() } else { Paragraph::new() }),
            Block::PageBreak => file.add_paragraph(Paragraph::new().add_run(DocxRun::new().add_break(BreakType::Page))),
        };
    }
    let mut bytes = Cursor::new(Vec::new());
    file.build().pack(&mut bytes).map_err(|fault| Error::internal(format!("cannot write a DOCX file: {fault}")))?;
    Ok(bytes.into_inner())
}
