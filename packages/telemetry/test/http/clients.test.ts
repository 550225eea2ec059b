import t from 'tap';
import { leanHttpClient } from '../../src/http/lean-client.ts';
import { instrumentHttpClient } from '../../src/client/undici-client.ts';
import { testHttpClient } from './http-client-suite.ts';

t.test('instrumentation-undici', async (t) => testHttpClient(t, instrumentHttpClient, false));

t.test('the lean client', async (t) => testHttpClient(t, leanHttpClient, true));
