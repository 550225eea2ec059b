// The stream, and its events.
const http2 = require('http2');
const server = http2.createServer();
server.on('stream', (stream, headers) => {
  console.log(headers[':path'], Object.keys(stream).join());
  stream.respond([':status', '200', 'X-A', '1', 'set-cookie', 'a=1', 'set-cookie', 'b=2']);
  let body = '';
  stream.setEncoding('utf8').on('data', (x) => (body += x));
  stream.on('end', () => stream.end(`${body} ${stream.eventNames().length > 0}`));
});
server.listen(0, '127.0.0.1', () => {
  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  const q = client.request({ ':path': '/api/x', ':method': 'POST' });
  q.on('response', ({ date, ...headers }) => console.log(JSON.stringify(headers)));
  q.setEncoding('utf8').on('data', (x) => console.log(x));
  q.on('end', () => {
    client.close();
    server.close();
  });
  q.end('body');
});
