//! What screens must say at least, and what they may not, as data. Every product words its screens for itself:
//! only the sense is asked for, by any of the usual words, and each row belongs to one requirement.

use super::common::READER;
use crate::case::{Case, Screen};
use crate::expect::Due;
use crate::finding::{q, t};
use crate::{Finding, Text};

/// Words of which one must stand there, group by group.
type Groups = &'static [&'static [&'static str]];

/// Something no sentence of a screen may claim.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// A sentence with one word of each group claims it …
    pub(super) of: Groups,
    /// … unless one of these turns its sense.
    pub(super) unless: &'static [&'static str],
}

/// A screen and its sense.
#[derive(Clone, Copy, Debug)]
struct Row {
    screen: &'static str,
    requirement: &'static str,
    says: Groups,
    never: &'static [Claim],
    sense: (&'static str, &'static str),
}

const NOT: &[&str] = &["ません", "ない", "無効", "喪失"];

/// That a valid qualification was found.
pub(super) const CONFIRMED: Claim = Claim {
    of: &[
        &["資格", "保険"],
        &[
            "確認しました",
            "確認できました",
            "確認されました",
            "確認いたしました",
            "確認済",
            "確認が完了",
            "有効です",
        ],
    ],
    unless: NOT,
};
/// That the patient is received.
pub(super) const RECEIVED: Claim = Claim {
    of: &[
        &["受付", "受け付け"],
        &["完了", "しました", "済み", "終わりました"],
    ],
    unless: &["ません", "ない", "中止", "中断", "終了"],
};
/// That it came to nothing.
pub(super) const FAILED: Claim = Claim {
    of: &[
        &["受付", "受け付け", "資格", "カード"],
        &["できませんでした", "使えません"],
    ],
    unless: &["後は"],
};
/// That nobody is received who does not consent.
const PRESSED: &[Claim] = &[
    Claim {
        of: &[
            &[
                "同意しない",
                "同意しなければ",
                "同意されない",
                "同意いただけない",
                "同意がない",
                "同意なし",
                "拒否",
            ],
            &[
                "受付",
                "受け付け",
                "資格",
                "受診",
                "診察",
                "保険",
                "このカード",
            ],
            &["できません", "できない", "られません", "いただけません"],
        ],
        unless: &["ても", "でも", "ことはありません"],
    },
    Claim {
        of: &[
            &["同意"],
            &["受付", "受け付け", "資格", "受診", "診察"],
            &["必要です", "必須"],
        ],
        unless: NOT,
    },
];
/// That nothing need be renewed.
const NO_RENEWAL: Claim = Claim {
    of: &[
        &["更新"],
        &["不要", "必要ありません", "必要はありません", "必要ない"],
    ],
    unless: &[],
};
/// That medical information is given in the grace.
const MEDICAL: Claim = Claim {
    of: &[
        &["診療", "医療情報", "薬", "健診"],
        &[
            "利用できます",
            "提供されます",
            "提供します",
            "提供できます",
            "閲覧できます",
            "ご覧になれます",
        ],
    ],
    // Once renewed it is.
    unless: &["更新"],
};

const CARD: &[&str] = &["カード"];
const ASKS: &[&str] = &["同意", "許可", "提供", "閲覧"];
const FAR: &[&str] = &[
    "取り出",
    "取られ",
    "取り除",
    "離れ",
    "外れ",
    "外され",
    "抜",
    "途中",
    "中断",
    "中止",
];

