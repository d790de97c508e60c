//! Faces of the town's people: templates from a stream that belongs to the name, and pictures a camera takes
//! of them. The same person has the same face in every story.

use virtual_card::photo::TEMPLATE_LENGTH;
use world::Seed;

use crate::town::Town;

/// The seed of all faces; a face belongs to a person, not to a run.
const FACES: Seed = Seed(0xFACE);
/// Largest difference of a byte in a clear picture, and in one against the light.
const CLEAR: u64 = 12;
const SPOILT: u64 = 200;

impl Town {
    /// The template of a person's face.
    pub fn face_of(&self, person: &str) -> [u8; TEMPLATE_LENGTH] {
        let mut stream = FACES.stream(person);
        let mut face = [0; TEMPLATE_LENGTH];
        for half in face.chunks_mut(32) {
            half.copy_from_slice(&stream.block()[..half.len()]);
        }
        face
    }

    /// A picture of a person as a camera takes it: never the template itself, and far from it when light or
    /// angle spoil it.
    pub fn picture_of(&mut self, person: &str, clear: bool) -> Vec<u8> {
        let face = self.face_of(person);
        let most = if clear { CLEAR } else { SPOILT };
        let chance = &mut self.camera;
        let spoil = |byte: &u8| {
            let change = u8::try_from(chance.below(most) + 1).unwrap_or(u8::MAX);
            if *byte >= 128 {
                byte.saturating_sub(change)
            } else {
                byte.saturating_add(change)
            }
        };
        face.iter().map(spoil).collect()
    }
}
