//! The page for people: what a browser asks for, and what it is told.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use tests::Event;
use web::Web;

/// The most bytes of a first visit, compressed.
const MAX_FIRST_LOAD: usize = 60 * 1024;

fn page() -> Web {
    Web::new(Some("https://sockets.example")).unwrap()
}

fn get(path: &str) -> Event {
    Event::new("GET", path).header("accept-encoding", "gzip, br")
}

fn header<'a>(response: &'a ApiGatewayV2httpResponse, name: &str) -> &'a str {
    response.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn bytes(response: &ApiGatewayV2httpResponse) -> Vec<u8> {
    use base64::Engine as _;
    let Some(Body::Text(text)) = &response.body else { return Vec::new() };
    if !response.is_base64_encoded {
        return text.clone().into_bytes();
    }
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// What the first page names: scripts, styles, the icon.
fn named(html: &str) -> Vec<String> {
    let places = ["src=\"/", "href=\"/"].map(|start| html.split(start).skip(1));
    let paths = places.into_iter().flatten().map(|rest| format!("/{}", rest.split('"').next().unwrap()));
    paths.collect()
}

#[test]
fn somebody_opens_a_link_and_has_the_page_with_all_that_it_needs() {
    let web = page();
    let index = web.answer(&Event::new("GET", "/call/abcdefgh").json());
    assert_eq!((index.status_code, header(&index, "content-type")), (200, "text/html; charset=utf-8"));
    let html = String::from_utf8(bytes(&index)).unwrap();
    let mut first_load = bytes(&web.answer(&get("/").json())).len();
    let paths = named(&html);
    assert!(paths.len() >= 3, "{paths:?}");
    for path in paths {
        let part = web.answer(&get(&path).json());
        assert_eq!((part.status_code, header(&part, "content-encoding")), (200, "br"), "{path}");
        let caching = header(&part, "cache-control").to_owned();
        assert_eq!(caching.contains("immutable"), path.starts_with("/assets/"), "{path}: {caching}");
        first_load += bytes(&part).len();
    }
    assert!(first_load <= MAX_FIRST_LOAD, "a first visit loads {first_load} bytes");
}

#[test]
fn a_browser_that_knows_the_page_is_told_so() {
    let web = page();
    let first = web.answer(&get("/").json());
    assert_eq!(header(&first, "cache-control"), "no-cache");
    let tag = header(&first, "etag").to_owned();
    let again = web.answer(&get("/").header("if-none-match", &tag).json());
    assert_eq!((again.status_code, again.body.is_none()), (304, true));
    // The same content in another form has another tag.
    let plain = web.answer(&Event::new("GET", "/").header("if-none-match", &tag).json());
    assert_eq!((plain.status_code, header(&plain, "vary")), (200, "Accept-Encoding"));
}

#[test]
fn every_answer_says_what_the_page_may_do() {
    let web = page();
    for path in ["/", "/call/abcdefgh", "/assets/nothing.js", "/robots.txt", "/icon.svg"] {
        let answer = web.answer(&get(path).header("host", "talk.example").json());
        let policy = header(&answer, "content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{path}: {policy}");
        assert!(policy.contains("connect-src 'self' wss://sockets.example;") && !policy.contains("unsafe"));
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        assert!(header(&answer, "permissions-policy").contains("camera=(self)"));
        assert_eq!(header(&answer, "strict-transport-security"), "max-age=31536000");
        // The link is all that one needs to come in, so search engines keep none.
        assert_eq!(header(&answer, "x-robots-tag") == "noindex", path.starts_with("/call/"), "{path}");
    }
}

#[test]
fn what_is_not_there_and_what_is_not_done_is_said_in_a_sentence() {
    let web = page();
    for (method, path, status) in [
        ("GET", "/assets/index-00000000.js", 404),
        ("GET", "/assets/../index.html", 404),
        ("GET", "/assets/%2e%2e%2findex.html", 404),
        ("GET", "/call/abcdefgh/more", 404),
        ("POST", "/", 405),
        ("DELETE", "/call/abcdefgh", 405),
        ("HEAD", "/", 200),
    ] {
        let answer = web.answer(&Event::new(method, path).json());
        assert_eq!(answer.status_code, status, "{method} {path}");
        assert_eq!(answer.body.is_none(), method == "HEAD", "{method} {path}");
        assert_eq!(header(&answer, "allow"), if status == 405 { "GET, HEAD" } else { "" });
    }
    assert!(Web::new(Some("sockets.example")).is_err());
}
