import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(':memory:');
database.exec(`
  CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT);
  CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE comments (post INTEGER, author INTEGER, text TEXT);
  INSERT INTO posts VALUES (1, 'One'), (2, 'Two');
  INSERT INTO authors VALUES (1, 'Ada');
  INSERT INTO comments VALUES (1, 1, 'First'), (2, 1, 'Fine'), (2, 5, 'From somebody who left');
`);

export function postOf(id) {
  return database.prepare('SELECT id, title FROM posts WHERE id = ?').get(id);
}

/** The comments on a post, with the names of their authors. */
export function commentsOn(post) {
  const comments = database.prepare('SELECT author, text FROM comments WHERE post = ?').all(post);
  const authorOf = database.prepare('SELECT name FROM authors WHERE id = ?');
  return comments.map(({ author, text }) => {
    const { name } = authorOf.get(author);
    return { name, text };
  });
}
