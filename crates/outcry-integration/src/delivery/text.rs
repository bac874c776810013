//! Plain text and HTML with holes. A value of a lead can begin no line of the text and no tag of the HTML.

use crate::call::RenderError;
use crate::template::{Piece, Scope, Template};

/// How a value is written for its place.
pub(super) type Escape = fn(&str, &mut String);

/// Writes a template piece by piece: what the file says as it is, values through `escape`.
pub(super) fn written(template: &Template, scope: &Scope<'_>, escape: Escape) -> Result<String, RenderError> {
    let (mut out, mut value) = (String::new(), String::new());
    for piece in &template.pieces {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Hole(hole) => {
                value.clear();
                template.push(&template.hole(hole, scope)?, hole, &mut value)?;
                escape(&value, &mut out);
            }
        }
    }
    Ok(out)
}

/// A value in one line: control characters become blanks.
pub(super) fn line(value: &str, out: &mut String) {
    out.extend(value.chars().map(|c| if is_break(c) { ' ' } else { c }));
}

/// A value inside of HTML, between tags or in a quoted attribute.
pub(super) fn html(value: &str, out: &mut String) {
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if is_break(c) => out.push(' '),
            c => out.push(c),
        }
    }
}

/// Control characters, and the two that some readers take for the end of a line.
pub(super) fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
