import { pool } from './database.mjs';

/** A customer's orders, with their lines. */
export async function ordersOf(customer) {
  const { rows: orders } = await pool.query('SELECT id FROM orders WHERE customer = $1 ORDER BY id', [
    customer,
  ]);
  const full = [];
  for (const { id } of orders) {
    const { rows: lines } = await pool.query('SELECT isbn, pieces FROM lines WHERE order_id = $1', [id]);
    full.push({ id, lines });
  }
  return full;
}
