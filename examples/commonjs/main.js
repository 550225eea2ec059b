const { buildApp } = require('./app.js');

buildApp().then(async (app) => {
  await app.listen({ port: Number(process.env.PORT ?? 3000) });
  process.once('SIGTERM', () => app.close());
});
