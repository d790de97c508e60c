//! Names a reader sees, in both languages: who can be at fault, hops, verdicts. The short names
//! beside them are those of the catalogue and of the evidence.

use judge::{Text, Verdict, WaiverState};
use requirements::Role;
use serde::{Deserialize, Serialize};

/// Something with a short name for programs and one in each language for people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Short name, such as `eligibility-server`.
    pub id: String,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// What one thing is called, in both languages: the same word in every printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// In Japanese.
    pub ja: &'static str,
    /// In English, inside a sentence.
    pub en: &'static str,
    /// In English, at the head of a column or a line.
    pub head: &'static str,
}

/// The glossary: one wording for one thing in page, document, difference and console. A test below refuses the
/// other words that were once in use for the same things.
pub mod terms {
    use super::Term;

    const fn term(ja: &'static str, en: &'static str, head: &'static str) -> Term {
        Term { ja, en, head }
    }

    /// The day whose rules a run is judged by, and on which its clock starts.
    pub const EDITION: Term = term("基準日", "edition", "Edition");
    /// The number all chance of a run follows from.
    pub const SEED: Term = term("乱数の種", "seed", "Seed");
    /// Features, people, phrases, catalogue and profile of a run, by their digest.
    pub const SUITE: Term = term("試験スイート", "suite", "Suite");
    /// The recorded messages, facts and screens.
    pub const EVIDENCE: Term = term("証跡", "evidence", "Evidence");
    /// A digest of something.
    pub const DIGEST: Term = term("ダイジェスト", "digest", "Digest");
    /// A rule of the catalogue.
    pub const REQUIREMENT: Term = term("要求", "requirement", "Requirement");
    /// The unit of what is lacking: a requirement counts once for each role it binds.
    pub const PAIR: Term = term("要求×役割", "requirement × role", "Requirement × role");
    /// What nothing judged, whether a check is missing or no scenario got there.
    pub const NOT_TESTED: Term = term("未試験", "not tested", "Not tested");
    /// What the evidence does not decide.
    pub const INCONCLUSIVE: Term = term("判定不能", "inconclusive", "Inconclusive");
    /// Whoever a failure is owed to.
    pub const AT_FAULT: Term = term("責任", "at fault", "At fault");
}

/// The name of whoever can send, receive or be at fault: a role of the catalogue, a house that is
/// never under test, the configuration or the bed. An unknown name stands for itself.
pub fn name_of(id: &str) -> Named {
    let (ja, en) = match (Role::from_name(id), id) {
        (Some(role), _) => (role.ja(), role.en()),
        (None, "jlis") => ("J-LIS（公的個人認証）", "J-LIS"),
        (None, "intermediate") => ("中間サーバー", "intermediate server"),
        (None, "configuration") => ("設定", "configuration"),
        (None, "bed") => ("試験環境", "test bed"),
        (None, "home") => ("自宅の端末", "device at home"),
        (None, "examiner") => ("検査官", "examiner"),
        (None, other) => (other, other),
    };
    named(id, ja, en)
}

/// A hop and whether its protocol is ours, because the real one is not published.
pub(crate) fn hop(id: &str) -> (Named, bool) {
    let (ja, en, simulated) = match id {
        "card" => ("カード（APDU）", "card (APDU)", false),
        "reader" => ("カードリーダーと端末", "reader and terminal", true),
        "eligibility" => ("資格確認の照会", "eligibility check", true),
        "ocsp" => ("失効確認（OCSP）", "revocation check (OCSP)", false),
        "registration" => ("保険者の資格登録", "insurer's registration", true),
        "feed" => (
            "中間サーバーからの連携",
            "feed from the intermediate server",
            true,
        ),
        "face-folder" => ("faceフォルダー", "face folder", false),
        "req-folder" => ("reqフォルダー", "req folder", false),
        "res-folder" => ("resフォルダー", "res folder", false),
        "crl" => ("失効リスト（CRL）", "revocation list (CRL)", false),
        "portal" => ("自宅からの利用登録", "use registration from home", true),
        "clinic-registration" => (
            "医療機関からの利用登録",
            "use registration from the clinic",
            true,
        ),
        "agency" => ("機関別符号の取得", "agency code", true),
        "insured" => ("加入者の確認", "who is insured", true),
        other => (other, other, false),
    };
    (named(id, ja, en), simulated)
}

/// Whose hands they are, in Japanese and English.
pub(crate) fn hands(who: &str) -> (&str, &str) {
    match who {
        "patient" => ("患者", "patient"),
        "clerk" => ("受付", "clerk"),
        "staff" => ("職員", "staff"),
        "examiner" => ("検査官", "examiner"),
        "bed" => ("試験環境", "test bed"),
        other => (other, other),
    }
}

