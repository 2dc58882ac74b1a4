//! Who imports whom, by the text of the sources.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Who imports whom, and by which words.
pub(crate) type Arrows = BTreeMap<String, BTreeMap<String, String>>;

/// The arrows between the files of a crate; each has its name below `src`, and its text.
pub(crate) fn arrows(sources: &[(String, String)]) -> Arrows {
    Sources::read(sources).arrows()
}

/// A module, or a name in one: `["context", "value"]` of `crate::context::value`.
type Names = Vec<String>;

#[derive(Default)]
struct Sources {
    /// The file of each module.
    files: BTreeMap<Names, String>,
    /// What a `use` brings into a module, and where it comes from.
    uses: BTreeMap<Names, Names>,
    imports: Vec<Import>,
}

struct Import {
    module: Names,
    path: Names,
    reexported: bool,
}

impl Sources {
    fn read(sources: &[(String, String)]) -> Self {
        let files = sources.iter().map(|(file, _)| (module_of(file), file.clone())).collect();
        let mut this = Self { files, ..Self::default() };
        for (file, source) in sources {
            let mut tokens = Vec::new();
            flatten(source.parse().unwrap_or_else(|error| panic!("{file}: {error}")), &mut tokens);
            this.read_file(&module_of(file), &tokens.iter().map(String::as_str).collect::<Vec<_>>());
        }
        this
    }

    fn read_file(&mut self, module: &Names, tokens: &[&str]) {
        // One for each open brace: a module inside of the file is a scope of its own.
        let mut scopes = vec![module.clone()];
        let mut at = 0;
        while at < tokens.len() {
            let scope = scopes[scopes.len() - 1].clone();
            match (&tokens[..at], &tokens[at..]) {
                ([.., "mod", name], ["{", ..]) => scopes.push(join(&scope, name)),
                (_, ["{", ..]) => scopes.push(scope),
                (_, ["}", ..]) => drop(scopes.pop()),
                (before, ["use", tree @ ..]) => {
                    let visible = before.iter().rev().take_while(|token| !["{", "}", ";", "]"].contains(token));
                    let reexported = visible.copied().any(|token| token == "pub");
                    let (end, paths) = read_tree(&[], tree);
                    for (path, name) in paths {
                        self.import(module, &scope, &path, reexported, Some(name));
                    }
                    at += end;
                }
                // A name of another crate or in a value, the variable of a `quote!`, a visibility.
                ([.., "::" | "." | "#"] | [.., "pub", "(", "in"], _) => {}
                (_, rest @ [name, next, ..]) if *next == "::" || self.uses.contains_key(&join(&scope, name)) => {
                    let (end, paths) = read_tree(&[], rest);
                    for (path, _) in paths {
                        self.import(module, &scope, &path, false, None);
                    }
                    at += end - 1;
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn import(&mut self, module: &Names, scope: &Names, path: &[&str], reexported: bool, name: Option<&str>) {
        let Some(path) = self.absolute(module, scope, path) else { return };
        if let Some(key) = name.map(|name| join(scope, name)).filter(|key| !path.starts_with(key)) {
            self.uses.insert(key, path.clone());
        }
        self.imports.push(Import { module: module.clone(), path, reexported });
    }

    /// From the root of the crate on. None is a name of another crate, or one that is defined where it is used.
    fn absolute(&self, module: &Names, scope: &Names, path: &[&str]) -> Option<Names> {
        let known = |within: &&[String]| {
            let name = join(within, path[0]);
            self.files.contains_key(&name) || self.uses.contains_key(&name)
        };
        let mut absolute = match path[0] {
            "crate" => Names::new(),
            "self" | "super" => scope.clone(),
            _ => (module.len()..=scope.len()).rev().map(|end| &scope[..end]).find(known)?.to_vec(),
        };
        for &name in path {
            match name {
                "crate" | "self" | "*" => {}
                "super" => drop(absolute.pop()),
                _ => absolute.push(name.to_owned()),
            }
        }
        Some(absolute)
    }

    /// The module whose file a name comes from, behind however many doors.
    fn home(&self, path: &[String]) -> Names {
        let mut home = Names::new();
        for end in 1..=path.len() {
            let (name, rest) = path.split_at(end);
            if self.files.contains_key(name) {
                home = name.to_vec();
            } else if let Some(origin) = self.uses.get(name) {
                return self.home(&[origin, rest].concat());
            }
        }
        home
    }

    fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for Import { module, path, reexported } in &self.imports {
            let home = self.home(path);
            let shown_by_its_door = *reexported && home.starts_with(module);
            if home != *module && !shown_by_its_door {
                let (from, to) = (&self.files[module], &self.files[&home]);
                let words = format!("{from} imports crate::{}", path.join("::"));
                // The first is the `use` line, and not what a body makes of it.
                arrows.entry(from.clone()).or_default().entry(to.clone()).or_insert(words);
            }
        }
        arrows
    }
}

fn module_of(file: &str) -> Names {
    let mut names: Names = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|last| ["lib", "main", "mod"].contains(&last.as_str())) {
        names.pop();
    }
    names
}

fn join(module: &[String], name: &str) -> Names {
    [module, &[name.to_owned()]].concat()
}

/// Comments are no tokens, or attributes with a text; and a text is one token, whatever is in it.
fn flatten(stream: TokenStream, tokens: &mut Vec<String>) {
    let mut half = false;
    for tree in stream {
        let colon = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ':');
        match &tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Parenthesis | Delimiter::None => ("(", ")"),
                };
                tokens.push(open.to_owned());
                flatten(group.stream(), tokens);
                tokens.push(close.to_owned());
            }
            _ if colon && half => tokens.last_mut().unwrap().push(':'),
            other => tokens.push(other.to_string()),
        }
        half = colon && !half && matches!(&tree, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
    }
}

/// The paths of `a::{b, c::d as e}`, each with the name that it gets, and how many tokens that was.
fn read_tree<'a>(prefix: &[&'a str], tokens: &[&'a str]) -> (usize, Vec<(Vec<&'a str>, &'a str)>) {
    let mut path = prefix.to_vec();
    let mut at = 0;
    loop {
        match tokens[at..] {
            ["{", ..] => return read_branches(&path, tokens, at + 1),
            [name, "::", next, ..] if next != "<" => path.push(name),
            [name, "as", alias, ..] => return (at + 3, vec![([&path[..], &[name]].concat(), alias)]),
            // `{self, b}` after `a::` is `a` by its own name.
            ["self", ..] if !path.is_empty() => return (at + 1, vec![(path.clone(), path[path.len() - 1])]),
            [name, ..] => return (at + 1, vec![([&path[..], &[name]].concat(), name)]),
            [] => return (at, Vec::new()),
        }
        at += 2;
    }
}

fn read_branches<'a>(path: &[&'a str], tokens: &[&'a str], mut at: usize) -> (usize, Vec<(Vec<&'a str>, &'a str)>) {
    let mut found = Vec::new();
    while tokens.get(at).is_some_and(|token| *token != "}") {
        let (length, branch) = read_tree(path, &tokens[at..]);
        found.extend(branch);
        at += length;
        at += usize::from(tokens.get(at) == Some(&","));
    }
    (at + 1, found)
}
