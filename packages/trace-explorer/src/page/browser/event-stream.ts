import { pageSettings } from './settings.ts';

/** Milliseconds between a refused connection and the next attempt. */
const RETRY_MS = 2000;

/**
 * Listens to a stream of server-sent events. A browser reconnects by itself after a lost connection, but not after a refused
 * one. A server refuses connections while it starts, so this function connects again.
 *
 * @param path the path of each new connection; the browser's own reconnections keep the last one
 * @param handlers called with the data of each kind of event
 * @param onError called when the connection is lost, with whether it was refused
 * @returns a function that ends the stream
 */
export function listenTo(
  path: () => string,
  handlers: Readonly<Record<string, (data: never) => void>>,
  onError: (isRefused: boolean) => void = () => {},
): () => void {
  if (pageSettings.saved !== undefined) return () => {};
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout>;
  const connect = () => {
    source = new EventSource(path());
    for (const [name, handle] of Object.entries(handlers))
      source.addEventListener(name, ({ data }) => handle(JSON.parse(data) as never));
    source.addEventListener('error', () => {
      const isRefused = source.readyState === EventSource.CLOSED;
      if (isRefused) timer = setTimeout(connect, RETRY_MS);
      onError(isRefused);
    });
  };
  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
