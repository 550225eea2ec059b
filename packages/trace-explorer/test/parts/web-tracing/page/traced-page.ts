import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Test } from 'tap';
import { startPair } from '../../../../../../test/helpers/pair.ts';
import { freePort } from '../../../../../../test/helpers/processes.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { buildExplorer } from '../../../../src/app.ts';
import { buildReceiver } from '../../../../src/core/receiver/build-receiver.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { openBrowser } from '../../../page/browser.ts';
import { openFirefox } from '../../../page/firefox.ts';
import { temporaryStore } from '../../../spans.ts';

/** A tab of any browser. */
export interface AnyTab {
  goto(url: string): Promise<unknown>;
  /** The value of an expression in the page; a promise is awaited. Only strings, numbers and booleans. */
  evaluate(expression: string): Promise<unknown>;
  /** All that the console said. */
  readonly lines: string[];
}

/** The browsers in which `trace.js` is tried. */
export const BROWSERS: Readonly<Record<string, (t: Test) => Promise<AnyTab>>> = {
  async Chromium(t) {
    const page = await (await openBrowser(t)).newPage();
    const lines: string[] = [];
    page.on('console', (message) => lines.push(message.text()));
    return { goto: (url) => page.goto(url), evaluate: (expression) => page.evaluate(expression), lines };
  },
  Firefox: openFirefox,
};

export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly service: string;
  /** A link has none. */
  readonly name: string | null;
  readonly kind: string;
  readonly url: string | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly annotation: string | null;
}

const FIELDS = {
  traceId: 'trace.trace_id',
  spanId: 'trace.span_id',
  parentId: 'trace.parent_id',
  service: 'service.name',
  name: 'name',
  kind: 'span.kind',
  url: 'url.full',
  status: 'http.response.status_code',
  error: 'error.type',
  annotation: 'meta.annotation_type',
};

/** All spans, and their events, in the order of time. */
export async function storedSpans(store: SpanStore): Promise<StoredSpan[]> {
  const columns = Object.values(FIELDS).map((name) => store.fields().get(name)?.sql ?? 'NULL');
  const { rows } = await store.read(`SELECT ${columns.join(', ')} FROM spans ORDER BY _time, _seq`, []);
  const names = Object.keys(FIELDS);
  return rows.map(
    (row) => Object.fromEntries(row.map((value, index) => [names[index], value])) as unknown as StoredSpan,
  );
}

/** Waits for the trace of the span of a service and a URL; its spans without their events. */
export async function traceWith(store: SpanStore, service: string, url: string, least = 1) {
  let spans: StoredSpan[] = [];
  const read = async () => {
    const all = (await storedSpans(store)).filter(({ annotation }) => annotation === null);
    const first = all.find((span) => span.service === service && span.url === url);
    spans = all.filter(({ traceId }) => traceId === first?.traceId);
    return spans;
  };
  await until(async () => (await read()).length >= least, {
    what: () => `${least} spans in the trace of ${url}: ${JSON.stringify(spans)}`,
  });
  // The last spans may have brought fields that the store had not when it was asked.
  return read();
}

/** An explorer with its receiver, both services, and a server of pages; all on ports of their own. */
export async function startTracedPages(t: Test, pageOrigin: string) {
  const store = await temporaryStore(t);
  const receiver = await buildReceiver({ store });
  t.teardown(() => receiver.close());
  const otlpEndpoint = await receiver.listen({ host: '127.0.0.1', port: 0 });
  const explorer = await buildExplorer({ store, otlpEndpoint });
  t.teardown(() => explorer.close());
  const explorerOrigin = await explorer.listen({ host: '127.0.0.1', port: 0 });
  const pair = await startPair({ otlpUrl: otlpEndpoint, env: { EXPLORER_URL: pageOrigin } });
  t.teardown(() => pair.stop());
  return { store, receiver, explorer, explorerOrigin, otlpEndpoint, api: pair.api };
}

export interface PageServer {
  readonly origin: string;
  /** What pages and answers it has, by path. Others go to the API, as a development server passes them on. */
  readonly documents: Map<
    string,
    { readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  >;
  /** Where others go. */
  api: string;
}

/** A server of pages in HTML, which passes other requests on to an API, as development servers do. */
export async function startPageServer(t: Test): Promise<PageServer> {
  const documents: PageServer['documents'] = new Map();
  const port = await freePort();
  const served: PageServer = { origin: `http://localhost:${port}`, documents, api: '' };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', served.origin);
    const document = documents.get(pathname);
    if (document !== undefined) {
      const type = pathname.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8';
      response.writeHead(200, { 'content-type': type, ...document.headers });
      return void response.end(document.body);
    }
    const { host: _, connection: _connection, ...headers } = request.headers;
    const answer = await fetch(`${served.api}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(request.method === 'POST' && { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' }),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(await answer.text());
  });
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  return served;
}

/** A server that lets every page read, and no page send a header: `fetch` works there, without a preflight. */
export async function startSimpleServer(t: Test): Promise<{ origin: string; received: string[] }> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    received.push(`${request.method} ${request.url} ${request.headers.traceparent ?? 'without context'}`);
    response.writeHead(request.method === 'OPTIONS' ? 404 : 200, { 'access-control-allow-origin': '*' });
    response.end('"an answer"');
  });
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}
