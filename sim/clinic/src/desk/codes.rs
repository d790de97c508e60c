//! What a chart takes from a person block: shares, limits and every other element by path, as they came. A
//! code value that is in no table is kept and named (ELIG-13); nothing is worked out in place of what was
//! returned (ELIG-11).

use std::collections::BTreeMap;

use wire::result::PersonBlock;

use super::conduct::Conduct;

const SHARE: &str = "InsuredPartialContributionRatio";
const ELDERLY_SHARE: &str = "ElderlyRecipientCertificateInfo/ElderlyRecipientContributionRatio";
const LIMIT: &str =
    "LimitApplicationCertificateRelatedInfo/LimitApplicationCertificateClassificationFlag";

/// Elements of the person and the numbers: a chart shows them in their own places.
const ELSEWHERE: [&str; 12] = [
    "InsurerNumber",
    "InsuredCardSymbol",
    "InsuredIdentificationNumber",
    "InsuredBranchNumber",
    "Name",
    "NameOfOther",
    "NameKana",
    "NameOfOtherKana",
    "Birthdate",
    "Address",
    "PostNumber",
    "ReferenceNumber",
];

/// What a chart rests on beside the person and the numbers.
const WEIGHTY: [&str; 6] = [
    "InsuredCardClassification",
    "Sex1",
    "Sex2",
    SHARE,
    ELDERLY_SHARE,
    LIMIT,
];

/// An element a block says twice although all hangs on it: which one counts would be a guess.
pub(super) fn said_twice(block: &PersonBlock) -> Option<&'static str> {
    let once = ELSEWHERE.iter().chain(&WEIGHTY);
    let mut once = once.filter(|name| **name != "ReferenceNumber").copied();
    once.find(|name| block.get_all(name).len() > 1)
}

/// Elements that hold a code, by their Japanese name, and the values known (facts/eligibility.md 2.2).
const CODED: [(&str, &str, &[&str]); 15] = [
    (
        "InsuredCardClassification",
        "被保険者証区分",
        &["01", "02", "03", "04", "05", "06", "07", "A1"],
    ),
    (
        "PersonalFamilyClassification",
        "本人・家族の別",
        &["1", "2"],
    ),
    ("Sex1", "性別1", &["1", "2", "3"]),
    ("Sex2", "性別2", &["1", "2", "3"]),
    ("PreschoolClassification", "未就学区分", &["1"]),
    ("ReasonOfLoss", "資格喪失事由", &["01", "02", "03", "99"]),
    (
        "LimitApplicationCertificateRelatedConsFlg",
        "限度額情報の提供同意",
        &["0", "1"],
    ),
    (
        "LimitApplicationCertificateClassification",
        "限度額認定証区分",
        &["01", "02", "03"],
    ),
    (
        "LimitApplicationCertificateClassificationFlag",
        "適用区分",
        &[
            "A01", "A02", "A03", "A04", "A05", "A06", "B01", "B02", "B03", "B04", "B05", "B06",
            "B07", "B08", "B09", "B10",
        ],
    ),
    (
        "SpecificDiseasesCertificateRelatedConsFlg",
        "特定疾病の提供同意",
        CONSENT,
    ),
    (
        "SpecificDiseasesDiseaseCategory",
        "特定疾病区分",
        &["1", "2", "3"],
    ),
    (
        "SpecificHealthCheckupsInfoConsFlg",
        "特定健診情報の閲覧同意",
        CONSENT,
    ),
    ("PharmacistsInfoConsFlg", "薬剤情報の閲覧同意", CONSENT),
    ("DiagnosisInfoConsFlg", "診療情報の閲覧同意", CONSENT),
    ("OperationInfoConsFlg", "手術情報の閲覧同意", CONSENT),
];
const CONSENT: &[&str] = &["0", "1", "2", "3"];

/// What a chart takes of one block, and what the desk is told of it.
pub(super) struct Carried {
    pub elements: BTreeMap<String, String>,
    pub messages: Vec<String>,
}

