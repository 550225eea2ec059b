const { show } = require('./server.cjs');
show((q, r) => {
  r.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' }, () => {
    r.writeProcessing();
    r.writeHead(200, [['Link', '</a.css>']]);
    r.end('x');
  });
});
