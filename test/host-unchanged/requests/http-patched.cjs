const http = require('http');
const R = http.request;
let n = 0;
http.request = function (...a) {
  n++;
  return R.apply(this, a);
};
const E = http.Server.prototype.emit;
http.Server.prototype.emit = function (n, ...a) {
  return E.call(this, n, ...a);
};
class Res extends http.ServerResponse {
  end(...a) {
    this.was = 1;
    return super.end(...a);
  }
}
const s = http
  .createServer({ ServerResponse: Res }, (q, r) => {
    r.end('p' + (r instanceof Res));
  })
  .listen(0, () => {
    http
      .request({ port: s.address().port }, (x) => {
        x.setEncoding('utf8');
        x.on('data', (d) => console.log(d, n));
        x.on('end', () => s.close());
      })
      .end();
    s.emit('request', new http.IncomingMessage(), Object.assign(new http.ServerResponse({}), {}));
  });
