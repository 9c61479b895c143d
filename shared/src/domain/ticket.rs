//! What a client shows to the signaling server, and that to us (`docs/api.md#settings`).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::account::UserId;
use super::secret::Secret;
use super::time::Timestamp;

/// How long a ticket is good, in seconds. The server asks for it once, when a client says hello.
const GOOD_SECONDS: i64 = 24 * 60 * 60;

/// A proof of who somebody is, for a day: `random:time:user:mac`. Guests have no user.
pub struct Ticket {
    signed: String,
    issued: Timestamp,
    user: Option<UserId>,
    mac: Vec<u8>,
}

impl Ticket {
    /// Makes a ticket; the text is for its owner alone.
    #[must_use]
    pub fn issue(user: Option<&UserId>, random: &str, now: Timestamp, secret: &Secret) -> Secret {
        let signed = format!("{random}:{}:{}", now.0, user.map_or("", UserId::as_str));
        let mac = mac(secret, &signed).map(|mac| hex::encode(mac.finalize().into_bytes()));
        Secret::new(format!("{signed}:{}", mac.unwrap_or_default()))
    }

    /// Reads a ticket; `None` when it does not look like one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (signed, mac) = text.rsplit_once(':')?;
        let mac = hex::decode(mac).ok().filter(|mac| !mac.is_empty())?;
        let mut parts = signed.splitn(3, ':').skip(1);
        let issued = Timestamp(parts.next()?.parse().ok()?);
        let user = match parts.next()? {
            "" => None,
            id => Some(UserId::parse(id)?),
        };
        Some(Self { signed: signed.to_owned(), issued, user, mac })
    }

    /// The user that the ticket claims; `None` for a guest.
    #[must_use]
    pub const fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    /// Whether it was made with `secret`, which is compared in constant time, and is good at this moment.
    #[must_use]
    pub fn is_genuine(&self, secret: &Secret, now: Timestamp) -> bool {
        let is_good = now < self.issued.plus(GOOD_SECONDS);
        is_good && mac(secret, &self.signed).is_some_and(|mac| mac.verify_slice(&self.mac).is_ok())
    }
}

fn mac(secret: &Secret, text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_genuine_as_it_was_issued_and_not_otherwise() {
        let (secret, other) = (Secret::new("one"), Secret::new("two"));
        let anna = UserId::parse("anna");
        let text = Ticket::issue(anna.as_ref(), "0123456789abcdef", Timestamp(7), &secret);
        let Some(ticket) = Ticket::parse(text.expose()) else { unreachable!() };
        assert_eq!(ticket.user(), anna.as_ref());
        let (now, later) = (Timestamp(7), Timestamp(7 + 86_400));
        assert!(ticket.is_genuine(&secret, now) && !ticket.is_genuine(&other, now));
        assert!(ticket.is_genuine(&secret, later.minus(1)) && !ticket.is_genuine(&secret, later));
        let forged = text.expose().replace("anna", "ben");
        assert!(Ticket::parse(&forged).is_some_and(|ticket| !ticket.is_genuine(&secret, now)));
        let guest = Ticket::issue(None, "0123456789abcdef", Timestamp(7), &secret);
        assert!(Ticket::parse(guest.expose()).is_some_and(|ticket| ticket.user().is_none()));
        for wrong in ["", ":", "a:1:c", "a:1:c:", "a:1:c:zz", "a:1:c/d:00", "a:b:c:00", "a:00"] {
            assert!(Ticket::parse(wrong).is_none(), "{wrong}");
        }
    }
}
