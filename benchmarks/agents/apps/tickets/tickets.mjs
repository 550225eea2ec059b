import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(':memory:');
database.exec(`
  CREATE TABLE venues (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE tickets (id INTEGER PRIMARY KEY, event INTEGER, seat INTEGER);
  CREATE TABLE seats (id INTEGER PRIMARY KEY, row TEXT, number INTEGER);
  INSERT INTO venues VALUES (1, 'Old Hall');
`);
const addTicket = database.prepare('INSERT INTO tickets (event, seat) VALUES (?, ?)');
const addSeat = database.prepare('INSERT INTO seats (row, number) VALUES (?, ?)');
for (let i = 1; i <= 600; i++) {
  addTicket.run(i % 2, i);
  addSeat.run('ABCDEF'[i % 6], i);
}

export function venueOf(id) {
  return database.prepare('SELECT * FROM venues WHERE id = ?').get(id);
}

/** An event's tickets, each with its seat. */
export function ticketsOf(event) {
  const tickets = database.prepare('SELECT id, seat FROM tickets WHERE event = ?').all(event);
  return tickets.map(({ id, seat }) => {
    const place = database.prepare('SELECT row, number FROM seats WHERE id = ?').get(seat);
    return { id, ...place };
  });
}
