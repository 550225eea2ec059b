const cluster = require('cluster');
const http = require('http');
if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) cluster.fork();
  let l = 0,
    x = 0;
  cluster.on('listening', (w, a) => {
    if (++l === 2)
      http.get({ port: a.port, agent: false }, (r) => {
        r.setEncoding('utf8');
        r.on('data', (d) => console.log(d));
        r.on('end', () => {
          for (const w of Object.values(cluster.workers)) w.kill();
        });
      });
  });
  cluster.on('exit', (w, c, s) => {
    if (++x === 2) console.log('both', c, s);
  });
} else http.createServer((q, r) => r.end('cl')).listen(0);
