import type { Attributes } from '@opentelemetry/api';
import { processWide } from './process-wide.ts';

/** Finds lines of code in this process, where TRACE_CODE_LOCATIONS asks for them. */
export interface CodeLines {
  /** The folder that paths are relative to. */
  readonly folder: string;
  /**
   * Replaces `query` and `connect` of a class of pools, which publishes nothing, so that its statements know the line that asked, and
   * those that wait for a connection who holds one. Comes before OpenTelemetry's instrumentation, whose spans they need.
   */
  notePool(pool: { readonly prototype: PoolLike }): void;
  /** File and function of an error whose stack names a line that the file does not have; nothing for any other stack. */
  placeWithoutLine?(stack: string): Attributes;
}

/** The replaced and read parts of a pool of pg. */
export interface PoolLike {
  query(...args: unknown[]): unknown;
  connect(...args: unknown[]): unknown;
  on(event: 'acquire' | 'remove', listener: (client: object) => void): unknown;
  readonly options: { readonly max?: number };
  /** How many connections nobody uses. */
  readonly idleCount: number;
}

/** Undefined where nobody asks for lines. */
export const codeLines = processWide<CodeLines | undefined>('code lines 2', undefined);
