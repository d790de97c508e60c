//! The connection to vpcd, in a thread of its own. vpcd sends length and body apart, and the kernel
//! holds the second back until the first is acknowledged: without a quick acknowledgement before
//! every read each command takes 44 ms, so a connection that cannot give it is refused.

use crate::frames::{Inbox, TooLong, answer, frame};
use socket2::SockRef;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use virtual_card::Card;

/// Pause between two dials when vpcd does not answer or has hung up.
pub const PAUSE_BETWEEN_DIALS: Duration = Duration::from_millis(50);

/// Dials in a row without an answer before the bridge gives up (10 seconds).
pub const DIALS: u32 = 200;

/// How long a read may wait before the stop flag is looked at again.
const LOOK_AT_STOP: Duration = Duration::from_millis(100);

/// Why a bridge ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum BridgeError {
    /// The thread could not be started.
    #[error("this machine gave no thread for the bridge: {0}; free some and try again")]
    NoThread(io::Error),
    /// vpcd never answered.
    #[error(
        "nobody answered at {address} in {dials} dials ({last}); start pcscd with a vpcd reader on that port"
    )]
    NobodyAnswers {
        /// Where vpcd should have been.
        address: SocketAddr,
        /// How often it was tried.
        dials: u32,
        /// What the last dial said.
        last: io::Error,
    },
    /// The kernel does not offer quick acknowledgement.
    #[error(
        "this system cannot acknowledge at once ({0}), so every command would take 44 ms; run the bridge on Linux"
    )]
    NoQuickAcknowledgement(io::Error),
    /// The card's thread ended without handing the card back.
    #[error("the bridge stopped by a fault of its own; please report it")]
    Lost,
    /// The card answered more than a frame holds.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

/// A card in a virtual reader. Dropping it takes the card out.
pub struct Bridge {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Card, BridgeError>>>,
}

impl Bridge {
    /// Puts the card into the reader behind `address` and serves it until `stop` is set. It dials
    /// again whenever vpcd hangs up, at most [`DIALS`] times in a row.
    pub fn run(
        card: Card,
        address: SocketAddr,
        stop: Arc<AtomicBool>,
    ) -> Result<Bridge, BridgeError> {
        let seen = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("card-bridge".to_owned())
            .spawn(move || serve(card, address, &seen, DIALS))
            .map_err(BridgeError::NoThread)?;
        Ok(Bridge {
            stop,
            thread: Some(thread),
        })
    }

    /// Takes the card out of the reader and hands it back, without power. An error tells why the
    /// bridge had ended before.
    pub fn take_out(mut self) -> Result<Card, BridgeError> {
        match self.end() {
            Some(Ok(result)) => result,
            _ => Err(BridgeError::Lost),
        }
    }

    fn end(&mut self) -> Option<thread::Result<Result<Card, BridgeError>>> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take()?;
        thread.thread().unpark();
        Some(thread.join())
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // Whoever drops a bridge does not ask how it ended.
        drop(self.end());
    }
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bridge")
    }
}

fn serve(
    mut card: Card,
    address: SocketAddr,
    stop: &AtomicBool,
    dials: u32,
) -> Result<Card, BridgeError> {
    while let Some(stream) = dial(address, stop, dials)? {
        let end = converse(&mut card, stream, stop);
        // The reader is gone, and with it the card's power.
        card.power_off();
        match end {
            Ok(()) => pause(stop),
            Err(error) => return Err(error),
        }
    }
    Ok(card)
}

/// A connection to vpcd; `None` when it was asked to stop meanwhile.
fn dial(
    address: SocketAddr,
    stop: &AtomicBool,
    dials: u32,
) -> Result<Option<TcpStream>, BridgeError> {
    let mut dialled = 0;
    while !stop.load(Ordering::Relaxed) {
        match connect(address) {
            Ok(stream) => return Ok(Some(stream)),
            Err(last) => {
                dialled += 1;
                if dialled >= dials {
                    return Err(BridgeError::NobodyAnswers {
                        address,
                        dials,
                        last,
                    });
                }
                pause(stop);
            }
        }
    }
    Ok(None)
}

/// vpcd's usual port is one the kernel may also give to a caller, and who calls its own port
/// reaches itself; such a connection counts as nobody there.
fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    match stream.local_addr()? == stream.peer_addr()? {
        true => Err(ErrorKind::ConnectionRefused.into()),
        false => Ok(stream),
    }
}

