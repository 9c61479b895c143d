//! The people, what they know, and the tenant between them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tests::{Dice, Pace, Person, Proxy, Service, Sockets, Tenant, lacks};
use tokio::runtime::{Builder, Runtime};

use crate::explain::{Played, is_explained};
use crate::mail::{Mail, Said};
use crate::observe::{Known, observe};
use crate::perform::{Outcome, Socket, Task, cut, heard_over, perform};
use crate::rules::silent;
use crate::state::State;
use crate::step::{Act, Moment, NAMES, Step, Who, everybody, is_alone};

/// A token that no room has.
const NO_TOKEN: &str = "nowhere22";
/// For longer nothing lies on loopback without being read.
const ARRIVAL: Duration = Duration::from_millis(2);
/// How long a moment is: all of a story are less than the time after which somebody has fallen silent.
const MOMENT_MILLISECONDS: i64 = 40;
/// For longer nobody is in a call who says nothing, in seconds.
const LONG: i64 = 1_000;

/// Somebody's way to the tenant: functions and a network of the person's own, in a thread of its own.
pub(crate) struct Way {
    tenant: Tenant,
    network: Proxy,
    runtime: Runtime,
}

impl Way {
    pub(crate) async fn new(tenant: &Tenant) -> Self {
        let network = Proxy::before(tenant.database_address(), Service::DynamoDb, Pace::Tenth).await;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.unwrap_or_else(|cause| panic!("{cause}"));
        Self { tenant: tenant.behind(&network), network, runtime }
    }
}

/// What was done, and to what.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) steps: usize,
    pub(crate) requests: usize,
    pub(crate) mishaps: usize,
    pub(crate) said: usize,
    pub(crate) heard: usize,
    /// How many were granted.
    pub(crate) granted: usize,
    /// How many answers were 503.
    pub(crate) failures: usize,
}

/// What all of them share.
#[derive(Clone, Copy)]
pub(crate) struct Hub<'a> {
    /// The tenant, on a network that never fails.
    pub(crate) tenant: &'a Tenant,
    pub(crate) sockets: &'a Sockets<'a>,
    /// What lies between the function behind the sockets and the table.
    pub(crate) network: &'a Proxy,
}

/// How the networks fail.
#[derive(Clone, Copy)]
pub(crate) struct Weather {
    pub(crate) seed: u64,
    /// How many of a thousand requests meet with a mishap.
    pub(crate) per_mille: u64,
}

/// Of so many steps one is taken in a storm.
const STORM: u64 = 16;
/// How many of a thousand requests meet with a mishap in a storm.
const STORM_PER_MILLE: u64 = 800;

impl Weather {
    /// How a network fails during a step.
    fn over(self, network: &Proxy, number: u64) {
        let mut dice = Dice::new(self.seed.wrapping_mul(0x1_0000_0001).wrapping_add(number));
        let is_storm = self.per_mille > 0 && dice.below(STORM) == 0;
        network.spoil(if is_storm { STORM_PER_MILLE } else { self.per_mille }, dice.below(u64::MAX));
    }
}

impl Figures {
    /// Adds those of another story.
    pub(crate) fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.requests += other.requests;
        self.mishaps += other.mishaps;
        self.said += other.said;
        self.heard += other.heard;
        self.granted += other.granted;
        self.failures += other.failures;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { steps, requests, mishaps, said, heard, granted, failures } = self;
        write!(
            formatter,
            "{steps} steps, {granted} granted, {failures} answered 503; {requests} requests to the table, {mishaps} \
             mishaps; {said} messages, {heard} heard"
        )
    }
}

/// The people, what they know, and the tenant between them.
pub(crate) struct World<'a> {
    functions: &'a Runtime,
    hub: Hub<'a>,
    ways: &'a BTreeMap<Who, Way>,
    people: BTreeMap<Who, Person<'a>>,
    weather: Weather,
    state: State,
    known: Known,
    /// The session that somebody has in a room, as far as the person knows.
    sessions: BTreeMap<(Who, usize), String>,
    open: BTreeMap<Who, Socket<'a>>,
    /// By what others reach those in a room whose sessions are known.
    addresses: BTreeMap<(Who, usize), String>,
    mail: Mail,
    figures: Figures,
}

