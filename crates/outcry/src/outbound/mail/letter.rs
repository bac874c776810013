//! A mail as the bytes that travel, and its envelope.

use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use outcry_integration::Mail;

/// A letter and its envelope.
pub(super) struct Letter {
    /// The envelope's sender.
    pub(super) from: String,
    /// The envelope's recipients.
    pub(super) to: Vec<String>,
    /// Headers and body as SMTP carries them, the closing dot included.
    pub(super) data: Vec<u8>,
}

impl Letter {
    /// The domain it comes from, by which we greet the server.
    pub(super) fn sender_host(&self) -> &str {
        self.from.rsplit_once('@').map_or("localhost", |(_, host)| host)
    }
}

/// Writes the letter: encoded words in headers, quoted-printable or base64 in bodies, both of them with HTML.
///
/// # Errors
/// A mailbox that is none: which one, in words.
pub(super) fn write(mail: &Mail) -> Result<Letter, String> {
    let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|_| format!("{text} is not a mail address"));
    let from = mailbox(&mail.from)?;
    let host = from.email.domain().to_owned();
    let mut builder = Message::builder()
        .from(from)
        .subject(mail.subject.as_str())
        .message_id(Some(format!("<{}@{host}>", mail.reference)));
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    // The person may have written anything there; the mail goes out all the same.
    if let Some(reply_to) = mail.reply_to.as_deref().and_then(|text| mailbox(text).ok()) {
        builder = builder.reply_to(reply_to);
    }
    let message = match (&mail.text, &mail.html) {
        (text, Some(html)) => builder.multipart(MultiPart::alternative_plain_html(text.clone().unwrap_or_default(), html.clone())),
        (text, None) => builder.singlepart(SinglePart::plain(text.clone().unwrap_or_default())),
    };
    let message = message.map_err(|fault| format!("the mail cannot be written: {fault}"))?;
    let envelope = message.envelope();
    Ok(Letter {
        from: envelope.from().map(ToString::to_string).unwrap_or_default(),
        to: envelope.to().iter().map(ToString::to_string).collect(),
        data: stuffed(&message.formatted()),
    })
}

/// The bytes as they travel after DATA: every line ended with CR LF and with nothing else, a dot at the start of a line
/// doubled, and a dot alone at the end (RFC 5321, section 4.5.2). A bare CR or LF is taken for the end of a line by some
/// servers and not by others, which lets one letter hide another; so there are none.
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 32 + 8);
    let mut rest = message;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
        rest = match after {
            [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
            [] => &[],
        };
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(text: Option<&str>, html: Option<&str>) -> Mail {
        Mail {
            server: "smtps://mail.example.com".into(),
            login: None,
            from: "Leads <leads@outcry.example>".into(),
            to: vec!["sales@buyer.example".into(), "boss@buyer.example".into()],
            reply_to: Some("ada@example.com".to_owned()),
            subject: "Zoë wants a quote".to_owned(),
            text: text.map(str::to_owned),
            html: html.map(str::to_owned),
            reference: "attempt_22".to_owned(),
            secrets: outcry_integration::Mask::default(),
        }
    }

    fn written(mail: &Mail) -> String {
        String::from_utf8(write(mail).unwrap().data).unwrap()
    }

    #[test]
    fn envelope_and_headers_say_who_and_what() {
        let letter = write(&mail(Some("Hello\n"), None)).unwrap();
        assert_eq!(
            (letter.from.as_str(), letter.sender_host()),
            ("leads@outcry.example", "outcry.example")
        );
        assert_eq!(letter.to, ["sales@buyer.example", "boss@buyer.example"]);
        let text = String::from_utf8(letter.data).unwrap();
        for part in [
            "From: Leads <leads@outcry.example>\r\n",
            "To: sales@buyer.example, boss@buyer.example\r\n",
            "Reply-To: ada@example.com\r\n",
            "Message-ID: <attempt_22@outcry.example>\r\n",
            "Subject: =?utf-8?",
            "\r\nDate: ",
            "\r\n\r\nHello\r\n",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }

    #[test]
    fn html_comes_beside_its_plain_text() {
        let text = written(&mail(Some("plain"), Some("<b>rich</b>")));
        assert!(text.contains("multipart/alternative"), "{text}");
        assert!(text.find("plain") < text.find("<b>rich</b>"), "{text}");
    }

    #[test]
    fn no_line_of_a_letter_ends_it() {
        for (message, expected) in [
            ("a\r\nb", "a\r\nb\r\n.\r\n"),
            (".\r\n..\r\n.x\r\n", "..\r\n...\r\n..x\r\n.\r\n"),
            ("a\n.\nb\r.\rc", "a\r\n..\r\nb\r\n..\r\nc\r\n.\r\n"),
            ("", ".\r\n"),
        ] {
            assert_eq!(String::from_utf8(stuffed(message.as_bytes())).unwrap(), expected, "{message:?}");
        }
    }

    #[test]
    fn a_mailbox_that_is_none_stops_the_letter_but_not_one_to_reply_to() {
        let wrong = Mail {
            to: vec!["nobody".into()],
            ..mail(Some("x"), None)
        };
        assert_eq!(write(&wrong).err().as_deref(), Some("nobody is not a mail address"));
        let odd = Mail {
            reply_to: Some("me at home".to_owned()),
            ..mail(Some("x"), None)
        };
        assert!(!written(&odd).contains("Reply-To"));
    }
}
