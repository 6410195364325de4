//! What a statement looks at, as the server plans it: which tables, and whether only a given player's rows of each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::types::Type;

use crate::wire::Sent;

/// A connection that plans statements.
pub(crate) struct Planner {
    client: tokio_postgres::Client,
    runtime: tokio::runtime::Runtime,
    /// Tables by their schema and name, with the column that says whose a row is.
    players: BTreeMap<String, String>,
}

impl Planner {
    pub(crate) fn to(url: &str) -> Self {
        const PLAYERS: &str = "SELECT table_schema || '.' || table_name, column_name FROM information_schema.columns \
            WHERE table_schema IN ('public', 'levelkit') \
            AND (column_name = 'user_id' OR table_name = 'users' AND column_name = 'id')";
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (client, players) = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            // As the store's own connections.
            client.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
            let players = client.query(PLAYERS, &[]).await.unwrap();
            let players = players.iter().map(|row| (row.get::<_, String>(0), row.get::<_, String>(1))).collect();
            (client, players)
        });
        Self { client, runtime, players }
    }

    /// The plan of a statement for values; `analyze` runs it too, and what it wrote is taken back.
    pub(crate) fn plan(&self, sent: &Sent, values: &[&str], analyze: bool) -> Value {
        let listed =
            |items: Vec<String>| if items.is_empty() { String::new() } else { format!("({})", items.join(", ")) };
        let name = |oid: &u32| Type::from_oid(*oid).map_or("unknown".to_owned(), |known| known.name().to_owned());
        let types = listed(sent.types.iter().map(name).collect());
        let values = listed(values.iter().map(|value| (*value).to_owned()).collect());
        let how = if analyze { "ANALYZE, TIMING OFF, SUMMARY OFF, " } else { "" };
        let sql = format!(
            "BEGIN; PREPARE planned {types} AS {}; EXPLAIN ({how}VERBOSE, COSTS OFF, FORMAT JSON) EXECUTE planned {values}; \
             ROLLBACK; DEALLOCATE planned",
            sent.text
        );
        let answer = self.runtime.block_on(self.client.simple_query(&sql));
        let answer = answer.unwrap_or_else(|error| panic!("{error:?}: {}", sent.text));
        let plan = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let plan: Value = serde_json::from_str(plan.unwrap()).unwrap();
        plan[0]["Plan"].clone()
    }

    /// The tables that a statement touches, each with whether it names the player there: every row that it reads or changes is
    /// found by a player who was handed in, every row that it adds says whose it is. None where rows are nobody's.
    pub(crate) fn touched(&self, sent: &Sent) -> Vec<(String, Option<bool>)> {
        let mut found = Found::default();
        found.walk(&self.plan(sent, &vec!["NULL"; sent.types.len()], false));
        let scans = found.scans.iter().map(|(table, alias)| {
            let column = self.players.get(table);
            (table.clone(), column.map(|column| found.is_given(&format!("{alias}.{column}"), &mut BTreeSet::new())))
        });
        let added = found.added.iter().map(|table| {
            let column = self.players.get(table);
            (table.clone(), column.map(|column| columns_added(&sent.text, table).iter().any(|added| added == column)))
        });
        scans.chain(added).collect()
    }
}

/// The columns that a statement gives to the rows it adds to a table.
fn columns_added(text: &str, table: &str) -> Vec<String> {
    let columns = || {
        let (_, behind) = text.split_once(&format!("INSERT INTO {table} "))?;
        let (columns, _) = behind.split_once('(')?.1.split_once(')')?;
        Some(columns.split(',').map(|column| column.trim().to_owned()).collect())
    };
    columns().unwrap_or_default()
}

/// What a plan says.
#[derive(Default)]
struct Found {
    /// Tables that rows are read from, with the names they go by.
    scans: Vec<(String, String)>,
    /// Tables that rows are added to.
    added: Vec<String>,
    /// Columns with what they must be equal to for a row to be looked at.
    bound: Vec<(String, String)>,
    /// Names of the values that were handed in as arrays.
    given: BTreeSet<String>,
    /// Parameters that the plan computes, and nobody handed in.
    computed: BTreeSet<String>,
}

