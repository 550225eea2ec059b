const { MessageChannel, BroadcastChannel } = require('worker_threads');
const { port1, port2 } = new MessageChannel();
port1.on('message', (m) => {
  console.log(m);
  port1.close();
});
port2.postMessage({ a: new Uint8Array(2) });
const b = new BroadcastChannel('x');
b.unref();
console.log(structuredClone({ d: new Date(0) }).d.toISOString());
