//! What a record is, in a few words: the line a reader sees before opening it. Terms are those of the
//! specification on the wire and of the phrase book elsewhere.

use evidence::{Attested, Tapped};
use judge::Text;
use serde_json::Value;

use crate::labels::{self, said};

/// A declared fact, by its JSON.
pub(crate) fn of_fact(fact: &Value) -> Text {
    let word = |name: &str| fact.get(name).and_then(Value::as_str).unwrap_or_default();
    let (ja, en) = match word("is") {
        "hands" => return of_act(word("who"), &fact["act"]),
        "clock" => ("時計", "clock"),
        "person" => ("人", "person"),
        "profile-value" => ("プロファイルの値", "profile value"),
        "authority" => ("認証局", "authority"),
        "card" => ("カード", "card"),
        "tries" => ("残りの回数", "tries left"),
        "certificate" => ("電子証明書の状態", "state of a certificate"),
        "registration" => ("利用登録", "use registration"),
        "renewal" => ("電子証明書の更新", "renewal of a certificate"),
        "release" => ("利用登録の解除", "release of the use registration"),
        "drug" => ("薬剤", "drug"),
        "chart" => ("カルテ", "chart"),
        "insurer-entry" => ("保険者の登録内容", "insurer's entry"),
        "facility" => ("医療機関", "facility"),
        "fault" => ("障害", "fault"),
        "bed-error" => ("試験環境の誤り", "bed error"),
        other => (other, other),
    };
    let pair = |one: &str, other: &str| format!("{} {}", word(one), word(other));
    let detail = match word("is") {
        "clock" => word("at").get(..16).unwrap_or_default().replace('T', " "),
        "insurer-entry" => pair("person", "kind"),
        "certificate" => pair("serial", "event"),
        "fault" => pair("house", "kind"),
        "profile-value" => pair("key", "value"),
        "renewal" => pair("person", "on"),
        "release" => pair("person", "effective_on"),
        "chart" => pair("facility", "person"),
        "drug" => pair("person", "name"),
        "registration" => word("person").to_owned(),
        "tries" => format!("{} {}", word("card"), fact["tries_left"]),
        kind => word(kind).to_owned(),
    };
    with_detail(ja, en, &detail)
}

/// What hands did. The words are those of the steps in the phrase book.
fn of_act(who: &str, act: &Value) -> Text {
    let word = |name: &str| act.get(name).and_then(Value::as_str).unwrap_or_default();
    let (ja, en) = match word("do") {
        "place-card" => ("カードを置く", "place the card"),
        "go-on" => ("操作を続ける", "go on"),
        "choose-pin" => ("暗証番号による確認を選ぶ", "choose the PIN"),
        "choose-face" => ("顔認証による確認を選ぶ", "choose the face"),
        "look-into-camera" => ("カメラを見る", "look into the camera"),
        "call-staff" => ("職員の目視による確認を頼む", "ask for the staff's eye"),
        "enter-passcode" => ("施設のパスコードを入力する", "type the facility's passcode"),
        "answer-registration" => ("利用登録の申込みに答える", "answer the use registration"),
        "card-slips" => (
            "カードがリーダーから外れる",
            "the card slips off the reader",
        ),
        "register-at-portal" => (
            "マイナポータルから利用登録をする",
            "register the use at the portal",
        ),
        "examine" => ("カードに手順を送る", "send a script to the card"),
        "tamper" => ("チップがこじ開けられる", "the chip is forced open"),
        "reset-at-counter" => ("暗証番号のロックを解除する", "unlock the PIN"),
        "ask-by-number" => ("記号・番号で照会する", "ask by the number"),
        "ask-drugs" => ("薬剤情報を求める", "ask for the drug information"),
        "register-reference-number" => ("照会番号を登録する", "register the reference number"),
        "switch-desk" => (
            "レセプトコンピュータの電源",
            "power of the receipt computer",
        ),
        "plant-file" => ("共有フォルダーに置く", "put into the shared folder"),
        "send-request" => ("要求を送る", "send a request"),
        "acknowledge-warning" => ("警告を読んで先へ進む", "read the warning and go on"),
        "enter-pin" => ("暗証番号を入力する", "enter the PIN"),
        "consent" => ("情報の閲覧に同意する・しない", "consent or refuse"),
        "take-card" => ("カードを取る", "take the card"),
        "look-at-chart" => ("カルテを確認する", "look at the chart"),
        "enter-release" => (
            "利用登録を解除する届を登録する",
            "enter the release of the use registration",
        ),
        "enter-registration" => ("資格取得を登録する", "register the gain of qualification"),
        other => (other, other),
    };
    let detail = match word("do") {
        "enter-pin" => word("pin").to_owned(),
        "consent" => format!("{} {}", word("kind"), sign(&act["given"])),
        "answer-registration" => sign(&act["agreed"]).to_owned(),
        "switch-desk" => sign(&act["on"]).to_owned(),
        "plant-file" => word("name").to_owned(),
        "examine" => word("script").to_owned(),
        "send-request" => word("request").to_owned(),
        "card-slips" => act["command"].to_string(),
        "place-card" => word("card").to_owned(),
        _ => word("person").to_owned(),
    };
    let (who_ja, who_en) = labels::hands(who);
    with_detail(
        &format!("{who_ja} {ja}"),
        &format!("{who_en}: {en}"),
        &detail,
    )
}

