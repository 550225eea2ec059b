const { get, up } = require('./server.cjs');
const e = new Error('big');
e.stack = 'Error: big\n' + '    at f (file:///x.js:1:1)\n'.repeat(300000);
(async () => {
  const [s, port] = await up((q, r) => {
    console.error(e.message);
    console.log(e.stack.length);
    r.statusCode = 500;
    r.end();
  });
  console.log((await get(port)).s);
  s.close();
})();
