const fastify = require('fastify');
const app = fastify();
app.register(require('mercurius'), {
  schema: 'type Query { a: Int, b: Int }',
  resolvers: {
    Query: {
      a: () => 1,
      b() {
        const e = new Error('thrown');
        console.log(e.stack);
        throw e;
      },
    },
  },
});
app.listen({ port: 0, host: '127.0.0.1' }).then(async () => {
  for (const query of ['{ a }', '{ b }']) {
    const answer = await app.inject({ method: 'POST', url: '/graphql', payload: { query } });
    console.log(answer.statusCode, Object.keys(answer.headers).join(), answer.body);
  }
  await app.close();
});
