//! The slot a card lies in, as whoever drives the card sees it: command bytes in, response bytes out.

/// The slot a card lies in; command bytes in, response bytes out.
pub trait Slot: Send {
    /// Sends one command to the card and waits for its response.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, SlotError>;
}

/// Why the slot gave no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// No card lies in it, or it was taken out meanwhile.
    #[error("no card lies in the slot; its holder must place it")]
    NoCard,
    /// A card lies in it and does not answer.
    #[error("the card does not answer: {0}; place it again, or have the slot looked at")]
    Failed(String),
}
