import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import { residentBytes } from '../../scripts/lib/chaos/memory.ts';
import type { Row } from '../lib/measurements.ts';
import { startService, stopService } from './processes.ts';
import type { Made, ServiceOptions } from './service.ts';

const REQUESTS_PER_SECOND = 200;

/** So long everything works, before and after the outage. */
const CALM_SECONDS = 5;

/** When a backend that is back has still not got all by then, the rest counts as lost. */
const PATIENCE_SECONDS = 30;

/** What the guarantee leaves out when a process is killed. */
const GRACE_MS = 500;

/**
 * The backend is gone for some time under load, then back, and half of the processes are killed (kill -9) and
 * restarted in the middle. Every span, and every line, whose request was answered counts as made.
 */
export async function measureOutage(seconds: number): Promise<Row[]> {
  const runs = [
    { variant: 'ours', isKilled: false },
    { variant: 'stock', isKilled: false },
    { variant: 'ours', isKilled: true },
    { variant: 'stock', isKilled: true },
  ] as const;
  console.log(
    `Backend gone for ${seconds} s under ${REQUESTS_PER_SECOND} requests/s of 3 spans and 3 lines, then back`,
  );
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
  const { port, url } = receiver;
  let service = await startService({ variant, backend: url, directory, port: 0 });
  const load = startLoad(service.port);
  const spans = new Ledger(load.spans);
  const lines = new Ledger(load.lines);
  let peakBytes = 0;
  const sampler = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(service.process.pid) ?? 0);
    spans.arrived(receiver.accepted);
    lines.arrived(receiver.acceptedLogs);
  }, 250);
  try {
    await sleep(CALM_SECONDS * 1000);
    await receiver.close();
    spans.arrived(receiver.accepted);
    lines.arrived(receiver.acceptedLogs);
    await sleep((seconds / 2) * 1000);
    const killed = `${service.process.pid}.`;
    const killedAt = performance.now();
    if (isKilled) {
      await stopService(service.process, 'SIGKILL');
      service = await startService({ variant, backend: url, directory, port: service.port });
    }
    /** What the guarantee leaves out: the last of the killed process. */
    const isInGrace = ([name, at]: [string, number]) =>
      isKilled && name.startsWith(killed) && at >= killedAt - GRACE_MS;
    await sleep((seconds / 2) * 1000);
    receiver = await startOtlpReceiver({ port });
    spans.restart();
    lines.restart();
    const backAt = performance.now();
    const backlogs = [spans, lines].map((ledger) => ledger.missing().filter((item) => !isInGrace(item)));
    let sentAt = Number.NaN;
    const isSent = () =>
      [spans, lines].every((ledger, index) => backlogs[index]?.every(([name]) => ledger.has(name)));
    const isLate = () => performance.now() - backAt > PATIENCE_SECONDS * 1000;
    const isCalm = () => performance.now() - backAt > CALM_SECONDS * 1000;
    while (!isCalm() || (Number.isNaN(sentAt) && !isLate())) {
      await sleep(250);
      if (Number.isNaN(sentAt) && isSent()) sentAt = performance.now();
    }
    load.stop();
    await stopService(service.process, 'SIGTERM');
    spans.arrived(receiver.accepted);
    lines.arrived(receiver.acceptedLogs);
    const lost = [spans, lines].map((ledger) => ledger.missing());
    const inGrace = lost.flat().filter(isInGrace).length;
    const hasLines = load.lines.size > 0;
    return {
      delivery: variant,
      'kill -9': isKilled ? 'yes' : 'no',
      'spans made': load.spans.size,
      'spans delivered': load.spans.size - (lost[0]?.length ?? 0),
      'lines made': hasLines ? load.lines.size : '–',
      'lines delivered': hasLines ? load.lines.size - (lost[1]?.length ?? 0) : '–',
      lost: lost.flat().length - inGrace,
      'lost in the 500 ms before kill -9': isKilled ? inGrace : '',
      'delivered twice': spans.twice + lines.twice,
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

/** What was made, and what of it has arrived at a backend that was started again in between. */
class Ledger {
  readonly #made: ReadonlyMap<string, number>;
  readonly #arrived = new Set<string>();
  #seen = 0;
  twice = 0;

  constructor(made: ReadonlyMap<string, number>) {
    this.#made = made;
  }

  /** @param names all that this backend has accepted so far */
  arrived(names: readonly string[]): void {
    for (; this.#seen < names.length; this.#seen++) {
      const name = names[this.#seen] ?? '';
      if (this.#arrived.has(name)) this.twice++;
      this.#arrived.add(name);
    }
  }

  /** Another backend follows. */
  restart(): void {
    this.#seen = 0;
  }

  has(name: string): boolean {
    return this.#arrived.has(name);
  }

  /** With when it was made. */
  missing(): [string, number][] {
    return [...this.#made].filter(([name]) => !this.#arrived.has(name));
  }
}

/**
 * Connections of one load; four loads run at a time. Without a bound each request that a slow or restarting service leaves
 * waiting opens another one, until the process may open no more files. What finds none free waits in the agent.
 */
const MAX_SOCKETS = 64;

/** Requests at a fixed rate, whatever becomes of them; what those made that were answered, with the time. */
function startLoad(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const spans = new Map<string, number>();
  const lines = new Map<string, number>();
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
          const made = JSON.parse(body) as Made;
          for (const name of made.spans) spans.set(name, performance.now());
          for (const name of made.lines) lines.set(name, performance.now());
        });
        response.on('error', () => {});
      });
      request.on('error', () => {});
    }
  }, 5);
  return {
    spans,
    lines,
    stop: () => {
      clearInterval(timer);
      agent.destroy();
    },
  };
}
