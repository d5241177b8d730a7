//! How the daemon is reached: a unix socket, or TCP in mutual TLS.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Status};

/// A connection whose calls all go to one driver. It is made by the first call, and cheap to clone.
pub type Connection = InterceptedService<Channel, ForDriver>;

/// Adds to each call the driver it is for, and its deadline.
#[derive(Clone)]
pub struct ForDriver {
    uri: MetadataValue<Ascii>,
    deadline: Duration,
}

impl Interceptor for ForDriver {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request
            .metadata_mut()
            .insert("drover-uri", self.uri.clone());
        request.set_timeout(self.deadline);
        Ok(request)
    }
}

/// Where the daemon is.
pub struct Address {
    /// `unix:///path`, or `host:port` for TLS.
    pub target: String,
    /// The driver, for example `qemu:///session`.
    pub driver: String,
    /// The directory with ca.pem, client.pem and client.key; none for a unix socket, where the kernel tells the daemon
    /// who calls.
    pub pki: Option<String>,
    /// Longest time that a call may take.
    pub deadline: Duration,
}

impl Address {
    pub fn connect(&self) -> Result<Connection, Box<dyn Error>> {
        let endpoint = match &self.pki {
            None => Endpoint::from_shared(self.target.clone())?,
            Some(pki) => Endpoint::from_shared(format!("https://{}", self.target))?
                .tls_config(mutual_tls(Path::new(pki))?)?,
        };
        let for_driver = ForDriver {
            uri: self.driver.parse()?,
            deadline: self.deadline,
        };
        Ok(InterceptedService::new(endpoint.connect_lazy(), for_driver))
    }
}

/// Believes the authority's daemons and shows them this client's certificate.
fn mutual_tls(pki: &Path) -> std::io::Result<ClientTlsConfig> {
    let read = |name: &str| std::fs::read(pki.join(name));
    Ok(ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(read("ca.pem")?))
        .identity(Identity::from_pem(read("client.pem")?, read("client.key")?)))
}
