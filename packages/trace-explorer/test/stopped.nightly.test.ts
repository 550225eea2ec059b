import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decodeTraces, tracesToJson } from '@tandem/otlp';
import t from 'tap';
import { exportBody } from '../../../benchmarks/lib/service-spans.ts';
import { until } from '../../../test/helpers/until.ts';
import { openStore } from '../src/core/store/store.ts';
import { SPAN_BYTES, spanProtobuf } from './large-bodies.ts';
import { temporaryDirectory } from './spans.ts';

const TIMEOUT_MS = 600_000;
const WAIT_MS = 200_000;
/** Senders at a time, and bodies that were taken before the signal comes. */
const SENDERS = 6;
const MOST_SENT = 100_000;
const TAKEN_BEFORE = 2;
/** Spans of a large body, and how often they are in it. */
const SPANS = 4_096;
const TIMES = 3;
/** Seconds of its own processor time in which an explorer that was asked to stop ends. */
const MOST_SECONDS = 2;
/** Clock ticks of a second in /proc. */
const TICKS = 100;
const MAIN = join(import.meta.dirname, '../start.js');

/** Tells at the end of the process how much processor time it has used, with all of its threads. */
const tellsTime = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    process.stderr.write('used ' + (user + system) / 1e6 + ' s\\n');
  });`,
)}`;

interface Body {
  readonly bytes: Buffer;
  readonly type: string;
  /** Rows that the store has for it. */
  readonly rows: number;
}

const part = (service: string) => gunzipSync(exportBody(SPANS, service));
/** Large bodies, each of a service of its own. */
const KINDS: Readonly<Record<string, (service: string) => Body>> = {
  'ordinary spans': (service) => ({
    bytes: Buffer.concat(new Array(TIMES).fill(part(service))),
    type: 'application/x-protobuf',
    rows: SPANS * TIMES,
  }),
  'ordinary spans in JSON': (service) => ({
    bytes: Buffer.from(JSON.stringify(tracesToJson(decodeTraces(part(service), 'protobuf').scopeSpans))),
    type: 'application/json',
    rows: SPANS,
  }),
  'large spans': (service) => ({
    // Messages one after the other are one message.
    bytes: Buffer.concat([
      gunzipSync(exportBody(1, service)),
      ...new Array(3).fill(spanProtobuf(SPAN_BYTES)),
    ]),
    type: 'application/x-protobuf',
    rows: 1,
  }),
};

/** A body of the same spans in other bytes: equal ones within a minute are stored once. */
function another(bytes: Buffer, type: string, nth: number): Buffer {
  const more = type === 'application/json' ? Buffer.alloc(nth, ' ') : Buffer.from([UNKNOWN_FIELD, nth % 128]);
  return Buffer.concat([bytes, more]);
}

/** Field 15 of a request, a varint, which no reader knows. */
const UNKNOWN_FIELD = 15 << 3;

t.setTimeout(TIMEOUT_MS);
for (const [kind, bodyOf] of Object.entries(KINDS))
  for (const afterMs of [0, 300])
    t.test(
      `SIGTERM ${afterMs} ms after large bodies (${kind}) were taken: it ends soon, and has all that it acknowledged`,
      async (t) => {
        t.setTimeout(TIMEOUT_MS);
        const directory = temporaryDirectory(t);
        const child = spawn(process.execPath, ['--import', tellsTime, MAIN], {
          env: {
            PATH: process.env.PATH,
            PORT: '0',
            OTLP_PORT: '0',
            OTLP_GRPC_PORT: 'off',
            LOG_LEVEL: 'info',
            DATA_DIR: directory,
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        t.teardown(() => child.kill('SIGKILL'));
        const said = { out: '', err: '' };
        child.stdout.on('data', (chunk) => (said.out += chunk));
        child.stderr.on('data', (chunk) => (said.err += chunk));
        const ready = await until(() => said.out.split('\n').find((line) => line.includes('is ready')), {
          limitMs: WAIT_MS,
        });
        const { otlpPort, store: storeDirectory } = JSON.parse(ready);
        const taken = new Map<string, number>();
        let refused = 0;
        let isStopping = false;
        const bodies = Array.from({ length: SENDERS }, (_, sender) => bodyOf(`sender-${sender}`));
        const send = async (sender: number) => {
          const { bytes, type, rows } = bodies[sender] as Body;
          for (let sent = 0; sent < MOST_SENT && !isStopping; sent++) {
            const headers = { 'content-type': type };
            const answer = await fetch(`http://127.0.0.1:${otlpPort}/v1/traces`, {
              method: 'POST',
              headers,
              body: another(bytes, type, sent) as Uint8Array<ArrayBuffer>,
            }).catch(() => undefined);
            await answer?.arrayBuffer().catch(() => {});
            const name = `sender-${sender}`;
            if (answer?.ok) taken.set(name, (taken.get(name) ?? 0) + rows);
            else refused++;
          }
        };
        const sending = bodies.map((_, sender) => send(sender));
        await until(() => taken.size >= TAKEN_BEFORE, { limitMs: WAIT_MS });
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        const before = secondsOf(child.pid ?? 0);
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        isStopping = true;
        t.same(await exited, [0, null], said.err);
        await Promise.all(sending);
        const used = Number(/^used ([\d.]+) s$/mu.exec(said.err)?.[1]) - before;
        t.comment(
          `${used.toFixed(2)} s of processor time after the signal; ${taken.size} senders had answers, ${refused} refusals`,
        );
        t.ok(used <= MOST_SECONDS, `${used} s of processor time after the signal`);
        const store = await openStore({ directory: storeDirectory, onLost: (sentence) => t.fail(sentence) });
        t.teardown(() => store.close());
        const { rows } = await store.read('SELECT _dataset, count(*) FROM spans GROUP BY ALL');
        const kept = new Map(rows.map(([name, count]) => [String(name), Number(count)]));
        for (const [name, count] of taken)
          t.ok((kept.get(name) ?? 0) >= count, `${name}: ${kept.get(name)} of ${count}`);
      },
    );

/** Processor time of a process so far, with all of its threads (Linux). */
function secondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
