//! Commands and responses between a card and whoever holds it in a reader: the bytes of
//! ISO/IEC 7816-4 with the instructions, files and status words the JPKI application uses.
//! Both ends read and write them here, so neither guesses about lengths. No card rules in here.

mod response;

pub use response::{Response, StatusWord};
use std::fmt;

/// The JPKI application (公的個人認証AP).
pub const JPKI_APPLICATION: [u8; 10] = [0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];

/// The text application (券面入力補助AP).
pub const TEXT_APPLICATION: [u8; 10] = [0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08];

/// The surface application (券面事項確認AP).
pub const SURFACE_APPLICATION: [u8; 10] =
    [0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02];

/// The issuer domain a card is in after power-up, before any application is selected.
pub const ISSUER_DOMAIN: [u8; 7] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00];

/// Elementary files of the JPKI application. The low five bits are also the short file id.
pub mod file {
    /// Signing certificate (署名用), readable only after the sign password.
    pub const SIGN_CERTIFICATE: u16 = 0x0001;
    /// Certificate of the CA behind the signing certificate.
    pub const SIGN_CA_CERTIFICATE: u16 = 0x0002;
    /// Token information, 160 bytes.
    pub const TOKEN_INFO: u16 = 0x0006;
    /// Which certificates are there, 3 bytes.
    pub const AVAILABILITY: u16 = 0x0008;
    /// A protected file that no known secret opens.
    pub const UNKNOWN_PROTECTED: u16 = 0x0009;
    /// User-authentication certificate (利用者証明用), free to read.
    pub const AUTHENTICATION_CERTIFICATE: u16 = 0x000A;
    /// Certificate of the CA behind the user-authentication certificate.
    pub const AUTHENTICATION_CA_CERTIFICATE: u16 = 0x000B;
    /// Key reference of the CA of terminals.
    pub const TERMINAL_CA_KEY: u16 = 0x0016;
    /// User-authentication private key.
    pub const AUTHENTICATION_KEY: u16 = 0x0017;
    /// User-authentication PIN (利用者証明用PIN), 4 digits.
    pub const AUTHENTICATION_PIN: u16 = 0x0018;
    /// Signing private key.
    pub const SIGN_KEY: u16 = 0x001A;
    /// Signing password (署名用パスワード), 6 to 16 of A-Z and 0-9.
    pub const SIGN_PASSWORD: u16 = 0x001B;
}

/// Elementary files of the text application (券面入力補助AP).
pub mod text_file {
    /// The individual number, after the PIN or 照合番号A.
    pub const INDIVIDUAL_NUMBER: u16 = 0x0001;
    /// Name, address, birth date and sex, after the PIN or 照合番号B.
    pub const ATTRIBUTES: u16 = 0x0002;
    /// Hashes of the two and a signature over them.
    pub const INTEGRITY: u16 = 0x0003;
    /// The PIN, 4 digits, 3 tries.
    pub const PIN: u16 = 0x0011;
    /// 照合番号A, the individual number itself, 10 tries.
    pub const VERIFICATION_A: u16 = 0x0014;
    /// 照合番号B, 14 digits, 10 tries.
    pub const VERIFICATION_B: u16 = 0x0015;
}

/// Elementary files of the surface application (券面事項確認AP).
pub mod surface_file {
    /// The card face: birth date, sex, key, images of name and address, photo, after A or B.
    pub const CARD_FACE: u16 = 0x0002;
    /// Picture of the individual number, after A only.
    pub const INDIVIDUAL_NUMBER_IMAGE: u16 = 0x0005;
    /// Birth date key, 6 digits.
    pub const BIRTH_DATE_KEY: u16 = 0x0011;
    /// 照合番号B, 10 tries.
    pub const VERIFICATION_B: u16 = 0x0012;
    /// 照合番号A, 10 tries.
    pub const VERIFICATION_A: u16 = 0x0013;
}

