#include "watch.h"

drover::v1::WatchResponse Watch::Next() {
  for (;;) {
    if (!stream_) Open();
    drover::v1::WatchResponse message;
    if (stream_->Read(&message)) {
      request_.set_resume_revision(message.revision());
      return message;
    }
    const grpc::Status status = Close();
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE) throw CallFailed(status);
  }
}

void Watch::Open() {
  if (!channel_) channel_ = Connect(address_);
  context_ = NewContext(address_);
  // Until there is a daemon to be reached.
  context_->set_wait_for_ready(true);
  stream_ = drover::v1::EventService::NewStub(channel_)->Watch(context_.get(), request_);
}

grpc::Status Watch::Close() {
  const grpc::Status status = stream_->Finish();
  stream_.reset();
  context_.reset();
  return status;
}

void Watch::Cut() {
  if (stream_) {
    context_->TryCancel();
    drover::v1::WatchResponse unread;
    while (stream_->Read(&unread)) {
    }
    Close();
  }
  channel_.reset();
}
