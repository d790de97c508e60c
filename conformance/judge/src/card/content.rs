//! What must not stand in anything a card gives away: insurance and other data of the person that no
//! application of the chip has a place for (CARD-09).

use crate::case::Case;

use super::reading::contains;

/// Words of labels no application of a card writes.
const LABELS: [&str; 8] = [
    "保険者番号",
    "被保険者",
    "健康保険",
    "資格確認書",
    "年金番号",
    "診療情報",
    "薬剤情報",
    "InsurerNumber",
];

/// Shortest number that is looked for: a shorter one would be found by chance.
const SHORTEST: usize = 6;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    /// What insurers and pharmacies had entered, and labels of such data.
    pub fn of(case: &Case) -> Self {
        let mut words: Vec<String> = Vec::new();
        for entry in &case.facts.entries {
            let numbers = &entry.numbers;
            let all = [&numbers.insurer_number, &numbers.symbol, &numbers.number];
            let long = { all }
                .into_iter()
                .filter(|n| n.chars().count() >= SHORTEST);
            words.extend(long.cloned());
            words.push(entry.insurer.clone());
        }
        words.extend(case.facts.drugs.iter().map(|d| d.name.clone()));
        words.extend(LABELS.map(str::to_owned));
        words.sort();
        words.dedup();
        let forms = words
            .into_iter()
            .filter(|w| !w.is_empty())
            .flat_map(|word| {
                let wide: String = word.chars().map(widened).collect();
                let (shift_jis, _, lost) = encoding_rs::SHIFT_JIS.encode(&word);
                let mut forms = vec![word.as_bytes().to_vec(), wide.into_bytes()];
                if !lost {
                    forms.push(shift_jis.into_owned());
                }
                forms.sort();
                forms.dedup();
                forms.into_iter().map(move |form| (word.clone(), form))
            });
        Needles(forms.collect())
    }

    /// The first of them that stands in some bytes.
    pub fn in_bytes(&self, bytes: &[u8]) -> Option<&str> {
        let mut all = self.0.iter();
        all.find(|(_, form)| contains(bytes, form))
            .map(|(word, _)| word.as_str())
    }
}

fn widened(c: char) -> char {
    match c.is_ascii_graphic() {
        true => char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c),
        false => c,
    }
}
