import t from 'tap';
import { ENGINES } from '../engines.ts';
import { testHttpClient } from './http-client-suite.ts';

for (const [name, engine] of Object.entries(ENGINES)) t.test(name, async (t) => testHttpClient(t, engine));
