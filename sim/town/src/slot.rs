//! The slot of a reader: where a card lies or does not, with its commands tapped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clinic::terminal::{Slot, SlotError};
use virtual_card::Card;
use world::tap::{Carrier, Hop, Tap, Way};

/// A card that houses share: in a hand, or in a slot.
pub type SharedCard = Arc<Mutex<Card>>;

struct Lying {
    card: SharedCard,
    hop: Hop,
    connection: u32,
}

/// A slot; cloning shares it.
#[derive(Clone)]
pub struct CardSlot {
    tap: Tap,
    facility: String,
    lying: Arc<Mutex<Option<Lying>>>,
}

impl CardSlot {
    /// An empty slot of a facility's reader.
    pub fn new(tap: Tap, facility: &str) -> Self {
        CardSlot {
            tap,
            facility: facility.to_owned(),
            lying: Arc::default(),
        }
    }

    fn lying(&self) -> MutexGuard<'_, Option<Lying>> {
        self.lying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A card is put in; it gets power.
    pub fn put(&self, name: &str, card: &SharedCard) {
        let end = |role: &str, name: &str| (role.to_owned(), name.to_owned());
        let hop = Hop {
            name: "card",
            near: end("reader", &self.facility),
            far: end("card", name),
            carrier: Carrier::VerifyCommand,
        };
        lock(card).power_on();
        let connection = self.tap.connection(&hop);
        *self.lying() = Some(Lying {
            card: card.clone(),
            hop,
            connection,
        });
    }

    /// The card is taken out and loses power.
    pub fn take(&self) {
        if let Some(lying) = self.lying().take() {
            lock(&lying.card).power_off();
        }
    }
}

/// The card behind its lock; a panic elsewhere does not make it unusable.
pub fn lock(card: &SharedCard) -> MutexGuard<'_, Card> {
    card.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slot for CardSlot {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, SlotError> {
        let lying = self.lying();
        let Some(Lying {
            card,
            hop,
            connection,
        }) = lying.as_ref()
        else {
            return Err(SlotError::NoCard);
        };
        self.tap.message(hop, *connection, Way::Out, command);
        let response = lock(card).handle(command);
        self.tap.message(hop, *connection, Way::Back, &response);
        Ok(response)
    }
}
