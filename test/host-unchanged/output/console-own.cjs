const out = [];
const orig = console.log;
console.log = function (...a) {
  out.push(a.join());
  return 'ret';
};
const r = console.log('a');
console.log = orig;
console.log(r, out, console.log.name, console.log.length);
const { Console } = require('console');
const c = new Console(process.stdout, process.stderr);
c.log('own');
const k = Object.keys(console).length;
console.log(k);
Object.defineProperty(console, 'warn', {
  get() {
    throw new Error('no');
  },
  configurable: true,
});
try {
  console.warn('x');
} catch (e) {
  console.log(e.message);
}
console.log(
  typeof console.error,
  Object.getOwnPropertyDescriptor(console, 'info').writable,
  console.info === console.log,
  console.debug === console.log,
  console.log === globalThis.console.log,
);
