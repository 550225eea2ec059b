import { leanHttpClient } from '../../../src/spans/http-client/lean-http-client.ts';
import { testHttpClient } from './http-client-suite.ts';

testHttpClient(leanHttpClient);
