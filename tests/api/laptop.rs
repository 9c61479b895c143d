//! What stands before the functions on a laptop: a gateway that answers everything, whatever comes.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use local::{Gateway, Launcher, PATIENCE, functions};
use serde_json::Value;
use shared::gateway::serve;
use tests::Tenant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Instances in this process, that speak Lambda's runtime API as the binaries do.
struct Here {
    tenant: Arc<Tenant>,
    /// What they do with an event: answer it, never, or end.
    manner: Manner,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Answers,
    Hangs,
    Ends,
}

impl Launcher for Here {
    fn launch(&self, function: &str, runtime_api: &str) -> BoxFuture<'static, String> {
        let found = functions().into_iter().find(|(name, _)| *name == function);
        let (tenant, manner, (name, endpoints)) = (Arc::clone(&self.tenant), self.manner, found.unwrap());
        let api = format!("{runtime_api}/2018-06-01/runtime/invocation");
        Box::pin(async move {
            let client = reqwest::Client::new();
            loop {
                let next = client.get(format!("{api}/next")).send().await.unwrap();
                let id = next.headers()["lambda-runtime-aws-request-id"].to_str().unwrap().to_owned();
                let event: Value = serde_json::from_slice(&next.bytes().await.unwrap()).unwrap();
                match manner {
                    Manner::Answers => {}
                    Manner::Hangs => std::future::pending().await,
                    Manner::Ends => return "ended".to_owned(),
                }
                let (answer, _) = serve(name, tenant.service(), endpoints, event).await;
                let answer = serde_json::to_vec(&ApiGatewayV2httpResponse::from(answer)).unwrap();
                client.post(format!("{api}/{id}/response")).body(answer).send().await.unwrap();
            }
        })
    }
}

struct Laptop {
    gateway: Gateway,
    address: String,
}

impl Laptop {
    async fn new(tenant: &Arc<Tenant>, manner: Manner, patience: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let launcher = Here { tenant: Arc::clone(tenant), manner };
        Self { gateway: Gateway::start(listener, Box::new(launcher), patience).await.unwrap(), address }
    }

    /// Sends a request byte for byte and reads the answer.
    async fn send(&self, method: &str, path: &str, headers: &[(&str, &[u8])], body: &[u8]) -> (u16, String) {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.address).into_bytes();
        let length = body.len().to_string();
        let own: [(&str, &[u8]); 4] = [
            ("connection", b"close"),
            ("ocs-apirequest", b"true"),
            ("accept", b"application/json"),
            ("content-length", length.as_bytes()),
        ];
        for (name, value) in own.iter().chain(headers) {
            request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        request.extend([b"\r\n", body].concat());
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(&request).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        (answer[9..12].parse().unwrap(), answer)
    }
}

const API: &str = "/ocs/v2.php/apps/spreed/api/v1";