/// What a card's status word means, in Japanese; `means` is the judge's own English for it.
pub(crate) fn status_word(status: &str, means: &str) -> String {
    let plain = match status {
        "9000" => "正常終了",
        "6700" => "Lcの誤り",
        "6881" => "論理チャネルに対応しない",
        "6981" => "ファイル構造の不一致",
        "6982" => "セキュリティステータスを満たさない",
        "6984" => "閉塞",
        "6985" => "使用条件を満たさない",
        "6986" => "カレントファイルがない",
        "6A82" => "ファイルがない",
        "6A86" => "P1・P2の誤り",
        "6B00" => "オフセットがファイルの外",
        "6D00" => "INSに対応しない",
        "6E00" => "CLAに対応しない",
        _ => match status
            .strip_prefix("63C")
            .map(|n| u8::from_str_radix(n, 16))
        {
            Some(Ok(left)) => return format!("残り{left}回"),
            _ => means,
        },
    };
    plain.to_owned()
}

/// What a verdict is called.
pub fn verdict(verdict: Verdict) -> Text {
    let (ja, en) = match verdict {
        Verdict::Pass => ("適合", "pass"),
        Verdict::NotApplicable => ("対象外", "not applicable"),
        Verdict::Waived => ("許容", "waived"),
        Verdict::NotTested => (terms::NOT_TESTED.ja, terms::NOT_TESTED.en),
        Verdict::Inconclusive => (terms::INCONCLUSIVE.ja, terms::INCONCLUSIVE.en),
        Verdict::Fail => ("不適合", "fail"),
        Verdict::BedError => ("試験環境の誤り", "bed error"),
    };
    said(ja, en)
}

/// What became of a waiver.
pub(crate) fn waiver_state(state: WaiverState) -> Text {
    let (ja, en) = match state {
        WaiverState::Used => ("使われた", "used"),
        WaiverState::Unused => ("使われていない", "unused"),
        WaiverState::Expired => ("期限切れ", "expired"),
        WaiverState::NotReached => ("この実行では及ばない", "not reached by this part"),
    };
    said(ja, en)
}

/// One sentence in both languages.
pub(crate) fn said(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text {
        ja: ja.into(),
        en: en.into(),
    }
}

/// English with its noun in the right number.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn named(id: &str, ja: &str, en: &str) -> Named {
    Named {
        id: id.to_owned(),
        ja: ja.to_owned(),
        en: en.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_can_be_blamed_has_a_name_in_both_languages() {
        let others = [
            "jlis",
            "intermediate",
            "configuration",
            "bed",
            "home",
            "examiner",
        ];
        for id in Role::ALL.iter().map(|role| role.name()).chain(others) {
            let name = name_of(id);
            assert_eq!(name.id, id);
            assert!(!name.ja.is_ascii(), "{id}: {}", name.ja);
            assert!(name.en.is_ascii() && !name.en.is_empty(), "{id}");
        }
        assert_eq!(name_of("somebody").ja, "somebody");
    }

    /// Every source and template of the printers, by its path.
    fn sources() -> Vec<(std::path::PathBuf, String)> {
        let rooms = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut folders: Vec<_> = ["page", "certificate", "difference"]
            .iter()
            .flat_map(|room| ["src", "templates", "schema"].map(|part| rooms.join(room).join(part)))
            .filter(|folder| folder.is_dir())
            .collect();
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = std::fs::read_to_string(&path).unwrap();
                    files.push((path, text));
                }
            }
        }
        files
    }

    #[test]
    fn reasons_speak_the_language_of_the_field_and_fit_their_line() {
        for row in requirements::untested().unwrap() {
            let (ja, en) = (&row.reason.ja, &row.reason.en);
            for word in ["家", "町"] {
                assert!(!ja.contains(word), "{}: {ja}", row.id);
            }
            assert!(!en.contains("house"), "{}: {en}", row.id);
            assert!(
                ja.chars().count() <= 80 && en.chars().count() <= 150,
                "{}",
                row.id
            );
        }
    }

    #[test]
    fn one_thing_has_one_word_in_every_printer() {
        // Each was once used beside the word of the glossary.
        let retired = [
            "要求の版",
            "（版 ",
            "試験群",
            "試験一式",
            "試験手段",
            "未決",
            "判定できな",
            "要件",
            "証拠",
            "要約値",
            "模擬した町",
        ];
        for (path, text) in sources() {
            if path.ends_with("labels.rs") {
                continue;
            }
            for word in retired {
                assert!(!text.contains(word), "{word} in {}", path.display());
            }
        }
    }

    #[test]
    fn only_interfaces_without_a_published_protocol_are_called_simulated() {
        let simulated: Vec<_> = [
            "card",
            "reader",
            "eligibility",
            "ocsp",
            "registration",
            "feed",
            "face-folder",
            "crl",
            "portal",
            "clinic-registration",
            "agency",
            "insured",
        ]
        .into_iter()
        .filter(|id| hop(id).1)
        .collect();
        assert_eq!(
            simulated,
            [
                "reader",
                "eligibility",
                "registration",
                "feed",
                "portal",
                "clinic-registration",
                "agency",
                "insured"
            ]
        );
    }
}
