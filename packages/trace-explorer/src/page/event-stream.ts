import { settings } from './shell/settings.ts';

/** Milliseconds after which a connection that was refused is tried again. */
const RETRY_MS = 2000;

/**
 * Listens to a stream of server-sent events. A browser connects again by itself when a connection was cut, and gives up when
 * it is refused, as a server does while it starts: then it is asked again.
 *
 * @param path asked for each connection that is not the browser's own second one
 * @param handlers called with the data of each kind of event
 * @param onError called when the connection is lost, with whether it was refused
 * @returns ends it
 */
export function listenTo(
  path: () => string,
  handlers: Readonly<Record<string, (data: never) => void>>,
  onError: (isRefused: boolean) => void = () => {},
): () => void {
  if (settings.savedTraceId !== undefined) return () => {};
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
