import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { ROOT } from '../../../tools/root.ts';
import type { Frame } from './animated-webp.ts';
import { film, traceFrame } from './film.ts';
import type { ShopRun } from './shop-run.ts';
import { runShop } from './shop-run.ts';

const FILM = join(ROOT, 'docs', 'images', 'run.webp');
const TRACE = join(ROOT, 'docs', 'example-trace.html');
const README = join(ROOT, 'README.md');
/** The README's block of what `run` said. */
const ENDING = /(?<=<!-- ending -->\n```text\n)[\s\S]*?(?=```\n<!-- end of ending -->)/;
/** Says nothing of the machine. */
const ANONYMOUS = 'anonymous=true&redact=host.name&redact=process.executable.path&redact=process.pid';
/** A busy machine has other problems than the shop's. */
const MOST_TRIES = 5;
const BUSY = /waited for a processor|stood still/;

/**
 * Writes the README's film, its block with the last lines of `run`, and the saved trace: all of one run of examples/shop.
 * @throws Error where the machine was busy each time
 */
export async function takeFilm(browser: Browser): Promise<readonly string[]> {
  for (let tries = 1; ; tries++) {
    using work = mkdtempDisposableSync(join(tmpdir(), 'tandem-film-'));
    let [trace, saved]: [Frame | undefined, string] = [undefined, ''];
    const run = await runShop(work.path, async (shown) => {
      trace = await traceFrame(browser, shown);
      saved = await (await fetch(`${shown.page}/api/traces/${shown.traceId}/page?${ANONYMOUS}`)).text();
    });
    if (trace === undefined) throw new Error('The run showed no trace.');
    if (isBusy(run)) {
      if (tries < MOST_TRIES) continue;
      throw new Error(`The machine was busy. Try again later:\n${run.ending.join('\n')}`);
    }
    writeFileSync(FILM, await film(browser, run, trace));
    writeFileSync(TRACE, saved);
    const ending = `${run.ending.join('\n')}\n`;
    writeFileSync(
      README,
      readFileSync(README, 'utf8').replace(ENDING, () => ending),
    );
    return [FILM, TRACE, README];
  }
}

function isBusy({ before, ending }: ShopRun): boolean {
  return [...before.map(({ text }) => text), ...ending].some((line) => BUSY.test(line));
}
