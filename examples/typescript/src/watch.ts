// A stream of events that goes on over broken connections.

import { type ClientReadableStream, Metadata, status } from '@grpc/grpc-js';
import { v1 } from './api.js';
import { type Address, connect, isCallError } from './connection.js';
import type { EventServiceClient } from './gen/drover/v1/EventService.js';
import type { WatchResponse__Output as WatchResponse } from './gen/drover/v1/WatchResponse.js';

interface Open {
  client: EventServiceClient;
  stream: ClientReadableStream<WatchResponse>;
  messages: AsyncIterator<WatchResponse>;
}

/**
 * Opens itself again after the revision received last, so that nothing is missed and nothing comes twice. It has a
 * connection of its own.
 */
export class Watch {
  #revision = '0';
  #open: Open | undefined;

  constructor(private readonly address: Address) {}

  /**
   * Waits for the next message, and for a daemon that is not to be reached, until the address' deadline. A resync among
   * the messages says that the caller has to throw away what it knows.
   */
  async next(): Promise<WatchResponse> {
    for (;;) {
      this.#open ??= this.#connect();
      try {
        const { value, done } = await this.#open.messages.next();
        if (done) throw new Error('the daemon has ended the watch');
        this.#revision = value.revision;
        return value;
      } catch (error) {
        this.cut();
        if (!isCallError(error) || error.code !== status.UNAVAILABLE) throw error;
      }
    }
  }

  /** Closes the connection. */
  cut(): void {
    this.#open?.stream.cancel();
    this.#open?.client.close();
    this.#open = undefined;
  }

  #connect(): Open {
    const client = connect(v1.EventService, this.address, { ownConnection: true });
    // waitForReady: until there is a daemon to be reached.
    const stream = client.watch({ resumeRevision: this.#revision }, new Metadata({ waitForReady: true }));
    // Who reads the messages gets the error; without a listener one that nobody reads would end the program.
    stream.on('error', () => {});
    return { client, stream, messages: stream[Symbol.asyncIterator]() };
  }
}