impl Found {
    /// Takes in a node and what is below; answers which names there are below.
    fn walk(&mut self, node: &Value) -> BTreeSet<String> {
        let text = |key: &str| node[key].as_str().unwrap_or_default();
        let (mut all, mut reached) = (BTreeSet::new(), BTreeSet::new());
        for child in node["Plans"].as_array().into_iter().flatten() {
            let below = self.walk(child);
            // A condition of an outer join leaves no row of its outer side out.
            let side = match text("Join Type") {
                "" | "Inner" | "Semi" => "",
                "Left" | "Anti" => "Inner",
                "Right" | "Right Anti" => "Outer",
                _ => "neither",
            };
            if side.is_empty() || child["Parent Relationship"] == side {
                reached.extend(below.iter().cloned());
            }
            all.extend(below);
        }
        let alias = text("Alias").to_owned();
        let table = format!("{}.{}", text("Schema"), text("Relation Name"));
        match (text("Node Type"), text("Operation")) {
            ("ModifyTable", "Insert") => self.added.push(table),
            ("ModifyTable", _) => {}
            ("Function Scan", _) if text("Function Call").contains('$') => drop(self.given.insert(alias.clone())),
            _ if !node["Relation Name"].is_null() => self.scans.push((table, alias.clone())),
            _ => {}
        }
        if let Some((_, returned)) = text("Subplan Name").split_once("(returns ") {
            self.computed.extend(returned.trim_end_matches(')').split(',').map(str::to_owned));
        }
        all.insert(alias.clone());
        reached.insert(alias);
        for condition in ["Index Cond", "Recheck Cond", "Filter"] {
            self.bind(text(condition), &all);
        }
        for condition in ["Hash Cond", "Merge Cond", "Join Filter"] {
            self.bind(text(condition), &reached);
        }
        all
    }

    /// Notes the equalities that a condition holds columns of these names to.
    fn bind(&mut self, condition: &str, names: &BTreeSet<String>) {
        let mut leaves = Vec::new();
        conjuncts(condition, &mut leaves);
        for (one, other) in leaves.iter().filter_map(|leaf| equality(leaf)) {
            for (column, value) in [(&one, &other), (&other, &one)] {
                if column.rsplit_once('.').is_some_and(|(name, _)| names.contains(name)) {
                    self.bound.push((column.clone(), value.clone()));
                }
            }
        }
    }

    /// Whether a column can only be what was handed in.
    fn is_given(&self, column: &str, seen: &mut BTreeSet<String>) -> bool {
        if column.starts_with('$') {
            return !self.computed.contains(column);
        }
        let is_value = column.rsplit_once('.').is_some_and(|(name, _)| self.given.contains(name));
        if is_value || !seen.insert(column.to_owned()) {
            return is_value;
        }
        self.bound.iter().any(|(bound, value)| bound == column && self.is_given(value, seen))
    }
}

/// The parts of a condition that must all hold; of parts of which one is enough, none.
fn conjuncts<'c>(condition: &'c str, leaves: &mut Vec<&'c str>) {
    let inner = match unwrapped(condition) {
        Some(inner) => return conjuncts(inner, leaves),
        None => condition,
    };
    let (all, any) = (split_outside(inner, " AND "), split_outside(inner, " OR "));
    if any.len() > 1 || inner.starts_with("NOT ") {
        return;
    }
    match all.as_slice() {
        [leaf] => leaves.push(leaf),
        parts => parts.iter().for_each(|part| conjuncts(part, leaves)),
    }
}

/// What stands in parentheses that enclose the whole.
fn unwrapped(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let mut depth = 0;
    for byte in inner.bytes() {
        depth += i32::from(byte == b'(') - i32::from(byte == b')');
        if depth < 0 {
            return None;
        }
    }
    Some(inner)
}

/// Splits outside of parentheses.
fn split_outside<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        depth += i32::from(byte == b'(') - i32::from(byte == b')');
        if depth == 0 && text.as_bytes()[at..].starts_with(separator.as_bytes()) {
            parts.push(&text[start..at]);
            start = at + separator.len();
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Both sides of `a.b = c`, or of `a.b = ANY (c)`.
fn equality(leaf: &str) -> Option<(String, String)> {
    let (one, other) = leaf.split_once(" = ")?;
    let other = other.strip_prefix("ANY (").and_then(|array| array.strip_suffix(')')).unwrap_or(other);
    let is_simple = |side: &str| !side.contains([' ', '(', ')', '\'']);
    (is_simple(one) && is_simple(other)).then(|| (one.to_owned(), other.to_owned()))
}
