import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { changedJson, changeFile } from '../../../../src/parts/mcp/command/agents/change-file.ts';

const PATH = ['mcpServers', 'tandem'];
const ENTRY = { url: 'http://localhost:4319/mcp' };
const OURS = ` ${JSON.stringify(ENTRY)}`;

t.test('an entry is added and removed, and every other byte stays', async (t) => {
  const other = '"other":\t{ "command":"x", /* mine */ "args": [ 1,2 ] }';
  for (const text of [
    `{"mcpServers": {${other}}}`,
    `{\r\n  // servers\r\n  "mcpServers": {\r\n    ${other}, // kept\r\n  },\r\n  "inputs": [],\r\n}\r\n`,
    `\ufeff{ "inputs": [], "mcpServers": { ${other} } }\n`,
    `{"mcpServers":{}}`,
    `{ "a": 1e2, "mcpServers": { "Tandem": {}, ${other} } }`,
  ]) {
    const added = changedJson(text, PATH, ENTRY);
    t.ok(added.includes(`"tandem":${OURS}`), added);
    t.equal(added.replace(new RegExp(`,?\\s*"tandem":${OURS.replace(/[{}]/g, '\\$&')}`), ''), text);
    t.equal(changedJson(added, PATH, undefined), text, 'as it was');
    t.equal(changedJson(added, PATH, ENTRY), added, 'and once more is once');
    t.equal(changedJson(text, PATH, undefined), text);
  }
  const between = `{"mcpServers":{"a":1 /* a */,"tandem":${OURS},"b" : 2}}`;
  const without = changedJson(between, PATH, undefined);
  t.same(JSON.parse(without.replace(/\/\*.*\*\//, '')), { mcpServers: { a: 1, b: 2 } });
  t.ok(without.includes('"b" : 2'));
  for (const empty of ['', ' \n', '{}'])
    t.same(JSON.parse(changedJson(empty, PATH, ENTRY)), { mcpServers: { tandem: ENTRY } });
});

t.test('what cannot be read stays as it is', async (t) => {
  for (const text of ['{', '{"mcpServers": {}', 'servers: []', '{"a" 1}', '<xml/>', '{} {}', '\u0000'])
    t.throws(() => changedJson(text, PATH, ENTRY), /not JSON/, text);
  for (const text of [
    '[]',
    '7',
    '"text"',
    'null',
    '{"mcpServers": []}',
    '{"mcpServers": null}',
    '{"mcpServers": "x"}',
  ])
    t.throws(() => changedJson(text, PATH, ENTRY), /an object was expected/, text);
});

t.test('JSON with a key twice is left alone, whichever of them a reader takes', async (t) => {
  for (const text of [
    '{"mcpServers":{},"mcpServers":{"tandem":{}}}',
    '{"mcpServers":{"tandem":{},"tandem":{}}}',
    '{"mcpServers":{"other":{"env":{"A":"1","\\u0041":"2"}}}}',
    '{"a":[{"b":1,"b":2}],}',
  ])
    for (const entry of [ENTRY, undefined])
      t.throws(() => changedJson(text, PATH, entry), /has the key "(?:mcpServers|tandem|A|b)" twice/, text);
  t.ok(changedJson('{"a":{"x":1},"b":{"x":1}}', PATH, ENTRY), 'keys of several objects may be equal');
});

t.test('a file keeps its mode, and nothing is written through a link', async (t) => {
  const root = t.testdir({ elsewhere: { 'mcp.json': '{}' } });
  const change = () => 'new';
  t.equal(await changeFile(root, 'a/b/mcp.json', change), true, 'with the folders above it');
  const file = join(root, 'a/b/mcp.json');
  for (const mode of [0o600, 0o640, 0o755]) {
    writeFileSync(file, 'old');
    chmodSync(file, mode);
    await changeFile(root, 'a/b/mcp.json', change);
    t.equal(statSync(file).mode & 0o777, mode);
    t.equal(readFileSync(file, 'utf8'), 'new');
  }
  t.equal(await changeFile(root, 'a/b/mcp.json', change), false);
  symlinkSync(join(root, 'elsewhere'), join(root, '.cursor'));
  mkdirSync(join(root, '.vscode'));
  symlinkSync(join(root, 'elsewhere/mcp.json'), join(root, '.vscode/mcp.json'));
  symlinkSync(join(root, 'nowhere.json'), join(root, '.vscode/dangling.json'));
  for (const path of [
    '.cursor/mcp.json',
    '.cursor/new/mcp.json',
    '.vscode/mcp.json',
    '.vscode/dangling.json',
  ])
    await t.rejects(changeFile(root, path, change), /is a link/, path);
  t.equal(readFileSync(join(root, 'elsewhere/mcp.json'), 'utf8'), '{}');
});
