//! A request as the file draws it: method, address, headers, body. Written for each lead, or once for a contract
//! where nothing of the lead is in it.

mod auth;
mod certificate;
mod compile;
mod header;
mod sign;
mod url;

pub(crate) use compile::request;
pub(crate) use url::{check_param, is_authority};

use crate::body::Tree;
use crate::call::RenderError;
use crate::format::{Format, multipart};
use crate::mask::Mask;
use crate::request::{ClientCertificate, Credentials, Method, Request};
use crate::step::StepName;
use crate::template::{Scope, Template};
use auth::{Auth, Authorized};
use certificate::CertificateTemplate;
use header::HeaderTemplate;
use sign::{Keyed, Sign};
use std::borrow::Cow;
use std::sync::Arc;
use url::UrlTemplate;

/// One compiled request.
#[derive(Debug)]
pub(crate) struct RequestTemplate {
    pub(crate) step: StepName,
    method: Method,
    url: UrlTemplate,
    headers: Box<[HeaderTemplate]>,
    /// What stands behind the question mark, besides what the address says there itself.
    query: Option<Body>,
    body: Option<Body>,
    auth: Option<Auth>,
    certificate: Option<CertificateTemplate>,
    sign: Option<Sign>,
    /// Positions of the parameters it speaks.
    pub(crate) params: Box<[usize]>,
    /// What it makes of secrets.
    derived: Box<[Template]>,
    /// Full names of what earlier steps kept and it speaks: a token is as secret as the password it came for.
    kept: Box<[Box<str>]>,
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
    authorized: Option<Authorized>,
    pub(crate) certificate: Option<Arc<ClientCertificate>>,
    keyed: Option<Keyed>,
}

/// A settled header; `None` inside if it is left out.
type SettledHeader = Option<(Arc<str>, Arc<str>)>;

impl RequestTemplate {
    /// Does what can be done before there is a lead. `scope` sees the parameters and nothing else.
    pub(crate) fn settle(&self, scope: &Scope<'_>) -> Result<Settled, RenderError> {
        let url = if self.url.is_settled_by_params() && self.query.is_none() {
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
        let authorized = match &self.auth {
            Some(auth) if auth.is_settled_by_params() => Some(auth.write(scope)?),
            _ => None,
        };
        let keyed = match &self.sign {
            Some(sign) => sign.settle(scope)?,
            None => None,
        };
        let certificate = match &self.certificate {
            Some(certificate) => certificate.settle(scope)?,
            None => None,
        };
        Ok(Settled {
            step: self.step,
            url,
            headers,
            authorized,
            certificate,
            keyed,
        })
    }

    /// What it makes of the contract's secrets: no less secret than they are. `scope` sees the parameters alone.
    pub(crate) fn derived(&self, scope: &Scope<'_>) -> Vec<String> {
        let made = self.derived.iter().filter_map(|template| template.text(scope).ok().flatten());
        let login = self.auth.as_ref().and_then(|auth| auth.derived(scope));
        made.map(Cow::into_owned).chain(login).collect()
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
        if let Some(Body { format, tree }) = &self.body {
            body.reserve(1024);
            format.write(tree, scope, &mut body)?;
            if let Some(content_type) = multipart::content_type(format, &body) {
                headers.push((Arc::from("content-type"), content_type.into()));
            }
        }
        let credentials = self.credentials(settled, scope, &mut headers)?;
        // Last of all: what is signed is what is sent.
        if let Some(sign) = &self.sign {
            let keyed = settled.and_then(|settled| settled.keyed.as_ref());
            sign.write(keyed, (self.method, &url, &body), scope, &mut headers)?;
        }
        let kept = self.kept.iter().filter_map(|name| scope.call.kept_value(name));
        let secrets = kept.fold(scope.params.mask().clone(), Mask::and);
        Ok(Request {
            method: self.method,
            url,
            headers,
            body,
            credentials,
            secrets,
        })
    }

    /// What the client must prove, once the header that proves it by itself has been added.
    fn credentials(
        &self,
        settled: Option<&Settled>,
        scope: &Scope<'_>,
        headers: &mut Vec<(Arc<str>, Arc<str>)>,
    ) -> Result<Credentials, RenderError> {
        let mut credentials = Credentials {
            certificate: settled.and_then(|settled| settled.certificate.clone()),
            ..Credentials::default()
        };
        let authorized = match (settled.and_then(|settled| settled.authorized.clone()), &self.auth) {
            (None, Some(auth)) => Some(auth.write(scope)?),
            (done, _) => done,
        };
        match authorized {
            Some(Authorized::Header(name, value)) => headers.push((name, value)),
            Some(Authorized::Digest(login)) => credentials.digest = Some(login),
            None => {}
        }
        Ok(credentials)
    }

    /// The address with its query.
    fn address(&self, scope: &Scope<'_>) -> Result<String, RenderError> {
        let mut url = self.url.write(scope)?;
        if let Some(Body { format, tree }) = &self.query {
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
