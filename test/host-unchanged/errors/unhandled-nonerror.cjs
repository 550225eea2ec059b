Promise.reject({ a: 1 });
setTimeout(() => console.log('x'), 50);
