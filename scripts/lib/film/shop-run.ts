import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../../../tools/root.ts';
import { freePort } from '../free-port.ts';

const MAIN = join(ROOT, 'packages', 'trace-explorer', 'src', 'main.ts');
const SERVICE_KIT = join(ROOT, 'packages', 'service-kit', 'package.json');
/** What a reader types in the shop's folder, beside a clone. */
const CALL = 'node ../tandem/tandem';
const LIMIT_MS = 120_000;
/** Long enough for a look at what has come, in milliseconds. */
const LOOKS_MS = 5_000;

/** What a terminal shows, by what printed it. */
export interface Line {
  readonly text: string;
  readonly isOfRun: boolean;
}

/** One run of the shop in examples/shop. */
export interface ShopRun {
  readonly command: string;
  /** Until the first problem is said, with the line that says it. */
  readonly before: readonly Line[];
  readonly request: string;
  readonly ending: readonly string[];
}

/** Where the page is while the run goes on, and the trace of the first problem. */
export interface Shown {
  readonly page: string;
  readonly traceId: string;
}

/**
 * Runs the shop under `run`, asks it, and ends it with Ctrl+C.
 * @param work a folder of its own
 * @param look is called while the explorer of the run answers
 * @throws Error with what was said, where something did not come
 */
export async function runShop(work: string, look: (shown: Shown) => Promise<void>): Promise<ShopRun> {
  const folder = join(work, 'my-app');
  cpSync(join(ROOT, 'examples', 'shop'), folder, {
    recursive: true,
    filter: (path) => !/node_modules/.test(path),
  });
  mkdirSync(join(folder, 'node_modules'));
  const fastify = realpathSync(dirname(createRequire(SERVICE_KIT).resolve('fastify/package.json')));
  symlinkSync(fastify, join(folder, 'node_modules', 'fastify'));
  const [port, page, otlp] = await Promise.all([freePort(), freePort(), freePort()]);
  const options = [
    '--live',
    '--port',
    String(page),
    '--otlp-port',
    String(otlp),
    '--data-dir',
    join(work, 'data'),
  ];
  const { PATH } = process.env;
  const child = spawn(process.execPath, [MAIN, 'run', ...options, '--', 'npm', 'run', 'dev'], {
    cwd: folder,
    env: { PATH, LANG: 'C.UTF-8', HOME: work, XDG_DATA_HOME: work, TANDEM: CALL, PORT: String(port) },
  });
  const lines: Line[] = [];
  for (const [stream, isOfRun] of [
    [child.stdout, false],
    [child.stderr, true],
  ] as const)
    stream.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter((line) => line !== ''))
        lines.push({ text: withUsualPorts(line), isOfRun });
    });
  const said = () => lines.map(({ text }) => text).join('\n');
  const until = async <T>(found: () => T | undefined): Promise<T> => {
    for (const end = Date.now() + LIMIT_MS; ; await sleep(100)) {
      const value = found();
      if (value !== undefined) return value;
      if (Date.now() > end || child.exitCode !== null) throw new Error(`The shop did not say it:\n${said()}`);
    }
  };
  try {
    await until(() => lines.find(({ text, isOfRun }) => !isOfRun && text.startsWith('http')));
    const ask = (path: string, order?: object) => askShop(`http://localhost:${port}${path}`, order);
    await ask('/orders');
    await ask('/orders');
    const problem = await until(() => lines.find(({ text }) => /^! .*\/trace\/\w{32}$/.test(text)));
    const before = lines.slice(0, lines.indexOf(problem) + 1);
    await look({ page: `http://localhost:${page}`, traceId: problem.text.slice(-32) });
    for (let n = 0; n < 19; n++) await ask('/orders');
    for (let n = 0; n < 5; n++) await ask('/report');
    for (let n = 0; n < 6; n++)
      await ask('/orders', n % 2 === 0 ? { customer: 'Ada' } : { customer: 'Ada', lines: [] });
    await ask('/favicon.ico');
    await sleep(LOOKS_MS);
    const from = lines.length;
    const ended = once(child, 'close');
    child.kill('SIGINT');
    await ended;
    return {
      command: `${CALL} run -- npm run dev`,
      before,
      request: 'curl http://localhost:3000/orders',
      ending: lines.slice(from).flatMap(({ text, isOfRun }) => (isOfRun ? [text] : [])),
    };
  } finally {
    if (child.exitCode === null) child.kill('SIGTERM');
  }

  /** The ports that a reader has: those of here are free ones. */
  function withUsualPorts(line: string): string {
    return line
      .replaceAll(`localhost:${page}`, 'localhost:4319')
      .replaceAll(`127.0.0.1:${port}`, '127.0.0.1:3000')
      .replaceAll(`localhost:${port}`, 'localhost:3000');
  }
}

async function askShop(url: string, order?: object): Promise<void> {
  const answer = await fetch(url, {
    ...(order && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    }),
  });
  await answer.arrayBuffer();
}
