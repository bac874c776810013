//! A request as the file draws it: method, address, headers, body. Written for each lead, or once for a contract
//! where nothing of the lead is in it.

mod compile;
mod header;
mod url;

pub(crate) use compile::request;
pub(crate) use url::check_param;

use crate::body::Tree;
use crate::call::RenderError;
use crate::format::Format;
use crate::param::{ParamDef, ParamKind};
use crate::request::{Method, Request};
use crate::template::{Scope, StepName};
use header::HeaderTemplate;
use std::sync::Arc;
use url::UrlTemplate;

/// One compiled request.
#[derive(Debug)]
pub(crate) struct RequestTemplate {
    pub(crate) step: StepName,
    method: Method,
    url: UrlTemplate,
    headers: Box<[HeaderTemplate]>,
    body: Option<Body>,
    /// Positions of the secrets it speaks.
    secrets: Box<[usize]>,
}

#[derive(Debug)]
struct Body {
    format: Format,
    tree: Tree,
}

/// What a contract's parameters settle of a request once and for all.
#[derive(Clone)]
pub(crate) struct Settled {
    pub(crate) step: StepName,
    /// The address, if nothing of the lead is in it.
    url: Option<Arc<str>>,
    /// One for each header of the template: `None` if the lead or the call is in it.
    headers: Vec<Option<SettledHeader>>,
    /// Every form in which a secret may appear in the request.
    secrets: Vec<Arc<str>>,
}

/// A settled header; `None` inside if it is left out.
type SettledHeader = Option<(Arc<str>, Arc<str>)>;

impl RequestTemplate {
    /// Does what can be done before there is a lead. `scope` sees the parameters and nothing else.
    pub(crate) fn settle(&self, scope: &Scope<'_>, defs: &[ParamDef]) -> Result<Settled, RenderError> {
        let url = if self.url.is_settled_by_params() && !self.has_query() {
            Some(self.url.write(scope)?.into())
        } else {
            None
        };
        let mut headers = Vec::with_capacity(self.headers.len());
        for header in &self.headers {
            headers.push(if header.value.is_settled_by_params() {
                Some(header.write(scope)?)
            } else {
                None
            });
        }
        let secrets = self
            .secrets
            .iter()
            .filter(|at| defs.get(**at).is_some_and(|def| def.kind == ParamKind::Secret));
        let secrets = secrets.filter_map(|at| scope.params.value(*at)).flat_map(appearances).collect();
        Ok(Settled {
            step: self.step,
            url,
            headers,
            secrets,
        })
    }

    /// Writes the request for one lead.
    pub(crate) fn write(&self, scope: &Scope<'_>) -> Result<Request, RenderError> {
        let settled = scope.params.settled(self.step);
        let url = match settled.and_then(|settled| settled.url.clone()) {
            Some(url) => url,
            None => self.address(scope)?.into(),
        };
        let mut headers = Vec::with_capacity(self.headers.len());
        for (at, header) in self.headers.iter().enumerate() {
            match settled.and_then(|settled| settled.headers.get(at)?.as_ref()) {
                Some(done) => headers.extend(done.clone()),
                None => headers.extend(header.write(scope)?),
            }
        }
        let mut body = Vec::new();
        if let Some(Body { format, tree }) = self.body.as_ref().filter(|_| !self.has_query()) {
            body.reserve(1024);
            format.write(tree, scope, &mut body)?;
        }
        let secrets = settled.map(|settled| settled.secrets.clone()).unwrap_or_default();
        Ok(Request {
            method: self.method,
            url,
            headers,
            body,
            secrets,
        })
    }

    fn has_query(&self) -> bool {
        matches!(
            self.body,
            Some(Body {
                format: Format::Query(_),
                ..
            })
        )
    }

    /// The address, with the body behind the question mark where the format says so.
    fn address(&self, scope: &Scope<'_>) -> Result<String, RenderError> {
        let mut url = self.url.write(scope)?;
        if let Some(Body {
            format: format @ Format::Query(_),
            tree,
        }) = &self.body
        {
            let mut query = Vec::new();
            format.write(tree, scope, &mut query)?;
            if !query.is_empty() {
                url.push(if url.contains('?') { '&' } else { '?' });
                // Percent-encoded text is ASCII.
                url.extend(query.into_iter().map(char::from));
            }
        }
        Ok(url)
    }
}

/// A secret as it is, and as it looks inside of an address, a form or JSON: masking must find them all.
fn appearances(secret: &str) -> Vec<Arc<str>> {
    use crate::format::{json, percent};
    let quoted = json::name(secret);
    let json = String::from_utf8_lossy(&quoted[1..quoted.len() - 2]).into_owned();
    let mut forms = vec![
        secret.to_owned(),
        percent::encoded(secret, percent::Blank::Percent20),
        percent::encoded(secret, percent::Blank::Plus),
        json,
    ];
    forms.dedup();
    // The longest first, so that no part of an encoded secret is left behind.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.into_iter().map(Arc::from).collect()
}
