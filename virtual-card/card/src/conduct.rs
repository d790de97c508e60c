//! Every decision of the card that a wrong card could take differently, one method each. The
//! default methods are the reference card; whoever needs a deviating one overrides a single method.

use crate::secret::SIGN_TRIES;

/// How a card behaves where it has a duty. Counts are tries left, 0 to the maximum of the secret.
pub trait Conduct: Send + Sync {
    /// Tries left after one wrong try.
    fn tries_after_wrong(&self, left: u8) -> u8 {
        left.saturating_sub(1)
    }

    /// Tries left after a right try.
    fn tries_after_right(&self, maximum: u8) -> u8 {
        maximum
    }

    /// Tries left after the power went and came back, of a secret that was set.
    fn tries_after_power_cycle(&self, left: u8, _maximum: u8) -> u8 {
        left
    }

    /// Whether a secret without any try left has all of them again after the power went and came back.
    fn unlocks_on_power(&self) -> bool {
        false
    }

    /// Tries of the sign password at issue.
    fn sign_tries_count(&self) -> u8 {
        SIGN_TRIES
    }

    /// Whether the last try of one secret locks every other one with it.
    fn locks_together(&self) -> bool {
        false
    }

    /// Whether a secret with that many tries left is refused without looking at the try.
    fn is_blocked(&self, left: u8) -> bool {
        left == 0
    }

    /// Whether the counter is lowered before the secret is compared, so that pulling the card out
    /// in between never gives a try back.
    fn lowers_before_comparing(&self) -> bool {
        true
    }

    /// Whether the counters of before come back when the card is pulled out within a command.
    fn restores_counter_on_tear(&self) -> bool {
        false
    }

    /// Whether a try is the right secret: byte by byte, no folding of case.
    fn matches(&self, secret: &[u8], given: &[u8]) -> bool {
        secret == given
    }

    /// Whether a private key may be used, by whether its secret has been presented, or for the
    /// authentication key a terminal that may use it without.
    fn key_usable(&self, secret_presented: bool) -> bool {
        secret_presented
    }

    /// What a key signs, given what was handed over: just that (PKI-08).
    fn signs(&self, given: &[u8]) -> Vec<u8> {
        given.to_vec()
    }

    /// Whether the signing key asks for its password at all.
    fn sign_needs_password(&self) -> bool {
        true
    }

    /// Whether the signing certificate may be read, by whether the sign password was presented.
    fn sign_certificate_readable(&self, password_presented: bool) -> bool {
        password_presented
    }

    /// Whether READ BINARY gives a private key (as PKCS#8) where it should give none.
    fn lets_private_key_be_read(&self) -> bool {
        false
    }

    /// Whether the text application gives the individual number for 照合番号B too, not for the PIN and
    /// 照合番号A alone.
    fn gives_individual_number_for_b(&self) -> bool {
        false
    }

    /// Whether the surface application gives the card's face with its photo to anybody.
    fn gives_photo_without_verification(&self) -> bool {
        false
    }

    /// What stands in a file of insurance data, which the text application has no place for.
    fn insurance_data_on_chip(&self) -> Option<Vec<u8>> {
        None
    }

    /// Whether the certificate of any terminal will do for the use without a PIN, whoever signed it.
    fn pinless_without_terminal(&self) -> bool {
        false
    }

    /// Whether presented secrets stay presented after another application is selected.
    fn keeps_security_status_across_applications(&self) -> bool {
        false
    }

    /// Whether presented secrets stay presented over a power cycle.
    fn keeps_security_status_over_power_cycle(&self) -> bool {
        false
    }

    /// Whether the chip works on after somebody forced it.
    fn answers_after_tamper(&self) -> bool {
        false
    }
}

/// The card as it should be.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reference;

impl Conduct for Reference {}
