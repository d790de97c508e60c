//! Just enough of Rust's lexical rules to look at code without its comments, strings and tests. No parser:
//! the rules here count braces and look for paths, and must work on files that do not compile.

/// The text with comments, and the insides of strings and character literals, made blank. Line breaks stay
/// where they were, so line numbers hold.
pub fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match hidden(&chars, at) {
            Some(end) => end.min(chars.len()),
            None => {
                out.push(chars[at]);
                at += 1;
                continue;
            }
        };
        out.extend(
            chars[at..end]
                .iter()
                .map(|&c| if c == '\n' { '\n' } else { ' ' }),
        );
        at = end;
    }
    out
}

/// The end of the comment, string or character literal that begins at `at`, if one does.
fn hidden(chars: &[char], at: usize) -> Option<usize> {
    let next = |offset: usize| chars.get(at + offset).copied();
    match chars[at] {
        '/' if next(1) == Some('/') => Some(find(chars, at, |c| c == '\n')),
        '/' if next(1) == Some('*') => Some(block_comment_end(chars, at)),
        '"' => Some(string_end(chars, at)),
        'r' if !inside_a_word(chars, at) => raw_string_end(chars, at + 1),
        'b' | 'c' if next(1) == Some('r') && !inside_a_word(chars, at) => {
            raw_string_end(chars, at + 2)
        }
        '\'' if next(1) == Some('\\') => Some(find(chars, at + 3, |c| c == '\'') + 1),
        '\'' if next(2) == Some('\'') => Some(at + 3),
        _ => None,
    }
}

fn find(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    (from..chars.len())
        .find(|&index| wanted(chars[index]))
        .unwrap_or(chars.len())
}

fn inside_a_word(chars: &[char], at: usize) -> bool {
    at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_')
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut index) = (0_usize, at);
    while index + 1 < chars.len() {
        match (chars[index], chars[index + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') if depth == 1 => return index + 2,
            ('*', '/') => depth -= 1,
            _ => {
                index += 1;
                continue;
            }
        }
        index += 2;
    }
    chars.len()
}

fn string_end(chars: &[char], at: usize) -> usize {
    let mut index = at + 1;
    while index < chars.len() {
        match chars[index] {
            '\\' => index += 2,
            '"' => return index + 1,
            _ => index += 1,
        }
    }
    chars.len()
}

/// The end of a raw string whose hashes or quote begin at `at`; nothing when it is a raw name such as `r#type`.
fn raw_string_end(chars: &[char], at: usize) -> Option<usize> {
    let hashes = chars[at.min(chars.len())..]
        .iter()
        .take_while(|&&c| c == '#')
        .count();
    if chars.get(at + hashes) != Some(&'"') {
        return None;
    }
    let closes = |index: usize| {
        chars[index] == '"' && (1..=hashes).all(|offset| chars.get(index + offset) == Some(&'#'))
    };
    let end = (at + hashes + 1..chars.len()).find(|&index| closes(index));
    Some(end.map_or(chars.len(), |index| index + 1 + hashes))
}

/// First and last line (from 1) of every `#[cfg(test)]` module in blanked code.
pub fn test_modules(code: &str) -> Vec<(usize, usize)> {
    let mut modules: Vec<(usize, usize)> = Vec::new();
    for (at, attribute) in code.match_indices("#[cfg(test)]") {
        let line = line_at(code, at);
        if modules.last().is_some_and(|&(_, end)| line <= end) {
            continue;
        }
        let from = at + attribute.len();
        let opens = code[from..].find(['{', ';']).map(|offset| from + offset);
        let is_module = opens.is_some_and(|open| {
            code[from..open]
                .split_whitespace()
                .any(|word| word == "mod")
        });
        if let (true, Some(open)) = (is_module, opens) {
            let end = if code[open..].starts_with('{') {
                closing_brace(code, open)
            } else {
                open
            };
            modules.push((line, line_at(code, end)));
        }
    }
    modules
}

/// A function's name, first and last line (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of `fn`.
    pub first: usize,
    /// The line of its closing brace.
    pub last: usize,
}

/// Every function with a body in blanked code, nested ones included.
pub fn functions(code: &str) -> Vec<Function> {
    let mut functions = Vec::new();
    for (at, _) in code.match_indices("fn") {
        let starts = !code[..at]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '#');
        let rest = &code[at + 2..];
        let name: String = rest
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        if !starts || name.is_empty() || !rest.starts_with(char::is_whitespace) {
            continue;
        }
        if let Some(open) = body_start(code, at) {
            let last = line_at(code, closing_brace(code, open));
            functions.push(Function {
                name,
                first: line_at(code, at),
                last,
            });
        }
    }
    functions
}

/// Where the body of the function at `at` opens; nothing for one that is only declared.
fn body_start(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, c) in code[at..].char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at + offset),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn closing_brace(code: &str, open: usize) -> usize {
    let mut depth = 0_i32;
    for (offset, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return open + offset,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

fn line_at(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn comments_and_literals_vanish_and_code_stays() {
        for (text, expected) in [
            ("a // {\nb", "a     \nb"),
            ("a /* { /* } */ */ b", "a                 b"),
            ("f(\"{ \\\" }\") + 1", "f(        ) + 1"),
            ("r#\"{ \" }\"# x", "           x"),
            ("br\"{\" x", "      x"),
            ("r#type { }", "r#type { }"),
            ("'{' '\\'' '\\u{7b}' x", "                  x"),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("for r in s {}", "for r in s {}"),
            ("\"never closed {", "               "),
            ("var\"x\"", "var   "),
        ] {
            assert_eq!(blank(text), expected, "{text}");
        }
    }

    #[test]
    fn test_modules_are_found_with_their_ends() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod more;\n\
                    #[cfg(test)]\nfn helper() {}\n";
        assert_eq!(test_modules(code), [(2, 5), (7, 8)]);
    }

    #[test]
    fn functions_are_measured_from_fn_to_brace() {
        let code = "trait T { fn only(&self); }\npub async fn one(\n  x: [u8; 4],\n) -> u8\nwhere\n  u8: Copy,\n{\n  1\n}\n\
                    type F = fn(u8) -> u8;\nfn two() { fn inner() {} }\nlet r#fn = 1;\n";
        let seen: Vec<(String, usize, usize)> = functions(code)
            .into_iter()
            .map(|function| (function.name, function.first, function.last))
            .collect();
        assert_eq!(
            seen,
            [
                ("one".into(), 2, 9),
                ("two".into(), 11, 11),
                ("inner".into(), 11, 11)
            ]
        );
    }

    proptest! {
        #[test]
        fn any_text_keeps_its_lines_and_length(text in "[ -~\\n'\"/*#{}rb\\\\あ]{0,200}") {
            let blanked = blank(&text);
            prop_assert_eq!(blanked.chars().count(), text.chars().count());
            prop_assert_eq!(blanked.matches('\n').count(), text.matches('\n').count());
            functions(&blanked);
            test_modules(&blanked);
        }
    }
}
