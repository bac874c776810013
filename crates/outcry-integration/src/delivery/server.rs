//! The address of a server that is not HTTP's: of a mail server, or of one that takes files. Like the host of an `url`, it stands in the file or
//! comes from a parameter that can hold nothing else.

use crate::file::Section;
use crate::param::ParamKind;
use crate::render::is_authority;
use crate::template::{Compiler, Piece, Source, Template};

/// What a server is spoken to with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Mail,
    Files,
}

const SCHEMES: [(&str, Scheme); 4] = [
    ("smtps://", Scheme::Mail),
    ("smtp://", Scheme::Mail),
    ("smtp+plain://", Scheme::Mail),
    ("sftp://", Scheme::Files),
];

/// Why a text cannot be the value of a `server` parameter, if so.
pub(crate) fn check_server(text: &str) -> Option<&'static str> {
    const WRITTEN: &str = "must be written like smtps://mail.example.com:465, smtp://mail.example.com:587 or sftp://files.example.com, without user or password";
    let host = SCHEMES.iter().find_map(|(scheme, _)| text.strip_prefix(scheme));
    (!host.is_some_and(is_authority)).then_some(WRITTEN)
}

/// Reads `server = "…"`: one parameter of kind `server`, or an address in full.
pub(super) fn compile(section: &Section<'_>, scheme: Scheme, compiler: &mut Compiler<'_>) -> Option<Template> {
    let hint = "write it like server = \"{param.server}\", and the parameter with kind = \"server\"";
    section.need("server", hint, compiler.problems)?;
    let template = super::template(section, "server", compiler)?;
    let fits = match &*template.pieces {
        [Piece::Hole(hole)] => {
            hole.pipes.is_empty() && matches!(hole.source, Source::Param(at) if compiler.params[at].kind == ParamKind::Server)
        }
        [Piece::Literal(text)] => {
            check_server(text).is_none() && SCHEMES.iter().any(|(start, of)| *of == scheme && text.starts_with(start))
        }
        _ => false,
    };
    if !fits {
        let message = "is neither one parameter of kind \"server\" nor the address of a server";
        compiler.problems.add(template.place.line, section.place("server"), message, hint);
    }
    fits.then_some(template)
}
