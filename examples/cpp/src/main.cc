// Takes one domain through its life on a Drover daemon, as a client that knows nothing but the proto files: define,
// start, snapshot, active commit with a pivot, a watch over a broken connection, an error, and away with it all.
//
// What happens is printed on standard output, how far the commit is on standard error.

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "connection.h"
#include "drover/v1/block_service.grpc.pb.h"
#include "drover/v1/domain_service.grpc.pb.h"
#include "drover/v1/job_service.grpc.pb.h"
#include "drover/v1/snapshot_service.grpc.pb.h"
#include "watch.h"

namespace v1 = drover::v1;

namespace {

constexpr char kName[] = "example";
constexpr char kDisk[] = "vda";
// The whole scenario has to end in this time.
constexpr std::chrono::minutes kPatience(3);

std::string FileName(const std::string& path) { return std::filesystem::path(path).filename(); }

std::string StateOf(const v1::Domain& domain) { return v1::DomainState_Name(domain.status().state()); }

std::string DomainOf(const v1::WatchedObject& object) {
  switch (object.object_case()) {
    case v1::WatchedObject::kDomain:
      return object.domain().spec().name();
    case v1::WatchedObject::kJob:
      return object.job().domain_name();
    case v1::WatchedObject::kSnapshot:
      return object.snapshot().domain_name();
    case v1::WatchedObject::OBJECT_NOT_SET:
      break;
  }
  return "";
}

// A measure for people: READY is what says that a job can be completed.
std::uint64_t Percent(const v1::JobProgress& progress) {
  return progress.total_bytes() == 0 ? 0 : 100 * progress.offset_bytes() / progress.total_bytes();
}

class Scenario {
 public:
  explicit Scenario(const Address& address) : address_(address), watch_(address) {
    const auto channel = Connect(address);
    domains_ = v1::DomainService::NewStub(channel);
    snapshots_ = v1::SnapshotService::NewStub(channel);
    blocks_ = v1::BlockService::NewStub(channel);
    jobs_ = v1::JobService::NewStub(channel);
  }

  void Run(const std::string& image) {
    AwaitState();
    Define(image);
    Start();
    SnapshotUnwatched();
    StartAgain();
    Commit();
    TidyUp();
  }

 private:
  // Stores the domain, and stores what was read back, which changes nothing.
  void Define(const std::string& image) {
    v1::DefineDomainRequest request;
    auto& spec = *request.mutable_spec();
    spec.set_name(kName);
    spec.set_memory_bytes(64 << 20);
    auto& disk = *spec.add_disks();
    disk.set_target(kDisk);
    disk.mutable_source()->set_path(image);
    disk.mutable_source()->set_format(v1::IMAGE_FORMAT_QCOW2);
    const v1::Domain defined = Call(address_, *domains_, &v1::DomainService::Stub::DefineDomain, request).domain();
    std::cout << "define: example is " << StateOf(defined) << std::endl;

    *request.mutable_spec() = defined.spec();
    request.set_etag(defined.etag());
    const v1::Domain again = Call(address_, *domains_, &v1::DomainService::Stub::DefineDomain, request).domain();
    if (again.etag() != defined.etag()) {
      throw std::runtime_error("a definition with what was read has changed something");
    }
    std::cout << "define again: nothing changed" << std::endl;
    Await(v1::EVENT_KIND_DOMAIN_DEFINED);
  }

  void Start() {
    v1::StartDomainRequest request;
    request.mutable_domain()->set_name(kName);
    const auto started = Call(address_, *domains_, &v1::DomainService::Stub::StartDomain, request);
    std::cout << "start: example is " << StateOf(started.domain()) << std::endl;
    Await(v1::EVENT_KIND_DOMAIN_STARTED);
  }

  // Makes a snapshot while the watch has no connection: the event is there when it has one again.
  void SnapshotUnwatched() {
    watch_.Cut();
    std::cout << "watch: connection cut" << std::endl;
    v1::CreateSnapshotRequest request;
    request.mutable_domain()->set_name(kName);
    request.set_name("before");
    const auto made = Call(address_, *snapshots_, &v1::SnapshotService::Stub::CreateSnapshot, request);
    for (const auto& disk : made.snapshot().disks()) {
      std::cout << "snapshot before: " << disk.target() << " goes on in " << FileName(disk.overlay().path()) << ", "
                << FileName(disk.frozen().path()) << " keeps the moment" << std::endl;
    }
    Await(v1::EVENT_KIND_SNAPSHOT_CREATED);
  }

  // Is refused, and says why in words for a program.
  void StartAgain() {
    v1::StartDomainRequest request;
    request.mutable_domain()->set_name(kName);
    const auto refusal =
        Refused("DOMAIN_ALREADY_RUNNING", *domains_, &v1::DomainService::Stub::StartDomain, request);
    std::cout << "start again: " << refusal.reason() << ", domain " << refusal.metadata().at("domain") << std::endl;
  }

