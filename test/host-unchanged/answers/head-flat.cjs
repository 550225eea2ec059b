const { show } = require('./server.cjs');
show((q, r) => {
  r.writeHead(200, ['X-A', '1', 'x-a', '2', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Content-Length', '1']);
  r.end('x');
});
