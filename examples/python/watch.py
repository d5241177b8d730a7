"""A stream of events that goes on over broken connections."""

import grpc

from connection import Address
from drover.v1 import event_service_pb2 as events
from drover.v1 import event_service_pb2_grpc


class Watch:
    """Opens itself again after the revision received last, so that nothing is missed and nothing comes twice.

    It has a connection of its own.
    """

    def __init__(self, address: Address):
        self._address = address
        self._request = events.WatchRequest()
        self._channel = None
        self._stream = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    def next(self) -> events.WatchResponse:
        """Waits for the next message, and for a daemon that is not to be reached, until the address' deadline.

        A Resync among the messages says that the caller has to throw away what it knows.
        """
        while True:
            if self._stream is None:
                self._open()
            try:
                message = next(self._stream)
            except grpc.RpcError as error:
                self._stream = None
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
            else:
                self._request.resume_revision = message.revision
                return message

    def cut(self):
        """Closes the connection."""
        if self._channel is not None:
            self._channel.close()
        self._channel = self._stream = None

    def _open(self):
        if self._channel is None:
            self._channel = self._address.connect()
        service = event_service_pb2_grpc.EventServiceStub(self._channel)
        # wait_for_ready: until there is a daemon to be reached.
        self._stream = service.Watch(self._request, wait_for_ready=True, **self._address.call())
