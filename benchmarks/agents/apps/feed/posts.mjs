import pg from 'pg';

async function ask(text, values) {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

export async function prepare() {
  await ask(`
    CREATE TABLE IF NOT EXISTS posts (id int PRIMARY KEY, feed text, text text);
    INSERT INTO posts SELECT n, 'news', 'Post ' || n FROM generate_series(1, 20) n;
  `);
}

/** The posts of a feed, with the number of all. */
export async function postsOf(feed) {
  const posts = await ask('SELECT id, text FROM posts WHERE feed = $1', [feed]);
  const [{ total }] = await ask('SELECT count(*) AS total FROM posts WHERE feed = $1', [feed]);
  return posts.map((post) => ({ ...post, total: Number(total) }));
}
