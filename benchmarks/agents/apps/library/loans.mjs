import pg from 'pg';

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 4,
  connectionTimeoutMillis: 700,
});

export async function prepare() {
  await pool.query(`
    CREATE TABLE IF NOT EXISTS books (id text PRIMARY KEY, title text, lent boolean);
    INSERT INTO books VALUES ('a', 'Atlas', false), ('b', 'Botany', true);
  `);
}

export async function titleOf(id) {
  const { rows } = await pool.query('SELECT title FROM books WHERE id = $1', [id]);
  return rows[0]?.title;
}

/** Lends a book, unless somebody has it. */
export async function lend(id) {
  const client = await pool.connect();
  const { rows } = await client.query('SELECT lent FROM books WHERE id = $1', [id]);
  if (rows[0]?.lent) return false;
  await client.query('UPDATE books SET lent = false WHERE id = $1', [id]);
  client.release();
  return true;
}
