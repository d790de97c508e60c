//! Facts a scenario lays down as plain data before and while it is played. The judge computes
//! what should have happened from these alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Act;

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
        /// Address, as on the card; empty when no card says it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        address: String,
    },
    /// A value of the profile that holds in this scenario instead of the run's.
    ProfileValue {
        /// Name of the parameter.
        key: String,
        /// Its value here.
        value: String,
    },
    /// A certificate the relying parties are to trust, or must not.
    Authority {
        /// `jpki-user-authentication`, `facility`, …
        authority: String,
        /// Digest of the DER bytes kept with the scenario.
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
        /// What else is on the card; absent on a card that is looked at by its certificate alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chip: Option<Chip>,
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
        /// Reason of a revocation, in the words of RFC 5280 (`keyCompromise`, `cessationOfOperation`, …).
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
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
    /// A card replaced another of the same person by renewal or reissue.
    Renewal {
        /// The person.
        person: String,
        /// Serial that ended.
        old_serial: String,
        /// Serial that follows.
        new_serial: String,
        /// Day of the renewal.
        on: String,
        /// RFC 3339 instant from which the eligibility server may know of the pair.
        known_at: String,
    },
    /// An insurer's clerk entered the release of a person's use registration (利用登録解除).
    Release {
        /// The person.
        person: String,
        /// First day without the registration.
        effective_on: String,
        /// RFC 3339 instant at which the entry was made.
        known_at: String,
    },
    /// A drug that was dispensed to a person, as a claim says it.
    Drug {
        /// The person.
        person: String,
        /// Day of dispensing.
        on: String,
        /// Name of the drug.
        name: String,
        /// RFC 3339 instant at which the server was told.
        known_at: String,
    },
    /// A chart the receipt computer had before the story.
    Chart {
        /// The facility.
        facility: String,
        /// The person it is about.
        person: String,
        /// The clinic's own number of the patient; empty when there is none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        patient_number: String,
        /// Name as the clinic writes it.
        name: String,
        /// Half-width kana as the clinic writes it.
        kana: String,
        /// `YYYY-MM-DD`.
        birth: String,
        /// Address as the clinic knows it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        address: String,
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
        /// What else the result must carry: element name of the layout (a path with `/` where it is
        /// nested) and its value.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        carries: BTreeMap<String, String>,
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
        /// `face` (顔認証付きカードリーダー) or `general` (汎用カードリーダー).
        #[serde(default = "face", skip_serializing_if = "is_face")]
        reader: String,
        /// Token of the passcode staff type after looking; empty when the facility has none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        passcode: String,
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

fn face() -> String {
    "face".to_owned()
}

fn is_face(reader: &str) -> bool {
    reader == "face"
}

/// What a card carries beside its user-authentication certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chip {
    /// What kind of card.
    pub kind: CardKind,
    /// Last valid day of the card itself.
    pub card_last_day: String,
    /// Digest of the signing certificate's DER bytes; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signing_certificate: String,
    /// Token of the signing password; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sign_password: String,
    /// Right tries left of the signing password when the card was handed out.
    pub sign_tries_left: u8,
    /// Token of the text application's PIN; empty when it is blocked from issue.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text_pin: String,
    /// Token of 照合番号A, which is the individual number.
    pub verification_a: String,
    /// Token of 照合番号B.
    pub verification_b: String,
    /// Token of the face in the photo; empty when there is no photo.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub face: String,
}

/// Kinds of card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardKind {
    /// Both certificates and every PIN.
    Adult,
    /// Under 15: no signing certificate.
    Minor,
    /// 顔認証マイナンバーカード: no PIN was set and there is no signing certificate.
    FaceOnly,
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
    /// Answers, but only after the wait of the profile is over.
    Slow,
    /// Answers with something that is out of date.
    Old,
    /// Answers under a signature that does not verify.
    WrongSignature,
    /// Answers about another certificate than the one asked for.
    WrongSubject,
    /// Answers that it cannot answer now.
    TryLater,
    /// Its disk takes nothing more.
    DiskFull,
    /// Its database can neither be read nor written.
    StoreBroken,
    /// Somebody else answers in its place, under a certificate no trusted authority issued.
    ForeignCertificate,
    /// Killed and started again on the same files.
    Restarted,
    /// Everything is as it should be again.
    Mended,
}
