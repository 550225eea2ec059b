import t from 'tap';
import { openapiDocuments } from '../../../../scripts/lib/openapi-documents.ts';
import type { User } from '../../src/user-directory.ts';
import type { operations } from '../../src/user-lookup/documented-api.d.ts';
import type { requestUsers } from '../../src/user-lookup/request-users.ts';

type FindUsers = operations['findUsers'];
type DocumentedAnswer = FindUsers['responses'][200]['content']['application/json'];
type Read = Awaited<ReturnType<typeof requestUsers>>;

// The type check of these is the test: what user-lookup documents can be read as what the client takes it for, and what
// the client asks can be sent.
const asRead = (answer: DocumentedAnswer): Read => answer;
const asUser = (user: DocumentedAnswer['users'][number]): User => user;
const asAsked = (handles: string[]): FindUsers['parameters']['query'] => ({ handle: handles });

t.test('what user-lookup documents is what the client reads, sends and expects', async (t) => {
  const ada = { handle: 'ada', display_name: 'Ada', avatar_url: 'https://avatars.example/ada.svg' };
  t.strictSame(asRead({ users: [asUser(ada)], missing: [] }).users, [ada]);
  t.strictSame(asAsked(['ada']), { handle: ['ada'] });

  const document = (await openapiDocuments())['user-lookup'] as {
    paths: Record<string, { get: { responses: object; parameters: { name: string; schema: object }[] } }>;
  };
  const { responses, parameters } = document.paths['/api/users']?.get ?? {};
  t.match(
    parameters,
    [{ name: 'handle', schema: { maxItems: 100 } }],
    'as many as the client asks for in one call',
  );
  for (const status of ['200', '429', '503', '504']) t.ok(status in (responses ?? {}), status);
});
