import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

export async function prepare() {
  await pool.query(`
    CREATE TABLE IF NOT EXISTS pieces (id int PRIMARY KEY, room int, name text);
    INSERT INTO pieces SELECT n, n % 5, 'Piece ' || n FROM generate_series(1, 100) n;
  `);
}

/** The pieces of a room. */
export async function roomOf(room) {
  const { rows } = await pool.query('SELECT id, name FROM pieces WHERE room = $1', [room]);
  return rows;
}

export async function pieceOf(id) {
  const { rows } = await pool.query('SELECT id, name FROM pieces WHERE id = $1', [id]);
  return rows[0];
}
