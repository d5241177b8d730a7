"""Takes one domain through its life on a Drover daemon, as a client that knows nothing but the proto files.

Define, start, snapshot, active commit with a pivot, a watch over a broken connection, an error, and away with it all.
What happens is printed on standard output, how far the commit is on standard error.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import grpc
from google.rpc.error_details_pb2 import ErrorInfo

from connection import Address, error_info
from drover.v1 import (
    block_service_pb2_grpc,
    domain_pb2,
    domain_service_pb2_grpc,
    domain_spec_pb2,
    job_pb2,
    job_service_pb2_grpc,
    snapshot_service_pb2_grpc,
)
from drover.v1 import block_service_pb2 as blocks
from drover.v1 import domain_service_pb2 as domains
from drover.v1 import event_service_pb2 as events
from drover.v1 import job_service_pb2 as jobs
from drover.v1 import snapshot_service_pb2 as snapshots
from watch import Watch

NAME = "example"
DISK = "vda"
# The whole scenario has to end in this many seconds.
PATIENCE = 180


class Scenario:
    def __init__(self, address: Address, channel: grpc.Channel, watch: Watch):
        self._address = address
        self._watch = watch
        self._domains = domain_service_pb2_grpc.DomainServiceStub(channel)
        self._snapshots = snapshot_service_pb2_grpc.SnapshotServiceStub(channel)
        self._blocks = block_service_pb2_grpc.BlockServiceStub(channel)
        self._jobs = job_service_pb2_grpc.JobServiceStub(channel)
        self._domain = domain_pb2.DomainRef(name=NAME)

    def run(self, image: str):
        self._await_state()
        self._define(image)
        self._start()
        self._snapshot_unwatched()
        self._start_again()
        self._commit()
        self._tidy_up()

    def _define(self, image: str):
        """Stores the domain, and stores what was read back, which changes nothing."""
        spec = domain_spec_pb2.DomainSpec(
            name=NAME,
            memory_bytes=64 << 20,
            disks=[
                domain_spec_pb2.Disk(
                    target=DISK,
                    source=domain_spec_pb2.Image(path=image, format=domain_spec_pb2.IMAGE_FORMAT_QCOW2),
                )
            ],
        )
        defined = self._call(self._domains.DefineDomain, domains.DefineDomainRequest(spec=spec)).domain
        print("define: example is", state_of(defined))
        again = self._call(
            self._domains.DefineDomain, domains.DefineDomainRequest(spec=defined.spec, etag=defined.etag)
        ).domain
        if again.etag != defined.etag:
            raise ScenarioError("a definition with what was read has changed something")
        print("define again: nothing changed")
        self._await(events.EVENT_KIND_DOMAIN_DEFINED)

    def _start(self):
        started = self._call(self._domains.StartDomain, domains.StartDomainRequest(domain=self._domain))
        print("start: example is", state_of(started.domain))
        self._await(events.EVENT_KIND_DOMAIN_STARTED)

    def _snapshot_unwatched(self):
        """Makes a snapshot while the watch has no connection: the event is there when it has one again."""
        self._watch.cut()
        print("watch: connection cut")
        made = self._call(
            self._snapshots.CreateSnapshot, snapshots.CreateSnapshotRequest(domain=self._domain, name="before")
        )
        for disk in made.snapshot.disks:
            overlay, frozen = file_name(disk.overlay.path), file_name(disk.frozen.path)
            print(f"snapshot before: {disk.target} goes on in {overlay}, {frozen} keeps the moment")
        self._await(events.EVENT_KIND_SNAPSHOT_CREATED)

    def _start_again(self):
        """Is refused, and says why in words for a program."""
        refusal = self._refused(
            "DOMAIN_ALREADY_RUNNING", self._domains.StartDomain, domains.StartDomainRequest(domain=self._domain)
        )
        print(f"start again: {refusal.reason}, domain {refusal.metadata['domain']}")

    def _commit(self):
        """Moves all that lies above the base into the base, while the domain runs, and pivots to it."""
        job = self._call(
            self._blocks.BlockCommit,
            blocks.BlockCommitRequest(domain=self._domain, disk=DISK, active=True, delete=True),
        ).job
        top, base = file_name(job.request.top), file_name(job.request.base)
        print(f"commit: {job_pb2.JobKind.Name(job.kind)} of {top} into {base}")
        job = self._await_ready(job)
        print(f"commit: {job_pb2.JobState.Name(job.state)}, {percent(job.progress)} %")
        job = self._call(
            self._jobs.CompleteJob,
            jobs.CompleteJobRequest(job_id=job.id, completion=job_pb2.JOB_COMPLETION_PIVOT),
        ).job
        print("pivot:", job_pb2.JobState.Name(job.state))
        self._await(events.EVENT_KIND_JOB_STATE_CHANGED)
        answer = self._call(self._blocks.GetBackingChain, blocks.GetBackingChainRequest(domain=self._domain, disk=DISK))
        for chain_image in answer.chain.images:
            print(f"chain: {DISK}[{chain_image.index}] is {file_name(chain_image.path)}")

    def _await_ready(self, job: job_pb2.Job) -> job_pb2.Job:
        """Follows the job until base and overlay are equal and kept so."""
        changes = self._call(self._jobs.WatchJob, jobs.WatchJobRequest(job_id=job.id))
        for change in changes:
            job = change.job
            progress = job.progress
            print(
                f"{job_pb2.JobState.Name(job.state)}: {progress.offset_bytes} of {progress.total_bytes} bytes",
                file=sys.stderr,
            )
            if job.state == job_pb2.JOB_STATE_READY:
                # The stream would go on until the job has ended.
                changes.cancel()
                return job
        raise ScenarioError(f"the commit ended as {job_pb2.JobState.Name(job.state)}: {job.error.message}")

    def _tidy_up(self):
        destroyed = self._call(self._domains.DestroyDomain, domains.DestroyDomainRequest(domain=self._domain))
        print("destroy: example is", state_of(destroyed.domain))
        self._call(
            self._domains.UndefineDomain, domains.UndefineDomainRequest(domain=self._domain, snapshots_metadata=True)
        )
        self._await(events.EVENT_KIND_DOMAIN_REMOVED)
        refusal = self._refused(
            "DOMAIN_NOT_FOUND", self._domains.GetDomain, domains.GetDomainRequest(domain=self._domain)
        )
        print("get:", refusal.reason)

    def _await_state(self):
        """Reads the state with which a watch begins. Who shows domains to people would keep it."""
        while not self._watch.next().bookmark.state_complete:
            pass
        print("watch: state complete")

    def _await(self, kind: events.EventKind):
        """Reads the watch until this has happened to the scenario's domain."""
        while True:
            message = self._watch.next()
            if message.HasField("resync"):
                why = events.ResyncReason.Name(message.resync.reason)
                raise ScenarioError(f"the watch could not be resumed: {why}")
            if message.event.kind == kind and domain_of(message.event.object) == NAME:
                print("watch:", events.EventKind.Name(kind))
                return

    def _call(self, method: Callable, request):
        return method(request, **self._address.call())

    def _refused(self, reason: str, method: Callable, request) -> ErrorInfo:
        """What Drover tells programs about the failure that was to be expected."""
        try:
            self._call(method, request)
        except grpc.RpcError as error:
            info = error_info(error)
            if info.reason != reason:
                raise
            return info
        raise ScenarioError(f"{reason} was to be expected, and the call succeeded")


