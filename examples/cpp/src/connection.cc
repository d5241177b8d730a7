#include "connection.h"

#include <fstream>
#include <sstream>

#include "google/rpc/status.pb.h"

namespace {

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream contents;
  if (!(contents << file.rdbuf())) throw std::runtime_error("cannot read " + path.string());
  return contents.str();
}

// Believes the authority's daemons and shows them this client's certificate.
std::shared_ptr<grpc::ChannelCredentials> MutualTls(const std::filesystem::path& pki) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = Read(pki / "ca.pem");
  options.pem_cert_chain = Read(pki / "client.pem");
  options.pem_private_key = Read(pki / "client.key");
  return grpc::SslCredentials(options);
}

// The trailer "grpc-status-details-bin" holds a google.rpc.Status, whose details hold the ErrorInfo.
google::rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) {
      if (detail.UnpackTo(&info)) return info;
    }
  }
  return {};
}

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const Address& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto credentials = address.pki ? MutualTls(*address.pki) : grpc::InsecureChannelCredentials();
  return grpc::CreateCustomChannel(address.target, credentials, arguments);
}

std::unique_ptr<grpc::ClientContext> NewContext(const Address& address) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->AddMetadata("drover-uri", address.driver);
  context->set_deadline(address.deadline);
  return context;
}

CallFailed::CallFailed(const grpc::Status& status) : std::runtime_error(status.error_message()), info_(InfoOf(status)) {}