impl<'a> World<'a> {
    /// Everybody with an account, nobody in a room.
    pub(crate) fn new(
        functions: &'a Runtime,
        hub: Hub<'a>,
        ways: &'a BTreeMap<Who, Way>,
        weather: Weather,
    ) -> Self {
        let tenant = hub.tenant;
        let mut state = State::default();
        let mut people = BTreeMap::new();
        functions.block_on(async {
            for (who, way) in ways {
                let person = match who {
                    Who::User(user) => {
                        state.accounts[*user] = true;
                        way.tenant.known(&tenant.user(NAMES[*user]).await)
                    }
                    Who::Guest(_) => way.tenant.nobody(),
                    Who::Admin => way.tenant.known(&tenant.admin().await),
                };
                people.insert(*who, person);
            }
            tenant.group("team", &[]).await;
        });
        Self {
            functions,
            hub,
            ways,
            people,
            weather,
            state,
            known: Known::default(),
            sessions: BTreeMap::new(),
            open: BTreeMap::new(),
            addresses: BTreeMap::new(),
            mail: Mail::default(),
            figures: Figures::default(),
        }
    }

    /// Lets everybody act who acts at this moment, and looks whether what is there then can be.
    ///
    /// # Errors
    /// What cannot be, in words.
    pub(crate) fn play(&mut self, moment: &Moment) -> Result<(), String> {
        let steps = moment.iter().map(|step| self.with_a_room(*step)).filter(|step| self.makes_sense(step));
        let steps: Vec<Step> = steps.map(|step| self.with_somebody_there(step)).collect();
        self.figures.steps += steps.len();
        // A little, so that a turn ends that somebody left without saying so, and nobody falls silent.
        self.hub.tenant.pass_milliseconds(MOMENT_MILLISECONDS);
        if let Some(step) = steps.first() {
            self.around_sockets().for_each(|network| self.weather.over(network, step.number));
        }
        if let [step] = steps[..]
            && is_alone(step.act)
        {
            return self.play_alone(step);
        }
        self.known.unheard = steps
            .iter()
            .find(|step| matches!(step.act, Act::MakePublic | Act::MakeGroup | Act::MakePair(_)))
            .map(|step| step.room);
        let former = self.addresses.clone();
        let tasks: Vec<Task<'a>> = steps.iter().map(|step| self.task(step)).collect();
        let outcomes = self.act_at_once(tasks);
        let played: Vec<Played> = steps
            .iter()
            .zip(outcomes)
            .map(|(step, outcome)| self.learn(step, outcome))
            .collect::<Result<_, _>>()?;
        let after = self.look()?;
        let modelled: Vec<Played> =
            played.iter().filter(|played| is_modelled(played.step.act)).cloned().collect();
        if !is_explained(&self.state, &modelled, &after) {
            return Err(self.unexplained(&modelled, &after));
        }
        let before = std::mem::replace(&mut self.state, after);
        let state = &self.state;
        self.addresses.retain(|(who, room), _| is_in_call(state, *who, *room));
        self.note_what_was_said(&played, &before, &former);
        self.close_stale_sockets();
        self.mail.disorder().pop().map_or(Ok(()), Err)
    }

    /// What there is no sense in is passed over: making a room where one is, polling beside a socket.
    fn makes_sense(&self, step: &Step) -> bool {
        let open = self.open.get(&step.who);
        let has_socket = open.is_some();
        match step.act {
            Act::MakePublic | Act::MakeGroup | Act::MakePair(_) => self.state.rooms[step.room].is_none(),
            Act::Poll => open.is_none_or(|socket| socket.room != step.room),
            Act::OpenSocket => !has_socket && self.sessions.contains_key(&(step.who, step.room)),
            Act::LoseSocket => has_socket,
            Act::Say(to) => to != step.who && self.sessions.contains_key(&(step.who, step.room)),
            Act::Arrive(user) => !self.state.accounts[user],
            _ => true,
        }
    }

    /// What belongs to a call people mostly do in one in which they are.
    fn with_a_room(&self, step: Step) -> Step {
        let is_of_a_call = matches!(step.act, Act::Say(_) | Act::Poll | Act::Ping | Act::OpenSocket);
        let mut own = self.addresses.keys().filter(|(who, _)| *who == step.who).map(|(_, room)| *room);
        match own.next_back().filter(|_| is_of_a_call && !step.number.is_multiple_of(8)) {
            Some(room) => Step { room, ..step },
            None => step,
        }
    }

