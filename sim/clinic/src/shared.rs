//! The folder terminal and receipt computer share, as the field lays it out: `req`, `res` and
//! `face`, with `trash` for what was imported and `quarantine` for what could not be.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The shared folder of one clinic, its sub-folders there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    root: PathBuf,
}

impl Shared {
    /// Opens the folder, making what is missing. Fails as the file system says.
    pub fn open(root: &Path) -> io::Result<Self> {
        let shared = Shared {
            root: root.to_owned(),
        };
        for folder in [
            wire::request::REQUEST_FOLDER,
            wire::request::ANSWER_FOLDER,
            wire::face_file::FOLDER,
            "trash",
            "quarantine",
            "work",
        ] {
            fs::create_dir_all(root.join(folder))?;
        }
        Ok(shared)
    }

    /// Requests of the receipt computer.
    pub fn req(&self) -> PathBuf {
        self.root.join(wire::request::REQUEST_FOLDER)
    }

    /// Results of requests.
    pub fn res(&self) -> PathBuf {
        self.root.join(wire::request::ANSWER_FOLDER)
    }

    /// Results by card, written by the terminal alone.
    pub fn face(&self) -> PathBuf {
        self.root.join(wire::face_file::FOLDER)
    }

    /// Imported files.
    pub fn trash(&self) -> PathBuf {
        self.root.join("trash")
    }

    /// Files that wait for a person to look at them.
    pub fn quarantine(&self) -> PathBuf {
        self.root.join("quarantine")
    }

    /// Where a file is written before it moves to its place, on the same file system.
    pub fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// Drops a file into `face`: nobody ever sees a part of it there. Refuses a name that is taken.
    pub fn drop_face_file(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let place = self.face().join(name);
        if place.exists() {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("{name} is there already"),
            ));
        }
        let draft = self.work().join(name);
        fs::write(&draft, bytes)?;
        fs::rename(&draft, &place)
    }
}

/// Moves a file into a folder without ever covering another: a taken name gets `-2`, `-3`, …
/// before its extension.
pub(crate) fn move_into(file: &Path, folder: &Path) -> io::Result<PathBuf> {
    let text =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (stem, extension) = (text(file.file_stem()), text(file.extension()));
    let mut place = folder.join(file.file_name().unwrap_or_default());
    let mut number = 2;
    while place.exists() {
        place = folder.join(format!("{stem}-{number}.{extension}"));
        number += 1;
    }
    fs::rename(file, &place)?;
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_file_is_whole_and_covers_none() {
        let root = tempfile::tempdir().unwrap();
        let shared = Shared::open(root.path()).unwrap();
        shared.drop_face_file("a.xml", b"one").unwrap();
        assert_eq!(
            shared.drop_face_file("a.xml", b"two").unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        assert_eq!(fs::read(shared.face().join("a.xml")).unwrap(), b"one");
        assert_eq!(fs::read_dir(shared.work()).unwrap().count(), 0);
    }

    #[test]
    fn moving_never_covers_another_file() {
        let root = tempfile::tempdir().unwrap();
        let shared = Shared::open(root.path()).unwrap();
        for content in ["1", "2", "3"] {
            shared.drop_face_file("a.xml", content.as_bytes()).unwrap();
            move_into(&shared.face().join("a.xml"), &shared.trash()).unwrap();
        }
        for (name, content) in [("a.xml", "1"), ("a-2.xml", "2"), ("a-3.xml", "3")] {
            assert_eq!(
                fs::read_to_string(shared.trash().join(name)).unwrap(),
                content
            );
        }
    }
}
