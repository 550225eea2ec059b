import { createServer } from 'node:http';
import { isRight } from './hash.mjs';

const known = new Set(['ada', 'bo']);

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const [, kind, name] = url.pathname.split('/');
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (kind === 'users') return send(known.has(name) ? 200 : 404, { name });
  if (kind === 'login') return send(isRight(url.searchParams.get('password') ?? '') ? 200 : 401, {});
  if (kind === 'audit') {
    const sent = await fetch(`${process.env.PARTNER_URL}/audit?ms=350`, { method: 'POST' });
    return send(200, await sent.json());
  }
  send(404, {});
});

server.listen(process.env.PORT, () => console.log('Passwords are up'));
