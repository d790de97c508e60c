//! What lies in `res/` when the server refused a request of the receipt computer: an answer of the
//! request's own kind that is aborted (SegmentOfResult 9, or its ResultCode for drug information) and
//! says why, so that the desk sees it where it waits (facts/eligibility.md 1.5, 2.4).

use wire::face_file::Charset;
use wire::failure::Failure;
use wire::request::{
    Api, DrugAnswer, QualificationRequest, ReferenceNumberAnswer, ReferenceNumberRequest,
};
use wire::result::EligibilityResult;
use wire::xml::{NotTranscoded, transcode};
use world::http::Answer;

use super::Config;

const ABORTED: &str = "9";

/// Why a request has no answer of the server's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// Stable name.
    pub(super) code: String,
    /// Japanese sentence.
    pub(super) message: String,
}

impl Reason {
    /// The server's refusal in its own words, or what can be said without any.
    pub(super) fn of_refusal(answer: &Answer) -> Self {
        match serde_json::from_slice::<Failure>(&answer.body) {
            Ok(failure) => Reason {
                code: failure.error,
                message: failure.message_ja,
            },
            Err(_) => Reason {
                code: format!("http-{}", answer.status),
                message: "資格確認のサーバーが要求を受け付けませんでした。サーバーの担当者に連絡してください。"
                    .to_owned(),
            },
        }
    }

    /// An answer of the server's that the agreed character set cannot carry.
    pub(super) fn of_characters(lost: &NotTranscoded) -> Self {
        Reason {
            code: "characters".to_owned(),
            message: format!(
                "資格確認の結果に、このシステムで扱えない文字が含まれています（{lost}）。"
            ),
        }
    }
}

/// The aborted answer to a request, in the facility's character set.
pub(super) fn answer(
    config: &Config,
    api: Api,
    request: &[u8],
    reason: &Reason,
) -> Result<Vec<u8>, NotTranscoded> {
    let facility = config.facility_code.as_str().to_owned();
    let time = config.clock.compact();
    let identifier = config.charset.code().to_owned();
    // Whatever else the server's words hold, a document cannot hold control characters.
    let clean = |text: &str| text.replace(char::is_control, " ");
    let (code, message) = (clean(&reason.code), clean(&reason.message));
    let plain = match api {
        Api::Qualification => {
            let asked = QualificationRequest::from_bytes(request).unwrap_or_default();
            let answer = EligibilityResult {
                process_execution_time: time,
                medical_institution_code: facility,
                arbitrary_file_identifier: asked.arbitrary_file_identifier,
                reference_classification: "2".to_owned(),
                segment_of_result: ABORTED.to_owned(),
                error_code: code,
                error_message: message,
                character_code_identifier: identifier,
                ..EligibilityResult::default()
            };
            answer.to_bytes(Charset::Utf8)?
        }
        Api::ReferenceNumber => {
            let asked = ReferenceNumberRequest::from_bytes(request).unwrap_or_default();
            let answer = ReferenceNumberAnswer {
                process_execution_time: time,
                medical_institution_code: facility,
                arbitrary_file_identifier: asked.arbitrary_file_identifier,
                segment_of_result: ABORTED.to_owned(),
                character_code_identifier: identifier,
                processing_result_status: "2".to_owned(),
                processing_result_code: code,
                processing_result_message: message,
                info: asked.info,
            };
            answer.to_bytes(Charset::Utf8)?
        }
        Api::Drugs => {
            let answer = DrugAnswer {
                result_code: code,
                message_contents: message,
                ..DrugAnswer::default()
            };
            answer.to_bytes(Charset::Utf8)?
        }
    };
    transcode(&plain, config.charset)
}