/// Use of the authentication key without a PIN, after face or staff's eye: OUR OWN LABELLED STAND-IN. Of the
/// real exchange (特定機関認証) only its beginning is public: EF 0016 is selected and the terminal's
/// certificate goes to the card with `80 A2 00 C1`; what follows is not (facts/card.md 5.5).
///
/// 1. `00 A4 02 0C 02 0016`  SELECT of the terminal authority's key reference
/// 2. `80 A2 00 C1 6A` facility code (10 ASCII digits) ‖ terminal's Ed25519 key (32) ‖ signature of the
///    terminal authority over both (64): `9000`, or `6985` when it does not verify
/// 3. `00 84 00 00 20` GET CHALLENGE of 32 bytes
/// 4. `00 82 00 00 40` EXTERNAL AUTHENTICATE: Ed25519 signature (64) of the terminal over [`DOMAIN`] ‖ challenge:
///    `9000`, and the authentication key works until the application is left, power is cut or 3 repeats; or `6982`
///
/// [`DOMAIN`]: pinless::DOMAIN
pub mod pinless {
    /// P2 of PRESENT CERTIFICATE (`80 A2 00 C1`).
    pub const PRESENT_CERTIFICATE_P2: u8 = 0xC1;
    /// Length of the challenge.
    pub const CHALLENGE_LENGTH: u8 = 32;
    /// Goes before the challenge in what the terminal signs.
    pub const DOMAIN: &[u8] = b"SHIKAKU-SIM pinless 1";
}

/// Instruction bytes (INS).
pub mod instruction {
    /// PRESENT CERTIFICATE of a terminal, class 80.
    pub const PRESENT_CERTIFICATE: u8 = 0xA2;
    /// EXTERNAL AUTHENTICATE.
    pub const EXTERNAL_AUTHENTICATE: u8 = 0x82;
    /// VERIFY a secret, or ask how many tries are left.
    pub const VERIFY: u8 = 0x20;
    /// CHANGE REFERENCE DATA.
    pub const CHANGE_SECRET: u8 = 0x24;
    /// COMPUTE SIGNATURE (a form of PERFORM SECURITY OPERATION), class 80.
    pub const COMPUTE_SIGNATURE: u8 = 0x2A;
    /// GET CHALLENGE.
    pub const GET_CHALLENGE: u8 = 0x84;
    /// SELECT an application or a file.
    pub const SELECT: u8 = 0xA4;
    /// READ BINARY.
    pub const READ_BINARY: u8 = 0xB0;
    /// GET DATA.
    pub const GET_DATA: u8 = 0xCA;
}

/// How COMPUTE SIGNATURE is to treat its input (P1).
pub mod signature_input {
    /// PKCS#1 v1.5 around the data as given, 1 to 245 bytes (usually a DigestInfo).
    pub const AS_GIVEN: u8 = 0x00;
    /// The card hashes the message with SHA-256 and pads the bare hash.
    pub const MESSAGE_BARE_HASH: u8 = 0x01;
    /// A SHA-256 hash of 32 bytes; the card adds the DigestInfo.
    pub const HASH: u8 = 0x02;
    /// The card hashes the message with SHA-256 and adds the DigestInfo.
    pub const MESSAGE: u8 = 0x03;
    /// A SHA-256 hash of 32 bytes, RSA-PSS.
    pub const HASH_PSS: u8 = 0x04;
    /// The card hashes the message with SHA-256, RSA-PSS.
    pub const MESSAGE_PSS: u8 = 0x05;
}

