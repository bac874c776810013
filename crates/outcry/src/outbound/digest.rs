//! HTTP Digest (RFC 7616): reads a server's challenge and answers it. Knows no sockets.
//!
//! SHA-256 and MD5 with `qop` auth, and the older form without `qop`. A nonce is used again, with its count, for as
//! long as the server takes it: a challenge for every call would be a round trip for every lead.

use md5::Md5;
use outcry_integration::answer::RawAnswer;
use outcry_integration::request::DigestLogin;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Users remembered for one origin; there is one, or a live and a test one.
const USERS_MAX: usize = 64;

/// What a server asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    algorithm: Algorithm,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// Whether the answer counts its uses of the nonce.
    counted: bool,
}

/// The hash, the better one last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Md5,
    Sha256,
}

/// A challenge to answer, and how often its nonce has been used with this one.
#[derive(Clone)]
pub(super) struct Turn {
    challenge: Arc<Challenge>,
    count: u32,
}

/// The nonces of one origin, by user.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<Arc<str>, Turn>>);

impl Challenge {
    /// The best challenge of a refusal that we can answer; `None` if it is no refusal, or asks for something else.
    pub(super) fn of(answer: &RawAnswer) -> Option<Self> {
        if answer.status != 401 {
            return None;
        }
        let asked = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
        let challenges = asked.flat_map(|(_, value)| schemes(value));
        challenges
            .filter(|scheme| scheme.name.eq_ignore_ascii_case("digest"))
            .filter_map(|scheme| Self::read(&scheme))
            .max_by_key(|challenge| challenge.algorithm)
    }

    fn read(scheme: &Scheme) -> Option<Self> {
        let algorithm = match scheme.get("algorithm") {
            None => Algorithm::Md5,
            Some(name) if name.eq_ignore_ascii_case("md5") => Algorithm::Md5,
            Some(name) if name.eq_ignore_ascii_case("sha-256") => Algorithm::Sha256,
            Some(_) => return None,
        };
        let qop = scheme.get("qop");
        let auth = |list: &str| list.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth"));
        if qop.is_some_and(|list| !auth(list)) {
            return None;
        }
        let challenge = Self {
            algorithm,
            realm: scheme.get("realm")?.to_owned(),
            nonce: scheme.get("nonce")?.to_owned(),
            opaque: scheme.get("opaque").map(str::to_owned),
            counted: qop.is_some(),
        };
        // What cannot stand in a header of ours was not said by a sound server.
        let said = [Some(&challenge.realm), Some(&challenge.nonce), challenge.opaque.as_ref()];
        let plain = said
            .into_iter()
            .flatten()
            .all(|text| text.bytes().all(|byte| matches!(byte, b' '..=b'~')));
        plain.then_some(challenge)
    }
}

impl Algorithm {
    const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// Lower-case hex of the hash of the parts, joined with colons.
    fn of(self, parts: &[&str]) -> String {
        let text = parts.join(":");
        match self {
            Self::Md5 => hex::encode(Md5::digest(text)),
            Self::Sha256 => hex::encode(Sha256::digest(text)),
        }
    }
}

impl Turn {
    /// The value of the `authorization` header for one request.
    pub(super) fn answer(&self, login: &DigestLogin, method: &str, target: &str) -> String {
        self.answer_with(login, method, target, &hex::encode(rand::random::<[u8; 16]>()))
    }

    fn answer_with(&self, login: &DigestLogin, method: &str, target: &str, cnonce: &str) -> String {
        let challenge = &*self.challenge;
        let hash = |parts: &[&str]| challenge.algorithm.of(parts);
        let who = hash(&[&login.user, &challenge.realm, &login.password]);
        let what = hash(&[method, target]);
        let count = format!("{:08x}", self.count);
        let response = if challenge.counted {
            hash(&[&who, &challenge.nonce, &count, cnonce, "auth", &what])
        } else {
            hash(&[&who, &challenge.nonce, &what])
        };
        let mut header = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{target}\", algorithm={}, response=\"{response}\"",
            quoted(&login.user),
            quoted(&challenge.realm),
            quoted(&challenge.nonce),
            challenge.algorithm.name(),
        );
        // Writing into a `String` cannot fail.
        if challenge.counted {
            let _ = write!(header, ", qop=auth, nc={count}, cnonce=\"{cnonce}\"");
        }
        if let Some(opaque) = &challenge.opaque {
            let _ = write!(header, ", opaque=\"{}\"", quoted(opaque));
        }
        header
    }

    /// Whether this is the nonce that was just used: then it is the password that is wrong.
    pub(super) fn has_nonce_of(&self, challenge: &Challenge) -> bool {
        self.challenge.nonce == challenge.nonce
    }
}

