//! Wrong eligibility servers, one deviation each: which qualification they answer, what they give of it
//! and on whose consent, and to whom.

use std::sync::Arc;

use rules::{
    Date, Decision, History, Inputs, NumberAnswer, Profile, Qualification, Validity, decide,
};
use server::{Conduct, ConsentKind, DrugConsent};
use wire::failure::Failure;
use wire::registration::Benefits;

use crate::Build;

/// Which id stands for which server.
pub const BUILT: &[(&str, Build)] = &[
    ("server-answers-oldest-qualification", |p| {
        p.server = Arc::new(AnswersOldest);
    }),
    ("server-finds-no-number-without-symbol", |p| {
        p.server = Arc::new(FindsNoNumberWithoutSymbol);
    }),
    ("server-calls-lost-valid", |p| {
        p.server = Arc::new(CallsLostValid);
    }),
    ("server-is-silent-on-newer-qualification", |p| {
        p.server = Arc::new(IsSilentOnNewer);
    }),
    ("server-discloses-newer-qualification", |p| {
        p.server = Arc::new(DisclosesNewer);
    }),
    ("server-answers-for-today", |p| {
        p.server = Arc::new(AnswersForToday);
    }),
    ("server-takes-first-of-several", |p| {
        p.server = Arc::new(TakesFirstOfSeveral);
    }),
    ("server-gives-limit-without-consent", |p| {
        p.server = Arc::new(GivesLimitWithoutConsent);
    }),
    ("server-evens-shares-out", |p| {
        p.server = Arc::new(EvensSharesOut);
    }),
    ("server-shows-others-reference-number", |p| {
        p.server = Arc::new(ShowsOthersReferenceNumber);
    }),
    ("server-withholds-reference-number", |p| {
        p.server = Arc::new(WithholdsReferenceNumber);
    }),
    ("server-stamps-in-utc", |p| {
        p.server = Arc::new(StampsInUtc);
    }),
    ("server-closes-gaps", |p| {
        p.server = Arc::new(ClosesGaps);
    }),
    ("server-never-gets-over-a-loss", |p| {
        p.server = Arc::new(NeverGetsOverALoss);
    }),
    ("server-drops-early-loss", |p| {
        p.server = Arc::new(DropsEarlyLoss);
    }),
    ("server-counts-refused-consent", |p| {
        p.server = Arc::new(CountsRefusedConsent);
    }),
    ("server-gives-drugs-without-consent", |p| {
        p.server = Arc::new(GivesDrugsWithoutConsent);
    }),
    ("server-takes-consent-given-elsewhere", |p| {
        p.server = Arc::new(TakesConsentGivenElsewhere);
    }),
    ("server-gives-drugs-after-the-time", |p| {
        p.server = Arc::new(GivesDrugsAfterTheTime);
    }),
    ("server-lets-consent-last-a-week", |p| {
        p.server = Arc::new(LetsConsentLastAWeek);
    }),
    ("server-answers-strangers", |p| {
        p.server = Arc::new(AnswersStrangers);
    }),
    ("server-opens-feed-to-facilities", |p| {
        p.server = Arc::new(OpensFeedToFacilities);
    }),
    ("server-refuses-without-a-word", |p| {
        p.server = Arc::new(RefusesWithoutAWord);
    }),
    ("server-keeps-entries-in-memory", |p| {
        p.server = Arc::new(KeepsEntriesInMemory);
    }),
];

struct AnswersOldest;
impl Conduct for AnswersOldest {
    fn choose_qualification(
        &self,
        history: &History,
        chosen: Option<Qualification>,
    ) -> Option<Qualification> {
        let all = history.qualifications().into_iter();
        chosen.and(all.min_by_key(|one| one.gained_on))
    }
}

struct FindsNoNumberWithoutSymbol;
impl Conduct for FindsNoNumberWithoutSymbol {
    fn by_number(&self, found: NumberAnswer) -> NumberAnswer {
        let bare = |one: &Qualification| one.key.symbol.is_none();
        match found.qualification().is_some_and(bare) {
            true => NumberAnswer::Nobody,
            false => found,
        }
    }
}

struct CallsLostValid;
impl Conduct for CallsLostValid {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let decision = decide(inputs, profile, today);
        let validity = decision.validity.map(|found| match found {
            Validity::Lost => Validity::Valid,
            other => other,
        });
        Decision {
            validity,
            ..decision
        }
    }
}

struct IsSilentOnNewer;
impl Conduct for IsSilentOnNewer {
    fn by_number(&self, found: NumberAnswer) -> NumberAnswer {
        match found {
            NumberAnswer::LostWithNewer {
                person,
                qualification,
                ..
            } => NumberAnswer::Lost {
                person,
                qualification,
            },
            other => other,
        }
    }
}

struct DisclosesNewer;
impl Conduct for DisclosesNewer {
    fn discloses_new_qualification(&self) -> bool {
        true
    }
}

