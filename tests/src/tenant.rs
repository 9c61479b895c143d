//! A tenant: a table, the functions, a clock.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_sdk_dynamodb::config::StalledStreamProtectionConfig;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use local::{Database, Routes, functions};
use serde_json::Value;
use shared::aws::Journal;
use shared::domain::account::{GroupId, UserId};
use shared::domain::input::Input as _;
use shared::domain::name::{DisplayName, EmailAddress};
use shared::domain::password::PasswordPolicy;
use shared::domain::random::RandomSource;
use shared::domain::secret::{PasswordHash, Secret};
use shared::domain::time::Timestamp;
use shared::gateway::Service;
use shared::gateway::Signaling;
use shared::gateway::serve;
use shared::gateway::{Clock, SystemClock};
use shared::table::{NewAccount, Table};

use crate::clock::TestClock;
use crate::documented::demand_documented;
use crate::proxy::Proxy;
use crate::remote::Remote;
use crate::{Answer, Event, Fault, Pauses, Person, Slow, Stack};

/// When every test begins.
pub const START: i64 = 1_500_000_000;
const TABLE: &str = "tenant";
/// The password of everybody at a deployed stack, whose policy it satisfies.
const REMOTE_PASSWORD: &str = "words of the tests";

/// The password of everybody; hashing it once is enough.
static PASSWORD_HASH: LazyLock<PasswordHash> =
    LazyLock::new(|| match PasswordHash::of(&Secret::new("password")) {
        Ok(hash) => hash,
        Err(_) => panic!("argon2 does not work"),
    });

static STACK: LazyLock<Stack> = LazyLock::new(Stack::read);

/// A tenant of a test's own.
pub struct Tenant {
    database: Arc<Database>,
    service: Service,
    clock: Arc<TestClock>,
    routes: Routes,
    remote: Option<Remote>,
}

impl Tenant {
    /// An empty tenant.
    ///
    /// # Panics
    /// When the database does not start.
    pub async fn new() -> Self {
        let random = RandomSource::from_operating_system().unwrap_or_else(|cause| panic!("{cause}"));
        Self { remote: Remote::from_environment(), ..Self::with_random(random).await }
    }

    /// An empty tenant that draws what `random` draws.
    ///
    /// # Panics
    /// When the database does not start.
    pub async fn with_random(random: RandomSource) -> Self {
        let database = Database::start(None).await.unwrap_or_else(|cause| panic!("{cause}"));
        database.create_table_without_stream(TABLE).await.unwrap_or_else(|cause| panic!("{cause}"));
        Self::on(Arc::new(database), Arc::default(), random)
    }

    /// The same tenant through other warm functions, which remember nothing and draw what `random`
    /// draws.
    #[must_use]
    pub fn twin(&self, random: RandomSource) -> Self {
        Self::on(Arc::clone(&self.database), Arc::clone(&self.clock), random)
    }

    /// The same tenant through functions whose requests to DynamoDB meet with a fault.
    ///
    /// # Panics
    /// When the operating system has no entropy.
    #[must_use]
    pub fn faulty(&self, fault: Fault) -> Self {
        let config = self.database.client().config().to_builder();
        // Retried at once: no test waits.
        let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        self.through(config.interceptor(fault).retry_config(retries).build())
    }

    /// The same tenant through functions for which DynamoDB takes its time.
    ///
    /// # Panics
    /// When the operating system has no entropy.
    #[must_use]
    pub fn slow(&self, slow: &Slow) -> Self {
        let client = self.database.client();
        let inner = client.config().http_client().unwrap_or_else(|| panic!("a client has a client"));
        let config = client.config().to_builder().http_client(slow.clone().before(inner));
        self.through(config.build())
    }