impl Sessions {
    /// The next use of the nonce that this user has, if any.
    pub(super) fn next(&self, user: &str) -> Option<Turn> {
        let mut sessions = self.locked();
        let turn = sessions.get_mut(user)?;
        turn.count = turn.count.checked_add(1)?;
        Some(turn.clone())
    }

    /// Takes a new challenge in the place of the last, and its first use.
    pub(super) fn learn(&self, user: &Arc<str>, challenge: Challenge) -> Turn {
        let mut sessions = self.locked();
        if sessions.len() >= USERS_MAX && !sessions.contains_key(user) {
            sessions.clear();
        }
        let known = sessions.get(user).filter(|turn| *turn.challenge == challenge);
        let turn = match known {
            // Many who asked at once were told the same.
            Some(turn) => Turn {
                count: turn.count.saturating_add(1),
                ..turn.clone()
            },
            None => Turn {
                challenge: Arc::new(challenge),
                count: 1,
            },
        };
        sessions.insert(Arc::clone(user), turn.clone());
        turn
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<Arc<str>, Turn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One scheme of a `www-authenticate` header.
struct Scheme {
    name: String,
    params: Vec<(String, String)>,
}

impl Scheme {
    fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.params.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }
}

/// The schemes of one header (RFC 9110, section 11.6.1), as far as it can be read.
fn schemes(header: &str) -> Vec<Scheme> {
    let (mut schemes, mut rest) = (Vec::<Scheme>::new(), header);
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = token(rest);
        if word.is_empty() {
            return schemes;
        }
        let value = after.trim_start().strip_prefix('=').map(str::trim_start);
        match (value, schemes.last_mut()) {
            (None, _) => {
                schemes.push(Scheme {
                    name: word.to_owned(),
                    params: Vec::new(),
                });
                rest = after;
            }
            (Some(value), Some(scheme)) => {
                let Some((value, after)) = parameter(value) else { return schemes };
                scheme.params.push((word.to_owned(), value));
                rest = after;
            }
            (Some(_), None) => return schemes,
        }
    }
}

/// A word, and what stands behind it.
fn token(text: &str) -> (&str, &str) {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let end = text.bytes().position(|byte| !is_token(byte)).unwrap_or(text.len());
    text.split_at(end)
}

/// A value, in quotes or not, and what stands behind it.
fn parameter(text: &str) -> Option<(String, &str)> {
    let Some(inside) = text.strip_prefix('"') else {
        let (word, after) = token(text);
        return (!word.is_empty()).then(|| (word.to_owned(), after));
    };
    let (mut value, mut letters) = (String::new(), inside.char_indices());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &inside[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            _ => value.push(letter),
        }
    }
    None
}