fn sign(yes: &Value) -> &'static str {
    if yes.as_bool().unwrap_or_default() {
        "○"
    } else {
        "×"
    }
}

/// Something seen at a product.
pub(crate) fn of_seen(seen: &Attested) -> Text {
    let (ja, en) = match seen.shows.as_str() {
        "screen" => ("画面", "screen"),
        "chart" => ("カルテ画面", "chart"),
        "message" => ("表示", "message"),
        other => (other, other),
    };
    let id = seen.seen.get("id").or_else(|| seen.seen.get("person"));
    with_detail(ja, en, id.and_then(Value::as_str).unwrap_or_default())
}

/// A file is known by its name, a failed connection by its alert, anything else by what the
/// decoder calls it.
pub(crate) fn of_tapped(tapped: &Tapped, view: Option<&Value>) -> Text {
    let alert = tapped.tls.as_ref().and_then(|tls| tls.alert.clone());
    match (&tapped.name, alert, view) {
        (Some(name), _, _) => with_detail("ファイル", "file", name),
        (None, Some(alert), None) => with_detail("接続できず", "no connection", &alert),
        (None, _, Some(view)) if tapped.hop == "card" => of_apdu(view),
        (None, _, Some(view)) => {
            let told = cut(told_by(view), 120);
            match told.as_str() {
                "" => said("通信", "message"),
                told => said(told, told),
            }
        }
        (None, None, None) => said("通信", "message"),
    }
}

/// A command by its name in ISO/IEC 7816-4 and what it addresses; a response by its status word.
fn of_apdu(view: &Value) -> Text {
    let word = |place: &str| view.pointer(place).and_then(Value::as_str);
    if let Some(command) = word("/command") {
        let on = ["/with/file", "/with/aid", "/with/pin", "/with/asks"];
        let on = on.into_iter().find_map(word).unwrap_or_default();
        let line = cut(format!("{command} {on}").trim_end().to_owned(), 60);
        return said(line.clone(), line);
    }
    let (Some(status), Some(means)) = (word("/response"), word("/means")) else {
        return said("通信", "message");
    };
    let length = word("/data").map_or(0, |data| data.len() / 2);
    let (bytes_ja, bytes_en) = match length {
        0 => (String::new(), String::new()),
        length => (format!("（{length}バイト）"), format!(" ({length} bytes)")),
    };
    said(
        format!("{status} {}{bytes_ja}", labels::status_word(status, means)),
        format!("{status} {means}{bytes_en}"),
    )
}

/// The members of a decoded view that tell most in least room, in the order they are read.
fn told_by(view: &Value) -> String {
    [
        "/type",
        "/http/request",
        "/http/answer",
        "/ocsp/responses/0/status",
        "/body/error",
        "/error",
    ]
    .into_iter()
    .filter_map(|place| match view.pointer(place)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
    .collect::<Vec<_>>()
    .join(" ")
}

fn with_detail(ja: &str, en: &str, detail: &str) -> Text {
    let detail = cut(detail.trim().to_owned(), 120);
    if detail.is_empty() {
        return said(ja, en);
    }
    said(format!("{ja}: {detail}"), format!("{en}: {detail}"))
}

/// A text of at most that many characters, its true length told where it was longer.
pub(crate) fn cut(text: String, longest: usize) -> String {
    let length = text.chars().count();
    if length <= longest {
        return text;
    }
    let kept: String = text.chars().take(longest).collect();
    format!("{kept}… ({length} characters)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_gist_names_what_matters() {
        for (fact, en) in [
            (
                json!({"is": "person", "person": "山田花子"}),
                "person: 山田花子",
            ),
            (
                json!({"is": "hands", "who": "patient", "act": {"do": "enter-pin", "pin": "⟦PIN#1⟧"}}),
                "patient: enter the PIN: ⟦PIN#1⟧",
            ),
            (
                json!({"is": "hands", "who": "patient", "act": {"do": "consent", "kind": "drugs", "given": false}}),
                "patient: consent or refuse: drugs ×",
            ),
            (
                json!({"is": "fault", "house": "ocsp", "kind": "silent"}),
                "fault: ocsp silent",
            ),
            (json!({"is": "something-new"}), "something-new"),
        ] {
            assert_eq!(of_fact(&fact).en, en);
        }
        for (view, told) in [
            (
                json!({"http": {"answer": 422}, "body": {"error": "x"}}),
                "422 x",
            ),
            (json!({"type": "pin-wrong", "tries_left": 2}), "pin-wrong"),
            (json!("raw"), ""),
        ] {
            assert_eq!(told_by(&view), told);
        }
    }

    #[test]
    fn cards_speak_in_the_words_of_their_specification() {
        for (view, ja, en) in [
            (
                json!({"command": "VERIFY", "header": "00200080", "with": {"pin": "⟦PIN#1⟧"}}),
                "VERIFY ⟦PIN#1⟧",
                "VERIFY ⟦PIN#1⟧",
            ),
            (
                json!({"response": "9000", "means": "normal", "data": "0A0B"}),
                "9000 正常終了（2バイト）",
                "9000 normal (2 bytes)",
            ),
            (
                json!({"response": "63C2", "means": "wrong, 2 tries left", "data": ""}),
                "63C2 残り2回",
                "63C2 wrong, 2 tries left",
            ),
            (json!({"error": "too short"}), "通信", "message"),
        ] {
            assert_eq!(of_apdu(&view), said(ja, en));
        }
    }
}
