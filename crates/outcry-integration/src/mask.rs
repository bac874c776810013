//! Hides secrets in texts that people will see.
//!
//! A buyer may say a key back to us in whatever clothes its server put on it, so every form is looked for: as it is,
//! and as it stands in an address, a form, JSON, XML, base64 and hex.

use crate::format::percent::{Blank, encoded};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

/// What stands where a secret stood.
const HIDDEN: &str = "[secret]";
/// Shorter secrets are looked for as they are and no further: their other forms are parts of ordinary words.
const ENCODED_BYTES_MIN: usize = 4;

/// The secrets of one contract in every form they may take. Made once; cheap to clone; prints nothing.
#[derive(Clone, Default)]
pub struct Mask {
    forms: Arc<[Box<str>]>,
    /// Tokens given to us since. Their forms are made when something is hidden, which is seldom: a call must not
    /// wait for them.
    fresh: Vec<Arc<str>>,
}

impl Mask {
    /// Takes secrets as they are; blank ones hide nothing.
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut forms: Vec<String> = Vec::new();
        for secret in secrets {
            forms.extend(appearances(secret));
        }
        Self {
            forms: sorted(forms).into(),
            fresh: Vec::new(),
        }
    }

    /// This mask, and one more secret: a token that was only just given to us.
    #[must_use]
    pub fn and(mut self, secret: &str) -> Self {
        self.fresh.push(secret.into());
        self
    }

    /// The same for what a buyer says. Secrets of three letters and less are left in it: they are parts of words, and
    /// to cut them out would be to spell them.
    pub fn hide_said<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let short = self.forms.partition_point(|form| ENCODED_BYTES_MIN <= form.len());
        hidden(self.without_fresh(text), &self.forms[..short])
    }

    /// The text with `[secret]` in the place of every secret.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        hidden(self.without_fresh(text), &self.forms)
    }

    /// The tokens go first: they are longer than what they were given for.
    fn without_fresh<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let fresh = self.fresh.iter();
        fresh.fold(Cow::Borrowed(text), |text, secret| hidden(text, &sorted(appearances(secret))))
    }
}

/// The longest first, so that no part of an encoded secret is left behind.
fn sorted(mut forms: Vec<String>) -> Vec<Box<str>> {
    forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    forms.dedup();
    forms.into_iter().map(String::into_boxed_str).collect()
}

fn hidden<'t>(text: Cow<'t, str>, forms: &[Box<str>]) -> Cow<'t, str> {
    forms.iter().fold(text, |text, form| {
        if text.contains(&**form) {
            Cow::Owned(text.replace(&**form, HIDDEN))
        } else {
            text
        }
    })
}

/// Every form in which a secret may appear.
fn appearances(secret: &str) -> Vec<String> {
    let trimmed = secret.trim();
    if trimmed.is_empty() {
        return Vec::new();
    }
    // Headers are trimmed, bodies are not.
    if trimmed.len() < secret.len() {
        return [secret, trimmed].into_iter().flat_map(forms).collect();
    }
    forms(secret)
}

fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    if secret.len() >= ENCODED_BYTES_MIN {
        forms.extend(in_addresses(secret));
        let (json, xml) = (in_json(secret), in_xml(secret));
        // A document may stand inside of another: XML in a form field, JSON in a JSON string.
        for inside in json.iter().chain(&xml).filter(|inside| **inside != secret) {
            forms.extend(in_addresses(inside));
            forms.extend(in_json(inside));
            forms.extend(in_xml(inside));
        }
        forms.extend(json);
        forms.extend(xml);
        forms.extend([hex::encode(secret), hex::encode_upper(secret)]);
        forms.extend(in_base64(secret));
    }
    forms
}

fn in_addresses(secret: &str) -> Vec<String> {
    let encoded = [Blank::Plus, Blank::Percent20].map(|blank| encoded(secret, blank));
    // Some servers write `%2b` and not `%2B`.
    let lower = encoded.each_ref().map(|text| lower_hex(text));
    encoded.into_iter().chain(lower).collect()
}

