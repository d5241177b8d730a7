"""How the daemon is reached: a unix socket, or TCP in mutual TLS."""

import time
from dataclasses import dataclass
from pathlib import Path

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status


@dataclass(frozen=True)
class Address:
    """Where the daemon is, and which of its drivers calls go to."""

    # "unix:///path", or "host:port" for TLS.
    target: str
    # For example "qemu:///session".
    driver: str
    # The directory with ca.pem, client.pem and client.key; None for a unix socket, where the kernel tells the daemon who
    # calls.
    pki: Path | None
    # The value of time.monotonic() at which the last call has to have ended.
    deadline: float

    def connect(self) -> grpc.Channel:
        """Makes a channel, which connects with its first call.

        Channels to one target share a connection otherwise; this one has its own.
        """
        options = [("grpc.use_local_subchannel_pool", 1)]
        if self.pki is None:
            return grpc.insecure_channel(self.target, options)
        credentials = grpc.ssl_channel_credentials(
            root_certificates=(self.pki / "ca.pem").read_bytes(),
            private_key=(self.pki / "client.key").read_bytes(),
            certificate_chain=(self.pki / "client.pem").read_bytes(),
        )
        return grpc.secure_channel(self.target, credentials, options)

    def call(self) -> dict:
        """What each call is given: the driver, as metadata, and what is left of the time."""
        left = max(0.0, self.deadline - time.monotonic())
        return {"metadata": (("drover-uri", self.driver),), "timeout": left}


def error_info(error: grpc.RpcError) -> error_details_pb2.ErrorInfo:
    """What Drover tells programs about a failed call; empty where something else has failed."""
    info = error_details_pb2.ErrorInfo()
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        if detail.Unpack(info):
            break
    return info
