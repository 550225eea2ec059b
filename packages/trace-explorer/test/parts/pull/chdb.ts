import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { npmInstall } from '../../../../../test/helpers/npm.ts';
import { until } from '../../../../../test/helpers/until.ts';

/** ClickHouse's engine behind `POST /`: without users, time-outs and KILL QUERY. */
const SERVER = `
  const { createServer } = require('node:http');
  const { Session } = require('chdb');
  const session = new Session(process.argv[1]);
  createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    try {
      const settings = [...new URL(request.url, 'http://engine').searchParams].filter(([name]) => name.startsWith('max_'));
      const tail = settings.map(([name, value]) => name + ' = ' + value).join(', ');
      response.end(session.query(Buffer.concat(parts).toString() + (tail && ' SETTINGS ' + tail), 'TabSeparated'));
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error.message));
    }
  }).listen(0, '127.0.0.1', function () { console.log('port ' + this.address().port); });
`;

/** Installs the engine, for a whole file of tests. @param folder one of tap's */
export async function installChdb(folder: string): Promise<void> {
  await npmInstall(folder, ['chdb@3.4.0'], { name: 'engine', version: '1.0.0', private: true });
}

let number = 0;

/** A new engine with a folder of its own, ended with the test. */
export async function startChdb(t: { teardown(fn: () => unknown): void }, folder: string) {
  const data = join(folder, `data-${number++}`);
  mkdirSync(data);
  const child = spawn(process.execPath, ['-e', SERVER, data], { cwd: folder });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const port = await until(() => /port (\d+)/.exec(said)?.[1], { what: () => said });
  const ask = async (sql: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: sql });
    const answer = await response.text();
    if (!response.ok) throw new Error(answer);
    return answer;
  };
  return { address: `clickhouse+http://127.0.0.1:${port}/otel`, ask };
}
