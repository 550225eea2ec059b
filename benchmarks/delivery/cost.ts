import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Row } from '../lib/measurements.ts';
import { nextMessage, startService, stopService } from './processes.ts';
import type { ServiceOptions } from './service.ts';

const SLICE_SPANS = 512 * 50;
const SLICES = 15;
const RESTARTS = 3;

/** CPU of ending and exporting a span: slices of the same work, in turn over processes that live side by side. */
export async function measureCost(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-delivery-'));
  const receiver = await startOtlpReceiver();
  receiver.isKeeping = false;
  const figures: Record<ServiceOptions['variant'], number[]> = { ours: [], stock: [] };
  try {
    for (let restart = 0; restart < RESTARTS; restart++) await measureOnce(receiver.url, directory, figures);
  } finally {
    await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }
  console.log('CPU of onEnd and export in the process that is traced, µs per span of 7 attributes');
  const rows = Object.entries(figures).map(([variant, costs]) => {
    const sorted = costs.toSorted((a, b) => a - b);
    const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2);
    return {
      delivery: variant,
      median: at(0.5),
      'from (P10)': at(0.1),
      'to (P90)': at(0.9),
      slices: sorted.length,
    };
  });
  console.table(rows);
  return rows;
}

async function measureOnce(
  backend: string,
  directory: string,
  figures: Record<string, number[]>,
): Promise<void> {
  const variants = ['ours', 'stock'] as const;
  const services = await Promise.all(
    variants.map((variant) => startService({ variant, backend, directory, port: 0 })),
  );
  try {
    // The first slices warm up: cold numbers are twice as high.
    for (let slice = -3; slice < SLICES; slice++) {
      for (const [index, { process: child }] of services.entries()) {
        child.send({ spans: SLICE_SPANS });
        const message = await nextMessage(child);
        if (message.kind === 'cost' && slice >= 0) figures[variants[index] ?? '']?.push(message.microseconds);
      }
    }
  } finally {
    await Promise.all(services.map(({ process: child }) => stopService(child, 'SIGTERM')));
  }
}
