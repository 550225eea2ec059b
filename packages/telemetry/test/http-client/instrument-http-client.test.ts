import { instrumentHttpClient } from '../../src/http-client/index.ts';
import { testHttpClient } from './http-client-suite.ts';

testHttpClient(instrumentHttpClient);
