//! What people said to one another, and what of it arrived.

use std::collections::BTreeMap;

use crate::step::Who;

/// Something that was said.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) from: Who,
    pub(crate) to: Who,
    /// The address to which it was sent: a session, or what a socket is called.
    pub(crate) address: String,
    /// Whether it was taken: the answer was a success, and the two were in one call.
    pub(crate) is_taken: bool,
}

/// Everything that was said, and everything that was heard.
#[derive(Default)]
pub(crate) struct Mail {
    said: BTreeMap<u64, Said>,
    /// What each heard, in order: the address at which, and the number of the message.
    heard: Vec<(Who, String, u64)>,
}

impl Mail {
    /// Notes something that was said, under a number of its own that grows.
    pub(crate) fn say(&mut self, number: u64, said: Said) {
        self.said.insert(number, said);
    }

    /// Notes something that was heard.
    pub(crate) fn hear(&mut self, who: Who, address: &str, number: u64) {
        self.heard.push((who, address.to_owned(), number));
    }

    /// How much was said and heard.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.said.len(), self.heard.len())
    }

    /// What was heard twice, in another order, by others than those it was for, or was never said.
    pub(crate) fn disorder(&self) -> Vec<String> {
        let mut disorder = Vec::new();
        let mut last: BTreeMap<(Who, &str), u64> = BTreeMap::new();
        for (who, address, number) in &self.heard {
            let Some(said) = self.said.get(number) else {
                disorder.push(format!("{who} heard {number}, which nobody said"));
                continue;
            };
            if said.to != *who || said.address != *address {
                disorder.push(format!("{who} heard {number}, which {} said to {}", said.from, said.to));
            }
            let before = last.insert((said.from, address), *number);
            if let Some(before) = before.filter(|before| before >= number) {
                disorder.push(format!("{who} heard {number} after {before}, both by {}", said.from));
            }
        }
        disorder
    }

    /// What was taken for one of these addresses, which are still there, and was not heard.
    pub(crate) fn lost(&self, addresses: &[String]) -> Vec<String> {
        let is_heard = |number: &u64| self.heard.iter().any(|(_, _, heard)| heard == number);
        let missing = self
            .said
            .iter()
            .filter(|(number, said)| said.is_taken && addresses.contains(&said.address) && !is_heard(number));
        missing.map(|(number, said)| format!("{} never heard {number} by {}", said.to, said.from)).collect()
    }
}
