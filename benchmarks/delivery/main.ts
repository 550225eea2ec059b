import { parseArgs } from 'node:util';
import { UsageError } from '../../scripts/lib/arguments.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { measureCost } from './cost.ts';
import { measureOutage } from './outage.ts';

/** The options it takes. */
export const usage = '[SECONDS that the backend is gone, 60]';

/** What delivery loses and what it costs, beside the stock BatchSpanProcessor and OTLPTraceExporter. */
export default async function delivery(): Promise<void> {
  const { positionals } = parseArgs({ args: process.argv.slice(3), allowPositionals: true });
  const seconds = Number(positionals[0] ?? 60);
  if (!(seconds >= 2))
    throw new UsageError(`Seconds that the backend is gone: at least 2, not ${positionals[0]}.`);
  const outage = await measureOutage(seconds);
  const cost = await measureCost();
  recordMeasurements({
    title: 'Delivery: what an outage loses, and what sending costs',
    command: seconds === 60 ? 'node tandem bench delivery' : `node tandem bench delivery ${seconds}`,
    tables: [outage, cost],
    notes: [
      `The backend is gone for ${seconds} s under 200 requests/s of three spans and, with ours, three lines, then back; every span and line whose request was answered counts as made.`,
      'Cost: processor time of onEnd and export in the traced process, µs per span of seven attributes.',
    ],
  });
}
