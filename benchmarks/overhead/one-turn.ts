import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { environmentFor } from '../../packages/trace-explorer/src/parts/run/command/environment.ts';
import { median } from '../../tools/statistics.ts';
import { installFolder } from '../lib/install-folder.ts';
import { installTelemetry } from '../lib/install-telemetry.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { versionsOf } from './report.ts';
import { OURS, OURS_LEAN, OURS_RUN, PLAIN, VARIANTS } from './variants.ts';

const COUNTS = [1_000, 10_000, 40_000, 100_000, 1_000_000];
/** Ways to make the spans: one after the other, or all of them before the first ends. */
const SHAPES = ['in turn', 'all open'] as const;
const PROGRAM = fileURLToPath(import.meta.resolve('./variants/one-turn.ts'));

interface Figures {
  readonly cpuMs: number;
  readonly peakMb: number;
}

/** Measures spans that a program makes in one turn of the event loop: `node tandem bench overhead --one-turn`. */
export async function oneTurn(starts: number): Promise<void> {
  console.log('Installing the peers …');
  installFolder(import.meta.dirname);
  await installTelemetry(import.meta.dirname);
  const sink = createServer((request, response) => request.resume().on('end', () => response.end()));
  await once(sink.listen(0, '127.0.0.1'), 'listening');
  const { port } = sink.address() as AddressInfo;
  const tables = [];
  for (const shape of SHAPES) {
    const rows: Row[] = [];
    for (const count of COUNTS) rows.push(await rowOf(port, shape, count, starts));
    console.table(rows);
    tables.push(rows);
  }
  sink.close();
  recordMeasurements({
    name: 'overhead-one-turn',
    title: 'Overhead: many spans in one turn',
    command: `node tandem bench overhead --one-turn --restarts ${starts}`,
    notes: [
      `A program makes its spans in one turn of the event loop, as a job over a synchronous driver does: ${SHAPES.join(', or ')}. Processor time of that turn in milliseconds, and the most memory of the process (VmHWM): medians of ${starts} starts, one of them for a million.`,
      'Nothing can be sent meanwhile. By hand, the SDK drops what is beyond 2,048 spans; ours keeps 32,768, and counts the rest as lost.',
    ],
    versions: versionsOf(VARIANTS.filter(({ name }) => name === PLAIN)),
    tables,
  });
}

async function rowOf(port: number, shape: string, count: number, starts: number): Promise<Row> {
  const times: Record<string, number> = {};
  const memory: Record<string, number> = {};
  for (const name of [PLAIN, OURS, OURS_LEAN, OURS_RUN]) {
    const all: Figures[] = [];
    for (let start = 0; start < (count >= 1_000_000 ? 1 : starts); start++)
      all.push(await measured(name, port, shape, count));
    times[`${name}, ms`] = Math.round(median(all.map(({ cpuMs }) => cpuMs)));
    memory[`${name}, MB`] = Math.round(median(all.map(({ peakMb }) => peakMb)));
  }
  const ratio = (times[`${OURS}, ms`] ?? 0) / (times[`${PLAIN}, ms`] ?? 1);
  return { spans: `${count} ${shape}`, ...times, 'of the plain one': ratio.toFixed(2), ...memory };
}

/** @throws Error where the program does not end by itself */
async function measured(name: string, port: number, shape: string, count: number): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-turn-'));
  try {
    const [options, environment] = startOf(name, `http://127.0.0.1:${port}`, directory);
    const child = spawn(process.execPath, [...options, PROGRAM, shape, String(count)], {
      cwd: import.meta.dirname,
      env: { ...process.env, OTEL_LOGS_EXPORTER: 'none', ...environment, DATA_DIR: directory },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit');
    const said = await text(child.stdout);
    const [code] = await ended;
    if (code !== 0) throw new Error(`${name} with ${count} spans ended with ${code}.`);
    return JSON.parse(said);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The options of Node and the variables of a variant. */
function startOf(name: string, endpoint: string, directory: string): [string[], NodeJS.ProcessEnv] {
  const sent = { OTEL_SERVICE_NAME: 'turn', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_LOG_LEVEL: 'none' };
  if (name === PLAIN) return [['--import', import.meta.resolve('./variants/by-hand.ts')], sent];
  if (name === OURS_RUN) {
    const target = { endpoint, token: undefined };
    const [uses, spool] = [join(directory, 'uses'), join(directory, 'spool')];
    const facts = { id: 'bench', cwd: import.meta.dirname, head: {}, command: 'node', profile: false };
    return [[], environmentFor(target, { ...facts, uses, spool })];
  }
  const lean = name === OURS_LEAN ? { TRACE_LEAN: 'true' } : {};
  return [['--import', import.meta.resolve('@tandem/telemetry/register')], { ...sent, ...lean }];
}