/// What is wrong with bytes that should be a command or a response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApduError {
    /// Fewer than the four header bytes.
    #[error(
        "the command has {got} bytes; its sender must give at least the four header bytes CLA INS P1 P2"
    )]
    HeaderTooShort {
        /// Bytes there were.
        got: usize,
    },
    /// Lc and the bytes behind it do not fit together.
    #[error(
        "the command declares {declared} data bytes in Lc, but {got} bytes follow Lc; its sender must make Lc, data and Le agree"
    )]
    LengthMismatch {
        /// Data bytes promised by Lc.
        declared: usize,
        /// Bytes that follow Lc (data and Le together).
        got: usize,
    },
    /// An extended length of which a part is missing, or an extended Lc of zero.
    #[error(
        "the command starts an extended length (00) but {got} bytes follow it; its sender must give two Le bytes, or two Lc bytes above zero with their data"
    )]
    BrokenExtendedLength {
        /// Bytes behind the 00.
        got: usize,
    },
    /// More data than an extended Lc can say.
    #[error("a command carries at most 65535 data bytes, not {len}; split the data")]
    DataTooLong {
        /// Data bytes asked for.
        len: usize,
    },
    /// An Le of zero or above 65 536.
    #[error("a command may expect 1 to 65536 bytes, not {expected}; correct the length asked for")]
    ExpectedOutOfRange {
        /// The length asked for.
        expected: u32,
    },
    /// A response without a status word.
    #[error(
        "the response has {got} bytes; the card, or the reader between, must give at least the two status bytes"
    )]
    ResponseTooShort {
        /// Bytes there were.
        got: usize,
    },
}

/// One command, always well formed: whatever is built here can be written and read back the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    class: u8,
    instruction: u8,
    p1: u8,
    p2: u8,
    data: Vec<u8>,
    expected: Option<u32>,
    extended: bool,
}

impl Command {
    /// A command of header bytes alone: CLA, INS, P1, P2.
    pub fn new(header: [u8; 4]) -> Command {
        let [class, instruction, p1, p2] = header;
        Command {
            class,
            instruction,
            p1,
            p2,
            data: Vec::new(),
            expected: None,
            extended: false,
        }
    }

    /// The same command with data (0 to 65 535 bytes); above 255 it takes the extended form.
    pub fn with_data(mut self, data: &[u8]) -> Result<Command, ApduError> {
        if data.len() > usize::from(u16::MAX) {
            return Err(ApduError::DataTooLong { len: data.len() });
        }
        self.data = data.to_vec();
        self.extended |= data.len() > 255;
        // Without any length there is no form to keep.
        self.extended &= !data.is_empty() || self.expected.is_some();
        Ok(self)
    }

    /// The same command expecting up to that many response bytes (1 to 65 536); above 256 it takes
    /// the extended form.
    pub fn expecting(mut self, expected: u32) -> Result<Command, ApduError> {
        if !(1..=65_536).contains(&expected) {
            return Err(ApduError::ExpectedOutOfRange { expected });
        }
        self.expected = Some(expected);
        self.extended |= expected > 256;
        Ok(self)
    }

    /// The same command in the extended form even where the short one would do. A command without
    /// data and without expected length has no lengths to extend and stays as it is.
    pub fn in_extended_form(mut self) -> Command {
        self.extended = !self.data.is_empty() || self.expected.is_some();
        self
    }

    /// Class byte (CLA).
    pub fn class(&self) -> u8 {
        self.class
    }

    /// Instruction byte (INS).
    pub fn instruction(&self) -> u8 {
        self.instruction
    }

    /// First parameter (P1).
    pub fn p1(&self) -> u8 {
        self.p1
    }

    /// Second parameter (P2).
    pub fn p2(&self) -> u8 {
        self.p2
    }

    /// Data bytes; empty when there is no Lc.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Expected response length in bytes (1 to 65 536); `None` when there is no Le.
    pub fn expected(&self) -> Option<u32> {
        self.expected
    }

    /// Whether the lengths are in the extended form.
    pub fn is_extended(&self) -> bool {
        self.extended
    }

    /// Reads one command: header, then one of the seven length cases of ISO/IEC 7816-3.
    pub fn parse(bytes: &[u8]) -> Result<Command, ApduError> {
        let Some((header, body)) = bytes.split_first_chunk::<4>() else {
            return Err(ApduError::HeaderTooShort { got: bytes.len() });
        };
        let command = Command::new(*header);
        match body {
            [] => Ok(command),
            [le] => command.expecting(short_expected(*le)),
            [0, rest @ ..] => command.parse_extended(rest),
            [lc, rest @ ..] => command.parse_short(usize::from(*lc), rest),
        }
    }

