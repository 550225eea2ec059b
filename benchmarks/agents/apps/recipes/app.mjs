import { DatabaseSync } from 'node:sqlite';
import Fastify from 'fastify';

const database = new DatabaseSync(':memory:');
database.exec(`
  CREATE TABLE recipes (id INTEGER PRIMARY KEY, name TEXT, minutes INTEGER);
  INSERT INTO recipes VALUES (1, 'Soup', 40), (2, 'Bread', 180);
`);

const app = Fastify({ logger: true });

app.get('/recipes', async () => database.prepare('SELECT id, name FROM recipes').all());

app.get('/recipes/:id', async ({ params }, reply) => {
  const recipe = database.prepare('SELECT * FROM recipes WHERE id = ?').get(Number(params.id));
  return recipe ?? reply.code(404).send({ error: 'No such recipe' });
});

// Waits until the kitchen rings, at most for 600 milliseconds.
app.get('/bell', async () => (await fetch(`${process.env.PARTNER_URL}/bell?ms=600`)).json());

await app.listen({ port: Number(process.env.PORT) });