    /// Whoever says something says it to somebody in the call, if anybody is there.
    fn with_somebody_there(&self, step: Step) -> Step {
        let Act::Say(to) = step.act else { return step };
        let is_there = |who: &Who| *who != step.who && self.addresses.contains_key(&(*who, step.room));
        let mut others = everybody().filter(|who| *who >= to).chain(everybody()).filter(is_there);
        Step { act: Act::Say(others.next().unwrap_or(to)), ..step }
    }

    fn task(&mut self, step: &Step) -> Task<'a> {
        let token = self.state.rooms[step.room].as_ref().map(|room| room.token.clone());
        let address = match step.act {
            Act::Say(to) => self.addresses.get(&(to, step.room)).cloned(),
            Act::RemoveGuest(guest) => self.sessions.get(&(Who::Guest(guest), step.room)).cloned(),
            _ => None,
        };
        let takes_socket = match step.act {
            Act::Say(_) => self.open.get(&step.who).is_some_and(|socket| socket.room == step.room),
            Act::LoseSocket => true,
            _ => false,
        };
        Task {
            step: *step,
            token: token.unwrap_or_else(|| NO_TOKEN.to_owned()),
            session: self.sessions.get(&(step.who, step.room)).cloned(),
            address: address.unwrap_or_else(|| "nobody".to_owned()),
            socket: if takes_socket { self.open.remove(&step.who) } else { None },
        }
    }

    /// Lets each act in a thread of its own, over a network that is spoiled as the step says.
    fn act_at_once(&self, tasks: Vec<Task<'a>>) -> Vec<Outcome<'a>> {
        let (sockets, functions, people) = (self.hub.sockets, self.functions.handle(), &self.people);
        let outcomes = std::thread::scope(|scope| {
            let acts: Vec<_> = tasks
                .into_iter()
                .map(|task| {
                    let way = &self.ways[&task.step.who];
                    self.weather.over(&way.network, task.step.number);
                    let person = &people[&task.step.who];
                    scope.spawn(move || way.runtime.block_on(perform(person, sockets, functions, task)))
                })
                .collect();
            acts.into_iter().map(|act| act.join().unwrap_or_else(|_| panic!("somebody panicked"))).collect()
        });
        self.calm(self.ways.values().map(|way| &way.network));
        outcomes
    }

    /// From now on no network fails, and everything that was sent has arrived.
    fn calm<'n>(&self, networks: impl Iterator<Item = &'n Proxy>) {
        let networks: Vec<&Proxy> = networks.collect();
        networks.iter().for_each(|network| network.spoil(0, 0));
        self.functions.block_on(async {
            if self.weather.per_mille > 0 {
                // Somebody may have given up on what the network has not even read.
                tokio::time::sleep(ARRIVAL).await;
            }
            for network in networks {
                network.settled().await;
            }
        });
    }

    /// What lies around the function behind the sockets.
    fn around_sockets(&self) -> impl Iterator<Item = &'a Proxy> {
        [self.hub.network].into_iter().chain(self.hub.sockets.network())
    }

    /// Learns what somebody was told, and sees to it that an account is removed in the end.
    fn learn(&mut self, step: &Step, outcome: Outcome<'a>) -> Result<Played, String> {
        let Outcome { status, text, fresh, former_address, heard, socket } = outcome;
        if status == 500 {
            return Err(format!("{step} was answered 500: {text}"));
        }
        self.figures.granted += usize::from((200..300).contains(&status));
        self.figures.failures += usize::from(status == 503);
        let place = (step.who, step.room);
        match step.act {
            Act::MakePublic | Act::MakeGroup | Act::MakePair(_) if status == 201 => {
                self.known.places.insert(fresh.clone(), step.room);
            }
            Act::Join(_) if status == 200 => {
                if let Who::Guest(guest) = step.who {
                    self.known.guests.insert(fresh.clone(), guest);
                }
                self.sessions.insert(place, fresh.clone());
                self.addresses.insert(place, fresh.clone());
            }
            // The person may have another session, of which nothing is known.
            Act::Join(_) if status == 0 || status >= 500 => {
                self.sessions.remove(&place);
                self.addresses.remove(&place);
            }
            Act::LoseSocket => self.addresses.retain(|(who, _), _| *who != step.who),
            Act::Poll if status == 200 => {
                if let Some(session) = self.sessions.get(&place) {
                    self.addresses.insert(place, session.clone());
                }
            }
            Act::RemoveAccount(user) if status == 0 || status >= 500 => {
                let path = format!("/ocs/v2.php/cloud/users/{}", NAMES[user]);
                let again = self.functions.block_on(self.people[&Who::Admin].delete(&path, &[])).status;
                if again != 200 && again != 400 {
                    return Err(format!("{step} once more was answered {again}"));
                }
            }
            _ => {}
        }
        if let Some(socket) = &socket {
            self.addresses.insert((step.who, socket.room), socket.client.public.clone());
        }
        let at = match &socket {
            Some(socket) => Some(socket.client.public.clone()),
            None => former_address.or_else(|| self.sessions.get(&place).cloned()),
        };
        heard
            .into_iter()
            .for_each(|number| self.mail.hear(step.who, at.as_deref().unwrap_or_default(), number));
        if let Some(socket) = socket {
            self.open.insert(step.who, socket);
        }
        let token = if status == 201 { fresh } else { String::new() };
        Ok(Played { step: *step, status, token })
    }

    /// What is there now.
    fn look(&mut self) -> Result<State, String> {
        let items = self.functions.block_on(self.hub.tenant.items());
        if let Some(lack) = lacks(&items).pop() {
            return Err(lack);
        }
        let state = observe(&items, &self.known, self.hub.tenant.now())?;
        for (place, room) in state.rooms.iter().enumerate() {
            if let Some(room) = room {
                self.known.places.insert(room.token.clone(), place);
            }
        }
        Ok(state)
    }

    fn unexplained(&self, played: &[Played], after: &State) -> String {
        let steps = played.iter().map(|played| format!("{}: {}\n", played.step, played.status));
        let differences = self.state.difference(after).join("\n");
        format!(
            "no order explains what is there after\n{}from {:?}:\n{differences}",
            steps.collect::<String>(),
            self.state
        )
    }

    fn note_what_was_said(
        &mut self,
        played: &[Played],
        before: &State,
        former: &BTreeMap<(Who, usize), String>,
    ) {
        for Played { step, status, .. } in played {
            let Act::Say(to) = step.act else { continue };
            let address = former.get(&(to, step.room));
            let stayed = |who: Who| {
                let is_in = |state: &State| is_in_call(state, who, step.room);
                is_in(before)
                    && is_in(&self.state)
                    && former.get(&(who, step.room)).is_some()
                    && former.get(&(who, step.room)) == self.addresses.get(&(who, step.room))
            };
            let is_taken = *status == 200 && stayed(to) && stayed(step.who);
            let address = address.cloned().unwrap_or_else(|| "nobody".to_owned());
            self.mail.say(step.number, Said { from: step.who, to, address, is_taken });
        }
    }

    /// Closes sockets of those who are not in that call any more, or under another session.
    fn close_stale_sockets(&mut self) {
        let mut stale = Vec::new();
        for (who, socket) in &mut self.open {
            listen(&mut self.mail, *who, socket);
            let is_current = self.addresses.get(&(*who, socket.room)) == Some(&socket.client.public);
            if !is_current || !is_in_call(&self.state, *who, socket.room) {
                stale.push(*who);
            }
        }
        for who in stale {
            if let Some(socket) = self.open.remove(&who) {
                cut(&socket.client, self.functions.handle());
            }
        }
    }

    /// What nobody acts beside.
    fn play_alone(&mut self, step: Step) -> Result<(), String> {
        match step.act {
            Act::Arrive(user) => {
                let who = Who::User(user);
                // Else the sockets of the one who comes would be closed for the one who went.
                self.fall_silent()?;
                let person = self.functions.block_on(self.hub.tenant.user(NAMES[user]));
                self.people.insert(who, self.ways[&who].tenant.known(&person));
                self.state.accounts[user] = true;
            }
            _ => self.fall_silent()?,
        }
        let after = self.look()?;
        let differences = self.state.difference(&after);
        if differences.is_empty() { Ok(()) } else { Err(format!("{step}: {}", differences.join("\n"))) }
    }

    /// Time passes until nobody is in a call any more, and everybody with a socket was told what happened.
    fn fall_silent(&mut self) -> Result<(), String> {
        self.calm(self.around_sockets());
        let gone: Vec<Who> = self.open.keys().copied().collect();
        gone.into_iter().for_each(|who| self.hang_up_socket(who));
        self.functions.block_on(async {
            self.hub.sockets.wait(LONG).await;
            self.hub.sockets.idle().await;
            self.hub.sockets.caught_up().await;
        });
        self.sessions.clear();
        self.addresses.clear();
        let after = self.look()?;
        self.state = silent(&self.state, &after);
        Ok(())
    }

    fn hang_up_socket(&mut self, who: Who) {
        if let Some(mut socket) = self.open.remove(&who) {
            listen(&mut self.mail, who, &mut socket);
            cut(&socket.client, self.functions.handle());
        }
    }

    /// Looks at everything once more, on a good day: what was said was heard in order, and what people see of rooms is
    /// what is there.
    ///
    /// # Errors
    /// What cannot be, in words.
    pub(crate) fn end(mut self) -> Result<Figures, String> {
        self.calm(self.around_sockets());
        self.poll_all();
        if let Some(disorder) = self.mail.disorder().pop() {
            return Err(disorder);
        }
        if self.weather.per_mille == 0 {
            let addresses: Vec<String> = self.addresses.values().cloned().collect();
            if let Some(lost) = self.mail.lost(&addresses).pop() {
                return Err(lost);
            }
        }
        self.compare_what_people_see()?;
        (self.figures.said, self.figures.heard) = self.mail.counts();
        self.figures.requests = self.ways.values().map(|way| way.network.requests()).sum();
        self.figures.mishaps = self.ways.values().map(|way| way.network.mishaps()).sum();
        Ok(self.figures)
    }

    fn poll_all(&mut self) {
        let pollers: Vec<((Who, usize), String)> =
            self.sessions.iter().map(|(place, session)| (*place, session.clone())).collect();
        for ((who, room), session) in pollers {
            if self.open.get(&who).is_some_and(|socket| socket.room == room)
                || !is_in_call(&self.state, who, room)
            {
                continue;
            }
            let step = Step { number: 0, who, room, act: Act::Poll };
            loop {
                let task = self.task(&step);
                let outcome = self.act_at_once(vec![task]).pop().unwrap_or_default();
                outcome.heard.iter().for_each(|number| self.mail.hear(who, &session, *number));
                if outcome.heard.is_empty() {
                    break;
                }
            }
        }
        for (who, socket) in &mut self.open {
            listen(&mut self.mail, *who, socket);
        }
    }

    /// What each person sees in the list of rooms, and each room tells of who is in it.
    fn compare_what_people_see(&self) -> Result<(), String> {
        for (who, person) in &self.people {
            let Some(user) = who.user().filter(|&user| self.state.accounts[user]) else { continue };
            let is_mine = |room: &&crate::state::Room| room.rows.contains_key(&user);
            let mut expected: Vec<String> =
                self.state.rooms.iter().flatten().filter(is_mine).map(|room| room.token.clone()).collect();
            expected.sort();
            let answer = self.ways[who].runtime.block_on(person.get("/room"));
            if answer.status != 200 || answer.column("token") != expected {
                return Err(format!("{who} sees {} and not {expected:?}", answer.text));
            }
            for room in self.state.rooms.iter().flatten().filter(is_mine) {
                let path = format!("/room/{}/participants", room.token);
                let answer = self.ways[who].runtime.block_on(person.get(&path));
                let guests = vec![String::new(); room.guests.len() + room.strangers];
                let mut people: Vec<String> = room.rows.keys().map(|&user| NAMES[user].to_owned()).collect();
                people.extend(guests);
                people.sort();
                if answer.status != 200 || answer.column("userId") != people {
                    return Err(format!("{who} sees {} in {room:?}", answer.text));
                }
            }
        }
        Ok(())
    }
}

/// Notes what came over a socket by now.
fn listen(mail: &mut Mail, who: Who, socket: &mut Socket<'_>) {
    for number in heard_over(&mut socket.client) {
        mail.hear(who, &socket.client.public, number);
    }
}

/// Whether what is there depends on it.
fn is_modelled(act: Act) -> bool {
    !matches!(act, Act::Say(_) | Act::Poll | Act::OpenSocket | Act::LoseSocket)
}

fn is_in_call(state: &State, who: Who, room: usize) -> bool {
    match who {
        Who::User(user) => state.calls[user] == Some(room),
        Who::Guest(guest) => state.rooms[room].as_ref().is_some_and(|room| room.guests.contains(&guest)),
        Who::Admin => false,
    }
}

/// The ways of everybody to a tenant.
pub(crate) fn ways(functions: &Runtime, tenant: &Tenant) -> BTreeMap<Who, Way> {
    functions.block_on(async {
        let mut ways = BTreeMap::new();
        for who in everybody() {
            ways.insert(who, Way::new(tenant).await);
        }
        ways
    })
}
