throw new Proxy(
  {},
  {
    get(t, k) {
      throw new Error('trap ' + String(k));
    },
    ownKeys() {
      throw new Error('keys');
    },
  },
);
