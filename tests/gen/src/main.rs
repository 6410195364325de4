//! x
fn main() { println!("{}", serde_json::to_string_pretty(&levelkit_shared::schema::schema()).unwrap_or_default()); }
