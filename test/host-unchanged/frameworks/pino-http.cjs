// A line a request, with all headers of the answer.
const http = require('http');
const log = require('pino-http')({ base: null, timestamp: false, customAttributeKeys: { responseTime: 'ms' } });
const s = http.createServer((q, r) => {
  log(q, r);
  r.setHeader('X-A', '1');
  r.end('x');
});
s.listen(0, '127.0.0.1', async () => {
  await require('./server.cjs').wire(s.address().port);
  s.close();
});