    fn parse_short(self, lc: usize, rest: &[u8]) -> Result<Command, ApduError> {
        match rest.split_at_checked(lc) {
            Some((data, [])) => self.with_data(data),
            Some((data, [le])) => self.with_data(data)?.expecting(short_expected(*le)),
            _ => Err(ApduError::LengthMismatch {
                declared: lc,
                got: rest.len(),
            }),
        }
    }

    fn parse_extended(self, rest: &[u8]) -> Result<Command, ApduError> {
        let broken = ApduError::BrokenExtendedLength { got: rest.len() };
        let Some((length, tail)) = rest.split_first_chunk::<2>() else {
            return Err(broken);
        };
        let length = u16::from_be_bytes(*length);
        if tail.is_empty() {
            let command = self.expecting(extended_expected(length))?;
            return Ok(command.in_extended_form());
        }
        if length == 0 {
            return Err(broken);
        }
        let command = match tail.split_at_checked(usize::from(length)) {
            Some((data, [])) => self.with_data(data)?,
            Some((data, [high, low])) => {
                let le = u16::from_be_bytes([*high, *low]);
                self.with_data(data)?.expecting(extended_expected(le))?
            }
            _ => {
                return Err(ApduError::LengthMismatch {
                    declared: usize::from(length),
                    got: tail.len(),
                });
            }
        };
        Ok(command.in_extended_form())
    }

    /// The bytes as they go to the card.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.class, self.instruction, self.p1, self.p2];
        if self.extended {
            self.write_extended(&mut bytes);
        } else {
            self.write_short(&mut bytes);
        }
        bytes
    }

    fn write_short(&self, bytes: &mut Vec<u8>) {
        if !self.data.is_empty() {
            // `with_data` turns anything longer into the extended form.
            bytes.push(u8::try_from(self.data.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(&self.data);
        }
        if let Some(expected) = self.expected {
            bytes.push(u8::try_from(expected).unwrap_or(0));
        }
    }

    fn write_extended(&self, bytes: &mut Vec<u8>) {
        bytes.push(0);
        if !self.data.is_empty() {
            // `with_data` lets nothing longer in.
            let lc = u16::try_from(self.data.len()).unwrap_or(u16::MAX);
            bytes.extend_from_slice(&lc.to_be_bytes());
            bytes.extend_from_slice(&self.data);
        }
        if let Some(expected) = self.expected {
            let le = u16::try_from(expected).unwrap_or(0);
            bytes.extend_from_slice(&le.to_be_bytes());
        }
    }
}

// The one place a secret could slip out through a log line: data of VERIFY and CHANGE stay hidden.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = matches!(
            self.instruction,
            instruction::VERIFY | instruction::CHANGE_SECRET
        );
        let data = match secret && !self.data.is_empty() {
            true => format!("{} hidden bytes", self.data.len()),
            false => hex::encode_upper(&self.data),
        };
        f.debug_struct("Command")
            .field(
                "header",
                &hex::encode_upper([self.class, self.instruction, self.p1, self.p2]),
            )
            .field("data", &data)
            .field("expected", &self.expected)
            .field("extended", &self.extended)
            .finish()
    }
}

fn short_expected(le: u8) -> u32 {
    if le == 0 { 256 } else { u32::from(le) }
}

fn extended_expected(le: u16) -> u32 {
    if le == 0 { 65_536 } else { u32::from(le) }
}

/// SELECT by application name without file control information. `name`: 1 to 16 bytes on a real
/// card, which also takes the beginning of a name.
pub fn select_application(name: &[u8]) -> Result<Command, ApduError> {
    Command::new([0x00, instruction::SELECT, 0x04, 0x0C]).with_data(name)
}

/// SELECT an elementary file under the current application.
pub fn select_file(file: u16) -> Command {
    let mut command = Command::new([0x00, instruction::SELECT, 0x02, 0x0C]);
    command.data = file.to_be_bytes().to_vec();
    command
}

/// READ BINARY from the current file: offset 0 to 32 767 (higher bits are cut, as P1 has 7 of them).
pub fn read_binary(offset: u16, expected: u32) -> Result<Command, ApduError> {
    let [high, low] = (offset & 0x7FFF).to_be_bytes();
    Command::new([0x00, instruction::READ_BINARY, high, low]).expecting(expected)
}

