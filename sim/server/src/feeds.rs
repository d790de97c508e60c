//! What other houses tell this server of their own accord: entries and releases from the insurers' side,
//! pairs of serials from J-LIS. Each is checked whole before any of it is kept, and the same thing told
//! twice is kept once.

use wire::registration::{FedQualification, FedRelease, FedSerialPair};

use crate::entry::{Entry, date, link_number, serial, wrong};
use crate::house::Server;
use crate::refused::Refused;
use crate::store::{Pair, PairKept};

impl Server {
    /// Keeps a gain or loss.
    pub(crate) fn take_qualification(&self, fed: FedQualification) -> Result<(), Refused> {
        let link = link_number(&fed.link_number)?;
        let entry = Entry::read(fed.qualification)?;
        let at = self.clock.rfc3339();
        let store = self.store();
        if !self.conduct.keeps_early_loss() && entry.is_early(&store.entries(&link)?) {
            return Ok(());
        }
        Ok(store.at_once(|| store.keep_entry(&link, &entry, &at))?)
    }

    /// Keeps a release of a use registration.
    pub(crate) fn take_release(&self, fed: &FedRelease) -> Result<(), Refused> {
        let link = link_number(&fed.link_number)?;
        let effective_on = date("effective-on", &fed.effective_on)?;
        let at = self.clock.rfc3339();
        Ok(self.store().keep_release(&link, effective_on, &at)?)
    }

    /// Keeps which serial follows which.
    pub(crate) fn take_pair(&self, fed: &FedSerialPair) -> Result<(), Refused> {
        let old_last_day = date("old-last-day", &fed.old_last_day)?;
        let renewed_on = date("renewed-on", &fed.renewed_on)?;
        let in_time = rules::registration::renewed_in_time(old_last_day, renewed_on, &self.profile);
        let pair = Pair {
            old: serial("old-serial", &fed.old_serial)?,
            old_last_day,
            new: serial("new-serial", &fed.new_serial)?,
            new_last_day: date("new-last-day", &fed.new_last_day)?,
            renewed_on,
            in_time: self
                .conduct
                .carries_over(in_time, old_last_day < renewed_on),
        };
        if pair.old == pair.new {
            return Err(Refused::Entry(wrong(
                "serial-pair",
                "新旧の発行番号が同じです。確かめて送り直してください。",
                "old and new serial are the same: check them",
            )));
        }
        let at = self.clock.rfc3339();
        match self.store().keep_pair(&pair, &at)? {
            PairKept::Yes => Ok(()),
            PairKept::Contradicts => Err(Refused::Entry(wrong(
                "serial-pair-known-otherwise",
                "この新しい発行番号の紐付けは、別の内容で届いています。確かめて送り直してください。",
                "this new serial is known to follow otherwise: check the pair",
            ))),
        }
    }
}
