import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

export async function prepare() {
  await pool.query(`
    CREATE TABLE IF NOT EXISTS words (id int PRIMARY KEY, word text);
    INSERT INTO words SELECT n, md5(n::text) || md5((n + 1)::text) FROM generate_series(1, 15000) n;
  `);
}

export async function wordOf(id) {
  const { rows } = await pool.query('SELECT word FROM words WHERE id = $1', [id]);
  return rows[0]?.word;
}

/** The words in which a text stands somewhere. */
export async function find(text) {
  const { rows } = await pool.query(
    "SELECT id, word FROM words WHERE regexp_replace(lower(word), '[0-9]', '', 'g') LIKE '%' || $1 || '%' LIMIT 10",
    [text],
  );
  return rows;
}
