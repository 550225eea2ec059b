const { show } = require('./server.cjs');
show((q, r) => {
  const headers = new Headers({ 'X-A': '1', traceresponse: 'mine' });
  headers.append('set-cookie', 'a=1');
  headers.append('set-cookie', 'b=2');
  r.writeHead(201, [...headers]);
  r.end('x');
});