class ScenarioError(Exception):
    """Something went otherwise than the scenario has it."""


def state_of(domain: domain_pb2.Domain) -> str:
    return domain_pb2.DomainState.Name(domain.status.state)


def domain_of(watched: events.WatchedObject) -> str:
    match watched.WhichOneof("object"):
        case "domain":
            return watched.domain.spec.name
        case "job":
            return watched.job.domain_name
        case "snapshot":
            return watched.snapshot.domain_name
        case _:
            return ""


def file_name(path: str) -> str:
    return PurePosixPath(path).name


def percent(progress: job_pb2.JobProgress) -> int:
    """A measure for people: READY is what says that a job can be completed."""
    return 100 * progress.offset_bytes // progress.total_bytes if progress.total_bytes else 0


def main(arguments: list[str]) -> int:
    if not 3 <= len(arguments) <= 4:
        print("usage: scenario.py TARGET DRIVER-URI IMAGE [PKI-DIRECTORY]", file=sys.stderr)
        return 2
    target, driver, image, *pki = arguments
    address = Address(target, driver, Path(pki[0]) if pki else None, time.monotonic() + PATIENCE)
    try:
        with address.connect() as channel, Watch(address) as watch:
            Scenario(address, channel, watch).run(image)
    except grpc.RpcError as error:
        print(f"error: {error_info(error).reason or error.code().name}: {error.details()}", file=sys.stderr)
        return 1
    except (OSError, ScenarioError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
