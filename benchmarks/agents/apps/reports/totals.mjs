import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });

/** The totals of a year, which the database sums up. */
export async function totalsOf(year) {
  const { rows } = await pool.query(
    'SELECT $1::int AS year, sum(n) AS total, pg_sleep(0.06) FROM generate_series(1, 1000) n',
    [year],
  );
  return { year: rows[0].year, total: rows[0].total };
}
