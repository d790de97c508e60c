//! The server's decisions, one method each, so that a server that errs on purpose differs from the
//! reference in one decision only. Whatever a method lets through goes on as if it had been right.

use relying::Refusal;
use rules::{
    Date, Decision, History, Inputs, NumberAnswer, Profile, Qualification, Registered, Revocation,
    Tie,
};
use wire::failure::Failure;
use wire::registration::Benefits;

use crate::consent::ConsentKind;
use crate::drugs::DrugConsent;

/// What a server decides. Every default is the reference behaviour.
pub trait Conduct: Send + Sync {
    /// Whether a client must show a certificate of the facility authority (SEC-01). A server that
    /// refuses nobody takes any certificate's common name for the asker.
    fn refuses_strangers(&self) -> bool {
        true
    }

    /// Whether an asker may use a path of the feed; `found` says whether its certificate is that of the
    /// house the path belongs to (SEC-01).
    fn feed_asker_ok(&self, found: bool) -> bool {
        found
    }

    /// What a refusal says: what happened and what to do (SEC-05).
    fn says_why(&self, found: Failure) -> Failure {
        found
    }

    /// Whether a session that has served already is refused (PKI-08); `used` says whether it has.
    fn refuses_replay(&self, used: bool) -> bool {
        used
    }

    /// Whether the card's certificate is one to trust (PKI-01); `found` is what the check found.
    fn chain_ok(&self, found: Result<(), Refusal>) -> Result<(), Refusal> {
        found
    }

    /// Whether the card's signature counts (PKI-08); `found` is what the check found.
    fn signature_ok(&self, found: bool) -> bool {
        found
    }

    /// Whether revocation is asked of a certificate that has expired (PKI-02). One that is not asked
    /// about counts as good.
    fn asks_revocation_for_expired(&self) -> bool {
        true
    }

    /// What the revocation service's answer counts as (PKI-02, PKI-03, PKI-07).
    fn revocation(&self, found: Revocation) -> Revocation {
        found
    }

    /// Milliseconds it waits for word of revocation, given those of the profile (PKI-07).
    fn revocation_wait_ms(&self, found: u64) -> u64 {
        found
    }

    /// Whether a card is refused whose signing certificate has been revoked (PKI-05): a move revokes that
    /// one alone.
    fn minds_signing_certificate(&self) -> bool {
        false
    }

    /// How a serial's use registration stands (REG-03, REG-07); `found` is what the store says.
    fn standing(&self, found: Registered) -> Registered {
        found
    }

    /// From which day a release takes effect (REG-07); `effective_on` is the day the insurer gave.
    fn release_effective(&self, effective_on: Date) -> Date {
        effective_on
    }

    /// What one more registration comes to (REG-05); `found` is what the store says.
    fn tie(&self, found: Tie) -> Tie {
        found
    }

    /// Whether a renewal carries the use registration over to the new serial (LIFE-05, LIFE-06, PKI-06);
    /// `found` says whether it was made no later than the end of the grace, `lapsed` whether after the old
    /// certificate's last day.
    fn carries_over(&self, found: bool, _lapsed: bool) -> bool {
        found
    }

    /// Whether a loss is kept whose gain has not arrived (INS-04): entries come in any order.
    fn keeps_early_loss(&self) -> bool {
        true
    }

    /// A person's qualifications over all insurers as one history (INS-02, INS-03); `found` is what the
    /// entries come to.
    fn history(&self, found: History) -> History {
        found
    }

    /// The shares and certificates of an answer (ELIG-07, ELIG-08, ELIG-10); `found` are those of the
    /// insurer's entry.
    fn benefits(&self, found: Benefits) -> Benefits {
        found
    }

    /// The decision on one confirmation (PKI-04, LIFE-01 to LIFE-03, LIFE-07, ELIG-03).
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        rules::decide(inputs, profile, today)
    }

    /// Which of a person's qualifications is answered (ELIG-01); `chosen` is the decision's.
    fn choose_qualification(
        &self,
        _history: &History,
        chosen: Option<Qualification>,
    ) -> Option<Qualification> {
        chosen
    }

    /// Whether the patient's consents count (LIFE-02); `found` is the decision's.
    fn consents_honoured(&self, found: bool) -> bool {
        found
    }

    /// Whether a kind of information was agreed to (CONS-01); `chosen` is the patient's answer.
    fn agreed(&self, _kind: ConsentKind, chosen: bool) -> bool {
        chosen
    }

    /// First moment a consent no longer holds (CONS-02), in milliseconds since 1970.
    fn consent_until(&self, given_ms: i64, hours: u32) -> i64 {
        given_ms.saturating_add(i64::from(hours) * 3_600_000)
    }

    /// Which day a confirmation by number is answered for (ELIG-05); `asked` is the request's.
    fn asked_day(&self, asked: Date, _today: Date) -> Date {
        asked
    }

    /// What a number came to (ELIG-02, ELIG-03, ELIG-06); `found` is the decision's.
    fn by_number(&self, found: NumberAnswer) -> NumberAnswer {
        found
    }

    /// Whether whoever asks by a lost number is told the newer qualification too (ELIG-04).
    fn discloses_new_qualification(&self) -> bool {
        false
    }

    /// Whether the first of several people with a number is taken for the one who is meant (ELIG-06).
    fn matches_without_branch_first(&self) -> bool {
        false
    }

    /// Whether limit data go out by number when the patient has not agreed (ELIG-07).
    fn gives_limit_without_consent(&self) -> bool {
        false
    }

    /// Whether a number of somebody whose certificate has expired is refused (LIFE-08).
    fn certificate_expiry_blocks_number(&self) -> bool {
        false
    }

    /// Whether a 照会番号 goes out (ELIG-16); `own` says whether the asking facility registered it.
    fn shows_reference_number(&self, own: bool) -> bool {
        own
    }

    /// What a consent to drug information counts as (CONS-01, CONS-02); `found` is what the store says.
    fn drug_consent(&self, found: DrugConsent) -> DrugConsent {
        found
    }

    /// The challenge an asker is given (PKI-08); `fresh` is one nobody was given before.
    fn challenge(&self, fresh: [u8; 32]) -> [u8; 32] {
        fresh
    }

    /// When an answer says it was made (ELIG-20), in milliseconds of the civil clock.
    fn executed_ms(&self, now_ms: i64) -> i64 {
        now_ms
    }

    /// Whether an entry is on disk before it is acknowledged (SEC-04). A server that does not do so
    /// keeps entries in memory alone.
    fn keeps_before_answering(&self) -> bool {
        true
    }
}

/// The server that errs nowhere on purpose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Conduct for Reference {}
