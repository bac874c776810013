//! Text out of an answer, made fit to be kept and shown.

use std::sync::Arc;

/// Characters of a reason that are kept.
const SHOWN_MAX: usize = 200;
/// Bytes of an id, an echoed value or an address. These must go back whole, so a longer one is refused, not cut.
const WHOLE_MAX: usize = 2_000;

/// Words for people: control characters out, white space single, at most 200 characters.
pub(crate) fn shown(text: &str) -> Option<Arc<str>> {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let mut kept = String::new();
    let mut letters = 0;
    for word in visible
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        if letters >= SHOWN_MAX - 1 {
            kept.push('…');
            break;
        }
        if letters > 0 {
            kept.push(' ');
            letters += 1;
        }
        for letter in word.chars() {
            if letters >= SHOWN_MAX - 1 {
                kept.push('…');
                return Some(kept.into());
            }
            kept.push(letter);
            letters += 1;
        }
    }
    (!kept.is_empty()).then(|| kept.into())
}

/// A value that will be sent back, whole: control characters out.
///
/// # Errors
/// What is wrong with it: it is too long, or broken.
pub(crate) fn whole(text: &str) -> Result<Option<Arc<str>>, &'static str> {
    let text = text.trim();
    if text.len() > WHOLE_MAX {
        return Err("is longer than 2000 bytes");
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err("holds bytes that are no text");
    }
    let clean = |c: char| !c.is_control() && !is_invisible(c);
    let kept: Arc<str> = if text.chars().all(clean) {
        Arc::from(text)
    } else {
        text.chars().filter(|c| clean(*c)).collect::<String>().into()
    };
    Ok((!kept.is_empty()).then_some(kept))
}

/// Marks that turn or hide the text around them.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_short_and_plain_and_ids_are_whole() {
        assert_eq!(shown(" No\r\ncoverage\u{7}\u{202e} ").as_deref(), Some("No coverage"));
        assert_eq!(shown("\n \u{0}"), None);
        assert_eq!(shown(&"x".repeat(500)).unwrap().chars().count(), 200);
        assert_eq!(shown(&"ab ".repeat(200)).unwrap().chars().count(), 200);
        assert_eq!(shown(&format!("{} a", "x".repeat(199))).unwrap().chars().count(), 200);
        assert_eq!(shown(&"x".repeat(200)).unwrap().chars().count(), 200);
        assert_eq!(whole(" ab\u{0}c ").unwrap().as_deref(), Some("abc"));
        assert_eq!(whole(&"x".repeat(700)).unwrap().unwrap().len(), 700);
        assert!(whole(&"x".repeat(2_001)).is_err());
        assert!(whole("a\u{fffd}").is_err());
    }
}
