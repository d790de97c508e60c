//! Proving the person: by face, by PIN or by staff's eye, each of which may come to its end and
//! leave the others (AUTH-01 to AUTH-06). The face way knows no PIN pad.

use card_driver::{Secret, wipe};
use wire::eligibility::from_base64;
use wire::reader::{FromReader, FromTerminal};

use super::super::face::Template;
use super::*;

/// Looks into the camera before the face way ends.
const LOOKS: u8 = 3;
/// Passcodes typed before the staff's way ends.
const PASSCODES: u8 = 3;
/// Longest passcode taken, in bytes.
const LONGEST_PASSCODE: usize = 32;

/// How a person may be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reader) enum Way {
    Face,
    Pin,
    Staff,
}

/// Which ways are still open in this stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reader) struct Ways {
    pub(in crate::reader) face: bool,
    pub(in crate::reader) pin: bool,
    pub(in crate::reader) staff: bool,
}

impl Ways {
    fn has(self, way: Way) -> bool {
        match way {
            Way::Face => self.face,
            Way::Pin => self.pin,
            Way::Staff => self.staff,
        }
    }

    fn close(&mut self, way: Way) {
        match way {
            Way::Face => self.face = false,
            Way::Pin => self.pin = false,
            Way::Staff => self.staff = false,
        }
    }

    fn any(self) -> bool {
        self.face || self.pin || self.staff
    }
}

/// What is known of proving the person of this stay. Its secrets go with it.
pub(super) struct Identity {
    verification_b: Option<Secret>,
    template: Option<Template>,
    taken: Option<Way>,
    open: Ways,
    looks_left: u8,
    passcodes_left: u8,
}

impl Identity {
    pub(super) fn new(offers_face: bool, printed: Option<PrintedFace>) -> Self {
        Identity {
            verification_b: printed.map(|face| Secret::new(face.verification_b)),
            template: None,
            taken: None,
            open: Ways {
                face: offers_face,
                pin: true,
                staff: true,
            },
            looks_left: LOOKS,
            passcodes_left: PASSCODES,
        }
    }
}

impl Machine {
    pub(super) fn choose_method(&mut self) -> Vec<Effect> {
        let screen = screens::choose_method(self.kind, self.stay.identity.open);
        self.enter(At::ChooseMethod, Some(screen))
    }

    /// The patient chooses a way: at first, or instead of another one.
    pub(super) fn turn_to(&mut self, way: Way) -> Vec<Effect> {
        let taken = self.stay.identity.taken;
        let may = match self.at {
            At::ChooseMethod
            | At::Telling(
                After::AnotherTry
                | After::AnotherLook
                | After::AnotherPasscode
                | After::Method
                | After::Locked,
            ) => true,
            At::Warning | At::EnterPin | At::Camera | At::StaffEye => taken != Some(way),
            _ => false,
        };
        let another = taken.is_some_and(|before| before != way);
        if !may
            || !self.stay.identity.open.has(way)
            || (another && !self.conduct.allows_fail_over())
        {
            return Vec::new();
        }
        self.stay.identity.taken = Some(way);
        match way {
            Way::Pin => self.pin_stage(),
            Way::Face => self.face_stage(),
            Way::Staff => self.staff_eye(),
        }
    }

    /// A way has come to its end: where the visit goes from here.
    fn close(&mut self, way: Way) -> After {
        let open = &mut self.stay.identity.open;
        open.close(way);
        match open.any() && self.conduct.allows_fail_over() {
            true if way == Way::Pin => After::Locked,
            true => After::Method,
            false => After::TakeCard,
        }
    }

    /// The ways a patient could turn to from this one.
    fn others(&self, way: Way) -> Ways {
        let mut others = self.stay.identity.open;
        others.close(way);
        match self.conduct.allows_fail_over() {
            true => others,
            false => Ways {
                face: false,
                pin: false,
                staff: false,
            },
        }
    }

    pub(super) fn heard_of_identity(&mut self, at: At, message: FromTerminal) -> Vec<Effect> {
        match (at, message) {
            (At::PinSent, FromTerminal::PinAccepted)
            | (At::FaceSent | At::PasscodeSent, FromTerminal::IdentityAccepted) => {
                self.enter(At::StandingAwaited, None)
            }
            (At::PinSent, FromTerminal::PinWrong { tries_left }) if tries_left > 0 => {
                self.stay.tries_left = tries_left;
                let screen = screens::pin_wrong(self.told_tries(), self.others(Way::Pin));
                self.enter(At::Telling(After::AnotherTry), Some(screen))
            }
            (At::PinSent, FromTerminal::PinWrong { .. } | FromTerminal::PinLocked) => self.locked(),
            (At::PhotoAwaited, FromTerminal::Photo { image }) => self.photo_came(image),
            (At::PhotoAwaited, FromTerminal::PhotoRefused { reason }) => {
                self.face_ended(Trouble::of_refusal(&reason))
            }
            (At::PasscodeSent, FromTerminal::PasscodeWrong) => self.passcode_wrong(),
            _ => Vec::new(),
        }
    }

