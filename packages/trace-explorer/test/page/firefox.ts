import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from './browser.ts';
import { rootOf } from './browser.ts';

const USUAL = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
];
const START_LIMIT_MS = 60_000;

/** A tab of a real Firefox. */
export interface FirefoxTab {
  /** Errors of the console, and scripts that threw. A test expects it to be empty. */
  readonly problems: string[];
  /** All that the console said. */
  readonly lines: string[];
  /** Resolves when the page is loaded. */
  goto(url: string): Promise<void>;
  /** The value of an expression in the page; the promise of an expression is awaited. Only strings, numbers and booleans. */
  evaluate(expression: string): Promise<unknown>;
}

/** A command of WebDriver BiDi. @throws Error with the browser's message */
type Send = (method: string, params: object) => Promise<Record<string, unknown>>;

interface LogEntry {
  readonly level: string;
  readonly text: string;
  readonly source: { readonly context?: string };
}

interface Firefox {
  readonly send: Send;
  /** Is called with each log entry of each tab. */
  readonly listeners: Set<(entry: LogEntry) => void>;
}

const firefoxes = new WeakMap<Test, Promise<Firefox>>();

/**
 * A tab of a Firefox with a new profile, until the test ends. All tests of a process share the Firefox. Playwright drives
 * only a Firefox of its own, so this speaks WebDriver BiDi, which every Firefox has (https://www.w3.org/TR/webdriver-bidi/).
 * @throws Error with what to install when there is no Firefox
 */
export async function openFirefox(t: Test): Promise<FirefoxTab> {
  const root = rootOf(t);
  const firefox = firefoxes.get(root) ?? startFirefox(root);
  firefoxes.set(root, firefox);
  const { send, listeners } = await firefox;
  const problems: string[] = [];
  const lines: string[] = [];
  const { context } = await send('browsingContext.create', { type: 'tab' });
  const onLog = ({ level, text, source }: LogEntry) => {
    if (source.context !== context) return;
    lines.push(text);
    // A navigation stops what the page before it still loads (NS_BINDING_ABORTED).
    if (level === 'error' && !text.includes('status=2152398850')) problems.push(text);
  };
  listeners.add(onLog);
  t.teardown(async () => {
    listeners.delete(onLog);
    await send('browsingContext.close', { context });
  });
  return {
    problems,
    lines,
    goto: async (url) => void (await send('browsingContext.navigate', { context, url, wait: 'complete' })),
    evaluate: async (expression) => {
      const target = { context };
      const answer = await send('script.evaluate', { expression, target, awaitPromise: true });
      return (answer.result as { value?: unknown } | undefined)?.value;
    },
  };
}

async function startFirefox(root: Test): Promise<Firefox> {
  const path = [process.env.FIREFOX_PATH ?? '', ...USUAL].find((each) => existsSync(each));
  if (path === undefined) throw new Error('no Firefox; apt-get install firefox-esr, or set FIREFOX_PATH');
  const profile = mkdtempSync(join(tmpdir(), 'firefox-'));
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  root.teardown(async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit');
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 }); // processes of the tabs may end later
  });
  const socket = new WebSocket(`${await listeningUrl(child.stderr)}/session`);
  await Promise.race([
    once(socket, 'open'),
    once(socket, 'error').then(() => Promise.reject(new Error('Firefox took no connection.'))),
  ]);
  root.teardown(() => socket.close());
  const listeners: Firefox['listeners'] = new Set();
  const send = commands(socket, (entry) => {
    for (const listener of listeners) listener(entry);
  });
  await send('session.new', { capabilities: {} });
  await send('session.subscribe', { events: ['log.entryAdded'] });
  return { send, listeners };
}

/** The address in Firefox's line `WebDriver BiDi listening on ws://127.0.0.1:9222`. */
async function listeningUrl(output: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input: output });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const limit = setTimeout(() => reject(new Error('Firefox did not start.')), START_LIMIT_MS);
  lines.on('line', (line) => {
    const [, url] = /^WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
    if (url !== undefined) resolve(url);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(limit);
  }
}

/** Sends commands with ids of their own, and hands each log entry on. */
function commands(socket: WebSocket, onLog: (entry: LogEntry) => void): Send {
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  socket.addEventListener('message', ({ data }) => {
    const { id, type, method, params, result, message } = JSON.parse(String(data));
    if (type === 'event' && method === 'log.entryAdded') onLog(params);
    else if (type === 'error') waiting.get(id)?.reject(new Error(message));
    else waiting.get(id)?.resolve(result);
    waiting.delete(id);
  });
  let last = 0;
  return (method, params) => {
    const answer = Promise.withResolvers<Record<string, unknown>>();
    waiting.set(++last, answer);
    socket.send(JSON.stringify({ id: last, method, params }));
    return answer.promise;
  };
}
