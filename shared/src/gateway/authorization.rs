//! The `Authorization` header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::account::UserId;
use crate::domain::identity::Credential;
use crate::domain::secret::Secret;

/// Reads Basic authentication; `None` when nobody can log in with it.
pub(super) fn credential(header: &str) -> Option<Credential> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(Credential::new(UserId::parse(user)?, Secret::new(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_basic_and_names_a_possible_user() {
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let parsed = credential(&header("alice:pass:word"));
        assert!(
            parsed.is_some_and(|it| it.user().as_str() == "alice" && it.password().expose() == "pass:word")
        );
        assert!(credential("basic YTpi").is_some());
        for wrong in ["", "Basic", "Basic ", "Basic !!", "Bearer YTpi", &header("alice"), &header("a/b:c")] {
            assert!(credential(wrong).is_none(), "{wrong}");
        }
    }
}
