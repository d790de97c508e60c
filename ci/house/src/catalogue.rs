//! The requirement catalogue's shape, held strictly: sections of ids, each with level, roles, both names and
//! a source. Read here by its own few lines, so that the house imports no room.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Where the catalogue lies in the tree.
pub const FILE: &str = "conformance/requirements/catalogue.yaml";

/// The catalogue's ids, each with its entry.
pub type Catalogue = BTreeMap<String, Entry>;

/// One requirement, as far as the house cares. Every field must be there; no other may be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// How binding it is.
    pub level: Level,
    /// Who can be the product under test for it.
    pub roles: Vec<Role>,
    /// Its name in Japanese.
    pub ja: String,
    /// What it says, in English.
    pub en: String,
    /// The public document it comes from.
    pub source: String,
}

/// How binding a requirement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A product that breaks it cannot be certified in that role.
    Must,
    /// A deviation is listed and does not block.
    Should,
}

/// The roles a product can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum Role {
    Card,
    Reader,
    Terminal,
    ReceiptComputer,
    EligibilityServer,
    Insurer,
    Portal,
    RelyingParty,
    Pharmacy,
    ReviewBody,
}

/// Reads the catalogue; the second part lists what is wrong with its content.
pub fn parse(yaml: &str) -> Result<(Catalogue, Vec<String>), String> {
    let sections: BTreeMap<String, BTreeMap<String, Entry>> =
        serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
    let mut catalogue = Catalogue::new();
    let mut wrong = Vec::new();
    for (section, entries) in sections {
        if entries.is_empty() {
            wrong.push(format!("section {section} is empty"));
        }
        for (id, entry) in entries {
            wrong.extend(faults(&id, &entry));
            if catalogue.insert(id.clone(), entry).is_some() {
                wrong.push(format!("{id} stands in two sections"));
            }
        }
    }
    if catalogue.is_empty() {
        wrong.push("the catalogue is empty".into());
    }
    Ok((catalogue, wrong))
}

fn faults(id: &str, entry: &Entry) -> Vec<String> {
    let mut faults = Vec::new();
    if !is_id(id) {
        faults.push(format!(
            "{id} is no id: capital letters, a hyphen, two digits"
        ));
    }
    for (field, text) in [
        ("ja", &entry.ja),
        ("en", &entry.en),
        ("source", &entry.source),
    ] {
        if text.trim().is_empty() {
            faults.push(format!("{id} has an empty `{field}`"));
        }
    }
    let mut roles = entry.roles.clone();
    roles.sort_unstable();
    roles.dedup();
    if entry.roles.is_empty() || roles.len() != entry.roles.len() {
        faults.push(format!("{id} names no role, or one twice"));
    }
    faults
}

/// Whether `text` is shaped like a requirement id: `LIFE-02`.
pub fn is_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(prefix, number)| {
        prefix.len() >= 2
            && prefix.bytes().all(|b| b.is_ascii_uppercase())
            && number.len() == 2
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "card:\n  CARD-01: {level: MUST, roles: [card], ja: 証明書, en: two, source: DA-25}\n\
                        life:\n  LIFE-01: {level: SHOULD, roles: [reader, terminal], ja: 案内, en: notice, source: x}\n";

    #[test]
    fn a_good_catalogue_is_read_whole() {
        let (catalogue, wrong) = parse(GOOD).unwrap();
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!(catalogue.keys().collect::<Vec<_>>(), ["CARD-01", "LIFE-01"]);
        assert_eq!(catalogue["LIFE-01"].level, Level::Should);
    }

    #[test]
    fn what_does_not_fit_the_shape_is_refused() {
        for (from, to) in [
            ("MUST", "MIGHT"),
            ("roles: [card]", "roles: [barber]"),
            ("ja: 証明書", "jp: 証明書"),
            (", source: DA-25", ""),
            (
                "LIFE-01: {level: SHOULD",
                "LIFE-01: {colour: red, level: SHOULD",
            ),
        ] {
            assert!(
                parse(&GOOD.replacen(from, to, 1)).is_err(),
                "{from} became {to} and was taken"
            );
        }
    }

    #[test]
    fn wrong_content_is_named() {
        for (from, to, expected) in [
            ("CARD-01", "CARD-1", "CARD-1 is no id"),
            ("LIFE-01", "CARD-01", "CARD-01 stands in two sections"),
            ("en: two", "en: ' '", "CARD-01 has an empty `en`"),
            (
                "[reader, terminal]",
                "[reader, reader]",
                "LIFE-01 names no role, or one twice",
            ),
            ("[card]", "[]", "CARD-01 names no role, or one twice"),
        ] {
            let (_, wrong) = parse(&GOOD.replacen(from, to, 1)).unwrap();
            assert!(
                wrong.iter().any(|wrong| wrong.starts_with(expected)),
                "{expected}: {wrong:?}"
            );
        }
        assert_eq!(parse("{}").unwrap().1, ["the catalogue is empty"]);
    }

    #[test]
    fn ids_have_one_shape() {
        for (text, expected) in [
            ("LIFE-02", true),
            ("life-02", false),
            ("LIFE-2", false),
            ("LIFE-002", false),
            ("L-02", false),
            ("", false),
        ] {
            assert_eq!(is_id(text), expected, "{text}");
        }
    }
}