  // Moves all that lies above the base into the base, while the domain runs, and pivots to it.
  void Commit() {
    v1::BlockCommitRequest request;
    request.mutable_domain()->set_name(kName);
    request.set_disk(kDisk);
    request.set_active(true);
    request.set_delete_(true);
    v1::Job job = Call(address_, *blocks_, &v1::BlockService::Stub::BlockCommit, request).job();
    std::cout << "commit: " << v1::JobKind_Name(job.kind()) << " of " << FileName(job.request().top()) << " into "
              << FileName(job.request().base()) << std::endl;
    job = AwaitReady(job);
    std::cout << "commit: " << v1::JobState_Name(job.state()) << ", " << Percent(job.progress()) << " %" << std::endl;

    v1::CompleteJobRequest completion;
    completion.set_job_id(job.id());
    completion.set_completion(v1::JOB_COMPLETION_PIVOT);
    job = Call(address_, *jobs_, &v1::JobService::Stub::CompleteJob, completion).job();
    std::cout << "pivot: " << v1::JobState_Name(job.state()) << std::endl;
    Await(v1::EVENT_KIND_JOB_STATE_CHANGED);

    v1::GetBackingChainRequest question;
    question.mutable_domain()->set_name(kName);
    question.set_disk(kDisk);
    const auto answer = Call(address_, *blocks_, &v1::BlockService::Stub::GetBackingChain, question);
    for (const auto& image : answer.chain().images()) {
      std::cout << "chain: " << kDisk << "[" << image.index() << "] is " << FileName(image.path()) << std::endl;
    }
  }

  // Follows the job until base and overlay are equal and kept so.
  v1::Job AwaitReady(v1::Job job) {
    v1::WatchJobRequest request;
    request.set_job_id(job.id());
    const auto context = NewContext(address_);
    const auto changes = jobs_->WatchJob(context.get(), request);
    v1::WatchJobResponse change;
    while (changes->Read(&change)) {
      job = change.job();
      std::cerr << v1::JobState_Name(job.state()) << ": " << job.progress().offset_bytes() << " of "
                << job.progress().total_bytes() << " bytes" << std::endl;
      if (job.state() == v1::JOB_STATE_READY) {
        // The stream would go on until the job has ended.
        context->TryCancel();
        return job;
      }
    }
    if (const grpc::Status status = changes->Finish(); !status.ok()) throw CallFailed(status);
    throw std::runtime_error("the commit ended as " + v1::JobState_Name(job.state()) + ": " + job.error().message());
  }

  void TidyUp() {
    v1::DestroyDomainRequest end;
    end.mutable_domain()->set_name(kName);
    const auto destroyed = Call(address_, *domains_, &v1::DomainService::Stub::DestroyDomain, end);
    std::cout << "destroy: example is " << StateOf(destroyed.domain()) << std::endl;
    v1::UndefineDomainRequest removal;
    removal.mutable_domain()->set_name(kName);
    removal.set_snapshots_metadata(true);
    Call(address_, *domains_, &v1::DomainService::Stub::UndefineDomain, removal);
    Await(v1::EVENT_KIND_DOMAIN_REMOVED);
    v1::GetDomainRequest question;
    question.mutable_domain()->set_name(kName);
    const auto refusal = Refused("DOMAIN_NOT_FOUND", *domains_, &v1::DomainService::Stub::GetDomain, question);
    std::cout << "get: " << refusal.reason() << std::endl;
  }

  // What Drover tells programs about the failure that was to be expected.
  template <typename Stub, typename Method, typename Request>
  google::rpc::ErrorInfo Refused(const std::string& reason, Stub& stub, Method method, const Request& request) {
    try {
      Call(address_, stub, method, request);
    } catch (const CallFailed& refusal) {
      if (refusal.info().reason() != reason) throw;
      return refusal.info();
    }
    throw std::runtime_error(reason + " was to be expected, and the call succeeded");
  }

  // Reads the state with which a watch begins. Who shows domains to people would keep it.
  void AwaitState() {
    while (!watch_.Next().bookmark().state_complete()) {
    }
    std::cout << "watch: state complete" << std::endl;
  }

  // Reads the watch until this has happened to the scenario's domain.
  void Await(v1::EventKind kind) {
    for (;;) {
      const v1::WatchResponse message = watch_.Next();
      if (message.has_resync()) {
        throw std::runtime_error("the watch could not be resumed: " +
                                 v1::ResyncReason_Name(message.resync().reason()));
      }
      if (message.event().kind() == kind && DomainOf(message.event().object()) == kName) {
        std::cout << "watch: " << v1::EventKind_Name(kind) << std::endl;
        return;
      }
    }
  }

  const Address& address_;
  std::unique_ptr<v1::DomainService::Stub> domains_;
  std::unique_ptr<v1::SnapshotService::Stub> snapshots_;
  std::unique_ptr<v1::BlockService::Stub> blocks_;
  std::unique_ptr<v1::JobService::Stub> jobs_;
  Watch watch_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) {
    std::cerr << "usage: scenario TARGET DRIVER-URI IMAGE [PKI-DIRECTORY]" << std::endl;
    return 2;
  }
  Address address{argv[1], argv[2], std::nullopt, std::chrono::system_clock::now() + kPatience};
  if (argc == 5) address.pki = argv[4];
  try {
    Scenario(address).Run(argv[3]);
    return 0;
  } catch (const CallFailed& failure) {
    std::cerr << "error: " << failure.info().reason() << ": " << failure.what() << std::endl;
  } catch (const std::exception& failure) {
    std::cerr << "error: " << failure.what() << std::endl;
  }
  return 1;
}
