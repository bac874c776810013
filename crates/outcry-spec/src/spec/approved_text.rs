//! `[text.…]`: a consent text that was looked at and approved: by its words, by a file of them, or by a digest.

use crate::codes;
use crate::desk::Problem;
use crate::spec::span;
use crate::table::Table;
use outcry_core::consent::ApprovedText;
use std::sync::Arc;

/// Reads a text; `None` if it was reported.
pub(crate) fn read(name: &str, table: &Table<'_>) -> Option<Arc<ApprovedText>> {
    let (words, file, digest) = (table.text("text"), table.text("file"), table.text("digest"));
    let (from, until) = (span::day(table, "from"), span::day(table, "until"));
    let sellers = table.texts("sellers").into_iter().map(|seller| seller.value.into()).collect();
    // For people only.
    table.text("language");
    table.text("note");
    table.finish();
    let tell = |spot, message: String, hint: &str| {
        table.desk.tell(Problem::error(codes::TEXT_PROBLEM, spot, message).hint(hint));
        None
    };
    let text = match (words, file, digest) {
        (Some(words), None, None) => ApprovedText::of_text(name.into(), &words.value),
        (None, Some(file), None) => match table.desk.files().iter().find(|one| one.path == file.value) {
            Some(found) => ApprovedText::of_text(name.into(), &found.text),
            None => {
                return tell(
                    file.spot,
                    format!("there is no file `{}`", file.value),
                    "texts lie in the folder texts/ of the spec, as .txt",
                );
            }
        },
        (None, None, Some(digest)) => {
            let hint = "16 or 64 small hexadecimal digits: SHA-256 of the text in lower case, white space single and trimmed";
            let Some(text) = ApprovedText::of_digest(name.into(), &digest.value) else {
                return tell(digest.spot, "this is no digest of a text".to_owned(), hint);
            };
            text
        }
        _ => {
            let hint = "one of `text`, `file` and `digest` says which words were approved";
            return tell(table.spot, format!("{} says its words not once", table.what), hint);
        }
    };
    Some(Arc::new(text.shown(from, until).linking(sellers)))
}
