//! Who may do what in a room.
//!
//! Every right is a type that only this module makes: a change of the table takes a [`Moderator`] or
//! what was made from one, so that asking in the wrong order does not compile. The order is that of
//! `docs/api.md#the-order-of-checks`: found, member, moderator, target.

mod chat;
mod conversation;
mod found;
mod sight;
mod target;

pub use self::chat::Writer;
pub use self::found::{Admission, Found, Member, Moderator, Way};
pub use self::sight::{Sight, Speaker};
pub use self::target::{Attendee, Demotable, Promotable, Removable, Restrictable, Settled, Target};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::attendance::Attendance;
    use crate::domain::chat::{ChatHead, MarkerId};
    use crate::domain::denial::Denial;
    use crate::domain::identity::{Caller, User};
    use crate::domain::permissions::RoomPermissions;
    use crate::domain::room::{Object, Participant, ParticipantType, Room, RoomType, Token};
    use crate::domain::secret::PasswordHash;
    use crate::domain::time::Timestamp;

    const ROOM_TYPES: [RoomType; 3] = [RoomType::OneToOne, RoomType::Group, RoomType::Public];
    const ROWS: [Option<ParticipantType>; 5] = [
        Some(ParticipantType::Owner),
        Some(ParticipantType::Moderator),
        Some(ParticipantType::User),
        Some(ParticipantType::SelfJoined),
        None,
    ];

    fn room(room_type: RoomType) -> Room {
        let token = Token::parse("abcdefgh").unwrap_or_else(|| unreachable!());
        Room {
            token,
            id: 1,
            room_type,
            name: String::new(),
            description: String::new(),
            password: None,
            pair: None,
            object: Object::default(),
            is_read_only: false,
            permissions: RoomPermissions::default(),
            created_at: Timestamp::default(),
            called_since: None,
            chat: ChatHead::default(),
            common_read: MarkerId::default(),
            common_read_at: Timestamp::default(),
            absent: None,
            guessed_until: Timestamp::default(),
        }
    }

    fn user(id: &str) -> User {
        User::for_tests(id)
    }

    fn target(row: Option<ParticipantType>) -> Target {
        let participant = row.map(|participant_type| Participant {
            user: user("target").id().clone(),
            display_name: String::new(),
            participant_type,
            attendance: Attendance::default(),
        });
        Target { participant, presence: None }
    }

    fn status<T>(outcome: Result<T, Denial>) -> u16 {
        match outcome.err() {
            None => 200,
            Some(Denial::Unsuitable(_)) => 400,
            Some(Denial::NotLoggedIn) => 401,
            Some(Denial::Forbidden(_)) => 403,
            Some(Denial::NotFound | Denial::NoRoom) => 404,
            Some(Denial::WrongRoomType(_) | Denial::Unchangeable(_)) => 405,
            Some(Denial::WrongState(_)) => 412,
            Some(Denial::TooMany(_)) => 429,
        }
    }

    fn moderator(room_type: RoomType) -> Moderator {
        Found::new(Some(room(room_type)), Some(ParticipantType::Owner))
            .and_then(|found| found.member(&user("owner")))
            .and_then(Member::moderator)
            .unwrap_or_else(|_| unreachable!())
    }

    #[test]
    fn finding_membership_and_rights_by_room_type_and_row() {
        // One line for each room type; in it owner, moderator, user, follower, stranger.
        let found = [[200, 200, 200, 404, 404], [200, 200, 200, 404, 404], [200, 200, 200, 200, 200]];
        let member = [[200, 200, 200, 404, 404], [200, 200, 200, 404, 404], [200, 200, 200, 200, 404]];
        let manages = [[200, 200, 403, 404, 404], [200, 200, 403, 404, 404], [200, 200, 403, 403, 404]];
        for (index, room_type) in ROOM_TYPES.into_iter().enumerate() {
            let find = |row| Found::new(Some(room(room_type)), row);
            let be_member = |row| find(row).and_then(|found| found.member(&user("caller")));
            let manage = |row| be_member(row).and_then(Member::moderator);
            assert_eq!(ROWS.map(|row| status(find(row))).as_slice(), found.get(index).unwrap_or(&[0; 5]));
            assert_eq!(
                ROWS.map(|row| status(be_member(row))).as_slice(),
                member.get(index).unwrap_or(&[0; 5])
            );
            assert_eq!(ROWS.map(|row| status(manage(row))).as_slice(), manages.get(index).unwrap_or(&[0; 5]));
        }
        assert_eq!(status(Found::new(None, Some(ParticipantType::Owner))), 404);
    }

    #[test]
    fn changes_of_people_by_their_row() {
        let moderator = moderator(RoomType::Public);
        assert_eq!(ROWS.map(|row| status(moderator.may_remove(target(row)))), [403, 200, 200, 200, 404]);
        assert_eq!(ROWS.map(|row| status(moderator.may_promote(target(row)))), [412, 412, 200, 412, 404]);
        assert_eq!(ROWS.map(|row| status(moderator.may_demote(target(row)))), [412, 200, 412, 412, 404]);
    }

    #[test]
    fn changes_of_the_room_by_its_type() {
        assert_eq!(ROOM_TYPES.map(|room_type| status(moderator(room_type).may_rename())), [405, 200, 200]);
        assert_eq!(ROOM_TYPES.map(|room_type| status(moderator(room_type).may_describe())), [400, 200, 200]);
        assert_eq!(
            ROOM_TYPES.map(|room_type| status(moderator(room_type).may_set_password())),
            [403, 403, 200]
        );
    }

    #[test]
    fn only_those_without_a_lasting_row_are_asked_for_the_password() {
        let hash =
            PasswordHash::of(&crate::domain::secret::Secret::new("x")).unwrap_or_else(|_| unreachable!());
        let admit = |caller: &Caller, row, is_right: bool| {
            let locked = Room { password: Some(hash.clone()), ..room(RoomType::Public) };
            Found::new(Some(locked), row).and_then(|found| found.admit(caller, is_right))
        };
        let logged_in = Caller::User(user("caller"));
        assert_eq!(ROWS.map(|row| status(admit(&logged_in, row, false))), [200, 200, 200, 403, 403]);
        assert_eq!(ROWS.map(|row| status(admit(&logged_in, row, true))), [200; 5]);
        assert_eq!(status(admit(&Caller::Guest(None), None, false)), 403);
        assert_eq!(status(admit(&Caller::Guest(None), None, true)), 200);
    }

    #[test]
    fn nobody_demotes_themselves_and_that_comes_before_the_right() {
        let plain = Found::new(Some(room(RoomType::Group)), Some(ParticipantType::User))
            .and_then(|found| found.member(&user("caller")))
            .and_then(|member| member.not_oneself("caller"));
        assert_eq!(status(plain), 403);
    }
}
