import t from 'tap';
import { describeUnheardOf } from '../../../src/guest/injected/unheard.ts';

t.test(
  'each library without spans that a service uses is named, unless its instrumentation is there',
  async (t) => {
    const named = (...names: string[]) =>
      describeUnheardOf(Object.fromEntries(names.map((name) => [name, '1.0.0']))).map(
        (what) => what.split(' ')[0],
      );
    t.same(named('fastify', 'mongodb', '@libsql/client', 'pg', 'ioredis', 'mongoose'), [
      'mongodb',
      '@libsql/client',
    ]);
    t.same(named('mongodb', '@opentelemetry/instrumentation-mongodb'), []);
    t.same(named('mongodb', '@opentelemetry/auto-instrumentations-node'), []);
    t.same(named('nats', '@opentelemetry/auto-instrumentations-node'), ['nats']);
    t.same(named(), []);
  },
);
