import type { Context } from '@opentelemetry/api';
import { processWide } from './process-wide.ts';

/** Finds lines of code in this process, where TRACE_CODE_LOCATIONS asks for them. */
export interface CodeLines {
  /** The folder that paths are relative to. */
  readonly folder: string;
  /** A context that knows the line that asks a pool of connections. Later the pool's callback starts a statement in it. */
  asking(active: Context): Context;
  /** Replaces `query` of a class of pools, which publishes nothing, so that its statements know the line that asked. */
  notePool(pool: { readonly prototype: PoolLike }): void;
}

/** The replaced part of a pool of pg. */
export interface PoolLike {
  query(...args: unknown[]): unknown;
}

/** Undefined where nobody asks for lines. `run` reads it by this name, too. */
export const codeLines = processWide<CodeLines | undefined>('code lines 1', undefined);
