/** A kind of secret: a text that contains it, as programs write them, and the part that nobody else may read. */
interface PlantedSecret {
  readonly text: string;
  readonly secret: string;
}

// Put together here, so that no scanner takes this file for one with keys.
const joined = (...parts: readonly string[]) => parts.join('');

/** Kinds of secrets, for whoever shows a text to somebody. */
export const SECRETS: Readonly<Record<string, PlantedSecret>> = {
  'a password in the URL of a database': { text: 'postgres://app:hunt3r2pw@db/shop', secret: 'hunt3r2pw' },
  'a user without a password in a URL': {
    text: 'https://t0kenofuser@host/repository',
    secret: 't0kenofuser',
  },
  'a password in a query': { text: 'GET /login?user=ann&password=pw5ecret9', secret: 'pw5ecret9' },
  'an api key in a query': { text: 'https://api.example/v1?api_key=ak5ecret9&limit=2', secret: 'ak5ecret9' },
  'a key in a query': { text: 'https://maps.example/?key=mk5ecret9', secret: 'mk5ecret9' },
  'a signature in a query': { text: '/blob?sv=2020&sig=sg5ecret9%3D', secret: 'sg5ecret9' },
  'a signature of AWS': { text: '/b?X-Amz-Date=1&X-Amz-Signature=aw5ecret9', secret: 'aw5ecret9' },
  'a token in a query': { text: '/reset?token=tk5ecret9', secret: 'tk5ecret9' },
  'a bearer token': { text: 'authorization: Bearer be5ecret9', secret: 'be5ecret9' },
  'a basic credential': { text: 'Authorization: Basic dTpiczVlY3JldDk=', secret: 'dTpiczVlY3JldDk' },
  'a cookie': { text: 'cookie: sid=co5ecret9; theme=th3me', secret: 'co5ecret9' },
  'an api key in a message': { text: 'refused: apikey=am5ecret9', secret: 'am5ecret9' },
  'a password in JSON': { text: '{"user":"ann","password":"pj5ecret9"}', secret: 'pj5ecret9' },
  'an argument of a command': { text: 'node app.js --api-key=ar5ecret9', secret: 'ar5ecret9' },
  'a JSON Web Token': {
    text: joined('jwt eyJhbGciOiJIUzI1NiJ9.', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0.', 'sw5ecret9sig'),
    secret: 'sw5ecret9sig',
  },
  'a key of an issuer': { text: joined('used sk_', 'live_', 'is5ecret9is5ecret9'), secret: 'is5ecret9' },
  'a private key': {
    text: joined('-----BEGIN PRIVATE', ' KEY-----\nMIIpk5ecret9\n-----END PRIVATE', ' KEY-----'),
    secret: 'pk5ecret9',
  },
};
