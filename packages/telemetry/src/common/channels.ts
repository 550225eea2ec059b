import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { quietly } from './quietly.ts';

/**
 * Subscribes to diagnostics channels by name, also to future channels. Node makes an uncaught exception of a listener's error.
 * Returns how to unsubscribe.
 */
export function listenTo<M>(listeners: Readonly<Record<string, (message: M) => void>>): () => void {
  const all = Object.entries(listeners).map(
    ([name, listener]) => [name, (message: unknown) => quietly(() => listener(message as M))] as const,
  );
  for (const [name, listener] of all) subscribe(name, listener);
  return () => {
    for (const [name, listener] of all) unsubscribe(name, listener);
  };
}
