//! Tables of failure codes: what a vendor's code means, and what the engine does about it.

use std::time::Duration;

use crate::vendor::Reply;
use crate::verdict::{Class, Pause, Refusal, Remedy, Scope};

/// One failure that a vendor documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The vendor's code, as it stands in answers.
    pub code: &'static str,
    /// What it means, in our words.
    pub meaning: &'static str,
    /// What it means to the caller.
    pub class: Class,
    /// How far it reaches.
    pub scope: Scope,
    /// What the engine does about it.
    pub remedy: Remedy,
}

/// A failure with the usual scope and remedy of its class: what cannot change stands, what is
/// too fast pauses the lane, what is down goes again.
pub const fn code(code: &'static str, class: Class, meaning: &'static str) -> Code {
    let (scope, remedy) = match class {
        Class::RateLimited => (Scope::Lane, Remedy::Pause(Pause::For(Duration::from_secs(1)))),
        Class::QuotaExceeded => (Scope::Lane, Remedy::Stand),
        Class::Unavailable => (Scope::Lane, Remedy::Again),
        Class::Unauthenticated | Class::PermissionDenied => (Scope::Lane, Remedy::Stand),
        _ => (Scope::Target, Remedy::Stand),
    };
    Code { code, meaning, class, scope, remedy }
}

impl Code {
    /// Concerns only the target that is named.
    pub const fn target(mut self) -> Self {
        self.scope = Scope::Target;
        self
    }

    /// Concerns everything in the lane.
    pub const fn lane(mut self) -> Self {
        self.scope = Scope::Lane;
        self
    }

    /// With another remedy.
    pub const fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = remedy;
        self
    }

    /// Stands: the engine does not repeat it.
    pub const fn stands(self) -> Self {
        self.remedy(Remedy::Stand)
    }

    /// Goes again after a back-off.
    pub const fn again(self) -> Self {
        self.remedy(Remedy::Again)
    }

    /// Cured by a new access token.
    pub const fn new_token(self) -> Self {
        self.remedy(Remedy::NewToken)
    }

    /// One target of several is to blame, and the vendor does not say which: smaller sets go again.
    pub const fn split(self) -> Self {
        self.target().remedy(Remedy::Split)
    }

    /// Waits so many seconds, then goes again.
    pub const fn pause(self, seconds: u64) -> Self {
        self.remedy(Remedy::Pause(Pause::For(Duration::from_secs(seconds))))
    }

    /// Ends all sends of its quota until the next midnight, so many hours east of UTC.
    pub const fn until_midnight(self, utc_offset: i8) -> Self {
        self.remedy(Remedy::Pause(Pause::UntilMidnight { utc_offset }))
    }

    /// As a refusal, with the status and the wait of the reply, and the vendor's text.
    pub fn refusal(&self, reply: &Reply, text: &str) -> Refusal {
        Refusal {
            scope: self.scope,
            remedy: self.remedy,
            ..Refusal::new(self.class).status(reply.status).code(self.code).text(text).retry_after(reply.retry_after)
        }
    }
}

/// The refusal of a code by a table. A code that the table does not have keeps its words; its
/// class is Unknown after a success status, else what the status says.
pub fn refusal(table: &[Code], code: &str, reply: &Reply, text: &str) -> Refusal {
    match find(table, code) {
        Some(row) => row.refusal(reply, text),
        None if reply.is_success() => {
            Refusal::new(Class::Unknown).status(reply.status).code(code).text(text).retry_after(reply.retry_after)
        }
        None => Refusal::of_status(reply.status).code(code).text(text).retry_after(reply.retry_after),
    }
}

/// The row of a code.
pub fn find<'a>(table: &'a [Code], code: &str) -> Option<&'a Code> {
    table.iter().find(|row| row.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Code] = &[
        code("1", Class::InvalidToken, "gone"),
        code("2", Class::RateLimited, "slow down").target(),
        code("3", Class::QuotaExceeded, "no more today").until_midnight(8),
    ];

    #[test]
    fn known_codes_keep_their_row_and_unknown_ones_their_words() {
        let reply = Reply::new(200, "");
        let refusal_of = |c| refusal(TABLE, c, &reply, "text");
        assert_eq!(refusal_of("1").class, Class::InvalidToken);
        assert_eq!(refusal_of("2").scope, Scope::Target);
        assert_eq!(refusal_of("3").remedy, Remedy::Pause(Pause::UntilMidnight { utc_offset: 8 }));
        let odd = refusal_of("777");
        assert_eq!((odd.class, &*odd.code, &*odd.text), (Class::Unknown, "777", "text"));
        assert_eq!(refusal(TABLE, "777", &Reply::new(403, ""), "").class, Class::PermissionDenied);
    }
}
