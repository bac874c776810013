//! `[ping.request]` and `[post.request]` into a [`RequestTemplate`].

use super::auth::{AUTHORIZATION, Auth};
use super::header::{HeaderTemplate, refuse_name};
use super::sign::Sign;
use super::url::UrlTemplate;
use super::{Body, RequestTemplate};
use crate::body::Tree;
use crate::file::{Node, Section};
use crate::format::{Format, Nesting};
use crate::request::Method;
use crate::template::{Compiler, Template};
use std::sync::Arc;

const KEYS: [&str; 8] = ["method", "url", "format", "nesting", "headers", "body", "auth", "sign"];
const METHODS: [(&str, Method); 3] = [("GET", Method::Get), ("POST", Method::Post), ("PUT", Method::Put)];
const NESTINGS: [(&str, Nesting); 2] = [("brackets", Nesting::Brackets), ("dots", Nesting::Dots)];

/// Compiles one request.
pub(crate) fn request(node: &Node, compiler: &mut Compiler<'_>) -> Option<RequestTemplate> {
    let section = Section::open(node, format!("{}.request", compiler.step.word()), &KEYS, compiler.problems)?;
    let method = section.word("method", &METHODS, compiler.problems);
    let method = method.or_else(|| section.get("method").is_none().then_some(Method::Post));
    let url = address(&section, compiler);
    let body = section.get("body").map(|node| body(node, &section, method, compiler));
    let headers = headers(
        &section,
        body.as_ref().and_then(|body| body.as_ref()).map(|body| body.format),
        compiler,
    );
    let body = match body {
        Some(body) => Some(body?),
        None => None,
    };
    let auth = section
        .get("auth")
        .and_then(|node| Auth::compile(node, section.place("auth"), compiler));
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
        body,
        auth,
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

fn body(node: &Node, section: &Section<'_>, method: Option<Method>, compiler: &mut Compiler<'_>) -> Option<Body> {
    let nesting = section.word("nesting", &NESTINGS, compiler.problems).unwrap_or(Nesting::Brackets);
    let formats = [
        ("json", Format::Json),
        ("form", Format::Form(nesting)),
        ("query", Format::Query(nesting)),
    ];
    let format = section.word("format", &formats, compiler.problems);
    if format.is_none() && section.get("format").is_none() {
        compiler.problems.add(
            node.line,
            section.place("format"),
            "is missing",
            "say how the body is written: json, form or query",
        );
    }
    let format = format?;
    if method == Some(Method::Get) && !matches!(format, Format::Query(_)) {
        compiler.problems.add(
            section.line,
            section.place("format"),
            "a GET carries no body",
            "use format = \"query\"",
        );
        return None;
    }
    let tree = crate::body::tree(node, &section.place("body"), format.name_form(), compiler)?;
    if matches!(tree, Tree::Array(_) | Tree::Number(_) | Tree::Bool(_)) && format != Format::Json {
        compiler
            .problems
            .add(node.line, section.place("body"), "a form is a table of names and values", "");
        return None;
    }
    Some(Body { format, tree })
}

fn headers(section: &Section<'_>, format: Option<Format>, compiler: &mut Compiler<'_>) -> Option<Box<[HeaderTemplate]>> {
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
    if let Some(content_type) = format.and_then(Format::content_type)
        && !headers.iter().any(|header| &*header.name == "content-type")
    {
        let value = compiler.template(content_type, section.line, &section.place("headers"))?;
        headers.push(HeaderTemplate {
            name: Arc::from("content-type"),
            value,
        });
    }
    sound.then(|| headers.into())
}
