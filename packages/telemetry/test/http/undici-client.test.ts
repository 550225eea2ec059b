import { instrumentHttpClient } from '../../src/http/undici-client.ts';
import { testHttpClient } from './http-client-suite.ts';

testHttpClient(instrumentHttpClient, false);
