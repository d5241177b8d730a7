//! Takes one domain through its life on a Drover daemon, as a client that knows nothing but the proto files: define,
//! start, snapshot, active commit with a pivot, a watch over a broken connection, an error, and away with it all.
//!
//! What happens is printed on standard output, how far the commit is on standard error.

mod connection;
mod watch;

/// What build.rs makes of the proto files.
#[allow(clippy::all, rustdoc::all)]
mod api {
    tonic::include_proto!("api");
}

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tonic::Status;
use tonic_types::{ErrorInfo, StatusExt};

use api::drover::v1::block_service_client::BlockServiceClient;
use api::drover::v1::domain_service_client::DomainServiceClient;
use api::drover::v1::job_service_client::JobServiceClient;
use api::drover::v1::snapshot_service_client::SnapshotServiceClient;
use api::drover::v1::{watch_response::Message, watched_object::Object, *};
use connection::{Address, Connection};
use watch::Watch;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const NAME: &str = "example";
const DISK: &str = "vda";
/// The whole scenario has to end in this time, and so has each of its calls.
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (target, driver, image, pki) = match arguments.as_slice() {
        [target, driver, image] => (target, driver, image, None),
        [target, driver, image, pki] => (target, driver, image, Some(pki.clone())),
        _ => {
            eprintln!("usage: scenario TARGET DRIVER-URI IMAGE [PKI-DIRECTORY]");
            return ExitCode::from(2);
        }
    };
    let address = Address {
        target: target.clone(),
        driver: driver.clone(),
        pki,
        deadline: PATIENCE,
    };
    let outcome = tokio::time::timeout(PATIENCE, run(&address, image))
        .await
        .unwrap_or_else(|_| Err("the scenario did not end in time".into()));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", explain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn run(address: &Address, image: &str) -> Result<()> {
    let connection = address.connect()?;
    let mut scenario = Scenario {
        domains: DomainServiceClient::new(connection.clone()),
        snapshots: SnapshotServiceClient::new(connection.clone()),
        blocks: BlockServiceClient::new(connection.clone()),
        jobs: JobServiceClient::new(connection),
        watch: Watch::new(address),
    };
    scenario.await_state().await?;
    scenario.define(image).await?;
    scenario.start().await?;
    scenario.snapshot_unwatched().await?;
    scenario.start_again().await?;
    scenario.commit().await?;
    scenario.tidy_up().await
}

struct Scenario<'a> {
    domains: DomainServiceClient<Connection>,
    snapshots: SnapshotServiceClient<Connection>,
    blocks: BlockServiceClient<Connection>,
    jobs: JobServiceClient<Connection>,
    watch: Watch<'a>,
}

