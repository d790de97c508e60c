//! A world of its own for one test: mount, network and process namespace, a private pcscd with one
//! vpcd reader and a card in it. The test program starts itself again inside; when it ends, the
//! kernel takes everything it started with it.

use std::cell::RefCell;
use std::env;
use std::ffi::CString;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use card_bridge::Bridge;
use jiff::civil::date;
use pcsc::{Context, Disposition, Protocols, ReaderState, Scope, ShareMode, State};
use tempfile::TempDir;
use virtual_card::{
    AbsentSigning, Card, CardContents, CardKey, CardProfile, Credential, Holder, Reference,
    SecretName, photo,
};

/// PIN of the test card.
pub const PIN: &str = "1234";
/// Sign password of the test card.
pub const PASSWORD: &str = "ABC123";

pub const AUTHENTICATION_CERTIFICATE: &[u8] =
    include_bytes!("../../../card/tests/keys/test-certificate-authentication.der");
pub const AUTHENTICATION_CA: &[u8] =
    include_bytes!("../../../card/tests/keys/test-certificate-authentication-ca.der");
pub const SIGN_CERTIFICATE: &[u8] =
    include_bytes!("../../../card/tests/keys/test-certificate-sign.der");
pub const SIGN_CA: &[u8] = include_bytes!("../../../card/tests/keys/test-certificate-sign-ca.der");
const AUTHENTICATION_KEY: &[u8] =
    include_bytes!("../../../card/tests/keys/test-key-authentication.pk8");
const SIGN_KEY: &[u8] = include_bytes!("../../../card/tests/keys/test-key-sign.pk8");

const INSIDE: &str = "CARD_BRIDGE_TEST_WORLD";
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const PORT: u16 = 35_963;
const NEEDED: &str = "This test needs the Debian packages pcscd, vsmartcard-vpcd, opensc, openssl, iproute2, mount and \
     util-linux, and root for its own namespaces; ./ci/test as root installs and runs all of it.";

/// Longest wait for pcscd and for a card to be seen. Reached only when something is broken.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(2);

/// One test's world, from inside.
pub struct World {
    folder: TempDir,
    context: Context,
    bridge: RefCell<Option<Bridge>>,
    pocket: RefCell<Option<Card>>,
    // Last, so that it is stopped when everybody else is done with it.
    _pcscd: Running,
}

/// A program that ends with the world.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing left to do.
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

impl World {
    /// Runs the test of that name in a world of its own, with a card of that kind.
    pub fn enter(test: &str, kind: Kind, story: impl FnOnce(&World)) {
        match env::var_os(INSIDE) {
            Some(_) => story(&World::create(kind)),
            None => start_again_inside(test),
        }
    }

    fn create(kind: Kind) -> World {
        let folder = TempDir::new().unwrap();
        run("ip", &["link", "set", "lo", "up"]);
        run("mount", &["-t", "tmpfs", "tmpfs", "/run"]);
        fs::create_dir("/run/pcscd").unwrap();
        let pcscd = start_pcscd(folder.path());
        let world = World {
            context: context(folder.path()),
            folder,
            bridge: RefCell::new(None),
            pocket: RefCell::new(Some(issue(kind))),
            _pcscd: pcscd,
        };
        world.put_card_in();
        world
    }

