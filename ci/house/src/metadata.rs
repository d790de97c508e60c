//! What cargo says the rooms depend on: `cargo metadata`, reduced to names, kinds and places.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::trouble::Trouble;

/// One crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// The crate's name.
    pub name: String,
    /// Its folder from the root, with `/`.
    pub folder: String,
    /// Its manifest's text, to say at which line a dependency stands.
    pub manifest: String,
    /// Everything it depends on, of every kind.
    pub dependencies: Vec<Dependency>,
}

/// One dependency of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The name of the crate depended on (not what it is renamed to).
    pub name: String,
    /// `normal`, `dev` or `build`.
    pub kind: String,
    /// Whether it is named by a path: ours, or pretending to be.
    pub by_path: bool,
}

impl Room {
    /// The manifest's path from the root.
    pub fn manifest_path(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// The line of the manifest where `dependency` is asked for: a key of the manifest, or a renaming.
    pub fn line_of(&self, dependency: &str) -> usize {
        let quoted = format!("\"{dependency}\"");
        let asks = |line: &str| {
            let key = line
                .split(['.', '=', ' '])
                .next()
                .unwrap_or("")
                .trim_matches('"');
            key == dependency
                || line.starts_with('[')
                    && line
                        .trim_end()
                        .trim_end_matches(']')
                        .ends_with(&format!(".{dependency}"))
                || line.contains("package") && line.contains(&quoted)
        };
        let own_name = format!("name = {quoted}");
        self.manifest
            .lines()
            .position(|line| line.trim() != own_name && asks(line))
            .map_or(1, |index| index + 1)
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<RawDependency>,
}

#[derive(Deserialize)]
struct RawDependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

/// Asks cargo for the rooms of the workspace at `root`.
pub fn rooms(root: &Path) -> Result<Vec<Room>, Trouble> {
    let json = cargo(root, &["metadata", "--format-version", "1", "--no-deps"])?;
    parse(&json, root)
}

/// Reads cargo's answer; the manifests it names are read for their line numbers.
fn parse(json: &str, root: &Path) -> Result<Vec<Room>, Trouble> {
    let metadata: Metadata = serde_json::from_str(json).map_err(|error| Trouble::Cargo {
        command: "metadata".into(),
        reason: error.to_string(),
    })?;
    let mut rooms = Vec::new();
    for package in metadata.packages {
        let path = Path::new(&package.manifest_path);
        let folder = path.parent().unwrap_or(root);
        let folder = folder
            .strip_prefix(root)
            .unwrap_or(folder)
            .to_string_lossy()
            .replace('\\', "/");
        let manifest = std::fs::read_to_string(path).map_err(|error| Trouble::Unreadable {
            path: package.manifest_path.clone(),
            reason: error.to_string(),
        })?;
        let dependencies = package
            .dependencies
            .into_iter()
            .map(|raw| Dependency {
                name: raw.name,
                kind: raw.kind.unwrap_or_else(|| "normal".into()),
                by_path: raw.path.is_some(),
            })
            .collect();
        rooms.push(Room {
            name: package.name,
            folder,
            manifest,
            dependencies,
        });
    }
    rooms.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rooms)
}

/// Runs cargo in `root` and returns what it printed.
pub fn cargo(root: &Path, arguments: &[&str]) -> Result<String, Trouble> {
    let failed = |reason: String| Trouble::Cargo {
        command: arguments.join(" "),
        reason,
    };
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| failed(format!("cannot start cargo: {error}")))?;
    if !output.status.success() {
        return Err(failed(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    }
    String::from_utf8(output.stdout)
        .map_err(|error| failed(format!("its answer is not UTF-8: {error}")))
}

/// Helpers for the other rules' tests.
#[cfg(test)]
pub mod testing {
    use super::*;

    /// A room called `name` in `sim/<name>`; dependencies as `(name, kind, by path)`.
    pub fn room(name: &str, dependencies: &[(&str, &str, bool)]) -> Room {
        let asked: String = dependencies
            .iter()
            .map(|(name, _, _)| format!("{name}.workspace = true\n"))
            .collect();
        Room {
            name: name.into(),
            folder: format!("sim/{name}"),
            manifest: format!(
                "[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n[dependencies]\n{asked}"
            ),
            dependencies: dependencies
                .iter()
                .map(|&(name, kind, by_path)| Dependency {
                    name: name.into(),
                    kind: kind.into(),
                    by_path,
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_dependency_is_seen_and_placed() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("sim/a/Cargo.toml");
        std::fs::create_dir_all(manifest.parent().unwrap()).unwrap();
        std::fs::write(
            &manifest,
            "[package]\nname = \"a\"\n\n[dependencies]\nb.workspace = true\n",
        )
        .unwrap();
        let json = format!(
            r#"{{"packages":[{{"name":"a","manifest_path":{:?},"dependencies":[
                {{"name":"b","kind":null,"path":"/x/b"}},{{"name":"c","kind":"dev","path":null}}]}}]}}"#,
            manifest.to_str().unwrap()
        );
        let rooms = parse(&json, folder.path()).unwrap();
        assert_eq!(rooms[0].folder, "sim/a");
        assert_eq!(rooms[0].line_of("b"), 5);
        let seen: Vec<_> = rooms[0]
            .dependencies
            .iter()
            .map(|d| (d.name.as_str(), d.kind.as_str(), d.by_path))
            .collect();
        assert_eq!(seen, [("b", "normal", true), ("c", "dev", false)]);
    }

    #[test]
    fn the_line_of_a_dependency_is_found_in_each_way_of_writing() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\nworldly = \"1\"\nworld.workspace = true\n\
                        [dev-dependencies.town]\npath = \"../town\"\nalias = { package = \"jlis\", path = \"..\" }\n";
        let room = Room {
            name: "x".into(),
            folder: "sim/x".into(),
            manifest: manifest.into(),
            dependencies: vec![],
        };
        for (name, line) in [
            ("world", 5),
            ("worldly", 4),
            ("town", 6),
            ("jlis", 8),
            ("absent", 1),
        ] {
            assert_eq!(room.line_of(name), line, "{name}");
        }
    }

    #[test]
    fn an_answer_that_is_no_metadata_is_trouble() {
        assert!(matches!(
            parse("{\"packages\":3}", Path::new("/")),
            Err(Trouble::Cargo { .. })
        ));
        assert!(matches!(
            parse("", Path::new("/")),
            Err(Trouble::Cargo { .. })
        ));
    }
}
