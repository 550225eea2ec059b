const e = new Error('x');
Object.defineProperty(e, 'stack', {
  get() {
    throw new Error('stack getter');
  },
});
Object.defineProperty(e, 'message', {
  get() {
    throw new Error('msg getter');
  },
});
throw e;
