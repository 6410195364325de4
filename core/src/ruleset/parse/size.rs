//! How large a requirement, or a title's condition, may be.

use super::{Checker, Code, Value};

/// The most levels; a lone leaf has depth 1.
const MAX_DEPTH: usize = 32;
/// The most nodes.
const MAX_NODES: usize = 1_024;

/// How much of a nested value was read, and whether there is more than may be.
#[derive(Default)]
pub(super) struct Size {
    depth: usize,
    nodes: usize,
    too_deep: bool,
    too_large: bool,
}

/// Reads a nested value down to its limits, which bounds the work. That it goes beyond them is reported at its root; what lies
/// beyond is not looked at.
pub(super) fn within_limits<T>(
    checker: &mut Checker,
    value: Value<'_>,
    parse: impl FnOnce(&mut Checker, Value<'_>) -> Option<T>,
) -> Option<T> {
    checker.size = Size::default();
    let parsed = nested(checker, value, parse);
    if checker.size.too_deep {
        let message = format!("nested too deeply; expected at most {MAX_DEPTH} levels");
        checker.refuse::<()>(value, Code::RulesetTooDeep, message);
    }
    if checker.size.too_large {
        let message = format!("too large; expected at most {MAX_NODES} nodes");
        checker.refuse::<()>(value, Code::RulesetTooLarge, message);
    }
    parsed
}

/// Reads one node of a nested value; `None` also where the value is too deep or too large for it.
pub(super) fn nested<T>(
    checker: &mut Checker,
    value: Value<'_>,
    parse: impl FnOnce(&mut Checker, Value<'_>) -> Option<T>,
) -> Option<T> {
    let size = &mut checker.size;
    if size.depth >= MAX_DEPTH {
        size.too_deep = true;
        return None;
    }
    if size.nodes >= MAX_NODES {
        size.too_large = true;
        return None;
    }
    size.depth += 1;
    size.nodes += 1;
    let parsed = parse(checker, value);
    checker.size.depth -= 1;
    parsed
}
