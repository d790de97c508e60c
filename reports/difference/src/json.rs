//! A difference for programs: members sorted by name, two spaces a level, one line end last.

use crate::PrintError;
use crate::change::Difference;

/// JSON Schema (draft 2020-12) of the JSON.
pub const SCHEMA_JSON: &str = include_str!("../schema/difference.schema.json");

/// The difference as JSON.
pub fn json(difference: &Difference) -> Result<String, PrintError> {
    let printed = |error| PrintError::new("JSON", error);
    let value = serde_json::to_value(difference).map_err(printed)?;
    reports::pretty(value)
        .map(|text| text + "\n")
        .map_err(printed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::compare;
    use crate::testing::{any_page, page};

    fn validator() -> jsonschema::Validator {
        let schema: Value = serde_json::from_str(SCHEMA_JSON).unwrap();
        jsonschema::meta::validate(&schema).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_is_what_its_schema_says(a in any_page(), b in any_page()) {
            let whole: Value = serde_json::from_str(&json(&compare(&a, &b)).unwrap()).unwrap();
            let errors: Vec<_> = validator()
                .iter_errors(&whole)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            prop_assert!(errors.is_empty(), "{errors:#?}");
        }
    }

    #[test]
    fn the_schema_refuses_what_is_no_difference() {
        let mut after = page();
        after.run.seed = "2".into();
        let good: Value = serde_json::from_str(&json(&compare(&page(), &after)).unwrap()).unwrap();
        let validator = validator();
        assert!(validator.is_valid(&good));
        for (place, value) in [
            ("/schema", Value::from("shikaku-difference/2")),
            ("/worse", Value::from("no")),
            ("/changes/0/kind", Value::from("greener")),
            ("/changes/0/kind", Value::from("newly-failing")),
            ("/changes/0/about", Value::Null),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(place).unwrap() = value;
            assert!(!validator.is_valid(&bad), "{place}");
        }
    }
}
