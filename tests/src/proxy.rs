//! The network on a bad day: what stands between a function and a service that it calls over HTTP, and loses, holds
//! up and spoils what goes through it, by a seed.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::Dice;

/// How long things take on a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As long as on AWS.
    Real,
    /// A tenth of that, and so does the patience of those who ask.
    Tenth,
}

impl Pace {
    pub(crate) fn of(self, duration: Duration) -> Duration {
        match self {
            Self::Real => duration,
            Self::Tenth => duration / 10,
        }
    }
}

/// The longest delay.
const LONGEST_DELAY: Duration = Duration::from_secs(3);
/// The longest headers that are read, in bytes.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    /// It arrives late, perhaps when nobody waits any more.
    LateRequest,
    /// The answer arrives late.
    LateAnswer,
    /// The connection breaks before the request arrives.
    ResetBefore,
    /// The connection breaks when the request has been handled.
    ResetAfter,
    /// It is one too many at the moment.
    Throttled,
    /// The service fails, and does nothing.
    FailureBefore,
    /// The service fails, and has done what it was asked for.
    FailureAfter,
    /// Half of the answer arrives.
    HalfAnAnswer,
    /// Nothing ever comes back.
    Silence,
}

const MISHAPS: [Mishap; 9] = [
    Mishap::LateRequest,
    Mishap::LateAnswer,
    Mishap::ResetBefore,
    Mishap::ResetAfter,
    Mishap::Throttled,
    Mishap::FailureBefore,
    Mishap::FailureAfter,
    Mishap::HalfAnAnswer,
    Mishap::Silence,
];

/// What the service behind it answers with when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    DynamoDb,
    /// `@connections`, by which functions write to sockets, or an external signaling server.
    Other,
}

impl Service {
    fn failure(self, is_throttled: bool) -> (u16, String) {
        let name = match (self, is_throttled) {
            (Self::DynamoDb, true) => {
                "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
            }
            (Self::DynamoDb, false) => "com.amazonaws.dynamodb.v20120810#InternalServerError",
            (Self::Other, true) => "LimitExceededException",
            (Self::Other, false) => "InternalServerError",
        };
        let status = match (self, is_throttled) {
            (Self::DynamoDb, true) => 400,
            (Self::Other, true) => 429,
            (_, false) => 500,
        };
        (status, json!({"__type": name, "message": "a bad day"}).to_string())
    }
}

struct Shared {
    upstream: SocketAddr,
    service: Service,
    pace: Pace,
    /// How many of a thousand requests meet with a mishap.
    per_mille: AtomicU64,
    dice: Mutex<Dice>,
    mishaps: AtomicUsize,
    requests: AtomicUsize,
    /// How many requests are on their way and may still be handled.
    under_way: AtomicUsize,
    arrived: Notify,
}

/// A network, which ends with this value.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Proxy {
    /// A network in front of a service, on a good day.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn before(upstream: SocketAddr, service: Service, pace: Pace) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap_or_else(|cause| panic!("{cause}"));
        let address = listener.local_addr().unwrap_or_else(|cause| panic!("{cause}"));
        let shared = Arc::new(Shared {
            upstream,
            service,
            pace,
            per_mille: AtomicU64::new(0),
            dice: Mutex::new(Dice::new(0)),
            mishaps: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            arrived: Notify::new(),
        });
        let network = Arc::clone(&shared);
        let server = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let network = Arc::clone(&network);
                tokio::spawn(async move {
                    // The end of a connection is what this is all about.
                    let _ = network.carry(client).await;
                });
            }
        });
        Self { address, shared, server }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How long things take on it.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.shared.pace
    }

    /// From now on so many of a thousand requests meet with a mishap, those that `seed` says.
    pub fn spoil(&self, per_mille: u64, seed: u64) {
        *self.shared.dice.lock().unwrap_or_else(PoisonError::into_inner) = Dice::new(seed);
        self.shared.per_mille.store(per_mille, Ordering::SeqCst);
    }

    /// How many requests met with a mishap.
    #[must_use]
    pub fn mishaps(&self) -> usize {
        self.shared.mishaps.load(Ordering::SeqCst)
    }

    /// How many requests came.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Waits until nothing that was sent can still be handled.
    pub async fn settled(&self) {
        loop {
            let arrived = self.shared.arrived.notified();
            if self.shared.under_way.load(Ordering::SeqCst) == 0 {
                return;
            }
            arrived.await;
        }
    }
}

