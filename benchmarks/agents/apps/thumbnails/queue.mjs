const waiting = [];

/** The thumbnail of a picture. At most one is made at a time. */
export function thumbnailOf(name) {
  return new Promise((resolve, reject) => {
    waiting.push({ name, resolve, reject });
  });
}

async function work() {
  const { name, resolve, reject } = waiting.shift() ?? {};
  if (name !== undefined) {
    await fetch(`${process.env.PARTNER_URL}/resize/${name}?ms=60`, { method: 'POST' })
      .then((made) => made.json())
      .then(resolve, reject);
  }
  setTimeout(work, 5);
}
work();
