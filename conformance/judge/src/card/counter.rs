//! The try counter of one secret, as far as the card's answers let it be known: every state it may be in.
//! Where a source leaves something open, or a command was torn, several are possible.

use std::collections::BTreeSet;

/// What was presented to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// Nothing: the tries left are asked for.
    Query,
    /// The right secret.
    Right,
    /// A wrong one.
    Wrong,
    /// One of which the facts do not say whether it is right.
    Unsure,
}

/// Status words a blocked key may answer: 6984 on the cards seen, 6983 by ISO.
const BLOCKED: [u16; 2] = [0x6984, 0x6983];
const DONE: u16 = 0x9000;

/// A counter: the pairs of tries left and tries at most that are still possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    states: BTreeSet<(u8, u8)>,
}

fn after(state: (u8, u8), tried: Try) -> Vec<(u16, (u8, u8))> {
    let (left, most) = state;
    let blocked = || BLOCKED.map(|word| (word, state)).to_vec();
    match tried {
        Try::Query => vec![(0x63C0 | u16::from(left), state)],
        _ if left == 0 => blocked(),
        Try::Right => vec![(DONE, (most, most))],
        Try::Wrong => vec![(0x63C0 | u16::from(left - 1), (left - 1, most))],
        Try::Unsure => [after(state, Try::Right), after(state, Try::Wrong)].concat(),
    }
}

impl Counter {
    /// A counter in one of these states.
    pub fn new(states: BTreeSet<(u8, u8)>) -> Self {
        Counter { states }
    }

    /// The same with so many tries left.
    pub fn with_left(&self, left: u8) -> Self {
        Counter::new(self.states.iter().map(|(_, most)| (left, *most)).collect())
    }

    /// The same with every try left.
    pub fn restored(&self) -> Self {
        Counter::new(self.states.iter().map(|(_, most)| (*most, *most)).collect())
    }

    /// Status words due, in order.
    pub fn due(&self, tried: Try) -> BTreeSet<u16> {
        let all = self.states.iter().flat_map(|state| after(*state, tried));
        all.map(|(word, _)| word).collect()
    }

    /// Takes in an answer; false when none of the states allows it. Then the card's own word counts.
    pub fn answered(&mut self, tried: Try, word: u16) -> bool {
        let all = self.states.iter().flat_map(|state| after(*state, tried));
        let fits: BTreeSet<(u8, u8)> = { all }
            .filter(|(due, _)| *due == word)
            .map(|(_, state)| state)
            .collect();
        if !fits.is_empty() {
            self.states = fits;
            return true;
        }
        let counts = word == DONE || word & 0xFFF0 == 0x63C0 || BLOCKED.contains(&word);
        if !counts && tried != Try::Query && tried != Try::Right {
            // What could never be the secret, by its length, is no try; a card may count it as one.
            self.torn(Try::Wrong);
            return true;
        }
        self.believe(tried, word);
        false
    }

    fn believe(&mut self, tried: Try, word: u16) {
        let most: BTreeSet<u8> = self.states.iter().map(|(_, most)| *most).collect();
        let with = |left: u8| most.iter().map(|m| (left, left.max(*m))).collect();
        self.states = match word {
            DONE if tried == Try::Right => most.iter().map(|m| (*m, *m)).collect(),
            DONE => most
                .iter()
                .flat_map(|m| (0..=*m).map(|left| (left, *m)))
                .collect(),
            word if word & 0xFFF0 == 0x63C0 => with(u8::try_from(word & 0xF).unwrap_or(0)),
            word if BLOCKED.contains(&word) => with(0),
            _ => return,
        };
    }

    /// The card left during a try: it counted or not; a right one may have restored the counter.
    pub fn torn(&mut self, tried: Try) {
        let mut more = self.states.clone();
        for (left, most) in &self.states {
            if tried != Try::Query && *left > 0 {
                more.insert((left - 1, *most));
                if tried != Try::Wrong {
                    more.insert((*most, *most));
                }
            }
        }
        self.states = more;
    }

    /// Tries left, where that is certain.
    pub fn left(&self) -> Option<u8> {
        let mut left = self.states.iter().map(|(left, _)| *left);
        let first = left.next()?;
        left.all(|l| l == first).then_some(first)
    }

    /// Whether it is certainly locked.
    pub fn is_locked(&self) -> bool {
        self.left() == Some(0)
    }

    /// Whether a status word says that fewer tries are left than any state allows.
    pub fn is_lower(&self, word: u16) -> bool {
        let said = match word {
            word if word & 0xFFF0 == 0x63C0 => u8::try_from(word & 0xF).unwrap_or(0),
            word if BLOCKED.contains(&word) => 0,
            _ => return false,
        };
        self.states.iter().all(|(left, _)| said < *left)
    }

    /// Whether a status word says that a secret without tries opens again.
    pub fn is_open(word: u16) -> bool {
        word == DONE || (word & 0xFFF0 == 0x63C0 && word != 0x63C0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pin(left: u8) -> Counter {
        Counter::new([(left, 3)].into())
    }

    #[test]
    fn a_counter_counts() {
        let mut counter = pin(3);
        for (tried, word) in [
            (Try::Wrong, 0x63C2),
            (Try::Query, 0x63C2),
            (Try::Right, 0x9000),
            (Try::Query, 0x63C3),
            (Try::Wrong, 0x63C2),
            (Try::Wrong, 0x63C1),
            (Try::Wrong, 0x63C0),
            (Try::Right, 0x6984),
            (Try::Wrong, 0x6983),
        ] {
            assert!(counter.answered(tried, word), "{tried:?} {word:04X}");
        }
        assert!(counter.is_locked());
        assert!(!counter.answered(Try::Right, 0x9000));
        assert_eq!(counter.left(), Some(3), "its own word counts from then on");
    }

    #[test]
    fn a_torn_try_counts_or_not() {
        let mut counter = pin(3);
        counter.torn(Try::Wrong);
        assert_eq!(counter.left(), None);
        assert_eq!(counter.due(Try::Query), [0x63C2, 0x63C3].into());
        assert!(counter.answered(Try::Query, 0x63C2));
        counter.torn(Try::Wrong);
        assert!(!counter.clone().answered(Try::Query, 0x63C3), "restored");
        assert!(!counter.clone().answered(Try::Query, 0x63C0), "skipped");
        counter.torn(Try::Right);
        assert!(counter.answered(Try::Query, 0x63C3));
    }

    #[test]
    fn the_first_answer_tells_which_maximum_it_is() {
        let mut counter = Counter::new([(10, 10), (3, 3)].into());
        assert!(counter.answered(Try::Query, 0x63CA));
        assert_eq!(counter.left(), Some(10));
        assert!(!counter.answered(Try::Query, 0x63C3));
    }

    proptest! {
        #[test]
        fn what_is_due_is_never_refused(tries in proptest::collection::vec(0u8..3, 0..30), left in 0u8..4) {
            let mut counter = pin(left);
            for tried in tries {
                let tried = [Try::Query, Try::Right, Try::Wrong][usize::from(tried)];
                let word = *counter.due(tried).first().unwrap();
                prop_assert!(counter.answered(tried, word));
                prop_assert!(counter.left().is_some_and(|l| l <= 3));
            }
        }

        #[test]
        fn any_answer_leaves_something_possible(words in proptest::collection::vec(any::<u16>(), 0..20)) {
            let mut counter = pin(3);
            for word in words {
                counter.answered(Try::Wrong, word);
                counter.torn(Try::Unsure);
                prop_assert!(!counter.due(Try::Query).is_empty());
            }
        }
    }
}
