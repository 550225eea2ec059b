import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import { Client } from 'pg';
import t from 'tap';
import { testDatabases } from '../helpers/databases.ts';
import { startPair } from '../helpers/pair.ts';
import { until } from '../helpers/until.ts';

const CONNECTIONS = 200;
/** One after the other on each connection, every fourth of them a write. */
const REQUESTS_EACH = 10;
/** Connections that each service keeps to PostgreSQL at most, for this test. */
const POOL_SIZE = 8;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: { readonly code?: string; readonly trace_id?: string };
}

for (const database of await testDatabases())
  t.test(
    `${database.name}: 200 connections at once, each answered, and nothing is left of them`,
    async (t) => {
      t.teardown(() => database.drop());
      const receiver = await startOtlpReceiver();
      t.teardown(() => receiver.close());
      const pair = await startPair({
        otlpUrl: receiver.url,
        databaseUrl: database.url,
        env: { DATABASE_POOL_SIZE: String(POOL_SIZE) },
      });
      t.teardown(() => pair.stop());
      const { port } = new URL(pair.api);

      const ask = (agent: Agent, isWrite: boolean): Promise<Answer> =>
        new Promise((resolve, reject) => {
          const body = isWrite ? JSON.stringify({ handle: 'vir', message: 'for @ada', ttl: '1-hour' }) : '';
          const sent = request({
            agent,
            port,
            host: '127.0.0.1',
            method: isWrite ? 'POST' : 'GET',
            path: isWrite ? '/api/activities' : '/api/activities/home?limit=3',
            headers: isWrite ? { 'content-type': 'application/json', 'content-length': body.length } : {},
          });
          sent.on('error', reject);
          sent.on('response', (response) => {
            const { statusCode: status = 0, headers } = response;
            json(response).then(
              (read) => resolve({ status, retryAfter: headers['retry-after'], body: read as Answer['body'] }),
              reject,
            );
          });
          sent.end(body);
        });
      const answers: Answer[] = [];
      await Promise.all(
        Array.from({ length: CONNECTIONS }, async (_, connection) => {
          const agent = new Agent({ keepAlive: true, maxSockets: 1 });
          for (let number = 0; number < REQUESTS_EACH; number++)
            answers.push(await ask(agent, (connection + number) % 4 === 0));
          agent.destroy();
        }),
      );

      t.equal(answers.length, CONNECTIONS * REQUESTS_EACH, 'none is cut off');
      const counts = Map.groupBy(answers, ({ status, body }) => `${status} ${body.code ?? ''}`.trim());
      t.comment(JSON.stringify([...counts].map(([answer, { length }]) => [answer, length])));
      const refused = answers.filter(({ status }) => status !== 200 && status !== 201);
      // 504: one that had begun, on a machine with too much else to do.
      const isDocumented = ({ status, retryAfter = '', body }: Answer) =>
        status === 503 ? /^[1-9]\d*$/.test(retryAfter) : body.code === 'DEADLINE_EXCEEDED';
      t.same(
        refused.filter((answer) => !isDocumented(answer)),
        [],
        'what is no success is a 503 that says when to come again',
      );
      t.ok(counts.has('200') && counts.has('201'), 'reads and writes go on meanwhile');

      const agent = new Agent();
      const askAgain = async (isWrite: boolean) => {
        const answer = await ask(agent, isWrite);
        answers.push(answer);
        return answer.status;
      };
      // On a machine with too much else to do look-ups had no answer in time, and the circuit closes within two seconds.
      await until(async () => (await askAgain(true)) === 201, { what: 'a write afterwards', everyMs: 100 });
      await until(async () => (await askAgain(false)) === 200, { what: 'a page', everyMs: 100 });
      if (database.url !== undefined) {
        const client = new Client({ connectionString: database.url });
        await client.connect();
        const { rows } = await client.query(
          `select state, count(*)::int as count from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' group by state`,
        );
        await client.end();
        const connections = rows as { state: string; count: number }[];
        const total = connections.reduce((sum, { count }) => sum + count, 0);
        t.ok(total <= 2 * POOL_SIZE, `${total} connections of two pools`);
        t.same(
          new Set(connections.map(({ state }) => state)),
          new Set(['idle']),
          'no transaction is left open',
        );
      }

      // Lines of scrapes and health checks have another route.
      const ofRequests = () =>
        receiver
          .spans()
          .filter(({ service, kind }) => service === 'activities-api' && kind === 'SERVER')
          .filter(({ attributes }) => String(attributes['http.route']).startsWith('/api/'));
      // Of many refusals only some have a span. Their answers name the trace.
      const traced = answers.filter(({ status, body }) => status !== 503 || body.trace_id !== undefined);
      await until(() => ofRequests().length >= traced.length, {
        what: () => `${traced.length} SERVER spans`,
      });
      const spans = ofRequests();
      t.equal(spans.length, traced.length, 'one SERVER span for each traced answer');
      const byStatus = (status: number) =>
        spans.filter(({ attributes }) => attributes['http.response.status_code'] === status).length;
      t.same(
        [200, 201, 503, 504].map(byStatus),
        [200, 201, 503, 504].map((status) => traced.filter((each) => each.status === status).length),
      );
    },
  );
