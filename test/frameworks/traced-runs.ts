import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { freePort } from '../../scripts/lib/free-port.ts';
import { packPackage } from '../../scripts/lib/pack-package.ts';
import { npmInstall } from '../helpers/npm.ts';

/** A span as OTLP JSON has it, as far as it is read. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
}

/** Installs the packed explorer, whose `run` traces commands, until the test ends. */
export async function installExplorer(t: Test) {
  // Outside of the workspace, whose packages would be found from here.
  const work = await mkdtemp(join(tmpdir(), 'frameworks-'));
  t.teardown(() => rm(work, { recursive: true, force: true }));
  const installed = join(work, 'installed');
  await npmInstall(installed, [await packPackage('trace-explorer', work)]);
  const command = join(installed, 'node_modules', '@tandem', 'trace-explorer', 'trace-explorer.mjs');
  let runs = 0;

  /** The spans of a command with `run`, and what it wrote. */
  async function spansOf(folder: string, traced: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const file = join(work, `${++runs}.jsonl`);
    const inner = `"$@"; status=$?; sleep 1; NODE_OPTIONS= "${process.execPath}" "${command}" export --url "http://localhost:$PAGE" --out "${file}" >&2; exit $status`;
    const port = String(await freePort());
    const options = ['--port', port, '--otlp-port', '0', '--data-dir', join(work, `data-${runs}`)];
    const { PATH } = process.env;
    const child = spawn(
      process.execPath,
      [command, 'run', ...options, '--', 'sh', '-c', inner, 'sh', ...traced],
      { cwd: folder, env: { PATH, HOME: work, PAGE: port, ...env } },
    );
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk) => (said.out += chunk));
    child.stderr.on('data', (chunk) => (said.err += chunk));
    await once(child, 'close');
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== ''); // none without spans
    const spans = lines.flatMap((line): Span[] =>
      (JSON.parse(line).resourceSpans ?? []).flatMap(
        ({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) =>
          scopeSpans.flatMap((scope) =>
            scope.spans.map((span) => ({ ...span, attributes: span.attributes ?? [] })),
          ), // absent where it has none
      ),
    );
    return { ...said, spans };
  }
  return { work, spansOf };
}

/** The path of a request; of a CLIENT span that has its URL alone, the path of that. */
export function pathOf({ attributes }: Span): string | undefined {
  const textOf = (name: string) => attributes.find(({ key }) => key === name)?.value.stringValue;
  return textOf('url.path') ?? URL.parse(textOf('url.full') ?? '')?.pathname;
}
