import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from '../../scripts/lib/statistics.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import { figureRows, recordMeasurements } from '../lib/measurements.ts';

const TRACES = 1_700;
/** As many as 60,000 in all. */
const SPANS = 35;
const ROUNDS = 3;
const MAIN = join(import.meta.dirname, '../../packages/trace-explorer/src/main.ts');

/** How long `export` of everything takes, beside `import` of the same file, in turn. */
export default async function exporting(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-export-'));
  const endings: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const t = { teardown: (end: () => unknown) => void endings.push(end) };
  try {
    const file = join(folder, 'traces.jsonl');
    writeFileSync(file, Array.from({ length: TRACES }, (_, index) => traceLine(index)).join(''));
    const times: Record<'import' | 'export', number[]> = { import: [], export: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const { origin } = await startExplorer(t);
      times.import.push(await command(['import', file, '--url', origin]));
      const out = join(folder, `out-${round}.jsonl`);
      times.export.push(await command(['export', '--out', out, '--url', origin]));
      if (statSync(out).size < statSync(file).size / 2) throw new Error(`${out} is too short.`);
    }
    const [imported, exported] = [median(times.import), median(times.export)];
    const figures = {
      'spans, in 1,700 traces': TRACES * SPANS,
      'import, s, median': imported / 1_000,
      'export, s, median': exported / 1_000,
      'export of import (at most 3)': exported / imported,
    };
    console.table(figures);
    recordMeasurements({
      name: 'export',
      title: 'Export: everything that the explorer has, beside the import of the same',
      command: 'node tandem bench export',
      tables: [figureRows(figures)],
      notes: [`The commands with their own start, ${ROUNDS} times in turn, each time with a new explorer.`],
    });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

async function command(args: readonly string[]): Promise<number> {
  const began = performance.now();
  await promisify(execFile)(process.execPath, [MAIN, ...args]);
  return performance.now() - began;
}

/** A trace as one line of OTLP JSON. Traces of a search overlap in time, as those of a busy service do. */
function traceLine(index: number): string {
  const traceId = index.toString(16).padStart(32, 'a');
  const began = BigInt(Date.now() - 600_000 + index * 20) * 1_000_000n;
  const spans = Array.from({ length: SPANS }, (_, span) => ({
    traceId,
    spanId: (index * SPANS + span + 1).toString(16).padStart(16, '0'),
    ...(span > 0 && { parentSpanId: (index * SPANS + 1).toString(16).padStart(16, '0') }),
    name: span === 0 ? `GET /orders/${index % 20}` : `SELECT lines ${span % 7}`,
    kind: span === 0 ? 2 : 3,
    startTimeUnixNano: String(began + BigInt(span) * 500_000n),
    endTimeUnixNano: String(began + BigInt(span) * 500_000n + 400_000n),
    attributes: [
      { key: 'db.query.text', value: { stringValue: 'select * from lines where order_id = ?' } },
      { key: 'tandem.number', value: { intValue: String(span) } },
    ],
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: `shop-${index % 3}` } }] };
  return `${JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'bench' }, spans }] }] })}\n`;
}
