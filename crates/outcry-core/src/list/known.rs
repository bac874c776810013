//! The self-test of a hashed list: which hash of which form gives the digests of values that are known?

use super::{Encoding, Entries, Form, Hash, Kind, Scheme};
use crate::digest::Algorithm;

/// A way in which digests may have been made, and how many of the known ones it explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The way.
    pub hash: Hash,
    /// How many known digests are made so.
    pub explains: usize,
    /// Is it the way that was declared?
    pub declared: bool,
}

/// Tries every hash of every form on pairs of a plain value in normal form and its digest as written. The way that was
/// declared comes first, then others that explain any, the best of them first.
///
/// Two forms may give the same digest for a number at home (`us10` and `last10`): both are told.
pub fn fits(entries: &Entries, known: &[(String, String)]) -> Vec<Fit> {
    let Some(declared) = &entries.hash else { return Vec::new() };
    let count = |hash: &Hash| {
        known
            .iter()
            .filter(|(value, digest)| hash.hex(value).is_some_and(|made| hash.read(digest) == Some(made)))
            .count()
    };
    let fit = |hash: Hash| Fit {
        explains: count(&hash),
        declared: hash == *declared,
        hash,
    };
    let mut others: Vec<Fit> = ways(entries.kind, declared).filter(|way| way != declared).map(fit).collect();
    others.retain(|fit| fit.explains > 0);
    others.sort_by_key(|fit| std::cmp::Reverse(fit.explains));
    std::iter::once(fit(declared.clone())).chain(others).collect()
}

/// Every way in which entries of a kind may have been made, as far as the secret that was declared goes.
pub(super) fn ways(kind: Kind, declared: &Hash) -> impl Iterator<Item = Hash> {
    let plain = [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512].map(Scheme::Plain);
    let keyed = matches!(declared.scheme, Scheme::Keyed(_)).then(|| declared.scheme.clone());
    let schemes: Vec<Scheme> = plain.into_iter().chain(keyed).collect();
    let forms = if kind == Kind::Phone {
        Form::PHONES.to_vec()
    } else {
        vec![Form::Normal]
    };
    schemes.into_iter().flat_map(move |scheme| {
        let scheme = scheme.clone();
        let of_form = move |form| {
            [Encoding::Hex, Encoding::Base64].map(|encoding| Hash {
                scheme: scheme.clone(),
                form,
                encoding,
            })
        };
        forms.clone().into_iter().flat_map(of_form)
    })
}
