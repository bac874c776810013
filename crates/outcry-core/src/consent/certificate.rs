//! Certificates of consent: which texts a source sends are one, by the exact shape that its vendor gives them.
//!
//! An address comes from a source that nobody has to trust, and a check sends a secret key along with it. So an address
//! is taken apart here and never called: what is kept is the vendor's id, and the host is the operator's.

use crate::lead::Lead;

/// A certificate that has the shape of its vendor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate<'a> {
    /// `TrustedForm`: the id behind the host.
    TrustedForm(&'a str),
    /// `LeadiD`: the token.
    LeadiD(&'a str),
}

/// What stands before the id: this scheme, this host, no port and no user.
const TRUSTEDFORM: &str = "https://cert.trustedform.com/";

impl<'a> Certificate<'a> {
    /// Those in a lead's fields.
    pub fn of(lead: &'a Lead) -> Vec<Self> {
        let trustedform = lead
            .open_text("trustedform_cert_url")
            .and_then(trustedform_id)
            .map(Self::TrustedForm);
        let leadid = lead.open_text("jornaya_leadid").filter(|token| is_leadid(token)).map(Self::LeadiD);
        trustedform.into_iter().chain(leadid).collect()
    }

    /// The word for its vendor.
    pub const fn vendor(&self) -> &'static str {
        match self {
            Self::TrustedForm(_) => "trustedform",
            Self::LeadiD(_) => "leadid",
        }
    }

    /// The vendor's id for it.
    pub const fn id(&self) -> &'a str {
        match self {
            Self::TrustedForm(id) | Self::LeadiD(id) => id,
        }
    }
}

/// Words for the vendors, as files have them.
pub const VENDORS: [&str; 2] = ["trustedform", "leadid"];

/// The id in the address of a certificate: 40 hexadecimal digits from the web, 80 letters from a phone, or a sealed token
/// of three parts from a lead ad. `None` for any other host, path, query, port or user.
pub fn trustedform_id(url: &str) -> Option<&str> {
    let id = url.strip_prefix(TRUSTEDFORM)?;
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let web = id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let phone = id.len() == 80 && letters(id);
    let sealed = || {
        let mut parts = id.split('.');
        let first = parts.next() == Some("0");
        let rest: Vec<&str> = parts.collect();
        first && id.len() <= 255 && matches!(rest.len(), 1..=3) && rest.iter().all(|part| !part.is_empty() && letters(part))
    };
    (web || phone || sealed()).then_some(id)
}

/// Is it a token of `LeadiD`: a UUID of 36 characters?
pub fn is_leadid(token: &str) -> bool {
    let parts: Vec<&str> = token.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_address_of_the_vendor_is_a_certificate() {
        let hex = "0123456789abcdef0123456789ABCDEF01234567";
        let phone = "A-_z".repeat(20);
        let sealed = "0.eyJhbGciOiJ.Zm9v.YmFy";
        for id in [hex, &phone, sealed] {
            assert_eq!(trustedform_id(&format!("https://cert.trustedform.com/{id}")), Some(id));
        }
        for wrong in [
            format!("http://cert.trustedform.com/{hex}"),
            format!("https://cert.trustedform.com:443/{hex}"),
            format!("https://user@cert.trustedform.com/{hex}"),
            format!("https://cert.trustedform.com.evil.example/{hex}"),
            format!("https://evil.example/https://cert.trustedform.com/{hex}"),
            format!("https://cert.trustedform.com@evil.example/{hex}"),
            format!("https://CERT.trustedform.com/{hex}"),
            format!("https://cert.trustedform.com/../{hex}"),
            format!("https://cert.trustedform.com//{hex}"),
            format!("https://cert.trustedform.com/{hex}/x"),
            format!("https://cert.trustedform.com/{hex}?a=b"),
            format!("https://cert.trustedform.com/{hex}#x"),
            format!("https://cert.trustedform.com/{}g", &hex[1..]),
            format!("https://cert.trustedform.com/{}", &hex[1..]),
            "https://cert.trustedform.com/".to_owned(),
            "https://cert.trustedform.com/0.".to_owned(),
            "https://cert.trustedform.com/0./../x".to_owned(),
            format!("https://ping.trustedform.com/{sealed}"),
        ] {
            assert_eq!(trustedform_id(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_leadid_is_a_uuid_and_nothing_else() {
        assert!(is_leadid("0F2B4C6D-1111-2222-3333-444455556666"));
        for wrong in [
            "",
            "0F2B4C6D11112222333344445555666600001",
            "0F2B4C6D-1111-2222-3333-44445555666g",
            "0F2B4C6D-1111-2222-3333-444455556666-",
        ] {
            assert!(!is_leadid(wrong), "{wrong}");
        }
    }
}