/// A request that can still be handled, as long as this value lives.
struct UnderWay<'a>(&'a Shared);

impl<'a> UnderWay<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.under_way.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
        self.0.arrived.notify_waiters();
    }
}

impl Shared {
    /// What happens to the next request, and for how long it is held up if it is.
    fn draw(&self) -> (Option<Mishap>, Duration) {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        self.requests.fetch_add(1, Ordering::SeqCst);
        let is_spoiled = dice.below(1000) < self.per_mille.load(Ordering::SeqCst);
        let mishap = MISHAPS.get(dice.place(MISHAPS.len())).copied().filter(|_| is_spoiled);
        let longest = u64::try_from(self.pace.of(LONGEST_DELAY).as_millis()).unwrap_or(1);
        let delay = Duration::from_millis(dice.below(longest));
        self.mishaps.fetch_add(usize::from(mishap.is_some()), Ordering::SeqCst);
        (mishap, delay)
    }

    /// Carries what comes over one connection.
    async fn carry(&self, mut client: TcpStream) -> io::Result<()> {
        let mut service = None;
        let mut unread = Vec::new();
        while let Some(request) = read_message(&mut client, &mut unread).await? {
            let under_way = UnderWay::begin(self);
            let (mishap, delay) = self.draw();
            if mishap == Some(Mishap::LateRequest) {
                tokio::time::sleep(delay).await;
            }
            let refusal = match mishap {
                Some(Mishap::ResetBefore) => return client.set_zero_linger(),
                Some(Mishap::Silence) => {
                    drop(under_way);
                    // Until the client loses patience.
                    let _ = client.read(&mut [0; 1]).await?;
                    return Ok(());
                }
                Some(Mishap::Throttled) => Some(self.service.failure(true)),
                Some(Mishap::FailureBefore) => Some(self.service.failure(false)),
                _ => None,
            };
            if let Some((status, body)) = refusal {
                client.write_all(&failure(status, &body)).await?;
                continue;
            }
            let answer = self.handle(&mut service, &request).await?;
            drop(under_way);
            match mishap {
                Some(Mishap::LateAnswer) => tokio::time::sleep(delay).await,
                Some(Mishap::ResetAfter) => return client.set_zero_linger(),
                Some(Mishap::FailureAfter) => {
                    let (status, body) = self.service.failure(false);
                    client.write_all(&failure(status, &body)).await?;
                    continue;
                }
                Some(Mishap::HalfAnAnswer) => {
                    let half = answer.get(..answer.len().div_ceil(2)).unwrap_or_default();
                    return client.write_all(half).await;
                }
                _ => {}
            }
            client.write_all(&answer).await?;
        }
        Ok(())
    }

    /// Has a request handled, over the one connection to the service that belongs to the client's.
    async fn handle(&self, service: &mut Option<TcpStream>, request: &[u8]) -> io::Result<Vec<u8>> {
        let connection = match service {
            Some(connection) => connection,
            None => service.insert(TcpStream::connect(self.upstream).await?),
        };
        connection.write_all(request).await?;
        let answer = read_message(connection, &mut Vec::new()).await?;
        answer.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

fn failure(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Bad Day\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n"
    );
    format!("{head}{body}").into_bytes()
}

/// Reads a request or an answer with its body, whose length it has to say; `None` at the end of the connection.
async fn read_message(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut buffer = [0; 16 * 1024];
    loop {
        let head = unread.windows(END.len()).position(|window| window == END).map(|place| place + END.len());
        let whole = head.map(|head| head + body_length(unread.get(..head).unwrap_or_default()));
        if let Some(whole) = whole.filter(|&whole| whole <= unread.len()) {
            let rest = unread.split_off(whole);
            return Ok(Some(std::mem::replace(unread, rest)));
        }
        if head.is_none() && unread.len() > MAX_HEAD_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(None);
        }
        unread.extend_from_slice(buffer.get(..count).unwrap_or_default());
    }
}

fn body_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    length.unwrap_or(0)
}
