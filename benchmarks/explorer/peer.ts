import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../scripts/lib/arguments.ts';
import { freePort } from '../../scripts/lib/free-port.ts';
import { until } from '../../test/helpers/until.ts';
import { memoryOf } from '../capacity/explorer-state.ts';
import { bytesIn } from '../lib/bytes-in.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { median, withSpread } from '../lib/statistics.ts';
import { usageOf } from '../pair/usage.ts';
import type { Connection } from './server-process.ts';
import { connectTo, SENDERS, sendAll, startServer } from './server-process.ts';

const NAME = 'otel-desktop-viewer';
const TURNS = 3;
/** Without a further span for so long, the rest will not come. */
const PATIENCE_MS = 10_000;
/** For what a queue holds; a receiver that takes longer is an error. */
const STORED_MS = 300_000;
/** Between two looks whether a receiver still works, and the share of a core from which it does. */
const LOOK_MS = 100;
const WORKING = 0.2;

/** A request of spans. */
export interface Sent {
  readonly body: Buffer;
  readonly count: number;
}

/** A process that takes spans. */
interface Receiver extends Connection {
  readonly pid: number;
  /** Spans that it can show now. */
  count(): Promise<number>;
  close(): Promise<void>;
}

/** What one receiver did in one turn. */
interface Turn {
  readonly missing: number;
  /** Spans per second until the last request was answered. */
  readonly answeredRate: number;
  /** The same until all of them could be shown. */
  readonly shownRate: number;
  readonly cpuPerSpan: number;
  readonly peakMb: number;
  readonly bytesPerSpan: number;
}

/**
 * Ingest of the explorer and of otel-desktop-viewer in turn, with the same requests: a machine's speed may vary from hour
 * to hour. docs/measurements.md gets the figures.
 * @param executable otel-desktop-viewer's
 * @param command what measures it, as docs/measurements.md names it, without the option
 * @throws UsageError when the executable is another one
 */
export async function measurePeer(
  executable: string,
  requests: readonly Sent[],
  command: string,
): Promise<void> {
  const spans = requests.reduce((sum, { count }) => sum + count, 0).toLocaleString('en');
  const version = versionOf(executable);
  const receivers: Readonly<Record<string, (directory: string) => Promise<Receiver>>> = {
    'this explorer, onto disk': startOurs,
    [`${NAME}, onto disk`]: (directory) => startPeer(executable, ['--db', join(directory, 'peer.duckdb')]),
    [`${NAME}, in memory`]: () => startPeer(executable, []),
  };
  const turns = new Map(Object.keys(receivers).map((name) => [name, [] as Turn[]]));
  for (let turn = 1; turn <= TURNS; turn++) {
    for (const [name, start] of Object.entries(receivers)) {
      const figures = await measureTurn(start, requests);
      console.log(`turn ${turn} of ${TURNS}: ${name}`, figures);
      turns.get(name)?.push(figures);
    }
  }
  const rows = [...turns].map(([name, each]) => rowOf(name, each));
  console.table(rows);
  recordMeasurements({
    title: `Explorer: spans in, beside ${NAME}`,
    command: `${command} --peer /path/to/${NAME}`,
    tables: [rows],
    notes: [
      `The same ${spans} spans to each receiver, one receiver after the other, ${TURNS} turns, each with a process and a folder of its own: OTLP over HTTP, protobuf with gzip, batches of ${requests[0]?.count ?? 0}, ${SENDERS} senders, which share the machine. Median, and tenth to ninetieth percentile of the turns.`,
      `${NAME} answers before it stores, and keeps what waits in memory; the explorer answers when the request is on disk. So there are two rates: until the last answer, and until all spans can be shown, of which its last batch waits up to a second for more. Processor time is of the whole process, until they can be.`,
      `${NAME} runs with \`--db-max-size 0\`, as it would drop old spans from 512 MB on in memory, and from 2 GB on disk.`,
    ],
    versions: { [NAME]: version },
  });
}

