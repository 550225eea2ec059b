import type { Static } from 'typebox';
import Type from 'typebox';

const text = Type.String();

/** The spans of one command, or the spans with one value of `vcs.ref.head.revision`. */
export const Run = Type.Object({
  id: Type.String({ description: 'tandem.run.id, else the name' }),
  name: Type.String({ description: 'vcs.ref.head.revision, else the command or the id' }),
  branch: Type.Optional(Type.String({ description: 'vcs.ref.head.name' })),
  command: Type.Optional(text),
  service: Type.Optional(Type.String({ description: 'a service of it' })),
  services: Type.Optional(Type.Integer({ description: 'how many it has' })),
  folder: Type.Optional(Type.String({ description: 'the name of the folder that it ran in' })),
  problems: Type.Optional(Type.Integer({ description: 'what its end said' })),
  exit_code: Type.Optional(Type.Integer({ description: 'of its command; none of a coding agent' })),
  pull: Type.Optional(Type.String({ description: 'where its traces were pulled from' })),
  weighted: Type.Optional(
    Type.Boolean({ description: 'whether some of its traces stand for several, or were pulled' }),
  ),
  spans: Type.Integer(),
  first: text,
  last: text,
  requests: Type.Integer(),
  errors: Type.Integer({ description: 'requests that failed' }),
  stored: Type.Optional(
    Type.Integer({
      description: 'if requests and errors are estimates, as some are sampled: the stored requests',
    }),
  ),
  tests: Type.Integer(),
  failed: Type.Integer({ description: 'tests that failed, by the last attempt of each' }),
  flaky: Type.Optional(Type.Integer({ description: 'tests that failed and passed on a later attempt' })),
});

export type Run = Static<typeof Run>;
