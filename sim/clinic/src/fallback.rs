//! How a visit goes on when the qualification cannot be confirmed online (facts/eligibility.md 4.3;
//! ELIG-18): the published ways, in the order in which they are tried.

/// The ways, one line each, for patient and desk.
pub(crate) const LINES: [&str; 3] = [
    "資格確認書をお持ちの方は、窓口にご提示ください。記号・番号で確認します。",
    "お持ちでない方は、マイナンバーカードと一緒に「資格情報のお知らせ」またはマイナポータルの資格情報画面を窓口にご提示ください。",
    "どちらもないときは、窓口で被保険者資格申立書をご記入ください。",
];

/// What happened, and the ways below it.
pub(crate) fn after(reason: &str) -> String {
    let mut lines = vec![reason];
    lines.extend(LINES);
    lines.join("\n")
}
