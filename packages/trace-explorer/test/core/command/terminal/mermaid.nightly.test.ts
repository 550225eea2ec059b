import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { INSTALL_TIMEOUT_MS, npmInstall } from '../../../../../../test/helpers/npm.ts';
import { renderMermaid } from '../../../../src/core/command/terminal/render-mermaid.ts';
import { buildModel } from '../../../../src/core/traces/model/trace-model.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';

t.setTimeout(2 * INSTALL_TIMEOUT_MS);

const TRACES = 1_000;
/** Parts of names that a parser could read as more than a name. */
const PARTS = [
  'end',
  'loop',
  'as',
  'Note over p0:',
  '->>',
  '-->>-',
  '%%',
  ';',
  '#35;',
  '"',
  '<b>',
  '@{',
  '\n',
  'ß',
  '漢',
  '😀',
  ':',
  ' ',
];

/** Numbers below `below`, the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

t.test("Mermaid's own parser takes a thousand random traces", async (t) => {
  const folder = t.testdir();
  await npmInstall(folder, ['mermaid@12.3.0'], { name: 'parser', version: '1.0.0', private: true });
  const file = createRequire(join(folder, 'index.js')).resolve('mermaid');
  const { default: mermaid } = await import(pathToFileURL(file).href);
  const { store, get } = await temporaryExplorer(t);
  const next = numbers(7);
  const nameOf = () => Array.from({ length: 1 + next(4) }, () => PARTS[next(PARTS.length)]).join('');
  const ids = Array.from({ length: TRACES }, (_, index) => (index + 1).toString(16).padStart(32, '0'));
  for (const traceId of ids) {
    const services = Array.from({ length: 1 + next(5) }, nameOf);
    const count = 1 + next(40);
    await storeSpans(
      store,
      Array.from({ length: count }, (_, index) => ({
        traceId,
        spanId: (index + 1).toString(16).padStart(16, '0'),
        ...(index > 0 && { parentSpanId: (1 + next(index)).toString(16).padStart(16, '0') }),
        name: nameOf(),
        service: services[next(services.length)] ?? '',
        kind: 1 + next(5),
        status: next(4) === 0 ? (2 as const) : (0 as const),
        start: at(index),
        durationMs: 1 + next(50),
        ...(next(5) === 0 && { attributes: { 'db.system.name': 'sqlite' } }),
      })),
    );
  }
  let parsed = 0;
  for (const traceId of ids) {
    const drawn = renderMermaid(buildModel((await get(`/api/traces/${traceId}/outline`)).body));
    const { diagramType } = await mermaid.parse(drawn).catch((error: Error) => {
      t.fail(`${error.message}\n${drawn}`);
      return {};
    });
    if (diagramType === 'sequence') parsed++;
  }
  t.equal(parsed, TRACES);
});
