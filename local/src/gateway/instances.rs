//! The instances of the functions, and the requests that they work on: what Lambda does.
//!
//! An instance does one thing at a time. It asks for an event, as Lambda's runtime API has it, and answers
//! it. A request that finds all of them at work starts another one.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;

use super::routes::SOCKETS;

/// More instances of one function than these are not started; who asks then waits for one.
const MAX_INSTANCES: usize = 64;
/// The most idle instances of a function that are kept: what a call of four needs, whose candidates come in bursts.
const MAX_IDLE: usize = 16;

/// The function behind the sockets may take this long: it waits for clients whose socket was cut.
const SOCKETS_PATIENCE: Duration = Duration::from_secs(60);

/// Starts instances.
pub trait Launcher: Send + Sync {
    /// Starts an instance that asks at `runtime_api` for events. The future says how it ended; an instance
    /// ends when the future is dropped.
    fn launch(&self, function: &str, runtime_api: &str) -> BoxFuture<'static, String>;
}

/// Why a request is not answered by a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The instance ended, or said that it cannot answer.
    Broken,
    /// It took too long.
    Late,
}

/// An event on its way to an instance.
struct Invocation {
    id: String,
    event: Value,
}

#[derive(Default)]
struct Function {
    /// Instances that wait for an event, the last one first.
    idle: Vec<(u64, oneshot::Sender<Invocation>)>,
    /// Events that wait for an instance.
    queue: VecDeque<Invocation>,
    instances: BTreeMap<u64, AbortHandle>,
}

/// What becomes of an event.
enum Assigned {
    /// An instance works on it.
    Begun,
    /// It waits, and an instance more is needed.
    NeedsInstance,
    /// It waits.
    Queued,
}

/// Where the answer to an event goes.
struct Pending {
    function: String,
    /// Who works on it, once somebody does.
    instance: Option<u64>,
    answer: oneshot::Sender<Result<Value, Failure>>,
}

#[derive(Default)]
struct State {
    functions: HashMap<String, Function>,
    pending: HashMap<String, Pending>,
    started: u64,
    /// How the last one ended that did.
    ended: Option<String>,
}

/// The instances of all functions.
pub struct Instances {
    state: Mutex<State>,
    changed: Notify,
    launcher: Box<dyn Launcher>,
    runtime_api: SocketAddr,
    patience: Duration,
}

