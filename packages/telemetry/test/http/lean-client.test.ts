import { leanHttpClient } from '../../src/http/lean-client.ts';
import { testHttpClient } from './http-client-suite.ts';

testHttpClient(leanHttpClient, true);
