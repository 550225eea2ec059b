import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });

export async function prepare() {
  await pool.query(`
    CREATE TABLE IF NOT EXISTS accounts (id text PRIMARY KEY, balance int);
    INSERT INTO accounts VALUES ('1', 1000), ('2', 500);
  `);
}

export async function balanceOf(id) {
  const { rows } = await pool.query('SELECT balance FROM accounts WHERE id = $1', [id]);
  return rows[0]?.balance;
}

/** Takes money from an account, and tells the other bank. */
export async function transfer(id, amount) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT balance FROM accounts WHERE id = $1 FOR UPDATE', [id]);
    await fetch(`${process.env.PARTNER_URL}/other-bank?ms=150`, { method: 'POST' });
    await client.query('UPDATE accounts SET balance = balance - $2 WHERE id = $1', [id, amount]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
