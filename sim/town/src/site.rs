//! A clinic's site: its readers with a terminal each, and the receipt computer, around one shared folder.

use std::path::PathBuf;
use std::sync::Arc;

use card_driver::TerminalCredential;
use clinic::desk::{self, ChartSeed, Desk, DeskHandle, Question};
use clinic::reader::{self, ReaderHandle};
use clinic::terminal::{self, Terminal, TerminalHandle};
use identifiers::FacilityCode;
use jiff::civil::Date;
use serde_json::{Value, json};
use world::keys;
use world::net::BoxStream;
use world::tls::Caller;

use crate::TownError;
use crate::slot::CardSlot;
use crate::town::{Town, house};

const LINE_BYTES: usize = 4 * 1024;

/// A clinic to be opened.
#[derive(Clone, Debug)]
pub struct FacilityOrder {
    /// Name in the story.
    pub name: String,
    /// Facility code.
    pub code: FacilityCode,
    /// Whether the trusted authority issued its certificate.
    pub enrolled: bool,
    /// Whether its readers are general-purpose ones.
    pub general: bool,
    /// What staff type after looking at a patient.
    pub passcode: String,
}

/// A reader with its terminal.
pub struct Place {
    /// The reader's name in evidence.
    pub name: String,
    pub slot: CardSlot,
    pub reader: ReaderHandle,
    _terminal: TerminalHandle,
}

/// A running site; it closes when dropped.
pub struct Site {
    /// Facility code.
    pub code: String,
    places: Vec<Place>,
    desk: Option<DeskHandle>,
    config: terminal::Config,
    general: bool,
    charts: PathBuf,
    profile: rules::Profile,
    products: crate::Products,
}

/// A chart as a clinic keeps it before the story.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The clinic's own number of the patient.
    pub patient_number: String,
    /// Name as the clinic writes it.
    pub name: String,
    /// Kana as the clinic writes it.
    pub kana: String,
    /// `YYYY-MM-DD`.
    pub birth: String,
    /// OQSCD007.
    pub sex: String,
    /// Address as the clinic knows it.
    pub address: String,
}

/// What a clerk types to ask by number.
#[derive(Clone, Debug)]
pub struct NumberQuestion {
    /// Kana of the patient at the desk.
    pub kana: String,
    /// 保険者番号.
    pub insurer_number: String,
    /// 記号.
    pub symbol: String,
    /// 番号.
    pub number: String,
    /// 枝番, or empty.
    pub branch: String,
    /// `YYYY-MM-DD`.
    pub birth: String,
    /// Day asked for.
    pub on: Date,
    /// Whether the patient agreed to the limit being shown.
    pub limit_consent: bool,
}

impl Site {
    /// Sets up readers until there are so many.
    pub fn set_up(&mut self, count: u8) {
        while self.places.len() < usize::from(count) {
            let number = u8::try_from(self.places.len() + 1).unwrap_or(u8::MAX);
            let place = self.new_place(number);
            self.places.push(place);
        }
    }

    fn new_place(&self, number: u8) -> Place {
        let mut config = self.config.clone();
        config.reader = number;
        let name = config.party();
        let tap = config.tap.clone();
        let slot = CardSlot::new(tap.clone(), "reader", &name);
        let (near, far) = tokio::io::duplex(LINE_BYTES);
        let (near, far): (BoxStream, BoxStream) = (Box::new(near), Box::new(far));
        let terminal = Terminal::new(config, self.products.terminal.clone());
        let kind = match self.general {
            true => reader::Kind::General,
            false => reader::Kind::Face,
        };
        Place {
            _terminal: terminal.spawn(far, Box::new(slot.clone())),
            reader: reader::spawn(
                self.products.reader.clone(),
                kind,
                &self.profile,
                near,
                tap,
                reader::hop(&name),
            ),
            slot,
            name,
        }
    }

    /// A reader with its terminal, from 1.
    pub fn place(&mut self, number: u8) -> Result<&mut Place, TownError> {
        let at = usize::from(number).saturating_sub(1);
        self.places
            .get_mut(at)
            .ok_or_else(|| TownError::Nothing("reader of the number", number.to_string()))
    }

    /// Every reader of the site.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }

    /// Switches the receipt computer on, with the charts it keeps, or off.
    fn switch(&mut self, on: bool) -> Result<(), TownError> {
        self.desk = None;
        if on {
            let (shared, clock) = (self.config.shared.clone(), self.config.clock.clone());
            let conduct = self.products.desk.clone();
            let desk = Desk::open(shared, &self.charts, &self.code, clock, conduct);
            self.desk = Some(desk.map_err(house("receipt computer"))?.spawn());
        }
        Ok(())
    }
}