impl Instances {
    pub(super) fn new(launcher: Box<dyn Launcher>, runtime_api: SocketAddr, patience: Duration) -> Self {
        let (state, changed) = (Mutex::default(), Notify::new());
        Self { state, changed, launcher, runtime_api, patience }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the state panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn patience(&self, function: &str) -> Duration {
        if function == SOCKETS { SOCKETS_PATIENCE } else { self.patience }
    }

    /// How many instances of a function there are.
    #[must_use]
    pub fn count(&self, function: &str) -> usize {
        self.state().functions.get(function).map_or(0, |function| function.instances.len())
    }

    /// How many instances of a function are not at rest.
    #[must_use]
    pub fn at_work(&self, function: &str) -> usize {
        let count = |function: &Function| function.instances.len().saturating_sub(function.idle.len());
        self.state().functions.get(function).map_or(0, count)
    }

    /// Starts an instance of each function and waits until all of them ask for events.
    ///
    /// # Errors
    /// A sentence that says how an instance ended instead.
    pub async fn warm(self: &Arc<Self>, functions: &[&str]) -> Result<(), String> {
        for function in functions {
            self.launch(function);
        }
        loop {
            let changed = self.changed.notified();
            {
                let state = self.state();
                if let Some(how) = &state.ended {
                    return Err(how.clone());
                }
                let is_idle = |name: &&str| state.functions.get(*name).is_some_and(|it| !it.idle.is_empty());
                if functions.iter().all(is_idle) {
                    return Ok(());
                }
            }
            changed.await;
        }
    }

    /// Lets an instance answer an event.
    ///
    /// # Errors
    /// When none does, in time.
    pub(super) async fn invoke(
        self: &Arc<Self>,
        function: &str,
        id: &str,
        event: Value,
    ) -> Result<Value, Failure> {
        let (answer, answered) = oneshot::channel();
        let assigned = {
            let mut state = self.state();
            let pending = Pending { function: function.to_owned(), instance: None, answer };
            state.pending.insert(id.to_owned(), pending);
            state.assign(function, Invocation { id: id.to_owned(), event })
        };
        match assigned {
            Assigned::Begun => drop(tokio::spawn(Arc::clone(self).supervise(id.to_owned()))),
            Assigned::NeedsInstance => self.launch(function),
            Assigned::Queued => {}
        }
        let outcome = tokio::time::timeout(self.patience(function), answered).await;
        outcome
            .unwrap_or_else(|_| {
                self.state().forget_waiting(id);
                Ok(Err(Failure::Late))
            })
            .unwrap_or(Err(Failure::Broken))
    }

    /// Ends the instance that works on an event for too long, as Lambda does.
    async fn supervise(self: Arc<Self>, id: String) {
        let Some(function) = self.state().pending.get(&id).map(|pending| pending.function.clone()) else {
            return;
        };
        tokio::time::sleep(self.patience(&function)).await;
        let next = {
            let mut state = self.state();
            let Some(pending) = state.pending.remove(&id) else { return };
            let Some(function) = state.functions.get_mut(&pending.function) else { return };
            let overdue = pending.instance.and_then(|instance| function.instances.remove(&instance));
            overdue.iter().for_each(AbortHandle::abort);
            (!function.queue.is_empty()).then_some(pending.function)
        };
        if let Some(function) = next {
            self.launch(&function);
        }
    }

    fn launch(self: &Arc<Self>, name: &str) {
        let mut state = self.state();
        state.started += 1;
        let (instance, name) = (state.started, name.to_owned());
        let runtime_api = format!("http://{}/{name}/{instance}", self.runtime_api);
        let (all, running) = (Arc::clone(self), self.launcher.launch(&name, &runtime_api));
        let function = name.clone();
        let task = tokio::spawn(async move {
            let how = running.await;
            all.ended(&function, instance, how);
        });
        state.functions.entry(name).or_default().instances.insert(instance, task.abort_handle());
    }

    /// Notes that an instance ended by itself, so that nothing it worked on will be answered.
    fn ended(&self, function: &str, instance: u64, how: String) {
        let mut state = self.state();
        let mut lost = Vec::new();
        if let Some(function) = state.functions.get_mut(function) {
            function.instances.remove(&instance);
            function.idle.retain(|(idle, _)| *idle != instance);
            if function.instances.is_empty() {
                lost.extend(function.queue.drain(..).map(|invocation| invocation.id));
            }
        }
        let of_it = |pending: &Pending| pending.function == function && pending.instance == Some(instance);
        lost.extend(state.pending.iter().filter(|(_, it)| of_it(it)).map(|(id, _)| id.clone()));
        for id in lost {
            state.settle(&id, Err(Failure::Broken));
        }
        state.ended = Some(how);
        drop(state);
        self.changed.notify_waiters();
    }

    /// The next event for an instance; waits until there is one. `None` when enough others wait already.
    pub(super) async fn next(self: &Arc<Self>, function: &str, instance: u64) -> Option<(String, Value)> {
        let next = {
            let mut state = self.state();
            let waiting = state.functions.entry(function.to_owned()).or_default();
            if let Some(invocation) = waiting.queue.pop_front() {
                state.begin(&invocation.id, instance);
                tokio::spawn(Arc::clone(self).supervise(invocation.id.clone()));
                return Some((invocation.id, invocation.event));
            }
            if waiting.idle.len() >= MAX_IDLE {
                waiting.instances.remove(&instance).iter().for_each(AbortHandle::abort);
                return None;
            }
            let (sender, next) = oneshot::channel();
            waiting.idle.push((instance, sender));
            next
        };
        self.changed.notify_waiters();
        next.await.ok().map(|invocation| (invocation.id, invocation.event))
    }

    /// What an instance made of an event.
    pub(super) fn settle(&self, id: &str, outcome: Result<Value, Failure>) {
        self.state().settle(id, outcome);
    }

    /// Ends all instances.
    pub(super) fn stop(&self) {
        for function in self.state().functions.values() {
            function.instances.values().for_each(AbortHandle::abort);
        }
    }
}

impl State {
    /// Hands an event to an instance that waits, or queues it.
    fn assign(&mut self, name: &str, mut invocation: Invocation) -> Assigned {
        let function = self.functions.entry(name.to_owned()).or_default();
        while let Some((instance, next)) = function.idle.pop() {
            let id = invocation.id.clone();
            match next.send(invocation) {
                Ok(()) => {
                    self.begin(&id, instance);
                    return Assigned::Begun;
                }
                // It does not wait any more.
                Err(returned) => invocation = returned,
            }
        }
        function.queue.push_back(invocation);
        if function.instances.len() < MAX_INSTANCES { Assigned::NeedsInstance } else { Assigned::Queued }
    }

    /// Nobody waits any more for the answer to an event; if nobody began with it, nobody will.
    fn forget_waiting(&mut self, id: &str) {
        let Some(pending) = self.pending.get(id).filter(|pending| pending.instance.is_none()) else { return };
        if let Some(function) = self.functions.get_mut(&pending.function) {
            function.queue.retain(|invocation| invocation.id != id);
        }
        self.pending.remove(id);
    }

    fn begin(&mut self, id: &str, instance: u64) {
        if let Some(pending) = self.pending.get_mut(id) {
            pending.instance = Some(instance);
        }
    }

    fn settle(&mut self, id: &str, outcome: Result<Value, Failure>) {
        if let Some(pending) = self.pending.remove(id) {
            // The client may have gone.
            let _ = pending.answer.send(outcome);
        }
    }
}
