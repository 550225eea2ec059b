import { measureCost } from './delivery-cost.ts';
import { measureOutage } from './delivery-outage.ts';

/**
 * What delivery loses and what it costs, beside the stock BatchSpanProcessor and OTLPTraceExporter.
 * `pnpm bench delivery [SECONDS]`: how long the backend is gone, default 60.
 */
export default async function delivery(): Promise<void> {
  const seconds = Number(process.argv[3] ?? 60);
  if (!(seconds >= 2))
    throw new Error(`Seconds that the backend is gone: at least 2, not ${process.argv[3]}.`);
  await measureOutage(seconds);
  await measureCost();
}
