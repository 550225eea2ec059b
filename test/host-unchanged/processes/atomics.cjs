const i = new Int32Array(new SharedArrayBuffer(4));
console.log(Atomics.wait(i, 0, 0, 30));
Atomics.waitAsync(i, 0, 0, 20).value.then(console.log);
