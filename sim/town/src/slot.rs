//! The slot of a reader: where a card lies or does not, with its commands tapped; and the card slipping off
//! it before a command.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use card_driver::{Slot, SlotError};
use virtual_card::Card;
use world::tap::{Carrier, Hop, Tap, Way};

/// A card that houses share: in a hand, or in a slot.
pub type SharedCard = Arc<Mutex<Card>>;

struct Lying {
    card: SharedCard,
    hop: Hop,
    connection: u32,
    /// Commands sent in this stay.
    sent: u32,
    /// Commands still to come before the card slips off.
    slips_after: Option<u32>,
}

/// A slot; cloning shares it.
#[derive(Clone)]
pub struct CardSlot {
    tap: Tap,
    owner: (String, String),
    lying: Arc<Mutex<Option<Lying>>>,
}

impl CardSlot {
    /// An empty slot of somebody, by role and name as evidence has them.
    pub fn new(tap: Tap, role: &str, name: &str) -> Self {
        CardSlot {
            tap,
            owner: (role.to_owned(), name.to_owned()),
            lying: Arc::default(),
        }
    }

    fn lying(&self) -> MutexGuard<'_, Option<Lying>> {
        self.lying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A card is put in; it gets power.
    pub fn put(&self, name: &str, card: &SharedCard) {
        let hop = Hop {
            name: "card",
            near: self.owner.clone(),
            far: ("card".to_owned(), name.to_owned()),
            carrier: Carrier::Card,
        };
        lock(card).power_on();
        let connection = self.tap.connection(&hop);
        *self.lying() = Some(Lying {
            card: card.clone(),
            hop,
            connection,
            sent: 0,
            slips_after: None,
        });
    }

    /// The card is taken out and loses power.
    pub fn take(&self) {
        if let Some(lying) = self.lying().take() {
            lock(&lying.card).power_off();
        }
    }

    /// The card that lies in it slips off before its next command of this number, from 1. Gives that command's
    /// number in the whole stay.
    pub fn let_slip(&self, command: u32) -> u32 {
        let mut lying = self.lying();
        let Some(lying) = lying.as_mut() else {
            return command;
        };
        lying.slips_after = Some(command.saturating_sub(1));
        lying.sent + command
    }

    /// The card is pulled out so many steps into a command. Nobody hears an answer.
    pub fn tear(&self, command: &[u8], steps: u32) {
        let lying = self.lying();
        if let Some(Lying {
            card,
            hop,
            connection,
            ..
        }) = lying.as_ref()
        {
            self.tap.message(hop, *connection, Way::Out, command);
            let answer = lock(card).handle_pulled_after(command, steps);
            if let Some(answer) = answer {
                self.tap.message(hop, *connection, Way::Back, &answer);
            }
        }
    }
}

/// The card behind its lock; a panic elsewhere does not make it unusable.
pub fn lock(card: &SharedCard) -> MutexGuard<'_, Card> {
    card.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slot for CardSlot {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, SlotError> {
        let slipped = self
            .lying()
            .as_ref()
            .is_some_and(|l| l.slips_after == Some(0));
        if slipped {
            self.take();
        }
        let mut lying = self.lying();
        let Some(Lying {
            card,
            hop,
            connection,
            sent,
            slips_after,
        }) = lying.as_mut()
        else {
            return Err(SlotError::NoCard);
        };
        *sent += 1;
        *slips_after = slips_after.map(|left| left.saturating_sub(1));
        self.tap.message(hop, *connection, Way::Out, command);
        let response = lock(card).handle(command);
        if response.is_empty() {
            return Err(SlotError::Failed("the chip gives no answer".to_owned()));
        }
        self.tap.message(hop, *connection, Way::Back, &response);
        Ok(response)
    }
}
