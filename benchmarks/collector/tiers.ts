import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, ROOT } from '../../test/helpers/processes.ts';
import { until } from '../../test/helpers/until.ts';

const FOLDER = join(ROOT, 'deploy', 'collector');
/** The tail sampler writes thresholds with it alone. */
const FEATURE_GATE = '--feature-gates=processor.tailsamplingprocessor.usetracestate';

/** Agent, gateway and two samplers as real processes of a Collector, with the files of deploy/collector. */
export interface Tiers {
  /** Where services send their spans. */
  readonly url: string;
  /** Process ids by tier. */
  readonly pids: Readonly<Record<'agent' | 'gateway' | 'samplers', readonly number[]>>;
  stop(): Promise<void>;
}

export interface TiersOptions {
  /** The Collector's executable. */
  readonly collector: string;
  /** Where the agent sends a copy of every span, as it came. */
  readonly sentUrl: string;
  /** Where the samplers send what they keep. */
  readonly keptUrl: string;
  /** Milliseconds from which a trace is slow. */
  readonly slowMs: number;
}

/** The output of `--version`: `otelcol-contrib version 0.161.0`. @throws Error when it does not start */
export function collectorVersion(collector: string): string {
  const { stdout, error } = spawnSync(collector, ['--version'], { encoding: 'utf8' });
  if (error !== undefined)
    throw new Error(`--collector: ${collector} does not start (${error.message}). It takes a Collector.`);
  return stdout.trim();
}

/** @throws Error with a process's output, when it ends or does not become healthy */
export async function startTiers({ collector, sentUrl, keptUrl, slowMs }: TiersOptions): Promise<Tiers> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-collector-'));
  const stops: (() => Promise<void>)[] = [];

  /** Resolves with the process's id and where it listens. */
  async function start(name: string, files: readonly string[], env: Readonly<Record<string, string>>) {
    const [health, grpc, http] = [await freePort(), await freePort(), await freePort()];
    const args = files.map((file) => `--config=${file.startsWith('yaml:') ? file : join(FOLDER, file)}`);
    // Several of them on one machine: their own metrics would all want port 8888.
    args.push('--config=yaml:service::telemetry::metrics::level: none');
    if (files.includes('sampler.yaml')) args.push(FEATURE_GATE);
    const child = spawn(collector, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        HEALTH_ENDPOINT: `127.0.0.1:${health}`,
        OTLP_GRPC_ENDPOINT: `127.0.0.1:${grpc}`,
        OTLP_HTTP_ENDPOINT: `127.0.0.1:${http}`,
        QUEUE_DIRECTORY: join(folder, name),
        ...env,
      },
    });
    let output = '';
    child.stderr.on('data', (chunk) => (output += chunk));
    const exited = once(child, 'close');
    stops.push(async () => {
      child.kill();
      await exited;
    });
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`${name} ended:\n${output}`);
        const answer = await fetch(`http://127.0.0.1:${health}/`).catch(() => undefined);
        return answer?.ok;
      },
      { what: () => `${name} is healthy. Output:\n${output}`, everyMs: 50 },
    );
    return { pid: child.pid as number, grpc: `127.0.0.1:${grpc}`, http: `http://127.0.0.1:${http}` };
  }

  async function stop() {
    for (const stopOne of stops.splice(0)) await stopOne();
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    const samplers = [];
    for (const name of ['sampler-1', 'sampler-2'])
      samplers.push(
        await start(name, ['sampler.yaml', 'backends/otlp.yaml'], {
          BACKEND_ENDPOINT: keptUrl,
          SLOW_MS: String(slowMs),
        }),
      );
    // Addresses with ports of their own, in the place of one name for all samplers.
    const hostnames = JSON.stringify(samplers.map(({ grpc }) => grpc));
    const gateway = await start(
      'gateway',
      [
        'gateway.yaml',
        `yaml:exporters::load_balancing::resolver: {dns: null, static: {hostnames: ${hostnames}}}`,
      ],
      {},
    );
    const agent = await start(
      'agent',
      [
        'agent.yaml',
        `yaml:{exporters: {otlp_http/sent: {endpoint: "${sentUrl}", compression: none}}, service: {pipelines: {traces: {exporters: [otlp_grpc, otlp_http/sent]}}}}`,
      ],
      { GATEWAY_ENDPOINT: gateway.grpc },
    );
    return {
      url: agent.http,
      pids: { agent: [agent.pid], gateway: [gateway.pid], samplers: samplers.map(({ pid }) => pid) },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
