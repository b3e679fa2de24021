//! Finds every path that a source file names, in `use` trees and inline, resolved against the file's own
//! module, and whether it stands in test code. It knows nothing of what is allowed.

use crate::lex::{Kind, Token, tokens};

/// A path as `crate::room::...` (for our own) or `other_crate::...`, with `*` for a glob.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    pub path: Vec<String>,
    pub line: usize,
    /// It stands in something under `#[cfg(test)]`.
    pub test: bool,
}

/// What a file names.
#[derive(Default, Debug)]
pub struct Found {
    pub named: Vec<Named>,
    /// Modules in other files that are compiled for tests only: `#[cfg(test)] mod name;`.
    pub test_modules: Vec<Vec<String>>,
}

/// The module path of a source file, from its path below `src`: `a/b.rs` and `a/b/mod.rs` are `a::b`.
pub fn module_of(below_src: &str) -> Vec<String> {
    let stem = below_src.strip_suffix(".rs").unwrap_or(below_src);
    let mut parts: Vec<String> = stem.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// All paths that `source`, the file of `module`, names.
pub fn paths(source: &str, module: &[String]) -> Found {
    let mut reader =
        Reader { tokens: tokens(source), at: 0, module: module.to_vec(), found: Found::default() };
    reader.items(false);
    reader.found
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    module: Vec<String>,
    found: Found,
}

impl Reader {
    fn kind(&self, ahead: usize) -> Option<&Kind> {
        self.tokens.get(self.at + ahead).map(|t| &t.kind)
    }

    fn name(&self, ahead: usize) -> Option<&str> {
        match self.kind(ahead) {
            Some(Kind::Name(n)) => Some(n),
            _ => None,
        }
    }

    fn is_mark(&self, ahead: usize, c: char) -> bool {
        self.kind(ahead) == Some(&Kind::Mark(c))
    }

    /// Reads to the end of the file, or to the `}` that closes the block it was called in.
    fn items(&mut self, test: bool) {
        let mut next_is_test = false;
        while self.at < self.tokens.len() {
            if self.is_mark(0, '#') {
                next_is_test |= self.attribute();
                continue;
            }
            let test = test || std::mem::take(&mut next_is_test);
            if self.is_mark(0, '}') {
                self.at += 1;
                return;
            }
            self.item(test);
        }
    }

    /// One item or statement: up to its `;`, or over its block.
    fn item(&mut self, test: bool) {
        let mut brackets = 0usize;
        while self.at < self.tokens.len() {
            if self.name(0) == Some("mod") && self.name(1).is_some() {
                let child = self.name(1).unwrap_or_default().to_owned();
                let inline = self.is_mark(2, '{');
                self.at += 3;
                if inline {
                    self.module.push(child);
                    self.items(test);
                    self.module.pop();
                } else if test {
                    self.found.test_modules.push([self.module.as_slice(), &[child]].concat());
                }
                return;
            }
            match self.kind(0) {
                Some(Kind::Mark('{')) => {
                    self.at += 1;
                    self.items(test);
                    if brackets == 0 {
                        return;
                    }
                }
                Some(Kind::Mark(';')) if brackets == 0 => {
                    self.at += 1;
                    return;
                }
                Some(Kind::Mark('(' | '[')) => {
                    brackets += 1;
                    self.at += 1;
                }
                Some(Kind::Mark(')' | ']')) => {
                    brackets = brackets.saturating_sub(1);
                    self.at += 1;
                }
                Some(Kind::Mark('}')) => return, // closes what is around; for `items` to see
                Some(Kind::Mark('#')) => {
                    self.attribute();
                }
                Some(Kind::Name(n)) if n == "use" => {
                    self.at += 1;
                    self.tree(Vec::new(), test);
                }
                Some(Kind::Name(n)) if n == "extern" && self.name(1) == Some("crate") => {
                    let line = self.tokens[self.at].line;
                    let path = vec![self.name(2).unwrap_or_default().to_owned()];
                    self.found.named.push(Named { path, line, test });
                    self.at += 3;
                }
                Some(Kind::Name(_)) => self.inline(test),
                _ => self.at += 1,
            }
        }
    }

    /// Skips `#[...]`; whether it was exactly `#[cfg(test)]`.
    fn attribute(&mut self) -> bool {
        let start = self.at;
        self.at += 1;
        if self.is_mark(0, '!') {
            self.at += 1;
        }
        let mut depth = 0usize;
        // a `#` in a macro opens no attribute
        while self.at < self.tokens.len() && (depth > 0 || self.is_mark(0, '[')) {
            if self.is_mark(0, '[') {
                depth += 1;
            } else if self.is_mark(0, ']') {
                depth -= 1;
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        let inside: Vec<String> = self.tokens[start..self.at]
            .iter()
            .map(|t| match &t.kind {
                Kind::Name(n) => n.clone(),
                Kind::Path => "::".to_owned(),
                Kind::Mark(c) => c.to_string(),
            })
            .collect();
        inside.concat() == "#[cfg(test)]"
    }

    /// A `use` tree after the names of `before`.
    fn tree(&mut self, before: Vec<String>, test: bool) {
        let mut path = before;
        let line = self.tokens.get(self.at).map_or(0, |t| t.line);
        loop {
            match self.kind(0).cloned() {
                Some(Kind::Name(n)) if n == "as" => {
                    self.at += 2;
                    break;
                }
                Some(Kind::Name(n)) => path.push(n),
                Some(Kind::Mark('*')) => path.push("*".to_owned()),
                Some(Kind::Path) => {}
                Some(Kind::Mark('{')) => {
                    self.at += 1;
                    while self.at < self.tokens.len() && !self.is_mark(0, '}') {
                        if self.is_mark(0, ',') {
                            self.at += 1;
                        } else {
                            self.tree(path.clone(), test);
                        }
                    }
                    self.at += 1;
                    return;
                }
                _ => break, // `,` `}` `;`
            }
            self.at += 1;
        }
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        if !path.is_empty() {
            let path = self.resolved(&path);
            self.found.named.push(Named { path, line, test });
        }
    }

    /// A path outside `use`. A single name is none.
    fn inline(&mut self, test: bool) {
        let line = self.tokens[self.at].line;
        let is_root = self.begins_a_path();
        let mut path = Vec::new();
        while let Some(name) = self.name(0) {
            path.push(name.to_owned());
            self.at += 1;
            if self.kind(0) == Some(&Kind::Path) && self.name(1).is_some() {
                self.at += 1;
            } else {
                break;
            }
        }
        if path.len() > 1 && is_root {
            let path = self.resolved(&path);
            self.found.named.push(Named { path, line, test });
        }
    }

    /// Whether the name here is the first of its path: not the tail of `<T as Trait>::Item`, but that of
    /// `::std::fs`.
    fn begins_a_path(&self) -> bool {
        let before = |n: usize| self.at.checked_sub(n).and_then(|at| self.tokens.get(at)).map(|t| &t.kind);
        before(1) != Some(&Kind::Path) || !matches!(before(2), Some(Kind::Name(_) | Kind::Mark('>')))
    }

    /// `self`, `super` and the library's own name become a path from the crate root.
    fn resolved(&self, path: &[String]) -> Vec<String> {
        let mut base = self.module.clone();
        let mut rest = path;
        let mut own = false;
        match rest.first().map(String::as_str) {
            Some("crate" | "bartizan") => {
                base.clear();
                own = true;
                rest = &rest[1..];
            }
            Some("self") => {
                own = true;
                rest = &rest[1..];
            }
            _ => {}
        }
        while rest.first().is_some_and(|r| r == "super") {
            base.pop();
            own = true;
            rest = &rest[1..];
        }
        if !own {
            return rest.to_vec();
        }
        let mut whole = vec!["crate".to_owned()];
        whole.extend(base);
        whole.extend(rest.iter().cloned());
        whole
    }
}
