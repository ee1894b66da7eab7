//! What became of many pushes, in figures: of deliveries and of what vendors reported.

use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::{Store, StoreError, ms, unsigned};

/// Which messages are counted: those accepted in a span of time, in milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// From when, inclusive.
    pub from_ms: u64,
    /// Until when, inclusive.
    pub to_ms: u64,
    /// Whether those to everybody, to tags and to attributes are, or all others.
    pub tasks: bool,
    /// Of these tasks only, by message id; empty: all.
    pub ids: Vec<String>,
}

/// The figures of one vendor in one message, or in all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The message's id; empty: of all.
    pub message: String,
    /// The vendor; empty: no notification could be made.
    pub vendor: String,
    /// Pushes that were due.
    pub total: u64,
    /// Those that the vendor took, or may have taken.
    pub sent: u64,
    /// Those that it reported as delivered.
    pub delivered: u64,
    /// Those that it reported as tapped.
    pub clicked: u64,
}

/// Where pushes were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossStage {
    /// They never got to a vendor: no certificate, no token.
    BeforeSending,
    /// The vendor refused them, or dropped them later.
    AfterSending,
}

/// Pushes that were lost for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The message's id.
    pub message: String,
    /// The vendor; empty: none was found.
    pub vendor: String,
    /// The gateway's or the vendor's code.
    pub code: String,
    /// Its words, of one of them.
    pub words: String,
    /// How many.
    pub count: u64,
}

/// How the ids of tasks begin: to everybody, to tags, to attributes.
pub(crate) const TASK: &str = "push_";

const FROM: &str = " FROM messages m JOIN deliveries d ON d.message_id = m.id \
                    LEFT JOIN notes n ON n.message_id = d.message_id AND n.note = d.note";

impl Scope {
    fn push(&self, query: &mut QueryBuilder<'_, Sqlite>) {
        query.push(" WHERE m.at_ms >= ").push_bind(ms(self.from_ms)).push(" AND m.at_ms <= ").push_bind(ms(self.to_ms));
        let is = if self.tasks { " AND " } else { " AND NOT " };
        query.push(is).push("(m.kind = 'push' AND substr(m.id, 1, 5) = ").push_bind(TASK).push(")");
        if !self.ids.is_empty() {
            query.push(" AND m.id IN (");
            let mut list = query.separated(", ");
            for id in &self.ids {
                list.push_bind(id.clone());
            }
            query.push(")");
        }
    }
}

impl Store {
    /// The figures of each vendor in each message.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counts(&self, scope: &Scope) -> Result<Vec<Counts>, StoreError> {
        let reported = "SUM(CASE WHEN EXISTS (SELECT 1 FROM receipts r WHERE r.message_id = d.message_id \
                        AND r.account = d.account AND r.device = d.device AND r.event";
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(if scope.tasks { "m.id" } else { "''" });
        query.push(", COALESCE(n.vendor, ''), COUNT(*), ");
        query.push("SUM(CASE WHEN d.state IN ('accepted', 'unsure') THEN 1 ELSE 0 END), ");
        // What was seen or tapped has arrived, whether the vendor said so or not.
        query.push(reported).push(" IN ('delivered', 'shown', 'clicked')) THEN 1 ELSE 0 END), ");
        query.push(reported).push(" = 'clicked') THEN 1 ELSE 0 END)").push(FROM);
        scope.push(&mut query);
        query.push(" AND (d.state <> 'silent' OR d.loss IS NOT NULL) GROUP BY 1, 2 ORDER BY 1, 2");
        let rows = query.build().fetch_all(&self.readers).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Counts {
                message: row.try_get(0)?,
                vendor: row.try_get(1)?,
                total: unsigned(row.try_get(2)?),
                sent: unsigned(row.try_get(3)?),
                delivered: unsigned(row.try_get(4)?),
                clicked: unsigned(row.try_get(5)?),
            })
        };
        rows.iter().map(read).collect()
    }

    /// What was lost, by reason.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn losses(&self, scope: &Scope, stage: LossStage) -> Result<Vec<Loss>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(if scope.tasks { "m.id" } else { "''" }).push(", COALESCE(n.vendor, ''), ");
        match stage {
            LossStage::BeforeSending => {
                query.push("CAST(d.loss AS TEXT), MIN(d.detail), COUNT(*)").push(FROM);
                scope.push(&mut query);
                query.push(" AND d.loss IS NOT NULL");
            }
            LossStage::AfterSending => {
                // Without a code of the vendor's, the class of the refusal stands for it.
                query.push("COALESCE(d.code, NULLIF(r.code, ''), d.class, r.event, ''), ");
                query.push("COALESCE(MIN(d.words), MIN(r.event), ''), COUNT(*)").push(FROM);
                query.push(" LEFT JOIN receipts r ON r.message_id = d.message_id AND r.account = d.account ");
                query.push("AND r.device = d.device AND r.event LIKE 'dropped%'");
                scope.push(&mut query);
                query.push(" AND (d.state = 'refused' OR r.event IS NOT NULL)");
            }
        }
        query.push(" GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
        let rows = query.build().fetch_all(&self.readers).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Loss {
                message: row.try_get(0)?,
                vendor: row.try_get(1)?,
                code: row.try_get(2)?,
                words: row.try_get(3)?,
                count: unsigned(row.try_get(4)?),
            })
        };
        rows.iter().map(read).collect()
    }
}
