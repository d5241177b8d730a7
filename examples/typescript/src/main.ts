// Takes one domain through its life on a Drover daemon, as a client that knows nothing but the proto files: define,
// start, snapshot, active commit with a pivot, a watch over a broken connection, an error, and away with it all.
//
// What happens is printed on standard output, how far the commit is on standard error.

import { basename } from 'node:path';
import { v1 } from './api.js';
import { type Address, call, connect, errorInfo } from './connection.js';
import type { Domain__Output as Domain } from './gen/drover/v1/Domain.js';
import type { DomainSpec } from './gen/drover/v1/DomainSpec.js';
import type { EventKind } from './gen/drover/v1/EventKind.js';
import type { Job__Output as Job } from './gen/drover/v1/Job.js';
import type { JobProgress__Output as JobProgress } from './gen/drover/v1/JobProgress.js';
import type { WatchJobResponse__Output as WatchJobResponse } from './gen/drover/v1/WatchJobResponse.js';
import type { WatchedObject__Output as WatchedObject } from './gen/drover/v1/WatchedObject.js';
import type { ErrorInfo__Output as ErrorInfo } from './gen/google/rpc/ErrorInfo.js';
import { Watch } from './watch.js';

const name = 'example';
const disk = 'vda';
const domain = { name };
/** The whole scenario has to end in this time. */
const patienceMillis = 180_000;

class Scenario {
  readonly #domains;
  readonly #snapshots;
  readonly #blocks;
  readonly #jobs;
  readonly #watch;

  constructor(address: Address) {
    this.#domains = connect(v1.DomainService, address);
    this.#snapshots = connect(v1.SnapshotService, address);
    this.#blocks = connect(v1.BlockService, address);
    this.#jobs = connect(v1.JobService, address);
    this.#watch = new Watch(address);
  }

  async run(image: string): Promise<void> {
    await this.#awaitState();
    await this.#define(image);
    await this.#start();
    await this.#snapshotUnwatched();
    await this.#startAgain();
    await this.#commit();
    await this.#tidyUp();
  }

