import { showProgress } from '../packages/trace-explorer/src/core/command/terminal/progress.ts';
import { lookWithin } from '../packages/trace-explorer/src/lib/time/looks.ts';
import { DEMO_DEFAULTS, demoTraces } from '../packages/trace-explorer/testing/demo-data/index.ts';
import { demoBodies } from '../packages/trace-explorer/testing/demo-data/send.ts';
import { readArguments, UsageError, wholeNumber } from '../tools/arguments.ts';
import { callOf } from '../tools/root.ts';
import { readAddresses } from './lib/addresses.ts';
import { loadDotEnv } from './lib/dot-env.ts';

// `demo-data` sends the explorer another system: 230 services, their log lines, and every kind of trace that is hard to show.
const { services, spans, minutes } = DEMO_DEFAULTS;
const USAGE = `Usage: ${callOf('demo-data')} [--endpoint http://localhost:4318] [--services ${services}] [--spans ${spans}]`;
/** How long a busy explorer may refuse a request, and when it is sent again, in milliseconds. */
const REFUSES = { ms: 20_000, pauseMs: 200 };

loadDotEnv();
const options = {
  endpoint: { type: 'string' },
  services: { type: 'string', default: String(services) },
  spans: { type: 'string', default: String(spans) },
} as const;
const wanted = readArguments(USAGE, { options }, ({ values }) => {
  const endpoint = values.endpoint ?? readAddresses(process.env).otlp.href;
  if (!URL.canParse(endpoint))
    throw new UsageError(`--endpoint takes a URL, not ${JSON.stringify(endpoint)}.`);
  return {
    endpoint: new URL(endpoint.endsWith('/') ? endpoint : `${endpoint}/`),
    isOurs: values.endpoint === undefined,
    services: wholeNumber('--services', values.services, 8, 2000),
    spans: wholeNumber('--spans', values.spans, 1000, 5_000_000),
  };
});
const { EXPLORER_TOKEN } = process.env;
const headers = {
  // The token is for our explorer alone.
  ...(wanted.isOurs && EXPLORER_TOKEN && { authorization: `Bearer ${EXPLORER_TOKEN}` }),
  'content-type': 'application/x-protobuf',
  'content-encoding': 'gzip',
};
const sent = { spans: 0, logs: 0, traces: 0 };
const endProgress = showProgress(() => `${sent.spans} of ${wanted.spans} spans so far`);
for (const { path, body, ...counts } of demoBodies(demoTraces(wanted))) {
  await send(new URL(path, wanted.endpoint), body);
  for (const name of ['spans', 'logs', 'traces'] as const) sent[name] += counts[name];
}
endProgress();
console.log(
  `${sent.spans} spans of ${wanted.services} services in ${sent.traces} traces, and ${sent.logs} log lines, are at ${wanted.endpoint.origin}, the oldest ${minutes} minutes old.`,
);

async function send(url: URL, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const isTaken = await lookWithin(REFUSES, async () => {
    const response = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
    if (response === undefined)
      fail(
        `Nothing answers at ${url.origin}: start it with \`${callOf('dev')}\`, or name it with --endpoint.`,
      );
    const answer = await response.text();
    if (response.ok) return true;
    if (response.status !== 429 && response.status !== 503)
      fail(`${url.href} answered ${response.status}: ${answer.slice(0, 300)}`);
    return undefined;
  });
  if (!isTaken) fail(`${url.href} is too busy: it refused a request for ${REFUSES.ms / 1000} s.`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
