//! A clinic's site: reader, terminal and receipt computer around one shared folder.

use std::path::Path;
use std::sync::Arc;

use clinic::desk;
use clinic::reader::{self, ReaderHandle};
use clinic::terminal::{self, Terminal, TerminalHandle};
use serde_json::{Value, json};
use world::net::BoxStream;

use crate::TownError;
use crate::products::Products;
use crate::slot::CardSlot;

const LINE_BYTES: usize = 4 * 1024;

/// A running site; it closes when dropped.
pub struct Site {
    pub slot: CardSlot,
    pub reader: ReaderHandle,
    pub desk: Option<desk::DeskHandle>,
    _terminal: TerminalHandle,
}

impl Site {
    /// Opens a site in a folder of its own.
    pub fn open(
        dir: &Path,
        config: terminal::Config,
        profile: &rules::Profile,
        products: &Products,
    ) -> Result<Self, TownError> {
        let shared = config.shared.clone();
        let name = config.facility_name.clone();
        let slot = CardSlot::new(config.tap.clone(), &name);
        let (near, far) = tokio::io::duplex(LINE_BYTES);
        let (near, far): (BoxStream, BoxStream) = (Box::new(near), Box::new(far));
        let desk = desk::Desk::open(
            shared,
            &dir.join("charts"),
            config.clock.clone(),
            products.desk.clone(),
        )
        .map_err(|e| TownError::House("receipt computer", e.to_string()))?;
        let tap = config.tap.clone();
        let terminal = Terminal::new(config, products.terminal.clone());
        Ok(Site {
            _terminal: terminal.spawn(far, Box::new(slot.clone())),
            reader: reader::spawn(
                Arc::clone(&products.reader),
                profile,
                near,
                tap,
                reader::hop(&name),
            ),
            desk: Some(desk.spawn()),
            slot,
        })
    }

    /// What the receipt computer shows for a person.
    pub fn chart(&self, kana: &str, birth: &str) -> Value {
        match &self.desk {
            Some(desk) => desk.chart(kana, birth),
            None => {
                json!({ "person": kana, "insurances": [], "messages": ["電源が入っていません。"] })
            }
        }
    }
}
