// What is built on pg, each call in a request of its own. The first calls of a library make its connections.
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import prismaClient from '@prisma/client';
import bluebird from 'bluebird';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import knexOf from 'knex';
import pg from 'pg';
import PgBoss from 'pg-boss';
import { from, to } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import pgPromise from 'pg-promise';
import QueryStream from 'pg-query-stream';
import { DataTypes, Sequelize } from 'sequelize';
import { createPool, sql } from 'slonik';
import { DataSource, EntitySchema } from 'typeorm';
import { serve } from './serve.mjs';

const connectionString = process.env.POSTGRES;
const pool = new pg.Pool({ connectionString, max: 2 });
await pool.query('drop table if exists books');
await pool.query('create table books (id int primary key, title text)');
await pool.query("insert into books select n, 'secret' from generate_series(1, 5) n");

const bird = new pg.Pool({ connectionString, Promise: bluebird });
const books = pgTable('books', { id: integer('id').primaryKey(), title: text('title') });
const db = drizzle({ client: pool });
const knex = knexOf({ client: 'pg', connection: connectionString });
const sequelize = new Sequelize(connectionString, { logging: false });
const columns = { id: { type: DataTypes.INTEGER, primaryKey: true }, title: DataTypes.TEXT };
const Book = sequelize.define('book', columns, { tableName: 'books', timestamps: false });
const database = pgPromise()(connectionString);
const entity = new EntitySchema({
  name: 'Book',
  tableName: 'books',
  columns: { id: { type: Number, primary: true }, title: { type: String } },
});
const source = await new DataSource({
  type: 'postgres',
  url: connectionString,
  entities: [entity],
}).initialize();
const boss = new PgBoss({ connectionString, schedule: false, supervise: false });
await boss.start();
await boss.createQueue('mail');
const prisma = new prismaClient.PrismaClient({ adapter: new PrismaPg({ connectionString }) });
const slonik = await createPool(connectionString);

const withClient = async (work) => {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
};
const calls = {
  'pg-cursor': () =>
    withClient(async (client) => {
      const cursor = client.query(new Cursor('select * from books where id > $1', [0]));
      const rows = await cursor.read(2);
      await cursor.close();
      return rows.length;
    }),
  'pg-query-stream': () =>
    withClient(async (client) => {
      let rows = 0;
      for await (const _ of client.query(new QueryStream('select * from books where id > $1', [0]))) rows++;
      return rows;
    }),
  'pg-copy-streams, to': () =>
    withClient(async (client) => {
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      await pipeline(client.query(to('copy books to stdout')), nowhere);
      return 'ok';
    }),
  'pg-copy-streams, from': () =>
    withClient(async (client) => {
      const rows = Readable.from(['1\tsecret\n']);
      const failed = await pipeline(rows, client.query(from('copy books from stdin'))).catch(
        ({ code }) => code,
      );
      return failed;
    }),
  bluebird: () => bird.query('select * from books where id = $1', [1]).then(({ rows }) => rows.length),
  drizzle: async () => (await db.select().from(books).execute()).length,
  knex: async () => (await knex('books').where('id', 1)).length,
  'knex, transaction': () => knex.transaction(async (tx) => (await tx('books').where('id', 1)).length),
  sequelize: async () => (await Book.findAll()).length,
  'pg-promise': async () => (await database.any('select * from books where id = $1', [1])).length,
  typeorm: async () => (await source.getRepository(entity).find()).length,
  'pg-boss': async () => typeof (await boss.send('mail', { to: 'secret' })),
  prisma: async () => (await prisma.books.findMany({ where: { title: 'secret' } })).length,
  'prisma, transaction': () =>
    prisma.$transaction(
      async (tx) => (await tx.books.update({ where: { id: 1 }, data: { title: 'secret' } })).id,
    ),
  slonik: async () => (await slonik.any(sql.unsafe`select * from books where id = ${1}`)).length,
};
const ways = Object.fromEntries(
  Object.entries(calls).flatMap(([name, call]) => [
    [`${name}, connects`, call],
    [name, call],
  ]),
);
await serve({
  ways,
  async end() {
    await Promise.all([
      pool.end(),
      bird.end(),
      knex.destroy(),
      sequelize.close(),
      source.destroy(),
      prisma.$disconnect(),
      slonik.end(),
    ]);
    database.$pool.end();
    await boss.stop({ graceful: false });
    setTimeout(() => process.exit(), 500).unref();
  },
});
