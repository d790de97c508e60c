//! What a screen usually says, for stays in which a test only cares which screen it was.

/// The lines of a screen; none for one that need not say anything.
pub fn usual(id: &str) -> &'static [&'static str] {
    match id {
        "PLACE_CARD" => &["カードを置いてください。"],
        "CHOOSE_METHOD" => &["顔認証か暗証番号を選んでください。"],
        "ENTER_PIN" => &["暗証番号を入力してください。"],
        "PIN_WRONG" => &["暗証番号が違います。"],
        "LAST_TRY_WARNING" => &["あと1回です。"],
        "FACE_CAMERA" => &["カメラを見てください。"],
        "FACE_MISMATCH" => &["お顔を確認できませんでした。"],
        "STAFF_EYE" => &["職員が目視で確認します。"],
        "PASSCODE_WRONG" => &["パスコードが違います。"],
        "REGISTRATION_OFFER" => &["利用登録をしますか。"],
        "REGISTERED" => &["利用登録が完了しました。"],
        "REGISTRATION_FAILED" => &["利用登録ができませんでした。"],
        "CONSENT_OPERATION" => &["手術の情報の提供に同意しますか。"],
        "CONSENT_TREATMENT_DRUG" => &["診療とお薬の情報の提供に同意しますか。"],
        "CONSENT_CHECKUP" => &["健診の情報の提供に同意しますか。"],
        "DONE" => &["受付が完了しました。"],
        "REFUSED" => &["このカードでは受付できませんでした。"],
        "UNAVAILABLE" => &["いま資格を確認できません。"],
        "CARD_UNUSABLE" => &["このカードは使えません。"],
        "CARD_REMOVED" => &["カードが途中で外れました。"],
        "TAKE_CARD" => &["カードをお取りください。"],
        _ => &[],
    }
}
