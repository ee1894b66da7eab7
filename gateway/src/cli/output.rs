//! What a person or the next program of a pipe reads.

use std::fmt::Display;
use std::io::{BufWriter, ErrorKind, Stdout, Write};
use std::ops::Range;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use console::Term;

use super::Bad;

/// Standard output. Once its reader is gone, lines go nowhere: that is no error.
pub(super) struct Out {
    to: Option<BufWriter<Stdout>>,
}

impl Out {
    pub(super) fn new() -> Self {
        Self { to: Some(BufWriter::new(std::io::stdout())) }
    }

    pub(super) fn line(&mut self, line: impl Display) -> Result<(), Bad> {
        self.with(|to| writeln!(to, "{line}"))
    }

    pub(super) fn flush(&mut self) -> Result<(), Bad> {
        self.with(Write::flush)
    }

    fn with(&mut self, write: impl FnOnce(&mut BufWriter<Stdout>) -> std::io::Result<()>) -> Result<(), Bad> {
        match self.to.as_mut().map(write) {
            Some(Err(error)) if error.kind() == ErrorKind::BrokenPipe => {
                // What it still holds must not be tried again when it is dropped.
                if let Some(to) = self.to.take() {
                    let _ = to.into_parts();
                }
                Ok(())
            }
            Some(Err(error)) => Err(Bad::new(format!("stdout: {error}"))),
            Some(Ok(())) | None => Ok(()),
        }
    }
}

const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table with a line under its header, as wide as the terminal at most.
pub(super) fn table(term: &Term, header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_width(width(term));
    table.set_header(header);
    table
}

/// Puts columns of numbers, with their headings, on the right.
pub(super) fn align_right(table: &mut Table, columns: Range<usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// The columns of a terminal; 120 where there is none. More than 120 are hard to read.
pub(super) fn width(term: &Term) -> u16 {
    let columns = if term.is_term() { term.size_checked().map(|(_, columns)| columns) } else { None };
    columns.unwrap_or(120).clamp(40, 120)
}

/// The beginning of a text, of at most so many columns.
pub(super) fn short(text: &str, columns: usize) -> String {
    console::truncate_str(text, columns, "…").into_owned()
}

/// `1 target`, `2 targets`.
pub(super) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