    /// Puts the card from the pocket into the reader and waits until PC/SC has seen it.
    pub fn put_card_in(&self) {
        let card = self
            .pocket
            .take()
            .expect("the card is in the reader already");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT));
        let bridge = Bridge::run(card, address, Arc::new(AtomicBool::new(false))).unwrap();
        self.bridge.replace(Some(bridge));
        self.wait_for(State::PRESENT);
    }

    /// Takes the card out and waits until PC/SC has seen it leave.
    pub fn take_card_out(&self) {
        let bridge = self.bridge.take().expect("no card is in the reader");
        self.pocket.replace(Some(bridge.take_out().unwrap()));
        self.wait_for(State::EMPTY);
    }

    /// What the municipality's counter does: takes the card, sets the PIN anew, hands it back.
    pub fn reset_pin_at_the_counter(&self, pin: &str) {
        self.take_card_out();
        if let Some(card) = self.pocket.borrow_mut().as_mut() {
            card.reset_secret(SecretName::AuthenticationPin, pin)
                .unwrap();
        }
        self.put_card_in();
    }

    /// Somebody forces the chip, and puts what is left of it into the reader.
    pub fn destroy_card(&self) {
        self.take_card_out();
        if let Some(card) = self.pocket.borrow_mut().as_mut() {
            card.tamper();
        }
        self.put_card_in();
    }

    /// Sends commands to the card through the reader and gives the answers.
    pub fn transmit(&self, commands: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let card = self
            .context
            .connect(&self.reader(), ShareMode::Shared, Protocols::ANY)
            .unwrap();
        let mut buffer = vec![0; 66_000];
        let send = |command: &Vec<u8>| card.transmit(command, &mut buffer).unwrap().to_vec();
        let answers = commands.iter().map(send).collect();
        card.disconnect(Disposition::ResetCard)
            .map_err(|(_, error)| error)
            .unwrap();
        answers
    }

    /// Whether a program can connect to a card in the reader.
    pub fn card_can_be_reached(&self) -> bool {
        let reader = self.reader();
        self.context
            .connect(&reader, ShareMode::Shared, Protocols::ANY)
            .is_ok()
    }

    /// Resets the card, so that nothing presented by one program is left to the next.
    pub fn reset_card(&self) {
        let card = self
            .context
            .connect(&self.reader(), ShareMode::Shared, Protocols::ANY)
            .unwrap();
        card.disconnect(Disposition::ResetCard)
            .map_err(|(_, error)| error)
            .unwrap();
    }

    /// A path in the world's own folder, where its programs also run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a program that must succeed and gives what it printed.
    pub fn succeed(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.output(program, arguments);
        assert!(
            output.status.success(),
            "{program} {arguments:?} failed: {output:?}"
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a program that must fail, by itself and not by a signal, and gives what it printed.
    pub fn fail(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.output(program, arguments);
        assert!(
            output.status.code().is_some_and(|code| code != 0),
            "{program} {arguments:?} did not fail: {output:?}"
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn output(&self, program: &str, arguments: &[&str]) -> Output {
        Command::new(program)
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}. {NEEDED}"))
    }

    fn reader(&self) -> CString {
        let readers = self.context.list_readers_owned().unwrap();
        readers.into_iter().min().expect("pcscd shows no reader")
    }

    fn wait_for(&self, wanted: State) {
        let mut states = [ReaderState::new(self.reader(), State::UNAWARE)];
        loop {
            self.context
                .get_status_change(PATIENCE, &mut states)
                .unwrap_or_else(|error| panic!("waiting for {wanted:?}: {error}"));
            if states[0].event_state().contains(wanted) {
                return;
            }
            states[0].sync_current_state();
        }
    }
}

fn start_again_inside(test: &str) {
    for needed in [DRIVER, "/usr/sbin/pcscd"] {
        assert!(Path::new(needed).exists(), "{needed} is missing. {NEEDED}");
    }
    let namespaces = [
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ];
    let unshare = |program: &Path, arguments: &[&str]| {
        Command::new("unshare")
            .args(namespaces)
            .arg(program)
            .args(arguments)
            .env(INSIDE, "1")
            .output()
            .unwrap_or_else(|error| panic!("unshare: {error}. {NEEDED}"))
    };
    let trial = unshare(Path::new("true"), &[]);
    assert!(
        trial.status.success(),
        "no namespaces of its own: {trial:?}. {NEEDED}"
    );
    let inside = unshare(
        &env::current_exe().unwrap(),
        &[test, "--exact", "--nocapture"],
    );
    let said = String::from_utf8_lossy(&inside.stdout);
    let complained = String::from_utf8_lossy(&inside.stderr);
    assert!(
        inside.status.success(),
        "inside the world:\n{said}\n{complained}"
    );
    assert!(
        said.contains("1 passed"),
        "the test did not run inside:\n{said}"
    );
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}. {NEEDED}"));
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {output:?}"
    );
}

fn start_pcscd(folder: &Path) -> Running {
    let configuration = folder.join("readers");
    fs::create_dir(&configuration).unwrap();
    let reader = format!(
        "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:{PORT}\nLIBPATH {DRIVER}\nCHANNELID {PORT}\n"
    );
    fs::write(configuration.join("vpcd"), reader).unwrap();
    let log = File::create(folder.join("pcscd.log")).unwrap();
    let child = Command::new("/usr/sbin/pcscd")
        .arg("--foreground")
        .arg("--config")
        .arg(&configuration)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("pcscd: {error}. {NEEDED}"));
    Running(child)
}

/// A context of the private pcscd, as soon as it has its socket and its reader.
fn context(folder: &Path) -> Context {
    for _ in 0..PATIENCE.as_millis() / GLANCE.as_millis() {
        if let Ok(context) = Context::establish(Scope::User)
            && context
                .list_readers_owned()
                .is_ok_and(|readers| !readers.is_empty())
        {
            return context;
        }
        thread::park_timeout(GLANCE);
    }
    let log = fs::read_to_string(folder.join("pcscd.log")).unwrap_or_default();
    panic!("pcscd did not come up with its reader:\n{log}\n{NEEDED}");
}

/// The kinds of card people hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Both certificates, both secrets.
    Adult,
    /// Under 15: no signing certificate; the sign password is there and locked.
    Minor,
    /// The same, with the other guess at what the card answers: no file of it.
    MinorWithoutFiles,
    /// 顔認証マイナンバーカード: no PIN, no signing certificate.
    FaceOnly,
}

fn issue(kind: Kind) -> Card {
    let credential = |certificate: &[u8], ca: &[u8], key, secret: &str| Credential {
        certificate: certificate.to_vec(),
        ca_certificate: ca.to_vec(),
        key: CardKey::from_pkcs8(key).unwrap(),
        secret: Some(secret.to_owned()),
    };
    let mut contents = CardContents {
        authentication: credential(
            AUTHENTICATION_CERTIFICATE,
            AUTHENTICATION_CA,
            AUTHENTICATION_KEY,
            PIN,
        ),
        signing: Some(credential(SIGN_CERTIFICATE, SIGN_CA, SIGN_KEY, PASSWORD)),
        holder: Holder {
            name: "模擬　花子".to_owned(),
            address: "模擬県模擬市模擬町１丁目２－３".to_owned(),
            birth: date(1980, 2, 17),
            sex: '2',
        },
        photo: Some(photo::jp2_with_face(&[0x5A; 64])),
        security_code: "2285".to_owned(),
        expires_on: date(2035, 2, 17),
        individual_number: "123456789010".to_owned(),
        text_pin: Some(PIN.to_owned()),
        terminal_authority: [0; 32],
        seed: [0x53; 32],
        profile: CardProfile::default(),
    };
    if kind != Kind::Adult {
        contents.signing = None;
    }
    if kind == Kind::MinorWithoutFiles {
        contents.profile.absent_signing = AbsentSigning::NoFiles;
    }
    if kind == Kind::FaceOnly {
        contents.authentication.secret = None;
        contents.text_pin = None;
    }
    Card::issue(contents, Arc::new(Reference)).unwrap()
}
