//! Cuts a text at its braces, and a hole at its bars and blanks. Knows quotes; knows no names.

/// A stretch of a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    Literal(String),
    /// What stands between the braces.
    Hole(&'t str),
}

/// One word of a pipe: `Yes`, `'has space'`, `own=Own`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// What stands before an unquoted `=`.
    pub(crate) key: Option<String>,
    pub(crate) text: String,
}

/// Cuts at the braces; `{{` and `}}` are literal braces.
pub(crate) fn parts(text: &str) -> Result<Vec<Part<'_>>, &'static str> {
    let (mut parts, mut literal, mut rest) = (Vec::new(), String::new(), text);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        literal.push_str(before);
        if brace.starts_with("{{") || brace.starts_with("}}") {
            literal.push_str(&brace[..1]);
            rest = &brace[2..];
        } else if let Some(hole) = brace.strip_prefix('{') {
            let end = unquoted(hole, '}').ok_or("a { is never closed; write {{ for a brace as such")?;
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Hole(&hole[..end]));
            rest = &hole[end + 1..];
        } else {
            return Err("a } without its {; write }} for a brace as such");
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(parts)
}

/// Cuts a hole at its bars.
pub(crate) fn pipes(hole: &str) -> Vec<&str> {
    let (mut pipes, mut rest) = (Vec::new(), hole);
    while let Some(at) = unquoted(rest, '|') {
        pipes.push(rest[..at].trim());
        rest = &rest[at + 1..];
    }
    pipes.push(rest.trim());
    pipes
}

/// Cuts the head of a hole at its `??`.
pub(crate) fn others(head: &str) -> Vec<&str> {
    head.split("??").map(str::trim).collect()
}

/// Cuts a pipe at its blanks; single quotes hold blanks together, `''` inside them is one quote.
pub(crate) fn words(pipe: &str) -> Result<Vec<Word>, &'static str> {
    let mut words = Vec::new();
    let mut letters = pipe.chars().peekable();
    let mut open: Option<Word> = None;
    while let Some(letter) = letters.next() {
        if letter.is_whitespace() {
            words.extend(open.take());
            continue;
        }
        let word = open.get_or_insert_with(|| Word {
            key: None,
            text: String::new(),
        });
        match letter {
            '=' if word.key.is_none() => word.key = Some(std::mem::take(&mut word.text)),
            '\'' => loop {
                match letters.next() {
                    Some('\'') if letters.peek() == Some(&'\'') => {
                        letters.next();
                        word.text.push('\'');
                    }
                    Some('\'') => break,
                    Some(inside) => word.text.push(inside),
                    None => return Err("a quote is never closed"),
                }
            },
            other => word.text.push(other),
        }
    }
    words.extend(open);
    Ok(words)
}

/// Position of a letter outside of single quotes.
pub(crate) fn unquoted(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, letter)| {
        quoted ^= letter == '\'';
        (!quoted && letter == wanted).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_quotes_and_bars_are_cut_where_they_mean_something() {
        assert_eq!(
            parts("a{{b}}{zip}c").unwrap(),
            [Part::Literal("a{b}".into()), Part::Hole("zip"), Part::Literal("c".into())]
        );
        assert_eq!(parts("{x | default '}'}").unwrap(), [Part::Hole("x | default '}'")]);
        assert!(parts("{zip").is_err());
        assert!(parts("zip}").is_err());
        assert_eq!(pipes("x | join '|' | upper"), ["x", "join '|'", "upper"]);
        let word = |key: Option<&str>, text: &str| Word {
            key: key.map(str::to_owned),
            text: text.to_owned(),
        };
        assert_eq!(
            words("words own=Own 'so so'='it''s ok'").unwrap(),
            [word(None, "words"), word(Some("own"), "Own"), word(Some("so so"), "it's ok")]
        );
        assert!(words("join 'x").is_err());
    }
}
