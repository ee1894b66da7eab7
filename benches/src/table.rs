//! What was measured, and how it is shown.

use std::fmt::Write as _;

use crate::measure::Cost;

/// One line of results.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was done, such as a vendor and a message.
    pub what: String,
    /// How, such as by which encoder.
    pub way: String,
    /// What it cost.
    pub cost: Cost,
    /// The cost beside the limit's in the same run; `None` where nothing is the limit.
    pub ratio: Option<f64>,
    /// Further measurements, as text, one for each further column of the table.
    pub more: Vec<String>,
}

/// The results of one bench.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its heading.
    pub title: &'static str,
    /// What was measured, and what is the limit.
    pub about: &'static str,
    /// What the ratio is to; empty where there is none.
    pub limit: &'static str,
    /// The names of the further columns.
    pub columns: &'static [&'static str],
    /// What was measured, line by line.
    pub rows: Vec<Row>,
}

impl Table {
    /// As Markdown.
    pub fn markdown(&self) -> String {
        let mut out = format!("## {}\n\n{}\n\n", self.title, self.about);
        let names = ["What", "Way", "CPU", "from – to", self.limit, "allocations"];
        let names: Vec<_> = names.iter().chain(self.columns).copied().filter(|name| !name.is_empty()).collect();
        let _ = write!(out, "| {} |\n|{}", names.join(" | "), "---|".repeat(names.len()));
        for row in &self.rows {
            let Cost { ns, low, high, allocations, .. } = row.cost;
            let mut cells =
                vec![row.what.clone(), row.way.clone(), time(ns), format!("{} – {}", time(low), time(high))];
            if !self.limit.is_empty() {
                cells.push(row.ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")));
            }
            cells.push(format!("{:.2}", allocations).trim_end_matches('0').trim_end_matches('.').to_owned());
            cells.extend_from_slice(&row.more);
            let _ = write!(out, "\n| {} |", cells.join(" | "));
        }
        out.push('\n');
        out
    }

    /// How far apart the slowest and the fastest round of a row are, in percent of the median:
    /// the median of all rows.
    pub fn noise(&self) -> f64 {
        let rows = self.rows.iter().filter(|row| row.cost.ns > 0.0);
        let mut spreads: Vec<f64> = rows.map(|row| (row.cost.high - row.cost.low) / row.cost.ns * 100.0).collect();
        spreads.sort_by(f64::total_cmp);
        spreads.get(spreads.len() / 2).copied().unwrap_or_default()
    }
}

/// Nanoseconds with three digits and a unit.
pub(crate) fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns => (ns / 1e6, "ms"),
    };
    let digits = match value {
        value if value < 10.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

/// A plot of bars, as SVG: a label and a value each, the shortest possible bar being the best.
pub(crate) fn bars(title: &str, values: &[(String, f64)]) -> String {
    const ROW: usize = 22;
    let most = values.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let height = 40 + ROW * values.len();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"22\" font-weight=\"bold\">{}</text>\n",
        escape(title)
    );
    for (index, (label, value)) in values.iter().enumerate() {
        let (top, width) = (34 + ROW * index, (value / most * 380.0).max(1.0));
        let text = top + 14;
        let _ = writeln!(
            out,
            "<text x=\"280\" y=\"{text}\" text-anchor=\"end\">{}</text>\
             <rect x=\"290\" y=\"{top}\" width=\"{width:.0}\" height=\"16\" fill=\"#4878a8\"/>\
             <text x=\"{:.0}\" y=\"{text}\">{}</text>",
            escape(label),
            296.0 + width,
            time(*value)
        );
    }
    out.push_str("</svg>\n");
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        let texts = [1.234, 12.34, 123.4, 1234.0, 12_340.0, 1_234_000.0].map(time);
        assert_eq!(texts, ["1.23 ns", "12.3 ns", "123 ns", "1.23 µs", "12.3 µs", "1.23 ms"]);
    }

    #[test]
    fn a_table_is_as_wide_in_each_line() {
        let cost = Cost { ns: 100.0, low: 90.0, high: 120.0, allocations: 2.0, bytes: 64.0 };
        let row = Row { what: "a".into(), way: "b".into(), cost, ratio: Some(2.0), more: vec!["c".into()] };
        let table = Table { title: "T", about: "A.", limit: "× a", columns: &["more"], rows: vec![row] };
        let lines = table.markdown();
        let bars: Vec<_> = lines.lines().skip(4).map(|line| line.matches('|').count()).collect();
        assert_eq!(bars, [8, 8, 8]);
        assert!((table.noise() - 30.0).abs() < 1e-9);
    }
}
