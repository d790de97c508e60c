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
        Verdict::NotTested => ("未試験", "not tested"),
        Verdict::Inconclusive => ("判定不能", "inconclusive"),
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
