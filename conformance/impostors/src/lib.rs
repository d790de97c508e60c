//! Impostors: running products that differ from the reference by one deviation. They are driven
//! by the same stories through the same taps, and nothing in the evidence hints at their names.
//! The list is data (`impostors.yaml`); each row's deviation is one overridden method below.

mod card_side;
mod desk_side;
mod insurer_side;
mod portal_side;
mod reader_side;
mod server_answers;
mod server_cards;
mod terminal_side;

use serde::{Deserialize, Serialize};
use town::Products;

const IMPOSTORS: &str = include_str!("../impostors.yaml");

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impostor {
    /// Stable id.
    pub id: String,
    /// Role of the product.
    pub role: String,
    /// Japanese description.
    pub ja: String,
    /// English description.
    pub en: String,
    /// Requirements it must be convicted of.
    pub breaks: Vec<String>,
    /// Requirements the same deviation cannot but break too.
    #[serde(default)]
    pub also: Vec<Also>,
}

/// A further requirement an impostor breaks, and why that cannot be helped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// Requirement id.
    pub id: String,
    /// Why.
    pub because: String,
}

/// The list is unreadable: the suite's own file is at fault.
#[derive(Debug, thiserror::Error)]
#[error("impostors.yaml: {0}. The suite's own file is at fault; correct it.")]
pub struct ListError(String);

/// All impostors, in the order of the list.
pub fn impostors() -> Result<Vec<Impostor>, ListError> {
    serde_saphyr::from_str(IMPOSTORS).map_err(|e| ListError(e.to_string()))
}

/// Puts an impostor in the place of one reference product.
type Build = fn(&mut Products);

/// Every impostor that is built, by house.
const HOUSES: [&[(&str, Build)]; 8] = [
    card_side::BUILT,
    reader_side::BUILT,
    terminal_side::BUILT,
    desk_side::BUILT,
    server_cards::BUILT,
    server_answers::BUILT,
    insurer_side::BUILT,
    portal_side::BUILT,
];

/// The products of a town in which this impostor stands in for one reference product.
pub fn products(id: &str) -> Option<Products> {
    let (_, build) = HOUSES
        .iter()
        .copied()
        .flatten()
        .find(|(name, _)| *name == id)?;
    let mut products = Products::reference();
    build(&mut products);
    Some(products)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SOURCES: [&str; 8] = [
        include_str!("card_side.rs"),
        include_str!("reader_side.rs"),
        include_str!("terminal_side.rs"),
        include_str!("desk_side.rs"),
        include_str!("server_cards.rs"),
        include_str!("server_answers.rs"),
        include_str!("insurer_side.rs"),
        include_str!("portal_side.rs"),
    ];

    #[test]
    fn list_and_products_are_the_same_impostors() {
        let all = impostors().unwrap();
        let listed: BTreeSet<_> = all.iter().map(|i| i.id.as_str()).collect();
        let built: BTreeSet<_> = HOUSES
            .iter()
            .copied()
            .flatten()
            .map(|(id, _)| *id)
            .collect();
        assert_eq!(listed, built);
        assert_eq!(listed.len(), all.len(), "an id stands twice in the list");
        let rows: usize = HOUSES.iter().map(|house| house.len()).sum();
        assert_eq!(rows, built.len(), "an id is built twice");
        for impostor in &all {
            assert!(products(&impostor.id).is_some(), "{}", impostor.id);
            assert!(!impostor.breaks.is_empty(), "{}", impostor.id);
        }
        assert!(products("nobody").is_none());
    }

    #[test]
    fn no_requirement_is_both_the_aim_and_a_consequence() {
        for impostor in impostors().unwrap() {
            let aims = impostor.breaks.iter();
            let mut ids: Vec<_> = aims.chain(impostor.also.iter().map(|a| &a.id)).collect();
            let all = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), all, "{}", impostor.id);
        }
    }

    #[test]
    fn every_impostor_overrides_exactly_one_method() {
        let mut counted = 0;
        for source in SOURCES {
            for block in source.split("\nimpl ").skip(1) {
                let body = block.split("\n}\n").next().unwrap();
                let methods = body.lines().filter(|line| line.starts_with("    fn "));
                assert_eq!(methods.count(), 1, "impl {body}");
                counted += 1;
            }
        }
        let rows: usize = HOUSES.iter().map(|house| house.len()).sum();
        assert_eq!(counted, rows, "one impl a row");
    }
}
