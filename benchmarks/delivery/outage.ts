import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Row } from '../lib/measurements.ts';
import { usageOf } from '../lib/thread-times.ts';
import type { Made } from './service.ts';

const REQUESTS_PER_SECOND = 200;
/** So long everything works, before and after the outage. */
const CALM_SECONDS = 5;
/** When a backend that is back has still not got all by then, the rest counts as lost. */
const LATE_SECONDS = 30;
/** The guarantee leaves out this time before a process is killed. */
const GRACE_MS = 500;
/**
 * Connections of one load; four loads run at a time. Without a bound each request that a slow or restarting service leaves
 * waiting opens another one, until the process may open no more files. A request without a free connection waits in the agent.
 */
const MAX_SOCKETS = 64;

/** The exporters. Each is loaded before the service. */
const VARIANTS = {
  ours: import.meta.resolve('@tandem/service-kit/register'),
  stock: import.meta.resolve('./stock.ts'),
} as const;

interface Run {
  readonly variant: keyof typeof VARIANTS;
  readonly isKilled: boolean;
}

/**
 * The backend is gone for some time under load, then back, and half of the processes are killed (kill -9) and
 * restarted in the middle. Every span, and every line, whose request was answered counts as made.
 */
export async function measureOutage(seconds: number): Promise<Row[]> {
  const runs: Run[] = [
    { variant: 'ours', isKilled: false },
    { variant: 'stock', isKilled: false },
    { variant: 'ours', isKilled: true },
    { variant: 'stock', isKilled: true },
  ];
  return Promise.all(runs.map((run) => runOutage(run, seconds)));
}

async function runOutage({ variant, isKilled }: Run, seconds: number): Promise<Row> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-delivery-'));
  let receiver = await startOtlpReceiver();
  const { port: backendPort, url } = receiver;
  let service = await startService(variant, url, directory);
  const made = { spans: new Map<string, number>(), lines: new Map<string, number>() };
  const stopLoad = startLoad(service.port, made);
  const spans = new Arrivals(made.spans);
  const lines = new Arrivals(made.lines);
  const look = () => {
    spans.add(receiver.accepted);
    lines.add(receiver.acceptedLogs);
  };
  let peakBytes = 0;
  const sampler = setInterval(() => {
    // Between a kill and the new start there is no process.
    if (service.child.exitCode === null && service.child.signalCode === null)
      peakBytes = Math.max(peakBytes, usageOf([service.child.pid ?? 0]).residentBytes);
    look();
  }, 250);
  try {
    await sleep(CALM_SECONDS * 1000);
    await receiver.close();
    look();
    await sleep((seconds / 2) * 1000);
    const killed = `${service.child.pid}.`;
    const killedAt = performance.now();
    if (isKilled) {
      await stopService(service.child, 'SIGKILL');
      service = await startService(variant, url, directory, service.port);
    }
    /** Whether the guarantee leaves this out: the last 500 ms of the killed process. */
    const isInGrace = ([name, at]: [string, number]) =>
      isKilled && name.startsWith(killed) && at >= killedAt - GRACE_MS;
    await sleep((seconds / 2) * 1000);
    receiver = await startOtlpReceiver({ port: backendPort });
    const backAt = performance.now();
    const isOwed = (each: [string, number]) => !isInGrace(each);
    const [owedSpans, owedLines] = [spans.missing().filter(isOwed), lines.missing().filter(isOwed)];
    const isSent = () =>
      owedSpans.every(([name]) => spans.has(name)) && owedLines.every(([name]) => lines.has(name));
    let sentAt = Number.NaN;
    for (const end = backAt + LATE_SECONDS * 1000; performance.now() < end && Number.isNaN(sentAt); ) {
      await sleep(250);
      if (isSent()) sentAt = performance.now();
    }
    await sleep(Math.max(0, backAt + CALM_SECONDS * 1000 - performance.now()));
    stopLoad();
    await stopService(service.child, 'SIGTERM');
    look();
    const [lostSpans, lostLines] = [spans.missing(), lines.missing()];
    const inGrace = [...lostSpans, ...lostLines].filter(isInGrace).length;
    const hasLines = made.lines.size > 0;
    return {
      delivery: variant,
      'kill -9': isKilled ? 'yes' : 'no',
      'spans made': made.spans.size,
      'spans delivered': made.spans.size - lostSpans.length,
      'lines made': hasLines ? made.lines.size : '–',
      'lines delivered': hasLines ? made.lines.size - lostLines.length : '–',
      lost: lostSpans.length + lostLines.length - inGrace,
      'lost in the 500 ms before kill -9': isKilled ? inGrace : '',
      'delivered twice': spans.twice + lines.twice,
      'backlog sent within (s)': Number.isNaN(sentAt) ? 'never' : ((sentAt - backAt) / 1000).toFixed(1),
      'peak resident (MB)': Math.round(peakBytes / 1e6),
    };
  } finally {
    clearInterval(sampler);
    stopLoad();
    await stopService(service.child, 'SIGKILL');
    await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The spans or lines that have arrived at a backend. The backend is started again in between. */
class Arrivals {
  twice = 0;
  readonly #made: ReadonlyMap<string, number>;
  readonly #arrived = new Set<string>();
  #list: readonly string[] = [];
  #seen = 0;

  constructor(made: ReadonlyMap<string, number>) {
    this.#made = made;
  }

  /** @param names all that this backend has accepted so far; another list is of another backend */
  add(names: readonly string[]): void {
    if (names !== this.#list) this.#seen = 0;
    this.#list = names;
    for (; this.#seen < names.length; this.#seen++) {
      const name = names[this.#seen] ?? '';
      if (this.#arrived.has(name) && this.#made.has(name)) this.twice++;
      this.#arrived.add(name);
    }
  }

  has(name: string): boolean {
    return this.#arrived.has(name);
  }

  /** With when it was made. */
  missing(): [string, number][] {
    return [...this.#made].filter(([name]) => !this.#arrived.has(name));
  }
}

async function startService(variant: Run['variant'], backend: string, directory: string, port = 0) {
  const signals = variant === 'ours' ? 'lines' : 'spans';
  const child = fork(new URL('./service.ts', import.meta.url), [signals, String(port)], {
    execArgv: ['--import', VARIANTS[variant]],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: 'bench',
      OTEL_EXPORTER_OTLP_ENDPOINT: backend,
      OTEL_LOGS_EXPORTER: 'otlp',
      DATA_DIR: directory,
    },
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('The service did not start.')));
  const [message] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  return { child, port: (message as { readonly port: number }).port };
}

async function stopService(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

/** Sends requests at a fixed rate. Records the spans of answered requests, with the time. */
function startLoad(port: number, made: Record<keyof Made, Map<string, number>>): () => void {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const started = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - started) / 1000) * REQUESTS_PER_SECOND;
    for (; sent < due; sent++) {
      const request = get({ port, host: '127.0.0.1', agent }, async (response) => {
        const answer = (await json(response).catch(() => undefined)) as Made | undefined;
        for (const name of answer?.spans ?? []) made.spans.set(name, performance.now());
        for (const name of answer?.lines ?? []) made.lines.set(name, performance.now());
      });
      request.on('error', () => {});
    }
  }, 5);
  return () => {
    clearInterval(timer);
    agent.destroy();
  };
}
