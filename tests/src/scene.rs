//! A room with one of everybody in it.

use crate::{Person, Tenant};

/// Who somebody is to the room of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Made the room (type 1).
    Owner,
    /// Was promoted (type 2).
    Moderator,
    /// Was added (type 3).
    User,
    /// Has no account and joined (type 4).
    Guest,
    /// Has an account and followed the link (type 5).
    Follower,
    /// Has an account and nothing to do with the room.
    Stranger,
    /// Has neither an account nor a cookie.
    Nobody,
}

/// Everybody, in the order of the tables in the tests.
pub const CALLERS: [Caller; 7] = [
    Caller::Owner,
    Caller::Moderator,
    Caller::User,
    Caller::Guest,
    Caller::Follower,
    Caller::Stranger,
    Caller::Nobody,
];

/// A room with one of everybody.
pub struct Scene<'a> {
    /// The room.
    pub token: String,
    /// Made the room.
    pub owner: Person<'a>,
    /// Was promoted.
    pub moderator: Person<'a>,
    /// Was added.
    pub user: Person<'a>,
    /// Joined without an account.
    pub guest: Person<'a>,
    /// The guest's session.
    pub guest_session: String,
    /// Followed the link.
    pub follower: Person<'a>,
    /// The follower's session.
    pub follower_session: String,
    /// Has nothing to do with the room.
    pub stranger: Person<'a>,
    /// Has no account.
    pub nobody: Person<'a>,
}

impl<'a> Scene<'a> {
    /// A public room; guest and follower are in the call.
    pub async fn public(tenant: &'a Tenant) -> Self {
        let owner = tenant.user("owner").await;
        let token = owner.public_room().await;
        let scene = Self {
            moderator: tenant.user("moderator").await,
            user: tenant.user("user").await,
            guest: tenant.nobody(),
            guest_session: String::new(),
            follower: tenant.user("follower").await,
            follower_session: String::new(),
            stranger: tenant.user("stranger").await,
            nobody: tenant.nobody(),
            owner,
            token,
        };
        scene.owner.add(&scene.token, &scene.moderator).await.expect(200);
        scene.owner.add(&scene.token, &scene.user).await.expect(200);
        scene.owner.promote(&scene.token, &scene.moderator).await.expect(200);
        let follower_session = scene.follower.join(&scene.token).await;
        let guest_session = scene.guest.join(&scene.token).await;
        Self { guest_session, follower_session, ..scene }
    }

    /// The same room made private, so that guest and follower are out.
    pub async fn group(tenant: &'a Tenant) -> Self {
        let scene = Self::public(tenant).await;
        scene.owner.delete(&format!("/room/{}/public", scene.token), &[]).await.expect(200);
        scene
    }

    /// A room of owner and moderator alone; the others exist.
    pub async fn one_to_one(tenant: &'a Tenant) -> Self {
        let scene = Self::public(tenant).await;
        let token = scene.owner.room_with(&scene.moderator).await;
        Self { token, ..scene }
    }

    /// What somebody of the scene is called by number, in the room.
    ///
    /// # Panics
    /// When the token is none.
    #[must_use]
    pub fn attendee(&self, person: &Person<'_>) -> String {
        person.attendee_in(&self.token)
    }

    /// Somebody of the scene.
    #[must_use]
    pub const fn person(&self, caller: Caller) -> &Person<'a> {
        match caller {
            Caller::Owner => &self.owner,
            Caller::Moderator => &self.moderator,
            Caller::User => &self.user,
            Caller::Guest => &self.guest,
            Caller::Follower => &self.follower,
            Caller::Stranger => &self.stranger,
            Caller::Nobody => &self.nobody,
        }
    }
}
