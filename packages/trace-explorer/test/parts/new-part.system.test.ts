import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

const PACKAGE = join(import.meta.dirname, '../..');

/** What the doors load: the shortest view, route, command and tool. */
const FILES = {
  'page/index.tsx': `export default function Hello() {
  return <p>hello</p>;
}
`,
  'server/routes.ts': `import type { FastifyInstance } from 'fastify';
export async function helloRoutes(app: FastifyInstance): Promise<void> {
  app.get('/api/hello', { schema: { hide: true } }, async () => ({ said: 'hello' }));
}
`,
  'command/hello.ts': `export async function helloCommand(): Promise<void> {
  process.stdout.write('hello\\n');
}
`,
  'tools/hello.ts': `import { tool } from '../../../core/tools/tool.ts';
export const sayHello = tool({
  name: 'say_hello',
  title: 'Hello',
  description: 'Says hello.',
  input: {},
  run: async (_args, { ask, page }) => ({ link: page, ...(await ask<{ said: string }>('/api/hello')) }),
});
`,
};

/** Starts the explorer of the copy, and asks its view, its route, and its tool as an agent does. */
const ASK = `
  const { openStore } = await import('./src/core/store/store.ts');
  const { buildExplorer } = await import('./src/app.ts');
  const store = await openStore({ directory: process.env.DIRECTORY });
  const app = await buildExplorer({ store });
  const headers = { accept: 'application/json, text/event-stream' };
  const params = { name: 'say_hello', arguments: {} };
  const payload = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  const { pageBundle } = await import('./src/core/page-server/bundle.ts');
  const { assets, preloads } = await pageBundle();
  const code = preloads('hello').map((name) => Buffer.from(assets.get(name).plain).toString());
  const { statusCode } = await app.inject('/hello');
  process.stdout.write(statusCode + ' ' + code.some((each) => each.includes('children:"hello"')) + '\\n');
  const answers = [await app.inject('/api/hello'), await app.inject({ method: 'POST', url: '/mcp?tools=all', headers, payload })];
  await app.close();
  await store.close();
  process.stdout.write(answers.map(({ body }) => body).join('\\n'));
`;

/** Blocks of code in CONTRIBUTING.md, by the file that the line before names. */
function blocks(): Map<string, string> {
  const text = readFileSync(join(PACKAGE, '../../CONTRIBUTING.md'), 'utf8');
  const found = text.matchAll(/^`(parts\/hello\/[^`]+)`[^\n]*\n\n```(?:ts|json)\n([\s\S]*?)^```$/gm);
  return new Map(Array.from(found, ([, file = '', code = '']) => [file, code]));
}

t.test(
  'the part of CONTRIBUTING.md is a folder and a line in each list: all that it has works',
  async (t) => {
    const copy = t.testdir();
    cpSync(join(PACKAGE, 'src'), join(copy, 'src'), { recursive: true });
    cpSync(join(PACKAGE, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(PACKAGE, 'node_modules'), join(copy, 'node_modules'), 'junction');
    const write = (file: string, code: string) => {
      const path = join(copy, 'src', file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, code);
    };
    const doors = blocks();
    t.same([...doors.keys()].toSorted(), [
      'parts/hello/commands.json',
      'parts/hello/page/part.ts',
      'parts/hello/part.node.ts',
      'parts/hello/part.ts',
    ]);
    for (const [file, code] of doors) write(file, code);
    for (const [file, code] of Object.entries(FILES)) write(`parts/hello/${file}`, code);
    for (const [list, name, door] of [
      ['parts.node.ts', 'node', 'part.node.ts'],
      ['page/parts.ts', 'part', 'page/part.ts'],
    ] as const) {
      const text = readFileSync(join(copy, 'src', list), 'utf8').replace('\n];\n', '\n  hello,\n];\n');
      const root = list.startsWith('page/') ? '../' : './';
      write(list, `import { ${name} as hello } from '${root}parts/hello/${door}';\n${text}`);
    }
    const node = async (...args: string[]) => {
      const { PATH, NODE_COMPILE_CACHE } = process.env;
      const env = { PATH, NODE_COMPILE_CACHE, DIRECTORY: join(copy, 'store') };
      return (await promisify(execFile)(process.execPath, args, { cwd: copy, env })).stdout;
    };
    t.equal(await node('src/main.ts', 'hello'), 'hello\n');
    t.match(await node('src/main.ts', '--help'), /^ {2}trace-explorer hello {16}says hello$/m);
    const [view, route, ...tool] = (await node('--input-type=module', '--eval', ASK)).split('\n');
    t.equal(view, '200 true', 'its view has an address, and code of its own');
    t.equal(route, '{"said":"hello"}');
    t.match(tool.join(''), /said\W+hello/);
  },
);
