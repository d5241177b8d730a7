// How the daemon is reached: a unix socket, or TCP in mutual TLS.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "google/rpc/error_details.pb.h"

// Where the daemon is, and which of its drivers calls go to.
struct Address {
  // "unix:///path", or "host:port" for TLS.
  std::string target;
  // For example "qemu:///session".
  std::string driver;
  // The directory with ca.pem, client.pem and client.key; none for a unix socket, where the kernel tells the daemon who
  // calls.
  std::optional<std::filesystem::path> pki;
  // When the last call has to have ended.
  std::chrono::system_clock::time_point deadline;
};

// Makes a channel, which connects with its first call. Channels to one target share a connection otherwise; this one
// has its own.
std::shared_ptr<grpc::Channel> Connect(const Address& address);

// What each call needs: the driver, as metadata, and the deadline. A context is for one call.
std::unique_ptr<grpc::ClientContext> NewContext(const Address& address);

// A call that failed. info() is what Drover tells programs; empty where something else has failed.
class CallFailed : public std::runtime_error {
 public:
  explicit CallFailed(const grpc::Status& status);
  const google::rpc::ErrorInfo& info() const { return info_; }

 private:
  google::rpc::ErrorInfo info_;
};

// Calls one method of a stub and answers the response, or throws CallFailed:
// Call(address, *domains, &v1::DomainService::Stub::StartDomain, request)
template <typename Stub, typename Request, typename Response>
Response Call(const Address& address, Stub& stub,
              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request) {
  Response response;
  const grpc::Status status = (stub.*method)(NewContext(address).get(), request, &response);
  if (!status.ok()) throw CallFailed(status);
  return response;
}
