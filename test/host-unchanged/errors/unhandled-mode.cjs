process.on('exit', (c) => console.log('exit', c));
Promise.reject(new Error('m'));
setTimeout(() => console.log('after'), 20);
