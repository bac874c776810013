//! Form bodies into raw leads: `drivers[0][gender]=female` and `drivers.0.gender=female` are rows of a list.

use outcry_core::raw::Raw;

/// Most parts of one name: `drivers[0][violations][1][type]` has five.
const DEPTH_MAX: usize = 8;
/// Most rows a form may number.
const ROWS_MAX: usize = 1_000;

/// Reads `application/x-www-form-urlencoded`. Every value is text; a name that comes twice is refused.
///
/// # Errors
/// A sentence that names the field, and never a value.
pub(crate) fn read(body: &[u8]) -> Result<Raw, String> {
    let mut root = Raw::Object(Vec::new());
    for (name, value) in url::form_urlencoded::parse(body) {
        let path = path(&name)?;
        put(&mut root, &path, Raw::Text(value.into())).map_err(|why| format!("the field {} {why}", path.join(".")))?;
    }
    Ok(root)
}

/// `drivers[0][gender]` and `drivers.0.gender` as their parts.
fn path(name: &str) -> Result<Vec<&str>, String> {
    let parts: Vec<&str> = name.split(['[', '.']).map(|part| part.strip_suffix(']').unwrap_or(part)).collect();
    let word =
        |part: &&str| !part.is_empty() && part.len() <= 64 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if parts.len() <= DEPTH_MAX && parts.iter().all(word) {
        Ok(parts)
    } else {
        Err("a field name is not like zip, drivers[0][gender] or drivers.0.gender".to_owned())
    }
}

fn put(place: &mut Raw, path: &[&str], value: Raw) -> Result<(), &'static str> {
    let Some((first, rest)) = path.split_first() else {
        return Err("has no name");
    };
    let child = match first.parse::<usize>() {
        Ok(row) => row_of(place, row)?,
        Err(_) => member_of(place, first)?,
    };
    if !rest.is_empty() {
        return put(child, rest, value);
    }
    if *child != Raw::Null {
        return Err("comes twice");
    }
    *child = value;
    Ok(())
}

/// The row of a list, which is made if it is the next one.
fn row_of(place: &mut Raw, row: usize) -> Result<&mut Raw, &'static str> {
    if *place == Raw::Null || matches!(place, Raw::Object(members) if members.is_empty()) {
        *place = Raw::List(Vec::new());
    }
    let Raw::List(rows) = place else {
        return Err("is a list and a single value at once");
    };
    if ROWS_MAX <= row {
        return Err("has a row number that is too high");
    }
    while rows.len() <= row {
        rows.push(Raw::Null);
    }
    Ok(&mut rows[row])
}

fn member_of<'a>(place: &'a mut Raw, name: &str) -> Result<&'a mut Raw, &'static str> {
    if *place == Raw::Null {
        *place = Raw::Object(Vec::new());
    }
    let Raw::Object(members) = place else {
        return Err("is a group and a single value at once");
    };
    let at = members.iter().position(|(taken, _)| &**taken == name).unwrap_or_else(|| {
        members.push((name.into(), Raw::Null));
        members.len() - 1
    });
    Ok(&mut members[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_numbered_in_brackets_or_with_dots() {
        for body in [
            "zip=75201&drivers[0][gender]=female&drivers[1][gender]=male",
            "zip=75201&drivers.0.gender=female&drivers.1.gender=male",
        ] {
            let raw = read(body.as_bytes()).unwrap();
            let Some(Raw::List(rows)) = raw.get("drivers") else {
                panic!("drivers is a list")
            };
            assert!(rows[1].get("gender") == Some(&Raw::Text("male".into())));
        }
    }

    #[test]
    fn what_is_wrong_names_the_field() {
        assert_eq!(read(b"zip=1&zip=2").unwrap_err(), "the field zip comes twice");
        assert_eq!(
            read(b"a=1&a[b]=2").unwrap_err(),
            "the field a.b is a group and a single value at once"
        );
        assert_eq!(
            read(b"rows[5000][a]=2").unwrap_err(),
            "the field rows.5000.a has a row number that is too high"
        );
        assert!(read(b"a[[b=2").unwrap_err().starts_with("a field name is not like"));
    }
}