  close(): void {
    this.#watch.cut();
    for (const client of [this.#domains, this.#snapshots, this.#blocks, this.#jobs]) client.close();
  }

  /** Stores the domain, and stores what was read back, which changes nothing. */
  async #define(image: string): Promise<void> {
    const spec: DomainSpec = {
      name,
      memoryBytes: 64 << 20,
      disks: [{ target: disk, source: { path: image, format: 'IMAGE_FORMAT_QCOW2' } }],
    };
    const { domain: defined } = await call(this.#domains, this.#domains.defineDomain, { spec });
    console.log(`define: example is ${stateOf(defined)}`);
    const { domain: again } = await call(this.#domains, this.#domains.defineDomain, {
      spec: defined?.spec,
      etag: defined?.etag,
    });
    if (again?.etag !== defined?.etag) throw new Error('a definition with what was read has changed something');
    console.log('define again: nothing changed');
    await this.#await('EVENT_KIND_DOMAIN_DEFINED');
  }

  async #start(): Promise<void> {
    const started = await call(this.#domains, this.#domains.startDomain, { domain });
    console.log(`start: example is ${stateOf(started.domain)}`);
    await this.#await('EVENT_KIND_DOMAIN_STARTED');
  }

  /** Makes a snapshot while the watch has no connection: the event is there when it has one again. */
  async #snapshotUnwatched(): Promise<void> {
    this.#watch.cut();
    console.log('watch: connection cut');
    const made = await call(this.#snapshots, this.#snapshots.createSnapshot, { domain, name: 'before' });
    for (const { target, overlay, frozen } of made.snapshot?.disks ?? []) {
      console.log(
        `snapshot before: ${target} goes on in ${basename(overlay?.path ?? '')}, ` +
          `${basename(frozen?.path ?? '')} keeps the moment`,
      );
    }
    await this.#await('EVENT_KIND_SNAPSHOT_CREATED');
  }

  /** Is refused, and says why in words for a program. */
  async #startAgain(): Promise<void> {
    const refusal = await refused('DOMAIN_ALREADY_RUNNING', call(this.#domains, this.#domains.startDomain, { domain }));
    console.log(`start again: ${refusal.reason}, domain ${refusal.metadata['domain']}`);
  }

  /** Moves all that lies above the base into the base, while the domain runs, and pivots to it. */
  async #commit(): Promise<void> {
    const started = await call(this.#blocks, this.#blocks.blockCommit, { domain, disk, active: true, delete: true });
    const images = started.job?.request;
    console.log(`commit: ${started.job?.kind} of ${basename(images?.top ?? '')} into ${basename(images?.base ?? '')}`);
    const ready = await this.#awaitReady(started.job?.id ?? '');
    console.log(`commit: ${ready.state}, ${percent(ready.progress)} %`);
    const ended = await call(this.#jobs, this.#jobs.completeJob, {
      jobId: ready.id,
      completion: 'JOB_COMPLETION_PIVOT',
    });
    console.log(`pivot: ${ended.job?.state}`);
    await this.#await('EVENT_KIND_JOB_STATE_CHANGED');
    const { chain } = await call(this.#blocks, this.#blocks.getBackingChain, { domain, disk });
    for (const { index, path } of chain?.images ?? []) console.log(`chain: ${disk}[${index}] is ${basename(path)}`);
  }

  /** Follows the job until base and overlay are equal and kept so. */
  async #awaitReady(jobId: string): Promise<Job> {
    let last: Job | null = null;
    const changes = this.#jobs.watchJob({ jobId });
    for await (const { job } of changes as AsyncIterable<WatchJobResponse>) {
      last = job;
      console.error(`${job?.state}: ${job?.progress?.offsetBytes} of ${job?.progress?.totalBytes} bytes`);
      if (job?.state === 'JOB_STATE_READY') {
        // The stream would go on until the job has ended.
        changes.on('error', () => {}).cancel();
        return job;
      }
    }
    throw new Error(`the commit ended as ${last?.state}: ${last?.error?.message}`);
  }

  async #tidyUp(): Promise<void> {
    const destroyed = await call(this.#domains, this.#domains.destroyDomain, { domain });
    console.log(`destroy: example is ${stateOf(destroyed.domain)}`);
    await call(this.#domains, this.#domains.undefineDomain, { domain, snapshotsMetadata: true });
    await this.#await('EVENT_KIND_DOMAIN_REMOVED');
    const refusal = await refused('DOMAIN_NOT_FOUND', call(this.#domains, this.#domains.getDomain, { domain }));
    console.log(`get: ${refusal.reason}`);
  }

  /** Reads the state with which a watch begins. Who shows domains to people would keep it. */
  async #awaitState(): Promise<void> {
    while (!(await this.#watch.next()).bookmark?.stateComplete);
    console.log('watch: state complete');
  }

  /** Reads the watch until this has happened to the scenario's domain. */
  async #await(kind: EventKind): Promise<void> {
    for (;;) {
      const { resync, event } = await this.#watch.next();
      if (resync) throw new Error(`the watch could not be resumed: ${resync.reason}`);
      if (event?.kind === kind && domainOf(event.object) === name) {
        console.log(`watch: ${kind}`);
        return;
      }
    }
  }
}

/** What Drover tells programs about the failure that was to be expected. */
async function refused(reason: string, answer: Promise<unknown>): Promise<ErrorInfo> {
  try {
    await answer;
  } catch (error) {
    const info = errorInfo(error);
    if (info?.reason !== reason) throw error;
    return info;
  }
  throw new Error(`${reason} was to be expected, and the call succeeded`);
}

function stateOf(domain: Domain | null): string {
  return domain?.status?.state ?? '';
}

function domainOf(watched: WatchedObject | null): string | undefined {
  return watched?.domain?.spec?.name ?? watched?.job?.domainName ?? watched?.snapshot?.domainName;
}

/** A measure for people: READY is what says that a job can be completed. Numbers of 64 bits come as strings. */
function percent(progress: JobProgress | null): bigint {
  const total = BigInt(progress?.totalBytes ?? 0);
  return total === 0n ? 0n : (100n * BigInt(progress?.offsetBytes ?? 0)) / total;
}

async function main(): Promise<number> {
  const [target, driver, image, pki, ...rest] = process.argv.slice(2);
  if (target === undefined || driver === undefined || image === undefined || rest.length > 0) {
    console.error('usage: node target/main.js TARGET DRIVER-URI IMAGE [PKI-DIRECTORY]');
    return 2;
  }
  const scenario = new Scenario({ target, driver, pki, deadline: new Date(Date.now() + patienceMillis) });
  try {
    await scenario.run(image);
    return 0;
  } catch (error) {
    const reason = errorInfo(error)?.reason;
    console.error(
      `error: ${reason === undefined ? '' : `${reason}: `}${error instanceof Error ? error.message : error}`,
    );
    return 1;
  } finally {
    scenario.close();
  }
}

process.exitCode = await main();
