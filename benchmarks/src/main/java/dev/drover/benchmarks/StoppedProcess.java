package dev.drover.benchmarks;

/** A QEMU that the kernel does not run: its process is stopped. */
final class StoppedProcess implements Hang {

  private final String domain;
  private final Suspension process;

  /** Of this domain, run by this process. */
  StoppedProcess(String domain, long process) {
    this.domain = domain;
    this.process = new Suspension(process);
  }

  @Override
  public String title() {
    return "QEMU stopped by SIGSTOP";
  }

  @Override
  public String domain() {
    return domain;
  }

  @Override
  public void begin() {
    process.stop();
  }

  @Override
  public void end() {
    process.go();
  }

  @Override
  public void close() {
    end();
  }
}
