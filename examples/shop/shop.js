import { DatabaseSync } from 'node:sqlite';

const [ORDERS, LINES] = [40, 20_000];

/** The shop's orders and their lines, in memory. The lines have no index, and are asked for once for each order. */
export function openShop() {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT)');
  database.exec('CREATE TABLE lines (order_id INTEGER, price INTEGER)');
  const addOrder = database.prepare('INSERT INTO orders (customer) VALUES (?)');
  const addLine = database.prepare('INSERT INTO lines (order_id, price) VALUES (?, ?)');
  database.exec('BEGIN');
  for (let id = 0; id < ORDERS; id++) addOrder.run(`customer ${id % 7}`);
  for (let id = 0; id < LINES; id++) addLine.run(1 + (id % ORDERS), id % 97);
  database.exec('COMMIT');
  const orders = database.prepare('SELECT id, customer FROM orders');
  const sum = database.prepare('SELECT count(*) AS lines, sum(price) AS total FROM lines WHERE order_id = ?');
  const report = database.prepare(
    'SELECT customer, sum(price) AS total FROM orders JOIN lines ON order_id = orders.id GROUP BY customer',
  );
  return {
    orders: () => orders.all(),
    sumOf: ({ id }) => sum.get(id),
    report: () => report.all(),
    /** Nobody checks whether a body has lines. */
    add({ customer, lines }) {
      const { lastInsertRowid: id } = addOrder.run(customer);
      for (const { price } of lines) addLine.run(id, price);
      return { id };
    },
  };
}
