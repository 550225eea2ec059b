import { processWide } from './process-wide.ts';

/** Finds lines of code in this process, where TRACE_CODE_LOCATIONS asks for them. */
export interface CodeLines {
  /** The folder that paths are relative to. */
  readonly folder: string;
  /** Replaces `query` of a class of pools, which publishes nothing, so that its statements know the line that asked. */
  notePool(pool: { readonly prototype: PoolLike }): void;
}

/** The replaced part of a pool of pg. */
export interface PoolLike {
  query(...args: unknown[]): unknown;
}

/** Undefined where nobody asks for lines. */
export const codeLines = processWide<CodeLines | undefined>('code lines 2', undefined);
