// A stream of events that goes on over broken connections.
#pragma once

#include <memory>

#include "connection.h"
#include "drover/v1/event_service.grpc.pb.h"

// Opens itself again after the revision received last, so that nothing is missed and nothing comes twice. It has a
// connection of its own.
class Watch {
 public:
  explicit Watch(const Address& address) : address_(address) {}
  ~Watch() { Cut(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Waits for the next message, and for a daemon that is not to be reached, until the address' deadline. A Resync among
  // the messages says that the caller has to throw away what it knows. Throws CallFailed.
  drover::v1::WatchResponse Next();

  // Closes the connection.
  void Cut();

 private:
  void Open();
  grpc::Status Close();

  const Address& address_;
  drover::v1::WatchRequest request_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<drover::v1::WatchResponse>> stream_;
};
