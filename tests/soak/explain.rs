//! Whether there is an order in which what happened at the same moment could have happened one after the other.

use crate::rules::{Part, joined_unheard, outcomes, removed};
use crate::state::State;
use crate::step::{Act, ROOMS, Step};

/// A step and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    pub(crate) step: Step,
    /// The status of the answer; 0 when there was none that says anything.
    pub(crate) status: u16,
    /// The room that it made.
    pub(crate) token: String,
}

impl Played {
    /// Whether nobody knows if it happened.
    pub(crate) const fn is_unknown(&self) -> bool {
        self.status == 0 || self.status >= 500
    }
}

/// Finds an order of what was played that leads from one state to the other.
pub(crate) fn is_explained(before: &State, played: &[Played], after: &State) -> bool {
    let parts: Vec<Vec<Part>> = played.iter().map(|played| parts(&played.step)).collect();
    let mut next = vec![0; played.len()];
    search(before, played, &parts, &mut next, after)
}

fn parts(step: &Step) -> Vec<Part> {
    match step.act {
        Act::RemoveAccount(_) => {
            [Part::Begin, Part::LeaveGroup].into_iter().chain((0..ROOMS).map(Part::Leave)).collect()
        }
        _ => vec![Part::Whole],
    }
}

fn search(
    state: &State,
    played: &[Played],
    parts: &[Vec<Part>],
    next: &mut Vec<usize>,
    goal: &State,
) -> bool {
    let mut is_over = true;
    for index in 0..played.len() {
        let Some(&part) = parts[index].get(next[index]) else { continue };
        is_over = false;
        next[index] += 1;
        let found = following(state, &played[index], part)
            .iter()
            .any(|state| search(state, played, parts, next, goal));
        next[index] -= 1;
        if found {
            return true;
        }
    }
    is_over && state.is_like(goal)
}

/// Where a part of a step may lead, as it was answered.
fn following(state: &State, played: &Played, part: Part) -> Vec<State> {
    let step = &played.step;
    if let Act::RemoveAccount(user) = step.act {
        // It is done again until it is done.
        return vec![removed(state, user, part)];
    }
    let outcomes = outcomes(state, step, &played.token);
    if !played.is_unknown() {
        let fitting = outcomes.into_iter().filter(|(status, _)| *status == played.status);
        return fitting.map(|(_, after)| after.unwrap_or_else(|| state.clone())).collect();
    }
    let mut states = vec![state.clone()];
    for (status, after) in outcomes {
        if let Some(after) = after.filter(|_| status < 300) {
            states.push(joined_unheard(state, step).unwrap_or(after));
        }
    }
    states
}
