import { clocks, restoreClocks } from '../../clocks.ts';

// Alone in its process: telemetry takes its clocks when it loads, after the file above, and is registered for all tests.

import type { Span } from '@opentelemetry/api';
import { SpanKind } from '@opentelemetry/api';
import { createClient, createClientPool } from '@redis/client';
import { createPool as createGenericPool } from 'generic-pool';
import { Redis } from 'ioredis';
import { createConnection, createPool } from 'mysql2';
import t from 'tap';
import { startRedisServer } from '../../../../../test/helpers/redis-server.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { traceDrivers } from '../../../src/guest/published/trace-drivers.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';
import { startMysqlServer } from './mysql-server.ts';

const telemetry = createTestTelemetry({ serviceName: 'unit' });
const stop = traceDrivers();
const redis = await startRedisServer();
const mysql = { host: '127.0.0.1', port: await startMysqlServer(t), user: 'shop', database: 'shop' };
const socket = { host: '127.0.0.1', port: redis.port };
t.teardown(async () => {
  stop();
  redis.close();
  await telemetry.shutdown();
});

type Done = (error?: unknown) => void;
/** Sends a command that names the caller, and calls `done` from the driver's callback or promise. */
type Send = (caller: number, done: Done) => unknown;
interface Driver {
  /** Prepares sending, in the trace of the first caller. */
  open(): Promise<Send> | Send;
  /** Spans per call; default: 1. */
  readonly spans?: number | 'some';
}

/** The first caller opens the connection. */
const CALLERS = [0, 1, 2, 3] as const;
const [stranger, ...others] = CALLERS;

const mysqlPool = () => {
  const pool = createPool({ ...mysql, connectionLimit: 1 });
  t.teardown(() => pool.end());
  return pool;
};
const genericPool = () => {
  const create = async () => createConnection(mysql);
  const pool = createGenericPool({ create, destroy: async (connection) => connection.destroy() }, { max: 1 });
  t.teardown(() => pool.drain().then(() => pool.clear()));
  return pool;
};
const mysqlConnection = () => {
  const connection = createConnection(mysql);
  t.teardown(() => connection.end());
  return connection;
};
const ioredis = (options: object = {}) => {
  const client = new Redis(redis.port, '127.0.0.1', options);
  t.teardown(() => client.disconnect());
  return client;
};
const nodeRedis = async () => {
  const client = createClient({ socket });
  t.teardown(() => client.destroy());
  await client.connect();
  return client;
};

