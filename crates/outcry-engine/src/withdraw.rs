//! Withdrawals: a person takes a consent back, by whoever hears of it.
//!
//! What is kept is a keyed digest of the number or address in its normal form, so the database alone is no list of people.

use crate::engine::Engine;
use crate::people::PeopleKey;
use crate::ports::store::{PersonKey, StoreFault, Withdrawal, scope};
use outcry_core::consent::Channel;
use outcry_core::digest::{self, PhoneForm};
use outcry_core::id::BuyerName;
use outcry_core::pii::Pii;
use std::sync::Arc;

/// A number or an address of a person, in its normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// E.164.
    Phone(Pii<String>),
    /// Trimmed and in lower case.
    Email(Pii<String>),
}

impl Contact {
    /// A phone number, however it is written; `None` if it is none.
    pub fn phone(text: &str) -> Option<Self> {
        PhoneForm::E164.of(text).map(Pii::new).map(Self::Phone)
    }

    /// An e-mail address; `None` if it is none.
    pub fn email(text: &str) -> Option<Self> {
        digest::email(text).map(Pii::new).map(Self::Email)
    }

    /// What the store knows it by.
    pub fn key(&self, people: &PeopleKey) -> PersonKey {
        match self {
            Self::Phone(phone) => people.of_value("phone", phone.reveal()),
            Self::Email(email) => people.of_value("email", email.reveal()),
        }
    }

    /// Either, told by the `@`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains('@') { Self::email(text) } else { Self::phone(text) }
    }
}

/// What is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// One way to be reached.
    Channel(Channel),
    /// One buyer.
    Buyer(BuyerName),
}

impl Scope {
    /// The word in the store and in reasons.
    pub fn word(&self) -> Arc<str> {
        match self {
            Self::All => scope::ALL.into(),
            Self::Channel(channel) => scope::channel(*channel),
            Self::Buyer(buyer) => scope::buyer(buyer),
        }
    }
}

impl Engine {
    /// Takes consents back. In force for every post whose transaction comes after the answer to this.
    ///
    /// # Errors
    /// The store's fault; then nothing of it is in force.
    pub async fn withdraw(&self, contacts: &[Contact], scope: &Scope, from: Arc<str>) -> Result<(), StoreFault> {
        let withdrawal = Withdrawal {
            people: contacts.iter().map(|contact| contact.key(&self.keys.people)).collect(),
            scope: scope.word(),
            at: self.now(),
            from,
        };
        self.store.withdraw(withdrawal).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_an_address_are_told_apart_and_brought_into_their_normal_form() {
        let same = |one: &str, other: &str| assert_eq!(Contact::parse(one), Contact::parse(other), "{one} and {other}");
        same("(202) 555-0143", "+12025550143");
        same(" Avery@Example.com ", "avery@example.com");
        assert_ne!(Contact::parse("+12025550143"), Contact::parse("+12025550144"));
        for wrong in ["", "phone", "555", "@", "avery@"] {
            assert_eq!(Contact::parse(wrong), None, "{wrong}");
        }
    }
}
