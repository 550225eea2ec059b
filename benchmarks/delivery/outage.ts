import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Row } from '../lib/measurements.ts';
import { startService, stopService } from './processes.ts';
import type { ServiceOptions } from './service.ts';

const REQUESTS_PER_SECOND = 200;

/** So long everything works, before and after the outage. */
const CALM_SECONDS = 5;

/** When a backend that is back has still not got all by then, the rest counts as lost. */
const PATIENCE_SECONDS = 30;

/** What the guarantee leaves out when a process is killed. */
const GRACE_MS = 500;

/**
 * The backend is gone for some time under load, then back, and half of the processes are killed (kill -9) and
 * restarted in the middle. Every span whose request was answered counts as made.
 */
export async function measureOutage(seconds: number): Promise<Row[]> {
  const runs = [
    { variant: 'ours', isKilled: false },
    { variant: 'stock', isKilled: false },
    { variant: 'ours', isKilled: true },
    { variant: 'stock', isKilled: true },
  ] as const;
  console.log(`Backend gone for ${seconds} s under ${REQUESTS_PER_SECOND} requests/s of 3 spans, then back`);
  const rows = await Promise.all(runs.map((run) => runOutage({ ...run, seconds })));
  console.table(rows);
  return rows;
}

interface Run {
  readonly variant: ServiceOptions['variant'];
  readonly isKilled: boolean;
  readonly seconds: number;
}

async function runOutage({ variant, isKilled, seconds }: Run): Promise<Row> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-delivery-'));
  let receiver = await startOtlpReceiver();
  const { port, tracesUrl } = receiver;
  const before = receiver.accepted;
  let service = await startService({ variant, backend: tracesUrl, directory, port: 0 });
  const load = startLoad(service.port);
  let peakBytes = 0;
  const sampler = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(service.process.pid));
  }, 250);
  try {
    await sleep(CALM_SECONDS * 1000);
    await receiver.close();
    await sleep((seconds / 2) * 1000);
    const killed = `${service.process.pid}.`;
    const killedAt = performance.now();
    if (isKilled) {
      await stopService(service.process, 'SIGKILL');
      service = await startService({ variant, backend: tracesUrl, directory, port: service.port });
    }
    /** The spans that the guarantee leaves out: the last ones of the killed process. */
    const isInGrace = ([name, at]: [string, number]) =>
      isKilled && name.startsWith(killed) && at >= killedAt - GRACE_MS;
    await sleep((seconds / 2) * 1000);
    receiver = await startOtlpReceiver({ port });
    const backAt = performance.now();
    const backlog = new Map([...load.made].filter((span) => !isInGrace(span)));
    for (const name of before) backlog.delete(name);
    let seen = 0;
    let sentAt = Number.NaN;
    const isLate = () => performance.now() - backAt > PATIENCE_SECONDS * 1000;
    const isCalm = () => performance.now() - backAt > CALM_SECONDS * 1000;
    while (!isCalm() || (backlog.size > 0 && !isLate())) {
      await sleep(100);
      for (const name of receiver.accepted.slice(seen)) backlog.delete(name);
      seen = receiver.accepted.length;
      if (backlog.size === 0 && Number.isNaN(sentAt)) sentAt = performance.now();
    }
    load.stop();
    await stopService(service.process, 'SIGTERM');
    const delivered = new Set([...before, ...receiver.accepted]);
    const missing = [...load.made].filter(([name]) => !delivered.has(name));
    const inGrace = missing.filter(isInGrace);
    return {
      delivery: variant,
      'kill -9': isKilled ? 'yes' : 'no',
      'spans made': load.made.size,
      'spans delivered': load.made.size - missing.length,
      lost: missing.length - inGrace.length,
      'lost in the 500 ms before kill -9': isKilled ? inGrace.length : '',
      'delivered twice': before.length + receiver.accepted.length - delivered.size,
      'backlog sent within (s)': Number.isNaN(sentAt) ? 'never' : ((sentAt - backAt) / 1000).toFixed(1),
      'peak resident (MB)': Math.round(peakBytes / 1e6),
    };
  } finally {
    clearInterval(sampler);
    load.stop();
    await stopService(service.process, 'SIGKILL');
    await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Requests at a fixed rate, whatever becomes of them; the spans of those that were answered, with the time. */
function startLoad(port: number): { made: Map<string, number>; stop: () => void } {
  const agent = new Agent({ keepAlive: true });
  const made = new Map<string, number>();
  const started = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - started) / 1000) * REQUESTS_PER_SECOND;
    for (; sent < due; sent++) {
      const request = get({ port, host: '127.0.0.1', agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => {
          for (const name of JSON.parse(body) as string[]) made.set(name, performance.now());
        });
        response.on('error', () => {});
      });
      request.on('error', () => {});
    }
  }, 5);
  return {
    made,
    stop: () => {
      clearInterval(timer);
      agent.destroy();
    },
  };
}

function residentBytes(pid: number | undefined): number {
  try {
    const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1];
    return Number(pages) * 4096;
  } catch {
    return 0;
  }
}
