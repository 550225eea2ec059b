import { pageSettings } from '../../../page/browser/settings.ts';
import { readDescription } from './description.ts';
import { offersOf } from './offers.ts';

/** The address of the first request that the API describes and that changes nothing; undefined where it describes none. */
export async function firstUrl(signal: AbortSignal): Promise<string | undefined> {
  const offers = offersOf(await readDescription(signal));
  const usual = offers.find(({ request }) => request.method === 'GET');
  return usual && new URL(usual.request.path, pageSettings.apiUrl).href;
}
