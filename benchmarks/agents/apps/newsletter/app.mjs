import express from 'express';
import { greetingFor } from './greeting.mjs';

const app = express();
app.use(express.json());

const readers = new Map([
  ['ada', { name: 'Ada' }],
  ['bo', { name: 'Bo' }],
]);

app.get('/readers/:id/greeting', async (request, response) => {
  const reader = readers.get(request.params.id);
  if (!reader) return response.status(404).json({ error: 'No such reader' });
  response.json({ text: await greetingFor(reader) });
});

// The archive is fetched from tape.
app.get('/issues/:year', async (request, response) => {
  const issue = await fetch(`${process.env.PARTNER_URL}/tape?ms=400`);
  response.json({ year: request.params.year, issue: await issue.json() });
});

app.listen(process.env.PORT, () => console.log('Newsletter is up'));
