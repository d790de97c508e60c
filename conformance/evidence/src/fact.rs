//! Facts a scenario lays down as plain data before and while it is played. The judge computes
//! what should have happened from these alone.

use serde::{Deserialize, Serialize};

/// One declared fact. Dates are `YYYY-MM-DD` (Japanese calendar days), instants RFC 3339 with
/// `+09:00`; secrets appear as tokens such as `⟦PIN#1⟧` only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fact {
    /// The civil clock at the scenario's start.
    Clock {
        /// RFC 3339 instant.
        at: String,
    },
    /// An invented person.
    Person {
        /// Name used in the scenario, unique in it.
        person: String,
        /// Name as registered with the insurer.
        name: String,
        /// Half-width kana.
        kana: String,
        /// `YYYY-MM-DD`.
        birth: String,
        /// OQSCD007: 1 male, 2 female, 3 not set.
        sex: String,
    },
    /// A certificate the relying parties are to trust, or must not.
    Authority {
        /// `jpki-user-authentication`, `facility`, …
        authority: String,
        /// Digest of the DER bytes kept in `bytes/`.
        certificate: String,
        /// Whether relying parties were told to trust it.
        trusted: bool,
    },
    /// A card and who truly holds it.
    Card {
        /// Name of the card in the scenario.
        card: String,
        /// The person it was issued to.
        holder: String,
        /// Serial of its user-authentication certificate, lower-case hex without leading zeros.
        serial: String,
        /// Digest of the certificate's DER bytes.
        certificate: String,
        /// First valid day.
        first_day: String,
        /// Last valid day (the certificate ends at 23:59:59 Japanese time).
        last_day: String,
        /// Token of its authentication PIN.
        pin: String,
        /// Right tries left when it was handed out.
        tries_left: u8,
        /// False when the private key on the card does not belong to the certificate.
        genuine: bool,
    },
    /// The card was used elsewhere before: so many right tries are left now.
    Tries {
        /// Name of the card.
        card: String,
        /// Tries left of its authentication PIN.
        tries_left: u8,
    },
    /// What the authority knows about a certificate, and since when.
    Certificate {
        /// Serial in hex, as in `Card`.
        serial: String,
        /// What happened to it.
        event: CertificateEvent,
        /// RFC 3339 instant.
        at: String,
    },
    /// The person's use registration (利用登録): serial tied to the insured number.
    Registration {
        /// The person.
        person: String,
        /// Serial in hex.
        serial: String,
        /// RFC 3339 instant.
        at: String,
    },
    /// What an insurer's clerk entered, right or wrong.
    InsurerEntry {
        /// The insurer's name in the scenario.
        insurer: String,
        /// The person concerned.
        person: String,
        /// Gain or loss.
        kind: EntryKind,
        /// Insurer number as entered, wrong check digits included.
        insurer_number: String,
        /// 記号.
        symbol: String,
        /// 番号.
        number: String,
        /// 枝番.
        branch: String,
        /// First day with (gain) or without (loss) the qualification.
        on: String,
        /// RFC 3339 instant at which the entry was made.
        known_at: String,
    },
    /// A clinic and the certificate it holds.
    Facility {
        /// Name in the scenario.
        facility: String,
        /// Facility code, ten digits.
        code: String,
        /// Digest of its TLS client certificate.
        certificate: String,
        /// Whether the trusted facility authority issued it.
        enrolled: bool,
    },
    /// A wire or house that misbehaves on purpose.
    Fault {
        /// Which house: `ocsp`, `eligibility-server`, …
        house: String,
        /// How.
        kind: FaultKind,
        /// RFC 3339 instant from which it holds.
        from: String,
    },
    /// What somebody's hands did.
    Hands {
        /// `patient` or `clerk`.
        who: String,
        /// What they did.
        act: Act,
    },
    /// The bed could not play a step; the scenario proves nothing.
    BedError {
        /// The step's text.
        step: String,
        /// What went wrong.
        error: String,
    },
}

/// What happened to a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateEvent {
    /// Issued and good.
    Issued,
    /// Revoked for good.
    Revoked,
    /// Suspended by a loss report; may be lifted.
    Suspended,
    /// Suspension lifted.
    Lifted,
    /// The responder says it has never heard of it.
    Unknown,
}

/// Gain or loss of qualification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// 資格取得.
    Gain,
    /// 資格喪失.
    Loss,
}

/// How a house misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// Accepts the connection and never answers.
    Silent,
    /// Refuses connections.
    Down,
}

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
    },
    /// The patient chooses the PIN way.
    ChoosePin,
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