const ROWS: &[Row] = &[
    Row {
        screen: "ENTER_PIN",
        requirement: "AUTH-01",
        says: &[&["暗証番号", "PIN"]],
        never: &[],
        sense: ("暗証番号を求める", "that the PIN is asked for"),
    },
    Row {
        screen: "FACE_CAMERA",
        requirement: "AUTH-01",
        says: &[&["顔", "カメラ"]],
        never: &[],
        sense: ("顔をカメラに向ける", "to look into the camera"),
    },
    Row {
        screen: "FACE_MISMATCH",
        requirement: "AUTH-01",
        says: &[&["顔"], &["ません", "ない", "失敗", "違", "異な", "不一致"]],
        never: &[],
        sense: (
            "顔を確かめられなかった",
            "that the face could not be matched",
        ),
    },
    Row {
        screen: "STAFF_EYE",
        requirement: "AUTH-02",
        says: &[
            &["職員", "スタッフ", "係"],
            &["目視", "見比べ", "確認", "確かめ"],
        ],
        never: &[],
        sense: ("職員が確かめる", "that staff look at the person"),
    },
    Row {
        screen: "PASSCODE_WRONG",
        requirement: "AUTH-02",
        says: &[&["違", "誤", "正しく", "一致"]],
        never: &[],
        sense: ("パスコードが違う", "that the passcode is wrong"),
    },
    Row {
        screen: "LAST_TRY_WARNING",
        requirement: "AUTH-05",
        says: &[&["1回", "一回", "最後"]],
        never: &[],
        sense: ("あと1回しか入力できない", "that one try is left"),
    },
    Row {
        screen: "PIN_WRONG",
        requirement: "AUTH-05",
        says: &[&["違", "誤", "正しく", "一致", "残り", "あと"]],
        never: &[],
        sense: ("暗証番号が違う", "that the PIN is wrong"),
    },
    Row {
        screen: "PLACE_CARD",
        requirement: "AUTH-07",
        says: &[CARD, &["置", "かざ", "セット", "挿", "差", "載", "のせ"]],
        never: &[],
        sense: ("カードを置く", "to place the card"),
    },
    Row {
        screen: "TAKE_CARD",
        requirement: "AUTH-07",
        says: &[CARD, &["取", "抜", "外", "忘れ"]],
        never: &[],
        sense: ("カードを取る", "to take the card"),
    },
    Row {
        screen: "CARD_REMOVED",
        requirement: "AUTH-08",
        says: &[CARD, FAR],
        never: &[],
        sense: ("カードが途中で離れた", "that the card is gone"),
    },
    Row {
        screen: "CONSENT_OPERATION",
        requirement: "CONS-01",
        says: &[&["手術"], ASKS],
        never: PRESSED,
        sense: (
            "手術情報への同意を求め、断っても受付できる",
            "consent for operations, free to be refused",
        ),
    },
    Row {
        screen: "CONSENT_TREATMENT_DRUG",
        requirement: "CONS-01",
        says: &[&["診療", "治療", "受診"], &["薬"], ASKS],
        never: PRESSED,
        sense: (
            "診療・薬剤情報への同意を求め、断っても受付できる",
            "consent for treatment and drugs, free to be refused",
        ),
    },
    Row {
        screen: "CONSENT_CHECKUP",
        requirement: "CONS-01",
        says: &[&["健診", "健康診査", "検診"], ASKS],
        never: PRESSED,
        sense: (
            "特定健診情報への同意を求め、断っても受付できる",
            "consent for checkups, free to be refused",
        ),
    },
    Row {
        screen: "CARD_UNUSABLE",
        requirement: "ELIG-19",
        says: &[
            CARD,
            &["ません", "ない", "取り出", "取られ", "離れ", "外れ", "途中"],
        ],
        never: &[CONFIRMED, RECEIVED],
        sense: (
            "カードをここで使えない",
            "that the card cannot be used here",
        ),
    },
    Row {
        screen: "DONE_NOTICE",
        requirement: "LIFE-01",
        says: &[],
        never: &[NO_RENEWAL],
        sense: ("更新が要る", "that renewal is due"),
    },
    Row {
        screen: "DONE_NOTICE",
        requirement: "LIFE-02",
        says: &[],
        never: &[NO_RENEWAL, MEDICAL],
        sense: (
            "更新が要り、医療情報は提供されない",
            "that renewal is due and no medical information is given",
        ),
    },
    Row {
        screen: "REGISTRATION_OFFER",
        requirement: "REG-02",
        says: &[&["登録"]],
        never: &[],
        sense: ("利用登録を申し込める", "that the use can be registered"),
    },
    Row {
        screen: "REGISTERED",
        requirement: "REG-02",
        says: &[&["登録"], &["完了", "しました", "済", "終わ"]],
        never: &[],
        sense: ("利用登録が終わった", "that the use is registered"),
    },
    Row {
        screen: "REGISTRATION_FAILED",
        requirement: "REG-02",
        says: &[&["登録"], &["ません", "ない", "失敗"]],
        never: &[],
        sense: (
            "利用登録ができなかった",
            "that the use could not be registered",
        ),
    },
];

