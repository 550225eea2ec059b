const { show } = require('./server.cjs');
(async () => {
  await show((q, r) => {
    const before = [r.getHeaderNames(), r.getHeaders(), r.getRawHeaderNames(), r.hasHeader('traceresponse')];
    r.setHeader('X-A', '1');
    r.setHeaders(new Map([['X-B', '2']]));
    r.end(JSON.stringify([before, r.getHeaderNames(), r.getRawHeaderNames()]));
  });
  await show((q, r) => {
    for (const name of r.getHeaderNames()) r.removeHeader(name);
    r.flushHeaders();
    r.end(JSON.stringify(q.headers));
  });
})();
