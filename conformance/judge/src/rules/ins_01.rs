//! INS-01: insurers register gain and loss of qualification with shares and certificates, as their clerks
//! entered them.

use serde_json::Value;

use super::Rule;
use super::common::INSURER;
use super::words::{deviation, had_time, is_of, numbers, text};
use crate::case::{Case, Entry, Exchange};
use crate::expect::check_digit_holds;
use crate::finding::{q, t};
use crate::{Finding, Text};

/// Houses whose trouble keeps the intermediate server from taking anything.
const HOUSES: [&str; 3] = ["intermediate", "eligibility-server", "server"];

/// The rule.
pub const RULE: Rule = Rule {
    id: "INS-01",
    roles: &[INSURER],
    clause: (
        "保険者は、資格の取得と喪失を、負担割合や証の情報とともに入力どおりに登録する",
        "Insurers register gain and loss with shares and certificates as they were entered.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let sent = case
        .registrations
        .iter()
        .filter(|e| e.posts("/v1/registrations"));
    // Wrong check digits are INS-06's.
    let sent: Vec<&Exchange> = sent
        .filter(|e| check_digit_holds(e.text("insurer_number")))
        .collect();
    let mut findings: Vec<Finding> = sent.iter().map(|e| faithful(case, e)).collect();
    let entered = case
        .facts
        .entries
        .iter()
        .filter(|e| check_digit_holds(&e.insurer_number));
    findings.extend(entered.filter_map(|entry| unsent(case, &sent, entry)));
    findings
}

fn said(exchange: &Exchange) -> String {
    match &exchange.body {
        Ok(body) => format!(
            "{} {} {}",
            text(body, "kind"),
            numbers(body),
            text(body, "on")
        ),
        Err(error) => error.to_string(),
    }
}

fn expected() -> Text {
    t(
        "担当者が入力したとおりの資格を送る",
        "What its clerk entered is sent, word for word.",
    )
}

fn advice() -> Text {
    t(
        "引用した登録電文を入力と比べ、変わった項目を直す",
        "Compare the quoted registration with what was entered and mend what changed.",
    )
}

fn faithful(case: &Case, sent: &Exchange) -> Finding {
    let say = case.of(RULE.id, INSURER);
    let wrong = wrong(case, sent);
    let fine = t("入力どおりに送った", "It sent what was entered.");
    let actual = wrong.clone().unwrap_or(fine);
    let mut quotes = vec![q(sent.seq, "POST /v1/registrations", said(sent))];
    if let Some(why) = refused(case, sent).filter(|_| wrong.is_none()) {
        quotes.push(q(sent.last(), "HTTP", sent.said()));
        return say.unclear("intermediate", expected(), why, quotes);
    }
    say.decide(wrong.is_none(), expected(), actual, advice(), quotes)
}

/// Whether the intermediate server, in order, did not take a registration.
fn refused(case: &Case, sent: &Exchange) -> Option<Text> {
    let answer = sent.answer.as_ref()?;
    let body = answer.body.as_ref().ok();
    let taken = body
        .and_then(|b| b.get("accepted"))
        .and_then(Value::as_bool);
    let troubled = case.facts.troubled(&HOUSES, sent.at, answer.at);
    let refused = !sent.accepted() || taken == Some(false);
    (refused && !troubled).then(|| {
        let said = sent.said();
        t(
            format!("中間サーバーが正しい登録を受け入れなかった（{said}）"),
            format!("The intermediate server did not take a right registration ({said})."),
        )
    })
}

/// What is wrong with a registration that was sent.
fn wrong(case: &Case, sent: &Exchange) -> Option<Text> {
    let body = match &sent.body {
        Ok(body) => body,
        Err(error) => {
            return Some(t(
                format!("登録電文を読み取れない（{error}）"),
                format!("A registration it sent cannot be read: {error}."),
            ));
        }
    };
    let own: Vec<&Entry> = case
        .facts
        .entries
        .iter()
        .filter(|e| is_of(body, e))
        .collect();
    if own.is_empty() {
        let said = said(sent);
        return Some(t(
            format!("誰も入力していない登録（{said}）を送った"),
            format!("It sent a registration nobody entered: {said}."),
        ));
    }
    let all: Vec<Option<Text>> = own.iter().map(|e| bent(case, body, e)).collect();
    match all.iter().any(Option::is_none) {
        true => None,
        false => all.into_iter().flatten().next(),
    }
}

fn bent(case: &Case, body: &Value, entry: &Entry) -> Option<Text> {
    let name = text(body, "insurer_name");
    if name != entry.insurer {
        return Some(t(
            format!("保険者名称を「{name}」とした"),
            format!("It called itself \"{name}\"."),
        ));
    }
    deviation(case, body, entry).or_else(|| {
        let due = individual_number(case, &entry.person)?;
        let found = text(body, "individual_number");
        (found != due).then(|| {
            t(
                format!("別の人の個人番号（{found}）で送った"),
                format!("It sent it under another person's individual number ({found})."),
            )
        })
    })
}

/// Token of a person's individual number, which is the 照合番号A of the person's card.
fn individual_number<'a>(case: &'a Case, person: &str) -> Option<&'a str> {
    let cards = case.facts.cards.iter().filter(|c| c.holder == person);
    let mut tokens = cards.filter_map(|c| c.chip.as_ref());
    let token = { &mut tokens }.map(|c| c.verification_a.as_str()).next()?;
    (!token.is_empty()).then_some(token)
}

