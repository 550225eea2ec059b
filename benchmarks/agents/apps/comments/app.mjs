import { createServer } from 'node:http';
import { commentsOn, postOf } from './comments.mjs';

const server = createServer(async (request, response) => {
  const [, kind, id, part] = new URL(request.url, 'http://localhost').pathname.split('/');
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  try {
    if (kind === 'backup') {
      // Copies everything to another country.
      const copied = await fetch(`${process.env.PARTNER_URL}/backup?ms=450`, { method: 'POST' });
      return send(200, await copied.json());
    }
    const post = kind === 'posts' ? postOf(Number(id)) : undefined;
    if (post === undefined) return send(404, { error: 'No such post' });
    send(200, part === 'comments' ? commentsOn(post.id) : post);
  } catch (error) {
    console.error(error.message);
    send(500, { error: 'Something went wrong' });
  }
});

server.listen(process.env.PORT, () => console.log('Comments are up'));