/// What a screen must say of a refusal's reason, and what would name another one.
struct Reason {
    due: Due,
    says: Groups,
    never: &'static [Claim],
}

const EXPIRED: Claim = Claim {
    of: &[&["期限"], &["切れ", "過ぎ"]],
    unless: &[],
};
const REVOKED: Claim = Claim {
    of: &[&["失効"], &["しています", "されています", "済み"]],
    unless: &["利用登録"],
};
const SUSPENDED: Claim = Claim {
    of: &[&["停止"]],
    unless: &[],
};
const NOT_PROVED: Groups = &[&["ません", "ない", "失敗", "不正"]];

const REASONS: &[Reason] = &[
    Reason {
        due: Due::Expired,
        says: &[&["期限", "満了"]],
        never: &[SUSPENDED],
    },
    Reason {
        due: Due::Revoked,
        says: &[&["失効", "無効", "取り消"]],
        never: &[EXPIRED, SUSPENDED],
    },
    Reason {
        due: Due::Suspended,
        says: &[&["停止"]],
        never: &[EXPIRED],
    },
    Reason {
        due: Due::RevocationUnavailable,
        says: &[
            &["確認でき", "確かめられ", "確認が取れ", "応答"],
            &["ません", "ない", "なかった"],
        ],
        never: &[EXPIRED, REVOKED, SUSPENDED],
    },
    Reason {
        due: Due::NotRegistered,
        says: &[&["登録"]],
        never: &[],
    },
    Reason {
        due: Due::Lapsed,
        says: &[&["登録"]],
        never: &[],
    },
    Reason {
        due: Due::Released,
        says: &[&["登録"], &["解除"]],
        never: &[],
    },
    Reason {
        due: Due::NoQualification,
        says: &[&["登録", "加入", "見つか", "該当"], &["ません", "ない"]],
        never: &[],
    },
    Reason {
        due: Due::Unknown,
        says: NOT_PROVED,
        never: &[],
    },
    Reason {
        due: Due::CertificateInvalid,
        says: NOT_PROVED,
        never: &[],
    },
    Reason {
        due: Due::SignatureInvalid,
        says: NOT_PROVED,
        never: &[],
    },
];

/// Spaces gone and digits narrow, since neither changes the sense.
fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    };
    let full = text.chars().filter(|c| !c.is_whitespace());
    full.map(narrow).collect()
}

/// Whether a screen has one word of each group.
pub(super) fn has(screen: &Screen, groups: &[&[&str]]) -> bool {
    let text = plain(&screen.lines.concat());
    groups
        .iter()
        .all(|group| group.iter().any(|word| text.contains(word)))
}

/// The sentence by which a screen claims something.
pub(super) fn claimed(screen: &Screen, claims: &[Claim]) -> Option<String> {
    let sentences = screen
        .lines
        .iter()
        .flat_map(|line| line.split_inclusive('。'));
    let makes = |sentence: &String, claim: &Claim| {
        let any = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
        claim.of.iter().all(|group| any(group)) && !any(claim.unless)
    };
    let mut sentences = sentences.map(plain);
    sentences.find(|s| claims.iter().any(|claim| makes(s, claim)))
}

/// What is wrong with a screen by its rows under a requirement.
pub(super) fn wrong(requirement: &str, screen: &Screen) -> Option<Text> {
    let rows = ROWS
        .iter()
        .filter(|r| r.requirement == requirement && r.screen == screen.id);
    { rows }.find_map(|row| {
        if let Some(claim) = claimed(screen, row.never) {
            return Some(t(
                format!("{}に「{claim}」と表示した", screen.id),
                format!("On {} it showed \"{claim}\".", screen.id),
            ));
        }
        (!has(screen, row.says)).then(|| {
            t(
                format!("{}に「{}」という案内がない", screen.id, row.sense.0),
                format!("{} does not say {}.", screen.id, row.sense.1),
            )
        })
    })
}

/// Stays with a screen that does not make the sense its rows under a requirement ask for. Of others nothing is
/// said: what the screens are for is judged by the requirement's own rule.
pub(super) fn senseless(case: &Case, requirement: &'static str) -> Vec<Finding> {
    let of = |screens: &[Screen]| {
        let (screen, why) = screens
            .iter()
            .find_map(|s| Some((s, wrong(requirement, s)?)))?;
        let expected = t(
            "画面を読めば、何が起きていて何をすればよいかが分かる",
            "What is going on and what to do can be read on the screen.",
        );
        let advice = t(
            "引用した画面に、その場面の案内を言葉で書く",
            "Write on the quoted screen, in words, what it is shown for.",
        );
        let quotes = vec![q(screen.seq, "screen", screen.text())];
        let say = case.of(requirement, READER);
        Some(say.fail(expected, why, advice, quotes))
    };
    let visits = case.visits.iter();
    visits.filter_map(|visit| of(&visit.screens)).collect()
}