/// Takes the elements; `empty` are the paths of those that are there without a value.
pub(super) fn carried(
    conduct: &dyn Conduct,
    block: &PersonBlock,
    empty: &[String],
    asked_on: &str,
) -> Carried {
    let mut carried = Carried {
        elements: BTreeMap::new(),
        messages: Vec::new(),
    };
    let age = age(block.get("Birthdate"), asked_on);
    for (path, value) in &block.elements {
        if !ELSEWHERE.contains(&path.as_str()) && conduct.keeps_element(path) {
            let value = carried.known(conduct, path, value);
            carried.put(path, value);
        }
    }
    carried.used(SHARE, |returned| conduct.share_to_use(returned, age));
    if carried.elements.contains_key(ELDERLY_SHARE) {
        carried.used(ELDERLY_SHARE, |returned| {
            conduct.share_to_use(returned, age)
        });
    }
    carried.used(LIMIT, |returned| conduct.limit_to_use(returned));
    if !conduct.empty_is_absent() {
        for path in empty
            .iter()
            .filter(|path| !ELSEWHERE.contains(&path.as_str()))
        {
            carried.elements.entry(path.clone()).or_default();
        }
    }
    carried
}

impl Carried {
    /// An element said again stands under a path of its own, so that none is lost.
    fn put(&mut self, path: &str, value: String) {
        let mut place = path.to_owned();
        let mut number = 2;
        while self.elements.contains_key(&place) {
            place = format!("{path}[{number}]");
            number += 1;
        }
        self.elements.insert(place, value);
    }

    fn known(&mut self, conduct: &dyn Conduct, path: &str, value: &str) -> String {
        let leaf = path.rsplit('/').next().unwrap_or(path);
        let Some((_, japanese, values)) = CODED.iter().find(|(name, _, _)| *name == leaf) else {
            return value.to_owned();
        };
        if values.contains(&value) {
            return value.to_owned();
        }
        self.messages.push(format!(
            "{japanese}「{value}」はコード表にない値です。届いたまま表示しています。"
        ));
        conduct.unknown_code(value)
    }

    /// Puts what is used in the place of what was returned; nothing leaves nothing.
    fn used(&mut self, path: &str, used: impl Fn(&str) -> String) {
        let returned = self.elements.remove(path).unwrap_or_default();
        let value = used(&returned);
        if !value.is_empty() {
            self.elements.insert(path.to_owned(), value);
        }
    }
}

/// Whole years between two days, `yyyyMMdd`; none when one is no such day.
fn age(birth: &str, on: &str) -> Option<u32> {
    let number = |text: &str| {
        let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    Some(number(on)?.checked_sub(number(birth)?)? / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::Reference;

    #[test]
    fn ages_in_whole_years() {
        for (birth, on, years) in [
            ("19800217", "20261015", Some(46)),
            ("19800217", "20260216", Some(45)),
            ("19800217", "20260217", Some(46)),
            ("20000229", "20250228", Some(24)),
            ("20000229", "20250301", Some(25)),
            ("20300101", "20261015", None),
            ("1980", "20261015", None),
            ("１９８００２１７", "20261015", None),
        ] {
            assert_eq!(age(birth, on), years, "{birth} {on}");
        }
    }

    #[test]
    fn everything_is_carried_as_it_came() {
        let mut block = PersonBlock::default();
        block.put("InsurerNumber", "06991238");
        block.put("Sex1", "9");
        block.put(SHARE, "010");
        block.put_path(&LIMIT.split('/').collect::<Vec<_>>(), "C99");
        block.put("Invented", "a");
        block.put("Invented", "b");
        let carried = carried(&Reference, &block, &["ReasonOfLoss".to_owned()], "20261015");
        insta::assert_snapshot!(format!("{:#?}\n{:#?}", carried.elements, carried.messages));
    }
}