/// READ BINARY by short file id, which also makes that file current.
pub fn read_file(file: u16, offset: u8, expected: u32) -> Result<Command, ApduError> {
    Command::new([
        0x00,
        instruction::READ_BINARY,
        by_short_file_id(file),
        offset,
    ])
    .expecting(expected)
}

/// VERIFY against the current file (a PIN file selected before).
pub fn verify(secret: &[u8]) -> Result<Command, ApduError> {
    Command::new([0x00, instruction::VERIFY, 0x00, 0x80]).with_data(secret)
}

/// VERIFY against a PIN file named by its short id.
pub fn verify_file(file: u16, secret: &[u8]) -> Result<Command, ApduError> {
    Command::new([0x00, instruction::VERIFY, 0x00, by_short_file_id(file)]).with_data(secret)
}

/// VERIFY without data: asks the current PIN file how many tries are left.
pub fn verify_query() -> Command {
    Command::new([0x00, instruction::VERIFY, 0x00, 0x80])
}

/// The same question to a PIN file named by its short id.
pub fn verify_query_file(file: u16) -> Command {
    Command::new([0x00, instruction::VERIFY, 0x00, by_short_file_id(file)])
}

/// COMPUTE SIGNATURE with the current key file. `input` is one of [`signature_input`].
pub fn compute_signature(input: u8, data: &[u8]) -> Result<Command, ApduError> {
    Command::new([0x80, instruction::COMPUTE_SIGNATURE, input, 0x80])
        .with_data(data)?
        .expecting(256)
}

/// COMPUTE SIGNATURE with a key file named by its short id.
pub fn compute_signature_file(file: u16, input: u8, data: &[u8]) -> Result<Command, ApduError> {
    let p2 = by_short_file_id(file);
    Command::new([0x80, instruction::COMPUTE_SIGNATURE, input, p2])
        .with_data(data)?
        .expecting(256)
}

/// GET CHALLENGE of 1 to 256 bytes.
pub fn get_challenge(expected: u32) -> Result<Command, ApduError> {
    Command::new([0x00, instruction::GET_CHALLENGE, 0x00, 0x00]).expecting(expected)
}

/// The PKCS#1 DigestInfo of a SHA-256 hash: 51 bytes, what public clients hand to the card.
pub fn sha256_digest_info(hash: &[u8; 32]) -> Vec<u8> {
    [SHA256_DIGEST_INFO_HEADER.as_slice(), hash].concat()
}

/// The 19 bytes before the hash in a SHA-256 DigestInfo (RFC 8017, 9.2 note 1).
pub const SHA256_DIGEST_INFO_HEADER: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

