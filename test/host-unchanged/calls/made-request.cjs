// A request and a response that an app makes by hand, as adapters for functions do.
const http = require('node:http');
const { tracingChannel } = require('node:diagnostics_channel');
const { PassThrough } = require('node:stream');
const handle = (socket, next) => {
  const req = Object.assign(new http.IncomingMessage(socket), { method: 'GET', url: '/orders/1', headers: { host: 'x' }, httpVersion: '1.1' });
  const res = new http.ServerResponse(req);
  const sink = new PassThrough();
  let wire = '';
  sink.on('data', (chunk) => (wire += chunk));
  res.assignSocket(sink);
  res.on('finish', () => {
    console.log(wire.replace(/Date: .*/, 'Date'), res.getHeaderNames().join(), Object.keys(req).includes('res'));
    next?.();
  });
  req.res = res;
  res.sendDate = true;
  const layer = { method: 'get', match: () => false };
  tracingChannel('express.router.request').traceSync(() => res.end('ok'), { req, route: '/orders/:id', layer });
};
handle(new PassThrough(), () => handle({ encrypted: true, destroy() {} }));