/// Whether a screen names a refusal's reason, and no other one; nothing where the reason has no row.
pub(super) fn names_reason(screen: &Screen, due: Due) -> Option<bool> {
    let reason = REASONS.iter().find(|r| r.due == due)?;
    Some(has(screen, reason.says) && claimed(screen, reason.never).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::*;

    fn screen(id: &str, lines: &[&str]) -> Screen {
        Screen {
            seq: 1,
            id: id.into(),
            lines: lines.iter().map(|l| (*l).to_owned()).collect(),
            tries_left: None,
        }
    }

    #[test]
    fn every_row_belongs_to_a_rule_and_wants_something() {
        for row in ROWS {
            let rule = crate::rules().iter().find(|r| r.id == row.requirement);
            assert!(rule.is_some_and(|r| r.roles.contains(&READER)), "{row:?}");
            assert!(!(row.says.is_empty() && row.never.is_empty()), "{row:?}");
            let blank = screen(row.screen, &[" "]);
            let due = !row.says.is_empty();
            assert_eq!(wrong(row.requirement, &blank).is_some(), due, "{row:?}");
            let usual = screen(row.screen, usual(row.screen));
            assert_eq!(wrong(row.requirement, &usual), None, "{row:?}");
        }
    }

    #[test]
    fn products_may_word_it_otherwise() {
        for (requirement, id, line, due) in [
            ("AUTH-05", "LAST_TRY_WARNING", "残り１回です", true),
            ("AUTH-05", "LAST_TRY_WARNING", "次が最後の入力です", true),
            ("AUTH-05", "LAST_TRY_WARNING", "もう一度どうぞ", false),
            (
                "CONS-01",
                "CONSENT_CHECKUP",
                "健診 情報を 提供しますか",
                true,
            ),
            ("CONS-01", "CONSENT_CHECKUP", "情報を提供しますか", false),
            (
                "CONS-01",
                "CONSENT_OPERATION",
                "手術情報の提供に同意しますか。同意しない場合も受付は続けられます。",
                true,
            ),
            (
                "CONS-01",
                "CONSENT_OPERATION",
                "手術情報の提供に同意しますか。同意しないと、受付できません。",
                false,
            ),
            (
                "CONS-01",
                "CONSENT_OPERATION",
                "手術情報の提供への同意が、受付には必要です。",
                false,
            ),
            (
                "CONS-01",
                "CONSENT_OPERATION",
                "同意しないときは、手術の情報を医師が見ることはできません。",
                true,
            ),
            (
                "LIFE-02",
                "DONE_NOTICE",
                "有効期限が切れています。更新すると、診療の情報も提供されます。",
                true,
            ),
            (
                "LIFE-02",
                "DONE_NOTICE",
                "有効期限が切れていますが更新は不要です。",
                false,
            ),
            (
                "LIFE-02",
                "DONE_NOTICE",
                "有効期限が切れています。診療情報をすべて利用できます。",
                false,
            ),
        ] {
            let found = wrong(requirement, &screen(id, &[line]));
            assert_eq!(found.is_none(), due, "{line} {found:?}");
        }
    }

    #[test]
    fn a_reason_is_named_and_no_other() {
        for (due, line, holds) in [
            (Due::Revoked, "電子証明書が失効しています。", true),
            (Due::Revoked, "このカードは使えません。", false),
            (Due::Revoked, "失効したか、有効期限が切れています。", false),
            (Due::Suspended, "一時停止の届出があります。", true),
            (Due::Expired, "期限切れのため失効しています。", true),
            (Due::Expired, "一時停止中か期限切れです。", false),
        ] {
            let said = names_reason(&screen("REFUSED", &[line]), due);
            assert_eq!(said, Some(holds), "{line}");
        }
        assert_eq!(names_reason(&screen("DONE", &[]), Due::Confirmed), None);
    }
}