fn by_short_file_id(file: u16) -> u8 {
    let [_, low] = file.to_be_bytes();
    0x80 | (low & 0x1F)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(hex_bytes: &str) -> Result<Command, ApduError> {
        Command::parse(&hex::decode(hex_bytes.replace(' ', "")).unwrap())
    }

    #[test]
    fn the_seven_length_cases_are_read() {
        let long = "AA".repeat(256);
        let table: [(&str, usize, Option<u32>, bool); 10] = [
            ("00200080", 0, None, false),
            ("00B0000004", 0, Some(4), false),
            ("00B0000000", 0, Some(256), false),
            ("00A4020C020017", 2, None, false),
            ("802A008003AABBCC00", 3, Some(256), false),
            ("00B08A00000000", 0, Some(65_536), true),
            ("00B08A00000010", 0, Some(16), true),
            ("802A0080000002AABB", 2, None, true),
            ("802A0080000002AABB0100", 2, Some(256), true),
            (
                &format!("80AE0000000100{long}0000"),
                256,
                Some(65_536),
                true,
            ),
        ];
        for (bytes, data, expected, extended) in table {
            let command = parsed(bytes).unwrap();
            assert_eq!(command.data().len(), data, "{bytes}");
            assert_eq!(command.expected(), expected, "{bytes}");
            assert_eq!(command.is_extended(), extended, "{bytes}");
            assert_eq!(hex::encode_upper(command.to_bytes()), bytes);
        }
    }

    #[test]
    fn broken_commands_are_refused_with_the_reason() {
        let mismatch = |declared, got| ApduError::LengthMismatch { declared, got };
        let broken = |got| ApduError::BrokenExtendedLength { got };
        let table = [
            ("", ApduError::HeaderTooShort { got: 0 }),
            ("00A404", ApduError::HeaderTooShort { got: 3 }),
            ("00A4040C0AD392", mismatch(10, 2)),
            ("00A4020C0100170000", mismatch(1, 4)),
            ("00B000000010", broken(1)),
            ("00B00000000000AA", broken(3)),
            ("802A0080000003AABB", mismatch(3, 2)),
            ("802A0080000001AABB", mismatch(1, 2)),
        ];
        for (bytes, error) in table {
            assert_eq!(parsed(bytes), Err(error), "{bytes}");
        }
    }

    #[test]
    fn builders_write_the_published_bytes() {
        let table = [
            (
                select_application(&JPKI_APPLICATION).unwrap(),
                "00A4040C0AD392F000260100000001",
            ),
            (select_file(file::AUTHENTICATION_PIN), "00A4020C020018"),
            (read_binary(0x0123, 256).unwrap(), "00B0012300"),
            (read_binary(0xFFFF, 4).unwrap(), "00B07FFF04"),
            (
                read_file(file::AUTHENTICATION_CERTIFICATE, 0, 65_536).unwrap(),
                "00B08A00000000",
            ),
            (verify(b"1234").unwrap(), "002000800431323334"),
            (
                verify_file(file::AUTHENTICATION_PIN, b"1234").unwrap(),
                "002000980431323334",
            ),
            (verify_query(), "00200080"),
            (verify_query_file(file::SIGN_PASSWORD), "0020009B"),
            (
                compute_signature(signature_input::AS_GIVEN, &[0xAA]).unwrap(),
                "802A008001AA00",
            ),
            (
                compute_signature_file(file::SIGN_KEY, signature_input::MESSAGE, &[0xAA]).unwrap(),
                "802A039A01AA00",
            ),
            (get_challenge(8).unwrap(), "0084000008"),
        ];
        for (command, bytes) in table {
            assert_eq!(hex::encode_upper(command.to_bytes()), bytes);
        }
    }

    #[test]
    fn lengths_no_command_can_say_are_refused() {
        assert_eq!(
            verify(&vec![0; 65_536]),
            Err(ApduError::DataTooLong { len: 65_536 })
        );
        for expected in [0, 65_537] {
            assert_eq!(
                read_binary(0, expected),
                Err(ApduError::ExpectedOutOfRange { expected })
            );
        }
    }

    #[test]
    fn a_secret_never_shows_in_debug_output() {
        let shown = format!("{:?}", verify(b"1234").unwrap());
        assert!(!shown.contains("31323334"), "{shown}");
        assert!(shown.contains("4 hidden bytes"), "{shown}");
    }

    fn any_command() -> impl Strategy<Value = Command> {
        let data = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            proptest::collection::vec(any::<u8>(), 250..300),
        ];
        let expected = prop_oneof![
            Just(None),
            (1u32..=300).prop_map(Some),
            (65_500u32..=65_536).prop_map(Some)
        ];
        (any::<[u8; 4]>(), data, expected, any::<bool>()).prop_map(
            |(header, data, expected, extended)| {
                let mut command = Command::new(header).with_data(&data).unwrap();
                if let Some(expected) = expected {
                    command = command.expecting(expected).unwrap();
                }
                if extended {
                    command = command.in_extended_form();
                }
                command
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_built_is_read_back(command in any_command()) {
            prop_assert_eq!(Command::parse(&command.to_bytes()), Ok(command));
        }

        #[test]
        fn what_is_read_is_written_back(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(command) = Command::parse(&bytes) {
                prop_assert_eq!(command.to_bytes(), bytes);
            }
        }
    }
}