/// What may stand between quotes.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(headers: &[&str]) -> RawAnswer {
        let headers = headers.iter().map(|value| ("www-authenticate".to_owned(), (*value).to_owned()));
        RawAnswer {
            status: 401,
            headers: headers.collect(),
            body: Vec::new(),
        }
    }

    const NONCE: &str = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    fn challenged(algorithm: &str) -> String {
        format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"{NONCE}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        )
    }

    fn mufasa() -> DigestLogin {
        DigestLogin {
            user: "Mufasa".into(),
            password: "Circle of Life".into(),
        }
    }

    #[test]
    fn the_answers_are_those_of_the_standard() {
        // RFC 7616, section 3.9.1.
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let challenge = Challenge::of(&refusal(&[&challenged(algorithm)])).unwrap();
            let turn = Sessions::default().learn(&"Mufasa".into(), challenge);
            let answer = turn.answer_with(&mufasa(), "GET", "/dir/index.html", CNONCE);
            let expected = format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", nonce=\"{NONCE}\", uri=\"/dir/index.html\", algorithm={algorithm}, \
                 response=\"{response}\", qop=auth, nc=00000001, cnonce=\"{CNONCE}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            assert_eq!(answer, expected);
        }
    }

    #[test]
    fn an_old_server_without_counts_is_answered_too() {
        // RFC 2069's example, with the response that its erratum 749 gives.
        let challenge = "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        let challenge = Challenge::of(&refusal(&[challenge])).unwrap();
        let login = DigestLogin {
            user: "Mufasa".into(),
            password: "CircleOfLife".into(),
        };
        let turn = Sessions::default().learn(&login.user, challenge);
        let answer = turn.answer_with(&login, "GET", "/dir/index.html", CNONCE);
        assert!(
            answer.contains("response=\"1949323746fe6a43ef61f9606e7febea\"") && !answer.contains("nc="),
            "{answer}"
        );
    }

    #[test]
    fn the_better_of_several_challenges_is_taken() {
        let both = [challenged("MD5"), challenged("SHA-256")];
        let found = Challenge::of(&refusal(&[&both[0], "Basic realm=\"x\"", &both[1]])).unwrap();
        assert_eq!(found.algorithm, Algorithm::Sha256);
        let in_one = format!("Basic realm=\"a, \\\"b\\\"\", {}, {}", both[1], both[0]);
        assert_eq!(Challenge::of(&refusal(&[&in_one])), Some(found));
    }

    #[test]
    fn what_cannot_be_answered_is_no_challenge() {
        for header in [
            "",
            "Basic realm=\"x\"",
            "Negotiate YII=",
            "Digest",
            "Digest realm=\"x\"",
            "Digest nonce=\"x\"",
            "Digest realm=\"x\", nonce=\"y",
            "Digest realm=\"x\", nonce=\"y\\",
            "Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\"",
            "Digest realm=\"x\", nonce=\"y\", algorithm=MD5-sess",
            "Digest realm=\"x\", nonce=\"y\", algorithm=SHA-512-256",
            "Digest realm=\"\u{fffd}\", nonce=\"y\"",
            "realm=\"x\", nonce=\"y\"",
            "= , \"Digest\" realm=x",
        ] {
            assert_eq!(Challenge::of(&refusal(&[header])), None, "{header}");
        }
        let accepted = RawAnswer {
            status: 200,
            ..refusal(&[&challenged("MD5")])
        };
        assert_eq!(Challenge::of(&accepted), None);
    }

    #[test]
    fn quotes_and_backslashes_stay_inside_their_quotes() {
        let challenge = Challenge::of(&refusal(&["Digest realm=\"a\\\"b\\\\c\", nonce=n"])).unwrap();
        assert_eq!(challenge.realm, "a\"b\\c");
        let login = DigestLogin {
            user: "u\", x=\"y".into(),
            password: "p".into(),
        };
        let turn = Sessions::default().learn(&login.user, challenge);
        let answer = turn.answer_with(&login, "GET", "/", CNONCE);
        assert!(
            answer.starts_with("Digest username=\"u\\\", x=\\\"y\", realm=\"a\\\"b\\\\c\", nonce=\"n\", "),
            "{answer}"
        );
    }

    #[test]
    fn a_nonce_is_counted_for_each_user_until_another_takes_its_place() {
        let sessions = Sessions::default();
        let (ann, bob) = (Arc::<str>::from("ann"), Arc::<str>::from("bob"));
        let challenge = |nonce: &str| Challenge::of(&refusal(&[&format!("Digest realm=r, nonce={nonce}, qop=auth")])).unwrap();
        assert!(sessions.next(&ann).is_none());
        let counts = [
            sessions.learn(&ann, challenge("one")),
            sessions.learn(&ann, challenge("one")),
            sessions.next(&ann).unwrap(),
            sessions.learn(&bob, challenge("one")),
            sessions.learn(&ann, challenge("two")),
            sessions.next(&ann).unwrap(),
        ]
        .map(|turn| turn.count);
        assert_eq!(counts, [1, 2, 3, 1, 1, 2]);
        for at in 0..1_000 {
            sessions.learn(&format!("user {at}").into(), challenge("one"));
        }
        assert!(sessions.locked().len() <= USERS_MAX);
    }
}
