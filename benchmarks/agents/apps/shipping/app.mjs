import express from 'express';
import { quoteFor } from './carrier.mjs';

const app = express();
const parcels = new Map([
  ['p1', { weight: 3 }],
  ['p2', { weight: 1 }],
]);

app.get('/parcels/:id/quote', async (request, response) => {
  const parcel = parcels.get(request.params.id);
  if (!parcel) return response.status(404).json({ error: 'No such parcel' });
  response.json(await quoteFor(parcel));
});

app.get('/parcels/:id/track', async (_request, response) => {
  // Asks until the parcel moves, or half a second is over.
  const track = await fetch(`${process.env.PARTNER_URL}/track?ms=500`);
  response.json(await track.json());
});

app.use((error, _request, response, _next) => {
  console.error(error);
  response.status(504).json({ error: 'The carrier does not answer' });
});

app.listen(process.env.PORT, () => console.log('Shipping is up'));
