import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';
import t from 'tap';

interface PrintedSpan {
  readonly id: string;
  readonly traceId: string;
  readonly parent?: string;
  readonly name: string;
}

/** Runs the fixture app in a new process, like a service, and returns the spans of the app's one request. */
async function spansOf(lifecycle: boolean): Promise<PrintedSpan[]> {
  return (await printedBy(import.meta.resolve('./fixtures/lifecycle-app.ts'), lifecycle)) as PrintedSpan[];
}

async function printedBy(app: string, lifecycle: boolean): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', import.meta.resolve('./fixtures/trace-lifecycle.ts'), fileURLToPath(app)],
    { env: { ...process.env, LIFECYCLE: String(lifecycle) } },
  );
  return JSON.parse(stdout);
}

/** `[name, [children]]` of the spans below a span. */
function tree(spans: readonly PrintedSpan[], parent: string | undefined): unknown[] {
  return spans.filter((span) => span.parent === parent).map((span) => [span.name, tree(spans, span.id)]);
}

const CALLER = 'b7ad6b7169203331';

t.test('without lifecycle spans a request has the SERVER span and spans of the service', async (t) => {
  const spans = await spansOf(false);
  t.same(tree(spans, CALLER), [
    [
      'POST /items',
      [
        ['in hook', []],
        ['in handler', []],
      ],
    ],
  ]);
});

t.test('lifecycle spans add a span per hook and handler, and break no parent', async (t) => {
  // The oldest promised Node lacks hooks for modules.
  if (!supportsSyncHooks()) return t.rejects(spansOf(true), /TRACE_FASTIFY_LIFECYCLE needs Node 22\.22\.3/);
  const spans = await spansOf(true);
  t.same(tree(spans, CALLER), [
    [
      'POST /items',
      [
        ['middleware - authenticate', [['in hook', []]]],
        ['request handler - createItem', [['middleware - prepare', [['in handler', []]]]]],
      ],
    ],
  ]);
  t.equal(spans.length, 6, 'no span outside of the tree');
  t.same([...new Set(spans.map((span) => span.traceId))], ['0af7651916cd43dd8448eb211c80319c']);
});

t.test(
  'the handler of a hijacked reply has a span that ends: with the answer, or where a connection is upgraded',
  async (t) => {
    if (!supportsSyncHooks()) return;
    const { open, all } = (await printedBy(import.meta.resolve('./fixtures/hijacking-app.ts'), true)) as {
      open: string[];
      all: string[];
    };
    t.ok(open.includes('request handler - upgraded'), open.join());
    t.ok(all.includes('request handler - hijacking'), all.join());
  },
);
