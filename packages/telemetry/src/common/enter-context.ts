import type { Context } from '@opentelemetry/api';
import { processWide } from './process-wide.ts';

/** A context manager that can make a context active in the rest of the running callback. */
interface Entering {
  attach(entered: Context): { dispose(): void };
}

/** tsx loads the parts that a process needs late as a copy. */
const manager = processWide<Entering | undefined>('context manager 1', undefined);

/** Names the registered context manager of this process. */
export function enterBy(registered: Entering | undefined): void {
  manager.value = registered;
}

/**
 * Makes a context active in the rest of the running callback, and in everything that the callback starts.
 *
 * @returns how to make the earlier context active again
 */
export function enterContext(entered: Context): { dispose(): void } | undefined {
  return manager.value?.attach(entered);
}
