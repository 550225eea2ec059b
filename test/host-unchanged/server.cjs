// What programs beside it need of a server: `up` starts one, `get` asks it once on a connection of its own, `wire` gives the bytes
// of an answer, without its date, and `show` prints those of one handler.
// Node's module is loaded when a program first needs it: what the program has changed until then holds for it.
const get = (port, path = '/', o = {}) =>
  new Promise((d, f) => {
    const r = require('http').request({ port, path, host: '127.0.0.1', agent: false, ...o }, (x) => {
      let b = '';
      x.on('data', (c) => (b += c));
      x.on('end', () => d({ s: x.statusCode, b, h: x.headers, raw: x.rawHeaders }));
    });
    r.on('error', f);
    r.end(o.body);
  });
const up = (h, o) =>
  new Promise((d) => {
    const s = o ? require('http').createServer(o, h) : require('http').createServer(h);
    s.listen(0, '127.0.0.1', () => d([s, s.address().port]));
  });
const wire = (port, path = '/api/x') =>
  new Promise((d) => {
    let b = '';
    const c = require('net').connect(port, '127.0.0.1', () =>
      c.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
    );
    c.setEncoding('latin1').on('data', (x) => (b += x));
    c.on('close', () => d(b.replace(/Date: .*?\r\n/i, '')));
  });
const show = async (h) => {
  const [s, port] = await up(h);
  console.log(JSON.stringify(await wire(port)));
  s.close();
};
module.exports = {
  get,
  up,
  wire,
  show,
  get http() {
    return require('http');
  },
};
