const { show } = require('./server.cjs');
(async () => {
  await show((q, r) => r.end('x'));
  await show((q, r) => {
    r.statusCode = 201;
    r.statusMessage = 'Made';
    r.write('x');
    r.end();
  });
  await show((q, r) => r.writeHead(204).end());
  await show((q, r) => r.writeHead(304, { ETag: '"1"' }).end());
})();
