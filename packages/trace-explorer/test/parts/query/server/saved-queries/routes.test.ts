import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { temporaryExplorer } from '../../../../explorer.ts';
import { temporaryDirectory } from '../../../../spans.ts';

type Test = Parameters<typeof temporaryDirectory>[0];

const query = {
  calculations: [{ op: 'P90', column: 'duration_ms' }],
  filters: [{ column: 'name', op: 'in', value: ['a', 'b'] }],
  breakdowns: ['service.name', 'http.route'],
};

async function withFolder(t: Test, queryFolder: string | undefined) {
  const { app } = await temporaryExplorer(t, { queryFolder });
  const ask = async (method: 'GET' | 'PUT' | 'DELETE', path = '', payload?: object) => {
    const { statusCode, body } = await app.inject({
      method,
      url: `/api/saved${path}`,
      ...(payload && { payload }),
    });
    return { status: statusCode, body: JSON.parse(body) };
  };
  return { app, ask };
}

t.test('queries and calculated fields are files in Honeycomb’s own JSON', async (t) => {
  const folder = join(temporaryDirectory(t), 'queries of mine');
  const { ask } = await withFolder(t, folder);
  t.same((await ask('GET')).body, { folder, queries: [], calculated_fields: [], triggers: [], problems: [] });

  const named = { query: { id: 'x', ...query } };
  t.same(await ask('PUT', '/queries/slow-routes', named), { status: 200, body: { saved: 'slow-routes' } });
  const field = { expression: 'GTE($duration_ms, 300)', description: 'slow' };
  t.equal((await ask('PUT', '/calculated-fields/is_slow', field)).status, 200);
  t.equal(
    readFileSync(join(folder, 'queries', 'slow-routes.json'), 'utf8'),
    `{
  "calculations": [
    {
      "op": "P90",
      "column": "duration_ms"
    }
  ],
  "filters": [
    {
      "column": "name",
      "op": "in",
      "value": [
        "a",
        "b"
      ]
    }
  ],
  "breakdowns": [
    "service.name",
    "http.route"
  ]
}
`,
    'the specification alone, with two spaces',
  );
  t.same(JSON.parse(readFileSync(join(folder, 'calculated-fields.json'), 'utf8')), [
    { alias: 'is_slow', ...field },
  ]);
  t.match((await ask('GET')).body, {
    queries: [{ slug: 'slow-routes', name: 'slow routes', description: '', query }],
    calculated_fields: [{ alias: 'is_slow', ...field }],
    problems: [],
  });

  t.match(await ask('PUT', '/queries/slow-routes', named), { status: 409, body: { code: 'SAVED_EXISTS' } });
  t.match(await ask('PUT', '/calculated-fields/is_slow', field), {
    status: 409,
    body: { code: 'SAVED_EXISTS' },
  });
  const other = { query: { breakdowns: ['name'] }, replace: true };
  t.equal((await ask('PUT', '/queries/slow-routes', other)).status, 200);
  t.same((await ask('GET')).body.queries[0].query, other.query);
  t.same(
    readdirSync(join(folder, 'queries')).concat(readdirSync(folder)).sort(),
    ['calculated-fields.json', 'queries', 'slow-routes.json'],
    'nothing unfinished is left',
  );
});

t.test(
  'board.json names queries, and stays as people wrote it when queries are saved and deleted',
  async (t) => {
    const folder = temporaryDirectory(t);
    mkdirSync(join(folder, 'queries'));
    for (const slug of ['a', 'b'])
      writeFileSync(join(folder, 'queries', `${slug}.json`), '{"calculations":[]}');
    const panel = (slug: string) => ({
      type: 'query',
      query_panel: { query_id: slug, query_style: 'graph' },
    });
    const text = { type: 'text', text_panel: { content: 'hello' } };
    const board = {
      name: 'Team',
      tags: [{ key: 'k', value: 'v' }],
      panels: [text, panel('a'), panel('b')],
      query_annotations: { a: { name: 'A' }, b: { name: 'B', description: 'second' } },
    };
    writeFileSync(join(folder, 'board.json'), JSON.stringify(board));
    const { ask } = await withFolder(t, folder);
    t.match((await ask('GET')).body.queries, [{ name: 'A' }, { name: 'B', description: 'second' }]);
    t.equal((await ask('PUT', '/queries/b', { query, replace: true })).status, 200);
    t.same((await ask('DELETE', '/queries/a')).body, { deleted: 'a' });
    t.equal(readFileSync(join(folder, 'board.json'), 'utf8'), JSON.stringify(board));
    t.same(readdirSync(join(folder, 'queries')), ['b.json']);
    t.match(await ask('DELETE', '/queries/a'), { status: 404, body: { code: 'SAVED_NOT_FOUND' } });
    t.match(await ask('DELETE', '/calculated-fields/x'), { status: 404, body: { code: 'SAVED_NOT_FOUND' } });
  },
);