#[tokio::test]
async fn whatever_is_sent_is_answered_by_the_functions() {
    let tenant = Arc::new(Tenant::new().await);
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let laptop = Laptop::new(&tenant, Manner::Answers, PATIENCE).await;
    let login = ("authorization", anna.authorization().unwrap().as_bytes());
    let room = format!("{API}/room/{token}");
    let json = ("content-type", &b"application/json"[..]);
    for (what, method, headers, body, status) in [
        ("a look", "GET", vec![login], &b""[..], 200),
        ("a name", "PUT", vec![login, json], br#"{"roomName":"Tea"}"#, 200),
        ("no UTF-8", "PUT", vec![login, json], b"{\"roomName\":\"\xff\"}", 400),
        ("UTF-16", "PUT", vec![login, json], b"{\0\"\0", 400),
        ("gzip", "PUT", vec![login, json, ("content-encoding", b"gzip")], b"\x1f\x8b\x08\0\xab", 400),
        ("a header that is no UTF-8", "GET", vec![login, ("x-odd", b"\xff\xfe")], b"", 200),
        ("a cookie that is no UTF-8", "GET", vec![login, ("cookie", b"odd=\xff; a=b")], b"", 200),
        ("no login", "PUT", vec![json], b"{}", 401),
        ("an unknown method", "PATCH", vec![login], b"", 405),
        ("many headers", "GET", vec![login, ("x-long", &[b'x'; 11_000])], b"", 431),
        ("a body of 7 MB", "PUT", vec![login, json], &vec![b' '; 7 << 20], 413),
    ] {
        let (given, answer) = laptop.send(method, &room, &headers, body).await;
        assert_eq!(given, status, "{what}: {answer}");
    }
    let (status, head) = laptop.send("HEAD", &room, &[login], b"").await;
    assert!(status == 200 && head.ends_with("\r\n\r\n"), "{head}");
    let (status, answer) = laptop.send("GET", "/nowhere?format=json", &[], b"").await;
    assert!(status == 404 && answer.contains("998"), "{answer}");
}

#[tokio::test]
async fn a_guest_is_known_by_a_cookie_beside_odd_ones() {
    let tenant = Arc::new(Tenant::new().await);
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let laptop = Laptop::new(&tenant, Manner::Answers, PATIENCE).await;
    let call = format!("{API}/call/{token}");
    let (status, answer) = laptop.send("POST", &call, &[], b"").await;
    assert_eq!(status, 200, "{answer}");
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let own = cookie.split(';').next().unwrap().as_bytes();
    for list in [own.to_vec(), [b"a=b;", own].concat(), [b"odd=\xff;", own, b"; c=d"].concat()] {
        let (status, answer) = laptop.send("POST", &format!("{call}/ping"), &[("cookie", &list)], b"").await;
        assert_eq!(status, 200, "{answer}");
    }
}

#[tokio::test]
async fn as_many_instances_as_are_needed_and_no_more() {
    let tenant = Arc::new(Tenant::new().await);
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let laptop = Laptop::new(&tenant, Manner::Answers, PATIENCE).await;
    let instances = laptop.gateway.instances();
    instances.warm(&["rooms", "calls", "signaling"]).await.unwrap();
    let room = format!("{API}/room/{token}");
    for _ in 0..5 {
        assert_eq!(laptop.send("GET", &room, &[], b"").await.0, 200);
    }
    assert_eq!(instances.count("rooms"), 1, "one request after the other needs one");
    // Four people who wait at once.
    let mut cookies = Vec::new();
    for _ in 0..4 {
        let (_, answer) = laptop.send("POST", &format!("{API}/call/{token}"), &[], b"").await;
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        cookies.push(cookie.split(';').next().unwrap().to_owned());
    }
    let path = format!("{API}/signaling/{token}");
    let poll =
        async |cookie: &String| laptop.send("GET", &path, &[("cookie", cookie.as_bytes())], b"").await.0;
    join_all(cookies.iter().map(&poll)).await;
    tenant.stop_after(0);
    let others = async {
        tenant.sleeping(4).await;
        let count = instances.count("signaling");
        tenant.go_on();
        count
    };
    let (statuses, count) = tokio::join!(join_all(cookies.iter().map(&poll)), others);
    assert_eq!((statuses, count), (vec![200; 4], 4));
    assert_eq!((instances.count("calls"), instances.count("participants")), (1, 0));
}

#[tokio::test]
async fn a_request_always_ends() {
    let tenant = Arc::new(Tenant::new().await);
    let path = format!("{API}/room");
    let broken = Laptop::new(&tenant, Manner::Ends, PATIENCE).await;
    for _ in 0..3 {
        let (status, answer) = broken.send("GET", &path, &[], b"").await;
        assert!(status == 500 && answer.contains("Internal Server Error"), "{answer}");
    }
    let hanging = Laptop::new(&tenant, Manner::Hangs, Duration::from_millis(20)).await;
    for _ in 0..3 {
        let (status, answer) = hanging.send("GET", &path, &[], b"").await;
        assert!(status == 503 && answer.contains("Service Unavailable"), "{answer}");
    }
    // What hangs is ended, a moment after its own time. One that came too late for its event is at rest.
    while hanging.gateway.instances().at_work("rooms") > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Nobody's patience depends on a client that stays.
    let impatient = Laptop::new(&tenant, Manner::Hangs, Duration::from_millis(20)).await;
    let request = impatient.send("GET", &path, &[], b"");
    let left = async {
        while impatient.gateway.instances().count("rooms") == 0 {
            tokio::task::yield_now().await
        }
    };
    tokio::select! { _ = request => panic!("it hangs"), () = left => {} }
    while impatient.gateway.instances().at_work("rooms") > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
