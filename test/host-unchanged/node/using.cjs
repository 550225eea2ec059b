class D {
  constructor(n) {
    this.n = n;
  }
  [Symbol.dispose]() {
    console.log('d', this.n);
  }
  async [Symbol.asyncDispose]() {
    console.log('ad', this.n);
  }
}
(async () => {
  const s = new D(1);
  try {
  } finally {
    s[Symbol.dispose]();
  }
  await s[Symbol.asyncDispose]();
})();
