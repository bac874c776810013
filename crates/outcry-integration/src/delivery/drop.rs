//! `via = "file"` and `via = "sftp"`: leads as rows of files that are written on a schedule.

use super::file_name::FileName;
use super::rows::Rows;
use super::server::{self, Scheme};
use super::{optional, settled};
use crate::call::RenderError;
use crate::file::{Kind, Node, Section};
use crate::outgoing::{DropOff, DropPlace, Item, SftpPlace};
use crate::template::{Compiler, Scope, Template};
use std::ops::RangeInclusive;
use std::sync::Arc;

const KEYS: [&str; 8] = ["via", "rows", "missing", "body", "folder", "name", "every_minutes", "rows_max"];
const REMOTE_KEYS: [&str; 5] = ["server", "user", "password", "key", "host_key"];
const EVERY_MINUTES: RangeInclusive<u32> = 1..=1_440;
const ROWS_MAX: RangeInclusive<u32> = 1..=100_000;

/// Files as the integration draws them.
#[derive(Debug)]
pub(crate) struct DropTemplate {
    rows: Rows,
    folder: Template,
    remote: Option<Remote>,
    name: FileName,
    every_minutes: u32,
    rows_max: u32,
}

/// The server behind `via = "sftp"`.
#[derive(Debug)]
struct Remote {
    server: Template,
    user: Template,
    password: Option<Template>,
    key: Option<Template>,
    host_key: Template,
}

/// Reads `[post.request]` with `via = "file"`, or `"sftp"` if it is remote.
pub(super) fn compile(node: &Node, remote: bool, compiler: &mut Compiler<'_>) -> Option<DropTemplate> {
    let keys: Vec<&str> = KEYS.into_iter().chain(REMOTE_KEYS.into_iter().filter(|_| remote)).collect();
    let section = Section::open(node, format!("{}.request", compiler.step.word()), &keys, compiler.problems)?;
    let remote = if remote { Some(Remote::compile(&section, compiler)) } else { None };
    let rows = Rows::compile(&section, compiler);
    section.need("folder", "say where the files go: folder = \"{param.folder}\"", compiler.problems);
    let folder = settled(&section, "folder", compiler);
    let name = FileName::compile(&section, compiler.problems);
    let every_minutes = number(&section, "every_minutes", &EVERY_MINUTES, 15, compiler);
    let rows_max = number(&section, "rows_max", &ROWS_MAX, 1_000, compiler);
    Some(DropTemplate {
        rows: rows?,
        folder: folder?,
        remote: match remote {
            Some(remote) => Some(remote?),
            None => None,
        },
        name: name?,
        every_minutes: every_minutes?,
        rows_max: rows_max?,
    })
}

impl Remote {
    fn compile(section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<Self> {
        let server = server::compile(section, Scheme::Files, compiler);
        section.need("user", "say who we are there", compiler.problems);
        let pin = "write the server's public key, as ssh-keyscan prints it, or SHA256:…; without it anybody could be the server";
        section.need("host_key", pin, compiler.problems);
        if section.get("password").is_none() && section.get("key").is_none() {
            let hint = "add password = \"{param.password}\" or key = \"{param.key}\"";
            compiler
                .problems
                .add(section.line, section.what.clone(), "has neither a password nor a key", hint);
        }
        let user = settled(section, "user", compiler);
        let (password, key) = (settled(section, "password", compiler), settled(section, "key", compiler));
        let host_key = settled(section, "host_key", compiler);
        Some(Self {
            server: server?,
            user: user?,
            password,
            key,
            host_key: host_key?,
        })
    }

    fn place(&self, folder: String, scope: &Scope<'_>) -> Result<SftpPlace, RenderError> {
        let given = |template: &Template| -> Result<Arc<str>, RenderError> {
            optional(template, scope)?
                .map(Arc::from)
                .ok_or_else(|| template.fail("has no value"))
        };
        let maybe = |template: &Option<Template>| match template {
            Some(template) => Ok::<_, RenderError>(optional(template, scope)?.map(Arc::from)),
            None => Ok(None),
        };
        let place = SftpPlace {
            server: given(&self.server)?,
            user: given(&self.user)?,
            password: maybe(&self.password)?,
            key: maybe(&self.key)?,
            host_key: given(&self.host_key)?,
            folder: folder.into(),
        };
        if place.password.is_none() && place.key.is_none() {
            return Err(self.user.fail("there is neither a password nor a key"));
        }
        Ok(place)
    }
}

fn number(section: &Section<'_>, key: &str, bounds: &RangeInclusive<u32>, default: u32, compiler: &mut Compiler<'_>) -> Option<u32> {
    let Some(node) = section.get(key) else { return Some(default) };
    let number = match &node.kind {
        Kind::Int(number) => u32::try_from(*number).ok().filter(|number| bounds.contains(number)),
        _ => None,
    };
    if number.is_none() {
        let message = format!("must be a whole number from {} to {}", bounds.start(), bounds.end());
        compiler.problems.add(node.line, section.place(key), message, "");
    }
    number
}

impl DropTemplate {
    /// Writes the row of one lead.
    pub(super) fn write(&self, scope: &Scope<'_>) -> Result<Item, RenderError> {
        Ok(super::item(scope, self.rows.head(), self.rows.write(scope)?))
    }

    /// Where a contract's files go, and when. `scope` sees its parameters and nothing else.
    pub(super) fn drop_off(&self, scope: &Scope<'_>) -> Result<DropOff, RenderError> {
        let folder = optional(&self.folder, scope)?.ok_or_else(|| self.folder.fail("has no value"))?;
        Ok(DropOff {
            place: match &self.remote {
                None => DropPlace::Folder(folder.into()),
                Some(remote) => DropPlace::Sftp(Box::new(remote.place(folder, scope)?)),
            },
            name: self.name.clone(),
            every_minutes: self.every_minutes,
            rows_max: self.rows_max,
        })
    }
}
