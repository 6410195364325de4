//! Derived ids (the rules, section 11).
