import type { PlainLogRecord } from '@tandem/otlp/testing';
import { decodedLogs } from '@tandem/otlp/testing';
import type { OpenPage } from '../../../../page/browser.ts';
import { randomId } from '../../../../spans.ts';
import { showTrace } from '../open-trace.ts';

/** The stack of the exception that a line has. */
export const STACK = 'CardError: declined\n    at charge (file:///srv/app/src/charge.ts:4:9)';

/** Lines in the spans of the home feed, whose start is this many milliseconds since the epoch. */
function lines(start: number, traceId: string, ids: Readonly<Record<string, string>>): PlainLogRecord[] {
  const line = (ms: number, spanId: string | undefined, more: PlainLogRecord): PlainLogRecord => ({
    service: 'activities-api',
    traceId,
    ...(spanId !== undefined && { spanId }),
    time: BigInt(start) * 1_000_000n + BigInt(ms * 1e6),
    ...more,
  });
  return [
    line(5, ids.home, { severity: 5, body: 'cache asked' }),
    line(6, ids.data, { severity: 9, body: 'reading the feed', attributes: { rows: 20 } }),
    line(20, ids.users, { severity: 13, service: 'user-lookup', body: 'the pool is nearly empty' }),
    line(30, ids.users, {
      severity: 17,
      service: 'user-lookup',
      body: 'could not charge',
      attributes: {
        'exception.type': 'CardError',
        'exception.message': 'declined',
        'exception.stacktrace': STACK,
      },
    }),
    line(36, randomId(8), { severity: 9, body: 'of a late span' }),
    line(37, undefined, { severity: 21, body: 'of the trace alone' }),
  ];
}

/** Shows a new trace of the home feed, whose log lines are written after it was opened. */
export async function showLogs(open: OpenPage) {
  const { page, store } = open;
  const start = Date.now() - 60_000;
  const shown = await showTrace(open, { trace: { start } });
  const { traceId, ids } = shown;
  await store.write(decodedLogs(lines(start, traceId, ids)));
  const search = () => new URL(page.url()).searchParams;
  const list = page.getByRole('treegrid', { name: 'Log lines' });
  /** What the lines say, without their fields. */
  const texts = () =>
    list.locator('.log-text').evaluateAll((all) => all.map((each) => each.firstChild?.textContent ?? ''));
  return { ...shown, search, list, texts };
}
