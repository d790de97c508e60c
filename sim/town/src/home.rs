//! People at home: a device of their own with the card on it.

use card_driver::Secret;
use portal::{Device, DeviceConfig};
use serde_json::Value;
use std::sync::Arc;
use world::tls::Caller;

use crate::slot::CardSlot;
use crate::town::{Town, TownError, house};

impl Town {
    /// A person holds a card to their device and registers its use at the portal with one try of the PIN.
    /// Gives the screens shown.
    pub async fn register_at_home(
        &mut self,
        person: &str,
        card: &str,
        pin: String,
    ) -> Result<Vec<Value>, TownError> {
        let shared = self.held(card)?.shared.clone();
        let slot = CardSlot::new(self.tap.clone(), "home", person);
        slot.put(card, &shared);
        let caller = Caller::anonymous(&self.ground.trusted(), &self.clock);
        let mut device = Device::new(DeviceConfig {
            person: person.to_owned(),
            slot: Box::new(slot.clone()),
            caller: caller.map_err(house("person's device"))?,
            network: Arc::new(self.ground.street.clone()),
            tap: self.tap.clone(),
            pages: self.products.portal.clone(),
        });
        let screens = device.register(Secret::new(pin), false).await;
        slot.take();
        let shown = screens.iter().filter_map(|s| serde_json::to_value(s).ok());
        Ok(shown.collect())
    }
}
