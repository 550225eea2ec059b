// For writing other objects as messages: field tables and writer. For a request that is too large: its halves.
export * from '../fields/common.ts';
export * from '../fields/logs.ts';
export * from '../fields/resource.ts';
export * from '../fields/trace.ts';
export * from '../fields/trace-service.ts';
export { writePlainAttributes } from './encode-plain-attributes.ts';
export type { RequestPart } from './halves.ts';
export { halvesOf } from './halves.ts';
export { ProtobufWriter, varintSize } from './writer.ts';
