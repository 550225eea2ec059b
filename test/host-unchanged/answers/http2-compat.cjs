const http2 = require('http2');
const server = http2.createServer((q, r) => {
  r.setHeader('X-A', '1');
  const names = r.getHeaderNames();
  r.writeHead(200, { 'x-names': names.join(), 'set-cookie': ['a=1', 'b=2'] });
  r.end(JSON.stringify(q.headers['x-r']));
});
server.listen(0, '127.0.0.1', () => {
  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  const q = client.request({ ':path': '/api/x', 'x-r': '1' });
  q.on('response', ({ date, ...headers }) => console.log(JSON.stringify(headers), headers['set-cookie']));
  q.setEncoding('utf8').on('data', (x) => console.log(x));
  q.on('end', () => {
    client.close();
    server.close();
  });
});
