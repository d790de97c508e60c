//! The card-processing software of the terminal: told by the reader what the patient does, it
//! drives the card, asks the eligibility server and drops the result for the receipt computer
//! (`visit`); beside that, the first terminal of a facility passes the receipt computer's requests
//! on (`bridge`). It opens connections and looks into folders; nothing is ever pushed to it (SEC-02).

mod bridge;
mod conduct;
mod config;
mod face;
mod refusal;
mod server;
mod visit;

use std::sync::Arc;

use card_driver::Slot;
use tokio::task::JoinHandle;
use world::net::BoxStream;

use bridge::Bridge;
use server::Server;

pub use bridge::{POLL, RETRY};
pub use conduct::{Conduct, Reference};
pub use config::{
    Config, Site, charset_of, eligibility_hop, face_folder_hop, req_folder_hop, res_folder_hop,
};
pub use server::{ANSWER_TIME, ServerLine};

/// A terminal, not yet connected to a reader.
pub struct Terminal {
    config: Config,
    conduct: Arc<dyn Conduct>,
    server: Server,
}

/// A running terminal; it ends when this is dropped.
pub struct TerminalHandle {
    lines: Vec<ServerLine>,
    tasks: Vec<JoinHandle<()>>,
}

impl TerminalHandle {
    /// Closes the kept connections to the server, if no question is on them. The next ones open anew.
    pub fn hang_up(&self) {
        self.lines.iter().for_each(ServerLine::hang_up);
    }
}

impl Drop for TerminalHandle {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Terminal {
    /// A terminal with its settings and its way of acting.
    pub fn new(config: Config, conduct: Arc<dyn Conduct>) -> Self {
        let server = Server::new(&config);
        Terminal {
            config,
            conduct,
            server,
        }
    }

    /// Serves a reader in a task of its own, and the receipt computer's requests in another if this
    /// is the facility's first terminal. Call it inside a tokio runtime.
    pub fn spawn(self, reader: BoxStream, slot: Box<dyn Slot>) -> TerminalHandle {
        let mut lines = vec![self.server.line()];
        let mut tasks = Vec::new();
        if self.config.serves_requests() {
            let bridge = Bridge::new(self.config.clone(), self.conduct.clone());
            lines.push(bridge.server_line());
            tasks.push(tokio::spawn(bridge.run()));
        }
        tasks.push(tokio::spawn(self.run(reader, slot)));
        TerminalHandle { lines, tasks }
    }

    /// Serves a reader until its line ends.
    pub async fn run(self, reader: BoxStream, slot: Box<dyn Slot>) {
        visit::Dialogue::new(&self, reader, slot).run().await;
    }
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