struct AnswersForToday;
impl Conduct for AnswersForToday {
    fn asked_day(&self, _asked: Date, today: Date) -> Date {
        today
    }
}

struct TakesFirstOfSeveral;
impl Conduct for TakesFirstOfSeveral {
    fn matches_without_branch_first(&self) -> bool {
        true
    }
}

struct GivesLimitWithoutConsent;
impl Conduct for GivesLimitWithoutConsent {
    fn gives_limit_without_consent(&self) -> bool {
        true
    }
}

struct EvensSharesOut;
impl Conduct for EvensSharesOut {
    /// The highest share for everybody who has one of their own.
    fn benefits(&self, found: Benefits) -> Benefits {
        let highest = || "030".to_owned();
        let mut bent = found;
        bent.contribution_ratio = bent.contribution_ratio.map(|_| highest());
        if let Some(elderly) = &mut bent.elderly {
            elderly.ratio = highest();
        }
        bent
    }
}

struct ShowsOthersReferenceNumber;
impl Conduct for ShowsOthersReferenceNumber {
    fn shows_reference_number(&self, _own: bool) -> bool {
        true
    }
}

struct WithholdsReferenceNumber;
impl Conduct for WithholdsReferenceNumber {
    fn shows_reference_number(&self, _own: bool) -> bool {
        false
    }
}

struct ClosesGaps;
impl Conduct for ClosesGaps {
    /// Every loss moves to the day of the next gain.
    fn history(&self, found: History) -> History {
        let all = found.qualifications();
        let mut closed = History::new();
        for one in &all {
            closed.gain(one.key.clone(), one.gained_on);
            let Some(mut loss) = one.lost else { continue };
            let gains = all.iter().map(|other| other.gained_on);
            loss.on = gains.filter(|day| *day > loss.on).min().unwrap_or(loss.on);
            closed.lose(one.key.clone(), loss);
        }
        closed
    }
}

struct NeverGetsOverALoss;
impl Conduct for NeverGetsOverALoss {
    /// What was gained on or after the day of a loss does not count any more.
    fn history(&self, found: History) -> History {
        let all = found.qualifications();
        let first_loss = all
            .iter()
            .filter_map(|one| one.lost)
            .map(|loss| loss.on)
            .min();
        let mut stuck = History::new();
        let counts = |day: Date| first_loss.is_none_or(|lost| day < lost);
        for one in all.iter().filter(|one| counts(one.gained_on)) {
            stuck.gain(one.key.clone(), one.gained_on);
            if let Some(loss) = one.lost {
                stuck.lose(one.key.clone(), loss);
            }
        }
        stuck
    }
}

struct DropsEarlyLoss;
impl Conduct for DropsEarlyLoss {
    fn keeps_early_loss(&self) -> bool {
        false
    }
}

struct CountsRefusedConsent;
impl Conduct for CountsRefusedConsent {
    fn agreed(&self, _kind: ConsentKind, _chosen: bool) -> bool {
        true
    }
}

/// One standing of a consent taken for one that holds.
fn holding(found: DrugConsent, too: DrugConsent) -> DrugConsent {
    if found == too {
        DrugConsent::Holds
    } else {
        found
    }
}

struct GivesDrugsWithoutConsent;
impl Conduct for GivesDrugsWithoutConsent {
    fn drug_consent(&self, found: DrugConsent) -> DrugConsent {
        holding(found, DrugConsent::Never)
    }
}

struct TakesConsentGivenElsewhere;
impl Conduct for TakesConsentGivenElsewhere {
    fn drug_consent(&self, found: DrugConsent) -> DrugConsent {
        holding(found, DrugConsent::Elsewhere)
    }
}

struct GivesDrugsAfterTheTime;
impl Conduct for GivesDrugsAfterTheTime {
    fn drug_consent(&self, found: DrugConsent) -> DrugConsent {
        holding(found, DrugConsent::Over)
    }
}

struct LetsConsentLastAWeek;
impl Conduct for LetsConsentLastAWeek {
    fn consent_until(&self, given_ms: i64, _hours: u32) -> i64 {
        given_ms.saturating_add(7 * 24 * 3_600_000)
    }
}

struct AnswersStrangers;
impl Conduct for AnswersStrangers {
    fn refuses_strangers(&self) -> bool {
        false
    }
}

struct StampsInUtc;
impl Conduct for StampsInUtc {
    fn executed_ms(&self, now_ms: i64) -> i64 {
        now_ms - 9 * 60 * 60 * 1000
    }
}

struct OpensFeedToFacilities;
impl Conduct for OpensFeedToFacilities {
    fn feed_asker_ok(&self, _found: bool) -> bool {
        true
    }
}

struct RefusesWithoutAWord;
impl Conduct for RefusesWithoutAWord {
    fn says_why(&self, found: Failure) -> Failure {
        Failure::new(&found.error, "", "")
    }
}

struct KeepsEntriesInMemory;
impl Conduct for KeepsEntriesInMemory {
    fn keeps_before_answering(&self) -> bool {
        false
    }
}