const DRIVERS: Readonly<Record<string, Driver>> = {
  'mysql2: queries of a pool, with callbacks': {
    open: () => {
      const pool = mysqlPool();
      return (caller, done) => pool.query(`SELECT * FROM t${caller}`, done);
    },
  },
  'mysql2: failing queries of a pool, with callbacks': {
    open: () => {
      const pool = mysqlPool();
      return (caller, done) => pool.query(`SELECT * FROM missing_t${caller}`, () => done());
    },
  },
  'mysql2: prepared statements of a pool, with callbacks': {
    open: () => {
      const pool = mysqlPool();
      return (caller, done) => pool.execute(`DELETE FROM t${caller}`, done);
    },
  },
  'mysql2: promises of a pool': {
    open: () => {
      const pool = mysqlPool().promise();
      return (caller, done) => pool.query(`SELECT * FROM t${caller}`).then(() => done(), done);
    },
  },
  'mysql2: connections that callers take from a pool': {
    open: () => {
      const pool = mysqlPool();
      return (caller, done) =>
        pool.getConnection((error, connection) => {
          if (error) return done(error);
          connection.query(`SELECT * FROM t${caller}`, (failure) => {
            connection.release();
            done(failure);
          });
        });
    },
  },
  'mysql2: connections that callers take from a generic-pool': {
    open: () => {
      const pool = genericPool();
      return async (caller, done) => {
        const connection = await pool.acquire();
        connection.query(`SELECT * FROM t${caller}`, (error) => {
          pool.release(connection);
          done(error);
        });
      };
    },
  },
  'mysql2: connections that a generic-pool lends': {
    open: () => {
      const pool = genericPool();
      return (caller, done) =>
        pool
          .use((connection) => connection.promise().query(`SELECT * FROM t${caller}`))
          .then(() => done(), done);
    },
  },
  'mysql2: queries of one connection, with callbacks': {
    open: () => {
      const connection = mysqlConnection();
      return (caller, done) => connection.query(`SELECT * FROM t${caller}`, done);
    },
  },
  'ioredis: commands, with callbacks': {
    open: async () => {
      const client = ioredis();
      await client.ping();
      return (caller, done) => client.get(`t${caller}`, done);
    },
  },
  'ioredis: a pipeline': {
    open: async () => {
      const client = ioredis();
      await client.ping();
      return (caller, done) => client.pipeline().get(`t${caller}`).get(`t${caller}`).exec(done);
    },
    spans: 2,
  },
  'ioredis: a transaction': {
    open: async () => {
      const client = ioredis();
      await client.ping();
      return (caller, done) => client.multi().get(`t${caller}`).exec(done);
    },
    spans: 4,
  },
  'ioredis: commands in the offline queue of a lost connection': {
    open: async () => {
      const client = ioredis({ retryStrategy: () => 10 });
      await client.ping();
      client.disconnect(true);
      return (caller, done) => client.get(`t${caller}`, done);
    },
    spans: 0,
  },
  'ioredis: auto-pipelining': {
    open: async () => {
      const client = ioredis({ enableAutoPipelining: true });
      await client.info();
      return (caller, done) => client.get(`t${caller}`, done);
    },
    spans: 0,
  },
  'ioredis: commands before the connection is there': {
    open: () => {
      const client = ioredis({ lazyConnect: true });
      return (caller, done) => client.get(`t${caller}`, done);
    },
    spans: 0,
  },
  'node-redis: commands': {
    open: async () => {
      const client = await nodeRedis();
      return (caller, done) => client.get(`t${caller}`).then(() => done(), done);
    },
  },
  'node-redis: a pool': {
    open: async () => {
      const pool = createClientPool({ socket }, { minimum: 1, maximum: 1 });
      t.teardown(() => pool.destroy());
      await pool.connect();
      return (caller, done) => pool.get(`t${caller}`).then(() => done(), done);
    },
    spans: 'some', // those that need not wait
  },
};

t.test('node-redis: each single command of a warm pool has a span, in its own request', async (t) => {
  const pool = createClientPool({ socket }, { minimum: 1, maximum: 1 });
  t.teardown(() => pool.destroy());
  await pool.connect();
  await Promise.all(CALLERS.map((caller) => pool.get(`busy${caller}`)));
  telemetry.reset();
  // On a slow machine 0.1 ms lie between two looks at the clock, however slow this one is.
  let passed = clocks.monotonicNow();
  clocks.monotonicNow = () => {
    passed += 0.1;
    return passed;
  };
  t.teardown(restoreClocks);
  for (const caller of CALLERS)
    await withSpan('request', { caller }, async () => {
      await pool.get(`t${caller}`);
    });
  const commands = telemetry.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
  t.equal(commands.length, CALLERS.length);
});

for (const [name, { open, spans: perCall = 1 }] of Object.entries(DRIVERS)) {
  t.test(name, async (t) => {
    telemetry.reset();
    const requests: Span[] = [];
    /** Sends a command in a span of its own, and waits until the driver has called back. */
    const call = (caller: number, send: Send) =>
      withSpan('request', { caller }, (span) => {
        requests[caller] = span;
        return new Promise<void>((resolve, reject) => {
          send(caller, (error) => {
            withSpan('after', { caller }, () => {});
            if (error) reject(error);
            else resolve();
          });
        });
      });
    const { send, first } = await withSpan('first', {}, async () => {
      const send = await open();
      return { send, first: call(stranger, send) };
    });
    await Promise.all([first, ...others.map((caller) => call(caller, send))]);

    const spans = telemetry.spans();
    const commands = spans.filter(({ kind }) => kind === SpanKind.CLIENT);
    if (perCall !== 'some') t.equal(commands.length, CALLERS.length * perCall);
    for (const span of [...commands, ...spans.filter((each) => each.name === 'after')]) {
      const caller = requests.findIndex(
        (each) => each.spanContext().spanId === span.parentSpanContext?.spanId,
      );
      const { 'db.query.text': text = `t${caller}`, caller: called = caller } = span.attributes;
      t.ok(caller in CALLERS, `${span.name} ${text} is in a request`);
      t.match(text, new RegExp(`t${caller}$|^multi$|^exec$`), `${span.name} is in its request`);
      t.equal(called, caller, 'the callback ran in its request');
    }
  });
}
