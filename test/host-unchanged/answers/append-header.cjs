const { show } = require('./server.cjs');
(async () => {
  await show((q, r) => {
    r.appendHeader('Server-Timing', 'db;dur=53');
    r.appendHeader('Server-Timing', 'app;dur=6');
    r.end('x');
  });
  await show((q, r) => {
    r.setHeader('X-A', '1');
    r.appendHeader('x-a', '2');
    r.writeHead(200, { 'X-B': '3' });
    r.end('x');
  });
})();