fn lower_hex(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_at(2);
        lower.push('%');
        lower.push_str(&hex.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

/// As most servers write a JSON string, with slashes escaped as PHP does, and with letters beyond ASCII as numbers.
fn in_json(secret: &str) -> Vec<String> {
    let mut quoted = Vec::new();
    crate::format::json::text(secret, &mut quoted);
    let json = String::from_utf8_lossy(&quoted[1..quoted.len() - 1]).into_owned();
    let mut ascii = String::new();
    for letter in json.chars() {
        if letter.is_ascii() {
            ascii.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                // Writing into a `String` cannot fail.
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    let slashes = [&json, &ascii].map(|text| text.replace('/', "\\/"));
    [json, ascii].into_iter().chain(slashes).collect()
}

/// With the names and the numbers that XML and HTML have for the five marks, and with quotes left as they are.
fn in_xml(secret: &str) -> Vec<String> {
    let markup = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quotes = [
        ("\"", "'"),
        ("&quot;", "'"),
        ("&quot;", "&apos;"),
        ("&quot;", "&#39;"),
        ("&quot;", "&#039;"),
        ("&#34;", "&#39;"),
    ];
    quotes
        .iter()
        .map(|(double, single)| markup.replace('"', double).replace('\'', single))
        .collect()
}

/// Alone, and the letters that give it away in the middle of something longer, such as `user:password`: there a
/// secret may begin at any of three places of a group.
fn in_base64(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for alphabet in [STANDARD, URL_SAFE] {
        let alone = alphabet.encode(secret);
        forms.push(alone.trim_end_matches('=').to_owned());
        forms.push(crate::format::percent::encoded(&alone, Blank::Percent20));
        forms.push(alone);
        for before in 1..3_usize {
            let shifted = alphabet.encode([&vec![0; before], secret.as_bytes()].concat());
            let own = before + 1..(before + secret.len()) * 8 / 6;
            forms.extend(shifted.get(own).map(str::to_owned));
        }
        let whole_groups = secret.len() * 8 / 6;
        forms.extend(alphabet.encode(secret).get(..whole_groups).map(str::to_owned));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_whatever_it_is_wrapped() {
        let secret = "pä/ss+\"w&o'<r>d 1";
        let mask = Mask::of([secret]);
        let json = serde_json::to_string(secret).unwrap();
        let wrapped = [
            secret.to_owned(),
            json.clone(),
            json.replace('/', "\\/").replace('ä', "\\u00e4"),
            "p%C3%A4%2Fss%2B%22w%26o%27%3Cr%3Ed+1".to_owned(),
            "p%c3%a4%2fss%2b%22w%26o%27%3cr%3ed%201".to_owned(),
            "pä/ss+&quot;w&amp;o&apos;&lt;r&gt;d 1".to_owned(),
            "pä/ss+\"w&amp;o'&lt;r&gt;d 1".to_owned(),
            "pä/ss+&quot;w&amp;o&#039;&lt;r&gt;d 1".to_owned(),
            hex::encode(secret),
            hex::encode_upper(secret),
            STANDARD.encode(secret),
            URL_SAFE.encode(secret),
            STANDARD.encode(secret).replace('=', "%3D"),
        ];
        for text in wrapped {
            let shown = mask.hide(&format!("key {text} is not known")).into_owned();
            let shown = shown.replace('"', "");
            assert_eq!(shown, "key [secret] is not known", "{text}");
        }
    }

    #[test]
    fn a_password_inside_of_longer_base64_is_found_wherever_it_begins() {
        let mask = Mask::of(["open-sesame"]);
        for user in ["", "a", "ab", "abc", "abcd"] {
            for after in ["", "!", "!!", "!!!"] {
                let whole = STANDARD.encode(format!("{user}:open-sesame{after}"));
                let shown = mask.hide(&whole);
                assert!(shown.contains(HIDDEN), "{user} {after}: {shown}");
                // What is left of it can no longer be decoded to more than one letter at either end.
                assert!(shown.len() - HIDDEN.len() <= whole.len() - 12, "{user} {after}: {shown}");
            }
        }
    }

    #[test]
    fn short_and_blank_secrets_do_not_swallow_the_text() {
        assert_eq!(Mask::of(["", "  "]).hide("nothing to see"), "nothing to see");
        assert_eq!(Mask::of(["k"]).hide("the key k: 6b, aw=="), "the [secret]ey [secret]: 6b, aw==");
        assert_eq!(Mask::of(["abc"]).and("abcdef").hide("abcdef abc"), "[secret] [secret]");
    }
}