function rowOf(name: string, turns: readonly Turn[]): Row {
  const all = (pick: (turn: Turn) => number) => turns.map(pick);
  return {
    receiver: name,
    'spans not shown afterwards (0)': Math.max(...all(({ missing }) => missing)),
    'answered, spans/s': withSpread(
      all(({ answeredRate }) => answeredRate),
      0,
    ),
    'shown, spans/s': withSpread(
      all(({ shownRate }) => shownRate),
      0,
    ),
    'processor time, µs per span': withSpread(
      all(({ cpuPerSpan }) => cpuPerSpan),
      1,
    ),
    'peak resident memory, MB': median(all(({ peakMb }) => peakMb)),
    'bytes on disk per span': Math.round(median(all(({ bytesPerSpan }) => bytesPerSpan))),
  };
}

async function measureTurn(
  start: (directory: string) => Promise<Receiver>,
  requests: readonly Sent[],
): Promise<Turn> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  try {
    const receiver = await start(directory);
    try {
      return await measureReceiver(receiver, directory, requests);
    } finally {
      await receiver.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureReceiver(
  receiver: Receiver,
  directory: string,
  requests: readonly Sent[],
): Promise<Turn> {
  const sent = requests.reduce((sum, { count }) => sum + count, 0);
  const spentMs = () => usageOf([receiver.pid]).cpuMs;
  const before = spentMs();
  const started = performance.now();
  await sendAll(
    receiver,
    requests.map(({ body }) => body),
  );
  const answered = performance.now();
  let shown = { count: 0, at: answered };
  let spent = before;
  const isComplete = async () => {
    const now = performance.now();
    const [earlier, later] = [spent, spentMs()];
    spent = later;
    // Counting reads all spans, so it is left until the receiver has nothing else to do.
    if (later - earlier > LOOK_MS * WORKING) return false;
    const count = await receiver.count();
    if (count !== shown.count) shown = { count, at: now };
    return count >= sent || now - shown.at > PATIENCE_MS;
  };
  await until(isComplete, { limitMs: STORED_MS, everyMs: LOOK_MS, what: `${sent} spans` });
  const rate = (until: number) => Math.round((sent / (until - started)) * 1000);
  return {
    missing: sent - shown.count,
    answeredRate: rate(answered),
    shownRate: rate(shown.at),
    cpuPerSpan: ((spent - before) * 1000) / sent,
    peakMb: memoryOf(receiver.pid),
    bytesPerSpan: bytesIn(directory) / sent,
  };
}

async function startOurs(directory: string): Promise<Receiver> {
  const server = await startServer(directory);
  return {
    pid: server.child.pid as number,
    post: server.post,
    count: async () => Number((await server.ask('SELECT count(*) FROM spans')).rows?.[0]?.[0]),
    close: server.close,
  };
}

/** @param storage where it keeps spans; nothing: in memory */
async function startPeer(executable: string, storage: readonly string[]): Promise<Receiver> {
  const [http, grpc, page] = [await freePort(), await freePort(), await freePort()];
  const listen = [
    '--host',
    '127.0.0.1',
    '--http',
    `${http}`,
    '--grpc',
    `${grpc}`,
    '--browser-port',
    `${page}`,
  ];
  const child = spawn(executable, [...listen, '--open-browser=false', '--db-max-size', '0', ...storage], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-10_000);
  });
  const exited = once(child, 'close');
  const connection = connectTo(http);
  const receiver: Receiver = {
    pid: child.pid as number,
    post: connection.post,
    count: () => spansOf(page),
    async close() {
      connection.close();
      child.kill();
      await exited;
    },
  };
  try {
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`${NAME} ended:\n${output}`);
        return (await receiver.count().catch(() => undefined)) === 0;
      },
      { what: () => `${NAME} listens. Its output:\n${output}`, everyMs: 50 },
    );
    return receiver;
  } catch (error) {
    await receiver.close();
    throw error;
  }
}

/** Spans that otel-desktop-viewer says it has, on its page's port. */
async function spansOf(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getStats', params: [] }),
  });
  const { result } = (await answer.json()) as { result?: { traces?: { spanCount?: number } } };
  if (result?.traces?.spanCount === undefined)
    throw new Error(`${NAME} does not say how many spans it has: is it version 0.3 or later?`);
  return result.traces.spanCount;
}

function versionOf(executable: string): string {
  const { stdout, error } = spawnSync(executable, ['--version'], { encoding: 'utf8' });
  const [, version] = new RegExp(`^${NAME} version (\\S+)`).exec(stdout ?? '') ?? [];
  if (version === undefined)
    throw new UsageError(`--peer: ${executable} is no ${NAME}${error ? ` (${error.message})` : ''}.`);
  return version;
}
