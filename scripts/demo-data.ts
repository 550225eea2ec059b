import type { DemoOptions } from '../packages/trace-explorer/testing/demo-data/index.ts';
import { DEMO_DEFAULTS, demoTraces } from '../packages/trace-explorer/testing/demo-data/index.ts';
import { demoBodies } from '../packages/trace-explorer/testing/demo-data/send.ts';
import { readAddresses } from './lib/addresses.ts';
import { readArguments, UsageError } from './lib/arguments.ts';
import { loadDotEnv } from './lib/dot-env.ts';
import { explorerHeaders } from './lib/explorer-token.ts';
import { callOf } from './lib/root.ts';

// `node tandem demo-data`: another system in the explorer: 230 services, their log lines, and every kind of trace that is hard to show.
const { seed, services, spans, minutes } = DEMO_DEFAULTS;
const USAGE = `Usage: ${callOf('demo-data')} [--endpoint http://localhost:4318] [--services ${services}] [--spans ${spans}] [--minutes ${minutes}] [--seed ${seed}]`;
/** Attempts with a busy explorer. */
const MAX_TRIES = 100;

loadDotEnv();
const { endpoint, headers, options } = readOptions();
const sent = { spans: 0, logs: 0, traces: 0 };
for (const { path, body, spans, logs, traces } of demoBodies(demoTraces(options))) {
  await send(path, body);
  sent.spans += spans;
  sent.logs += logs;
  sent.traces += traces;
}
console.log(
  `${sent.spans} spans of ${options.services} services in ${sent.traces} traces, and ${sent.logs} log lines, are at ${endpoint.origin}, the oldest ${options.minutes} minutes old.`,
);

function readOptions(): {
  endpoint: URL;
  headers: Record<string, string>;
  options: Required<Omit<DemoOptions, 'now' | 'small'>>;
} {
  const text = { type: 'string' } as const;
  const given = { endpoint: text, services: text, spans: text, minutes: text, seed: text };
  return readArguments(USAGE, { options: given }, ({ values }) => {
    const endpoint = URL.parse(values.endpoint ?? readAddresses(process.env).otlp.href);
    if (endpoint === null)
      throw new UsageError(`--endpoint takes a URL, not ${JSON.stringify(values.endpoint)}.`);
    return {
      endpoint,
      // The token is for our explorer alone.
      headers: values.endpoint === undefined ? explorerHeaders() : {},
      options: {
        services: wholeNumber('services', values.services, 8, 2000),
        spans: wholeNumber('spans', values.spans, 1000, 5_000_000),
        minutes: wholeNumber('minutes', values.minutes, 1, 7 * 24 * 60),
        seed: wholeNumber('seed', values.seed, 0, 2 ** 31),
      },
    };
  });
}

function wholeNumber(
  name: keyof typeof DEMO_DEFAULTS,
  given: string | undefined,
  least: number,
  most: number,
): number {
  const value = Number(given ?? DEMO_DEFAULTS[name]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(
    `--${name} takes a whole number from ${least} to ${most}, not ${JSON.stringify(given)}.`,
  );
}

async function send(path: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const url = new URL(path, endpoint.href.endsWith('/') ? endpoint : `${endpoint.href}/`);
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
      body,
    }).catch(() => undefined);
    if (response === undefined) {
      console.error(
        `Nothing answers at ${url.origin}: start the explorer with \`${callOf('dev')}\`, or name it with --endpoint.`,
      );
      process.exit(1);
    }
    const answer = await response.text();
    if (response.ok) return;
    if (response.status !== 429 && response.status !== 503) {
      console.error(`${url.href} answered ${response.status}: ${answer.slice(0, 300)}`);
      process.exit(1);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  console.error(`${url.href} is too busy: it refused a request ${MAX_TRIES} times.`);
  process.exit(1);
}
