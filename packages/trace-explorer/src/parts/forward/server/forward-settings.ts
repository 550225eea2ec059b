import type { Values } from '@tandem/service-kit/http';
import {
  ConfigError,
  flagSetting,
  foreignSetting,
  secretSetting,
  textSetting,
} from '@tandem/service-kit/http';
import { HONEYCOMB_US, honeycombBaseUrl, honeycombHeaders } from '@tandem/telemetry/honeycomb';
import type { PartSettings } from '../../../core/config.ts';
import { readBytes, sizeSetting } from '../../../core/config.ts';
import { readHeaders } from '../../../lib/node/header-list.ts';

/** The address to which the explorer sends taken data on, and how. */
export interface ForwardSettings {
  readonly name: 'honeycomb' | 'otlp';
  /** The address without the path of a signal. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Names of attributes whose values stay here. */
  readonly redacted: readonly string[];
  /** Most bytes that wait on disk, of each signal. */
  readonly maxBytes: number;
  /** Whether spans of the explorer's own page go on, too. */
  readonly ofPage: boolean;
  /** Whether the attributes `code.*` go on. */
  readonly withCode: boolean;
}

declare module '../../../core/config.ts' {
  interface Config {
    /** The address to which taken data is sent on. Undefined: nothing leaves this machine. */
    readonly forward?: ForwardSettings | undefined;
  }
}

/** The tee's variables. */
const FORWARD_VARIABLES = {
  EXPLORER_FORWARD: secretSetting(
    'honeycomb, with HONEYCOMB_API_KEY, or the base URL of an OTLP/HTTP receiver such as http://localhost:4318',
    (text) => text === 'honeycomb' || (/^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text)),
    'where the explorer sends taken data on, metrics too; unset: nothing leaves this machine',
  ),
  EXPLORER_FORWARD_HEADERS: secretSetting(
    'headers as name=value, separated by commas, values percent-encoded',
    /^[^=,\s]+=[^,]*( ?, ?[^=,\s]+=[^,]*)*$/,
    'for that address; x-honeycomb-dataset is the dataset of metrics',
  ),
  EXPLORER_FORWARD_REDACT: textSetting(
    undefined,
    'names of attributes separated by commas, or beginnings such as user.*',
    /^[^\s,]+( ?, ?[^\s,]+)*$/,
    'their values go on as REDACTED, also under older and newer names of the conventions, and of attributes that repeat them (url.full for url.query)',
  ),
  EXPLORER_FORWARD_MAX_BYTES: sizeSetting('64MiB', 'how much of each signal waits on disk for that address'),
  EXPLORER_FORWARD_PAGE: flagSetting(false, 'spans of the explorer’s own page go on, too'),
  EXPLORER_FORWARD_CODE: flagSetting(
    false,
    'the attributes code.*, which name lines of your code, go on, too',
  ),
  // The services read these too, and without EXPLORER_FORWARD=honeycomb they are nothing to the explorer.
  HONEYCOMB_API_KEY: foreignSetting('the key', 'for EXPLORER_FORWARD=honeycomb'),
  HONEYCOMB_API_ENDPOINT: foreignSetting(
    'the region',
    `for EXPLORER_FORWARD=honeycomb; default: ${HONEYCOMB_US}`,
  ),
  HONEYCOMB_DATASET: foreignSetting('the dataset', 'with a classic key'),
};

type ForwardValues = Values<typeof FORWARD_VARIABLES>;

/** The tee's variables, and what they say. */
export const forwardSettings: PartSettings = {
  variables: FORWARD_VARIABLES,
  read: (values) => ({ forward: readForwardSettings(values as ForwardValues) }),
};

/** Undefined where nothing goes on. @throws ConfigError naming the variable */
function readForwardSettings(values: ForwardValues): ForwardSettings | undefined {
  const maxBytes = readBytes('EXPLORER_FORWARD_MAX_BYTES', values.EXPLORER_FORWARD_MAX_BYTES);
  const { EXPLORER_FORWARD: place, EXPLORER_FORWARD_HEADERS: given = '' } = values;
  if (place === undefined) return undefined;
  const rest = {
    redacted: values.EXPLORER_FORWARD_REDACT?.split(/ ?, ?/) ?? [],
    maxBytes,
    ofPage: values.EXPLORER_FORWARD_PAGE,
    withCode: values.EXPLORER_FORWARD_CODE,
  };
  const headers = readHeaders('EXPLORER_FORWARD_HEADERS', given);
  if (place !== 'honeycomb') return { name: 'otlp', url: place.replace(/(?<!\/)\/+$/, ''), headers, ...rest };
  const { HONEYCOMB_API_KEY: key, HONEYCOMB_DATASET, HONEYCOMB_API_ENDPOINT = HONEYCOMB_US } = values;
  if (key === undefined)
    throw new ConfigError('HONEYCOMB_API_KEY', 'EXPLORER_FORWARD=honeycomb needs HONEYCOMB_API_KEY.');
  const url = honeycombBaseUrl(HONEYCOMB_API_ENDPOINT);
  if (url === undefined)
    throw new ConfigError(
      'HONEYCOMB_API_ENDPOINT',
      `HONEYCOMB_API_ENDPOINT must be a base URL such as ${HONEYCOMB_US}.`,
    );
  return {
    name: 'honeycomb',
    url,
    headers: { ...honeycombHeaders(key, HONEYCOMB_DATASET), ...headers },
    ...rest,
  };
}
