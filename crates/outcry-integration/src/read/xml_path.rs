//! `response/status`, `//price`, `hash/@type`, `bids/bid[0]`: a way through XML that is blind to namespaces.

use super::document::{Doubt, Found};
use super::visits::Visits;
use roxmltree::Node;
use std::borrow::Cow;

/// A compiled path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct XmlPath {
    /// Begins at the whole answer, even inside an item.
    pub(crate) from_root: bool,
    steps: Box<[Step]>,
    attribute: Option<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    /// `None` for `*`.
    name: Option<Box<str>>,
    /// At any depth.
    deep: bool,
    index: Option<usize>,
}

/// What a path leads to.
#[derive(Clone, Copy)]
pub(crate) enum XmlFound<'d> {
    Element(Node<'d, 'd>),
    Attribute(&'d str),
}

impl XmlPath {
    /// Reads a path; `None` if it is none. A leading `/` is the whole answer, `.` the element at hand.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "." {
            return Some(Self {
                from_root: false,
                steps: Box::default(),
                attribute: None,
            });
        }
        let from_root = text.starts_with('/');
        let mut rest = if from_root && !text.starts_with("//") { &text[1..] } else { text };
        let (mut steps, mut attribute) = (Vec::new(), None);
        while !rest.is_empty() {
            let deep = rest.starts_with("//");
            rest = rest.trim_start_matches('/');
            let (part, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            if let Some(name) = part.strip_prefix('@') {
                attribute = Some(name.into());
                if !is_name(name) || !after.is_empty() || deep {
                    return None;
                }
            } else {
                steps.push(step(part, deep)?);
            }
            rest = match after {
                "" => "",
                deeper if deeper.starts_with("//") => deeper,
                next => next.strip_prefix('/').filter(|next| !next.is_empty())?,
            };
        }
        (!steps.is_empty() || attribute.is_some()).then(|| Self {
            from_root,
            steps: steps.into(),
            attribute,
        })
    }

    /// Everything the path leads to, in the order of the answer.
    ///
    /// # Errors
    /// The answer is built so that looking takes too long.
    pub(crate) fn find<'d>(&self, from: Node<'d, 'd>, visits: &Visits, visit: &mut dyn FnMut(XmlFound<'d>)) -> Result<(), Doubt> {
        self.walk(&self.steps, from, visits, visit)
    }

    fn walk<'d>(&self, steps: &[Step], at: Node<'d, 'd>, visits: &Visits, visit: &mut dyn FnMut(XmlFound<'d>)) -> Result<(), Doubt> {
        let Some((step, rest)) = steps.split_first() else {
            match &self.attribute {
                None => visit(XmlFound::Element(at)),
                Some(name) => at
                    .attributes()
                    .filter(|one| one.name() == &**name)
                    .for_each(|one| visit(XmlFound::Attribute(one.value()))),
            }
            return Ok(());
        };
        let fits = |node: &Node<'_, '_>| node.is_element() && step.name.as_deref().is_none_or(|name| node.tag_name().name() == name);
        let (mut skip, take) = step.index.map_or((0, usize::MAX), |index| (index, 1));
        let mut left = take;
        let mut next = |node: Node<'d, 'd>| -> Result<bool, Doubt> {
            visits.add(1)?;
            if !fits(&node) {
                return Ok(true);
            }
            if skip > 0 {
                skip -= 1;
                return Ok(true);
            }
            self.walk(rest, node, visits, visit)?;
            left -= 1;
            Ok(left > 0)
        };
        if step.deep {
            for node in at.descendants().skip(1) {
                if !next(node)? {
                    break;
                }
            }
        } else {
            for node in at.children() {
                if !next(node)? {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn step(part: &str, deep: bool) -> Option<Step> {
    let (name, index) = match part.strip_suffix(']') {
        Some(part) => {
            let (name, index) = part.split_once('[')?;
            (name, Some(index.parse().ok()?))
        }
        None => (part, None),
    };
    if name == "*" {
        return Some(Step { name: None, deep, index });
    }
    is_name(name).then(|| Step {
        name: Some(name.into()),
        deep,
        index,
    })
}

/// A local name; prefixes are not part of a path.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

impl<'d> From<XmlFound<'d>> for Found<'d> {
    fn from(found: XmlFound<'d>) -> Self {
        let (text, structured) = match found {
            XmlFound::Attribute(value) => (Cow::Borrowed(value.trim()), false),
            XmlFound::Element(node) => (text_of(node), node.children().any(|child| child.is_element())),
        };
        match (text.is_empty(), structured) {
            (false, _) => Self::Text(text),
            (true, true) => Self::Structure,
            (true, false) => Self::Nothing,
        }
    }
}

/// The element's own text, trimmed. It may lie in several pieces around comments.
fn text_of<'d>(node: Node<'d, 'd>) -> Cow<'d, str> {
    let mut pieces = node.children().filter_map(|child| child.is_text().then(|| child.text()).flatten());
    let first = pieces.next().unwrap_or_default();
    match pieces.next() {
        None => Cow::Borrowed(first.trim()),
        Some(second) => {
            let all = pieces.fold(format!("{first}{second}"), |all, piece| all + piece);
            Cow::Owned(all.trim().to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_they_say() {
        let text = r#"<r xmlns="urn:x" xmlns:n="urn:y"><n:status> ok </n:status><bids><bid id="1"><p>2.50</p></bid><bid id="2"><p><![CDATA[3]]></p></bid></bids><e/></r>"#;
        let document = roxmltree::Document::parse(text).unwrap();
        let find = |path: &str| {
            let mut found = Vec::new();
            let path = XmlPath::parse(path).unwrap();
            let mut push = |one| {
                found.push(match Found::from(one) {
                    Found::Text(text) => text.into_owned(),
                    other => format!("{other:?}"),
                });
            };
            path.find(document.root(), &Visits::default(), &mut push).unwrap();
            found.join("|")
        };
        let table = [
            ("r/status", "ok"),
            ("/r/status", "ok"),
            ("//p", "2.50|3"),
            ("r/bids/bid/@id", "1|2"),
            ("r/bids/bid[1]/p", "3"),
            ("*/status", "ok"),
            ("r//p", "2.50|3"),
            ("r/bids", "Structure"),
            ("r/e", "Nothing"),
            ("r/none", ""),
        ];
        for (path, expected) in table {
            assert_eq!(find(path), expected, "{path}");
        }
        for path in ["", "/", "a/", "a//", "n:status", "@a/b", "a b", "a[x]"] {
            assert!(XmlPath::parse(path).is_none(), "{path}");
        }
    }
}