t.test('files that cannot be read are named, and never written over', async (t) => {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, 'queries'));
  const write = (file: string, content: string) => writeFileSync(join(folder, file), content);
  write('queries/not-json.json', '{');
  write('queries/not-a-query.json', '{"calculations":[{"op":"GUESS"}]}');
  write('queries/large.json', ' '.repeat(300 * 1024));
  write('queries/good.json', '{}');
  write('queries/.hidden.json', '{}');
  write('board.json', '[1]');
  write('calculated-fields.json', '[{"alias":"x","expression":"IF("}]');
  const { ask } = await withFolder(t, folder);
  const { body } = await ask('GET');
  t.match(body.queries, [{ slug: 'good', name: 'good', description: '' }]);
  t.match(
    Object.fromEntries(body.problems.map(({ file, detail }: Record<string, string>) => [file, detail])),
    {
      'board.json': 'is not a JSON object',
      'queries/large.json': 'at most 262144 are read',
      'queries/not-a-query.json': 'calculations[0].op',
      'queries/not-json.json': 'is not JSON',
      'calculated-fields.json': /\[0\]\.expression: .*\(at character 4\)/,
    },
  );
  const refused = { status: 409, body: { code: 'FILE_UNREADABLE' } };
  t.match(await ask('PUT', '/calculated-fields/y', { expression: '$a', description: '' }), refused);
  t.match((await ask('PUT', '/queries/new', { query: {} })).body, { saved: 'new' });
  t.equal(readFileSync(join(folder, 'board.json'), 'utf8'), '[1]');
});

t.test('bad names, queries and expressions are refused; so are strange pages', async (t) => {
  const folder = temporaryDirectory(t);
  const { app, ask } = await withFolder(t, folder);
  const named = { query: {} };
  for (const slug of ['..%2Fescape', '.hidden', 'Upper', 'a'.repeat(81), 'a.b', '%00'])
    t.equal((await ask('PUT', `/queries/${slug}`, named)).status, 400, slug);
  t.match(await ask('PUT', '/queries/a', { ...named, query: { formulas: [1] } }), {
    status: 400,
    body: { errors: [{ field: 'formulas' }] },
  });
  t.match(await ask('PUT', '/calculated-fields/x', { expression: 'IF(', description: '' }), {
    status: 400,
    body: { errors: [{ field: 'expression', detail: /at character 4/ }] },
  });
  const strange = { origin: 'http://evil.example' };
  for (const method of ['PUT', 'DELETE'] as const) {
    const answer = await app.inject({
      method,
      url: '/api/saved/queries/a',
      headers: strange,
      payload: named,
    });
    t.equal(answer.statusCode, 403);
  }
  t.same(readdirSync(folder), []);
});

t.test('a missing or read-only folder is refused with advice', async (t) => {
  const { ask } = await withFolder(t, undefined);
  t.match((await ask('GET')).body, { folder: null, queries: [] });
  const named = { query: {} };
  t.match(await ask('PUT', '/queries/a', named), {
    status: 409,
    body: { code: 'NO_QUERY_FOLDER', detail: /EXPLORER_QUERIES=<folder>/ },
  });
  const file = join(temporaryDirectory(t), 'a file');
  writeFileSync(file, '');
  for (const folder of [join(file, 'below'), '/proc/none']) {
    const blocked = await withFolder(t, folder);
    t.match(await blocked.ask('PUT', '/queries/a', named), {
      status: 403,
      body: { code: 'FOLDER_NOT_WRITABLE', detail: /E[A-Z]+/ },
    });
  }
});
