use proptest::prelude::*;

use super::*;

fn leaf(inside: &str) -> String {
    format!("<XmlMsg><MessageBody><A>{inside}</A></MessageBody></XmlMsg>")
}

fn text_of(bytes: &[u8]) -> Result<String, XmlError> {
    parts(bytes)?.1.value("A")
}

/// A document and what is said of it, as far as it says what and where.
fn hostile() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
    let case = |name, text: String, said| (name, text.into_bytes(), said);
    vec![
        case(
            "billion laughs",
            format!("{laughs}{}", leaf("&b;")),
            "byte 0: a document type declaration is not taken",
        ),
        case(
            "external entity",
            format!("<!DOCTYPE x SYSTEM \"file:///etc/passwd\">{}", leaf("&x;")),
            "byte 0: a document type declaration is not taken",
        ),
        case(
            "entity",
            leaf("&x;"),
            "byte 24: the entity reference &x; is not taken",
        ),
        case(
            "character nobody may write",
            leaf("&#1;"),
            "byte 24: the character U+0001",
        ),
        case(
            "surrogate",
            leaf("&#xD800;"),
            "byte 24: the entity reference &#xD800; is not taken",
        ),
        case(
            "processing instruction",
            format!("<?x y?>{}", leaf("")),
            "byte 0: a processing instruction is not taken",
        ),
        case(
            "stylesheet inside",
            leaf("<?xml-stylesheet href=\"x\"?>"),
            "byte 24: a processing instruction is not taken",
        ),
        case(
            "late declaration",
            format!(" <?xml version=\"1.0\"?>{}", leaf("")),
            "byte 1: an XML declaration after the beginning",
        ),
        case(
            "depth",
            format!("<XmlMsg>{}", "<a>".repeat(50)),
            "byte 53: more than 16 levels of elements",
        ),
        case(
            "elements",
            format!("<XmlMsg>{}</XmlMsg>", "<a/>".repeat(MAX_ELEMENTS)),
            "byte 80004: more than 20000 elements",
        ),
        case(
            "size",
            " ".repeat(MAX_DOCUMENT + 1),
            "the document has 1048577 bytes; at most 1048576 are read",
        ),
        case(
            "long name",
            format!("<XmlMsg><{0}/></XmlMsg>", "a".repeat(121)),
            "",
        ),
        case(
            "nothing",
            String::new(),
            "expected </XmlMsg>, found the end",
        ),
        case(
            "truncated",
            "<XmlMsg><MessageBody><A>1".into(),
            "expected </A>, found the end",
        ),
        case("crossed", "<XmlMsg><A></XmlMsg></A>".into(), ""),
        case("not closed", "<XmlMsg></XmlMsg".into(), ""),
        case("end only", "</XmlMsg>".into(), ""),
        case(
            "two roots",
            format!("{0}{0}", leaf("")),
            "byte 51: <XmlMsg> after the root element",
        ),
        case(
            "text before",
            format!("x{}", leaf("")),
            "byte 0: text outside the root element",
        ),
        case(
            "text behind",
            format!("{}x", leaf("")),
            "byte 51: text outside the root element",
        ),
        case(
            "text and elements",
            leaf("1<B/>"),
            "byte 25: <B> after text in <A>",
        ),
        case(
            "elements and text",
            leaf("<B/>1"),
            "byte 28: text after elements in <A>",
        ),
        case(
            "elements for text",
            leaf("<B>1</B>"),
            "expected text in MessageBody/A, found <B>",
        ),
        case(
            "another root",
            "<Other/>".into(),
            "expected XmlMsg, found Other",
        ),
        case(
            "duplicate",
            "<XmlMsg><MessageBody><A>1</A><A>2</A></MessageBody></XmlMsg>".into(),
            "MessageBody has A more than once",
        ),
        case(
            "two bodies",
            "<XmlMsg><MessageBody/><MessageBody><A>1</A></MessageBody></XmlMsg>".into(),
            "XmlMsg has MessageBody more than once",
        ),
        case(
            "attribute twice",
            leaf("").replacen("<XmlMsg", "<XmlMsg a=\"1\" a=\"2\"", 1),
            "",
        ),
        case(
            "encoding we do not have",
            "<?xml version=\"1.0\" encoding=\"EUC-JP\"?><XmlMsg/>".into(),
            "the declared encoding is \"EUC-JP\"; the interface allows UTF-8 and Shift_JIS",
        ),
        case(
            "no encoding",
            "<?xml version=\"1.0\" encoding=\"\"?><XmlMsg/>".into(),
            "the declared encoding is \"\"; the interface allows UTF-8 and Shift_JIS",
        ),
        (
            "UTF-16",
            b"\xff\xfe<\0X\0".to_vec(),
            "the declared encoding is \"UTF-16\"; the interface allows UTF-8 and Shift_JIS",
        ),
        (
            "bytes that are not UTF-8",
            [b"<XmlMsg>".as_slice(), &[0xff], b"</XmlMsg>"].concat(),
            "byte 8: not UTF-8, which the document declares",
        ),
        (
            "Shift_JIS said to be UTF-8",
            [
                b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><XmlMsg>".as_slice(),
                &[0x8e, 0x52],
                b"</XmlMsg>",
            ]
            .concat(),
            "byte 46: not UTF-8, which the document declares",
        ),
        (
            "half a Shift_JIS character",
            [
                b"<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><XmlMsg>".as_slice(),
                &[0xfc, 0xff],
                b"</XmlMsg>",
            ]
            .concat(),
            "byte 50: not Shift_JIS, which the document declares",
        ),
        (
            "a mark against the declaration",
            [
                UTF_8_MARK,
                b"<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><XmlMsg/>",
            ]
            .concat(),
            "byte 0: not Shift_JIS, which the document declares",
        ),
    ]
}

