//! Time that passes when nobody has anything to do at the moment, so that what takes minutes takes a moment, and no
//! test depends on how fast the machine is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use shared::domain::time::Timestamp;
use shared::gateway::Clock;
use tokio::sync::{Notify, oneshot};

use crate::START;

/// A clock, and all who work by it.
#[derive(Clone, Default)]
pub struct VirtualClock(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    idle: Notify,
}

#[derive(Default)]
struct State {
    /// Since the start of the test.
    milliseconds: i64,
    /// How many work at this moment.
    at_work: usize,
    sleepers: BinaryHeap<Reverse<(i64, u64)>>,
    beds: Vec<(u64, oneshot::Sender<()>)>,
    slept: u64,
}

impl VirtualClock {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does some work at a moment, in milliseconds from now.
    pub fn at(&self, milliseconds: i64, work: impl Future<Output = ()> + Send + 'static) {
        self.state().at_work += 1;
        let clock = self.clone();
        tokio::spawn(async move {
            if let Ok(delay @ 1..) = u64::try_from(milliseconds) {
                clock.sleep(Duration::from_millis(delay)).await;
            }
            work.await;
            clock.rests();
        });
    }

    fn rests(&self) {
        let mut state = self.state();
        state.at_work -= 1;
        if state.at_work == 0 {
            self.0.idle.notify_one();
        }
    }

    /// Lets time pass until all work is done.
    pub async fn run(&self) {
        loop {
            let idle = self.0.idle.notified();
            if self.state().at_work > 0 {
                idle.await;
                continue;
            }
            if !self.wake_the_next() {
                return;
            }
        }
    }

    /// Wakes all who sleep until the next moment at which somebody wakes.
    fn wake_the_next(&self) -> bool {
        let mut state = self.state();
        let Some(Reverse((moment, _))) = state.sleepers.peek().copied() else { return false };
        state.milliseconds = state.milliseconds.max(moment);
        while let Some(Reverse((next, number))) = state.sleepers.peek().copied() {
            if next > moment {
                break;
            }
            state.sleepers.pop();
            let place = state.beds.iter().position(|(bed, _)| *bed == number);
            if let Some((_, bed)) = place.map(|place| state.beds.swap_remove(place)) {
                state.at_work += 1;
                let _ = bed.send(());
            }
        }
        true
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.milliseconds() / 1000)
    }

    fn milliseconds(&self) -> i64 {
        START * 1000 + self.state().milliseconds
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.state().milliseconds.unsigned_abs())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let woken = {
                let mut state = self.state();
                let (bed, woken) = oneshot::channel();
                state.slept += 1;
                let number = state.slept;
                let moment = state.milliseconds + i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
                state.sleepers.push(Reverse((moment, number)));
                state.beds.push((number, bed));
                woken
            };
            self.rests();
            let _ = woken.await;
        })
    }
}