impl Scenario<'_> {
    /// Stores the domain, and stores what was read back, which changes nothing.
    async fn define(&mut self, image: &str) -> Result<()> {
        let spec = DomainSpec {
            name: NAME.into(),
            memory_bytes: 64 << 20,
            disks: vec![Disk {
                target: DISK.into(),
                source: Some(Image {
                    path: image.into(),
                    format: ImageFormat::Qcow2.into(),
                }),
                ..Default::default()
            }],
            ..Default::default()
        };
        let defined = self
            .store(DefineDomainRequest {
                spec: Some(spec),
                ..Default::default()
            })
            .await?;
        println!("define: example is {}", state_of(&defined));
        let again = self
            .store(DefineDomainRequest {
                spec: defined.spec.clone(),
                etag: defined.etag.clone(),
                ..Default::default()
            })
            .await?;
        if again.etag != defined.etag {
            return Err("a definition with what was read has changed something".into());
        }
        println!("define again: nothing changed");
        self.await_event(EventKind::DomainDefined).await
    }

    async fn store(&mut self, request: DefineDomainRequest) -> Result<Domain> {
        let response = self.domains.define_domain(request).await?.into_inner();
        Ok(response.domain.unwrap_or_default())
    }

    async fn start(&mut self) -> Result<()> {
        let started = self.domains.start_domain(start_request()).await?;
        let domain = started.into_inner().domain.unwrap_or_default();
        println!("start: example is {}", state_of(&domain));
        self.await_event(EventKind::DomainStarted).await
    }

    /// Makes a snapshot while the watch has no connection: the event is there when it has one again.
    async fn snapshot_unwatched(&mut self) -> Result<()> {
        self.watch.cut();
        println!("watch: connection cut");
        let made = self
            .snapshots
            .create_snapshot(CreateSnapshotRequest {
                domain: example(),
                name: "before".into(),
                ..Default::default()
            })
            .await?
            .into_inner();
        for disk in made.snapshot.unwrap_or_default().disks {
            println!(
                "snapshot before: {} goes on in {}, {} keeps the moment",
                disk.target,
                file_name(&disk.overlay.unwrap_or_default().path),
                file_name(&disk.frozen.unwrap_or_default().path)
            );
        }
        self.await_event(EventKind::SnapshotCreated).await
    }

    /// Is refused, and says why in words for a program.
    async fn start_again(&mut self) -> Result<()> {
        let refusal = refused(
            self.domains.start_domain(start_request()).await,
            "DOMAIN_ALREADY_RUNNING",
        )?;
        let domain = refusal.metadata.get("domain").map_or("", String::as_str);
        println!("start again: {}, domain {domain}", refusal.reason);
        Ok(())
    }

    /// Moves all that lies above the base into the base, while the domain runs, and pivots to it.
    async fn commit(&mut self) -> Result<()> {
        let started = self
            .blocks
            .block_commit(BlockCommitRequest {
                domain: example(),
                disk: DISK.into(),
                active: true,
                delete: true,
                ..Default::default()
            })
            .await?
            .into_inner();
        let job = started.job.unwrap_or_default();
        let images = job.request.clone().unwrap_or_default();
        println!(
            "commit: {} of {} into {}",
            job.kind().as_str_name(),
            file_name(&images.top),
            file_name(&images.base)
        );
        let job = self.await_ready(job).await?;
        let progress = job.progress.unwrap_or_default();
        println!(
            "commit: {}, {} %",
            job.state().as_str_name(),
            percent(&progress)
        );
        let completion = CompleteJobRequest {
            job_id: job.id,
            completion: JobCompletion::Pivot.into(),
            ..Default::default()
        };
        let ended = self.jobs.complete_job(completion).await?.into_inner();
        println!(
            "pivot: {}",
            ended.job.unwrap_or_default().state().as_str_name()
        );
        self.await_event(EventKind::JobStateChanged).await?;
        let request = GetBackingChainRequest {
            domain: example(),
            disk: DISK.into(),
        };
        let answer = self.blocks.get_backing_chain(request).await?.into_inner();
        for image in answer.chain.unwrap_or_default().images {
            println!(
                "chain: {DISK}[{}] is {}",
                image.index,
                file_name(&image.path)
            );
        }
        Ok(())
    }

    /// Follows the job until base and overlay are equal and kept so.
    async fn await_ready(&mut self, mut job: Job) -> Result<Job> {
        let request = WatchJobRequest {
            job_id: job.id.clone(),
        };
        let mut changes = self.jobs.watch_job(request).await?.into_inner();
        while let Some(change) = changes.message().await? {
            job = change.job.unwrap_or_default();
            let progress = job.progress.unwrap_or_default();
            eprintln!(
                "{}: {} of {} bytes",
                job.state().as_str_name(),
                progress.offset_bytes,
                progress.total_bytes
            );
            if job.state() == JobState::Ready {
                return Ok(job);
            }
        }
        let why = job.error.clone().unwrap_or_default().message;
        Err(format!("the commit ended as {}: {why}", job.state().as_str_name()).into())
    }

    async fn tidy_up(&mut self) -> Result<()> {
        let request = DestroyDomainRequest {
            domain: example(),
            ..Default::default()
        };
        let destroyed = self.domains.destroy_domain(request).await?.into_inner();
        println!(
            "destroy: example is {}",
            state_of(&destroyed.domain.unwrap_or_default())
        );
        let request = UndefineDomainRequest {
            domain: example(),
            snapshots_metadata: true,
            ..Default::default()
        };
        self.domains.undefine_domain(request).await?;
        self.await_event(EventKind::DomainRemoved).await?;
        let request = GetDomainRequest {
            domain: example(),
            read_mask: None,
        };
        let refusal = refused(self.domains.get_domain(request).await, "DOMAIN_NOT_FOUND")?;
        println!("get: {}", refusal.reason);
        Ok(())
    }

    /// Reads the state with which a watch begins. Who shows domains to people would keep it.
    async fn await_state(&mut self) -> Result<()> {
        loop {
            if let Some(Message::Bookmark(bookmark)) = self.watch.next().await?.message
                && bookmark.state_complete
            {
                println!("watch: state complete");
                return Ok(());
            }
        }
    }

    /// Reads the watch until this has happened to the scenario's domain.
    async fn await_event(&mut self, kind: EventKind) -> Result<()> {
        loop {
            match self.watch.next().await?.message {
                Some(Message::Event(event)) => {
                    let object = event.object.as_ref().and_then(|o| o.object.as_ref());
                    if event.kind() == kind && object.is_some_and(|o| domain_of(o) == NAME) {
                        println!("watch: {}", kind.as_str_name());
                        return Ok(());
                    }
                }
                Some(Message::Resync(resync)) => {
                    let why = resync.reason().as_str_name();
                    return Err(format!("the watch could not be resumed: {why}").into());
                }
                Some(Message::Existing(_) | Message::Bookmark(_)) | None => {}
            }
        }
    }
}

fn example() -> Option<DomainRef> {
    Some(DomainRef {
        r#ref: Some(domain_ref::Ref::Name(NAME.into())),
    })
}

fn start_request() -> StartDomainRequest {
    StartDomainRequest {
        domain: example(),
        ..Default::default()
    }
}

fn state_of(domain: &Domain) -> &'static str {
    let status = domain.status.clone().unwrap_or_default();
    status.state().as_str_name()
}

fn domain_of(object: &Object) -> &str {
    match object {
        Object::Domain(domain) => domain.spec.as_ref().map_or("", |spec| &spec.name),
        Object::Job(job) => &job.domain_name,
        Object::Snapshot(snapshot) => &snapshot.domain_name,
    }
}

fn file_name(path: &str) -> &str {
    Path::new(path)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(path)
}

/// A measure for people: READY is what says that a job can be completed.
fn percent(progress: &JobProgress) -> u64 {
    (100 * progress.offset_bytes)
        .checked_div(progress.total_bytes)
        .unwrap_or(0)
}

/// What Drover tells programs about the failure that was to be expected.
fn refused<T>(
    answer: std::result::Result<tonic::Response<T>, Status>,
    reason: &str,
) -> Result<ErrorInfo> {
    match answer {
        Ok(_) => Err(format!("{reason} was to be expected, and the call succeeded").into()),
        Err(status) => match status.get_details_error_info() {
            Some(info) if info.reason == reason => Ok(info),
            _ => Err(status.into()),
        },
    }
}

/// The reason where Drover gave one, else the error with all that caused it.
fn explain(error: &(dyn Error + 'static)) -> String {
    let status = error.downcast_ref::<Status>();
    if let Some((status, info)) = status.and_then(|s| Some((s, s.get_details_error_info()?))) {
        return format!("{}: {}", info.reason, status.message());
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