#[test]
fn hostile_documents_are_refused_by_name_and_place() {
    for (name, bytes, said) in hostile() {
        let error = text_of(&bytes).expect_err(name).to_string();
        if said.is_empty() {
            assert!(error.starts_with("byte "), "{name}: {error}");
        } else {
            assert_eq!(error, said, "{name}");
        }
    }
}

#[test]
fn odd_but_right_documents_are_read() {
    for (name, bytes, text) in [
        ("plain", leaf("1").into_bytes(), "1"),
        (
            "mark of UTF-8",
            [UTF_8_MARK, leaf("山").as_bytes()].concat(),
            "山",
        ),
        (
            "predefined entities",
            leaf("&lt;&amp;&gt;&quot;&apos;&#x5C71;&#65;").into_bytes(),
            "<&>\"'山A",
        ),
        ("CDATA", leaf("<![CDATA[<1>]]>").into_bytes(), "<1>"),
        ("comment", leaf("1<!-- 2 -->3").into_bytes(), "13"),
        (
            "attributes",
            leaf("1")
                .replacen("<XmlMsg", "<XmlMsg xmlns:x=\"y\"", 1)
                .into_bytes(),
            "1",
        ),
        (
            "spaces inside are kept",
            leaf("  990018").into_bytes(),
            "  990018",
        ),
        (
            "an ideographic space is text",
            leaf("\u{3000}").into_bytes(),
            "\u{3000}",
        ),
        (
            "line ends between elements",
            leaf("1").replace("><", ">\r\n  <").into_bytes(),
            "1",
        ),
        (
            "lower case",
            [
                b"<?xml version='1.0' encoding = 'shift_jis'?>".as_slice(),
                b"<XmlMsg><MessageBody><A>\x8eR</A></MessageBody></XmlMsg>",
            ]
            .concat(),
            "山",
        ),
        (
            "a word in an attribute is no declaration",
            leaf("1")
                .replacen("<XmlMsg", "<XmlMsg encoding=\"x\"", 1)
                .into_bytes(),
            "1",
        ),
    ] {
        assert_eq!(text_of(&bytes).as_deref(), Ok(text), "{name}");
    }
    let most = format!("<XmlMsg>{}</XmlMsg>", "<a/>".repeat(MAX_ELEMENTS - 1));
    assert!(read(most.as_bytes()).is_ok());
    let deepest = MAX_DEPTH - 1;
    let deepest = format!(
        "<XmlMsg>{}{}</XmlMsg>",
        "<a>".repeat(deepest),
        "</a>".repeat(deepest)
    );
    assert!(read(deepest.as_bytes()).is_ok());
}

#[test]
fn a_message_in_another_charset_keeps_what_it_does_not_know() {
    let text = "<XmlMsg><MessageHeader><CharacterCodeIdentifier>0</CharacterCodeIdentifier><New>一</New>\
        </MessageHeader><MessageBody><Name>𠮷田</Name><Number>１</Number></MessageBody></XmlMsg>";
    let bytes = transcode(text.as_bytes(), Charset::ShiftJis).unwrap();
    let shift_jis = encoding_rs::SHIFT_JIS.decode_without_bom_handling(&bytes).0;
    let expected = text
        .replace("Identifier>0", "Identifier>1")
        .replace("𠮷田", "●田");
    let declaration = "<?xml version=\"1.0\" encoding=\"Shift_JIS\" standalone=\"no\"?>";
    assert_eq!(shift_jis, format!("{declaration}{expected}"));
    let back = transcode(&bytes, Charset::Utf8).unwrap();
    let expected = expected.replace("Identifier>1", "Identifier>0");
    let back = String::from_utf8(back).unwrap();
    assert!(back.ends_with(&expected), "{back}");
}

#[test]
fn a_number_that_a_charset_lacks_is_not_marked_but_refused() {
    let text = "<XmlMsg><MessageBody><InsuredIdentificationNumber>𠮷</InsuredIdentificationNumber></MessageBody></XmlMsg>";
    assert!(transcode(text.as_bytes(), Charset::Utf8).is_ok());
    assert!(matches!(
        transcode(text.as_bytes(), Charset::ShiftJis),
        Err(NotTranscoded::Character(Unmappable {
            character: '𠮷',
            ..
        }))
    ));
    assert!(matches!(
        transcode(b"<XmlMsg>", Charset::Utf8),
        Err(NotTranscoded::Read(_))
    ));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_markup_makes_the_reader_panic(
        pieces in proptest::collection::vec(prop::sample::select(vec![
            "<", ">", "</", "/>", "XmlMsg", "a", " ", "=", "\"", "'", "&", ";", "#x", "41", "<!--", "-->",
            "<![CDATA[", "]]>", "<?xml", "?>", "<!DOCTYPE", "[", "]", "山", "encoding=\"", "Shift_JIS", ":",
        ]), 0..40)
    ) {
        let text = pieces.concat();
        let _ = read(text.as_bytes());
        let _ = read(format!("<XmlMsg>{text}</XmlMsg>").as_bytes());
        let _ = transcode(format!("<XmlMsg>{text}</XmlMsg>").as_bytes(), Charset::ShiftJis);
    }

    #[test]
    fn what_is_read_is_written_the_same(value in "[!-~あ-ん一-龠]{1,20}") {
        let message = Element::message(Element::header(), Element::body().leaf("A", &value));
        let bytes = message.to_bytes(Charset::Utf8).unwrap();
        prop_assert_eq!(text_of(&bytes).unwrap(), value);
        prop_assert_eq!(read(&bytes).unwrap(), message);
    }
}
