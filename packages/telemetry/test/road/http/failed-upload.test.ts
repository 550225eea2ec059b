import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { request } from 'node:http';
import { Readable, Stream } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { request as undiciRequest } from 'undici';
import { testUndici } from './client-harness.ts';

// A body whose source fails is the failure of the call, in the source's words. A caller that cancels its upload has no error.

const FAILED = {
  status: { code: 2, message: 'source failed' },
  attributes: { 'tandem.request.cut_off': 'in_body' },
};
const CANCELLED = { status: { code: 0 }, attributes: { 'tandem.request.cut_off': undefined } };

async function* generated() {
  yield 'a';
  throw new Error('source failed');
}
const stream = () => Readable.from(generated());
/** A body that would go on. */
const open = () => new Readable({ read() {} }).on('error', () => {});
/** A stream that is none of Node's, such as that of form-data. */
const legacy = () => {
  const source = new Stream();
  setImmediate(() => source.emit('error', new Error('source failed')));
  return source;
};

const answered = (sent: ClientRequest) =>
  new Promise<void>((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => response.resume().on('end', resolve));
  });
const POST = { method: 'POST', agent: false };
const send = (url: string) => request(url, POST);
const web = () =>
  new ReadableStream({
    pull(controller) {
      controller.error(new Error('source failed'));
    },
  });

/** The ways in which callers send bodies whose source fails. */
const UPLOADS: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  'undici.request, a stream': (url) => undiciRequest(url, { method: 'POST', body: stream() }),
  'undici.request, a generator': (url) => undiciRequest(url, { method: 'POST', body: generated() as never }),
  'fetch, a stream': (url) =>
    fetch(url, { method: 'POST', body: stream() as never, duplex: 'half' } as RequestInit),
  'fetch, a stream of the web': (url) =>
    fetch(url, { method: 'POST', body: web(), duplex: 'half' } as RequestInit),
  'http, pipeline': (url) => {
    const sent = send(url);
    const answer = answered(sent);
    return Promise.all([pipeline(stream(), sent), answer]);
  },
  'http, destroy(error) by who pipes': (url) => {
    const sent = send(url);
    const source = stream().on('error', (error) => sent.destroy(error));
    source.pipe(sent);
    return answered(sent);
  },
  'http, destroy(error) by who writes, as axios': (url) => {
    const sent = send(url);
    stream()
      .on('data', (chunk) => sent.write(chunk))
      .on('error', (error) => sent.destroy(error));
    return answered(sent);
  },
  'http, a stream of form-data': (url) => {
    const sent = send(url);
    legacy()
      .on('error', (error) => sent.destroy(error))
      .pipe(sent);
    return answered(sent);
  },
  'http, destroy() by got, which tells why': (url) => {
    const sent = send(url);
    stream()
      .on('data', (chunk) => sent.write(chunk))
      .on('error', (cause) => {
        channel('got:request:error').publish({ url, error: new Error('got', { cause }) });
        sent.destroy();
      });
    return answered(sent);
  },
};

for (const [name, upload] of Object.entries(UPLOADS))
  testUndici(`${name}: a source that fails is the error`, async (t, start) => {
    const { url, spans } = await start(t, (received, response) =>
      received.resume().on('end', () => response.end()),
    );
    await t.rejects(upload(`${url}/`));
    t.match(await spans(1), [FAILED]);
  });

/** The ways in which callers cancel an upload. */
const CANCELLATIONS: Readonly<Record<string, (url: string, arrived: Promise<unknown>) => Promise<unknown>>> =
  {
    'undici.request, a signal': (url, arrived) =>
      undiciRequest(url, { method: 'POST', body: begun(), signal: aborted(arrived) }),
    'fetch, a signal': (url, arrived) =>
      fetch(url, {
        method: 'POST',
        body: begun() as never,
        duplex: 'half',
        signal: aborted(arrived),
      } as RequestInit),
    'http, a signal': (url, arrived) => {
      const sent = request(url, { ...POST, signal: aborted(arrived) });
      begun().pipe(sent);
      return answered(sent);
    },
    'http, destroy()': (url, arrived) => destroyed(url, arrived),
    'http, destroy(error)': (url, arrived) => destroyed(url, arrived, new Error('not wanted any more')),
  };

function begun(): Readable {
  const source = open();
  source.push('a');
  return source;
}

function aborted(arrived: Promise<unknown>): AbortSignal {
  const controller = new AbortController();
  void arrived.then(() => controller.abort());
  return controller.signal;
}

function destroyed(url: string, arrived: Promise<unknown>, error?: Error): Promise<void> {
  const sent = send(url);
  begun().pipe(sent);
  void arrived.then(() => sent.destroy(error));
  return answered(sent);
}

for (const [name, cancel] of Object.entries(CANCELLATIONS))
  testUndici(`${name}: an upload that its caller cancels is no error`, async (t, start) => {
    const { server, url, spans } = await start(t, () => {});
    await t.rejects(cancel(url, once(server, 'request')));
    t.match(await spans(1), [CANCELLED]);
  });
