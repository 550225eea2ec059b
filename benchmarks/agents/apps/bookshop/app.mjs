import express from 'express';
import { pool, prepare } from './database.mjs';
import { ordersOf } from './orders.mjs';

await prepare();
const app = express();

app.get('/customers/:id/orders', async (request, response) => {
  response.json(await ordersOf(Number(request.params.id)));
});

app.get('/books/:isbn', async (request, response) => {
  const { rows } = await pool.query('SELECT isbn, title FROM books WHERE isbn = $1', [request.params.isbn]);
  if (rows.length === 0) return response.status(404).json({ error: 'No such book' });
  response.json(rows[0]);
});

// A year of sales as a file: the printing service takes its time.
app.get('/sales.pdf', async (_request, response) => {
  const printed = await fetch(`${process.env.PARTNER_URL}/render?ms=450`);
  response.type('text/plain').send(await printed.text());
});

app.use((error, _request, response, _next) => {
  console.error(error);
  response.status(500).json({ error: 'Something went wrong' });
});

app.listen(process.env.PORT, () => console.log(`Bookshop on ${process.env.PORT}`));
