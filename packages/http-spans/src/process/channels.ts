import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Subscribes to diagnostics channels by name, also to future channels. Returns how to unsubscribe. */
export function listenTo<M>(listeners: Readonly<Record<string, (message: M) => void>>): () => void {
  const all = Object.entries(listeners) as [string, (message: unknown) => void][];
  for (const [name, listener] of all) subscribe(name, listener);
  return () => {
    for (const [name, listener] of all) unsubscribe(name, listener);
  };
}
