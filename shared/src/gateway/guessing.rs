//! Secrets that are tried: whether another one is looked at, and counting those that were wrong.
//!
//! Somebody whose secret is right pays nothing for it while nobody is guessing: a subject that is being guessed at says
//! so in the item that is read anyway, and only then is it looked up what came from the same source.

use super::exchange::Exchange;
use super::refusal::Refusal;
use crate::domain::guesses::{Attempt, Guess, Guesses, SUSPICIOUS, Subject, Verdict, WINDOW_SECONDS};
use crate::domain::room::Token;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;

/// For how long a refusal is remembered without asking the table: an administrator may forget the guesses meanwhile.
const REFUSED_SECONDS: i64 = 10;

impl Exchange<'_> {
    /// Admits an attempt at a secret of `subject`, which waits where there were many wrong ones. `guessed_until` is
    /// what the subject says of itself, if there is such a subject.
    ///
    /// # Errors
    /// 429 when too many different ones from the same source were wrong.
    pub(super) async fn attempt<'s>(
        &self,
        subject: Subject<'s>,
        secret: &Secret,
        guessed_until: Option<Timestamp>,
    ) -> Result<Attempt<'s>, Refusal> {
        self.demand_patience()?;
        let guess = Guess::new(subject, secret);
        if guessed_until.is_some_and(|until| until <= self.now) {
            return Ok(Attempt::new(subject, guess, guessed_until));
        }
        let source = self.request.source();
        let what = format!("{} {}", source.as_str(), guess.subject());
        if let Some(until) = self.suspects().until(&what, self.now) {
            return Err(self.too_many_guesses(until));
        }
        let mut known = self.table.guesses(source, self.now).await?;
        let mut verdict = known.verdict(&guess, self.most_guesses());
        let is_guessing = known.about(&guess) >= SUSPICIOUS;
        if is_guessing && matches!(verdict, Verdict::After(_)) {
            // Before it is looked at, so that many at once are not all taken for the first ones.
            known = self.count(&guess).await?;
            verdict = known.verdict(&guess, self.most_guesses());
        }
        match verdict {
            Verdict::NotBefore(until) => {
                self.suspects().remember(what, until.min(self.now.plus(REFUSED_SECONDS)));
                Err(self.too_many_guesses(until))
            }
            Verdict::After(wait) => {
                if !wait.is_zero() {
                    self.clock().sleep(wait).await;
                }
                let attempt = Attempt::new(subject, guess, guessed_until);
                Ok(if is_guessing { attempt.counted(&known) } else { attempt })
            }
        }
    }

    /// Counts an attempt that was wrong.
    ///
    /// # Errors
    /// When the table fails.
    pub(super) async fn was_wrong(&self, attempt: Attempt<'_>) -> Result<(), Refusal> {
        let about = match attempt.known {
            Some(about) => about,
            None => self.count(&attempt.guess).await?.about(&attempt.guess),
        };
        let until = self.now.plus(WINDOW_SECONDS);
        let is_known = |said: Timestamp| said > self.now.plus(WINDOW_SECONDS / 2);
        if about < SUSPICIOUS || attempt.guessed_until.is_none_or(is_known) {
            return Ok(());
        }
        match attempt.subject {
            Subject::Account(user) => self.table.suspect_account(user, until).await?,
            Subject::Room(token) => self.table.suspect_room(token, until).await?,
            Subject::Tokens => {}
        }
        Ok(())
    }

    /// Counts a room that does not exist for the caller: somebody may be looking for those that do. It is never held
    /// against a room, and an app that asks for the same one again and again is counted once.
    pub(super) async fn missed_a_room(&self, token: &Token) {
        let guess = Guess::new(Subject::Tokens, &Secret::new(token.to_string()));
        let what = format!("{} {}", self.request.source().as_str(), guess.mark());
        if self.suspects().until(&what, self.now).is_some() {
            return;
        }
        // What cannot be counted now is counted the next time.
        if let Ok(known) = self.count(&guess).await {
            self.suspects().remember(what, known.until);
        }
    }

    /// Turns away those who tried too much from where the caller is.
    ///
    /// # Errors
    /// 429 until that is forgotten.
    pub(super) fn demand_patience(&self) -> Result<(), Refusal> {
        let until = self.suspects().until(self.request.source().as_str(), self.now);
        until.map_or(Ok(()), |until| Err(self.too_many_guesses(until)))
    }

    async fn count(&self, guess: &Guess) -> Result<Guesses, Refusal> {
        let source = self.request.source();
        let known = self.table.count_guess(source, guess, self.now).await?;
        if known.are_too_many(self.most_guesses()) {
            self.suspects().remember(source.as_str().to_owned(), known.until);
        }
        Ok(known)
    }

    fn too_many_guesses(&self, until: Timestamp) -> Refusal {
        Refusal::too_many_guesses(u32::try_from(until.0 - self.now.0).unwrap_or(1))
    }
}
