//! Markdown as blocks: headings, paragraphs, list items and tables, with bold and italic runs. What else Markdown knows is text.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Text of one look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// The text.
    pub text: String,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
}

/// A line of text.
pub type Line = Vec<Run>;

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of a level from 1.
    Heading(u8, Line),
    /// A paragraph.
    Paragraph(Line),
    /// An item of a list, with its number where the list counts.
    Item(Option<u64>, Line),
    /// A table; the first row is its head.
    Table(Vec<Vec<Line>>),
    /// What follows begins on a new page.
    PageBreak,
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    line: Line,
    bold: bool,
    italic: bool,
    lists: Vec<Option<u64>>,
    table: Vec<Vec<Line>>,
    row: Vec<Line>,
    level: u8,
    in_item: bool,
}

impl Reader {
    fn text(&mut self, text: &str) {
        let (bold, italic) = (self.bold, self.italic);
        match self.line.last_mut() {
            Some(run) if run.bold == bold && run.italic == italic => run.text.push_str(text),
            _ => self.line.push(Run { text: text.to_owned(), bold, italic }),
        }
    }

    fn item(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return;
        }
        let number = self.lists.last_mut().and_then(|next| {
            let number = *next;
            *next = number.map(|number| number.saturating_add(1));
            number
        });
        self.blocks.push(Block::Item(number, line));
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.bold = true,
            Tag::Emphasis => self.italic = true,
            Tag::Heading { level, .. } => {
                self.level = if level == HeadingLevel::H1 {
                    1
                } else if level == HeadingLevel::H2 {
                    2
                } else {
                    3
                }
            }
            Tag::List(first) => {
                self.item();
                self.lists.push(first);
            }
            Tag::Item => self.in_item = true,
            Tag::Table(_) => self.table = Vec::new(),
            Tag::TableHead | Tag::TableRow => self.row = Vec::new(),
            Tag::TableCell => self.line = Line::new(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.bold = false,
            TagEnd::Emphasis => self.italic = false,
            TagEnd::Heading(_) => self.blocks.push(Block::Heading(self.level, std::mem::take(&mut self.line))),
            TagEnd::Paragraph if !self.in_item => self.blocks.push(Block::Paragraph(std::mem::take(&mut self.line))),
            TagEnd::Item => {
                self.item();
                self.in_item = false;
            }
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::TableCell => self.row.push(std::mem::take(&mut self.line)),
            TagEnd::TableHead | TagEnd::TableRow => self.table.push(std::mem::take(&mut self.row)),
            TagEnd::Table => self.blocks.push(Block::Table(std::mem::take(&mut self.table))),
            _ => {}
        }
    }
}

/// Reads the blocks of a text. A rule (`---`) is a page break.
pub fn read(text: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(tag) => reader.start(tag),
            Event::End(tag) => reader.end(tag),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => reader.text(&text),
            Event::SoftBreak | Event::HardBreak => reader.text(" "),
            Event::Rule => reader.blocks.push(Block::PageBreak),
            _ => {}
        }
    }
    reader.blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Line {
        vec![Run { text: text.to_owned(), ..Run::default() }]
    }

    #[test]
    fn headings_paragraphs_lists_tables_and_page_breaks_are_read() {
        let blocks = read("# 合同\n\n甲方 **月河**\n\n1. 一\n2. 二\n\n| 项 | 额 |\n|---|---|\n| a\\|b | 1 |\n\n---\n\n*斜*\n");
        let bold = Run { text: "月河".into(), bold: true, italic: false };
        assert_eq!(
            blocks,
            [
                Block::Heading(1, plain("合同")),
                Block::Paragraph(vec![plain("甲方 ").remove(0), bold]),
                Block::Item(Some(1), plain("一")),
                Block::Item(Some(2), plain("二")),
                Block::Table(vec![vec![plain("项"), plain("额")], vec![plain("a|b"), plain("1")]]),
                Block::PageBreak,
                Block::Paragraph(vec![Run { text: "斜".into(), bold: false, italic: true }]),
            ]
        );
    }
}
