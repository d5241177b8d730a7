//! Makes the API's messages and clients from the proto files, into Cargo's own directory.

use std::error::Error;

const PROTOS: &str = "../../proto/src/main/proto";
// The parts of google.rpc that Drover's files import.
const GOOGLE: &str = "../proto";

fn main() -> Result<(), Box<dyn Error>> {
    let services = ["domain", "snapshot", "block", "job", "event"]
        .map(|service| format!("drover/v1/{service}_service.proto"));
    let files = protox::compile(services, [PROTOS, GOOGLE])?;
    tonic_prost_build::configure()
        .build_server(false)
        .include_file("api.rs")
        .compile_fds(files)?;
    println!("cargo::rerun-if-changed={PROTOS}");
    println!("cargo::rerun-if-changed={GOOGLE}");
    Ok(())
}
