process.on('unhandledRejection', (e, p) => console.log('got', e.message, p instanceof Promise));
process.on('rejectionHandled', () => console.log('handled'));
const p = Promise.reject(new Error('late'));
setTimeout(() => p.catch(() => {}), 10);
