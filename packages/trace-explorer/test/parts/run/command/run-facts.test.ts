import t from 'tap';
import { commandLine, headOf, runFacts } from '../../../../src/parts/run/command/run-facts.ts';

const ended = { id: 'r1', command: ['npm', 'test'], exitCode: 0, since: 1 };

t.test('the address of a repository has no key in it, and an exit code of 0 is told', async (t) => {
  const addressOf = (server: string) =>
    runFacts({ ...ended, head: {} }, { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: 'shop/api?token=k1' });
  const addresses = {
    'https://github.com': 'https://github.com/shop/api',
    'https://me:k2@host.example:8080': 'https://host.example:8080/shop/api',
    'https://me:k/2@k3@host.example': 'https://host.example/shop/api',
    'ssh://git@host.example': 'ssh://host.example/shop/api',
    'git@host.example:here': 'git@host.example:here/shop/api',
  };
  for (const [server, address] of Object.entries(addresses))
    t.match(addressOf(server), { 'vcs.repository.url.full': address, 'process.exit.code': 0 }, server);
});

const SECRET = 'Pl4ntedS3cret99';

t.test('no secret among the arguments of a command is kept, in any form', async (t) => {
  for (const command of [
    ['psql', `postgres://user:${SECRET}@h/db?sslmode=disable`],
    ['app', `--db=amqp://u:a/${SECRET}@h/d?x=y`],
    ['git', 'clone', `https://${SECRET}@example.com/a/b`],
    ['curl', `https://h/x?token=${SECRET}&b=2`],
    ['curl', `https://h/x?X-Amz-Signature=${SECRET}`],
    ['app', '--password', SECRET],
    ['app', '--apiKey', SECRET],
    ['app', `--token=${SECRET} ${SECRET}`],
    ['app', `--auth:${SECRET}`],
    ['app', `--header=x-honeycomb-team=${SECRET}`],
    ['app', `--config={"token": "${SECRET}"}`],
    ['app', `Server=h;Password=${SECRET};AccountKey=${SECRET}`],
    ['sh', '-c', `node app.js --password ${SECRET}`],
    ['sh', '-c', `node app.js --token "a ${SECRET}"`],
    ['sh', '-c', `export TOKEN='${SECRET}'; node x`],
    ['docker', 'run', '-e', `PGPASSWORD=${SECRET}`, 'x'],
    ['curl', '-H', `Authorization: Bearer ${SECRET}`],
    ['git', '-c', `http.extraHeader=Authorization: Basic ${SECRET}`, 'pull'],
    ['curl', '-u', `user:${SECRET}`, 'h'],
    ['curl', '-b', `sid=${SECRET}`, 'h'],
    ['mysql', '-u', 'root', `-p${SECRET}`],
    ['redis-cli', '-a', SECRET],
  ])
    t.notMatch(commandLine(command), SECRET, command.join(' '));
});

t.test('what is no secret in a command stays', async (t) => {
  for (const command of [
    ['node', 'app.js', '--author=me', '--keyword', 'x', '-p', '3000'],
    ['npm', 'install', 'http://localhost:4873/a@1.2.0', 'git@host:a/b'],
    ['docker', 'run', '-u', '1000:1000', '-p', '80:80', 'image'],
    ['node', '--test', 'test/auth.test.ts'],
  ])
    t.notMatch(commandLine(command), 'REDACTED');
});

t.test('commit and branch are those of CI, else of the folder; a name stands for the commit', async (t) => {
  const ci = { GITHUB_SHA: 'c1', GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: 'cart' };
  t.same(headOf(undefined, ci), { 'vcs.ref.head.revision': 'c1', 'vcs.ref.head.name': 'cart' });
  t.match(headOf('mine', ci), { 'vcs.ref.head.revision': 'mine' });
  t.match(headOf(undefined, {}), { 'vcs.ref.head.revision': /^[0-9a-f]{40}$/ });
});
