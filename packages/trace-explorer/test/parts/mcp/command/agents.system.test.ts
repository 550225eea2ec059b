import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { Test } from 'tap';
import t from 'tap';

t.setTimeout(180_000);

const PACKAGE = join(import.meta.dirname, '../../../..');
const URL = 'http://localhost:3999';
const NAMES = ['claude', 'codex', 'gemini', 'agy', 'opencode', 'code'];

/** A machine with a home, a folder, and agents that write down how they are called. */
function machine(t: Test, agents: readonly string[], script = '') {
  const root = t.testdir({ home: {}, folder: {}, bin: {} });
  for (const name of agents) {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\necho "${name} $*" >> "${root}/calls"\n${script}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  }
  /** Gives agents the address of one explorer. */
  const run = (...args: string[]) => runWith('--url', URL, ...args);
  const runWith = (...args: string[]) =>
    new Promise<{ code: number; out: string; error: string }>((resolve) => {
      const env = {
        HOME: join(root, 'home'),
        PATH: [join(root, 'bin'), '/usr/bin', '/bin'].join(delimiter),
        TANDEM: 'node tandem',
      };
      const command = [join(PACKAGE, 'start.js'), 'agents', ...args];
      const child = execFile(process.execPath, command, { cwd: join(root, 'folder'), env }, (_, out, error) =>
        resolve({ code: child.exitCode ?? -1, out, error }),
      );
      child.stdin?.end();
    });
  const calls = () => {
    const file = join(root, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  const files = () =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile() && !/\/bin$/.test(each.parentPath) && each.name !== 'calls')
      .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
      .toSorted();
  return { root, run, runWith, calls, files };
}

const SKILLS = ['.agents', '.claude'].map((at) => `folder/${at}/skills/ask-the-trace-explorer/SKILL.md`);

t.test('each agent is set up by its own command, and by --remove again without', async (t) => {
  const { root, run, calls, files } = machine(t, NAMES);
  t.match(await run(), { code: 1, error: /Nothing was done/, out: /claude mcp add[\s\S]*SKILL\.md/ });
  t.same([calls(), files()], [[], []], 'nobody agreed');
  mkdirSync(join(root, 'folder/.vscode'));
  t.match(await run('--yes'), { code: 0, error: '' });
  t.same(calls().toSorted(), [
    `agy mcp add --type http tandem ${URL}/mcp`,
    `claude mcp add --transport http --scope user tandem ${URL}/mcp`,
    `code --add-mcp {"name":"tandem","type":"http","url":"${URL}/mcp"}`,
    `codex mcp add tandem --url ${URL}/mcp`,
    `gemini mcp add --transport http --scope user tandem ${URL}/mcp`,
    `opencode mcp add tandem --url ${URL}/mcp`,
  ]);
  t.same(files(), SKILLS);
  const skill = readFileSync(join(PACKAGE, 'SKILL.md'), 'utf8');
  t.equal(readFileSync(join(root, SKILLS[0] ?? ''), 'utf8'), skill);
  t.match((await run('--remove', '--yes')).out, /VS Code: .*Command Palette/);
  t.equal(calls().filter((call) => /mcp remove .*tandem$/.test(call)).length, 5);
  t.same(files(), [], 'no file is left');
});

t.test('without --url each agent gets a command that finds the explorer which runs', async (t) => {
  const { runWith, calls } = machine(t, NAMES);
  t.match(await runWith('--yes'), { code: 0, error: '' });
  const script = join(PACKAGE, '../../tandem.js');
  const command = `node ${script} mcp`;
  const entry = { type: 'stdio', command: process.execPath, args: [script, 'mcp'] };
  t.same(calls().toSorted(), [
    `agy mcp add tandem -- ${command}`,
    `claude mcp add --scope user tandem -- ${command}`,
    `code --add-mcp ${JSON.stringify({ name: 'tandem', ...entry })}`,
    `codex mcp add tandem -- ${command}`,
    `gemini mcp add --scope user tandem ${command}`,
    `opencode mcp add tandem -- ${command}`,
  ]);
  const other = machine(t, []);
  mkdirSync(join(other.root, 'folder/.vscode'));
  mkdirSync(join(other.root, 'home/.cursor'));
  await other.runWith('--yes');
  const read = (file: string) => JSON.parse(readFileSync(join(other.root, file), 'utf8'));
  const { type: _, ...ofCursor } = entry;
  t.same(read('home/.cursor/mcp.json'), { mcpServers: { tandem: ofCursor } });
  t.same(read('folder/.vscode/mcp.json'), { servers: { tandem: entry } });
  const old = '{ "mcpServers": { "tandem": { "url": "http://localhost:3000/mcp" } } }';
  writeFileSync(join(other.root, 'home/.cursor/mcp.json'), old);
  await other.runWith('--yes');
  t.same(read('home/.cursor/mcp.json'), { mcpServers: { tandem: ofCursor } }, 'an older address is replaced');
});

t.test('the printed command over stdio answers from any folder, without PATH', async (t) => {
  const { root, runWith } = machine(t, []);
  const { out } = await runWith('--print');
  const [, command = ''] = /^Over stdio, for others: (.*)$/m.exec(out) ?? [];
  const child = spawn('/bin/sh', ['-c', command], { cwd: join(root, 'home'), env: { HOME: root } });
  t.teardown(() => child.kill());
  const said = Promise.all([readText(child.stdout), readText(child.stderr)]);
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  };
  child.stdin.end(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
  const [answer, error] = await said;
  t.match(answer, /"name":"tandem-trace-explorer"/, error);
});

t.test('Cursor and VS Code without a command have their file changed', async (t) => {
  const { root, run, calls, files } = machine(t, []);
  t.match(await run('--yes'), { code: 1, error: /No coding agent was found.*--print/ });
  const texts = {
    'home/.cursor/mcp.json': '{ "mcpServers": { "other": { "url" : "x" } } }\n',
    'folder/.vscode/mcp.json': '{\n  // ours\n  "servers": {}, "inputs": []\n}\n',
  };
  for (const [file, text] of Object.entries(texts)) {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  t.match(await run('--yes'), { code: 0 });
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  t.match(JSON.parse(read('home/.cursor/mcp.json')), {
    mcpServers: { other: { url: 'x' }, tandem: { url: `${URL}/mcp` } },
  });
  t.match(read('folder/.vscode/mcp.json'), `"tandem": {"type":"http","url":"${URL}/mcp"}`);
  t.match((await run('--yes')).out, /nothing to do/);
  t.match(await run('--yes', '--remove'), { code: 0 });
  for (const [file, text] of Object.entries(texts)) t.equal(read(file), text, file);
  t.same(files(), Object.keys(texts).toSorted());
  t.same(calls(), []);
  mkdirSync(join(root, 'folder/.cursor'));
  await run('--yes');
  t.ok(existsSync(join(root, 'folder/.cursor/mcp.json')), 'the folder’s, where the folder has one');
  t.equal(read('home/.cursor/mcp.json'), texts['home/.cursor/mcp.json']);
});

t.test('what cannot be done is told, and the rest is done', async (t) => {
  const { root, run, calls, files } = machine(t, ['codex'], 'echo "no such thing" >&2; exit 3');
  mkdirSync(join(root, 'home/.cursor'));
  writeFileSync(join(root, 'home/.cursor/mcp.json'), '{ "mcpServers": ');
  mkdirSync(join(root, 'elsewhere'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'folder/.claude'));
  const { code, out, error } = await run('--yes');
  t.equal(code, 1);
  t.match(out, /codex mcp add.*: not done: no such thing/);
  t.match(out, /mcp\.json: not done: it is not JSON/);
  t.match(out, /\.claude.*: not done: .*is a link/);
  t.match(error, /3 of 4 not done/);
  t.equal(readFileSync(join(root, 'home/.cursor/mcp.json'), 'utf8'), '{ "mcpServers": ', 'as it was');
  t.same(files(), [SKILLS[0], 'home/.cursor/mcp.json']);
  t.same(readdirSync(join(root, 'elsewhere')), []);
  t.ok(calls().length >= 1);
  writeFileSync(join(root, SKILLS[0] ?? ''), 'mine');
  t.match((await run('--yes', '--remove')).out, /another file has this name/);
  t.equal(readFileSync(join(root, SKILLS[0] ?? ''), 'utf8'), 'mine');
});

t.test('an agent that has the explorer at another address gets this one', async (t) => {
  const script =
    'case "$*" in *add*) test -e "$HOME/there" && exit 1; touch "$HOME/there";; *) rm -f "$HOME/there";; esac';
  const { run, calls } = machine(t, ['claude'], script);
  await run('--yes');
  t.match(await run('--yes'), { code: 0 });
  t.same(
    calls().map((call) => call.split(' ')[2]),
    ['add', 'add', 'remove', 'add'],
  );
});

t.test('--print has the lines of every agent, and does nothing', async (t) => {
  const { run, calls, files } = machine(t, NAMES);
  const { code, out } = await run('--print');
  t.equal(code, 0);
  for (const name of NAMES) t.match(out, new RegExp(`^ +${name} .*tandem`, 'm'), name);
  for (const file of ['.vscode/mcp.json', '.cursor/mcp.json', '~/.cursor/mcp.json'])
    t.ok(out.includes(`  ${file}: {`), file);
  t.match(out, `mcp --url ${URL}\n`);
  t.same([calls(), files()], [[], []]);
});
