//! What people do, drawn by a seed: who, in which room, and what.

use std::fmt;

use tests::Dice;

/// How many people have accounts.
pub(crate) const USERS: usize = 6;
/// How many people come by the link alone.
pub(crate) const GUESTS: usize = 3;
/// How many rooms there are at a time.
pub(crate) const ROOMS: usize = 5;
/// How many people act at the same moment at most.
const AT_ONCE: u64 = 4;

/// The names of those with accounts.
pub(crate) const NAMES: [&str; USERS] = ["anna", "ben", "carla", "david", "emma", "felix"];
const GUEST_NAMES: [&str; GUESTS] = ["gina", "gus", "greta"];

/// Somebody who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    User(usize),
    Guest(usize),
    /// Manages accounts, and is in no room.
    Admin,
}

/// Everybody.
pub(crate) fn everybody() -> impl Iterator<Item = Who> {
    (0..USERS).map(Who::User).chain((0..GUESTS).map(Who::Guest)).chain([Who::Admin])
}

impl Who {
    pub(crate) fn user(self) -> Option<usize> {
        match self {
            Self::User(user) => Some(user),
            Self::Guest(_) | Self::Admin => None,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::User(user) => NAMES[*user],
            Self::Guest(guest) => GUEST_NAMES[*guest],
            Self::Admin => "the administrator",
        })
    }
}

/// What somebody does; numbers are users, or names and texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    MakePublic,
    MakeGroup,
    MakePair(usize),
    Rename(u8),
    Describe(u8),
    Lock,
    Unlock,
    Open,
    Close,
    Delete,
    Add(usize),
    Remove(usize),
    RemoveGuest(usize),
    Leave,
    Promote(usize),
    Demote(usize),
    /// Joins the call, with the room's password or without.
    Join(bool),
    HangUp,
    Ping,
    /// Writes to somebody in the call, by the API or over a socket.
    Say(Who),
    Poll,
    OpenSocket,
    /// The network takes the socket away.
    LoseSocket,
    EnterGroup(usize),
    ExitGroup(usize),
    RemoveAccount(usize),
    /// Somebody who was removed gets an account again, once all have fallen silent.
    Arrive(usize),
    /// All fall silent until nobody is in a call any more; nobody acts meanwhile, and nothing fails.
    FallSilent,
}

/// Somebody who does something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Its place in the story, from which everything is drawn that happens to it.
    pub(crate) number: u64,
    pub(crate) who: Who,
    /// The place of the room, which may be empty.
    pub(crate) room: usize,
    pub(crate) act: Act,
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, who, room, act } = self;
        write!(formatter, "{number:5}  {who} in room {room}: ")?;
        match act {
            Act::MakePair(other)
            | Act::Add(other)
            | Act::Remove(other)
            | Act::Promote(other)
            | Act::Demote(other)
            | Act::EnterGroup(other)
            | Act::ExitGroup(other)
            | Act::RemoveAccount(other)
            | Act::Arrive(other) => {
                let act = format!("{act:?}");
                write!(formatter, "{} {}", act.split('(').next().unwrap_or_default(), NAMES[*other])
            }
            Act::RemoveGuest(guest) => write!(formatter, "RemoveGuest {}", Who::Guest(*guest)),
            Act::Say(to) => write!(formatter, "Say something to {to}"),
            act => write!(formatter, "{act:?}"),
        }
    }
}

/// Those who act at the same moment.
pub(crate) type Moment = Vec<Step>;

/// A story of about so many steps.
pub(crate) fn story(seed: u64, steps: usize) -> Vec<Moment> {
    let mut dice = Dice::new(seed);
    let (mut moments, mut number) = (Vec::new(), 0);
    while number < steps as u64 {
        let mut moment: Moment = Vec::new();
        for _ in 0..=dice.below(AT_ONCE) {
            let step = draw(&mut dice, number);
            number += 1;
            if is_alone(step.act) {
                moments.push(std::mem::take(&mut moment));
                moments.push(vec![step]);
            } else if moment.iter().all(|other| can_meet(other, &step)) {
                moment.push(step);
            }
        }
        moments.push(moment);
    }
    moments.retain(|moment| !moment.is_empty());
    moments
}

/// Whether nobody acts beside it.
pub(crate) fn is_alone(act: Act) -> bool {
    matches!(act, Act::Arrive(_) | Act::FallSilent)
}

fn makes_a_room(act: Act) -> bool {
    matches!(act, Act::MakePublic | Act::MakeGroup | Act::MakePair(_))
}

/// Everybody does one thing at a time. Only one room is made at a time, so that it is known whose it is.
fn can_meet(one: &Step, other: &Step) -> bool {
    one.who != other.who && !(makes_a_room(one.act) && makes_a_room(other.act))
}

fn draw(dice: &mut Dice, number: u64) -> Step {
    // Most of them meet in the first rooms.
    let room = dice.place(ROOMS).min(dice.place(ROOMS));
    let (who, act) = match dice.below(100) {
        0..=3 => (Who::Admin, of_an_administrator(dice)),
        4..=21 => (Who::Guest(dice.place(GUESTS)), of_a_guest(dice)),
        _ => (Who::User(dice.place(USERS)), of_a_user(dice)),
    };
    Step { number, who, room, act }
}

fn of_an_administrator(dice: &mut Dice) -> Act {
    let user = dice.place(USERS);
    match dice.below(10) {
        0..=3 => Act::EnterGroup(user),
        4..=5 => Act::ExitGroup(user),
        6 => Act::RemoveAccount(user),
        7..=8 => Act::Arrive(user),
        _ if dice.below(4) > 0 => Act::EnterGroup(user),
        _ => Act::FallSilent,
    }
}

fn of_a_guest(dice: &mut Dice) -> Act {
    match dice.below(20) {
        0..=4 => Act::Join(dice.below(4) > 0),
        5 => Act::HangUp,
        6..=7 => Act::Ping,
        8..=12 => Act::Say(anybody(dice)),
        13..=16 => Act::Poll,
        17..=18 => Act::OpenSocket,
        _ => Act::LoseSocket,
    }
}

fn of_a_user(dice: &mut Dice) -> Act {
    let user = dice.place(USERS);
    match dice.below(100) {
        0..=4 => Act::MakePublic,
        5..=6 => Act::MakeGroup,
        7..=8 => Act::MakePair(user),
        9..=10 => Act::Rename(small(dice)),
        11 => Act::Describe(small(dice)),
        12 => Act::Lock,
        13..=14 => Act::Unlock,
        15..=18 => Act::Open,
        19 => Act::Close,
        20 if dice.below(2) == 0 => Act::Delete,
        20..=28 => Act::Add(user),
        29..=30 => Act::Remove(user),
        31 => Act::RemoveGuest(dice.place(GUESTS)),
        32 => Act::Leave,
        33..=36 => Act::Promote(user),
        37..=38 => Act::Demote(user),
        39..=54 => Act::Join(dice.below(4) > 0),
        55..=56 => Act::HangUp,
        57..=59 => Act::Ping,
        60..=75 => Act::Say(anybody(dice)),
        76..=91 => Act::Poll,
        92..=97 => Act::OpenSocket,
        _ => Act::LoseSocket,
    }
}

fn small(dice: &mut Dice) -> u8 {
    u8::try_from(dice.below(100)).unwrap_or(0)
}

fn anybody(dice: &mut Dice) -> Who {
    match dice.place(USERS + GUESTS) {
        user if user < USERS => Who::User(user),
        guest => Who::Guest(guest - USERS),
    }
}
