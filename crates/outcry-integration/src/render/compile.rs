//! `[ping.request]` and `[post.request]` into a [`RequestTemplate`].

use super::auth::{AUTHORIZATION, Auth};
use super::certificate::CertificateTemplate;
use super::header::{HeaderTemplate, refuse_name};
use super::sign::Sign;
use super::url::UrlTemplate;
use super::{Body, RequestTemplate};
use crate::body::{self, Missing};
use crate::file::{Node, Section};
use crate::format::{self, Format, Nesting};
use crate::request::Method;
use crate::template::{Compiler, Template};
use std::borrow::Cow;
use std::sync::Arc;

const KEYS: [&str; 11] = [
    "via",
    "method",
    "url",
    "format",
    "missing",
    "headers",
    "query",
    "body",
    "auth",
    "client_certificate",
    "sign",
];
const METHODS: [(&str, Method); 5] = [
    ("GET", Method::Get),
    ("POST", Method::Post),
    ("PUT", Method::Put),
    ("PATCH", Method::Patch),
    ("DELETE", Method::Delete),
];

/// Compiles one request.
pub(crate) fn request(node: &Node, compiler: &mut Compiler<'_>) -> Option<RequestTemplate> {
    let keys: Vec<&str> = KEYS.into_iter().chain(format::KEYS).collect();
    let section = Section::open(node, format!("{}.request", compiler.step.word()), &keys, compiler.problems)?;
    let method = section.word("method", &METHODS, compiler.problems);
    let method = method.or_else(|| section.get("method").is_none().then_some(Method::Post));
    let url = address(&section, compiler);
    let missing = body::missing(&section, Missing::LeaveOut, compiler);
    let query = section.get("query").map(|node| query(node, &section, missing, compiler));
    let body = section.get("body").map(|node| body(node, &section, method, missing, compiler));
    let headers = headers(
        &section,
        body.as_ref().and_then(|body| body.as_ref()).map(|body| &body.format),
        compiler,
    );
    let query = query.map_or(Some(None), |query| query.map(Some))?;
    let body = body.map_or(Some(None), |body| body.map(Some))?;
    // With `format = "query"` the body is what stands behind the question mark.
    let (query, body) = match (query, body) {
        (query, Some(body)) if !matches!(body.format, Format::Query(_)) => (query, Some(body)),
        (None, body) => (body, None),
        (Some(_), Some(_)) => {
            let message = "stands beside a body that is the query itself";
            compiler
                .problems
                .add(section.line, section.place("query"), message, "put both into `body`");
            return None;
        }
        (query, None) => (query, None),
    };
    let auth = section
        .get("auth")
        .and_then(|node| Auth::compile(node, section.place("auth"), compiler));
    let certificate = section
        .get("client_certificate")
        .and_then(|node| CertificateTemplate::compile(node, section.place("client_certificate"), compiler));
    let sign = section
        .get("sign")
        .and_then(|node| Sign::compile(node, section.place("sign"), compiler));
    let headers = headers?;
    refuse_twice(&section, &headers, auth.is_some(), sign.as_ref(), compiler);
    Some(RequestTemplate {
        step: compiler.step,
        method: method?,
        url: url?,
        headers,
        query,
        body,
        auth,
        certificate,
        sign,
        params: compiler.used.params.iter().copied().collect(),
        derived: std::mem::take(&mut compiler.used.derived).into(),
        kept: compiler.used.kept.iter().map(|(name, _)| name.as_str().into()).collect(),
    })
}

/// A header has one author.
fn refuse_twice(section: &Section<'_>, headers: &[HeaderTemplate], auth: bool, sign: Option<&Sign>, compiler: &mut Compiler<'_>) {
    let authorization = auth.then_some((AUTHORIZATION, "auth"));
    let signed = sign.iter().flat_map(|sign| &sign.headers).map(|header| (&*header.name, "sign"));
    for (name, author) in signed.chain(authorization) {
        if headers.iter().any(|header| *header.name == *name) {
            let what = format!("{}.{name}", section.place("headers"));
            compiler.problems.add(
                section.line,
                what,
                format!("is written by `{author}` already"),
                "take one of the two out",
            );
        }
    }
}

