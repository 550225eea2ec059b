import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { temporaryDirectory } from '../../spans.ts';
import { runCli } from './run-cli.ts';

/** What another program on the explorer's port may answer to everything. */
const ANSWERS = ['{}', '[]', 'null', '7', '{"traces":null,"data":{}}', '<!doctype html>', ''];

const folder = temporaryDirectory(t);
const fileWith = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const otlp = fileWith('spans.json', '{"resourceSpans":[]}');
const COMMANDS: readonly (readonly string[])[] = [
  ['trace'],
  ['trace', '0af7651916cd43dd8448eb211c80319c'],
  ['logs'],
  ['logs', '--follow'],
  ['query', fileWith('query.json', '{"calculations":[{"op":"COUNT"}]}')],
  ['check'],
  ['compare', 'main'],
  ['verify'],
  ['export'],
  ['import', otlp],
];

t.test(
  'a command says that another program answers, in words of its own, and sends it nothing',
  async (t) => {
    for (const answer of ANSWERS) {
      const asked = new Set<string>();
      const server = createServer(({ method, url }, response) => {
        asked.add(`${method} ${url}`);
        response.end(answer);
      }).listen(0, '127.0.0.1');
      t.teardown(() => server.close());
      await once(server, 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      for (const [command = '', ...args] of COMMANDS) {
        const { code, out, error } = await runCli(command, [...args, '--url', url]);
        t.notSame(code, 0, `${command} ${answer}`);
        t.equal(out, '');
        t.match(
          error,
          `${url}: the server there is not the trace explorer. Say with --url where the explorer is.`,
          `${command} ${answer}`,
        );
      }
      t.same([...asked], ['GET /api/status']);
    }
  },
);
