const { show } = require('./server.cjs');
show((q, r) => {
  r.writeHead(200, 'Fine', { 'X-Y': 'z' });
  r.end('x');
});
