import t from 'tap';
import { headOf, runFacts } from '../../../src/command/run/run-facts.ts';

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

t.test('commit and branch are those of CI, else of the folder; a name stands for the commit', async (t) => {
  const ci = { GITHUB_SHA: 'c1', GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: 'cart' };
  t.same(headOf(undefined, ci), { 'vcs.ref.head.revision': 'c1', 'vcs.ref.head.name': 'cart' });
  t.match(headOf('mine', ci), { 'vcs.ref.head.revision': 'mine' });
  t.match(headOf(undefined, {}), { 'vcs.ref.head.revision': /^[0-9a-f]{40}$/ });
});
