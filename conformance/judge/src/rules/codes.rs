//! Elements that hold a code, and the values public tables know (facts/eligibility.md 2.2).

const CONSENT: &[&str] = &["0", "1", "2", "3"];

const TABLES: [(&str, &[&str]); 14] = [
    (
        "InsuredCardClassification",
        &["01", "02", "03", "04", "05", "06", "07", "A1"],
    ),
    ("PersonalFamilyClassification", &["1", "2"]),
    ("Sex1", &["1", "2", "3"]),
    ("Sex2", &["1", "2", "3"]),
    ("PreschoolClassification", &["1"]),
    ("ReasonOfLoss", &["01", "02", "03", "99"]),
    (
        "LimitApplicationCertificateClassification",
        &["01", "02", "03"],
    ),
    (
        "LimitApplicationCertificateClassificationFlag",
        &[
            "A01", "A02", "A03", "A04", "A05", "A06", "B01", "B02", "B03", "B04", "B05", "B06",
            "B07", "B08", "B09", "B10",
        ],
    ),
    ("SpecificDiseasesCertificateRelatedConsFlg", CONSENT),
    ("SpecificDiseasesDiseaseCategory", &["1", "2", "3"]),
    ("SpecificHealthCheckupsInfoConsFlg", CONSENT),
    ("PharmacistsInfoConsFlg", CONSENT),
    ("DiagnosisInfoConsFlg", CONSENT),
    ("OperationInfoConsFlg", CONSENT),
];

/// Whether an element, by its path, may hold that value as far as is public: its table knows it, or it has
/// none, or it is empty.
pub(super) fn is_known(path: &str, value: &str) -> bool {
    let leaf = path.rsplit('/').next().unwrap_or(path);
    let table = TABLES.iter().find(|(name, _)| *name == leaf);
    value.is_empty() || table.is_none_or(|(_, values)| values.contains(&value))
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn tables_know_their_values() {
        for (path, value, known) in [
            ("InsuredCardClassification", "01", true),
            ("InsuredCardClassification", "77", false),
            (
                "A/LimitApplicationCertificateClassificationFlag",
                "B10",
                true,
            ),
            (
                "A/LimitApplicationCertificateClassificationFlag",
                "Z42",
                false,
            ),
            ("PreschoolClassification", "", true),
            ("InsuredPartialContributionRatio", "050", true),
        ] {
            assert_eq!(is_known(path, value), known, "{path} {value}");
        }
    }
}
