import type { Browser, Page } from 'playwright-core';
import { escapeHtml } from '../../../packages/trace-explorer/src/lib/text/escape-html.ts';
import type { Frame } from './animated-webp.ts';
import { animatedWebp } from './animated-webp.ts';
import type { ShopRun, Shown } from './shop-run.ts';

/** Pixels. */
const [WIDTH, HEIGHT] = [960, 540];
const QUALITY = 70;
/** How long pictures are shown, in milliseconds: a typed character's, a line's, the trace's, the ending's. */
const TIMES = { typed: 90, line: 450, read: 1_600, trace: 3_000, ending: 4_500 };
/** Characters that appear together. */
const TYPED = 6;

/** Takes the picture of the trace, in a tab of its own: its page refuses the terminal's styles. */
export async function traceFrame(browser: Browser, { page: origin, traceId }: Shown): Promise<Frame> {
  const page = await newPage(browser);
  await page.goto(`${origin}/trace/${traceId}`);
  await page.locator('.findings').waitFor();
  await page.waitForTimeout(1_000); // live views never stop asking
  const frame = await frameOf(page, TIMES.trace);
  await page.close();
  return frame;
}

/** A silent film of a run: the command, a request, the first problem, its trace, and the ending. */
export async function film(browser: Browser, run: ShopRun, trace: Frame): Promise<Buffer> {
  const page = await newPage(browser);
  const frames: Frame[] = [];
  const shown: string[] = [];
  const show = async (ms: number, typed = '') => {
    await page.setContent(terminal([...shown, ...(typed === '' ? [] : [typed])]));
    frames.push(await frameOf(page, ms));
  };
  const type = async (command: string) => {
    for (let at = TYPED; at < command.length; at += TYPED)
      await show(TIMES.typed, `$ ${command.slice(0, at)}▏`);
    shown.push(`$ ${command}`);
    await show(TIMES.line);
  };
  await type(run.command);
  const problem = run.before.length - 1;
  for (const { text } of run.before.slice(0, problem)) shown.push(text);
  await show(TIMES.line);
  // In the other terminal of the reader.
  await type(run.request);
  shown.push(run.before[problem]?.text ?? '');
  await show(TIMES.read);
  frames.push(trace);
  shown.push('^C');
  await show(TIMES.line);
  shown.push(...run.ending);
  await show(TIMES.ending);
  await page.close();
  return animatedWebp(frames, WIDTH, HEIGHT);
}

async function newPage(browser: Browser): Promise<Page> {
  return browser.newPage({
    colorScheme: 'dark',
    locale: 'en-GB',
    viewport: { width: WIDTH, height: HEIGHT },
  });
}

async function frameOf(page: Page, ms: number): Promise<Frame> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  await session.detach();
  return { ms, bytes: Buffer.from(data, 'base64') };
}

/** The last lines that fit. */
function terminal(lines: readonly string[]): string {
  return `<!doctype html><style>
    body { margin: 0; height: 100vh; overflow: hidden; display: flex; flex-direction: column; justify-content: end;
      background: #16181d; color: #d7dae0; font: 14px/20px monospace; }
    pre { margin: 0; padding: 14px 18px; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
    .error { color: #ff7b72; } .warning { color: #e3b341; } .typed { color: #fff; font-weight: bold; } .dim { color: #9097a3; }
    .first { margin-bottom: auto; }
  </style><pre class="first">${lines.map(coloured).join('\n')}</pre>`;
}

/** The colours of a terminal. */
function coloured(line: string): string {
  const text = escapeHtml(line);
  if (/^\s*✗/.test(line)) return text.replace('✗', '<span class="error">✗</span>');
  if (/^\s*! /.test(line)) return text.replace('!', '<span class="warning">!</span>');
  if (/^\$ |^\^C/.test(line)) return `<span class="typed">${text}</span>`;
  return /^ {6}|^ {2}Slowest|^>/.test(line) ? `<span class="dim">${text}</span>` : text;
}
