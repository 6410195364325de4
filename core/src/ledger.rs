//! The ledger: XP events chained by hash, and their verification (the rules, section 11).
