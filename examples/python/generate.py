"""Makes the API's messages and stubs, the package drover.v1, beside this file."""

import shutil
import sys
from importlib.resources import files
from pathlib import Path

from google.rpc import status_pb2
from grpc_tools import protoc

HERE = Path(__file__).resolve().parent
PROTOS = HERE.parent.parent / "proto/src/main/proto"
# The packages bring the proto files of google.rpc and google.protobuf, which Drover's import.
GOOGLE_RPC = Path(status_pb2.__file__).parents[2]
GOOGLE_PROTOBUF = files("grpc_tools") / "_proto"

shutil.rmtree(HERE / "drover", ignore_errors=True)
sys.exit(
    protoc.main(
        [
            "protoc",
            f"--proto_path={PROTOS}",
            f"--proto_path={GOOGLE_RPC}",
            f"--proto_path={GOOGLE_PROTOBUF}",
            f"--python_out={HERE}",
            f"--pyi_out={HERE}",
            f"--grpc_python_out={HERE}",
            *(str(file) for file in sorted(PROTOS.glob("drover/v1/*.proto"))),
        ]
    )
)
