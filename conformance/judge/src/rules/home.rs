//! What a person at home reads of a use registration. The pages are the portal's, whatever device shows them: a
//! registration is called made when it was made, and a refusal is told with its reason.

use evidence::Act;

use super::common::PORTAL;
use super::wording::{Claim, claimed, has};
use crate::case::{Case, Exchange, Screen};
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// That the use is registered.
const REGISTERED: Claim = Claim {
    of: &[
        &["登録"],
        &[
            "完了",
            "終わりました",
            "済んで",
            "済み",
            "しました",
            "されました",
            "できました",
        ],
    ],
    unless: &["ません", "ない"],
};
/// Words by which a screen says that it came to nothing.
const FAILS: &[&str] = &["ません", "ない", "失敗", "違", "誤", "ロック", "あと"];
/// Reasons in words of a product's own: nobody insured, a house out of order.
const NOBODY: &[&str] = &["保険者", "加入"];
const LATER: &[&str] = &[
    "しばらく",
    "時間",
    "後ほど",
    "応答",
    "つながり",
    "確認でき",
    "混み合",
];

/// A registration somebody tried at home.
struct AtHome<'a> {
    seq: u32,
    screens: Vec<&'a Screen>,
    /// The question to the portal, when it came so far.
    exchange: Option<&'a Exchange>,
}

fn at_home(case: &Case) -> Vec<AtHome<'_>> {
    let tries = case.acts.iter().filter_map(|(seq, act)| match act {
        Act::RegisterAtPortal { person, .. } => Some((*seq, person)),
        _ => None,
    });
    let tries: Vec<(u32, &String)> = tries.collect();
    let of = |(seq, person): &(u32, &String)| {
        let next = tries.iter().find(|(s, p)| s > seq && p == person);
        let until = next.map_or(u32::MAX, |(s, _)| *s);
        let within = |s: u32| s > *seq && s < until;
        let own = case.home_screens.iter();
        let own = own.filter(|(p, s)| p == *person && within(s.seq));
        let mut asked = case.portal.iter();
        let asked = asked
            .find(|e| within(e.seq) && e.from.name == **person && e.posts("/v1/use-registrations"));
        AtHome {
            seq: *seq,
            screens: own.map(|(_, screen)| screen).collect(),
            exchange: asked,
        }
    };
    tries.iter().map(of).collect()
}

impl AtHome<'_> {
    fn quotes(&self, screen: &Screen) -> Vec<Quote> {
        let mut quotes = vec![q(self.seq, "register-at-portal", "")];
        let asked = self.exchange;
        quotes.extend(asked.map(|e| q(e.last(), "POST /v1/use-registrations", e.said())));
        quotes.push(q(screen.seq, "home screen", screen.text()));
        quotes
    }
}

fn shown_text(screen: &Screen) -> Text {
    t(
        format!("画面「{}」を表示した", screen.text()),
        format!("It showed \"{}\".", screen.text()),
    )
}

/// Whether the pages call a registration made that was made, and no other.
pub(super) fn result_shown(case: &Case, requirement: &'static str) -> Vec<Finding> {
    let judge = |tried: AtHome<'_>| {
        let last = *tried.screens.last()?;
        let made = tried.exchange.is_some_and(Exchange::accepted);
        let claims = tried
            .screens
            .iter()
            .find(|s| claimed(s, &[REGISTERED]).is_some());
        let (holds, expected) = match made {
            true => (
                claims.is_some_and(|s| s.seq == last.seq),
                t(
                    "登録できたので、登録が済んだことを最後の画面に出す",
                    "The registration was made: the last page says so.",
                ),
            ),
            false => (
                claims.is_none() && has(last, &[FAILS]),
                t(
                    "登録できなかったので、そのことを画面に出し、済んだとは書かない",
                    "Nothing was registered: the page says so, and no page calls it made.",
                ),
            ),
        };
        let screen = claims.filter(|_| !made).copied().unwrap_or(last);
        let advice = t(
            "登録の結果を受け取ってから、そのとおりの画面を出す",
            "Show the page that goes with the result, once it came.",
        );
        let say = case.of(requirement, PORTAL);
        let quotes = tried.quotes(screen);
        Some(say.decide(holds, expected, shown_text(screen), advice, quotes))
    };
    at_home(case).into_iter().filter_map(judge).collect()
}

/// Whether the pages tell why nothing was registered: as the portal answered, or in words of their own.
pub(super) fn reason_shown(case: &Case, requirement: &'static str) -> Vec<Finding> {
    let judge = |tried: AtHome<'_>| {
        let (last, asked) = (*tried.screens.last()?, tried.exchange?);
        let words = match (asked.answered("error"), asked.status()?) {
            ("no-insured-person", _) => NOBODY,
            (_, 500..) => LATER,
            _ => return None,
        };
        let message = asked.answered("message_ja");
        if message.is_empty() {
            return None;
        }
        let expected = t(
            "登録できなかった理由を、答えたとおりか自らの言葉で画面に出す",
            "The page tells why nothing was registered, as answered or in its own words.",
        );
        let advice = t(
            "断った理由（message_ja）を画面に載せる",
            "Put the refusal's reason (message_ja) on the page.",
        );
        let holds = last.says(message) || (has(last, &[FAILS]) && has(last, &[words]));
        let say = case.of(requirement, PORTAL);
        let quotes = tried.quotes(last);
        Some(say.decide(holds, expected, shown_text(last), advice, quotes))
    };
    at_home(case).into_iter().filter_map(judge).collect()
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    /// What a rule says of a registration at home that ends on a page.
    fn said(rule: &str, answer: (u16, &'static str), line: &str) -> Vec<Verdict> {
        let mut scene = match answer.1 {
            "no-insured-person" => {
                let mut scene = Scene::bare();
                scene.card("田中のカード", &Leaf::default(), true);
                scene
            }
            _ => Scene::unregistered(),
        };
        scene.register_at_home(&Home {
            answer,
            ..Home::default()
        });
        let without = scene.said(rule).len();
        scene.at_home("利用登録を始めます。");
        scene.at_home(line);
        let all = scene.said(rule).into_iter().map(|s| s.1);
        all.skip(without).collect()
    }

    #[test]
    fn a_registration_is_called_made_when_it_was() {
        let made = "健康保険証としての利用登録が終わりました。";
        let failed = "利用登録はできませんでした。";
        let none = (422, "no-insured-person");
        for (answer, line, due) in [
            ((201, ""), made, Pass),
            ((200, ""), "利用登録は済んでいます。", Pass),
            ((201, ""), failed, Fail),
            ((201, ""), " ", Fail),
            (none, failed, Pass),
            (none, made, Fail),
            (none, " ", Fail),
            (none, "登録が完了しました。", Fail),
        ] {
            assert_eq!(said("REG-01", answer, line), [due], "{answer:?} {line}");
        }
    }

    #[test]
    fn a_refusal_is_told_with_its_reason() {
        let none = (422, "no-insured-person");
        for (answer, line, due) in [
            (none, "登録できません", vec![Pass]),
            (
                none,
                "加入先の保険者による登録がないため、できません。",
                vec![Pass],
            ),
            (none, "利用登録はできませんでした。", vec![Fail]),
            (none, " ", vec![Fail]),
            ((201, ""), "利用登録が終わりました。", vec![]),
        ] {
            assert_eq!(said("REG-04", answer, line), due, "{answer:?} {line}");
        }
    }
}
