//! The rules, written down once more and apart from the product: what an act may be answered, and what is there after
//! it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::state::{FOLLOWER, GROUP, MODERATOR, ONE_TO_ONE, OWNER, PUBLIC, Room, State, USER};
use crate::step::{Act, Step, Who};

/// What an act may be answered; without a state, nothing changed.
pub(crate) type Outcomes = Vec<(u16, Option<State>)>;

/// The status and nothing else.
fn only(status: u16) -> Outcomes {
    vec![(status, None)]
}

/// A change.
fn done(status: u16, state: State) -> Outcomes {
    vec![(status, Some(state))]
}

/// One part of what somebody does, which happens whole or not at all.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Whole,
    /// The parts of removing an account.
    Begin,
    LeaveGroup,
    Leave(usize),
}

/// What may be answered to a step. `token` is that of a room that it makes.
pub(crate) fn outcomes(state: &State, step: &Step, token: &str) -> Outcomes {
    let Step { who, room: place, act, .. } = *step;
    if let Who::User(user) = who
        && !state.accounts[user]
        && act != Act::Ping
    {
        return only(401);
    }
    let mut outcomes = match (who, act) {
        (
            _,
            Act::Say(_) | Act::Poll | Act::OpenSocket | Act::LoseSocket | Act::FallSilent | Act::Arrive(_),
        ) => {
            return Vec::new();
        }
        (Who::User(user), Act::MakePublic | Act::MakeGroup | Act::MakePair(_)) => {
            making(state, user, place, act, token)
        }
        (Who::User(user), Act::Join(knows)) => joining(state, user, place, knows),
        (Who::Guest(guest), Act::Join(knows)) => joining_as_guest(state, guest, place, knows),
        (Who::User(user), Act::HangUp) => hanging_up(state, user, place),
        (Who::Guest(guest), Act::HangUp) => hanging_up_as_guest(state, guest, place),
        (_, Act::Ping) => pinging(state, who, place),
        (Who::User(user), Act::Leave) => leaving(state, user, place),
        (Who::User(user), _) => managing(state, user, place, act),
        (Who::Admin, Act::EnterGroup(user)) => {
            if state.accounts[user] {
                let mut after = state.clone();
                after.group.insert(user);
                done(200, after)
            } else {
                only(400)
            }
        }
        (Who::Admin, Act::ExitGroup(user)) => {
            if state.accounts[user] {
                let mut after = state.clone();
                after.group.remove(&user);
                done(200, after)
            } else {
                only(400)
            }
        }
        (Who::Guest(_) | Who::Admin, _) => Vec::new(),
    };
    // A ping that keeps a session looks at nothing else, and the session of somebody who is removed is soon over.
    if who.user().is_some_and(|user| !state.accounts[user]) {
        outcomes.push((401, None));
    }
    outcomes
}

fn making(state: &State, user: usize, place: usize, act: Act, token: &str) -> Outcomes {
    let mut after = state.clone();
    let mut rows = BTreeMap::from([(user, OWNER)]);
    let made = match act {
        Act::MakeGroup => {
            rows.extend(state.group.iter().filter(|&&member| member != user).map(|&member| (member, USER)));
            Room { name: "team".to_owned(), ..Room::new(token, GROUP, rows) }
        }
        Act::MakePair(other) => {
            if !state.accounts[other] {
                return only(404);
            }
            if other == user {
                return only(403);
            }
            let is_theirs = |room: &Room| {
                room.kind == ONE_TO_ONE && room.rows.contains_key(&user) && room.rows.contains_key(&other)
            };
            if state.rooms.iter().flatten().any(is_theirs) {
                return only(200);
            }
            rows.insert(other, OWNER);
            Room::new(token, ONE_TO_ONE, rows)
        }
        _ => Room::new(token, PUBLIC, rows),
    };
    after.rooms[place] = Some(made);
    done(201, after)
}

fn joining(state: &State, user: usize, place: usize, knows: bool) -> Outcomes {
    let Some(room) = &state.rooms[place] else { return only(404) };
    let row = room.rows.get(&user).copied();
    if room.kind != PUBLIC && row.is_none() {
        return only(404);
    }
    let is_asked = row.is_none_or(|row| row == FOLLOWER);
    if is_asked && room.is_locked && !knows {
        return only(403);
    }
    let mut after = state.clone();
    if after.calls[user] != Some(place) {
        after.hang_up(user);
    }
    after.calls[user] = Some(place);
    if let Some(room) = &mut after.rooms[place] {
        room.rows.entry(user).or_insert(FOLLOWER);
    }
    done(200, after)
}

fn joining_as_guest(state: &State, guest: usize, place: usize, knows: bool) -> Outcomes {
    let Some(room) = state.rooms[place].as_ref().filter(|room| room.kind == PUBLIC) else { return only(404) };
    if room.is_locked && !knows {
        return only(403);
    }
    let mut after = state.clone();
    if let Some(room) = &mut after.rooms[place] {
        room.guests.insert(guest);
    }
    done(200, after)
}

/// What is there when a guest's join was not answered and happened: a session of which nobody knows, in place of the
/// one that the guest had.
pub(crate) fn joined_unheard(state: &State, step: &Step) -> Option<State> {
    let (Who::Guest(guest), Act::Join(_)) = (step.who, step.act) else { return None };
    let mut after = state.clone();
    let room = after.rooms[step.room].as_mut()?;
    room.guests.remove(&guest);
    room.strangers += 1;
    Some(after)
}

fn hanging_up(state: &State, user: usize, place: usize) -> Outcomes {
    let Some(room) = &state.rooms[place] else { return only(404) };
    let row = room.rows.get(&user).copied();
    if room.kind != PUBLIC && row.is_none() {
        return only(404);
    }
    let mut after = state.clone();
    match row {
        Some(FOLLOWER) => after.take_out(place, user),
        Some(_) if state.calls[user] == Some(place) => after.hang_up(user),
        _ => {}
    }
    done(200, after)
}

