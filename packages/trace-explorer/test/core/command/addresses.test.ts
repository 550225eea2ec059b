import t from 'tap';
import { readConfig } from '../../../src/core/config.ts';
import { forwardSettings } from '../../../src/parts/forward/server/forward-settings.ts';
import { backend, start } from '../../parts/forward/server/started-tee.ts';
import { runCli } from './run-cli.ts';

const PASSWORD = 'Pl4ntedPw';

t.test(
  'a password in the address of an explorer is in no message, whatever else is wrong with it',
  async (t) => {
    for (const address of [
      `http://u:${PASSWORD}@127.0.0.1:1`,
      `http://${PASSWORD}@127.0.0.1:1`,
      `https://:${PASSWORD}@127.0.0.1:1/x`,
      `http://u:${PASSWORD}@h:99999`,
      `htp://u:${PASSWORD}@h`,
      `u:${PASSWORD}@h:3000`,
    ])
      for (const [command, ...args] of [
        ['trace'],
        ['logs'],
        ['verify'],
        ['report'],
        ['compare', 'a', 'b'],
        ['export'],
        ['check', 'trigger.json'],
        ['import', 'trace.json'],
        ['query', 'query.json'],
        ['sample', '--keep', '10%'],
        ['agents', '--print'],
        ['agents', '--yes'],
      ] as const) {
        const { code, out, error } = await runCli(command, [...args, '--url', address]);
        t.not(code, 0);
        t.match(error, /user or a password|is not a URL/, `${command} ${error}`);
        t.notMatch(out + error, PASSWORD, command);
      }
    const { error } = await runCli('trace', [`http://u:${PASSWORD}@h/nothing`]);
    t.match(error, /is not a trace id/);
    t.notMatch(error, PASSWORD, 'nor that of a link');
  },
);

t.test(
  'EXPLORER_FORWARD: its own address without the password, and what is no address as a sentence',
  async (t) => {
    const there = await backend(t);
    const { tee, port } = await start(t, there.url.replace('//', `//u:${PASSWORD}@`));
    t.notMatch(tee.status().to, PASSWORD);
    const own = Number(new URL(there.url).port);
    await t.rejects(tee.begin([port, own]), {
      message: /^(?!.*Pl4ntedPw).*REDACTED@127\.0\.0\.1:\d+\/, where this explorer/,
    });
    for (const address of [
      'http://h:99999',
      'http://h:x',
      'http://[::1',
      `http://u:${PASSWORD}@h:99999`,
      'http://%zz',
    ])
      t.throws(
        () => readConfig({ EXPLORER_FORWARD: address }, [forwardSettings]),
        { message: /^(?!.*Pl4ntedPw)EXPLORER_FORWARD must be .* such as http/ },
        address,
      );
  },
);
