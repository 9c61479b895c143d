//! What the page may load and to whom it may talk, as browsers enforce it.

/// The policy of a page whose clients open sockets to `socket_address`, where there is one: its own origin, and that
/// address.
///
/// # Errors
/// A sentence when that is no address of a server.
pub(crate) fn content_security_policy(socket_address: Option<&str>) -> Result<String, String> {
    let socket = socket_address.map(origin_of_socket).transpose()?;
    let socket = socket.map(|origin| format!(" {origin}")).unwrap_or_default();
    Ok(format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; \
         connect-src 'self'{socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'"
    ))
}

/// Scheme, host and port by which a browser opens a socket to a server.
fn origin_of_socket(address: &str) -> Result<String, String> {
    let wrong =
        || format!("The address of the sockets must be like https://signaling.example, not {address:?}.");
    let (scheme, rest) = address.split_once("://").ok_or_else(wrong)?;
    let scheme = match scheme {
        "https" | "wss" => "wss",
        "http" | "ws" => "ws",
        _ => return Err(wrong()),
    };
    let host = rest.split('/').next().unwrap_or_default();
    let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c));
    if is_host { Ok(format!("{scheme}://{host}")) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_talks_to_its_origin_and_to_the_server_of_its_sockets() {
        for (address, connects) in [
            (None, "connect-src 'self';"),
            (Some("https://abc.example"), "connect-src 'self' wss://abc.example;"),
            (Some("wss://abc.example:8443/standalone"), "connect-src 'self' wss://abc.example:8443;"),
            (Some("http://127.0.0.1:9000"), "connect-src 'self' ws://127.0.0.1:9000;"),
        ] {
            let policy = content_security_policy(address).unwrap_or_default();
            assert!(policy.contains(connects), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
        }
        for address in ["abc.example", "ftp://abc.example", "https://", "https://a;script-src *"] {
            assert!(content_security_policy(Some(address)).is_err(), "{address}");
        }
    }
}
