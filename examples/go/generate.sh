#!/usr/bin/env bash
# Makes gen/droverv1 from the proto files, with the plugins that go.mod names. Called by `go generate`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
protos=../../proto/src/main/proto
module=drover.dev/examples/go

# The files name a package of Drover's own module; here the code becomes a package of this one.
options=("module=$module")
files=()
for file in "$protos"/drover/v1/*.proto; do
  files+=("${file#"$protos/"}")
  options+=("M${files[-1]}=$module/gen/droverv1")
done

rm -rf gen
protoc --proto_path="$protos" --proto_path=../proto \
  --plugin="$(go tool -n protoc-gen-go)" --plugin="$(go tool -n protoc-gen-go-grpc)" \
  --go_out=. "${options[@]/#/--go_opt=}" --go-grpc_out=. "${options[@]/#/--go-grpc_opt=}" \
  "${files[@]}"
