//! Every decision of the card that a wrong card could take differently, one method each. The
//! default methods are the reference card; whoever needs a deviating one overrides a single method.

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

    /// Tries left after the power went and came back.
    fn tries_after_power_cycle(&self, left: u8, _maximum: u8) -> u8 {
        left
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

    /// Whether a try is the right secret: byte by byte, no folding of case.
    fn matches(&self, secret: &[u8], given: &[u8]) -> bool {
        secret == given
    }

    /// Whether a private key may be used, by whether its secret has been presented.
    fn key_usable(&self, secret_presented: bool) -> bool {
        secret_presented
    }

    /// Whether the signing certificate may be read, by whether the sign password was presented.
    fn sign_certificate_readable(&self, password_presented: bool) -> bool {
        password_presented
    }

    /// Whether presented secrets stay presented after another application is selected.
    fn keeps_security_status_across_applications(&self) -> bool {
        false
    }

    /// Whether presented secrets stay presented over a power cycle.
    fn keeps_security_status_over_power_cycle(&self) -> bool {
        false
    }
}

/// The card as it should be.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reference;

impl Conduct for Reference {}
