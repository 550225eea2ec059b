import pg from 'pg';

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

export async function prepare() {
  await pool.query(`
    CREATE TABLE IF NOT EXISTS books (isbn text PRIMARY KEY, title text);
    CREATE TABLE IF NOT EXISTS orders (id int PRIMARY KEY, customer int);
    CREATE TABLE IF NOT EXISTS lines (order_id int, isbn text, pieces int);
    INSERT INTO books SELECT n::text, 'Book ' || n FROM generate_series(1, 50) n;
    INSERT INTO orders SELECT n, n % 3 FROM generate_series(1, 90) n;
    INSERT INTO lines SELECT n, (n % 50 + 1)::text, 1 FROM generate_series(1, 90) n;
  `);
}
