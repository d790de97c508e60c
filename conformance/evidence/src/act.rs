//! What hands did at a product: patients', clerks', staff's, an examiner's, and the suite's own. Declared before
//! the product reacts, so that a judge knows what was done and not only what was heard.

use serde::{Deserialize, Serialize};

/// What hands did at a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// The patient puts a card on a facility's reader.
    PlaceCard {
        /// The card.
        card: String,
        /// The person at the reader.
        person: String,
        /// The facility.
        facility: String,
        /// Which of the facility's readers, from 1. Parties at the second one are named with `#2` behind
        /// the facility's name.
        #[serde(default = "first", skip_serializing_if = "is_first")]
        reader: u8,
    },
    /// Of several patients whose cards lie in readers, this one does what follows.
    GoOn {
        /// The person.
        person: String,
    },
    /// The patient chooses the PIN way.
    ChoosePin,
    /// The patient chooses the face way.
    ChooseFace,
    /// The patient looks into the camera.
    LookIntoCamera {
        /// Token of the face that is in front of it.
        face: String,
        /// False when light, mask or angle spoil the picture.
        clear: bool,
    },
    /// Staff are called to compare the person with the photo by eye.
    CallStaff,
    /// Staff looked and type the passcode, or refuse to.
    EnterPasscode {
        /// Token of what was typed.
        passcode: String,
    },
    /// The patient answers the offer of the use registration.
    AnswerRegistration {
        /// The answer.
        agreed: bool,
    },
    /// The card leaves the slot by itself before a command reaches it.
    CardSlips {
        /// Number of the command in this stay, from 1.
        command: u32,
    },
    /// The person registers the card's use at the portal, at home.
    RegisterAtPortal {
        /// The person.
        person: String,
        /// The card.
        card: String,
        /// Token of the PIN that was typed.
        pin: String,
    },
    /// The suite itself sends commands to a card on a reader of its own.
    Examine {
        /// The card.
        card: String,
        /// Name of the list of commands.
        script: String,
    },
    /// Somebody tries to read the chip by force.
    Tamper {
        /// The card.
        card: String,
    },
    /// The municipality's counter resets a card's secrets.
    ResetAtCounter {
        /// The card.
        card: String,
        /// `authentication-pin`, `sign-password` or `text-pin`.
        secret: String,
        /// Token of the new one.
        new: String,
    },
    /// The clerk asks by number at the receipt computer (資格確認書 or the old card in hand).
    AskByNumber {
        /// The facility.
        facility: String,
        /// The person it is about.
        person: String,
        /// Insurer number as typed.
        insurer_number: String,
        /// 記号 as typed.
        symbol: String,
        /// 番号 as typed.
        number: String,
        /// 枝番 as typed; empty when left out.
        branch: String,
        /// Birth date as typed, `YYYY-MM-DD`.
        birth: String,
        /// Day asked for, `YYYY-MM-DD`.
        on: String,
        /// Whether the patient agreed that the limit certificate is shown.
        limit_consent: bool,
    },
    /// The doctor's side asks for drug information of the person's current number.
    AskDrugs {
        /// The facility.
        facility: String,
        /// The person.
        person: String,
    },
    /// The clerk registers the clinic's own number of a patient (照会番号).
    RegisterReferenceNumber {
        /// The facility.
        facility: String,
        /// The person.
        person: String,
        /// The number.
        reference_number: String,
    },
    /// The receipt computer is switched on or off.
    SwitchDesk {
        /// The facility.
        facility: String,
        /// On.
        on: bool,
    },
    /// The bed itself puts a file into the shared folder, in the place of a terminal or a receipt computer.
    PlantFile {
        /// The facility.
        facility: String,
        /// `face`, `res` or `req`.
        folder: String,
        /// Name of the file.
        name: String,
        /// Digest of what lies there now, kept with the scenario.
        bytes: String,
        /// False while the rest is still to be written.
        whole: bool,
        /// The person the file is about; empty when it is about nobody.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        person: String,
    },
    /// The bed sends a request of its own to a house, under a facility's or another certificate.
    SendRequest {
        /// Name of the request in the list of requests.
        request: String,
        /// Whose certificate is shown.
        sender: String,
    },
    /// The patient confirms having read a warning.
    AcknowledgeWarning,
    /// The patient types a PIN.
    EnterPin {
        /// Token of what was typed.
        pin: String,
    },
    /// The patient answers one consent screen.
    Consent {
        /// `operation`, `treatment-drug` or `checkup`.
        kind: String,
        /// The answer.
        given: bool,
    },
    /// The patient takes the card.
    TakeCard,
    /// The clerk looks at what the receipt computer shows for the patient.
    LookAtChart {
        /// The facility.
        facility: String,
        /// The person.
        person: String,
    },
    /// The insurer's clerk enters the release of a use registration.
    EnterRelease {
        /// The insurer.
        insurer: String,
        /// The person.
        person: String,
        /// First day without the registration.
        effective_on: String,
    },
    /// The insurer's clerk enters a registration.
    EnterRegistration {
        /// The insurer.
        insurer: String,
        /// The person.
        person: String,
        /// Insurer number as typed.
        insurer_number: String,
    },
}

fn first() -> u8 {
    1
}

fn is_first(reader: &u8) -> bool {
    *reader == 1
}
