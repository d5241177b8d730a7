//! A stream of events that goes on over broken connections.

use std::error::Error;
use std::time::Duration;

use tonic::{Code, Status, Streaming};

use crate::api::drover::v1::event_service_client::EventServiceClient;
use crate::api::drover::v1::{WatchRequest, WatchResponse};
use crate::connection::{Address, Connection};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Opens itself again after the revision received last, so that nothing is missed and nothing comes twice. It has a
/// connection of its own.
pub struct Watch<'a> {
    address: &'a Address,
    request: WatchRequest,
    open: Option<(Connection, Streaming<WatchResponse>)>,
}

impl<'a> Watch<'a> {
    pub fn new(address: &'a Address) -> Self {
        Watch {
            address,
            request: WatchRequest::default(),
            open: None,
        }
    }

    /// Waits for the next message, and for a daemon that is not to be reached, as long as the caller does. A Resync among
    /// the messages says that the caller has to throw away what it knows.
    pub async fn next(&mut self) -> Result<WatchResponse, Box<dyn Error>> {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.receive().await {
                Ok(message) => {
                    self.request.resume_revision = message.revision;
                    return Ok(message);
                }
                Err(error) if is_unavailable(error.as_ref()) => {
                    self.cut();
                    tokio::time::sleep(pause).await;
                    pause = LONGEST_PAUSE.min(2 * pause);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Closes the connection.
    pub fn cut(&mut self) {
        self.open = None;
    }

    async fn receive(&mut self) -> Result<WatchResponse, Box<dyn Error>> {
        if self.open.is_none() {
            let connection = self.address.connect()?;
            let stream = EventServiceClient::new(connection.clone())
                .watch(self.request.clone())
                .await?
                .into_inner();
            self.open = Some((connection, stream));
        }
        let (_, stream) = self.open.as_mut().ok_or("the watch is not open")?;
        Ok(stream
            .message()
            .await?
            .ok_or("the daemon has ended the watch")?)
    }
}

fn is_unavailable(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<Status>()
        .is_some_and(|status| status.code() == Code::Unavailable)
}