fn hanging_up_as_guest(state: &State, guest: usize, place: usize) -> Outcomes {
    if state.rooms[place].as_ref().is_none_or(|room| room.kind != PUBLIC) {
        return only(404);
    }
    let mut after = state.clone();
    if let Some(room) = &mut after.rooms[place] {
        room.guests.remove(&guest);
    }
    done(200, after)
}

fn pinging(state: &State, who: Who, place: usize) -> Outcomes {
    let is_in = |room: &Room| match who {
        Who::User(user) => room.rows.contains_key(&user),
        Who::Guest(guest) => room.guests.contains(&guest),
        Who::Admin => false,
    };
    only(if state.rooms[place].as_ref().is_some_and(is_in) { 200 } else { 404 })
}

fn leaving(state: &State, user: usize, place: usize) -> Outcomes {
    let Some(room) = state.rooms[place].as_ref().filter(|room| room.rows.contains_key(&user)) else {
        return only(404);
    };
    let mut after = state.clone();
    if room.kind == ONE_TO_ONE || !room.outlives(user) {
        after.drop_room(place);
    } else {
        after.take_out(place, user);
    }
    done(200, after)
}

/// What only those may who manage the room.
fn managing(state: &State, user: usize, place: usize, act: Act) -> Outcomes {
    let Some(room) = &state.rooms[place] else { return only(404) };
    let Some(&row) = room.rows.get(&user) else { return only(404) };
    if act == Act::Demote(user) {
        return only(403);
    }
    if row != OWNER && row != MODERATOR {
        return only(403);
    }
    let mut after = state.clone();
    let Some(changed) = &mut after.rooms[place] else { return Vec::new() };
    match act {
        Act::Rename(_) if room.kind == ONE_TO_ONE => return only(405),
        Act::Rename(name) => changed.name = format!("name {name}"),
        Act::Describe(_) if room.kind == ONE_TO_ONE => return only(400),
        Act::Describe(text) => changed.description = format!("about {text}"),
        Act::Lock | Act::Unlock if room.kind != PUBLIC => return only(403),
        Act::Lock => changed.is_locked = true,
        Act::Unlock => changed.is_locked = false,
        Act::Open => changed.kind = PUBLIC,
        Act::Close if room.kind == PUBLIC => close(&mut after, place),
        Act::Close => {}
        Act::Delete => after.drop_room(place),
        Act::Add(other) => {
            if let Entry::Vacant(place) = changed.rows.entry(other) {
                if !state.accounts[other] {
                    return only(404);
                }
                place.insert(USER);
                changed.kind = changed.kind.max(GROUP);
            }
        }
        Act::Remove(other) => return removing(state, user, place, other),
        // The session that is named may be one that the guest had before.
        Act::RemoveGuest(guest) => {
            if !changed.guests.remove(&guest) {
                return only(404);
            }
            return vec![(200, Some(after)), (404, None)];
        }
        Act::Promote(other) => return retyping(state, place, other, USER, MODERATOR),
        Act::Demote(other) => return retyping(state, place, other, MODERATOR, USER),
        _ => return Vec::new(),
    }
    done(200, after)
}

/// Those who are in the room only while it is public go at once.
fn close(state: &mut State, place: usize) {
    let Some(room) = &mut state.rooms[place] else { return };
    room.kind = GROUP;
    room.guests.clear();
    room.strangers = 0;
    let followers: Vec<usize> =
        room.rows.iter().filter(|(_, row)| **row == FOLLOWER).map(|(&user, _)| user).collect();
    for follower in followers {
        state.take_out(place, follower);
    }
}

fn removing(state: &State, user: usize, place: usize, other: usize) -> Outcomes {
    let Some(room) = &state.rooms[place] else { return only(404) };
    let mut after = state.clone();
    if room.kind == ONE_TO_ONE {
        after.drop_room(place);
        return done(200, after);
    }
    match room.rows.get(&other) {
        None => only(404),
        Some(&OWNER) => only(403),
        Some(_) if other == user && !room.outlives(user) => {
            after.drop_room(place);
            done(200, after)
        }
        Some(_) => {
            after.take_out(place, other);
            done(200, after)
        }
    }
}

fn retyping(state: &State, place: usize, other: usize, from: u8, to: u8) -> Outcomes {
    let row = state.rooms[place].as_ref().and_then(|room| room.rows.get(&other));
    match row {
        None => only(404),
        Some(&row) if row != from => only(412),
        Some(_) => {
            let mut after = state.clone();
            if let Some(room) = &mut after.rooms[place] {
                room.rows.insert(other, to);
            }
            done(200, after)
        }
    }
}

/// What is there after a part of the removal of an account.
pub(crate) fn removed(state: &State, user: usize, part: Part) -> State {
    let mut after = state.clone();
    match part {
        Part::Whole => {}
        Part::Begin => after.accounts[user] = false,
        Part::LeaveGroup => _ = after.group.remove(&user),
        Part::Leave(place) => {
            if let Some((_, Some(left))) = leaving(state, user, place).pop() {
                after = left;
            }
        }
    }
    after
}

/// What is there once everybody has been silent for long. The session of a user is remembered until the next join, but
/// ends at once where a socket carried it: `after` has those that are left.
pub(crate) fn silent(state: &State, after: &State) -> State {
    let mut silent = state.clone();
    for (user, call) in after.calls.iter().enumerate() {
        if call.is_none() {
            silent.hang_up(user);
        }
    }
    for room in silent.rooms.iter_mut().flatten() {
        room.guests.clear();
        room.strangers = 0;
    }
    silent
}
