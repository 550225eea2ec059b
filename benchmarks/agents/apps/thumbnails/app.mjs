import { createServer } from 'node:http';
import { thumbnailOf } from './queue.mjs';

const pictures = new Set(['cat', 'dog']);

const server = createServer(async (request, response) => {
  const [, kind, name] = new URL(request.url, 'http://localhost').pathname.split('/');
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  try {
    if (kind === 'thumbnails' && pictures.has(name)) send(200, await thumbnailOf(name));
    else if (kind === 'originals' && pictures.has(name)) {
      // A picture of hundred megabytes, from far away.
      const original = await fetch(`${process.env.PARTNER_URL}/originals?ms=500`);
      send(200, await original.json());
    } else send(404, { error: 'No such picture' });
  } catch (error) {
    console.error(error);
    send(500, { error: 'Something went wrong' });
  }
});

server.listen(process.env.PORT, () => console.log('Thumbnails are up'));