impl Town {
    /// Opens a clinic with all it needs; returns its TLS certificate.
    pub async fn open_facility(&mut self, order: &FacilityOrder) -> Result<Vec<u8>, TownError> {
        let key = match order.enrolled {
            true => keys::tls::FACILITY,
            false => keys::tls::STRANGER,
        };
        let code = order.code.as_str();
        let identity = self.authorities.identity(code, key, order.enrolled);
        let identity = identity.map_err(house("clinic"))?;
        let trusted = self.ground.trusted();
        let caller = match self.products.terminal.verifies_server() {
            true => Caller::new(&identity, &trusted, &self.clock),
            false => Caller::credulous(&identity, &self.clock),
        };
        let dir = self.dir.path().join(format!("site{}", self.sites.len()));
        let shared = clinic::Shared::open(&dir.join("OQS")).map_err(house("clinic"))?;
        let credential =
            TerminalCredential::issue(keys::terminal::AUTHORITY, code, keys::terminal::FACILITY);
        let config = terminal::Config {
            facility_code: order.code.clone(),
            facility_name: order.name.clone(),
            reader: 1,
            site: terminal::Site::default(),
            passcode: Some(order.passcode.clone()),
            credential: Arc::new(credential.map_err(house("clinic"))?),
            caller: caller.map_err(house("clinic"))?,
            network: Arc::new(self.ground.street.clone()),
            tap: self.tap.clone(),
            clock: self.clock.clone(),
            charset: terminal::charset_of(&self.ground.profile),
            shared,
        };
        let mut site = Site {
            code: code.to_owned(),
            places: Vec::new(),
            desk: None,
            config,
            general: order.general,
            charts: dir.join("charts"),
            profile: self.ground.profile.clone(),
            products: self.products.clone(),
        };
        site.switch(true)?;
        site.set_up(1);
        self.sites.insert(order.name.clone(), site);
        Ok(identity.chain[0].clone())
    }

    fn desk(&mut self, facility: &str) -> Result<&DeskHandle, TownError> {
        let off = || TownError::Desk(facility.to_owned(), "it is switched off".to_owned());
        self.site(facility)?.desk.as_ref().ok_or_else(off)
    }

    /// What a clinic's receipt computer shows for a person.
    pub fn chart(&mut self, facility: &str, kana: &str, birth: &str) -> Result<Value, TownError> {
        Ok(match &self.site(facility)?.desk {
            Some(desk) => desk.chart(kana, birth),
            None => {
                json!({ "person": kana, "insurances": [], "messages": ["電源が入っていません。"] })
            }
        })
    }

    /// A clinic's receipt computer is switched on or off; results wait in the shared folder meanwhile.
    pub fn switch_desk(&mut self, facility: &str, on: bool) -> Result<(), TownError> {
        self.site(facility)?.switch(on)
    }

    /// A clinic keeps a chart of somebody.
    pub fn open_chart(&mut self, facility: &str, chart: &Chart) -> Result<(), TownError> {
        let seed = ChartSeed {
            patient_number: chart.patient_number.clone(),
            name: chart.name.clone(),
            kana: chart.kana.clone(),
            birth: chart.birth.clone(),
            sex: chart.sex.clone(),
            address: chart.address.clone(),
        };
        let opened = self.desk(facility)?.open_chart(seed);
        opened.map_err(|e| TownError::Desk(facility.to_owned(), e.to_string()))
    }

    /// A clerk asks by number.
    pub fn ask_by_number(
        &mut self,
        facility: &str,
        asked: &NumberQuestion,
    ) -> Result<(), TownError> {
        let question = Question {
            patient_number: String::new(),
            kana: asked.kana.clone(),
            insurer_number: asked.insurer_number.clone(),
            symbol: asked.symbol.clone(),
            number: asked.number.clone(),
            branch: asked.branch.clone(),
            birth: asked.birth.clone(),
            on: asked.on.to_string(),
            limit_consent: asked.limit_consent,
        };
        let sent = self.desk(facility)?.ask_by_number(&question);
        let failed = |e: desk::AskError| TownError::Desk(facility.to_owned(), e.to_string());
        sent.map(drop).map_err(failed)
    }

    /// The doctor's side asks for drug information. A chart without a number to ask with is told so on its own
    /// screen; that is no trouble of the bed's.
    pub fn ask_drugs(&mut self, facility: &str, kana: &str, birth: &str) -> Result<(), TownError> {
        let _ = self.desk(facility)?.ask_drugs(kana, birth);
        Ok(())
    }

    /// A clerk registers the clinic's own number of a patient.
    pub fn register_reference_number(
        &mut self,
        facility: &str,
        kana: &str,
        birth: &str,
        number: &str,
    ) -> Result<(), TownError> {
        let sent = self
            .desk(facility)?
            .register_reference_number(kana, birth, number);
        let failed = |e: desk::AskError| TownError::Desk(facility.to_owned(), e.to_string());
        sent.map(drop).map_err(failed)
    }

    /// The bed puts bytes into a sub-folder of a clinic's shared folder, over what lies there under that name.
    pub fn plant(
        &mut self,
        facility: &str,
        folder: &str,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), TownError> {
        let shared = &self.site(facility)?.config.shared;
        let place = match folder {
            "res" => shared.res(),
            "req" => shared.req(),
            _ => shared.face(),
        };
        let written = std::fs::write(place.join(name), bytes);
        written.map_err(|e| TownError::Folder(format!("{facility}/{folder}"), e.to_string()))
    }
}
