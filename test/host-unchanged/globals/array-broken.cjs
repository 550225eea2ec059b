const { get, up } = require('./server.cjs');
const m = Array.prototype.map,
  f = Array.prototype.filter,
  r = Array.prototype.reduce;
Array.prototype.map = function (...a) {
  return m.apply(this, a);
};
Array.prototype.flatMap = () => {
  throw new Error('fm');
};
Array.prototype.toSorted = () => {
  throw 1;
};
Map.groupBy = () => {
  throw 2;
};
String.prototype.replaceAll = () => {
  throw new Error('ra');
};
RegExp.prototype.exec = RegExp.prototype.exec;
(async () => {
  const [s, port] = await up((q, r) => {
    console.error('x');
    r.end('z');
  });
  console.log((await get(port)).b);
  s.close();
})();
