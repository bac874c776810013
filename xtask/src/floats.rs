//! Money is never a float: no crate that prices, books or reads an amount names a type that rounds by itself.

use crate::code;
use crate::files::File;

/// Crates an amount passes through.
const MONEY: &[&str] = &[
    "outcry-core",
    "outcry-engine",
    "outcry-integration",
    "outcry-market",
    "outcry-spec",
    "outcry-store",
];

/// Where a float is no amount: how far two places lie apart, and a number of a lead beside a number of a filter.
const DISTANCES: &[&str] = &["crates/outcry-core/src/places.rs", "crates/outcry-core/src/filter/known.rs"];

/// Every float near money, by its line.
pub(crate) fn complaints(files: &[File]) -> Vec<String> {
    sources(files).flat_map(in_source).collect()
}

fn sources(files: &[File]) -> impl Iterator<Item = &File> {
    let near_money = |file: &&File| MONEY.iter().any(|name| file.path.starts_with(&format!("crates/{name}/")));
    let sources = files.iter().filter(|file| file.is_source() && !file.is_test());
    sources.filter(near_money).filter(|file| !DISTANCES.contains(&&*file.path))
}

fn in_source(file: &File) -> Vec<String> {
    let code = code::without_tests(&code::bare(&file.text));
    let named = code::paths(&code).into_iter();
    let floats = named.filter(|named| named.path.split("::").any(|name| matches!(name, "f32" | "f64")));
    let tell = |line: usize| format!("{}:{line}: a float, and money is never a float", file.path);
    floats.map(|named| tell(named.line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        let file = File {
            path: "crates/outcry-core/src/price.rs".into(),
            text: text.into(),
        };
        complaints(&[file]).len()
    }

    #[test]
    fn a_float_near_money_is_found_however_it_is_written() {
        assert_eq!(found("fn half(price: f64) -> i64 { price as i64 }"), 1);
        assert_eq!(found("let a = f32::MAX;\nlet b = x as f64;"), 2);
        assert_eq!(found("// f64\nlet a = \"f64\";"), 0);
        assert_eq!(found("#[cfg(test)]\nmod tests { fn a(b: f64) {} }"), 0);
    }

    #[test]
    fn no_crate_that_handles_money_names_a_float() {
        let files = crate::files::all(&crate::run::root().unwrap()).unwrap();
        let read = sources(&files).count();
        let found = complaints(&files);
        println!("figure: {} floats in {read} files of crates that handle money", found.len());
        assert!(found.is_empty() && 300 < read, "{read} files\n{}", found.join("\n"));
    }
}
