//! The products that play in a town, one a role: the reference ones, or some put in their place.

use std::sync::Arc;

/// One product a role. Cloning shares them.
#[derive(Clone)]
pub struct Products {
    /// The card.
    pub card: Arc<dyn virtual_card::Conduct>,
    /// Whoever puts certificates onto cards.
    pub jlis: Arc<dyn jlis::Conduct>,
    /// The reader.
    pub reader: Arc<dyn clinic::reader::Conduct>,
    /// The terminal.
    pub terminal: Arc<dyn clinic::terminal::Conduct>,
    /// The receipt computer.
    pub desk: Arc<dyn clinic::desk::Conduct>,
    /// The eligibility server.
    pub server: Arc<dyn server::Conduct>,
    /// The insurers' systems.
    pub insurer: Arc<dyn insurer::Conduct>,
    /// The portal.
    pub portal: Arc<dyn portal::Conduct>,
}

impl Products {
    /// The reference products of every role.
    pub fn reference() -> Self {
        Products {
            card: Arc::new(virtual_card::Reference),
            jlis: Arc::new(jlis::Reference),
            reader: Arc::new(clinic::reader::Reference),
            terminal: Arc::new(clinic::terminal::Reference),
            desk: Arc::new(clinic::desk::Reference),
            server: Arc::new(server::Reference),
            insurer: Arc::new(insurer::Reference),
            portal: Arc::new(portal::Reference),
        }
    }
}
