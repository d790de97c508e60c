//! The lints hold only where a room takes them: every manifest of ours inherits the workspace's.

use crate::broken::Broken;
use crate::metadata::Room;
use crate::tree::File;

/// Names each room that does not inherit the workspace's lints.
pub fn check(rooms: &[Room], files: &[File]) -> Vec<Broken> {
    let mut broken: Vec<Broken> = rooms
        .iter()
        .filter(|room| !inherits(&room.manifest))
        .map(|room| Broken {
            rule: "lints",
            file: room.manifest_path(),
            line: 1,
            what: format!("{} does not take the workspace's lints", room.name),
            who: format!("the room {}", room.name),
            next: "write `[lints]` with `workspace = true` into its manifest".into(),
        })
        .collect();
    for needed in [
        "clippy.toml",
        "deny.toml",
        "rustfmt.toml",
        "rust-toolchain.toml",
        "Cargo.lock",
    ] {
        if !files.iter().any(|file| file.path == needed) {
            broken.push(Broken {
                rule: "lints",
                file: needed.into(),
                line: 1,
                what: format!("{needed} is missing in the root folder"),
                who: "whoever took it out".into(),
                next: "bring it back: without it the checks of ./ci/test check less than they say"
                    .into(),
            });
        }
    }
    broken
}

fn inherits(manifest: &str) -> bool {
    let mut lines = manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[lints]")
        .skip(1);
    lines
        .by_ref()
        .take_while(|line| !line.starts_with('['))
        .any(|line| line.replace(' ', "") == "workspace=true")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::testing::room;

    #[test]
    fn a_room_inherits_in_its_own_lints_section_only() {
        for (manifest, expected) in [
            (
                "[package]\n[lints]\nworkspace = true\n[dependencies]\n",
                true,
            ),
            ("[lints]\nworkspace=true", true),
            ("[lints]\n[dependencies.x]\nworkspace = true\n", false),
            ("[package]\nname = \"x\"\n", false),
            ("", false),
        ] {
            assert_eq!(inherits(manifest), expected, "{manifest}");
        }
    }

    #[test]
    fn rooms_and_root_files_are_named() {
        let mut careless = room("careless", &[]);
        careless.manifest = String::new();
        let files = [
            "clippy.toml",
            "rustfmt.toml",
            "rust-toolchain.toml",
            "Cargo.lock",
        ]
        .map(|path| File {
            path: path.into(),
            text: String::new(),
        });
        let broken = check(&[careless, room("careful", &[])], &files);
        let places: Vec<&str> = broken.iter().map(|broken| broken.file.as_str()).collect();
        assert_eq!(places, ["sim/careless/Cargo.toml", "deny.toml"]);
    }
}
