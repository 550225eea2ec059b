import t from 'tap';
import { BubbleUpBody } from '../../../src/bubbleup/parse-bubbleup.ts';
import { RunRequest } from '../../../src/query/parse/parse-run-request.ts';
import { QuerySpecInput } from '../../../src/query/parse/query-spec.ts';
import { temporaryExplorer } from '../../explorer.ts';

t.test('what is documented of a request is what it is read by', async (t) => {
  const { get } = await temporaryExplorer(t);
  const { paths } = (await get('/documentation/json')).body;
  const bodyOf = (path: string) => paths[path].post.requestBody.content['application/json'].schema;
  for (const [path, schema] of [
    ['/1/queries/{dataset}', QuerySpecInput],
    ['/1/query_results/{dataset}', RunRequest],
    ['/api/bubbleup', BubbleUpBody],
  ] as const) {
    t.same(bodyOf(path), JSON.parse(JSON.stringify(schema)), path);
  }
  t.match(bodyOf('/1/queries/{dataset}'), {
    additionalProperties: false,
    properties: {
      calculations: { maxItems: 100, items: { required: ['op'], additionalProperties: false } },
      limit: { minimum: 1, maximum: 10_000, default: 100 },
      compare_time_offset_seconds: {
        enum: [1800, 3600, 7200, 28_800, 86_400, 604_800, 2_419_200, 15_724_800],
      },
    },
  });
});
