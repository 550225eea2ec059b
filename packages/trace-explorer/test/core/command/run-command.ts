import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@tandem/service-kit/http';
import { configOf } from '../../../src/core/serve/config-of.ts';
import { startExplorer as startExplorerWith } from '../../../src/start-explorer.ts';

const MAIN = fileURLToPath(import.meta.resolve('../../../start.js'));
let stores = 0;

type Test = { teardown(fn: () => unknown): void };

/** The parts of a span in OTLP JSON that tests read. */
interface OtlpSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly {
    readonly key: string;
    readonly value: { readonly stringValue?: string; readonly intValue?: string };
  }[];
}
interface OtlpSpans {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

/** What the environment of a test has: its other variables would change what is sent. */
export function callerEnv(): NodeJS.ProcessEnv {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const XDG_DATA_HOME = process.env.XDG_DATA_HOME ?? join(tmpdir(), 'tandem-test-data'); // not the user's own
  const exporters = { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
  return { PATH, NODE_COMPILE_CACHE, XDG_DATA_HOME, ...exporters };
}

/** A child process, and what it says. It gets SIGTERM when the test ends. */
export function startCommand(
  t: Test,
  [command, ...args]: readonly [string, ...string[]],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
) {
  const child = spawn(command, args, options);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  t.teardown(async () => {
    child.kill('SIGTERM'); // which a command of `run` gets, too
    await ended;
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += chunk));
  child.stderr.on('data', (chunk) => (said.err += chunk));
  return { child, said, ended };
}

/** For commands in a folder: `run` with an explorer of its own, on free ports, unless `options` name another. */
export function runsIn(work: string) {
  /** Runs a command; `env` is what the caller has. */
  function start(
    t: Test,
    command: readonly string[],
    options: readonly string[] = [],
    env: object = {},
    cwd: string = work,
  ) {
    const own = ['--port', '0', '--otlp-port', '0', '--data-dir', join(work, String(stores++))];
    return startCommand(t, [process.execPath, MAIN, 'run', ...own, ...options, ...command], {
      cwd,
      env: { ...callerEnv(), ...env },
    });
  }

  /**
   * Starts an explorer in this process that commands send to. `beside` are the options of these commands: each that needs
   * no explorer of its own takes a third of the time.
   */
  async function startExplorer(t: Test) {
    const own = { port: '0', 'otlp-port': '0', 'grpc-port': 'off', 'data-dir': join(work, String(stores++)) };
    const config = await configOf([], own, {});
    const explorer = await startExplorerWith(config, createLogger(config.logLevel));
    t.teardown(explorer.stop);
    const port = String(explorer.port);
    /** All spans that came, as OTLP JSON. */
    const spans = async () => {
      const { traces } = (await (await fetch(`http://localhost:${port}/api/traces?limit=200`)).json()) as {
        traces: { trace_id: string }[];
      };
      const exported = traces.map(async ({ trace_id }) => {
        const url = `http://localhost:${port}/api/export?trace_id=${trace_id}`;
        return (await (await fetch(url)).json()) as OtlpSpans;
      });
      return (await Promise.all(exported)).flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
      );
    };
    return { stop: explorer.stop, port, beside: ['--port', port], spans };
  }
  return { start, startExplorer };
}

/** An app that asks its own server once, which does some work first. */
export const appOf = (work: string, load: (name: string) => string) => `
  ${load('node:http')}
  ${work}
  const server = http.createServer(async (_, response) => {
    await work();
    response.end('ok');
  }).listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    http.get({ port }, (answer) => answer.resume().on('end', () => server.close()));
  });
`;
/** How a module of each kind loads another. */
export const REQUIRE = (name: string) => `const ${name.replace(/.*:/, '')} = require('${name}');`;
export const IMPORT = (name: string) => `import ${name.replace(/.*:/, '')} from '${name}';`;

/** The last lines of a run in which nothing wrong was found; on a busy machine, requests that waited for a processor are told apart. */
export function nothingWrong(units: string): RegExp {
  return new RegExp(
    `\\n(?:Nothing wrong found in ${units}\\b|${units}, (?:\\d+ of )?which waited for a processor: )`,
  );
}

/** The last lines of a run that name its units, whatever was found wrong: a process that waits for a processor stands still. */
export function verdictOn(units: string): RegExp {
  return new RegExp(`\\n(?:\\d+ problems? in |Nothing wrong found in )?${units}\\b`);
}
