// The API: read from the proto files when the program starts, with the types that `npm run generate` makes of them.

import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import { join } from 'node:path';
import type { ProtoGrpcType as Block } from './gen/block_service.js';
import type { ProtoGrpcType as Domain } from './gen/domain_service.js';
import type { ProtoGrpcType as Event } from './gen/event_service.js';
import type { ErrorInfo__Output as ErrorInfo } from './gen/google/rpc/ErrorInfo.js';
import type { Status__Output as Status } from './gen/google/rpc/Status.js';
import type { ProtoGrpcType as Job } from './gen/job_service.js';
import type { ProtoGrpcType as Snapshot } from './gen/snapshot_service.js';

const examples = join(import.meta.dirname, '../..');
const services = ['domain', 'snapshot', 'block', 'job', 'event'].map((name) => `drover/v1/${name}_service.proto`);

const definition = loadSync([...services, 'google/rpc/status.proto', 'google/rpc/error_details.proto'], {
  includeDirs: [join(examples, '../proto/src/main/proto'), join(examples, 'proto')],
  // As package.json has it for the types.
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
});

/** The services of drover.v1. */
export const { v1 } = (loadPackageDefinition(definition) as unknown as Domain & Snapshot & Block & Job & Event).drover;

/** Reads the bytes of a google.rpc.Status. */
export const readStatus = (definition['google.rpc.Status'] as MessageTypeDefinition<object, Status>).deserialize;

/** Reads the bytes of a google.rpc.ErrorInfo. */
export const readErrorInfo = (definition['google.rpc.ErrorInfo'] as MessageTypeDefinition<object, ErrorInfo>)
  .deserialize;