fn pause(stop: &AtomicBool) {
    if !stop.load(Ordering::Relaxed) {
        // Real time, for a real socket; `take_out` ends it early.
        thread::park_timeout(PAUSE_BETWEEN_DIALS);
    }
}

/// Serves one connection until vpcd hangs up or the bridge is told to stop.
fn converse(card: &mut Card, stream: TcpStream, stop: &AtomicBool) -> Result<(), BridgeError> {
    // A connection that dies in these calls is a hang-up like any other.
    if stream.set_nodelay(true).is_err() || stream.set_read_timeout(Some(LOOK_AT_STOP)).is_err() {
        return Ok(());
    }
    let mut inbox = Inbox::default();
    while !stop.load(Ordering::Relaxed) {
        match receive(&stream, &mut inbox)? {
            Received::Bytes => {}
            Received::NothingYet => continue,
            Received::HangUp => return Ok(()),
        }
        while let Some(body) = inbox.next() {
            let Some(response) = answer(card, &body) else {
                continue;
            };
            if (&stream).write_all(&frame(&response)?).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

enum Received {
    Bytes,
    NothingYet,
    HangUp,
}

fn receive(mut stream: &TcpStream, inbox: &mut Inbox) -> Result<Received, BridgeError> {
    // The kernel forgets the setting, so it is made before every read.
    SockRef::from(stream)
        .set_tcp_quickack(true)
        .map_err(BridgeError::NoQuickAcknowledgement)?;
    let mut buffer = [0; 4096];
    match stream.read(&mut buffer) {
        Ok(0) => Ok(Received::HangUp),
        Ok(count) => {
            inbox.push(&buffer[..count]);
            Ok(Received::Bytes)
        }
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {
                Ok(Received::NothingYet)
            }
            _ => Ok(Received::HangUp),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::tests::card;
    use std::net::TcpListener;

    fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    fn put(address: SocketAddr) -> Bridge {
        Bridge::run(card(), address, Arc::new(AtomicBool::new(false))).unwrap()
    }

    /// What the bridge answers to a frame that is sent in two writes, as vpcd does.
    fn ask(mut reader: &TcpStream, body: &[u8]) -> Vec<u8> {
        reader
            .write_all(&u16::try_from(body.len()).unwrap().to_be_bytes())
            .unwrap();
        reader.write_all(body).unwrap();
        let mut header = [0; 2];
        reader.read_exact(&mut header).unwrap();
        let mut answer = vec![0; usize::from(u16::from_be_bytes(header))];
        reader.read_exact(&mut answer).unwrap();
        answer
    }

    #[test]
    fn the_card_is_served_dialled_again_and_handed_back() {
        let (listener, address) = listener();
        let bridge = put(address);
        let (mut reader, _) = listener.accept().unwrap();
        reader.write_all(&[0x00, 0x01, 0x01]).unwrap();
        assert_eq!(ask(&reader, &[0x04])[0], 0x3B);
        let select = [
            0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00,
            0x01,
        ];
        assert_eq!(ask(&reader, &select), [0x90, 0x00]);
        let wrong = [0x00, 0x20, 0x00, 0x98, 0x04, 0x30, 0x30, 0x30, 0x30];
        assert_eq!(ask(&reader, &wrong), [0x63, 0xC2]);
        drop(reader);

        let (mut reader, _) = listener.accept().unwrap();
        assert_eq!(
            ask(&reader, &select),
            [0x6F, 0x00],
            "the power went with the reader"
        );
        reader.write_all(&[0x00, 0x01, 0x01]).unwrap();
        assert_eq!(ask(&reader, &select), [0x90, 0x00]);
        assert_eq!(
            ask(&reader, &[0x00, 0x20, 0x00, 0x98]),
            [0x63, 0xC2],
            "the counter stayed"
        );

        let card = bridge.take_out().unwrap();
        assert!(!card.is_powered());
        assert_eq!(
            reader.read(&mut [0; 1]).unwrap(),
            0,
            "the reader sees it leave"
        );
    }

    #[test]
    fn a_bridge_that_finds_nobody_can_be_stopped() {
        let (listener, address) = listener();
        drop(listener);
        assert!(put(address).take_out().is_ok());
    }

    #[test]
    fn a_bridge_that_finds_nobody_gives_up() {
        let (listener, address) = listener();
        drop(listener);
        let ended = serve(card(), address, &AtomicBool::new(false), 2);
        assert!(matches!(
            ended,
            Err(BridgeError::NobodyAnswers { dials: 2, .. })
        ));
    }
}
