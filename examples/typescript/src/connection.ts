// How the daemon is reached, and how its calls and errors look to the rest of the program.

import {
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  type ClientUnaryCall,
  credentials,
  type Interceptor,
  InterceptingCall,
  type requestCallback,
  type ServiceError,
} from '@grpc/grpc-js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readErrorInfo, readStatus } from './api.js';
import type { ErrorInfo__Output as ErrorInfo } from './gen/google/rpc/ErrorInfo.js';

/** Where the daemon is, and which of its drivers calls go to. */
export interface Address {
  /** "unix:///path", or "host:port" for TLS. */
  target: string;
  /** For example "qemu:///session". */
  driver: string;
  /**
   * The directory with ca.pem, client.pem and client.key; undefined for a unix socket, where the kernel tells the daemon
   * who calls.
   */
  pki: string | undefined;
  /** When the last call has to have ended. */
  deadline: Date;
}

/**
 * Makes a client of one service, which connects with its first call. Clients of one target share a connection; one with
 * `ownConnection` does not.
 */
export function connect<C extends Client>(
  Service: new (target: string, credentials: ChannelCredentials, options: ClientOptions) => C,
  address: Address,
  { ownConnection = false } = {},
): C {
  return new Service(
    address.target,
    address.pki === undefined ? credentials.createInsecure() : mutualTls(address.pki),
    {
      interceptors: [forDriver(address)],
      'grpc.use_local_subchannel_pool': ownConnection ? 1 : 0,
    },
  );
}

/** Believes the authority's daemons and shows them this client's certificate. */
function mutualTls(pki: string): ChannelCredentials {
  const read = (name: string) => readFileSync(join(pki, name));
  return credentials.createSsl(read('ca.pem'), read('client.key'), read('client.pem'));
}

/** Adds to each call the driver it is for, and the deadline. */
function forDriver({ driver, deadline }: Address): Interceptor {
  return (options, next) =>
    new InterceptingCall(next({ ...options, deadline }), {
      start(metadata, listener, proceed) {
        metadata.set('drover-uri', driver);
        proceed(metadata, listener);
      },
    });
}

/** Calls one method of a client: `await call(domains, domains.startDomain, { domain })`. */
export function call<Request, Response>(
  client: Client,
  method: (request: Request, callback: requestCallback<Response>) => ClientUnaryCall,
  request: Request,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    method.call(client, request, (error, response) => {
      if (error) reject(error);
      else resolve(response as Response);
    });
  });
}

export function isCallError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'metadata' in error;
}

/** What Drover tells programs about a failed call; undefined where something else has failed. */
export function errorInfo(error: unknown): ErrorInfo | undefined {
  const trailer = isCallError(error) ? error.metadata.get('grpc-status-details-bin')[0] : undefined;
  if (!Buffer.isBuffer(trailer)) return undefined;
  for (const detail of readStatus(trailer).details) {
    if ('value' in detail && detail.type_url === 'type.googleapis.com/google.rpc.ErrorInfo') {
      return readErrorInfo(detail.value as Buffer);
    }
  }
  return undefined;
}
