//! Looks over XML before it is parsed, and refuses what would make the parser work hard for few bytes.
//!
//! The parser compares each attribute of an element with those before it, and gives each element that declares a
//! namespace a copy of all namespaces around it. 200 kB of attributes took it nine seconds, of nested declarations
//! more than five minutes. No buyer writes such a thing.

/// Elements inside of elements.
const DEPTH_MAX: usize = 256;
/// Attributes of one element.
const ATTRIBUTES_MAX: usize = 256;
/// Declarations of namespaces in one document; some servers write one on every element.
const NAMESPACES_MAX: usize = 1_000;

/// Counts tags, attributes and declarations. Whether they fit together is for the parser to say.
///
/// # Errors
/// Which of them there are too many of.
pub(super) fn look_over(text: &str) -> Result<(), &'static str> {
    let (mut rest, mut depth, mut namespaces) = (text, 0_usize, 0);
    while let Some((_, tag)) = rest.split_once('<') {
        let skipped = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>")];
        if let Some((_, end)) = skipped.into_iter().find(|(start, _)| tag.starts_with(start)) {
            rest = tag.split_once(end).map_or("", |(_, after)| after);
            continue;
        }
        let (inside, attributes, after) = element(tag);
        rest = after;
        if inside.starts_with('/') {
            depth = depth.saturating_sub(1);
            continue;
        }
        if attributes > ATTRIBUTES_MAX {
            return Err("the answer has an element with too many attributes");
        }
        namespaces += inside.matches("xmlns").count();
        if namespaces > NAMESPACES_MAX {
            return Err("the answer declares too many namespaces");
        }
        if !inside.ends_with('/') {
            depth += 1;
            if depth > DEPTH_MAX {
                return Err("the answer is nested too deeply");
            }
        }
    }
    Ok(())
}

/// What stands between the brackets of a tag, how many attributes that is, and what comes behind. A bracket inside of
/// quotes ends nothing.
fn element(tag: &str) -> (&str, usize, &str) {
    let (mut quote, mut attributes) = (None, 0);
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return (&tag[..at], attributes, &tag[at + 1..]),
            (None, b'=') => attributes += 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    (tag, attributes, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_attributes_and_namespaces_have_an_end() {
        let table = [
            ("<a b='>' c=\"<\"><!-- <x> --><![CDATA[<y>]]><?z <q> ?></a>".to_owned(), Ok(())),
            (format!("{}{}", "<a>".repeat(256), "</a>".repeat(256)), Ok(())),
            ("<a>".repeat(257), Err("the answer is nested too deeply")),
            ("<a/>".repeat(5_000), Ok(())),
            (
                format!("<a{}/>", " b='1'".repeat(257)),
                Err("the answer has an element with too many attributes"),
            ),
            ("<a xmlns=''/>".repeat(1_000), Ok(())),
            ("<a xmlns=''/>".repeat(1_001), Err("the answer declares too many namespaces")),
            (format!("<a b='{}'/>", "x=".repeat(50_000)), Ok(())),
            ("<".repeat(100_000), Ok(())),
            ("<a b='".to_owned(), Ok(())),
        ];
        for (text, expected) in table {
            assert_eq!(look_over(&text), expected, "{}", &text[..text.len().min(60)]);
        }
    }
}
