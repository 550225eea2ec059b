// Each way to call pg, in a request of its own.
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function waysOf({ Pool, Client, Query }) {
  const server = { connectionString: process.env.POSTGRES, max: 2 };
  const nowhere = { connectionString: 'postgres://127.0.0.1:1/none' };
  const pool = new Pool(server);
  pool.on('error', () => {});
  await pool.query('drop table if exists books');
  await pool.query('create table books (id serial primary key, title text)');
  await pool.query("insert into books (title) select 'secret' from generate_series(1, 30)");
  const codeOf = (work) =>
    work().then(
      () => 'no error',
      ({ code, message }) => code ?? message,
    );
  const withClient = async (work) => {
    const client = await pool.connect();
    try {
      return await work(client);
    } finally {
      client.release();
    }
  };
  const called = (work) =>
    new Promise((resolve) => {
      pool.connect((_error, client, release) =>
        work(client, (answer) => {
          release();
          resolve(answer);
        }),
      );
    });
  const ways = {
    'pool, promise': async () =>
      (await pool.query('select count(*) from books where id > $1', [0])).rows.length,
    'pool, callback': () =>
      new Promise((resolve) =>
        pool.query('select * from books where id = 1', (_error, { rows }) => resolve(rows.length)),
      ),
    'pool, values and callback': () =>
      new Promise((resolve) =>
        pool.query('select * from books where id = $1', [1], (_error, { rows }) => resolve(rows.length)),
      ),
    'pool, config': async () =>
      (await pool.query({ text: 'select * from books where id = $1', values: [2], rowMode: 'array' })).rows
        .length,
    'pool, named': async () =>
      (await pool.query({ name: 'one', text: 'select * from books where id = $1', values: [2] })).rows.length,
    'client, transaction': () =>
      withClient(async (client) => {
        await client.query('begin');
        await client.query("insert into books (title) values ('secret')");
        await client.query('commit');
        return 'ok';
      }),
    'client, callback': () =>
      called((client, done) =>
        client.query('select 1 as x from books limit 1', (_error, { rows }) => done(rows.length)),
      ),
    'client, config with callback': () =>
      called((client, done) => {
        client.query({
          text: 'select 2 as y from books limit 1',
          callback: (_error, { rows }) => done(rows.length),
        });
      }),
    'client, query object': () =>
      called((client, done) => {
        let rows = 0;
        const query = client.query(new Query('select 3 as z from books limit 1'));
        query.on('row', () => rows++).on('end', () => done(rows));
      }),
    'client, query object with callback': () =>
      called((client, done) => {
        client.query(new Query('select 4 as z from books limit 1'), (_error, { rows }) => done(rows.length));
      }),
    'pool, error': () => codeOf(() => pool.query("insert into books (id, title) values (1, 'secret')")),
    'pool, error in callback': () =>
      new Promise((resolve) => pool.query('select * from nothing_here', ({ code }) => resolve(code))),
    'client, no statement': () =>
      withClient(async (client) => {
        try {
          client.query(null);
          return 'no error';
        } catch (error) {
          return error.constructor.name;
        }
      }),
    'pool, many rows': async () => (await pool.query('select generate_series(1, 200) as n')).rows.length,
    'pool, one by one': async () => {
      let rows = 0;
      for (let id = 1; id <= 20; id++)
        rows += (await pool.query('select * from books where id = $1', [id])).rows.length;
      return rows;
    },
    'pool, at once': async () => {
      const all = Array.from({ length: 6 }, (_, at) =>
        pool.query(`select pg_sleep(0.02), id from books where id = ${at + 1}`),
      );
      return (await Promise.all(all)).length;
    },
    'client of its own': async () => {
      const client = new Client(server);
      await client.connect();
      const { rows } = await client.query('select 5 as w from books limit 1');
      await client.end();
      return rows.length;
    },
    'pool, on connect': async () => {
      const one = new Pool({ ...server, max: 1 });
      one.on('connect', (client) => client.query("set application_name = 'secret'"));
      const { rows } = await one.query('select 7 as u from books limit 1');
      await one.end();
      return rows.length;
    },
    'pool, refused': () => codeOf(() => new Pool(nowhere).query('select 1')),
    'client, refused': () => codeOf(() => new Client(nowhere).connect()),
    'pool, waits in vain': async () => {
      const one = new Pool({ ...server, max: 1, connectionTimeoutMillis: 400 });
      const client = await one.connect();
      const answer = await codeOf(() => one.query('select 1'));
      client.release();
      await one.end();
      return answer;
    },
    'client, later': () =>
      withClient(async (client) => {
        await wait(20);
        return (await client.query('select 6 as v from books limit 1')).rows.length;
      }),
    'client, time limit': async () => {
      const client = new Client({ ...server, query_timeout: 300 });
      await client.connect();
      const answer = await codeOf(() => client.query('select pg_sleep(2)'));
      client.end().catch(() => {});
      return answer;
    },
  };
  return { ways, end: () => pool.end() };
}
