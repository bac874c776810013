//! Text → [`Expr`]. Knows the grammar and nothing of lead types.

use super::expr::{Count, Expr, Is, Literal, Node, Op, Reading, Subject};
use super::known::Length;
use super::token::{RESERVED, Token, read};
use std::fmt;
use std::sync::Arc;

/// How deep conditions may nest. Deep enough for any contract, shallow enough for any stack.
const DEPTH_MAX: usize = 64;

/// Where a text stopped being a filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: expected {expected}, found {found}")]
pub struct SyntaxError {
    /// Bytes before the place.
    pub at: usize,
    /// The same for people.
    pub place: Place,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
}

/// A place in a text, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Place {
    /// The place `at` bytes into a text.
    pub fn of(text: &str, at: usize) -> Self {
        let before = &text.as_bytes()[..at.min(text.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        // Bytes that continue a character are not counted.
        let characters = before[line_start..].iter().filter(|byte| (**byte & 0xC0) != 0x80).count();
        Self {
            line: before.split(|byte| *byte == b'\n').count(),
            column: 1 + characters,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Reads a filter.
///
/// # Errors
/// The first place at which the text stops being one.
pub fn parse(text: &str) -> Result<Expr, SyntaxError> {
    let mut parser = Parser {
        text,
        token: Token::End,
        at: 0,
        next: 0,
        depth: 0,
        bare_until: None,
    };
    parser.advance()?;
    if parser.token == Token::End {
        return Err(parser.expected("a condition (leave the filter out to buy everything)"));
    }
    let expr = parser.either()?;
    match parser.token {
        Token::End => Ok(expr),
        _ => Err(parser.expected_after("`and`, `or` or the end of the filter")),
    }
}

/// What may stand before a parenthesis, besides what counts time and reads clocks.
const FUNCTIONS: [&str; 8] = ["any", "all", "count", "present", "absent", "age", "zip3", "county"];

struct Parser<'t> {
    text: &'t str,
    /// The token under the reader, where it begins, and where the rest of the text begins.
    token: Token<'t>,
    at: usize,
    next: usize,
    depth: usize,
    /// Where the last bare field was followed by something, to offer a comparison there.
    bare_until: Option<usize>,
}

/// Conditions.
impl Parser<'_> {
    fn either(&mut self) -> Result<Expr, SyntaxError> {
        let first = self.both()?;
        self.chain(first, "or", Node::Or, Self::both)
    }

    fn both(&mut self) -> Result<Expr, SyntaxError> {
        let first = self.single()?;
        self.chain(first, "and", Node::And, Self::single)
    }

    fn chain(
        &mut self,
        first: Expr,
        word: &str,
        join: fn(Vec<Expr>) -> Node,
        next: fn(&mut Self) -> Result<Expr, SyntaxError>,
    ) -> Result<Expr, SyntaxError> {
        let at = first.at;
        let mut parts = vec![first];
        while self.token == Token::Name(word) {
            self.advance()?;
            parts.push(next(self)?);
        }
        match parts.pop() {
            Some(only) if parts.is_empty() => Ok(only),
            last => Ok(Expr {
                node: join(parts.into_iter().chain(last).collect()),
                at,
            }),
        }
    }

    fn single(&mut self) -> Result<Expr, SyntaxError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.expected(&format!("at most {DEPTH_MAX} conditions inside one another")));
        }
        let at = self.at;
        let expr = match self.token {
            Token::Sign("(") => {
                self.advance()?;
                let inner = self.either()?;
                self.sign(")", "`and`, `or` or `)`")?;
                inner
            }
            Token::Name("not") => {
                self.advance()?;
                Expr {
                    node: Node::Not(Box::new(self.single()?)),
                    at,
                }
            }
            Token::Name(name) if !RESERVED.contains(&name) => {
                self.advance()?;
                let node = match self.token {
                    Token::Sign("(") => self.call(name, at)?,
                    _ => self.test(Subject::Field(name.into()))?,
                };
                Expr { node, at }
            }
            _ => return Err(self.expected("a condition: a field, `not`, `any`, `all`, `count`, `present`, `absent` or `(`")),
        };
        self.depth -= 1;
        Ok(expr)
    }

    /// What a name and an opening parenthesis begin; the reader stands on the parenthesis.
    fn call(&mut self, name: &str, at: usize) -> Result<Node, SyntaxError> {
        let count = Count::ALL.into_iter().find(|count| count.word() == name);
        let reading = Reading::ALL.into_iter().find(|reading| reading.word() == name);
        if !FUNCTIONS.contains(&name) && count.is_none() && reading.is_none() {
            let counts = Count::ALL.iter().map(|count| count.word());
            let words = FUNCTIONS
                .into_iter()
                .chain(counts)
                .chain(Reading::ALL.iter().map(|reading| reading.word()));
            let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
            return Err(self.error(at, format!("`{name}`"), format!("one of {} before `(`", words.join(", "))));
        }
        self.advance()?;
        if let Some(reading) = reading {
            let zone = self.text("a time zone in double quotes, such as \"America/New_York\"")?;
            self.sign(")", "`)`")?;
            return self.test(Subject::Clock(reading, zone));
        }
        let field = self.field()?;
        if name == "any" || name == "all" {
            self.sign(",", "`,` and a condition on each row")?;
            let each = Box::new(self.either()?);
            self.sign(")", "`and`, `or` or `)`")?;
            return Ok(if name == "any" {
                Node::AnyRow(field, each)
            } else {
                Node::AllRows(field, each)
            });
        }
        self.sign(")", "`)`")?;
        if let Some(count) = count {
            return self.test(Subject::Since(count, field));
        }
        match name {
            "county" => self.test(Subject::County(field)),
            "present" => Ok(Node::Test(Subject::Field(field), Is::Present)),
            "absent" => Ok(Node::Test(Subject::Field(field), Is::Absent)),
            "count" => self.test(Subject::Count(field)),
            "age" => self.test(Subject::Age(field)),
            _ => self.test(Subject::Zip3(field)),
        }
    }

    fn field(&mut self) -> Result<Arc<str>, SyntaxError> {
        match self.token {
            Token::Name(name) if !RESERVED.contains(&name) => {
                self.advance()?;
                Ok(name.into())
            }
            _ => Err(self.expected("the name of a field")),
        }
    }

    fn test(&mut self, subject: Subject) -> Result<Node, SyntaxError> {
        let op = match self.token {
            Token::Sign("=") => Op::Equal,
            Token::Sign("!=") => Op::Unequal,
            Token::Sign("<") => Op::Less,
            Token::Sign("<=") => Op::AtMost,
            Token::Sign(">") => Op::More,
            Token::Sign(">=") => Op::AtLeast,
            Token::Name(word) => return self.test_in_words(subject, word),
            _ => return self.bare(subject),
        };
        self.advance()?;
        Ok(Node::Test(subject, Is::Compared(op, self.literal()?)))
    }

    fn test_in_words(&mut self, subject: Subject, word: &str) -> Result<Node, SyntaxError> {
        let is = match word {
            "in" => {
                self.advance()?;
                Is::In(self.list()?)
            }
            "not" => {
                self.advance()?;
                if self.token != Token::Name("in") {
                    return Err(self.expected("`in` after `not`"));
                }
                self.advance()?;
                Is::NotIn(self.list()?)
            }
            "between" => {
                self.advance()?;
                let from = self.literal()?;
                if self.token != Token::Name("and") {
                    return Err(self.expected("`and` with the upper end of `between`"));
                }
                self.advance()?;
                Is::Between(from, self.literal()?)
            }
            "starts_with" => {
                self.advance()?;
                Is::StartsWith(self.text("a text in double quotes after `starts_with`")?)
            }
            "within" => {
                self.advance()?;
                self.radius()?
            }
            _ => return self.bare(subject),
        };
        Ok(Node::Test(subject, is))
    }

    /// `25 mi of "90210"`
    fn radius(&mut self) -> Result<Is, SyntaxError> {
        let Token::Number(number) = self.token else {
            return Err(self.expected("a distance after `within`, such as 25 mi or 40 km"));
        };
        self.advance()?;
        let length = match self.token {
            Token::Name("mi" | "miles") => Length::Miles,
            Token::Name("km") => Length::Kilometres,
            _ => return Err(self.expected("`mi` or `km`")),
        };
        self.advance()?;
        if self.token != Token::Name("of") {
            return Err(self.expected("`of` and the ZIP code in the middle"));
        }
        self.advance()?;
        Ok(Is::Within(number, length, self.text("a ZIP code in double quotes")?))
    }

    fn text(&mut self, expected: &str) -> Result<Arc<str>, SyntaxError> {
        let Token::Text(text) = self.token.clone() else {
            return Err(self.expected(expected));
        };
        self.advance()?;
        Ok(text)
    }

    fn bare(&mut self, subject: Subject) -> Result<Node, SyntaxError> {
        self.bare_until = Some(self.at);
        match subject {
            Subject::Field(_) => Ok(Node::Test(subject, Is::Yes)),
            _ => Err(self.expected(&format!("a comparison after `{subject}`"))),
        }
    }

    fn list(&mut self) -> Result<Vec<Literal>, SyntaxError> {
        self.sign("[", "`[` and a list of values")?;
        let mut list = Vec::new();
        while self.token != Token::Sign("]") {
            list.push(self.literal()?);
            match self.token {
                Token::Sign(",") => self.advance()?,
                Token::Sign("]") => {}
                _ => return Err(self.expected("`,` or `]`")),
            }
        }
        self.advance()?;
        Ok(list)
    }

    fn literal(&mut self) -> Result<Literal, SyntaxError> {
        let literal = match &self.token {
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Number(number) => Literal::Number(*number),
            Token::Name("true") => Literal::Bool(true),
            Token::Name("false") => Literal::Bool(false),
            Token::Name(name) => return Err(self.expected(&format!("a value; a text stands in double quotes: \"{name}\""))),
            Token::Sign(_) | Token::End => return Err(self.expected("a value: a text in double quotes, a number, `true` or `false`")),
        };
        self.advance()?;
        Ok(literal)
    }

    fn sign(&mut self, sign: &'static str, expected: &str) -> Result<(), SyntaxError> {
        if self.token == Token::Sign(sign) {
            self.advance()
        } else {
            Err(self.expected_after(expected))
        }
    }
}

/// Tokens.
impl Parser<'_> {
    /// Moves to the next token.
    fn advance(&mut self) -> Result<(), SyntaxError> {
        let rest = self.text[self.next..].trim_start();
        self.at = self.text.len() - rest.len();
        let (token, length) = read(rest).map_err(|mistake| self.error(self.at + mistake.at, mistake.found, mistake.expected))?;
        self.token = token;
        self.next = self.at + length;
        Ok(())
    }

    fn expected(&self, expected: &str) -> SyntaxError {
        self.error(self.at, self.token.to_string(), expected.to_owned())
    }

    /// As [`Parser::expected`], where a complete condition stands before: after a bare field a comparison would do too.
    fn expected_after(&self, expected: &str) -> SyntaxError {
        if self.bare_until == Some(self.at) {
            self.expected(&format!("a comparison (`=`, `<`, `in`, `between`, …), {expected}"))
        } else {
            self.expected(expected)
        }
    }

    fn error(&self, at: usize, found: String, expected: String) -> SyntaxError {
        SyntaxError {
            at,
            place: Place::of(self.text, at),
            found,
            expected,
        }
    }
}
