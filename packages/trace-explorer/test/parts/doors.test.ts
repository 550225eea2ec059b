import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { buildExplorer } from '../../src/app.ts';
import type { NodePart } from '../../src/core/door/node.ts';
import { toolsOf } from '../../src/core/door/node.ts';
import { settingsOf } from '../../src/core/serve/config-of.ts';
import { nodeParts } from '../../src/parts.node.ts';
import { runCli } from '../core/command/run-cli.ts';
import { temporaryStore } from '../spans.ts';
import { parts, withDependents } from './with-dependents.ts';

// Alone in its process: it starts explorers without some parts, and a process has one list of views.
const FOLDER = join(import.meta.dirname, '../../src/parts');
const namesOf = (some: readonly { readonly name: string }[]) => some.map(({ name }) => name);

/** Every route as `GET /path`. */
function routesOf(app: FastifyInstance): string[] {
  const above: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, before = '', path = '', methods = ''] =
        /^([ │]*)[├└]── (.*) \(([A-Z, ]+)\)$/u.exec(line) ?? [];
      if (path === '') return [];
      above.splice(before.length / 4, above.length, path);
      return methods.split(', ').map((method) => `${method} ${above.join('')}`);
    })
    .toSorted();
}

t.test('the list has every folder, by its name', async (t) => {
  const withDoor = (file: string) =>
    readdirSync(FOLDER).filter((name) => readdirSync(join(FOLDER, name)).includes(file));
  t.same(namesOf(parts).toSorted(), readdirSync(FOLDER));
  t.same(withDoor('part.ts'), readdirSync(FOLDER));
  t.same(withDoor('part.node.ts'), readdirSync(FOLDER));
  for (const { name, needs = [] } of parts)
    t.same(
      needs.filter((each) => !namesOf(parts).includes(each)),
      [],
      name,
    );
});

t.test('a door loads only addresses and small files of its own', async (t) => {
  for (const name of readdirSync(FOLDER))
    for (const file of readdirSync(join(FOLDER, name)).filter((each) => /^part\.(?:node\.)?ts$/.test(each))) {
      const text = readFileSync(join(FOLDER, name, file), 'utf8');
      const imported = [...text.matchAll(/^import (?!type )[^;]*? from '([^']+)'/gm)].map(([, from]) => from);
      t.same(
        imported.filter(
          (from = '') =>
            !/^(?:\.\/(?:[\w-]+\.ts|commands\.json)|\.\.\/\.\.\/(?:core\/places|lib)\/.*)$/.test(from),
        ),
        [],
        `${name}/${file}`,
      );
    }
});

t.test('without a part and those that need it nothing of them is there, and all else is', async (t) => {
  const store = await temporaryStore(t);
  const inExplorer = async (some: readonly NodePart[]) => {
    const app = await buildExplorer({ store, parts: some });
    const routes = routesOf(app);
    await app.close();
    return { routes, tools: namesOf(await toolsOf(some)) };
  };
  const core = await inExplorer([]);
  t.ok(core.routes.includes('GET /api/traces'));
  const own = new Map<string, Awaited<ReturnType<typeof inExplorer>>>();
  for (const each of nodeParts) {
    const { routes, tools } = await inExplorer([each]);
    own.set(each.part.name, { routes: routes.filter((route) => !core.routes.includes(route)), tools });
  }
  const all = await inExplorer(nodeParts);
  for (const { name } of parts) {
    const left = withDependents(name);
    const rest = nodeParts.filter(({ part }) => !left.has(part.name));
    const gone = [...left].flatMap((each) => own.get(each) ?? []);
    const there = await inExplorer(rest);
    const expected = (kind: 'routes' | 'tools') =>
      all[kind].filter((each) => !gone.some((part) => part[kind].includes(each)));
    t.same(there, { routes: expected('routes'), tools: expected('tools') }, name);
    const commands = nodeParts
      .filter(({ part }) => left.has(part.name))
      .flatMap((each) => Object.entries(each.commands ?? {}));
    const { out: help } = await runCli('--help', [], rest);
    for (const [command, { does }] of commands) {
      t.notMatch(help, does, `${command} is not in --help`);
      t.match(await runCli(command, [], rest), { code: 1, error: `no command ${command}` });
    }
  }
});

t.test('what a part adds to routes of the core goes with it', async (t) => {
  const store = await temporaryStore(t);
  const addresses = { apiUrl: 'http://localhost:4567', otlpEndpoint: 'http://localhost:14318' };
  for (const [some, origins] of [
    [nodeParts, "'self' http://localhost:4567 http://localhost:14318"],
    [[], "'self'"],
  ] as const) {
    const app = await buildExplorer({ store, parts: some, ...addresses });
    const { headers } = await app.inject('/');
    t.match(headers['content-security-policy'], `connect-src ${origins};`);
    const { paths } = (await app.inject('/documentation/json')).json();
    const described = JSON.stringify(paths['/api/status']);
    t.equal(described.includes('"forward"'), some.length > 0);
    t.equal((await settingsOf(some)).length > 0, some.length > 0);
    await app.close();
  }
});
