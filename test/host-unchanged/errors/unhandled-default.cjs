setTimeout(() => console.log('never?'), 50);
Promise.reject(new Error('nobody'));
