const { show } = require('./server.cjs');
show((q, r) => {
  r.writeHead(200, { 'X-A': '1', 'Set-Cookie': ['a=1', 'b=2'], 'server-timing': 'db;dur=53' });
  r.end('x');
});