    pub(super) fn pin_stage(&mut self) -> Vec<Effect> {
        match self.stay.tries_left {
            0 => self.locked(),
            1 if self.conduct.tells_of_last_try() => {
                let screen = screens::last_try_warning(self.told_tries());
                self.enter(At::Warning, Some(screen))
            }
            _ => self.pin_pad(false),
        }
    }

    pub(super) fn pin_pad(&mut self, misfit: bool) -> Vec<Effect> {
        let screen = screens::enter_pin(self.told_tries(), misfit);
        self.enter(At::EnterPin, Some(screen))
    }

    /// The tries a screen tells: all, unless this reader keeps the last one to itself.
    fn told_tries(&self) -> Option<u8> {
        let left = self.stay.tries_left;
        (left > 1 || self.conduct.tells_of_last_try()).then_some(left)
    }

    pub(super) fn pin_typed(&mut self, pin: String) -> Vec<Effect> {
        let pin = Secret::new(pin);
        match pin.is_pin() {
            true => self.enter_saying(
                At::PinSent,
                None,
                FromReader::Pin {
                    pin: pin.text().to_owned(),
                },
            ),
            false => self.pin_pad(true),
        }
    }

    pub(super) fn locked(&mut self) -> Vec<Effect> {
        self.stay.tries_left = 0;
        let after = self.close(Way::Pin);
        let screen = screens::pin_locked(self.others(Way::Pin));
        self.enter(At::Telling(after), Some(screen))
    }

    fn face_stage(&mut self) -> Vec<Effect> {
        if self.stay.identity.template.is_some() {
            return self.camera();
        }
        match &self.stay.identity.verification_b {
            Some(printed) => {
                let verification_b = printed.text().to_owned();
                self.enter_saying(
                    At::PhotoAwaited,
                    None,
                    FromReader::FaceRead { verification_b },
                )
            }
            None => self.face_ended(Trouble::CardFaceUnread),
        }
    }

    fn photo_came(&mut self, image: String) -> Vec<Effect> {
        let picture = from_base64(&image);
        wipe(&mut image.into_bytes());
        let mut picture = picture.unwrap_or_default();
        self.stay.identity.template = Template::of_photo(&picture);
        wipe(&mut picture);
        match self.stay.identity.template {
            Some(_) => self.camera(),
            None => self.face_ended(Trouble::NoPhoto),
        }
    }

    pub(super) fn camera(&mut self) -> Vec<Effect> {
        let screen = face_screens::camera(self.others(Way::Face));
        self.enter(At::Camera, Some(screen))
    }

    pub(super) fn looked(&mut self, mut seen: Vec<u8>) -> Vec<Effect> {
        let template = self.stay.identity.template.as_ref();
        let distance = template.and_then(|photo| photo.distance(&seen));
        wipe(&mut seen);
        // Where there is nothing to compare there is no match to be had, whatever the reader's conduct.
        if !distance.is_some_and(|distance| self.conduct.face_matches(distance)) {
            return self.face_differs();
        }
        if self.conduct.asks_pin_in_face_way() {
            return self.pin_stage();
        }
        self.enter_saying(
            At::FaceSent,
            None,
            FromReader::FaceCompared { matched: true },
        )
    }

    fn face_differs(&mut self) -> Vec<Effect> {
        let looks_left = self.stay.identity.looks_left.saturating_sub(1);
        self.stay.identity.looks_left = looks_left;
        let mut effects = vec![Effect::Say(FromReader::FaceCompared { matched: false })];
        effects.extend(match looks_left {
            0 => self.face_ended(Trouble::Differs { looks_left }),
            _ => {
                let trouble = Trouble::Differs { looks_left };
                let screen = face_screens::mismatch(trouble, self.others(Way::Face));
                self.enter(At::Telling(After::AnotherLook), Some(screen))
            }
        });
        effects
    }

    fn face_ended(&mut self, trouble: Trouble) -> Vec<Effect> {
        let after = self.close(Way::Face);
        let screen = face_screens::mismatch(trouble, self.others(Way::Face));
        self.enter(At::Telling(after), Some(screen))
    }

    pub(super) fn staff_eye(&mut self) -> Vec<Effect> {
        let screen = screens::staff_eye(self.conduct.keeps_card_with_patient());
        self.enter(At::StaffEye, Some(screen))
    }

    pub(super) fn passcode_typed(&mut self, passcode: String) -> Vec<Effect> {
        let passcode = Secret::new(passcode);
        match passcode.bytes().len() {
            1..=LONGEST_PASSCODE => self.enter_saying(
                At::PasscodeSent,
                None,
                FromReader::StaffConfirmed {
                    passcode: passcode.text().to_owned(),
                },
            ),
            _ => self.staff_eye(),
        }
    }

    fn passcode_wrong(&mut self) -> Vec<Effect> {
        let left = self.stay.identity.passcodes_left.saturating_sub(1);
        self.stay.identity.passcodes_left = left;
        let after = match left {
            0 => self.close(Way::Staff),
            _ => After::AnotherPasscode,
        };
        self.enter(At::Telling(after), Some(screens::passcode_wrong(left)))
    }
}
