const partner = async (path) => {
  const answer = await fetch(`${process.env.PARTNER_URL}/${path}?ms=80`);
  return answer.json();
};

/** What all stations say about a place. */
export async function weatherAt(place) {
  const temperature = await partner('temperature');
  const wind = await partner('wind');
  const rain = await partner('rain');
  const pollen = await partner('pollen');
  const tides = await partner('tides');
  const sun = await partner('sun');
  return { place, temperature, wind, rain, pollen, tides, sun };
}