/// An entry that was never sent although the insurer had its time.
fn unsent(case: &Case, sent: &[&Exchange], entry: &Entry) -> Option<Finding> {
    if sent
        .iter()
        .any(|e| e.body.as_ref().is_ok_and(|b| is_of(b, entry)))
    {
        return None;
    }
    if !had_time(case, entry) {
        return None;
    }
    let numbers = &entry.numbers;
    let actual = t(
        format!("入力（{numbers}）を送らなかった"),
        format!("It never sent the entry {numbers}."),
    );
    let quotes = vec![q(entry.seq, "entered", numbers.to_string())];
    let say = case.of(RULE.id, INSURER);
    Some(say.fail(expected(), actual, advice(), quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::EntryKind::Gain;
    use serde_json::{Value, json};

    const KNOWN: &str = "2026-10-15T09:00:00.000+09:00";

    fn said(bend: impl Fn(&mut Value)) -> Vec<crate::Verdict> {
        let mut scene = Scene::limited();
        let before = scene.said("INS-01").len();
        scene.entered(
            "田中",
            Gain,
            OTHER_NUMBER,
            "00",
            "2026-10-01",
            KNOWN,
            &[(
                "LimitApplicationCertificateRelatedInfo/LimitApplicationCertificateClassificationFlag",
                "A03",
            )],
        );
        let mut body = scene.words(Gain, OTHER_NUMBER);
        body["individual_number"] = json!("⟦INDIVIDUAL-NUMBER#1⟧");
        bend(&mut body);
        scene.post(
            "registration",
            "insurer",
            INSURER,
            "intermediate",
            "/v1/registrations",
            &body,
            201,
        );
        let said: Vec<_> = scene.said("INS-01").into_iter().map(|s| s.1).collect();
        assert_eq!(said[..before], vec![Pass; before]);
        said[before..].to_vec()
    }

    #[test]
    fn every_word_is_as_entered() {
        assert_eq!(said(|_| {}), [Pass]);
        let bends: [(&str, Value); 9] = [
            ("name", json!("田中　太郎")),
            ("name_kana", json!("ﾀﾅｶ ﾀﾛｳ")),
            ("birthdate", json!("1980-02-18")),
            ("sex", json!("1")),
            ("number", json!("３５")),
            ("symbol", json!("")),
            ("branch", json!("01")),
            ("on", json!("2026-10-02")),
            ("kind", json!("loss")),
        ];
        for (member, value) in bends {
            let found = said(|body| body[member] = value.clone());
            assert_eq!(found[0], Fail, "{member}");
        }
        let found = said(|body| body["benefits"]["limit"]["class"] = json!("A01"));
        assert_eq!(found, [Fail], "limit class");
        let found = said(|body| body["benefits"] = json!({}));
        assert_eq!(found, [Fail], "certificates left out");
    }

    #[test]
    fn an_entry_kept_back_is_noticed() {
        let mut scene = Scene::registered();
        scene.entry_only(Gain, OTHER_NUMBER, "2026-10-01", KNOWN);
        assert_eq!(scene.said("INS-01").len(), 1, "it may still come");
        scene.at("2026-10-15T09:05:00");
        scene.screen(CLINIC, "PLACE_CARD", &[], None);
        assert_eq!(scene.said("INS-01")[1].1, Fail);
    }
}
