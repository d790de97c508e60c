//! The street: who can be reached under which name, over in-memory streams, and which houses
//! are down or silent today.
//!
//! Faults: a house may be `Down` (connections break and new ones are refused) or `Silent` (connections
//! are taken and never answered). Loss of single bytes is left out: the hops are TLS or local, where
//! the transport already turns it into a closed connection.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::sync::mpsc;

/// A byte stream between two houses.
pub trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for T {}
/// A boxed byte stream.
pub type BoxStream = Box<dyn ByteStream>;
/// A boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Opens connections by host name.
pub trait Network: Send + Sync {
    /// Connects to a host, or says why not.
    fn connect<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<BoxStream>>;
}

/// How a house misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Takes connections and never answers.
    Silent,
    /// Breaks its connections and refuses new ones.
    Down,
}

/// One TLS record; a longer message crosses in several turns.
const PIPE_BYTES: usize = 16 * 1024;

#[derive(Default)]
struct Houses {
    open: BTreeMap<String, mpsc::UnboundedSender<DuplexStream>>,
    faults: BTreeMap<String, Fault>,
    unanswered: Vec<DuplexStream>,
    lines: BTreeMap<String, Vec<Weak<Mutex<Cord>>>>,
}

/// What cuts a connection: whether it is cut, and who waits to hear of it.
#[derive(Default)]
struct Cord {
    cut: bool,
    waiting: Option<Waker>,
}

/// The calling end of a connection; it breaks when its cord is cut.
struct Line {
    inner: DuplexStream,
    cord: Arc<Mutex<Cord>>,
}

impl Line {
    fn held(&self, context: &Context<'_>) -> io::Result<()> {
        let mut cord = self.cord.lock().unwrap_or_else(PoisonError::into_inner);
        if cord.cut {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        cord.waiting = Some(context.waker().clone());
        Ok(())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.held(context)?;
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.held(context)?;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

/// The in-memory network of one town.
#[derive(Clone, Default)]
pub struct Street(Arc<Mutex<Houses>>);

impl Street {
    /// Opens a house under a name; connections arrive at the receiver.
    pub fn listen(&self, host: &str) -> mpsc::UnboundedReceiver<DuplexStream> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.houses().open.insert(host.to_owned(), sender);
        receiver
    }

    /// Lets a house misbehave, or behave again.
    pub fn set_fault(&self, host: &str, fault: Option<Fault>) {
        if fault == Some(Fault::Down) {
            self.cut(host);
        }
        let mut houses = self.houses();
        match fault {
            Some(fault) => houses.faults.insert(host.to_owned(), fault),
            None => houses.faults.remove(host),
        };
    }

    /// Breaks every connection to a house, as when its program is killed.
    pub fn cut(&self, host: &str) {
        let lines = self.houses().lines.remove(host).unwrap_or_default();
        for cord in lines.iter().filter_map(Weak::upgrade) {
            let mut cord = cord.lock().unwrap_or_else(PoisonError::into_inner);
            cord.cut = true;
            if let Some(waker) = cord.waiting.take() {
                waker.wake();
            }
        }
    }

    fn houses(&self) -> MutexGuard<'_, Houses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, host: &str) -> io::Result<BoxStream> {
        let mut houses = self.houses();
        let (near, far) = tokio::io::duplex(PIPE_BYTES);
        let refused = || {
            io::Error::new(
                io::ErrorKind::ConnectionRefused,
                format!("{host} refuses connections"),
            )
        };
        match houses.faults.get(host) {
            Some(Fault::Down) => return Err(refused()),
            Some(Fault::Silent) => houses.unanswered.push(far),
            None => {
                let door = houses.open.get(host).ok_or_else(refused)?;
                door.send(far).map_err(|_| refused())?;
            }
        }
        let cord = Arc::default();
        let lines = houses.lines.entry(host.to_owned()).or_default();
        lines.retain(|known| known.strong_count() > 0);
        lines.push(Arc::downgrade(&cord));
        Ok(Box::new(Line { inner: near, cord }))
    }
}

impl Network for Street {
    fn connect<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<BoxStream>> {
        Box::pin(async move { self.open(host) })
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn houses_answer_are_down_or_silent() {
        let street = Street::default();
        assert!(street.connect("nobody").await.is_err());
        let mut door = street.listen("house");
        let mut near = street.connect("house").await.unwrap();
        let mut far = door.recv().await.unwrap();
        near.write_all(b"hello").await.unwrap();
        let mut heard = [0; 5];
        far.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");

        street.set_fault("house", Some(Fault::Down));
        assert_eq!(
            street.connect("house").await.err().unwrap().kind(),
            io::ErrorKind::ConnectionRefused
        );
        street.set_fault("house", Some(Fault::Silent));
        let mut mute = street.connect("house").await.unwrap();
        let waited = tokio::time::timeout(
            std::time::Duration::from_secs(60),
            mute.read_exact(&mut heard),
        )
        .await;
        assert!(waited.is_err());
        street.set_fault("house", None);
        assert!(street.connect("house").await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_house_that_goes_down_breaks_its_connections_and_no_other() {
        let street = Street::default();
        let mut doors = [street.listen("one"), street.listen("other")];
        let mut near = street.connect("one").await.unwrap();
        let mut kept = street.connect("other").await.unwrap();
        let mut far = doors[0].recv().await.unwrap();
        let mut spared = doors[1].recv().await.unwrap();
        let reading = tokio::spawn(async move { near.read_u8().await });
        tokio::task::yield_now().await;
        street.set_fault("one", Some(Fault::Down));
        assert_eq!(
            reading.await.unwrap().unwrap_err().kind(),
            io::ErrorKind::ConnectionReset
        );
        assert!(far.read_u8().await.is_err());
        kept.write_u8(7).await.unwrap();
        assert_eq!(spared.read_u8().await.unwrap(), 7);
    }
}
