//! No link of the documentation is dead: every file and every heading that a page names is there.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The project's folder.
fn root() -> PathBuf {
    Path::new("..").canonicalize().unwrap()
}

/// The pages: Markdown beside `Cargo.toml`, and everything in `docs`.
fn pages() -> Vec<PathBuf> {
    let mut pages = markdown_in(&root());
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        pages.extend(markdown_in(&folder));
        folders.extend(entries(&folder).filter(|path| path.is_dir()));
    }
    pages.sort();
    pages
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path())
}

fn markdown_in(folder: &Path) -> Vec<PathBuf> {
    entries(folder).filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// A page's lines outside code blocks.
fn prose(text: &str) -> Vec<&str> {
    let mut in_code = false;
    let outside = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    });
    outside.collect()
}

/// A line without its `code`.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// `[name]: target`, as `(name, target)`.
fn definition(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('[')?.split_once("]: ")
}

/// The targets of `[text](target)`.
fn inline_targets(line: &str) -> Vec<String> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned()).collect()
}

/// The names in `[name]` that no `(` follows; only words like `polynomial_p3`, so that plain brackets stay plain.
fn references(line: &str) -> Vec<String> {
    let named = |rest: &&str| {
        let (name, after) = rest.split_once(']')?;
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        (!after.starts_with('(') && !name.is_empty() && name.bytes().all(word)).then(|| name.to_owned())
    };
    line.split('[').skip(1).collect::<Vec<_>>().iter().filter_map(named).collect()
}

/// The anchors of a page's headings, as its host makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).into_iter().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// What is wrong with a link, if anything.
fn fault(page: &Path, target: &str) -> Option<String> {
    if ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let file = match path {
        "" => page.to_owned(),
        path => page.parent().unwrap().join(path),
    };
    if !file.exists() {
        return Some(format!("{target}: there is no such file"));
    }
    let missing = !heading.is_empty() && !anchors(&std::fs::read_to_string(&file).unwrap()).contains(heading);
    missing.then(|| format!("{target}: there is no such heading"))
}

#[test]
fn every_link_leads_somewhere() {
    let mut faults = Vec::new();
    let mut count = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let lines = prose(&text);
        let (mut targets, mut used, mut defined) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for line in &lines {
            if let Some((name, target)) = definition(line) {
                defined.insert(name.to_owned());
                targets.push(target.to_owned());
                continue;
            }
            let line = without_code(line);
            targets.extend(inline_targets(&line));
            used.extend(references(&line));
        }
        let unknown = used.difference(&defined).map(|name| format!("[{name}]: it is not defined"));
        let unused = defined.difference(&used).map(|name| format!("[{name}]: nothing uses it"));
        let wrong = targets.iter().filter_map(|target| fault(&page, target)).chain(unknown).chain(unused);
        faults.extend(wrong.map(|wrong| format!("{}: {wrong}", page.display())));
        count += targets.len();
    }
    println!("links: {count}");
    assert!(count > 0, "no page has a link");
    assert!(faults.is_empty(), "{} dead links:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn links_are_found() {
    assert_eq!(inline_targets("a [b](c.md#d) e [f](g)"), ["c.md#d", "g"]);
    assert_eq!(references("see ([days], [Zones], [a b], [x](y))"), ["days"]);
    assert_eq!(definition("[days]: ../days.json"), Some(("days", "../days.json")));
    assert_eq!(anchor("12. Commands, events, refusals"), "12-commands-events-refusals");
    assert!(fault(Path::new("/nowhere/page.md"), "other.md").is_some());
}
