// A service with a pool of pg, as its user has it, which asks itself. Whoever starts it adds one option to the command.
export async function runService({ fastify, Pool }) {
  const pool = new Pool({ connectionString: process.env.POSTGRES, max: 2 });
  await pool.query('drop table if exists books');
  await pool.query('create table books (id int primary key, title text)');
  await pool.query("insert into books select n, 'secret' from generate_series(1, 20) n");
  const bookOf = async (id) => (await pool.query('select * from books where id = $1', [id])).rows[0];
  const app = fastify();
  app.get('/books/:id', async ({ params: { id } }) => bookOf(id));
  app.get('/shelf', async () => {
    const books = [];
    for (let id = 1; id <= 20; id++) books.push(await bookOf(id));
    return books;
  });
  app.post('/books', async () => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query("insert into books values (21, 'secret')");
      await client.query('commit');
      return { id: 21 };
    } finally {
      client.release();
    }
  });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  for (const [method, path] of [
    ['GET', '/books/1'],
    ['GET', '/shelf'],
    ['POST', '/books'],
  ]) {
    const response = await fetch(origin + path, { method });
    process.stdout.write(`${method} ${path} ${response.status} ${(await response.text()).length}\n`);
  }
  await app.close();
  await pool.end();
}