fn address(section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<UrlTemplate> {
    section.need("url", "write it like url = \"{param.base_url}/ping\"", compiler.problems)?;
    let text = section.text("url", compiler.problems)?;
    let line = section.get("url")?.line;
    let template = compiler.template(text, line, &section.place("url"))?;
    UrlTemplate::new(template, compiler.params, compiler.problems)
}

/// `[ping.request.query]`: what stands behind the question mark, whatever the body is.
fn query(node: &Node, section: &Section<'_>, missing: Missing, compiler: &mut Compiler<'_>) -> Option<Body> {
    let format = Format::Query(Nesting::Brackets);
    let tree = body::rooted(node, &section.place("query"), &format, missing, compiler)?;
    Some(Body { format, tree })
}

fn body(node: &Node, section: &Section<'_>, method: Option<Method>, missing: Missing, compiler: &mut Compiler<'_>) -> Option<Body> {
    if section.get("format").is_none() {
        let hint = "say how the body is written: json, form, query, xml, soap11, soap12, text or multipart";
        compiler.problems.add(node.line, section.place("format"), "is missing", hint);
    }
    let format = format::compile::format("format", section, compiler)?;
    if method == Some(Method::Get) && !matches!(format, Format::Query(_)) {
        compiler.problems.add(
            section.line,
            section.place("format"),
            "a GET carries no body",
            "use format = \"query\"",
        );
        return None;
    }
    let tree = body::rooted(node, &section.place("body"), &format, missing, compiler)?;
    Some(Body { format, tree })
}

fn headers(section: &Section<'_>, format: Option<&Format>, compiler: &mut Compiler<'_>) -> Option<Box<[HeaderTemplate]>> {
    let mut headers: Vec<HeaderTemplate> = Vec::new();
    let mut sound = true;
    if let Some(node) = section.get("headers") {
        let table = Section::open_any(node, section.place("headers"), compiler.problems)?;
        for entry in table.entries() {
            let (name, what) = (entry.key.to_ascii_lowercase(), table.place(&entry.key));
            let twice = headers.iter().any(|known| *known.name == *name).then_some("stands twice");
            if let Some(why) = refuse_name(&name).or(twice) {
                compiler.problems.add(entry.line, &what, why, "");
                sound = false;
            }
            let value = table
                .text(&entry.key, compiler.problems)
                .and_then(|text| compiler.template(text, entry.line, &what));
            if name == AUTHORIZATION && value.as_ref().is_some_and(Template::is_fixed) {
                let hint = "declare a parameter of kind secret and write \"Bearer {param.NAME}\", or use auth";
                compiler
                    .problems
                    .add(entry.line, &what, "a credential has no place in an integration file", hint);
            }
            match value {
                Some(value) => headers.push(HeaderTemplate {
                    name: Arc::from(name),
                    value,
                }),
                None => sound = false,
            }
        }
    }
    let multipart = matches!(format, Some(Format::Multipart(_)));
    if let Some(own) = headers.iter().find(|header| multipart && &*header.name == "content-type") {
        let message = "is made with the boundary of each request";
        compiler
            .problems
            .add(own.value.place.line, own.value.place.what.to_string(), message, "leave it out");
        return None;
    }
    let made = [
        ("content-type", format.and_then(Format::content_type)),
        ("soapaction", format.and_then(Format::soap_action).map(Cow::Owned)),
    ];
    for (name, value) in made {
        let Some(value) = value.filter(|_| !headers.iter().any(|header| &*header.name == name)) else {
            continue;
        };
        let value = compiler.template(
            &value.replace('{', "{{").replace('}', "}}"),
            section.line,
            &section.place("headers"),
        )?;
        headers.push(HeaderTemplate {
            name: Arc::from(name),
            value,
        });
    }
    sound.then(|| headers.into())
}
