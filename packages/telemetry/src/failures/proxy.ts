import http from 'node:http';
import https from 'node:https';

/** Of an agent: the variables by which it finds its proxy. Of Node's own they are set by NODE_USE_ENV_PROXY. */
export interface ProxyOptions {
  readonly proxyEnv?: NodeJS.ProcessEnv;
}

/** What an agent of ours has to be given so that it takes the way of Node's own: by way of a proxy where that is asked for. */
export function proxyOptions(url: string): ProxyOptions {
  const { globalAgent } = url.startsWith('https:') ? https : http;
  // Not among its types.
  const { proxyEnv } = (globalAgent as unknown as { readonly options: ProxyOptions }).options;
  return proxyEnv === undefined ? {} : { proxyEnv };
}

/** A sentence, after a space, for a failure of a request that may have gone by way of a proxy; else empty. */
export function proxyNote(url: string): string {
  const { proxyEnv } = proxyOptions(url);
  const name = url.startsWith('https:') ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  return (proxyEnv?.[name] ?? proxyEnv?.[name.toLowerCase()])
    ? ` It went by way of ${name}, unless NO_PROXY names its host.`
    : '';
}
