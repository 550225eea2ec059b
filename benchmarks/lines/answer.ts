/** What a server answers: a list as of users. */
export const ANSWER: string = JSON.stringify(
  Array.from({ length: 20 }, (_, id) => ({ id, name: `user ${id}` })),
);
