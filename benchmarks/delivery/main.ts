import { parseArgs } from 'node:util';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { measureOutage } from './outage.ts';

/** The options it takes. */
export const usage = '[--seconds SECONDS that the backend is gone, 60]';

/** Measures the losses of delivery in an outage, beside the stock BatchSpanProcessor and OTLPTraceExporter. */
export default async function delivery(): Promise<void> {
  const options = { seconds: { type: 'string', default: '60' } } as const;
  const seconds = positive('--seconds', parseArgs({ args: process.argv.slice(3), options }).values.seconds);
  const outage = await measureOutage(seconds);
  console.table(outage);
  recordMeasurements({
    name: 'delivery',
    title: 'Delivery: what an outage loses',
    command: `node tandem bench delivery --seconds ${seconds}`,
    tables: [outage],
    notes: [
      `The backend is gone for ${seconds} s under 200 requests/s of three spans and, with ours, three lines, then back; every span and line whose request was answered counts as made. Half of the processes are killed (kill -9) and started again in the middle.`,
    ],
  });
}