    /// The same tenant through functions whose requests to DynamoDB meet with a fault and are tried again as
    /// on AWS, with pauses that are noted and not waited for.
    ///
    /// # Panics
    /// When the operating system has no entropy.
    #[must_use]
    pub fn pausing(&self, fault: Fault, pauses: &Pauses) -> Self {
        let config = self.database.client().config().to_builder();
        let config = config
            .interceptor(fault)
            // It sleeps, too, to see whether an answer stalls.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .sleep_impl(pauses.clone())
            .retry_config(shared::aws::retries());
        self.through(config.build())
    }

    /// The same tenant through functions that reach DynamoDB by a network of their own. The SDK's patience goes by its
    /// pace.
    ///
    /// # Panics
    /// When the operating system has no entropy.
    #[must_use]
    pub fn behind(&self, proxy: &Proxy) -> Self {
        let client = self.database.client();
        let retries = shared::aws::retries();
        let timeouts = shared::aws::timeouts();
        let pace = |duration: Option<Duration>| proxy.pace().of(duration.unwrap_or_default());
        let config = client
            .config()
            .to_builder()
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(format!("http://{}", proxy.address()))
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_timeout(pace(timeouts.operation_timeout()))
                    .operation_attempt_timeout(pace(timeouts.operation_attempt_timeout()))
                    .build(),
            )
            .retry_config(
                retries
                    .clone()
                    .with_initial_backoff(proxy.pace().of(retries.initial_backoff()))
                    .with_max_backoff(proxy.pace().of(retries.max_backoff())),
            );
        let mut tenant = self.through(config.build());
        tenant.service.most_guesses = usize::MAX;
        tenant
    }

    fn through(&self, config: aws_sdk_dynamodb::Config) -> Self {
        let random = RandomSource::from_operating_system().unwrap_or_else(|cause| panic!("{cause}"));
        let mut twin = self.twin(random);
        twin.service.table = Table::new(aws_sdk_dynamodb::Client::from_conf(config), TABLE);
        twin
    }

    fn on(database: Arc<Database>, clock: Arc<TestClock>, random: RandomSource) -> Self {
        let table = Table::new(database.client(), TABLE);
        let service = Service::new(table, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(random));
        Self {
            database,
            service,
            clock,
            routes: Routes::new().unwrap_or_else(|cause| panic!("{cause}")),
            remote: None,
        }
    }

    /// Lets time pass.
    pub fn wait(&self, seconds: i64) {
        self.clock.advance(seconds * 1000);
    }

    /// Lets a little time pass.
    pub fn pass_milliseconds(&self, milliseconds: i64) {
        self.clock.advance(milliseconds);
    }

    /// From now on the first `sleeps` of polls pass, and the next one lasts until [`Tenant::go_on`].
    ///
    /// # Panics
    /// For a deployed stack, whose clock nobody stops.
    pub fn stop_after(&self, sleeps: usize) {
        assert!(self.remote.is_none(), "a deployed stack goes by a clock of its own");
        self.clock.stop_after(sleeps);
    }

    /// From now on time passes only by [`Tenant::wait`], and those who sleep wake at once.
    pub fn stop_time(&self) {
        self.clock.stand_still();
    }

    /// Where the database listens.
    #[must_use]
    pub fn database_address(&self) -> SocketAddr {
        self.database.address()
    }

    /// Waits until polls have begun `sleeps` since then.
    pub async fn sleeping(&self, sleeps: usize) {
        self.clock.begun(sleeps).await;
    }

    /// Lets this number of sleeps end.
    pub fn pass(&self, sleeps: usize) {
        self.clock.pass(sleeps);
    }

    /// Lets all who sleep go on.
    pub fn go_on(&self) {
        self.clock.go_on();
    }

    /// The same tenant with another limit of guests in a room.
    #[must_use]
    pub fn with_guest_limit(mut self, guests: u64) -> Self {
        self.service.guest_limit = guests;
        self
    }

    /// The same tenant through functions that want passwords of so many characters.
    ///
    /// # Panics
    /// When no tenant may want that.
    #[must_use]
    pub fn twin_with_passwords_of(&self, shortest: usize) -> Self {
        let mut twin = self.twin(RandomSource::from_seed(1));
        twin.service.password_policy =
            PasswordPolicy::of(shortest).unwrap_or_else(|| panic!("{shortest} is no length"));
        twin
    }

    /// The same tenant where it is written who failed to log in.
    #[must_use]
    pub fn with_failed_logins(mut self, journal: Journal) -> Self {
        self.service.failed_logins = Some(journal);
        self
    }

    /// The same tenant that keeps messages for this many days.
    #[must_use]
    pub const fn keeping_messages_for(mut self, days: i64) -> Self {
        self.service.chat_days = Some(days);
        self
    }

    /// The same tenant with other settings of signaling.
    #[must_use]
    pub fn with_signaling(mut self, signaling: Signaling) -> Self {
        self.service.signaling = signaling;
        self
    }

    /// The present moment in seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.clock.now().0
    }

    /// The moment that an answer should give, here; a deployed stack goes by a clock of its own, so there
    /// it is the given one, if that is no older than the test.
    ///
    /// # Panics
    /// When the stack gives another moment than about now.
    #[must_use]
    pub fn moment(&self, expected: i64, given: &Value) -> Value {
        if self.remote.is_none() {
            return expected.into();
        }
        let age = given.as_i64().map(|given| SystemClock.now().0 - given);
        assert!(age.is_some_and(|age| (-5..120).contains(&age)), "{given} is not about now");
        given.clone()
    }

    pub(crate) fn embedded(&self) -> &Arc<Database> {
        &self.database
    }

    pub(crate) fn test_clock(&self) -> &Arc<TestClock> {
        &self.clock
    }

    /// What the functions keep while they are warm, for tests that call them otherwise.
    #[must_use]
    pub const fn service(&self) -> &Service {
        &self.service
    }

    /// The table, for tests that look behind the API.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.service.table
    }

    /// A client of the database, for tests that look behind the table.
    #[must_use]
    pub fn database(&self) -> (aws_sdk_dynamodb::Client, &'static str) {
        (self.database.client(), TABLE)
    }

    /// Sends a request through the gateway.
    ///
    /// # Panics
    /// When a function does what the stack would not let it do.
    pub async fn send(&self, event: &Event) -> Answer {
        if let Some(remote) = &self.remote {
            return remote.send(event).await;
        }
        let name = self.routes.function(event.path());
        let function = functions().into_iter().find(|(known, _)| *known == name);
        let (_, endpoints) = function.unwrap_or_else(|| panic!("no function is called {name}"));
        let (answer, usage) = serve(name, &self.service, endpoints, event.json()).await;
        // What a test makes a function do, the stack must allow.
        let allowed = STACK.actions(name);
        let surplus: Vec<_> = usage.actions.iter().filter(|action| !allowed.contains(**action)).collect();
        assert!(surplus.is_empty(), "template.yaml does not let {name} do {surplus:?}");
        let answer = Answer::new(ApiGatewayV2httpResponse::from(answer), usage);
        demand_documented(event, &answer);
        answer
    }

    /// Somebody with an account, who logs in with an app password so that tests need no argon2. The
    /// password of the account is `password`.
    ///
    /// # Panics
    /// When the id is taken.
    pub async fn user(&self, id: &str) -> Person<'_> {
        self.account(id, Vec::new()).await
    }

    /// Somebody with an account who may manage accounts.
    ///
    /// # Panics
    /// When the id is taken.
    pub async fn admin(&self) -> Person<'_> {
        if let Some(remote) = &self.remote {
            return self.remote_admin(remote);
        }
        let group = GroupId::admin();
        self.table().create_group(&group).await.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        self.account("admin", vec![group]).await
    }

    pub(crate) const fn remote(&self) -> Option<&Remote> {
        self.remote.as_ref()
    }

    /// The administrator of a deployed stack.
    fn remote_admin(&self, remote: &Remote) -> Person<'_> {
        Person::user(self, &remote.admin.0, &remote.admin.1)
    }

    async fn account(&self, id: &str, groups: Vec<GroupId>) -> Person<'_> {
        if let Some(remote) = &self.remote {
            let (marked, name) = (remote.mark(id), format!("{id}'s name"));
            let fields = [("userid", id), ("password", REMOTE_PASSWORD), ("displayName", name.as_str())];
            self.remote_admin(remote).post("/ocs/v2.php/cloud/users", &fields).await.expect(200);
            return Person::user(self, &marked, REMOTE_PASSWORD).called(id);
        }
        let user = UserId::parse(id).unwrap_or_else(|| panic!("{id} is no user id"));
        let account = NewAccount {
            id: user.clone(),
            display_name: DisplayName::parse(&format!("{id}'s name"))
                .unwrap_or_else(|| panic!("{id} is no part of a name")),
            email: EmailAddress::default(),
            password_hash: PASSWORD_HASH.clone(),
            groups,
        };
        self.table().create_account(&account).await.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let app_password = self.service.random.app_password(&user);
        let account = self.table().account(&user).await.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let account = account.unwrap_or_else(|| panic!("{id} has no account"));
        let digest = app_password.digest();
        let added = self.table().add_app_password(&account, &digest, "tests", Timestamp(START)).await;
        added.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        Person::user(self, id, app_password.expose())
    }

    /// Somebody without an account, with a browser that has no cookies yet.
    #[must_use]
    pub fn nobody(&self) -> Person<'_> {
        Person::nobody(self)
    }

    /// A person of another instance of this tenant, at this one.
    #[must_use]
    pub fn known<'a>(&'a self, person: &Person<'_>) -> Person<'a> {
        person.at(self)
    }

    /// Everything in the table, as text that can be compared; without the news of calls, which nobody reads
    /// after the call and which expire, without what was tried from an address, which expires, too, without what was said
    /// in rooms that are gone, which the stream removes, and without how many rooms a person made at most, which a room
    /// that was not finished leaves too high until they are counted.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn everything(&self) -> Vec<String> {
        let items = self.items().await;
        let text =
            |item: &HashMap<String, AttributeValue>| sorted(item.iter().filter(|(name, _)| *name != "rooms"));
        let key = |item: &HashMap<String, AttributeValue>| {
            item.get("pk").and_then(|key| key.as_s().ok()).cloned().unwrap_or_default()
        };
        let rooms: Vec<String> = items.iter().map(key).filter(|key| key.starts_with("ROOM#")).collect();
        let is_kept = |item: &&HashMap<String, AttributeValue>| match key(item).split_once('#') {
            Some(("CHAT", token)) => rooms.contains(&format!("ROOM#{token}")),
            Some(("SIGNALS", _)) => false,
            _ => key(item) != "GUESSES",
        };
        let mut items: Vec<String> = items.iter().filter(is_kept).map(text).collect();
        items.sort();
        items
    }

    /// Puts guests into a room who were last heard of some seconds ago, more than would join one by one.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn seat_guests(&self, token: &str, guests: usize, seconds_ago: i64) {
        let text = |text: String| AttributeValue::S(text);
        let number = |number: i64| AttributeValue::N(number.to_string());
        let item = |guest: usize| {
            HashMap::from([
                ("pk".to_owned(), text(format!("ROOM#{token}"))),
                ("sk".to_owned(), text(format!("PRESENCE#GUEST#{guest:064}"))),
                ("session_id".to_owned(), text(format!("{guest:0512}"))),
                ("cookie_digest".to_owned(), text("0".repeat(64))),
                ("last_ping".to_owned(), number(self.now() - seconds_ago)),
                ("expires_at".to_owned(), number(self.now() - seconds_ago + 100)),
            ])
        };
        self.put_all((0..guests).map(item).collect()).await;
    }

    /// All items of the table, as they are stored.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let scan = self.database.client().scan().table_name(TABLE).consistent_read(true);
        let items = scan.into_paginator().items().send().collect::<Result<_, _>>().await;
        items.unwrap_or_else(|cause| panic!("{cause}"))
    }

    /// Puts items into the table as they are.
    ///
    /// # Panics
    /// When the database does not answer.
    pub(crate) async fn put_all(&self, items: Vec<HashMap<String, AttributeValue>>) {
        let write = |item: &HashMap<String, AttributeValue>| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build();
            let put = put.unwrap_or_else(|cause| panic!("{cause}"));
            WriteRequest::builder().put_request(put).build()
        };
        for batch in items.chunks(25) {
            let writes: Vec<_> = batch.iter().map(write).collect();
            let written = self.database.client().batch_write_item().request_items(TABLE, writes).send().await;
            written.unwrap_or_else(|cause| panic!("{cause}"));
        }
    }

    /// How many items lie under a room's key or point to it.
    pub async fn items_of(&self, token: &str) -> usize {
        self.everything().await.iter().filter(|item| item.contains(&format!("\"ROOM#{token}\""))).count()
    }

    /// How many items lie under a user's key.
    pub async fn items_of_user(&self, id: &str) -> usize {
        let key = format!("\"pk\": S(\"USER#{id}\")");
        self.everything().await.iter().filter(|item| item.contains(&key)).count()
    }

    /// How many items lie in one partition.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn items_under(&self, partition: &str) -> usize {
        let is_there = |item: &&HashMap<String, AttributeValue>| {
            item.get("pk").and_then(|key| key.as_s().ok()).is_some_and(|key| key == partition)
        };
        self.items().await.iter().filter(is_there).count()
    }

    /// A group of these people.
    ///
    /// # Panics
    /// When there is one already.
    pub async fn group(&self, id: &str, members: &[&Person<'_>]) {
        if let Some(remote) = &self.remote {
            remote.mark(id);
            let admin = self.remote_admin(remote);
            admin.post("/ocs/v2.php/cloud/groups", &[("groupid", id)]).await.expect(200);
            for member in members {
                let path = format!("/ocs/v2.php/cloud/users/{}/groups", remote.mark(member.id()));
                admin.post(&path, &[("groupid", id)]).await.expect(200);
            }
            return;
        }
        let group = GroupId::parse(id).unwrap_or_else(|| panic!("{id} is no group id"));
        self.table().create_group(&group).await.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        for member in members {
            self.join_group(id, member).await;
        }
    }

    /// Puts somebody into a group.
    ///
    /// # Panics
    /// When there is no such group.
    pub async fn join_group(&self, id: &str, member: &Person<'_>) {
        let group = GroupId::parse(id).unwrap_or_else(|| panic!("{id} is no group id"));
        let user = UserId::parse(member.id()).unwrap_or_else(|| panic!("a guest cannot be in a group"));
        let account = self.table().account(&user).await.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let account = account.unwrap_or_else(|| panic!("{} has no account", member.id()));
        self.table().join_group(&group, &account).await.unwrap_or_else(|refusal| panic!("{refusal:?}"));
    }
}

/// Attributes as text, in the order of their names.
fn sorted<'a>(attributes: impl Iterator<Item = (&'a String, &'a AttributeValue)>) -> String {
    let fields: BTreeMap<&String, String> = attributes.map(|(name, value)| (name, plain(value))).collect();
    let fields: Vec<String> = fields.into_iter().map(|(name, text)| format!("{name:?}: {text}")).collect();
    format!("{{{}}}", fields.join(", "))
}

fn plain(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(fields) => format!("M({})", sorted(fields.iter())),
        AttributeValue::L(entries) => {
            format!("L([{}])", entries.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}
